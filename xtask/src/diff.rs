//! `cargo xtask diff`.

use std::path::Path;
use std::process::ExitCode;

use contract::escaped::EscapedLines;
use contract_diff::{Contract, Format, InputError, Inputs, Verdict, compare, render};
use contract_lint::comparable;

use crate::report::in_colour;

/// What changed between two contracts, and what that asks of the next version.
///
/// Exits with 0; with 1 where `--fail-on` names the verdict or a lower one; with 2 where an input is unusable.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The old contract: a file or a git revision; otherwise the last release, or the first commit that holds one.
    old: Option<String>,
    /// The new contract: a file or a git revision; otherwise the working tree.
    new: Option<String>,
    /// How to show the differences.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// Fails where the differences ask for this version or a greater one.
    #[arg(long, value_enum)]
    fail_on: Option<Threshold>,
}

/// A verdict to fail on.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Threshold {
    Patch,
    Minor,
    Major,
}

impl From<Threshold> for Verdict {
    fn from(threshold: Threshold) -> Self {
        match threshold {
            Threshold::Patch => Self::Patch,
            Threshold::Minor => Self::Minor,
            Threshold::Major => Self::Major,
        }
    }
}

/// An input is unusable.
const UNUSABLE: u8 = 2;

/// Compares two contracts and shows the differences.
pub(crate) fn run(root: &Path, arguments: &Arguments) -> ExitCode {
    let (old, new) = match find(root, arguments) {
        Ok(contracts) => contracts,
        Err(error) => {
            print_error(&error);
            return ExitCode::from(UNUSABLE);
        }
    };
    let comparison = compare(&old, &new);
    print!("{}", render(&comparison, arguments.format));
    match arguments.fail_on {
        Some(threshold) if comparison.verdict >= threshold.into() => ExitCode::FAILURE,
        _ => ExitCode::SUCCESS,
    }
}

fn find(root: &Path, arguments: &Arguments) -> Result<(Contract, Contract), InputError> {
    let inputs = Inputs::new(root, comparable);
    let old = match &arguments.old {
        Some(name) => inputs.named(name)?,
        None => inputs.last_release()?,
    };
    let new = match &arguments.new {
        Some(name) => inputs.named(name)?,
        None => inputs.working_tree()?,
    };
    Ok((old, new))
}

/// Prints why an input is unusable, with positions where there are any.
pub(crate) fn print_error(error: &InputError) {
    if let InputError::Unusable(_, report) = error {
        eprint!("{}", report.render(in_colour()));
    }
    eprintln!("error: {}", EscapedLines(error));
}
