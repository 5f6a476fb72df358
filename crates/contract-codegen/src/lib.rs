//! From the contract to the generated files: lower, generate, polish, emit, then write or check.
//!
//! What progenitor doesn't take is lowered before it runs; what it gives is polished; what it doesn't generate is emitted.

pub mod critical;
pub mod emit;
pub mod generate;
pub mod lower;
pub mod model;
pub mod output;
pub mod pipeline;
pub mod polish;
pub mod source;
mod types;
