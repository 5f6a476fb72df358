//! The project tasks behind `cargo xtask`.

pub mod diagnostic;
pub mod lint;
pub mod load;
