//! `cargo xtask api-changes`, in a made-up workspace with a release.

#![allow(clippy::unwrap_used, reason = "a test may fail")]

use std::fs;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

/// A workspace with one small crate.
struct Workspace(TempDir);

impl Workspace {
    fn new() -> Self {
        let workspace = Self(TempDir::new().unwrap());
        workspace.write("spec/partner-center-orders.yaml", "");
        workspace.write(".gitignore", "target\n");
        workspace.version("0.1.0");
        workspace.write(
            "crates/small/Cargo.toml",
            "[package]\nname = \"small\"\nversion.workspace = true\nedition = \"2024\"\n",
        );
        workspace.write("crates/small/src/lib.rs", "/// Stays.\npub fn stays() {}\n\n/// Goes.\npub fn goes() {}\n");
        workspace.git(&["init", "--quiet"]);
        workspace.git(&["add", "--all"]);
        let author = ["-c", "user.name=test", "-c", "user.email=test@localhost", "-c", "commit.gpgsign=false"];
        workspace.git(&[&author[..], &["commit", "--quiet", "--message", "release"]].concat());
        workspace
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn version(&self, version: &str) {
        let manifest = "[workspace]\nresolver = \"3\"\nmembers = [\"crates/*\"]\n\n[workspace.package]\n";
        self.write("Cargo.toml", &format!("{manifest}version = \"{version}\"\n"));
    }

    fn git(&self, arguments: &[&str]) {
        let output = Command::new("git").args(arguments).current_dir(self.path()).output().unwrap();
        assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    }

    /// Whether the version suits the API, and what is printed about it.
    fn check(&self) -> (bool, String) {
        let output = Command::new(env!("CARGO_BIN_EXE_xtask"))
            .arg("api-changes")
            .current_dir(self.path())
            .env("CARGO_TARGET_DIR", self.path().join("target"))
            .output()
            .unwrap();
        let text = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        (output.status.success(), text)
    }
}

#[test]
fn without_a_release_there_is_nothing_to_compare_with() {
    let (suits, text) = Workspace::new().check();
    assert!(suits && text.contains("nothing was released yet"), "{text}");
}

#[test]
fn an_item_that_is_gone_takes_a_breaking_version() {
    let workspace = Workspace::new();
    workspace.git(&["tag", "v0.1.0"]);
    let (suits, text) = workspace.check();
    assert!(suits, "{text}");

    workspace.write("crates/small/src/lib.rs", "/// Stays.\npub fn stays() {}\n");
    workspace.version("0.1.1");
    let (suits, text) = workspace.check();
    assert!(!suits && text.contains("goes is gone") && text.contains("0.2.0 at least"), "{text}");

    workspace.version("0.2.0");
    let (suits, text) = workspace.check();
    assert!(suits, "{text}");
}
