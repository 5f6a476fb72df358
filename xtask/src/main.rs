//! The project tasks behind `cargo xtask`: the command line, and one file for each task.

mod api_changes;
mod bench;
mod diff;
mod diff_accuracy;
mod end_to_end;
mod generate;
mod growth;
mod lint;
mod release;
mod report;
mod rules;
mod start;
mod test;
mod workspace;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use contract::CONTRACT;

use crate::workspace::{in_workspace, workspace_root};

/// The project's own tasks.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Writes client, mocks and schemas from the contract.
    Generate {
        /// Writes nothing: shows a diff, and fails where a generated file doesn't match the contract.
        #[arg(long)]
        check: bool,
        /// Prints what each lowering changed, and which files were written.
        #[arg(short, long)]
        verbose: bool,
        /// The folder that holds `spec/` and `crates/`; otherwise the nearest one at or above this one that does.
        #[arg(long)]
        root: Option<PathBuf>,
    },
    /// Shows the first order, from the contract to the screen, against the emulator.
    Demo {
        /// Shows other data.
        #[arg(long)]
        seed: Option<u64>,
    },
    Simulate(end_to_end::Simulation),
    /// Checks a contract: what can't be generated from, what would be silently lost, and the project's conventions.
    Lint {
        /// Any OpenAPI file.
        #[arg(default_value = CONTRACT)]
        file: PathBuf,
        /// Checks this project's conventions too, as is always done for its own contract.
        #[arg(long)]
        conventions: bool,
        /// Shows one finding per line.
        #[arg(long)]
        short: bool,
    },
    /// Writes the pages on lint's rules, `docs/rules/`, from the catalogue.
    Rules {
        /// Writes nothing: shows a diff, and fails where a page doesn't match the catalogue.
        #[arg(long)]
        check: bool,
    },
    /// Fails where the version is too small for what changed in the published crates' API since the last release.
    ApiChanges,
    Diff(diff::Arguments),
    Release(release::Arguments),
    DiffAccuracy(diff_accuracy::Arguments),
    Growth(growth::Arguments),
    Bench(bench::Arguments),
    Test(test::Arguments),
}

fn main() -> ExitCode {
    match Arguments::parse().task {
        Task::Generate { check, verbose, root } => generate::run(root, check, verbose),
        Task::Demo { seed } => end_to_end::demo(seed),
        Task::Simulate(options) => end_to_end::simulate(options),
        Task::Lint { file, conventions, short } => lint::run(&file, conventions, short),
        Task::Rules { check } => in_workspace(|root| rules::run(root, check)),
        Task::ApiChanges => in_workspace(api_changes::run),
        Task::Release(arguments) => in_workspace(|root| release::run(root, &arguments)),
        Task::Growth(arguments) => in_workspace(|root| growth::run(root, &arguments)),
        Task::Test(arguments) => in_workspace(|root| test::run(root, &arguments)),
        Task::Bench(arguments) => in_workspace(|root| bench::run(root, &arguments)),
        Task::DiffAccuracy(arguments) => in_workspace(|root| diff_accuracy::run(root, &arguments)),
        // Files can be compared outside of any workspace.
        Task::Diff(arguments) => diff::run(&workspace_root().unwrap_or_else(|| ".".into()), &arguments),
    }
}
