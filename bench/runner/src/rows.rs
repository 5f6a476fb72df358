//! The comparisons, each with its bars.

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use serde_json::Value;

use super::output::output;
use super::programs::{ask, pinned, program, samples};
use super::report::{Row, Samples, Unit};
use super::{Bench, Problem, builds, peers};

/// One thing to measure, which several limits may apply to.
pub(super) struct Comparison {
    pub(super) name: &'static str,
    /// Whether it is part of a quick run.
    pub(super) quick: bool,
    pub(super) measure: fn(&Bench) -> Result<Vec<Row>, Problem>,
}

const GENERATOR: &str = "openapi-generator";
const BORROWED: &str = "borrowed structs";

pub(super) const COMPARISONS: &[Comparison] = &[
    Comparison { name: "decode", quick: true, measure: decode },
    Comparison { name: "encode", quick: true, measure: encode },
    Comparison { name: "calls", quick: false, measure: calls },
    Comparison { name: "stream", quick: true, measure: stream },
    Comparison { name: "memory", quick: false, measure: memory },
    Comparison { name: "instructions", quick: true, measure: instructions },
    Comparison { name: "throttled", quick: true, measure: throttled },
    Comparison { name: "verdict", quick: false, measure: verdict },
    Comparison { name: "regenerate", quick: false, measure: builds::regenerate },
    Comparison { name: "compile", quick: false, measure: builds::compile },
    Comparison { name: "dependencies", quick: true, measure: builds::dependencies },
];

fn decode(bench: &Bench) -> Result<Vec<Row>, Problem> {
    let mut rows = Vec::new();
    for (task, count, bars) in [
        ("decode", 1, &[(GENERATOR, 1.3)][..]),
        ("decode", 100, &[(GENERATOR, 2.0), (BORROWED, 1.2)]),
        ("decode", 10_000, &[(GENERATOR, 1.3)]),
        ("decode-unknown", 1, &[(GENERATOR, 1.7)]),
        ("decode-unknown", 100, &[(GENERATOR, 1.7)]),
        ("decode-unknown", 10_000, &[(GENERATOR, 1.3)]),
    ] {
        let result = ask(bench, &[task, &count.to_string()])?;
        let what = if task == "decode" { "" } else { " with five unknown members each" };
        let orders = if count == 1 { "order" } else { "orders" };
        rows.extend(compared(&result, &format!("decode {count} {orders}{what}"), bars)?);
    }
    Ok(rows)
}

fn encode(bench: &Bench) -> Result<Vec<Row>, Problem> {
    let mut rows = Vec::new();
    for count in [1, 100, 10_000] {
        let result = ask(bench, &["encode", &count.to_string()])?;
        rows.extend(compared(&result, &format!("encode {count} orders"), &[(BORROWED, 1.0)])?);
    }
    Ok(rows)
}

/// One row per bar, from samples in nanoseconds.
fn compared(result: &serde_json::Value, name: &str, bars: &[(&'static str, f64)]) -> Result<Vec<Row>, Problem> {
    let rows = bars.iter().map(|(peer, bar)| {
        Ok(Row {
            name: format!("{name}, to {peer}"),
            unit: Unit::Nanoseconds,
            ours: samples(result, &["nanoseconds", "ours"])?,
            peer: Some((peer, samples(result, &["nanoseconds", peer])?)),
            bar: *bar,
            guard: None,
        })
    });
    rows.collect()
}

/// A row whose two sides are samples of one output.
fn row(name: &str, unit: Unit, ours: Samples, peer: Option<(&'static str, Samples)>, bar: f64) -> Row {
    Row { name: name.to_owned(), unit, ours, peer, bar, guard: None }
}

/// The server that calls go to; it ends with this.
struct Server(std::process::Child);

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn serve(bench: &Bench) -> Result<(Server, String), Problem> {
    let mut child = Command::new(program(bench)?)
        .arg("serve")
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|error| format!("the server doesn't start: {error}"))?;
    let stdout = child.stdout.take();
    let server = Server(child);
    let mut address = String::new();
    let stdout = stdout.ok_or("the server prints nothing")?;
    BufReader::new(stdout).read_line(&mut address).map_err(|error| error.to_string())?;
    Ok((server, address.trim().to_owned()))
}

fn calls(bench: &Bench) -> Result<Vec<Row>, Problem> {
    let (_server, address) = serve(bench)?;
    let side = |result: &Value, name: &str| samples(result, &[name]);
    let order = ask(bench, &["calls", &address, "order"])?;
    let list = ask(bench, &["calls", &address, "list"])?;
    let url = format!("http://{address}/v1/customers/b0d70a69-4c42-4b27-b17b-91a835d8686a/orders/one");
    let mut node = pinned("node".as_ref());
    node.arg(bench.root.join("bench/undici.mjs")).arg(peers::node(bench)?).args([&url, "400"]);
    let undici: Value = serde_json::from_slice(&output(&mut node)?.stdout).map_err(|error| error.to_string())?;
    let rate = Unit::PerSecond;
    let raw = ("raw reqwest", side(&order, "raw reqwest")?);
    let generator = (GENERATOR, side(&order, GENERATOR)?);
    Ok(vec![
        row("get one order, 32 in flight, to raw reqwest", rate, side(&order, "ours")?, Some(raw), 0.75),
        row("get one order, 32 in flight, to openapi-generator", rate, side(&order, "ours")?, Some(generator), 1.05),
        row(
            "get one order, 32 in flight, to undici",
            rate,
            side(&order, "ours")?,
            Some(("undici", samples(&undici, &[])?)),
            1.05,
        ),
        row(
            "list 100 orders, 32 in flight, to openapi-generator",
            rate,
            side(&list, "ours")?,
            Some((GENERATOR, side(&list, GENERATOR)?)),
            1.3,
        ),
    ])
}

fn stream(bench: &Bench) -> Result<Vec<Row>, Problem> {
    let mut rows = Vec::new();
    let sizes: &[(usize, f64)] = if bench.quick { &[(10_000, 2.0)] } else { &[(10_000, 2.0), (1_000_000, 4.0)] };
    for (count, bar) in sizes {
        let rounds = if *count > 10_000 { 2 } else { 7 };
        let count = count.to_string();
        let mut measured: [Vec<Value>; 2] = Default::default();
        for _ in 0..rounds {
            for (name, outputs) in ["ours", "peer"].iter().zip(&mut measured) {
                outputs.push(ask(bench, &["stream", name, &count])?);
            }
        }
        let all = |outputs: &[Value], name: &str| {
            let found: Vec<f64> = outputs.iter().filter_map(|result| result[name].as_f64()).collect();
            if found.is_empty() { Err(format!("the stream reports no {name}")) } else { Ok(Samples::new(found)) }
        };
        if measured[0][0]["lines"] != measured[1][0]["lines"] {
            return Err("the two measured read different lists".to_owned());
        }
        let [ours, peer] = &measured;
        let rate = Unit::MegabytesPerSecond;
        rows.push(row(
            &format!("stream {count} orders, to buffering with openapi-generator"),
            rate,
            all(ours, "rate")?,
            Some((GENERATOR, all(peer, "rate")?)),
            *bar,
        ));
        rows.push(row(
            &format!("memory above start, streaming {count} orders"),
            Unit::Mebibytes,
            all(ours, "above")?,
            None,
            4.0,
        ));
        rows.push(row(
            &format!("read before the first of {count} orders"),
            Unit::Kibibytes,
            all(ours, "first")?,
            None,
            64.0,
        ));
    }
    Ok(rows)
}

/// What is held while a list of decoded orders is.
fn memory(bench: &Bench) -> Result<Vec<Row>, Problem> {
    let mut sides: [Vec<f64>; 2] = Default::default();
    for _ in 0..5 {
        for (name, side) in ["ours", "peer"].iter().zip(&mut sides) {
            side.push(samples(&ask(bench, &["held", name, "10000"])?, &["held"])?.median());
        }
    }
    let [ours, peer] = sides.map(Samples::new);
    let what = format!("memory of 10,000 decoded orders, to {GENERATOR}");
    // At most 1.2 times as much.
    Ok(vec![row(&what, Unit::Mebibytes, ours, Some((GENERATOR, peer)), 1.0 / 1.2)])
}

/// The instructions of a call whose response comes from memory, 2 % above what they were when this bar was set.
const MOST_OF_A_CALL: f64 = 47_226.0;

/// A tool of valgrind.
#[derive(Clone, Copy)]
enum Counter {
    /// Instructions.
    Callgrind,
    /// Allocations.
    Dhat,
}

/// What one more round of this work costs.
fn counted(bench: &Bench, counter: Counter, task: &str) -> Result<f64, Problem> {
    let program = program(bench)?;
    let tool = match counter {
        Counter::Callgrind => "callgrind",
        Counter::Dhat => "dhat",
    };
    let count = |times: &str| -> Result<f64, Problem> {
        let trash = bench.folder.join(format!("{tool}.out"));
        let mut command = Command::new("valgrind");
        command.arg(format!("--tool={tool}")).arg(format!("--{tool}-out-file={}", trash.display()));
        let text = output(command.arg(&program).args(["count", task, times]))?.stderr;
        let text = String::from_utf8_lossy(&text);
        let line = text.lines().find_map(|line| match counter {
            Counter::Callgrind => line.split_once("Collected : ").map(|(_, rest)| rest),
            Counter::Dhat => {
                line.split_once("Total:").and_then(|(_, rest)| rest.split_once(" in ")).map(|(_, rest)| rest)
            }
        });
        let number = line.and_then(|line| line.split_whitespace().next()).unwrap_or_default().replace(',', "");
        number.parse().map_err(|_| format!("valgrind counted nothing:\n{text}"))
    };
    Ok((count("12")? - count("2")?) / 10.0)
}

fn instructions(bench: &Bench) -> Result<Vec<Row>, Problem> {
    let mut rows = Vec::new();
    for (what, ours, peer, name, bar, guard) in [
        ("decode 100 orders", "decode-ours", "decode-peer", GENERATOR, 1.6, 1.8),
        ("decode 100 orders with five unknown members each", "unknown-ours", "unknown-peer", GENERATOR, 1.2, 1.25),
        ("encode 100 orders", "encode-ours", "encode-plain", BORROWED, 1.0, 0.95),
    ] {
        let count = |task| counted(bench, Counter::Callgrind, task);
        let (ours, peer) = (count(ours)?, (name, count(peer)?.into()));
        let name = format!("{what}, instructions");
        rows.push(row(&name, Unit::Instructions, ours.into(), Some(peer), bar).guarded(guard));
    }
    let count = |task| counted(bench, Counter::Dhat, task);
    let (ours, peer) = (count("decode-ours")?, (GENERATOR, count("decode-peer")?.into()));
    // Both own every text, ours the unknown ones too.
    let name = "decode 100 orders, allocations";
    rows.push(row(name, Unit::Allocations, ours.into(), Some(peer), 0.9).guarded(0.9));
    let count = |task| counted(bench, Counter::Callgrind, task);
    let call = count("call-wrapper")?;
    rows.push(
        row("a call, from memory", Unit::Instructions, call.into(), None, MOST_OF_A_CALL).guarded(MOST_OF_A_CALL),
    );
    Ok(rows)
}

fn throttled(bench: &Bench) -> Result<Vec<Row>, Problem> {
    let result = ask(bench, &["throttled", if bench.quick { "2000" } else { "10000" }])?;
    Ok(vec![
        row(
            "share of the allowed rate, 500 a minute, 64 tasks",
            Unit::Share,
            samples(&result, &["share"])?,
            None,
            0.97,
        ),
        row("429 responses after the first minute", Unit::Events, samples(&result, &["rejected_late"])?, None, 0.0),
    ])
}

fn verdict(bench: &Bench) -> Result<Vec<Row>, Problem> {
    let folder = peers::node(bench)?;
    let input = ask(bench, &["verdict-input"])?;
    fs::write(folder.join("input.json"), input.to_string()).map_err(|error| error.to_string())?;
    let script = bench.root.join("crates/partner-center-orders-schema/benches/peers/ajv.mjs");
    let ajv = |task: &str| -> Result<Value, Problem> {
        let mut node = pinned("node".as_ref());
        node.arg(&script).arg(&folder).args([task, "300"]);
        serde_json::from_slice(&output(&mut node)?.stdout).map_err(|error| error.to_string())
    };
    let agreed = ajv("agree")?;
    if agreed["disagreements"].as_array().is_none_or(|cases| !cases.is_empty()) {
        return Err(format!("ajv has other verdicts: {}", agreed["disagreements"]));
    }
    let mut sides: [Vec<f64>; 4] = Default::default();
    for _ in 0..7 {
        let ours = ask(bench, &["verdict"])?;
        let peers = &ajv("time")?["times"];
        let times = [
            samples(&ours, &["parsed"])?.median(),
            samples(&ours, &["bytes"])?.median(),
            samples(peers, &["order, parsed to verdict, lenient"])?.median(),
            samples(peers, &["order, bytes to verdict, lenient"])?.median(),
        ];
        sides.iter_mut().zip(times).for_each(|(side, time)| side.push(time));
    }
    let [parsed, bytes, ajv_parsed, ajv_bytes] = sides.map(Samples::new);
    Ok(vec![
        row("parsed order to verdict, to ajv", Unit::Nanoseconds, parsed, Some(("ajv", ajv_parsed)), 2.0),
        row("bytes to verdict, to ajv", Unit::Nanoseconds, bytes, Some(("ajv", ajv_bytes)), 4.5),
    ])
}
