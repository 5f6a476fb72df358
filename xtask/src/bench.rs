//! `cargo xtask bench`: every bar that the project sets itself, measured against the peer in the same run. The program is in
//! `bench/runner`.

use std::path::Path;
use std::process::ExitCode;

use contract::command::cargo;

use crate::start::start;

/// Measures the project compared with its peers.
///
/// Installs the peers at pinned versions below `target/bench` and builds the programs of `bench/` there. Writes
/// `target/bench/report.json`, or `quick.json`, and a page with plots next to it.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Measures only what has this in its name.
    name: Option<String>,
    /// Proves that everything runs, in a fraction of the time; checks only counts, which are stable, and no times.
    #[arg(long)]
    quick: bool,
}

/// Runs the comparisons; fails where one can't be measured or its two sides differ, and where a count is worse than it was.
pub(crate) fn run(root: &Path, arguments: &Arguments) -> ExitCode {
    let generator = match std::env::current_exe() {
        Ok(program) => program,
        Err(error) => {
            eprintln!("error: {error}");
            return ExitCode::FAILURE;
        }
    };
    let mut command = cargo();
    command.args(["run", "--quiet", "--package", "bench-runner", "--", "--root"]).arg(root).current_dir(root);
    command.arg("--generator").arg(generator).args(&arguments.name);
    if arguments.quick {
        command.arg("--quick");
    }
    start(&mut command)
}
