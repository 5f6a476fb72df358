//! Validation of any bytes, with every option: no panic, no contradiction, and agreement with `serde_json` on what is JSON.
//!
//! Findings belong in `crates/partner-center-orders-schema/tests/regressions`, where an ordinary test reads them.

#![no_main]

#[path = "../../crates/partner-center-orders-schema/tests/common/sound.rs"]
mod sound;

libfuzzer_sys::fuzz_target!(|payload: &[u8]| sound::check(&fuzz::nested::unfolded(payload)));
