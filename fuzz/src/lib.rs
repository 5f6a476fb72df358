//! The properties that must hold for any input, a module for each fuzz target. The targets call them with the fuzzer's inputs,
//! and an ordinary test of the project's own workspace (`tests/tests/fuzzed.rs`) with the seeds and the findings.

mod emulated;
mod in_memory;

pub mod contract_loading;
pub mod emulator_request;
pub mod har_reading;
pub mod links;
pub mod money;
pub mod multipart;
pub mod nested;
pub mod payload_decode;
pub mod retry_after;
pub mod timestamp;
