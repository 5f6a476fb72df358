//! Any bytes, judged in every way: no panic, no contradiction, and what is JSON here is JSON to `serde_json`.
//!
//! What it trips over belongs into `crates/partner-center-orders-schema/tests/regressions`, where an ordinary test reads it.

#![no_main]

#[path = "../../crates/partner-center-orders-schema/tests/common/sound.rs"]
mod sound;

libfuzzer_sys::fuzz_target!(|payload: &[u8]| sound::check(&fuzz::nested::unfolded(payload)));
