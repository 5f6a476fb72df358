//! The program behind `cargo xtask diff-accuracy`: each row of the accuracy table, generated and compiled.

#[allow(dead_code, unused_imports, reason = "its tests are those of the test program of the same name")]
#[path = "../tests/accuracy/measure/mod.rs"]
mod measure;

use std::path::Path;
use std::process::ExitCode;

use clap::Parser as _;

#[derive(clap::Parser)]
struct Command {
    #[command(flatten)]
    arguments: measure::Arguments,
    /// What cargo gives every bench.
    #[arg(long, hide = true)]
    bench: bool,
}

fn main() -> ExitCode {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap_or(Path::new("."));
    measure::run(root, &Command::parse().arguments)
}
