//! The project tasks behind `cargo xtask`.

pub mod emit;
pub mod generate;
pub mod lower;
pub mod output;
pub mod pipeline;
pub mod polish;
