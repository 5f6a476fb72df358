//! `cargo xtask diff-accuracy`: the accuracy table of `diff`, measured. The program is a bench of `contract-diff`.

#[path = "../../crates/contract-diff/tests/accuracy/measure/arguments.rs"]
mod arguments;

use std::path::Path;
use std::process::ExitCode;

use contract::command::cargo;

pub(crate) use self::arguments::Arguments;
use crate::start::start;

/// Measures and shows the rows; fails where one doesn't agree.
pub(crate) fn run(root: &Path, arguments: &Arguments) -> ExitCode {
    let mut command = cargo();
    command.args(["bench", "--quiet", "--profile", "dev", "--package", "contract-diff", "--bench", "accuracy", "--"]);
    command.current_dir(root).args(&arguments.rows);
    if arguments.sample {
        command.arg("--sample");
    }
    if arguments.rustdoc_only {
        command.arg("--rustdoc-only");
    }
    if let Some(folder) = &arguments.folder {
        // Cargo starts benches in the folder of their package.
        command.arg("--folder").arg(std::path::absolute(folder).unwrap_or_else(|_| folder.clone()));
    }
    start(&mut command)
}
