//! The comparisons, each with its bars.

use super::programs::{ask, samples};
use super::report::{Row, Unit};
use super::{Bench, Problem};

/// One thing to measure, which may be judged by several bars.
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
];

fn decode(bench: &Bench) -> Result<Vec<Row>, Problem> {
    let mut rows = Vec::new();
    for (task, count, bars) in [
        ("decode", 1, &[(GENERATOR, 1.3)][..]),
        ("decode", 100, &[(GENERATOR, 1.6), (BORROWED, 1.2)]),
        ("decode", 10_000, &[(GENERATOR, 1.3)]),
        ("decode-unknown", 1, &[(GENERATOR, 1.2)]),
        ("decode-unknown", 100, &[(GENERATOR, 1.2)]),
        ("decode-unknown", 10_000, &[(GENERATOR, 1.2)]),
    ] {
        let answer = ask(bench, &[task, &count.to_string()])?;
        let what = if task == "decode" { "" } else { " with five unknown members each" };
        let orders = if count == 1 { "order" } else { "orders" };
        rows.extend(beside(&answer, &format!("decode {count} {orders}{what}"), bars)?);
    }
    Ok(rows)
}

fn encode(bench: &Bench) -> Result<Vec<Row>, Problem> {
    let mut rows = Vec::new();
    for count in [1, 100, 10_000] {
        let answer = ask(bench, &["encode", &count.to_string()])?;
        rows.extend(beside(&answer, &format!("encode {count} orders"), &[(BORROWED, 1.0)])?);
    }
    Ok(rows)
}

/// One row per bar, from samples in nanoseconds.
fn beside(answer: &serde_json::Value, name: &str, bars: &[(&'static str, f64)]) -> Result<Vec<Row>, Problem> {
    let rows = bars.iter().map(|(peer, bar)| {
        Ok(Row {
            name: format!("{name}, to {peer}"),
            unit: Unit::Nanoseconds,
            ours: samples(answer, &["nanoseconds", "ours"])?,
            peer: Some((peer, samples(answer, &["nanoseconds", peer])?)),
            bar: *bar,
        })
    });
    rows.collect()
}
