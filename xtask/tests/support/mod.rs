//! Starting programs in tests.

#![allow(dead_code, reason = "each test takes what it needs")]

use std::env;
use std::process::Command;

/// What programs need of the environment, cargo among them. Languages, colours and what a repository around the tests sets
/// for git are not among it: no test depends on the user who runs it.
const KEPT: [&str; 12] = [
    "PATH",
    "HOME",
    "TMPDIR",
    "TEMP",
    "SystemRoot",
    "USERPROFILE",
    "LD_LIBRARY_PATH",
    "DYLD_LIBRARY_PATH",
    "CARGO",
    "CARGO_HOME",
    "RUSTUP_HOME",
    "RUSTUP_TOOLCHAIN",
];

/// A program that is started in an environment of its own.
pub(crate) fn program(path: &str) -> Command {
    let mut command = Command::new(path);
    command.env_clear().envs(KEPT.iter().filter_map(|name| Some((name, env::var_os(name)?))));
    // Nor does git read anybody's settings.
    command.env("GIT_CONFIG_NOSYSTEM", "1").env("GIT_CONFIG_GLOBAL", if cfg!(windows) { "NUL" } else { "/dev/null" });
    command
}

/// The program under test.
pub(crate) fn xtask() -> Command {
    program(env!("CARGO_BIN_EXE_xtask"))
}
