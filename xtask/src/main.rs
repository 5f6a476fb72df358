//! The project tasks behind `cargo xtask`.

use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use xtask::diagnostic::Report;
use xtask::lint::{self, Scope};
use xtask::load;

/// The contract, from the root of the workspace.
const CONTRACT: &str = "spec/partner-center-orders.yaml";

/// The project's own tasks.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Judges a contract: what can't be generated from, what would be lost in silence, and the project's conventions.
    Lint {
        /// Any OpenAPI file.
        #[arg(default_value = CONTRACT)]
        file: PathBuf,
        /// Judges by this project's conventions too, as its own contract always is.
        #[arg(long)]
        conventions: bool,
        /// Shows one finding per line.
        #[arg(long)]
        short: bool,
    },
}

fn main() -> ExitCode {
    match Arguments::parse().task {
        Task::Lint { file, conventions, short } => {
            let scope = if conventions || is_contract(&file) { Scope::Project } else { Scope::Generation };
            let report = load::load(&file).map_or_else(|report| report, |document| lint::lint(&document, scope));
            show(&file, &report, short)
        }
    }
}

/// Whether a file is this project's own contract.
fn is_contract(file: &Path) -> bool {
    match (file.canonicalize(), Path::new(CONTRACT).canonicalize()) {
        (Ok(file), Ok(contract)) => file == contract,
        _ => file == Path::new(CONTRACT),
    }
}

fn show(file: &Path, report: &Report, short: bool) -> ExitCode {
    if !report.is_empty() {
        let colour = std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none();
        if short {
            eprintln!("{report}");
        } else {
            eprint!("{}", report.render(colour));
        }
    }
    println!("{}: {}", file.display(), report.summary());
    if report.has_errors() { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}
