//! What goes to standard output, and the exit codes of the judging commands.

use std::io::{self, Write as _};
use std::process::ExitCode;

use serde::Serialize;

/// All is well.
pub(crate) const VALID: u8 = 0;
/// There are findings.
pub(crate) const FINDINGS: u8 = 1;
/// The input can't be used.
pub(crate) const UNUSABLE: u8 = 2;

/// Writes text to standard output; a reader that went away is an error, not a panic.
pub(crate) fn print(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()
}

/// Writes a value as JSON and ends with this code, whether or not anybody still reads.
pub(crate) fn print_json<T: Serialize>(value: &T, code: u8) -> ExitCode {
    match serde_json::to_string_pretty(value) {
        Ok(text) => {
            // Whoever closed the pipe has read enough.
            let _ = print(&(text + "\n"));
            ExitCode::from(code)
        }
        Err(error) => {
            eprintln!("the result can't be written as JSON: {error}");
            ExitCode::from(UNUSABLE)
        }
    }
}
