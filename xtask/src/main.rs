//! The project tasks behind `cargo xtask`.

use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use xtask::api_changes;
use xtask::bench;
use xtask::command;
use xtask::diagnostic::Report;
use xtask::diff;
use xtask::escaped::{Escaped, EscapedLines};
use xtask::files;
use xtask::growth;
use xtask::lint::{self, Scope};
use xtask::load;
use xtask::output;
use xtask::pipeline::{self, CONTRACT, ERROR_CODES};
use xtask::release;
use xtask::test;
use xtask::truth;

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
        /// Says what each lowering changed, and which files were written.
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
    /// Runs the client against the emulator under faults that seeds decide, and holds what it reported against what is there.
    Simulate {
        /// The first seed; usually 1.
        #[arg(long)]
        seed: Option<u64>,
        /// How many seeds, one after the other: 1, or with `--minutes` as many as come.
        #[arg(long)]
        runs: Option<u64>,
        /// Begins no further seed after so many minutes.
        #[arg(long)]
        minutes: Option<u64>,
        /// Takes a policy of the client out, to see a promise break: `same-id`, `effect-aware-retry`, `retry-after`,
        /// `single-renewal`, `body-in-attempt` or `cart-re-read`.
        #[arg(long, value_name = "POLICY")]
        without: Option<String>,
        /// Builds with optimisation: worth the wait from some hundreds of seeds on.
        #[arg(long)]
        release: bool,
    },
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
    /// Fails where the version is too small for what changed in the published crates' API since the last release.
    ApiChanges,
    Diff(diff::command::Arguments),
    Release(release::Arguments),
    Truth(truth::Arguments),
    Growth(growth::Arguments),
    Bench(bench::Arguments),
    Test(test::Arguments),
}

fn main() -> ExitCode {
    match Arguments::parse().task {
        Task::Generate { check, verbose, root } => generate(root, check, verbose),
        Task::Demo { seed } => demo(seed),
        Task::Simulate { seed, runs, minutes, without, release } => {
            let number = |number: Option<u64>| number.map(|number| number.to_string());
            let options = [
                ("--seed", number(seed)),
                ("--runs", number(runs)),
                ("--minutes", number(minutes)),
                ("--without", without),
            ];
            start("simulate", options, release)
        }
        Task::Lint { file, conventions, short } => {
            let scope = if conventions || is_contract(&file) { Scope::Project } else { Scope::Generation };
            let report = load::load(&file).map_or_else(|report| report, |document| lint::lint(&document, scope));
            show(&file, &report, short)
        }
        Task::ApiChanges => in_workspace(api_changes::run),
        Task::Release(arguments) => in_workspace(|root| release::run(root, &arguments)),
        Task::Growth(arguments) => in_workspace(|root| growth::run(root, &arguments)),
        Task::Test(arguments) => in_workspace(|root| test::run(root, &arguments)),
        Task::Bench(arguments) => in_workspace(|root| bench::run(root, &arguments)),
        Task::Truth(arguments) => in_workspace(|root| truth::run(root, &arguments)),
        // Files can be compared outside of any workspace.
        Task::Diff(arguments) => diff::command::run(&workspace_root().unwrap_or_else(|| ".".into()), &arguments),
    }
}

/// The nearest folder at or above the working directory that holds the contract.
fn workspace_root() -> Option<PathBuf> {
    let here = std::env::current_dir().ok()?;
    here.ancestors().find(|folder| folder.join(CONTRACT).is_file()).map(Path::to_owned)
}

/// Runs a task in the workspace around the working directory.
fn in_workspace(task: impl FnOnce(&Path) -> ExitCode) -> ExitCode {
    workspace_root().map_or_else(
        || {
            eprintln!("no {CONTRACT} here or in a folder above; call it from inside the workspace");
            ExitCode::FAILURE
        },
        |root| task(&root),
    )
}

fn generate(root: Option<PathBuf>, check: bool, verbose: bool) -> ExitCode {
    let Some(root) = root.or_else(workspace_root) else {
        eprintln!("no {CONTRACT} here or in a folder above; call it from inside the workspace, or name it with --root");
        return ExitCode::FAILURE;
    };
    match try_generate(&root, check, verbose) {
        Ok(status) => status,
        Err(problem) => {
            eprintln!("error: {}", EscapedLines(problem));
            ExitCode::FAILURE
        }
    }
}

fn try_generate(root: &Path, check: bool, verbose: bool) -> Result<ExitCode, Box<dyn std::error::Error>> {
    let contract = root.join(CONTRACT);
    let document = match load::load(&contract) {
        Ok(document) => document,
        Err(report) => return Ok(show(Path::new(CONTRACT), &report, false)),
    };
    let report = lint::lint(&document, Scope::Project);
    if report.has_errors() {
        return Ok(show(Path::new(CONTRACT), &report, false));
    }
    let error_codes =
        files::read_to_string(&root.join(ERROR_CODES)).map_err(|error| format!("can't read {ERROR_CODES}: {error}"))?;
    let generated = pipeline::run(&document.to_json(), &document.member_order(), &error_codes)?;
    if verbose {
        for lowering in &generated.lowerings {
            println!("lowered {}: {}", lowering.name, lowering.why);
            for change in &lowering.changes {
                println!("    {}", Escaped(change));
            }
        }
    }
    let count = generated.artifacts.len();
    if check {
        let differences = output::differences(root, &generated.artifacts)?;
        if differences.is_empty() {
            println!("all {count} generated files match {CONTRACT}");
            println!("{}", diff::since_last_release(root));
            return Ok(ExitCode::SUCCESS);
        }
        print!("{}", EscapedLines(differences));
        eprintln!("error: generated files don't match {CONTRACT}; `cargo xtask generate` mends it");
        return Ok(ExitCode::FAILURE);
    }
    let changed = output::write(root, &generated.artifacts)?;
    if verbose {
        for path in &changed {
            println!("wrote {}", path.display());
        }
    }
    println!("{} of {count} generated files changed", changed.len());
    println!("{}", diff::since_last_release(root));
    Ok(ExitCode::SUCCESS)
}

/// Checks the generated files, then starts the program of the end-to-end package.
fn demo(seed: Option<u64>) -> ExitCode {
    let checked = generate(None, true, false);
    if checked != ExitCode::SUCCESS {
        return checked;
    }
    start("demo", [("--seed", seed.map(|seed| seed.to_string()))], false)
}

/// Builds and starts a program of the end-to-end package.
fn start<const N: usize>(program: &str, options: [(&str, Option<String>); N], release: bool) -> ExitCode {
    let mut command = command::cargo();
    command.args(["run", "--package", "end-to-end", "--bin", program]);
    if release {
        command.arg("--release");
    }
    command.arg("--");
    for (name, value) in options {
        if let Some(value) = value {
            command.args([name, &value]);
        }
    }
    match command.status() {
        Ok(status) => status.code().and_then(|code| u8::try_from(code).ok()).map_or(ExitCode::FAILURE, ExitCode::from),
        Err(error) => {
            eprintln!("error: can't start cargo: {error}");
            ExitCode::FAILURE
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
    println!("{}: {}", Escaped(file.display()), report.summary());
    if report.has_errors() { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}
