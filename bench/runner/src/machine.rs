//! What the figures were measured on.

use std::fs;
use std::process::Command;

use super::output::output;
use super::{Bench, peers};

/// Names and versions, line by line.
pub(super) fn describe(bench: &Bench) -> Vec<(&'static str, String)> {
    let version = |program: &str, argument: &str| {
        let result = output(Command::new(program).arg(argument)).ok()?;
        let text = if result.stdout.is_empty() { result.stderr } else { result.stdout };
        String::from_utf8_lossy(&text).lines().next().map(str::to_owned)
    };
    let processor = fs::read_to_string("/proc/cpuinfo").ok().and_then(|info| {
        let line = info.lines().find(|line| line.starts_with("model name"))?;
        Some(line.split_once(": ")?.1.to_owned())
    });
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let load = fs::read_to_string("/proc/loadavg").ok();
    let unknown = || "unknown".to_owned();
    vec![
        ("processor", format!("{} ({cores} cores)", processor.unwrap_or_else(unknown))),
        ("load at the end", load.unwrap_or_else(unknown).trim().to_owned()),
        ("rustc", version("rustc", "--version").unwrap_or_else(unknown)),
        ("node", version("node", "--version").unwrap_or_else(unknown)),
        ("java", version("java", "-version").unwrap_or_else(unknown)),
        ("openapi-generator", peers::OPENAPI_GENERATOR.to_owned()),
        ("npm packages", peers::NODE_PACKAGES.join(", ")),
        ("run", if bench.quick { "quick: times mean nothing".to_owned() } else { "full".to_owned() }),
    ]
}
