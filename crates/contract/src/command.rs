//! Running other programs.

use std::ffi::OsStr;
use std::fmt::Display;
use std::path::Path;
use std::process::{Command, ExitCode, Output};

/// A program can't be started, or failed.
#[derive(Debug, thiserror::Error)]
#[error("`{command}` failed:\n{output}")]
pub struct Failed {
    command: String,
    output: String,
}

impl Failed {
    /// With what it complained about.
    pub fn new(command: &Command, output: impl Into<String>) -> Self {
        let program = Path::new(command.get_program());
        // Only the name of the program: the path of the toolchain is not what was typed.
        let program = program.file_name().unwrap_or(program.as_os_str());
        let words: Vec<_> =
            std::iter::once(program).chain(command.get_args()).map(|word| word.to_string_lossy()).collect();
        Self { command: words.join(" "), output: output.into() }
    }
}

/// The cargo that runs this, or else the one on the path.
pub fn cargo() -> Command {
    as_from_a_shell(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

/// A program that is cargo, or calls it.
///
/// The variables in which cargo describes this package are left out: build scripts that read them (ring's does) would run
/// again each time that cargo is called from here and from a shell in turn, and with them all that is built on their crates.
pub fn as_from_a_shell(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    command.env_remove("CARGO_MANIFEST_DIR").env_remove("CARGO_MANIFEST_PATH");
    for (name, _) in std::env::vars_os() {
        if name.to_str().is_some_and(|name| name.starts_with("CARGO_PKG_")) {
            command.env_remove(name);
        }
    }
    command
}

/// Runs a program to its end, whatever that is.
///
/// # Errors
/// When it can't be started.
pub fn run(command: &mut Command) -> Result<Output, Failed> {
    command.output().map_err(|error| Failed::new(command, error.to_string()))
}

/// Runs a program to its end, which has to be a good one.
///
/// # Errors
/// When it can't be started, or fails.
pub fn succeed(command: &mut Command) -> Result<Output, Failed> {
    let output = run(command)?;
    if output.status.success() {
        return Ok(output);
    }
    Err(Failed::new(command, String::from_utf8_lossy(&output.stderr)))
}

/// The exit code of a program that succeeded, did not, or failed with an error, which is shown.
pub fn exit_code(outcome: Result<bool, impl Display>) -> ExitCode {
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_of_this_package_is_not_handed_on() {
        let cargo = cargo();
        let removed: Vec<_> = cargo.get_envs().filter(|(_, value)| value.is_none()).map(|(name, _)| name).collect();
        for name in ["CARGO_MANIFEST_DIR", "CARGO_MANIFEST_PATH"] {
            assert!(removed.contains(&name.as_ref()), "{name}: {removed:?}");
        }
    }

    #[test]
    fn a_failure_names_the_command_as_people_type_it() {
        let mut command = Command::new("/toolchains/x/bin/cargo");
        command.args(["doc", "--quiet"]);
        let failed = Failed::new(&command, "no such crate");
        assert_eq!(failed.to_string(), "`cargo doc --quiet` failed:\nno such crate");
    }
}
