//! Starting programs in tests.

#![allow(dead_code, reason = "each test takes what it needs")]

use std::env;
use std::process::Command;

/// What programs need of the environment. Languages, colours and what a repository around the tests sets for git are not
/// among it: no test depends on whoever runs it.
const KEPT: [&str; 8] =
    ["PATH", "HOME", "TMPDIR", "TEMP", "SystemRoot", "USERPROFILE", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH"];

/// A program that is started in an environment of its own.
pub(crate) fn program(path: &str) -> Command {
    let is_kept = |name: &str| KEPT.contains(&name) || name.starts_with("CARGO") || name.starts_with("RUSTUP");
    let mut command = Command::new(path);
    command.env_clear().envs(env::vars_os().filter(|(name, _)| name.to_str().is_some_and(is_kept)));
    // Nor does git read anybody's settings.
    command.env("GIT_CONFIG_NOSYSTEM", "1").env("GIT_CONFIG_GLOBAL", if cfg!(windows) { "NUL" } else { "/dev/null" });
    command
}

/// The program under test.
pub(crate) fn xtask() -> Command {
    program(env!("CARGO_BIN_EXE_xtask"))
}
