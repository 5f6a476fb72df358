//! Showing findings.

use std::io::IsTerminal as _;
use std::path::Path;
use std::process::ExitCode;

use contract::diagnostic::Report;
use contract::escaped::Escaped;

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
