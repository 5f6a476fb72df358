//! Starting the programs of other packages.

use std::process::{Command, ExitCode};

/// Runs cargo with a program behind it, and ends as it does.
pub(crate) fn start(command: &mut Command) -> ExitCode {
    match command.status() {
        Ok(status) => status.code().and_then(|code| u8::try_from(code).ok()).map_or(ExitCode::FAILURE, ExitCode::from),
        Err(error) => {
            eprintln!("error: can't start cargo: {error}");
            ExitCode::FAILURE
        }
    }
}
