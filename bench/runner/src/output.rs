//! The output of other programs.

use std::process::{Command, Output};

use contract::command::succeed;

use super::Problem;

/// Runs to its end and fails with what it complained about.
pub(super) fn output(command: &mut Command) -> Result<Output, Problem> {
    succeed(command).map_err(|failed| failed.to_string())
}
