//! What is generated in addition to progenitor's output.

pub mod calls;
pub mod constructors;
pub mod debug;
pub mod described;
pub mod deserialize;
pub mod digest;
pub mod enums;
pub mod error_codes;
pub mod forms;
pub mod mock_responses;
pub mod operations;
pub mod payloads;
pub mod quick;
pub mod serialize;
pub mod shapes;
mod text;
