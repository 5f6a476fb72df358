//! Whether the version is one that the contract's changes allow, and the changelog's section on
//! them.

use std::path::{Path, PathBuf};

use semver::Version;

use crate::changelog::{CHANGELOG, UNRELEASED, draft, has_section, with_section};
use crate::comparable::Check;
use crate::compare::compare;
use crate::inputs::{InputError, Inputs, last_change, last_release};
use crate::manifests::{ManifestError, metadata, one_version, with_repositories};
use crate::verdict::Verdict;

/// What is asked of a release.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Task {
    /// The changelog gets its section.
    Draft,
    /// Nothing is written; the section is shown.
    Check,
    /// Nothing is written; the crates must be ready to be published as they are.
    Publishable,
}

/// The release can't be checked, or not be made.
#[derive(Debug, thiserror::Error)]
pub enum ReleaseError {
    /// There is no contract to compare with, or none to compare.
    #[error(transparent)]
    Input(#[from] InputError),
    /// The manifests don't suit a release.
    #[error(transparent)]
    Manifests(#[from] ManifestError),
    /// The version is too small.
    #[error(
        "Cargo.toml has version {version}, but the changes since {last} are {verdict}: it takes {least} at least{because}\n  help: `cargo xtask diff {last}` shows all of them"
    )]
    TooSmall {
        /// The version in the manifest.
        version: Box<Version>,
        /// The last release.
        last: String,
        /// What the changes ask for.
        verdict: Verdict,
        /// The least version that they allow.
        least: Box<Version>,
        /// The greatest of the changes.
        because: String,
    },
    /// A file can't be read or written.
    #[error("can't {action} {path}: {source}")]
    File {
        /// What was tried.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The changelog has no section on the version.
    #[error("{CHANGELOG} has no section `## [{0}]`\n  help: `cargo xtask release` drafts it")]
    NoSection(Version),
    /// The changelog has no `Unreleased` section to put it after.
    #[error("{CHANGELOG} has no `{UNRELEASED}`, under which the section belongs")]
    NoPlace,
}

/// Checks the release, and drafts the changelog's section or inserts it. Returns the text to print.
///
/// # Errors
/// When the version is too small, or the release can't be checked or made.
pub fn release(root: &Path, task: Task, check: Check) -> Result<String, ReleaseError> {
    let inputs = Inputs::new(root, check);
    let comparison = compare(&inputs.last_release()?, &inputs.working_tree()?);
    let metadata = metadata(root)?;
    let version = one_version(&metadata)?;
    let tag = last_release(root);
    let released = tag.as_deref().and_then(|tag| Version::parse(tag.trim_start_matches('v')).ok());
    if let (Some(tag), Some(released)) = (&tag, &released) {
        let least = least_after(released, comparison.verdict);
        if version < least {
            let because = comparison
                .changes
                .first()
                .map(|change| format!(", for one because of this:\n  {}: {}", change.subject, change.summary));
            let verdict = comparison.verdict;
            return Err(ReleaseError::TooSmall {
                version: Box::new(version),
                last: tag.clone(),
                verdict,
                least: Box::new(least),
                because: because.unwrap_or_default(),
            });
        }
    }
    let date = last_change(root);
    let section = draft(&comparison, &version, date.as_deref());
    let since = tag.map_or_else(|| "nothing was released yet".to_owned(), |tag| format!("the last release was {tag}"));
    let path = root.join(CHANGELOG);
    let read = || {
        std::fs::read_to_string(&path).map_err(|source| ReleaseError::File {
            action: "read",
            path: path.clone(),
            source,
        })
    };
    let of_changes = format!("{since}, and the contract's changes are {}", comparison.verdict);
    match task {
        Task::Publishable => {
            with_repositories(&metadata)?;
            if !has_section(&read()?, &version) {
                return Err(ReleaseError::NoSection(version));
            }
            Ok(format!("{version} can be published: {of_changes}"))
        }
        Task::Check => {
            let note = match with_repositories(&metadata) {
                Ok(()) => String::new(),
                Err(error) => format!("\nnote: it can't be published yet: {error}"),
            };
            Ok(format!("{section}\n{version} will do: {of_changes}{note}"))
        }
        Task::Draft => {
            let text = with_section(&read()?, &section).ok_or(ReleaseError::NoPlace)?;
            std::fs::write(&path, text).map_err(|source| ReleaseError::File { action: "write", path, source })?;
            Ok(format!(
                "{CHANGELOG} has a section for {version}; read it through, commit it, and tag the commit v{version}"
            ))
        }
    }
}

/// The least version that may follow a release after such changes.
///
/// Before 1.0.0 the second number is the one that breaks, and before 0.1.0 the third, as cargo takes them.
pub fn least_after(last: &Version, verdict: Verdict) -> Version {
    let (major, minor, patch) = (last.major, last.minor, last.patch);
    match verdict {
        Verdict::None => last.clone(),
        Verdict::Major if major > 0 => Version::new(major + 1, 0, 0),
        Verdict::Major if minor > 0 => Version::new(0, minor + 1, 0),
        Verdict::Minor if major > 0 => Version::new(major, minor + 1, 0),
        _ => Version::new(major, minor, patch + 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_before_one_break_in_their_second_number() {
        let after = |last: &str, verdict| least_after(&Version::parse(last).unwrap(), verdict).to_string();
        assert_eq!(after("0.3.4", Verdict::Major), "0.4.0");
        assert_eq!(after("0.3.4", Verdict::Minor), "0.3.5");
        assert_eq!(after("0.3.4", Verdict::Patch), "0.3.5");
        assert_eq!(after("0.0.4", Verdict::Major), "0.0.5");
        assert_eq!(after("1.3.4", Verdict::Major), "2.0.0");
        assert_eq!(after("1.3.4", Verdict::Minor), "1.4.0");
        assert_eq!(after("1.3.4", Verdict::None), "1.3.4");
    }
}
