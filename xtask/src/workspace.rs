//! The workspace that tasks work in.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use contract::CONTRACT;

/// The nearest folder at or above the working directory that holds the contract.
pub(crate) fn workspace_root() -> Option<PathBuf> {
    let here = std::env::current_dir().ok()?;
    here.ancestors().find(|folder| folder.join(CONTRACT).is_file()).map(Path::to_owned)
}

/// Runs a task in the workspace around the working directory.
pub(crate) fn in_workspace(task: impl FnOnce(&Path) -> ExitCode) -> ExitCode {
    workspace_root().map_or_else(
        || {
            eprintln!("no {CONTRACT} here or in a folder above; call it from inside the workspace");
            ExitCode::FAILURE
        },
        |root| task(&root),
    )
}
