//! Starts the program in tests.

use std::env;
use std::process::Command;

/// The environment variables that every program needs. Without proxies, locales, colours, time zones and log levels, no test
/// depends on the machine.
const KEPT: [&str; 6] = ["PATH", "TMPDIR", "TEMP", "SystemRoot", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH"];

/// Returns the command `pcorders` with a clean environment.
pub(crate) fn pcorders() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_pcorders"));
    command.env_clear().envs(KEPT.iter().filter_map(|name| Some((name, env::var_os(name)?))));
    command
}
