//! Test programs: how they are built, found and run.

use std::ffi::OsString;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use contract::command;
use serde_json::Value;

use super::outcome::{Outcome, listed};
use super::{TestError, plan::Setting};

/// How often a running program is looked at.
const LOOK: Duration = Duration::from_millis(5);

/// A test program that cargo built.
#[derive(Clone, Debug)]
pub(super) struct Program {
    /// The package.
    pub(super) package: String,
    /// The target: a test's name, or that of the library or program that holds unit tests.
    pub(super) target: String,
    /// The kind of target: `test`, `lib` or `bin`.
    pub(super) kind: String,
    /// The program itself.
    pub(super) executable: PathBuf,
    /// The folder of its package, in which it runs.
    pub(super) folder: PathBuf,
    /// The variables in which cargo describes its package to a program.
    pub(super) environment: Vec<(String, OsString)>,
    /// Which of its tests are run: arguments as the harness takes them; all without any.
    pub(super) selection: Vec<String>,
    /// Whether its package lists it as one that takes long.
    pub(super) is_slow: bool,
}

/// How a program ended.
#[derive(Clone, Copy, Debug)]
pub(super) enum End {
    /// By itself.
    Exited(ExitStatus),
    /// It was killed when the watchdog's time was over.
    Hung,
}

impl Program {
    /// Its unique name.
    pub(super) fn label(&self) -> String {
        format!("{} {} {}", self.package, self.kind, self.target)
    }

    fn command(&self) -> Command {
        let mut command = Command::new(&self.executable);
        command.args(&self.selection).current_dir(&self.folder).envs(self.environment.iter().cloned());
        command.stdin(Stdio::null());
        command
    }

    /// How many tests it holds.
    ///
    /// # Errors
    /// When it can't be started, or fails.
    pub(super) fn count(&self) -> Result<usize, TestError> {
        let output = command::succeed(self.command().args(["--list", "--format", "terse"]))?;
        Ok(listed(&String::from_utf8_lossy(&output.stdout)))
    }

    /// Runs its tests in random order, with what they print in a file.
    ///
    /// # Errors
    /// When it can't be started, or the file can't be written.
    pub(super) fn run(
        &self,
        setting: Setting,
        shuffle_seed: u64,
        watchdog: Duration,
        printed: &Path,
    ) -> Result<(Outcome, End), TestError> {
        let wrong = |source| TestError::File { path: printed.to_owned(), source };
        let file = File::create(printed).map_err(wrong)?;
        let mut command = self.command();
        // The order of tests is an unstable option of the harness.
        command
            .env("RUSTC_BOOTSTRAP", "1")
            .args(["-Zunstable-options", "--shuffle-seed"])
            .arg(shuffle_seed.to_string());
        command.arg("--test-threads").arg(setting.threads.to_string());
        command.stdout(file.try_clone().map_err(wrong)?).stderr(file);
        let not_run = |source| TestError::NotRun { program: self.executable.clone(), source };
        let mut child = command.spawn().map_err(not_run)?;
        let started = Instant::now();
        let end = loop {
            if let Some(status) = child.try_wait().map_err(not_run)? {
                break End::Exited(status);
            }
            if started.elapsed() > watchdog {
                child.kill().and_then(|()| child.wait()).map_err(not_run)?;
                break End::Hung;
            }
            thread::sleep(LOOK);
        };
        let text = fs::read(printed).map_err(wrong)?;
        Ok((Outcome::read(&String::from_utf8_lossy(&text)), end))
    }
}

/// Builds the workspace's test programs.
///
/// # Errors
/// When cargo fails, or a package lists a slow test that it doesn't have.
pub(super) fn build(root: &Path) -> Result<Vec<Program>, TestError> {
    let mut cargo = command::cargo();
    cargo.args(["metadata", "--no-deps", "--format-version", "1"]).current_dir(root);
    let metadata: Value = serde_json::from_slice(&command::succeed(&mut cargo)?.stdout)?;

    let mut cargo = command::cargo();
    // Compiling takes minutes: cargo prints its progress on standard error.
    cargo.args(["test", "--workspace", "--no-run", "--message-format", "json-render-diagnostics"]).current_dir(root);
    cargo.stderr(Stdio::inherit());
    let output = command::run(&mut cargo)?;
    if !output.status.success() {
        return Err(command::Failed::new(&cargo, "the tests can't be built").into());
    }
    found(&metadata, &String::from_utf8_lossy(&output.stdout))
}

/// The test programs among what cargo reports to have built.
fn found(metadata: &Value, messages: &str) -> Result<Vec<Program>, TestError> {
    let packages = metadata["packages"].as_array().map(Vec::as_slice).unwrap_or_default();
    let mut programs = Vec::new();
    for line in messages.lines().filter(|line| line.starts_with('{')) {
        let message: Value = serde_json::from_str(line)?;
        let package = packages.iter().find(|package| package["id"] == message["package_id"]);
        if let (Some(package), Some(executable), true) =
            (package, message["executable"].as_str(), message["profile"]["test"] == true)
        {
            programs.push(program(package, &message["target"], executable));
        }
    }
    for package in packages {
        for slow in slow(package) {
            let is_its_own = |program: &Program| package["name"] == program.package.as_str() && program.target == slow;
            if !programs.iter().any(is_its_own) {
                return Err(TestError::NoSuchSlowTest { package: text(&package["name"]), test: slow.to_owned() });
            }
        }
    }
    programs.sort_by_key(Program::label);
    Ok(programs)
}

fn program(package: &Value, target: &Value, executable: &str) -> Program {
    let manifest = text(&package["manifest_path"]);
    let folder = Path::new(&manifest).parent().unwrap_or(Path::new(".")).to_owned();
    let version = text(&package["version"]);
    let name = text(&package["name"]);
    let environment = [
        ("CARGO_MANIFEST_DIR", folder.clone().into_os_string()),
        ("CARGO_MANIFEST_PATH", manifest.into()),
        ("CARGO_PKG_NAME", name.clone().into()),
        ("CARGO_PKG_VERSION", version.into()),
        ("CARGO", command::cargo().get_program().to_owned()),
    ];
    let target_name = text(&target["name"]);
    Program {
        is_slow: slow(package).any(|slow| slow == target_name),
        package: name,
        target: target_name,
        kind: text(&target["kind"][0]),
        executable: executable.into(),
        folder,
        environment: environment.map(|(name, value)| (name.to_owned(), value)).into(),
        selection: Vec::new(),
    }
}

/// The tests of a package that take long, as its manifest lists them.
fn slow(package: &Value) -> impl Iterator<Item = &str> {
    package["metadata"]["xtask"]["slow-tests"].as_array().into_iter().flatten().filter_map(Value::as_str)
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn metadata(slow: &[&str]) -> Value {
        json!({ "packages": [{
            "id": "path+file:///w/a#0.1.0", "name": "a", "version": "0.1.0", "manifest_path": "/w/a/Cargo.toml",
            "metadata": { "xtask": { "slow-tests": slow } },
        }] })
    }

    fn message(kind: &str, name: &str, is_test: bool) -> String {
        let message = json!({
            "reason": "compiler-artifact", "package_id": "path+file:///w/a#0.1.0",
            "target": { "kind": [kind], "name": name }, "profile": { "test": is_test },
            "executable": format!("/w/target/debug/deps/{name}-1"),
        });
        format!("{message}\n")
    }

    #[test]
    fn only_what_tests_is_run_in_the_folder_of_its_package() {
        let messages = [
            message("test", "walk", true),
            message("example", "walk", false),
            message("lib", "a", true),
            "{\"reason\":\"build-finished\",\"success\":true}\n".to_owned(),
        ];
        let programs = found(&metadata(&["walk"]), &messages.concat()).unwrap();
        let labels: Vec<String> = programs.iter().map(Program::label).collect();
        assert_eq!(labels, ["a lib a", "a test walk"]);
        assert_eq!(programs.iter().map(|program| program.is_slow).collect::<Vec<_>>(), [false, true]);
        assert_eq!(programs[0].folder, Path::new("/w/a"));
        assert!(programs[0].environment.contains(&("CARGO_MANIFEST_DIR".to_owned(), "/w/a".into())));
    }

    #[test]
    fn a_slow_test_that_is_not_there_is_an_error() {
        let error = found(&metadata(&["gone"]), &message("test", "walk", true)).unwrap_err();
        assert_eq!(error.to_string(), "a lists the slow test `gone`, which it doesn't have");
    }
}
