//! Compares the time of verdicts with ajv and jsonschema-rs, in one run, after all three agreed on two thousand mutations.
//!
//! `cargo bench -p partner-center-orders-schema` installs the peers, at the versions below, into `target/validation-peers`.
//! It needs node with npm, and python 3 with venv.

#![allow(clippy::print_stdout, reason = "the table is the output of this program")]

#[path = "../tests/common/mod.rs"]
mod common;

use std::collections::BTreeMap;
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::{Duration, Instant};
use std::{fs, io};

use partner_center_orders_schema::{Schema, Validator};
use serde_json::{Value, json};

const AJV: &str = "8.20.0";
const AJV_FORMATS: &str = "3.0.1";
const JSONSCHEMA_RS: &str = "0.60.3";

/// The rounds over all three; the result is the median of the rounds.
const ROUNDS: usize = 5;
/// The duration of each measurement of a round.
const SLICE: Duration = Duration::from_millis(200);

const MUTATIONS: usize = 1_000;

fn main() -> ExitCode {
    // `cargo test --benches` runs this without `--bench`.
    if !std::env::args().any(|argument| argument == "--bench") {
        return ExitCode::SUCCESS;
    }
    match run() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            println!("can't run the benchmark: {error}");
            ExitCode::FAILURE
        }
    }
}

/// A payload to validate, leniently and strictly.
struct Subject {
    name: &'static str,
    schema: Schema,
    payload: Value,
}

fn subjects() -> Vec<Subject> {
    let kinds = ["reservation", "legacy", "new_commerce"]
        .map(|kind| common::example(&format!("get_order.response.{kind}.json")));
    let orders: Vec<Value> = kinds.iter().cycle().take(100).cloned().collect();
    let [reservation, legacy, _] = kinds;
    vec![
        Subject { name: "a modern order", schema: Schema::ORDER, payload: reservation },
        Subject { name: "a legacy order", schema: Schema::ORDER, payload: legacy },
        Subject {
            name: "a list of 100 orders",
            schema: Schema::ORDER_COLLECTION,
            payload: json!({ "totalCount": 100, "items": orders, "attributes": { "objectType": "Collection" } }),
        },
    ]
}

fn run() -> Result<bool, Box<dyn std::error::Error>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/validation-peers");
    install(&folder)?;
    let subjects = subjects();
    write_input(&folder, &subjects)?;

    let peers = [("ajv", node(&folder)), ("jsonschema-rs", python(&folder))];
    for (name, command) in &peers {
        let output = ask(command, &folder, "agree", Duration::ZERO)?;
        let disagreements = output["disagreements"].as_array().cloned().unwrap_or_default();
        println!(
            "{name} {}: {} verdicts, {} disagreements",
            text(&output["version"]),
            output["verdicts"],
            disagreements.len()
        );
        for disagreement in &disagreements {
            println!("  {disagreement}");
        }
        if !disagreements.is_empty() {
            return Ok(false);
        }
    }

    let mut times: BTreeMap<String, BTreeMap<&str, Vec<f64>>> = BTreeMap::new();
    for _ in 0..ROUNDS {
        for (row, nanoseconds) in our_times(&subjects)? {
            times.entry(row).or_default().entry("ours").or_default().push(nanoseconds);
        }
        for (name, command) in &peers {
            let output = ask(command, &folder, "time", SLICE)?;
            for (row, nanoseconds) in output["times"].as_object().into_iter().flatten() {
                let nanoseconds = nanoseconds.as_f64().ok_or("a peer returned no number")?;
                times.entry(row.clone()).or_default().entry(name).or_default().push(nanoseconds);
            }
        }
    }
    print_table(&times);
    Ok(true)
}

fn print_table(times: &BTreeMap<String, BTreeMap<&str, Vec<f64>>>) {
    println!("\n| | ours, µs | ajv, µs | ratio | jsonschema-rs, µs | ratio |\n|---|---|---|---|---|---|");
    for (row, by_validator) in times {
        let median = |validator: &str| by_validator.get(validator).map(|times| median(times));
        let Some(ours) = median("ours") else { continue };
        let cells = ["ajv", "jsonschema-rs"].map(|peer| match median(peer) {
            Some(theirs) => format!("{:.3} | {:.2}", theirs / 1000.0, theirs / ours),
            None => "| ".to_owned(),
        });
        println!("| {row} | {:.3} | {} | {} |", ours / 1000.0, cells[0], cells[1]);
    }
    println!("\nMedians of {ROUNDS} rounds; the ratio is the peer's time over ours.");
}

fn median(times: &[f64]) -> f64 {
    let mut sorted = times.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied().unwrap_or(f64::NAN)
}

fn our_times(subjects: &[Subject]) -> Result<Vec<(String, f64)>, Box<dyn std::error::Error>> {
    let mut rows = Vec::new();
    for subject in subjects {
        let bytes = serde_json::to_vec(&subject.payload)?;
        let wrong = String::from_utf8(bytes.clone())?.replace("\"quantity\":1", "\"quantity\":\"1\"").into_bytes();
        for (strictness, validator) in validators(subject.schema) {
            let name = |what: &str| format!("{}, {what}, {strictness}", subject.name);
            rows.push((name("parsed to verdict"), time(|| validator.is_valid_value(black_box(&subject.payload)))));
            rows.push((name("bytes to verdict"), time(|| validator.is_valid(black_box(&bytes)))));
            rows.push((name("bytes to findings, none"), time(|| validator.validate(black_box(&bytes)).is_ok())));
            rows.push((name("bytes to findings, some"), time(|| validator.validate(black_box(&wrong)).is_ok())));
        }
    }
    Ok(rows)
}

fn validators(schema: Schema) -> [(&'static str, Validator); 2] {
    [("lenient", Validator::new(schema)), ("strict", Validator::new(schema).strict())]
}

/// Returns the nanoseconds of one call.
#[expect(clippy::cast_precision_loss, reason = "counts of calls are far below 2^52")]
fn time(mut call: impl FnMut() -> bool) -> f64 {
    let mut calls: u64 = 0;
    let start = Instant::now();
    loop {
        for _ in 0..100 {
            black_box(call());
        }
        calls += 100;
        let elapsed = start.elapsed();
        if elapsed >= SLICE {
            return elapsed.as_nanos() as f64 / calls as f64;
        }
    }
}

/// Installs the peers, unless these versions are already installed.
fn install(folder: &Path) -> Result<(), Box<dyn std::error::Error>> {
    let pins = format!("ajv {AJV}, ajv-formats {AJV_FORMATS}, jsonschema-rs {JSONSCHEMA_RS}");
    if fs::read_to_string(folder.join("pins")).is_ok_and(|installed| installed == pins) {
        return Ok(());
    }
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error.into()),
        _ => fs::create_dir_all(folder)?,
    }
    let npm = ["install", "--silent", "--no-audit", "--no-fund", "--prefix"];
    let packages = [format!("ajv@{AJV}"), format!("ajv-formats@{AJV_FORMATS}")];
    succeed(Command::new("npm").args(npm).arg(folder).args(packages))?;
    succeed(Command::new("python3").args(["-m", "venv"]).arg(folder.join("python")))?;
    let pip = ["install", "--quiet", "--disable-pip-version-check"];
    succeed(Command::new(folder.join("python/bin/pip")).args(pip).arg(format!("jsonschema-rs=={JSONSCHEMA_RS}")))?;
    fs::write(folder.join("pins"), pins)?;
    Ok(())
}

fn succeed(command: &mut Command) -> Result<(), Box<dyn std::error::Error>> {
    let status = command.status().map_err(|error| format!("{command:?}: {error}"))?;
    if status.success() { Ok(()) } else { Err(format!("{command:?}: {status}").into()) }
}

/// Writes the schemas, the payloads to time, and the mutations with our verdicts.
fn write_input(folder: &Path, subjects: &[Subject]) -> Result<(), Box<dyn std::error::Error>> {
    let mut schemas = BTreeMap::new();
    let mut timed = Vec::new();
    let mut cases = Vec::new();
    for subject in subjects {
        for (strictness, validator) in validators(subject.schema) {
            let key = format!("{} {strictness}", subject.schema);
            schemas.insert(key.clone(), validator.json_schema());
            timed.push(json!({
                "name": subject.name, "strictness": strictness, "schema": key, "payload": serde_json::to_string(&subject.payload)?,
            }));
            if subject.schema == Schema::ORDER {
                for mutation in common::thinned(common::mutations(&subject.payload), MUTATIONS / 2) {
                    let payload = serde_json::to_string(&mutation.payload)?;
                    let valid = validator.is_valid(payload.as_bytes());
                    cases.push(json!({ "what": mutation.what, "schema": key, "payload": payload, "valid": valid }));
                }
            }
        }
    }
    fs::write(
        folder.join("input.json"),
        serde_json::to_vec(&json!({ "schemas": schemas, "timed": timed, "cases": cases }))?,
    )?;
    Ok(())
}

type Peer = Vec<PathBuf>;

fn script(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/peers").join(name)
}

fn node(_: &Path) -> Peer {
    vec!["node".into(), script("ajv.mjs")]
}

fn python(folder: &Path) -> Peer {
    vec![folder.join("python/bin/python"), script("python.py")]
}

/// Runs a peer's script and parses its output.
fn ask(peer: &Peer, folder: &Path, task: &str, slice: Duration) -> Result<Value, Box<dyn std::error::Error>> {
    let [program, script] = peer.as_slice() else { return Err("a peer is a program and a script".into()) };
    let output = Command::new(program).arg(script).arg(folder).arg(task).arg(slice.as_millis().to_string()).output()?;
    if !output.status.success() {
        return Err(format!("{}: {}", script.display(), String::from_utf8_lossy(&output.stderr)).into());
    }
    Ok(serde_json::from_slice(&output.stdout)?)
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
