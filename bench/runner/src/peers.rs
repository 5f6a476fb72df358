//! The peers, at pinned versions, in a cache below `target/bench`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use contract::CONTRACT;

use super::output::output;
use super::{Bench, Problem};

/// From `PyPI`; it carries its jar and needs Java 11 or newer.
pub(super) const OPENAPI_GENERATOR: &str = "7.26.0";
/// From npm.
pub(super) const NODE_PACKAGES: [&str; 3] = ["ajv@8.20.0", "ajv-formats@3.0.1", "undici@7.16.0"];

/// The command line of openapi-generator.
pub(super) fn openapi_generator(bench: &Bench) -> Result<PathBuf, Problem> {
    let environment = bench.folder.join("python");
    let program = environment.join("bin/openapi-generator-cli");
    cached(&environment, OPENAPI_GENERATOR, || {
        output(Command::new("python3").args(["-m", "venv"]).arg(&environment))?;
        let package = format!("openapi-generator-cli=={OPENAPI_GENERATOR}");
        let pip = ["install", "--quiet", "--disable-pip-version-check", &package];
        output(Command::new(environment.join("bin/pip")).args(pip)).map(drop)
    })?;
    Ok(program)
}

/// How openapi-generator writes its Rust client for a contract.
pub(super) fn generate_rust(bench: &Bench, contract: &Path, folder: &Path) -> Result<Command, Problem> {
    let mut command = Command::new(openapi_generator(bench)?);
    command.arg("generate").arg("-i").arg(contract).args(["-g", "rust", "-o"]).arg(folder);
    command.arg(
        "--additional-properties=library=reqwest,supportMultipleResponses=true,packageName=openapi-generator-rust",
    );
    Ok(command)
}

/// openapi-generator's Rust client for this contract.
pub(super) fn rust_client(bench: &Bench) -> Result<PathBuf, Problem> {
    let folder = bench.folder.join("peers/rust");
    let contract = bench.root.join(CONTRACT);
    let text = fs::read_to_string(&contract).map_err(|error| format!("{}: {error}", contract.display()))?;
    cached(&folder, &format!("{OPENAPI_GENERATOR}\n{text}"), || {
        output(&mut generate_rust(bench, &contract, &folder)?)?;
        fix(&folder.join("src/apis/orders_api.rs"))
    })?;
    Ok(folder)
}

/// As generated it doesn't compile, for the upload of attachments: a path is doubled, and a struct is asked for its text.
fn fix(file: &Path) -> Result<(), Problem> {
    let in_file = |error| format!("{}: {error}", file.display());
    let text = fs::read_to_string(file).map_err(in_file)?;
    let text = text
        .replace("models::models::", "models::")
        .replace("p_form_metadata.to_string()", "serde_json::to_string(&p_form_metadata)?");
    fs::write(file, text).map_err(in_file)
}

/// The folder whose `node_modules` hold the peers for node.
pub(super) fn node(bench: &Bench) -> Result<PathBuf, Problem> {
    let folder = bench.folder.join("peers/node");
    cached(&folder, &NODE_PACKAGES.join(" "), || {
        let npm = ["install", "--silent", "--no-audit", "--no-fund", "--prefix"];
        output(Command::new("npm").args(npm).arg(&folder).args(NODE_PACKAGES)).map(drop)
    })?;
    Ok(folder)
}

/// Makes a folder anew unless it was made from the same `source`.
fn cached(folder: &Path, source: &str, make: impl FnOnce() -> Result<(), Problem>) -> Result<(), Problem> {
    let mark = folder.join("made-from");
    if fs::read_to_string(&mark).is_ok_and(|made_from| made_from == source) {
        return Ok(());
    }
    let in_folder = |error: std::io::Error| format!("{}: {error}", folder.display());
    if folder.exists() {
        fs::remove_dir_all(folder).map_err(in_folder)?;
    }
    fs::create_dir_all(folder).map_err(in_folder)?;
    make()?;
    fs::write(mark, source).map_err(in_folder)
}
