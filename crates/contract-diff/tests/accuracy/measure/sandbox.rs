//! A workspace apart, in which the generated crates are written, documented and used.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::rc::Rc;
use std::{fs, io};

use contract::command::{self, Failed};
use contract_codegen::output;
use contract_diff::surface::{Surface, UnknownFormat};
use serde_json::Value;

use super::generated::{Documented, Generated, Measured};
use super::semver_checks::SemverChecks;

/// The generated crates.
pub(super) const CRATES: [&str; 2] = ["partner-center-orders-api", "partner-center-orders-httpmock"];

/// A crate that one of them names as an optional dependency: cargo wants to see its manifest, though nothing of it is built.
const NEIGHBOUR: &str = "partner-center-orders-schema";

/// The crates whose code uses them: the client alone, and the mocks too. Most users need no mocks, which take as long to
/// compile as the client does.
const USERS: [&str; 2] = ["user", "user-of-mocks"];

/// What code of users names the mocks by.
const MOCKS: &str = "mocks::";

/// Nothing could be generated or compiled.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SandboxError {
    /// A file of the workspace can't be read or written.
    #[error("can't prepare {path}: {source}")]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The generated files can't be written.
    #[error(transparent)]
    Output(#[from] output::FileError),
    /// A tool failed.
    #[error(transparent)]
    Tool(#[from] Failed),
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
pub(super) struct Sandbox {
    folder: PathBuf,
    /// The second checker, where it was asked for.
    pub(super) semver_checks: Option<SemverChecks>,
}

impl Sandbox {
    /// Copies what is needed of the workspace, and installs the second checker if it is to be used.
    pub(super) fn new(root: &Path, folder: &Path, second_checker: bool) -> Result<Self, SandboxError> {
        let semver_checks = second_checker.then(|| SemverChecks::find_or_install(folder)).transpose()?;
        let workspace = folder.join("workspace");
        for name in CRATES.into_iter().chain([NEIGHBOUR]) {
            let crate_folder = workspace.join("crates").join(name);
            // What was copied the last time may no longer be there.
            match fs::remove_dir_all(&crate_folder) {
                Err(source) if source.kind() != io::ErrorKind::NotFound => {
                    return Err(SandboxError::File { path: crate_folder, source });
                }
                _ => copy_folder(&root.join("crates").join(name), &crate_folder)?,
            }
            let manifest = crate_folder.join("Cargo.toml");
            let text = read(&manifest)?;
            write(&manifest, &without_dev_dependencies(&text))?;
        }
        write(&workspace.join("Cargo.toml"), &with_own_members(&read(&root.join("Cargo.toml"))?))?;
        write(&workspace.join("Cargo.lock"), &read(&root.join("Cargo.lock"))?)?;
        for (user, used) in USERS.into_iter().zip([&CRATES[..1], &CRATES[..]]) {
            let dependencies: String = used.iter().map(|name| format!("{name}.workspace = true\n")).collect();
            let manifest = format!(
                "[package]\nname = \"{user}\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[dependencies]\n{dependencies}"
            );
            write(&workspace.join(user).join("Cargo.toml"), &manifest)?;
            write(&workspace.join(user).join("src/lib.rs"), "")?;
        }
        Ok(Self { folder: folder.to_owned(), semver_checks })
    }

    /// The names of the checkers.
    pub(super) fn checkers(&self) -> String {
        self.semver_checks
            .as_ref()
            .map_or_else(|| "rustdoc alone".to_owned(), |_| format!("rustdoc and {}", SemverChecks::NAME))
    }

    fn workspace(&self) -> PathBuf {
        self.folder.join("workspace")
    }

    /// Writes the crates of a contract, documents them, and reads their surfaces; what is the same as in an earlier
    /// measurement is taken from there. rustdoc's JSON is kept under the title.
    pub(super) fn measure(
        &self,
        title: &str,
        generated: Generated,
        earlier: Option<&Measured>,
    ) -> Result<Measured, SandboxError> {
        output::write(&self.workspace(), &generated.artifacts)?;
        let known: Vec<Option<Rc<Documented>>> = CRATES
            .iter()
            .enumerate()
            .map(|(location, name)| {
                let earlier = earlier.filter(|earlier| earlier.generated.has_same(name, &generated))?;
                earlier.crates.get(location).cloned()
            })
            .collect();
        let missing: Vec<&str> =
            CRATES.into_iter().zip(&known).filter(|(_, known)| known.is_none()).map(|(name, _)| name).collect();
        self.document(&missing)?;
        let mut crates = Vec::new();
        for (name, known) in CRATES.into_iter().zip(known) {
            crates.push(match known {
                Some(known) => known,
                None => Rc::new(self.documented(title, name)?),
            });
        }
        Ok(Measured { generated, crates })
    }

    fn document(&self, crates: &[&str]) -> Result<(), SandboxError> {
        if crates.is_empty() {
            return Ok(());
        }
        let packages = crates.iter().flat_map(|name| ["--package", name]);
        let mut command = self.cargo("doc");
        command
            .args(packages)
            .args(["--lib", "--no-deps", "--no-default-features"])
            .env("RUSTDOCFLAGS", "-Z unstable-options --output-format json");
        command::succeed(&mut command)?;
        Ok(())
    }

    fn documented(&self, title: &str, name: &str) -> Result<Documented, SandboxError> {
        let name = format!("{}.json", name.replace('-', "_"));
        let file = self.folder.join("surfaces").join(title).join(&name);
        let text = read(&self.folder.join("target/doc").join(name))?;
        write(&file, &text)?;
        let json: Value = serde_json::from_str(&text)
            .map_err(|error| SandboxError::Json { path: file.clone(), problem: error.to_string() })?;
        Ok(Documented { surface: Surface::read(&json)?, file })
    }

    /// Compiles code of users, by name, against the current crates; returns why it doesn't compile, if it doesn't.
    pub(super) fn compile_users(&self, users: &[(&str, &str)]) -> Result<Result<(), String>, SandboxError> {
        let (of_mocks, of_client): (Vec<_>, Vec<_>) = users.iter().partition(|(_, code)| code.contains(MOCKS));
        for (package, users) in USERS.into_iter().zip([of_client, of_mocks]).filter(|(_, users)| !users.is_empty()) {
            let mut code = String::from("#![allow(unused)]\nuse partner_center_orders_api as api;\n");
            if package == USERS[1] {
                code.push_str("use partner_center_orders_httpmock as mocks;\n");
            }
            for (name, user) in users {
                code.push_str(&format!("mod {} {{ use super::*; {user} }}\n", name.replace('-', "_")));
            }
            write(&self.workspace().join(package).join("src/lib.rs"), &code)?;
            let mut command = self.cargo("check");
            command.args(["--package", package]);
            let output = command::run(&mut command)?;
            if output.status.success() {
                continue;
            }
            let output_text = String::from_utf8_lossy(&output.stderr).into_owned();
            // What users depend on must compile by itself, or nothing was learnt about them.
            return if output_text.contains(&format!("could not compile `{package}`")) {
                Ok(Err(output_text))
            } else {
                Err(Failed::new(&command, output_text).into())
            };
        }
        Ok(Ok(()))
    }

    /// A task of cargo.
    ///
    /// rustdoc writes JSON with unstable toolchains only; the stable one does it if that is enabled, here
    /// for these crates alone. Every task has the same setting: build scripts would run again wherever it changed.
    fn cargo(&self, task: &str) -> Command {
        let mut command = command::cargo();
        command
            .args([task, "--quiet"])
            .current_dir(self.workspace())
            .env("CARGO_TARGET_DIR", self.folder.join("target"))
            .env("CARGO_TERM_COLOR", "never")
            .env("CARGO_INCREMENTAL", "1")
            .env("RUSTC_BOOTSTRAP", CRATES.map(|name| name.replace('-', "_")).join(","))
            .env_remove("RUSTFLAGS");
        command
    }
}

fn read(path: &Path) -> Result<String, SandboxError> {
    fs::read_to_string(path).map_err(|source| SandboxError::File { path: path.to_owned(), source })
}

/// Writes a file where it differs, so that nothing is compiled anew without a reason.
fn write(path: &Path, text: &str) -> Result<(), SandboxError> {
    if fs::read_to_string(path).is_ok_and(|present| present == text) {
        return Ok(());
    }
    let written = path.parent().map_or(Ok(()), fs::create_dir_all).and_then(|()| fs::write(path, text));
    written.map_err(|source| SandboxError::File { path: path.to_owned(), source })
}

fn copy_folder(from: &Path, to: &Path) -> Result<(), SandboxError> {
    let wrong = |source| SandboxError::File { path: from.to_owned(), source };
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
        CRATES.iter().map(|name| format!("\"crates/{name}\"")).chain(USERS.map(|user| format!("\"{user}\""))).collect();
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
