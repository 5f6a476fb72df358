//! The accuracy table of `diff`: single edits of the contract, and the expected verdicts on each. Here it is compared with the
//! output of `diff`; `cargo xtask diff-accuracy` also compares it with what generated code does.

#![allow(clippy::unwrap_used, reason = "a test may fail")]

#[allow(dead_code, reason = "the bench of the same name measures")]
mod measure;
