//! No bytes make validation panic, and it accepts as JSON what `serde_json` accepts.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

mod common;
#[path = "common/sound.rs"]
mod sound;

use std::fs;
use std::path::Path;

use proptest::prelude::*;
use proptest::test_runner::{Config, RngSeed};
use sound::check;

fn config(cases: u32) -> Config {
    Config { cases, rng_seed: RngSeed::Fixed(20_180_315), failure_persistence: None, ..Config::default() }
}

/// Fragments of JSON, and of texts mistaken for it.
fn fragment() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => prop::sample::select(vec!["{", "}", "[", "]", ",", ":", "\"", "\\", " ", "\n", "\u{feff}", "“"])
            .prop_map(str::to_owned),
        4 => prop::sample::select(vec![
            "\"id\":", "\"lineItems\":[", "\"status\":", "\"\\ud83d\"", "\"\\u00e9\"", "null", "true", "false", "1e999",
            "-0.5E+3", "01", "//x\n", "/*", "NaN", "<p>", "...", "\"2018-03-15T17:15:02Z\"",
        ])
        .prop_map(str::to_owned),
        1 => any::<f64>().prop_map(|number| number.to_string()),
        1 => "\\PC{0,5}",
    ]
}

proptest! {
    #![proptest_config(config(2_000))]

    #[test]
    fn any_bytes(payload in prop::collection::vec(any::<u8>(), 0..200)) {
        check(&payload);
    }

    #[test]
    fn any_fragments_of_json(fragments in prop::collection::vec(fragment(), 0..40)) {
        check(fragments.concat().as_bytes());
    }

    #[test]
    fn an_order_with_bytes_changed(
        at in any::<prop::sample::Index>(),
        removed in 0_usize..20,
        inserted in prop::collection::vec(any::<u8>(), 0..8),
    ) {
        let mut payload = fs::read(common::examples().join("get_order.response.new_commerce.json")).unwrap();
        let start = at.index(payload.len());
        let end = (start + removed).min(payload.len());
        payload.splice(start..end, inserted);
        check(&payload);
    }
}

#[test]
fn every_prefix_of_an_order() {
    let payload = fs::read(common::examples().join("get_order.response.legacy.json")).unwrap();
    for end in 0..=payload.len() {
        check(&payload[..end]);
    }
}

/// Inputs in `tests/regressions` on which validation once failed.
#[test]
fn regressions() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/regressions");
    let mut count = 0;
    for entry in fs::read_dir(folder).unwrap() {
        check(&fs::read(entry.unwrap().path()).unwrap());
        count += 1;
    }
    assert!(count > 5, "only {count} regressions");
}
