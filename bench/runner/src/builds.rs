//! Regenerating, compiling, and what is compiled along.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use contract::command::cargo;
use contract::scale::scaled;
use contract::{CONTRACT, edit, load};

use super::output::output;
use super::report::{Row, Samples, Unit};
use super::{Bench, Problem, peers};

const GENERATOR: &str = "openapi-generator";

fn in_file(path: &Path) -> impl Fn(std::io::Error) -> Problem {
    move |error| format!("{}: {error}", path.display())
}

/// Whole processes, from the contract to written files.
pub(super) fn regenerate(bench: &Bench) -> Result<Vec<Row>, Problem> {
    let contract = load::load(&bench.root.join(CONTRACT)).map_err(|report| report.to_string())?.to_json();
    let mut rows = Vec::new();
    let mut growth = Vec::new();
    for (operations, most) in [(None, Some(500.0)), (Some(100), None), (Some(300), Some(2500.0))] {
        let folder = bench.folder.join("regenerate");
        if folder.exists() {
            fs::remove_dir_all(&folder).map_err(in_file(&folder))?;
        }
        output(Command::new("mkdir").arg("-p").arg(&folder))?;
        output(Command::new("cp").args(["-r", "spec", "crates"]).arg(&folder).current_dir(&bench.root))?;
        let file = folder.join(CONTRACT);
        if let Some(operations) = operations {
            fs::write(&file, edit::to_yaml(&scaled(&contract, operations, 2 * operations))).map_err(in_file(&file))?;
        }
        let mut times = Vec::new();
        for _ in 0..3 {
            // Everything is written anew.
            output(Command::new("find").arg(folder.join("crates")).args(["-path", "*/generated/*", "-delete"]))?;
            times.push(milliseconds(Command::new(&bench.generator).args(["generate", "--root"]).arg(&folder))?);
        }
        let times = Samples::new(times);
        if let Some(operations) = operations {
            growth.push((f64::from(u16::try_from(operations).unwrap_or(u16::MAX)), times.median()));
        }
        if let Some(most) = most {
            let what = if operations.is_some() { "the contract scaled to 300 operations" } else { "this contract" };
            rows.push(Row {
                name: format!("regenerate {what}"),
                unit: Unit::Milliseconds,
                ours: times,
                peer: None,
                bar: most,
                guard: None,
            });
        }
    }
    if let [(few, short), (many, long)] = growth[..] {
        let exponent = (long / short).ln() / (many / few).ln();
        rows.push(Row {
            name: "growth of regenerating from 100 to 300 operations".to_owned(),
            unit: Unit::Exponent,
            ours: exponent.into(),
            peer: None,
            // 1 is linear; the rest is for the noise.
            bar: 1.1,
            guard: None,
        });
    }
    Ok(rows)
}

fn milliseconds(command: &mut Command) -> Result<f64, Problem> {
    let start = Instant::now();
    output(command)?;
    Ok(start.elapsed().as_secs_f64() * 1000.0)
}

/// Processor time of the generated crate alone, unoptimised, its dependencies built before.
pub(super) fn compile(bench: &Bench) -> Result<Vec<Row>, Problem> {
    let peer = peers::rust_client(bench)?;
    let folder = bench.folder.join("compile");
    let crates = [
        (
            bench.root.join("bench/Cargo.toml"),
            "partner-center-orders-api",
            bench.root.join("crates/partner-center-orders-api/src/lib.rs"),
        ),
        (bench.root.join("bench/Cargo.toml"), "openapi-generator-rust", peer.join("src/lib.rs")),
    ];
    let mut times = [Vec::new(), Vec::new()];
    // The first round builds the dependencies.
    for round in 0..4 {
        for ((manifest, package, source), times) in crates.iter().zip(&mut times) {
            let file = fs::File::options().append(true).open(source).map_err(in_file(source))?;
            file.set_modified(std::time::SystemTime::now()).map_err(in_file(source))?;
            let mut build = cargo();
            build.args(["build", "--quiet", "--locked", "--package", package, "--manifest-path"]).arg(manifest);
            build.arg("--target-dir").arg(&folder).env("CARGO_INCREMENTAL", "0");
            let before = children_ticks()?;
            output(&mut build)?;
            if round > 0 {
                times.push(children_ticks()? - before);
            }
        }
    }
    let [ours, peer] = times.map(Samples::new);
    Ok(vec![Row {
        name: format!("compile the generated crate, to {GENERATOR}"),
        unit: Unit::CpuSeconds,
        ours,
        peer: Some((GENERATOR, peer)),
        bar: 2.0,
        guard: None,
    }])
}

/// Seconds that ended children of this process, and theirs, kept a processor busy.
fn children_ticks() -> Result<f64, Problem> {
    let stat = fs::read_to_string("/proc/self/stat").map_err(|error| format!("/proc/self/stat: {error}"))?;
    // Behind the name, which may hold anything: fields 16 and 17, in hundredths of a second.
    let behind = stat.rsplit_once(')').map_or("", |(_, behind)| behind);
    let ticks: f64 = behind.split_whitespace().skip(13).take(2).filter_map(|field| field.parse::<f64>().ok()).sum();
    Ok(ticks / 100.0)
}

/// What users build along with the default features.
pub(super) fn dependencies(bench: &Bench) -> Result<Vec<Row>, Problem> {
    let tree = |features: &[&str]| -> Result<BTreeSet<(String, String)>, Problem> {
        let mut tree = cargo();
        tree.args(["tree", "--package", "partner-center-orders", "--edges", "normal,build", "--prefix", "none"]);
        tree.args(["--locked", "--target", "x86_64-unknown-linux-gnu"]).args(features).current_dir(&bench.root);
        let text = output(&mut tree)?.stdout;
        let lines = String::from_utf8_lossy(&text).into_owned();
        let package = |line: &str| {
            let mut words = line.split_whitespace();
            Some((words.next()?.to_owned(), words.next()?.to_owned()))
        };
        Ok(lines.lines().filter_map(package).collect())
    };
    let packages = tree(&[])?;
    let names: BTreeSet<&String> = packages.iter().map(|(name, _)| name).collect();
    let twice = packages.len() - names.len();
    let builds_c = |packages: &BTreeSet<(String, String)>| {
        packages.iter().filter(|(name, _)| ["cc", "cmake", "bindgen", "pkg-config"].contains(&name.as_str())).count()
    };
    let without_tls = builds_c(&tree(&["--no-default-features"])?);
    let count = |name: &str, count: usize, bar: f64| Row {
        name: name.to_owned(),
        unit: Unit::Crates,
        ours: f64::from(u32::try_from(count).unwrap_or(u32::MAX)).into(),
        peer: None,
        bar,
        guard: Some(bar),
    };
    Ok(vec![
        count("crates in the tree of partner-center-orders", packages.len(), MOST_CRATES),
        count("crates that are in it twice", twice, MOST_TWICE),
        count("builders of C code without TLS", without_tls, 0.0),
    ])
}

/// As many as there are: one more has to be meant.
const MOST_CRATES: f64 = 122.0;
/// getrandom, which ring is behind with.
const MOST_TWICE: f64 = 1.0;
