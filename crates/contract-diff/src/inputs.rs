//! Where the two contracts come from: files, git revisions, or the defaults.

use std::path::{Path, PathBuf};
use std::process::Command;

use contract::diagnostic::Report;
use contract::files;
use contract::load;
use contract::{CONTRACT, ERROR_CODES};

use super::comparable::{Check, Contract};

/// The tags of releases.
const RELEASE_TAGS: &str = "v[0-9]*";

/// A contract that can't be compared.
#[derive(Debug, thiserror::Error)]
pub enum InputError {
    /// Neither a file nor a revision.
    #[error("`{0}` is neither a file nor a git revision that holds {CONTRACT}")]
    Unknown(String),
    /// There is nothing to compare with.
    #[error("there is no earlier contract to compare with: {0}")]
    NoHistory(String),
    /// The file can't be read.
    #[error("can't read {path}: {source}")]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// What was read is not a contract.
    #[error("`{0}` is not a contract that can be compared")]
    Unusable(String, Report),
}

/// Finds contracts.
pub struct Inputs<'a> {
    root: &'a Path,
    check: Check,
}

impl<'a> Inputs<'a> {
    /// For the workspace in this folder; contracts must pass the check.
    pub const fn new(root: &'a Path, check: Check) -> Self {
        Self { root, check }
    }

    /// The contract that a name means: a file, or a git revision such as `v0.1.0` or `HEAD~3`.
    ///
    /// # Errors
    /// When it is neither, or something that is not a contract.
    pub fn named(&self, name: &str) -> Result<Contract, InputError> {
        let path = Path::new(name);
        if path.is_file() {
            return self.file(path, name);
        }
        self.revision(name, name)
    }

    /// The contract as it lies in the working tree.
    ///
    /// # Errors
    /// When it can't be read, or is not a contract.
    pub fn working_tree(&self) -> Result<Contract, InputError> {
        self.file(&self.root.join(CONTRACT), "the working tree")
    }

    /// The contract of the last release; before the first one, the first that the history holds.
    ///
    /// # Errors
    /// When there is no history.
    pub fn last_release(&self) -> Result<Contract, InputError> {
        if let Some(tag) = last_release(self.root) {
            return self.revision(&tag, &tag);
        }
        let first = git(self.root, &["log", "--reverse", "--format=%h", "--diff-filter=A", "--", CONTRACT])
            .map_err(InputError::NoHistory)?;
        let first = first.lines().next().ok_or_else(|| InputError::NoHistory(format!("no commit holds {CONTRACT}")))?;
        self.revision(first, &format!("{first} (the first contract)"))
    }

    fn file(&self, path: &Path, title: &str) -> Result<Contract, InputError> {
        let bytes = files::read(path).map_err(|source| InputError::File { path: path.to_owned(), source })?;
        let name = path.strip_prefix(self.root).unwrap_or(path).display().to_string();
        let codes = path.file_name() == Path::new(CONTRACT).file_name();
        let next_to_it = path.with_file_name(Path::new(ERROR_CODES).file_name().unwrap_or_default());
        let error_codes = files::read_to_string(&next_to_it).ok().filter(|_| codes);
        contract(title, &name, &bytes, error_codes, self.check)
    }

    fn revision(&self, revision: &str, title: &str) -> Result<Contract, InputError> {
        let show = |path: &str| git(self.root, &["show", "--end-of-options", &format!("{revision}:./{path}")]);
        // `REVISION:PATH` names another file of that revision.
        let text = match revision.split_once(':') {
            Some(_) => git(self.root, &["show", "--end-of-options", revision]),
            None => show(CONTRACT),
        };
        let text = text.map_err(|_| InputError::Unknown(revision.to_owned()))?;
        contract(title, CONTRACT, text.as_bytes(), show(ERROR_CODES).ok(), self.check)
    }
}

fn contract(
    title: &str,
    name: &str,
    bytes: &[u8],
    error_codes: Option<String>,
    check: Check,
) -> Result<Contract, InputError> {
    load::parse_bytes(name, bytes)
        .and_then(|document| Contract::new(title, document, error_codes, check))
        .map_err(|report| InputError::Unusable(title.to_owned(), report))
}

/// The tag of the last release before the current commit, if there is one.
pub fn last_release(root: &Path) -> Option<String> {
    let tag = git(root, &["describe", "--tags", "--abbrev=0", "--match", RELEASE_TAGS]).ok()?;
    Some(tag.trim().to_owned()).filter(|tag| !tag.is_empty())
}

/// The day of the last commit, as `2026-01-31`.
pub fn last_change(root: &Path) -> Option<String> {
    let day = git(root, &["log", "-1", "--format=%cs"]).ok()?;
    Some(day.trim().to_owned()).filter(|day| !day.is_empty())
}

/// The output of git, or its error.
fn git(root: &Path, arguments: &[&str]) -> Result<String, String> {
    let output = Command::new("git")
        .arg("-C")
        .arg(root)
        .args(arguments)
        .output()
        .map_err(|error| format!("git can't be started: {error}"))?;
    if output.status.success() {
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    } else {
        let message = String::from_utf8_lossy(&output.stderr);
        Err(message.lines().next().unwrap_or("git failed").to_owned())
    }
}
