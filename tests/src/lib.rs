//! The simulation. Whole-path tests are in `tests/`, the programs behind `cargo xtask` in `src/bin/`.

pub mod simulation;

/// The guide to the emulator; its example runs with the tests.
#[cfg(doctest)]
#[doc = include_str!("../../docs/emulator.md")]
pub struct EmulatorGuide;

/// The page on errors; its example is compiled with the tests.
#[cfg(doctest)]
#[doc = include_str!("../../docs/troubleshooting.md")]
pub struct Troubleshooting;
