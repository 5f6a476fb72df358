//! Starting what measures, and reading what it prints.

use std::path::Path;
use std::process::Command;
use std::sync::OnceLock;

use contract::command::cargo;
use serde_json::Value;

use super::output::output;
use super::report::Samples;
use super::{Bench, Problem, peers};

/// On one core, the last one; where that can't be had, anywhere.
pub(super) fn pinned(program: &Path) -> Command {
    static CORE: OnceLock<Option<String>> = OnceLock::new();
    let core = CORE.get_or_init(|| {
        let cores = std::thread::available_parallelism().ok()?.get();
        let core = (cores - 1).to_string();
        output(Command::new("taskset").args(["-c", &core, "true"])).ok()?;
        Some(core)
    });
    match core {
        Some(core) => {
            let mut command = Command::new("taskset");
            command.args(["-c", core]).arg(program);
            command
        }
        None => Command::new(program),
    }
}

/// The folder that cargo builds the programs of `bench/` into.
fn build_folder(bench: &Bench) -> std::path::PathBuf {
    std::env::var_os("CARGO_TARGET_DIR")
        .map_or_else(|| bench.folder.join("build"), |folder| Path::new(&folder).join("bench-programs"))
}

/// The program of `bench/`, built.
pub(super) fn program(bench: &Bench) -> Result<std::path::PathBuf, Problem> {
    static BUILT: OnceLock<Result<(), Problem>> = OnceLock::new();
    let build = || {
        peers::rust_client(bench)?;
        let mut command = cargo();
        command.args(["build", "--release", "--locked", "--quiet", "--manifest-path"]);
        command.arg(bench.root.join("bench/Cargo.toml")).arg("--target-dir").arg(build_folder(bench));
        output(&mut command).map(drop)
    };
    BUILT.get_or_init(build).clone()?;
    Ok(build_folder(bench).join("release/bench"))
}

/// What the program measures under these words.
pub(super) fn ask(bench: &Bench, words: &[&str]) -> Result<Value, Problem> {
    let mut command = pinned(&program(bench)?);
    command.args(words);
    if bench.quick {
        command.arg("--quick");
    }
    let output = output(&mut command)?;
    serde_json::from_slice(&output.stdout).map_err(|error| format!("{command:?} printed no JSON: {error}"))
}

/// The samples under these names.
pub(super) fn samples(output: &Value, names: &[&str]) -> Result<Samples, Problem> {
    let found = names.iter().try_fold(output, |value, name| value.get(name));
    let numbers = match found {
        Some(Value::Array(numbers)) => numbers.iter().filter_map(Value::as_f64).collect(),
        Some(Value::Number(number)) => number.as_f64().into_iter().collect(),
        _ => Vec::new(),
    };
    if numbers.is_empty() { Err(format!("no samples under {names:?}")) } else { Ok(Samples::new(numbers)) }
}
