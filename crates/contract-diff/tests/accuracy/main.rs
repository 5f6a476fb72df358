//! The accuracy table of `diff`: single edits of the contract, and what is said of each. Here it is held against what `diff`
//! says; `cargo xtask truth` also holds it against what generated code does.

#![allow(clippy::unwrap_used, reason = "a test may fail")]

#[allow(dead_code, reason = "the bench of the same name measures")]
mod measure;
