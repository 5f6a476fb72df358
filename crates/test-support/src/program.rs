//! Programs that tests start.

use std::env;
use std::ffi::OsStr;
use std::process::Command;

/// The variables that every program needs. Proxies, languages, colours, time zones and log levels are not among them: no test
/// depends on the environment.
const KEPT: [&str; 6] = ["PATH", "TMPDIR", "TEMP", "SystemRoot", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH"];

/// What cargo and git need in addition, to find what is installed.
const KEPT_FOR_TOOLS: [&str; 6] = ["HOME", "USERPROFILE", "CARGO", "CARGO_HOME", "RUSTUP_HOME", "RUSTUP_TOOLCHAIN"];

/// A program that is started in an environment of its own.
///
/// ```
/// let environment = test_support::program::program("true");
/// assert!(environment.get_envs().all(|(name, _)| name != "HTTPS_PROXY"));
/// ```
pub fn program(path: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(path);
    command.env_clear().envs(kept(&KEPT));
    command
}

/// The same for a program that starts cargo or git. What a repository around the tests sets for git is not in its environment,
/// and git reads no user's settings.
pub fn with_tools(path: impl AsRef<OsStr>) -> Command {
    let mut command = program(path);
    command
        .envs(kept(&KEPT_FOR_TOOLS))
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_CONFIG_GLOBAL", if cfg!(windows) { "NUL" } else { "/dev/null" });
    command
}

fn kept<'a>(names: &'a [&str]) -> impl Iterator<Item = (&'a str, std::ffi::OsString)> {
    names.iter().filter_map(|name| Some((*name, env::var_os(name)?)))
}

/// One test of the program that is running, by its full name, in a process of its own and in the same environment.
pub fn one_test(name: &str) -> Command {
    let mut command = Command::new(env::current_exe().unwrap());
    command.args(["--exact", name]);
    command
}
