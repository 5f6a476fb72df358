//! Starting the program in tests.

use std::env;
use std::process::Command;

/// What every program needs of the environment. Proxies, languages, colours, time zones and levels of logging are not
/// among it: no test depends on whoever runs it.
const KEPT: [&str; 6] = ["PATH", "TMPDIR", "TEMP", "SystemRoot", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH"];

/// `pcorders`, started in an environment of its own.
pub(crate) fn pcorders() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_pcorders"));
    command.env_clear().envs(KEPT.iter().filter_map(|name| Some((name, env::var_os(name)?))));
    command
}
