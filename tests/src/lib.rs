//! Whole-path tests stand in `tests/`, the programs behind `cargo xtask` in `src/bin/`.

pub mod simulation;
