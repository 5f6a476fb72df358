//! The project tasks behind `cargo xtask`.

pub mod api_changes;
pub mod bench;
pub mod command;
pub mod diagnostic;
pub mod diff;
pub mod edit;
pub mod emit;
pub mod escaped;
pub mod files;
pub mod generate;
pub mod growth;
pub mod lint;
pub mod load;
pub mod lower;
pub mod output;
pub mod pipeline;
pub mod polish;
pub mod release;
pub mod test;
pub mod truth;
