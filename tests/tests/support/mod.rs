//! Starting programs in tests.

use std::env;
use std::process::Command;

/// The variables that every program needs. Proxies, languages, colours, time zones and log levels are not
/// among them: no test depends on the environment.
const KEPT: [&str; 6] = ["PATH", "TMPDIR", "TEMP", "SystemRoot", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH"];

/// A program that is started in an environment of its own.
pub(crate) fn program(path: &str) -> Command {
    let mut command = Command::new(path);
    command.env_clear().envs(KEPT.iter().filter_map(|name| Some((name, env::var_os(name)?))));
    command
}
