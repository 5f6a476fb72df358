//! What is generated beside progenitor's output.

pub mod bundle;
pub mod contract;
pub mod described;
pub mod enums;
pub mod error_codes;
pub mod forms;
pub mod operations;
pub mod payloads;
pub mod quick;
pub mod shapes;
