//! A workspace apart, in which the generated crates are written, documented and used.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::{fs, io};

use serde_json::Value;

use super::Source;
use super::surface::{Surface, UnknownFormat};
use crate::diff::Verdict;
use crate::output;
use crate::pipeline::{self, PipelineError};

/// The generated crates.
const CRATES: [&str; 2] = ["partner-center-orders-api", "partner-center-orders-httpmock"];

/// A crate that one of them names as an optional dependency: cargo wants to see its manifest, though nothing of it is built.
const NEIGHBOUR: &str = "partner-center-orders-schema";

/// The crate whose code uses them.
const USER: &str = "user";

/// The file that differs with every contract, as it holds its digest.
const DIGEST_FILE: &str = "contract.rs";

/// The second judge. Another version may judge otherwise.
const SEMVER_CHECKS: &str = "cargo-semver-checks";
const SEMVER_CHECKS_VERSION: &str = "0.51.0";

/// Nothing could be generated or compiled.
#[derive(Debug, thiserror::Error)]
pub enum WorkshopError {
    /// A file of the workspace can't be read or written.
    #[error("can't prepare {path}: {source}")]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The contract can't be generated from.
    #[error(transparent)]
    Pipeline(#[from] PipelineError),
    /// The generated files can't be written.
    #[error(transparent)]
    Output(#[from] output::FileError),
    /// A tool failed.
    #[error("`{command}` failed:\n{said}")]
    Tool {
        /// What was called.
        command: String,
        /// What it complained about.
        said: String,
    },
    /// rustdoc's JSON can't be read.
    #[error("can't read {path}: {problem}")]
    Json {
        /// The file.
        path: PathBuf,
        /// Why.
        problem: String,
    },
    /// rustdoc's JSON has another format.
    #[error(transparent)]
    Format(#[from] UnknownFormat),
}

/// The workspace.
pub(super) struct Workshop {
    folder: PathBuf,
    /// The generated Rust files by path, as last written, without what differs always.
    generated: BTreeMap<PathBuf, String>,
    /// The second judge, where it was asked for.
    semver_checks: Option<PathBuf>,
    measured: usize,
}

/// What was measured of one contract's crates.
pub(super) struct Measured {
    generated: BTreeMap<PathBuf, String>,
    surfaces: Vec<Surface>,
    /// rustdoc's JSON of each crate.
    files: Vec<PathBuf>,
}

/// How two contracts' crates differ.
pub(super) struct Difference {
    pub verdict: Verdict,
    /// Who found the verdict, and on what.
    pub by: String,
}

impl Workshop {
    /// Copies what is needed of the workspace, and installs the second judge if it is to be asked.
    pub(super) fn new(root: &Path, folder: &Path, second_judge: bool) -> Result<Self, WorkshopError> {
        let workspace = folder.join("workspace");
        for name in CRATES.into_iter().chain([NEIGHBOUR]) {
            let crate_folder = workspace.join("crates").join(name);
            // What was copied the last time may no longer be there.
            match fs::remove_dir_all(&crate_folder) {
                Err(source) if source.kind() != io::ErrorKind::NotFound => {
                    return Err(WorkshopError::File { path: crate_folder, source });
                }
                _ => copy_folder(&root.join("crates").join(name), &crate_folder)?,
            }
            let manifest = crate_folder.join("Cargo.toml");
            let text = read(&manifest)?;
            write(&manifest, &without_dev_dependencies(&text))?;
        }
        write(&workspace.join("Cargo.toml"), &with_own_members(&read(&root.join("Cargo.toml"))?))?;
        write(&workspace.join("Cargo.lock"), &read(&root.join("Cargo.lock"))?)?;
        let dependencies = CRATES.map(|name| format!("{name}.workspace = true\n")).concat();
        let manifest = format!(
            "[package]\nname = \"{USER}\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[dependencies]\n{dependencies}"
        );
        write(&workspace.join(USER).join("Cargo.toml"), &manifest)?;
        write(&workspace.join(USER).join("src/lib.rs"), "")?;
        let semver_checks = second_judge.then(|| semver_checks_program(folder)).transpose()?;
        Ok(Self { folder: folder.to_owned(), generated: BTreeMap::new(), semver_checks, measured: 0 })
    }

    pub(super) const fn has_semver_checks(&self) -> bool {
        self.semver_checks.is_some()
    }

    fn workspace(&self) -> PathBuf {
        self.folder.join("workspace")
    }

    /// Writes the crates of a contract.
    pub(super) fn generate(&mut self, source: &Source) -> Result<(), WorkshopError> {
        let mut artifacts = pipeline::run(&source.contract, &source.order, &source.error_codes)?.artifacts;
        artifacts
            .retain(|artifact| CRATES.iter().any(|name| artifact.path.starts_with(Path::new("crates").join(name))));
        output::write(&self.workspace(), &artifacts)?;
        self.generated = artifacts
            .into_iter()
            .filter(|artifact| !artifact.path.ends_with(DIGEST_FILE))
            .map(|artifact| {
                // The same lines in another order are the same code.
                let mut lines: Vec<&str> = artifact.text.lines().collect();
                lines.sort_unstable();
                (artifact.path, lines.join("\n"))
            })
            .collect();
        Ok(())
    }

    /// Documents the crates as they stand, and reads their surfaces.
    pub(super) fn measure(&mut self) -> Result<Measured, WorkshopError> {
        self.measured += 1;
        let mut measured = Measured { generated: self.generated.clone(), surfaces: Vec::new(), files: Vec::new() };
        for name in CRATES {
            let mut command = self.cargo("rustdoc", "documented");
            command
                .args(["--package", name, "--lib", "--no-default-features", "--", "-Z", "unstable-options"])
                .args(["--output-format", "json"])
                // rustdoc tells its findings as JSON to unstable toolchains only; the stable one does it when told so.
                .env("RUSTC_BOOTSTRAP", "1");
            succeed(&mut command)?;
            let file = format!("{}.json", name.replace('-', "_"));
            let kept = self.folder.join("surfaces").join(format!("{}-{file}", self.measured));
            let text = read(&self.folder.join("documented/doc").join(file))?;
            write(&kept, &text)?;
            let json: Value = serde_json::from_str(&text)
                .map_err(|error| WorkshopError::Json { path: kept.clone(), problem: error.to_string() })?;
            measured.surfaces.push(Surface::read(&json)?);
            measured.files.push(kept);
        }
        Ok(measured)
    }

    /// Compiles code of users against the crates as they stand; tells why it doesn't compile, if it doesn't.
    pub(super) fn compile_users(&self, users: &[&str]) -> Result<Result<(), String>, WorkshopError> {
        let mut code = String::from(
            "#![allow(unused)]\nuse partner_center_orders_api as api;\nuse partner_center_orders_httpmock as mocks;\n",
        );
        for (index, user) in users.iter().enumerate() {
            code.push_str(&format!("mod user_{index} {{ use super::*; {user} }}\n"));
        }
        write(&self.workspace().join(USER).join("src/lib.rs"), &code)?;
        // What users stand on must compile by itself, or nothing was learnt about them.
        succeed(self.cargo("check", "compiled").args(["--package", CRATES[1]]))?;
        let output = run(self.cargo("check", "compiled").args(["--package", USER]))?;
        Ok(if output.status.success() { Ok(()) } else { Err(String::from_utf8_lossy(&output.stderr).into_owned()) })
    }

    /// A task of cargo. Each environment has its own folder: build scripts run again wherever it changed.
    fn cargo(&self, task: &str, target: &str) -> Command {
        let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        command
            .arg(task)
            .arg("--quiet")
            .current_dir(self.workspace())
            .env("CARGO_TARGET_DIR", self.folder.join(target))
            .env("CARGO_TERM_COLOR", "never")
            .env_remove("RUSTFLAGS");
        command
    }
}

impl Measured {
    /// How a later measurement differs: by what rustdoc tells, by what cargo-semver-checks finds, and by whether any
    /// generated code changed at all; the greatest verdict counts.
    pub(super) fn compare(&self, later: &Self, workshop: &Workshop) -> Result<Difference, WorkshopError> {
        let mut verdict = Verdict::None;
        let mut by = String::new();
        let mut found = |level: Verdict, who: String| {
            if level > verdict {
                verdict = level;
                by = who;
            }
        };
        for (old, new) in self.surfaces.iter().zip(&later.surfaces) {
            let difference = old.compare(new);
            let reasons = difference.reasons.first().cloned().unwrap_or_default().replace('|', "\\|");
            let more = if difference.reasons.len() > 1 {
                format!(" and {} more", difference.reasons.len() - 1)
            } else {
                String::new()
            };
            found(difference.verdict, format!("rustdoc: {reasons}{more}"));
        }
        if let Some(program) = &workshop.semver_checks {
            for (old, new) in self.files.iter().zip(&later.files) {
                let level = semver_checks(program, old, new)?;
                found(level, "cargo-semver-checks".to_owned());
            }
        }
        if self.generated != later.generated {
            found(Verdict::Patch, "generated code".to_owned());
        }
        Ok(Difference { verdict, by })
    }
}

/// Where cargo-semver-checks of the pinned version is: on the path, or below the folder, where it is installed once.
fn semver_checks_program(folder: &Path) -> Result<PathBuf, WorkshopError> {
    let is_pinned = |program: &Path| {
        let output = Command::new(program).args(["semver-checks", "--version"]).output();
        output.is_ok_and(|output| String::from_utf8_lossy(&output.stdout).trim().ends_with(SEMVER_CHECKS_VERSION))
    };
    let tools = folder.join("tools");
    let installed = tools.join("bin").join(SEMVER_CHECKS);
    for program in [PathBuf::from(SEMVER_CHECKS), installed.clone()] {
        if is_pinned(&program) {
            return Ok(program);
        }
    }
    eprintln!("installing {SEMVER_CHECKS} {SEMVER_CHECKS_VERSION} below {}, which takes some minutes", tools.display());
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command
        // Unoptimised and without what it would fetch with: it is given files.
        .args(["install", "--quiet", "--locked", "--force", "--profile", "dev", "--no-default-features", "--root"])
        .arg(&tools)
        .arg(format!("{SEMVER_CHECKS}@{SEMVER_CHECKS_VERSION}"))
        .env_remove("CARGO_TARGET_DIR")
        .env_remove("RUSTFLAGS");
    succeed(&mut command)?;
    Ok(installed)
}

/// What cargo-semver-checks asks for.
fn semver_checks(program: &Path, old: &Path, new: &Path) -> Result<Verdict, WorkshopError> {
    // Judged as a patch, everything greater is told.
    let mut command = Command::new(program);
    command
        .args(["semver-checks", "check-release", "--release-type", "patch", "--color", "never", "--baseline-rustdoc"])
        .arg(old)
        .arg("--current-rustdoc")
        .arg(new);
    let output = run(&mut command)?;
    if output.status.success() {
        return Ok(Verdict::None);
    }
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    if said.contains("requires new major version") {
        Ok(Verdict::Major)
    } else if said.contains("requires new minor version") {
        Ok(Verdict::Minor)
    } else {
        Err(WorkshopError::Tool { command: "cargo semver-checks".to_owned(), said })
    }
}

fn run(command: &mut Command) -> Result<Output, WorkshopError> {
    command.output().map_err(|error| WorkshopError::Tool {
        command: command.get_program().to_string_lossy().into_owned(),
        said: error.to_string(),
    })
}

fn succeed(command: &mut Command) -> Result<(), WorkshopError> {
    let output = run(command)?;
    if output.status.success() {
        return Ok(());
    }
    let arguments: Vec<_> = command.get_args().map(|argument| argument.to_string_lossy().into_owned()).collect();
    Err(WorkshopError::Tool {
        command: format!("cargo {}", arguments.join(" ")),
        said: String::from_utf8_lossy(&output.stderr).into_owned(),
    })
}

fn read(path: &Path) -> Result<String, WorkshopError> {
    fs::read_to_string(path).map_err(|source| WorkshopError::File { path: path.to_owned(), source })
}

/// Writes a file where it differs, so that nothing is compiled anew without a reason.
fn write(path: &Path, text: &str) -> Result<(), WorkshopError> {
    if fs::read_to_string(path).is_ok_and(|present| present == text) {
        return Ok(());
    }
    let written = path.parent().map_or(Ok(()), fs::create_dir_all).and_then(|()| fs::write(path, text));
    written.map_err(|source| WorkshopError::File { path: path.to_owned(), source })
}

fn copy_folder(from: &Path, to: &Path) -> Result<(), WorkshopError> {
    let wrong = |source| WorkshopError::File { path: from.to_owned(), source };
    for entry in fs::read_dir(from).map_err(wrong)? {
        let entry = entry.map_err(wrong)?;
        let target = to.join(entry.file_name());
        if entry.file_type().map_err(wrong)?.is_dir() {
            copy_folder(&entry.path(), &target)?;
        } else {
            fs::create_dir_all(to).and_then(|()| fs::copy(entry.path(), &target)).map_err(wrong)?;
        }
    }
    Ok(())
}

/// The root manifest with the members of this workspace.
fn with_own_members(manifest: &str) -> String {
    let members: Vec<String> =
        CRATES.iter().map(|name| format!("\"crates/{name}\"")).chain([format!("\"{USER}\"")]).collect();
    let lines = manifest.lines().map(|line| {
        if line.starts_with("members =") { format!("members = [{}]", members.join(", ")) } else { line.to_owned() }
    });
    lines.collect::<Vec<_>>().join("\n") + "\n"
}

/// The manifest without what only its own tests need, which may lead to crates that aren't here.
fn without_dev_dependencies(manifest: &str) -> String {
    let mut inside = false;
    let lines = manifest.lines().filter(|line| {
        if line.starts_with('[') {
            inside = line.starts_with("[dev-dependencies");
        }
        !inside
    });
    lines.map(|line| format!("{line}\n")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn manifests_lose_what_only_tests_need() {
        let manifest = "[package]\nname = \"x\"\n\n[dev-dependencies]\na = { path = \"../a\" }\n\n[features]\nf = []\n";
        assert_eq!(without_dev_dependencies(manifest), "[package]\nname = \"x\"\n\n[features]\nf = []\n");
    }

    #[test]
    fn the_workspace_has_its_own_members() {
        let manifest = with_own_members("[workspace]\nmembers = [\"crates/*\", \"tests\"]\n");
        assert!(
            manifest.contains("\"crates/partner-center-orders-api\"") && manifest.contains("\"user\""),
            "{manifest}"
        );
        assert!(!manifest.contains("tests"), "{manifest}");
    }
}
