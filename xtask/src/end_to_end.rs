//! `cargo xtask demo` and `cargo xtask simulate`: the programs of the end-to-end package.

use std::process::ExitCode;

use contract::command::cargo;

use crate::generate;
use crate::start::start;

/// Runs the client against the emulator under faults that seeds decide, and holds what it reported against what is there.
#[derive(clap::Args)]
pub(crate) struct Simulation {
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
}

/// Checks the generated files, then shows the first order.
pub(crate) fn demo(seed: Option<u64>) -> ExitCode {
    let checked = generate::run(None, true, false);
    if checked != ExitCode::SUCCESS {
        return checked;
    }
    program("demo", [("--seed", seed.map(|seed| seed.to_string()))], false)
}

/// Runs the simulation.
pub(crate) fn simulate(options: Simulation) -> ExitCode {
    let number = |number: Option<u64>| number.map(|number| number.to_string());
    let arguments = [
        ("--seed", number(options.seed)),
        ("--runs", number(options.runs)),
        ("--minutes", number(options.minutes)),
        ("--without", options.without),
    ];
    program("simulate", arguments, options.release)
}

/// Builds and starts a program.
fn program<const N: usize>(program: &str, options: [(&str, Option<String>); N], release: bool) -> ExitCode {
    let mut command = cargo();
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
    start(&mut command)
}
