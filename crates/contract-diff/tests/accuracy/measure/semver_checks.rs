//! The second checker: cargo-semver-checks, of one version.

use std::path::{Path, PathBuf};
use std::process::Command;

use contract::command::{self, Failed};
use contract_diff::Verdict;

/// Another version may find something else.
const VERSION: &str = "0.51.0";

/// The program.
pub(super) struct SemverChecks {
    program: PathBuf,
}

impl SemverChecks {
    pub(super) const NAME: &str = "cargo-semver-checks";

    /// The one on the path, or the one below the folder, where it is installed once.
    pub(super) fn find_or_install(folder: &Path) -> Result<Self, Failed> {
        let is_pinned = |program: &Path| {
            let output = Command::new(program).args(["semver-checks", "--version"]).output();
            output.is_ok_and(|output| String::from_utf8_lossy(&output.stdout).trim().ends_with(VERSION))
        };
        let tools = folder.join("tools");
        let installed = tools.join("bin").join(Self::NAME);
        for program in [PathBuf::from(Self::NAME), installed.clone()] {
            if is_pinned(&program) {
                return Ok(Self { program });
            }
        }
        eprintln!("installing {} {VERSION} below {}, which takes some minutes", Self::NAME, tools.display());
        let mut cargo = command::cargo();
        cargo
            // Without what it would fetch with: it is given files.
            .args(["install", "--quiet", "--locked", "--force", "--profile", "dev", "--no-default-features", "--root"])
            .arg(&tools)
            .arg(format!("{}@{VERSION}", Self::NAME))
            .env_remove("CARGO_TARGET_DIR")
            .env_remove("RUSTFLAGS");
        command::succeed(&mut cargo)?;
        Ok(Self { program: installed })
    }

    /// What it asks for, by rustdoc's JSON of a crate before and after.
    pub(super) fn verdict(&self, old: &Path, new: &Path) -> Result<Verdict, Failed> {
        // Checked as a patch, everything greater is reported.
        let mut check = Command::new(&self.program);
        check
            .args([
                "semver-checks",
                "check-release",
                "--release-type",
                "patch",
                "--color",
                "never",
                "--baseline-rustdoc",
            ])
            .arg(old)
            .arg("--current-rustdoc")
            .arg(new);
        let output = command::run(&mut check)?;
        if output.status.success() {
            return Ok(Verdict::None);
        }
        let output_text =
            format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        if output_text.contains("requires new major version") {
            Ok(Verdict::Major)
        } else if output_text.contains("requires new minor version") {
            Ok(Verdict::Minor)
        } else {
            Err(Failed::new(&check, output_text))
        }
    }
}
