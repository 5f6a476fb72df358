//! Showing findings and failures.

use std::error::Error;
use std::io::IsTerminal as _;
use std::path::Path;
use std::process::ExitCode;

use contract::diagnostic::Report;
use contract::escaped::{Escaped, EscapedLines};

/// Whether standard error takes colours.
pub(crate) fn in_colour() -> bool {
    std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none()
}

/// Shows what was found in a file; fails where there are errors.
pub(crate) fn show(file: &Path, report: &Report, short: bool) -> ExitCode {
    if !report.is_empty() {
        if short {
            eprintln!("{report}");
        } else {
            eprint!("{}", report.render(in_colour()));
        }
    }
    println!("{}: {}", Escaped(file.display()), report.summary());
    if report.has_errors() { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

/// The exit code of a task; shows the error of one that failed.
pub(crate) fn or_failure(outcome: Result<ExitCode, Box<dyn Error>>) -> ExitCode {
    outcome.unwrap_or_else(|problem| {
        eprintln!("error: {}", EscapedLines(problem));
        ExitCode::FAILURE
    })
}
