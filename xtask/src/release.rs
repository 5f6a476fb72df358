//! `cargo xtask release`: whether the version is one that the contract's changes allow, and what the changelog says of
//! them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use semver::Version;
use serde_json::Value;

use crate::command;
use crate::diff::{self, Change, Comparison, InputError, Inputs, Verdict};

const CHANGELOG: &str = "CHANGELOG.md";

/// The heading under which changes gather until they are released.
const UNRELEASED: &str = "## [Unreleased]";

/// Refuses a version that the contract's changes forbid, and drafts the changelog's section from them.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Writes nothing: shows the draft instead of putting it into the changelog.
    #[arg(long)]
    check: bool,
    /// Writes nothing: fails unless the crates can be published as they stand.
    #[arg(long, conflicts_with = "check")]
    publishable: bool,
}

/// The release can't be judged, or not be made.
#[derive(Debug, thiserror::Error)]
pub enum ReleaseError {
    /// There is no contract to compare with, or none to compare.
    #[error(transparent)]
    Input(#[from] InputError),
    /// cargo can't read the manifests.
    #[error("cargo can't read the manifests: {0}")]
    Manifests(String),
    /// The crates don't have one version.
    #[error("the crates don't have one version: {0}; write it once, in [workspace.package] of Cargo.toml")]
    SeveralVersions(String),
    /// A crate asks for another version of its sibling.
    #[error(
        "{dependent} asks for {dependency} {requirement}, which is no longer {version}; mend [workspace.dependencies] of Cargo.toml"
    )]
    Sibling {
        /// The crate that asks.
        dependent: String,
        /// What it asks for.
        dependency: String,
        /// The version that it asks for.
        requirement: String,
        /// The version of the workspace.
        version: Version,
    },
    /// The version is too small.
    #[error(
        "Cargo.toml says {version}, but the changes since {last} are {verdict}: it takes {least} at least{because}\n  help: `cargo xtask diff {last}` shows all of them"
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
    /// Published crates without a repository.
    #[error(
        "`repository` is unset for {0}\n  help: set it in [workspace.package] of Cargo.toml, and `repository.workspace = true` in each crate"
    )]
    NoRepository(String),
    /// The changelog says nothing of the version.
    #[error("{CHANGELOG} has no section `## [{0}]`\n  help: `cargo xtask release` drafts it")]
    NoSection(Version),
    /// The changelog has no place for the section.
    #[error("{CHANGELOG} has no `{UNRELEASED}`, under which the section belongs")]
    NoPlace,
}

/// Judges the release, and drafts the changelog's section or puts it there.
pub fn run(root: &Path, arguments: &Arguments) -> ExitCode {
    match release(root, arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            if let ReleaseError::Input(error) = &error {
                diff::command::tell(error);
            } else {
                eprintln!("error: {error}");
            }
            ExitCode::FAILURE
        }
    }
}

fn release(root: &Path, arguments: &Arguments) -> Result<(), ReleaseError> {
    let inputs = Inputs::new(root);
    let comparison = diff::compare(&inputs.last_release()?, &inputs.working_tree()?);
    let metadata = metadata(root)?;
    let version = one_version(&metadata)?;
    let tag = diff::last_release(root);
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
    let date = diff::last_change(root);
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
    if arguments.publishable {
        with_repositories(&metadata)?;
        if !has_section(&read()?, &version) {
            return Err(ReleaseError::NoSection(version));
        }
        println!("{version} can be published: {since}, and the contract's changes are {}", comparison.verdict);
        return Ok(());
    }
    if arguments.check {
        print!("{section}");
        println!("\n{version} will do: {since}, and the contract's changes are {}", comparison.verdict);
        if let Err(error) = with_repositories(&metadata) {
            println!("note: it can't be published yet: {error}");
        }
        return Ok(());
    }
    let text = read()?;
    let text = with_section(&text, &section).ok_or(ReleaseError::NoPlace)?;
    std::fs::write(&path, text).map_err(|source| ReleaseError::File { action: "write", path, source })?;
    println!("{CHANGELOG} has a section for {version}; read it through, commit it, and tag the commit v{version}");
    Ok(())
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

/// The manifests of the crates, as cargo reads them.
pub(crate) fn metadata(root: &Path) -> Result<Value, ReleaseError> {
    let mut cargo = command::cargo();
    cargo.args(["metadata", "--no-deps", "--format-version", "1"]).current_dir(root);
    let output = command::succeed(&mut cargo).map_err(|failed| ReleaseError::Manifests(failed.to_string()))?;
    serde_json::from_slice(&output.stdout).map_err(|error| ReleaseError::Manifests(error.to_string()))
}

/// The packages that are published: all that don't say `publish = false`.
pub(crate) fn published(metadata: &Value) -> impl Iterator<Item = &Value> {
    let packages = metadata["packages"].as_array().into_iter().flatten();
    packages.filter(|package| package["publish"].as_array().is_none_or(|registries| !registries.is_empty()))
}

/// Whether all published crates name their repository: the registry's pages lead there.
fn with_repositories(metadata: &Value) -> Result<(), ReleaseError> {
    let without: Vec<&str> = published(metadata)
        .filter(|package| package["repository"].as_str().unwrap_or_default().is_empty())
        .filter_map(|package| package["name"].as_str())
        .collect();
    if without.is_empty() { Ok(()) } else { Err(ReleaseError::NoRepository(without.join(", "))) }
}

/// Whether the changelog has a section for the version.
fn has_section(changelog: &str, version: &Version) -> bool {
    let heading = format!("## [{version}]");
    changelog.lines().any(|line| line.starts_with(&heading))
}

/// The one version of all packages, which their requirements on each other must name too.
pub(crate) fn one_version(metadata: &Value) -> Result<Version, ReleaseError> {
    let packages: Vec<&Value> = metadata["packages"].as_array().into_iter().flatten().collect();
    let text = |value: &Value, key: &str| value[key].as_str().unwrap_or_default().to_owned();
    let versions: BTreeMap<String, String> =
        packages.iter().map(|package| (text(package, "version"), text(package, "name"))).collect();
    let version = match Vec::from_iter(&versions).as_slice() {
        [(version, _)] => Version::parse(version).map_err(|error| ReleaseError::Manifests(error.to_string()))?,
        [] => return Err(ReleaseError::Manifests("there are no crates".to_owned())),
        several => {
            let listed: Vec<String> = several.iter().map(|(version, name)| format!("{name} has {version}")).collect();
            return Err(ReleaseError::SeveralVersions(listed.join(", ")));
        }
    };
    for package in &packages {
        for dependency in package["dependencies"].as_array().into_iter().flatten() {
            let requirement = text(dependency, "req");
            let sibling = dependency["path"].is_string() && requirement != "*";
            if sibling && requirement != format!("^{version}") {
                return Err(ReleaseError::Sibling {
                    dependent: text(package, "name"),
                    dependency: text(dependency, "name"),
                    requirement,
                    version,
                });
            }
        }
    }
    Ok(version)
}

/// The changelog's headings, in their order.
const HEADINGS: [&str; 4] = ["Added", "Changed", "Deprecated", "Removed"];

/// The section of the changelog for these changes.
pub fn draft(comparison: &Comparison, version: &Version, date: Option<&str>) -> String {
    let date = date.map_or_else(String::new, |date| format!(" - {date}"));
    let mut section = format!("## [{version}]{date}\n");
    for heading in HEADINGS {
        let changes = comparison.changes.iter().filter(|change| heading_of(change) == heading);
        let (words, meaning): (Vec<&Change>, Vec<&Change>) = changes.partition(|change| is_words(change));
        let mut entries = entries(&meaning);
        match words.len() {
            0 => {}
            1 => entries.push("The contract says one thing in other words.".to_owned()),
            count => entries.push(format!("The contract says {count} things in other words.")),
        }
        if !entries.is_empty() {
            section.push_str(&format!("\n### {heading}\n\n"));
        }
        for entry in entries {
            section.push_str(&format!("- {entry}\n"));
        }
    }
    if comparison.changes.is_empty() {
        section.push_str("\nThe contract is as it was.\n");
    }
    section
}

/// Whether only words changed.
fn is_words(change: &Change) -> bool {
    matches!(change.kind, "words" | "error-code-words")
}

fn heading_of(change: &Change) -> &'static str {
    if change.kind == "deprecated" {
        "Deprecated"
    } else if change.kind.ends_with("-added") && !change.kind.starts_with("default") {
        "Added"
    } else if change.kind.ends_with("-removed") && !change.kind.starts_with("default") {
        "Removed"
    } else {
        "Changed"
    }
}

/// What the changes mean to users: one entry each, or one for all that say the same of several parts.
fn entries(changes: &[&Change]) -> Vec<String> {
    let mut groups: Vec<Vec<&Change>> = Vec::new();
    for change in changes {
        let alike = |group: &&mut Vec<&Change>| {
            (group[0].kind, &group[0].summary, group[0].verdict) == (change.kind, &change.summary, change.verdict)
        };
        match groups.iter_mut().find(alike) {
            Some(group) => group.push(change),
            None => groups.push(vec![change]),
        }
    }
    groups.iter().map(|group| entry(group)).collect()
}

fn entry(group: &[&Change]) -> String {
    let first = group[0];
    let breaking = if first.verdict == Verdict::Major { "**Breaking:** " } else { "" };
    let subjects = subjects(group);
    if matches!(first.kind, "operation-added" | "schema-added") {
        return format!("{subjects}.");
    }
    let effects: BTreeSet<&str> = [&first.wire, &first.rust]
        .into_iter()
        .filter(|effect| effect.verdict == first.verdict)
        .map(|effect| effect.effect.as_str())
        .collect();
    let effects = if group.len() == 1 { format!("; {}", Vec::from_iter(effects).join("; ")) } else { String::new() };
    format!("{breaking}{subjects}: {}{effects}.", first.summary)
}

fn subjects(group: &[&Change]) -> String {
    let schemas: Option<Vec<&str>> = group.iter().map(|change| change.subject.strip_prefix("schema ")).collect();
    match schemas {
        Some(names) if names.len() > 1 => format!("schemas {}", names.join(", ")),
        _ => group.iter().map(|change| change.subject.as_str()).collect::<Vec<_>>().join(", "),
    }
}

/// The changelog with a section: what gathered under `Unreleased` goes in front of what was drafted.
fn with_section(changelog: &str, section: &str) -> Option<String> {
    let (before, rest) = changelog.split_once(UNRELEASED)?;
    let (gathered, older) = match rest.find("\n## ") {
        Some(end) => rest.split_at(end),
        None => (rest, ""),
    };
    let (title, drafted) = section.split_once('\n').unwrap_or((section, ""));
    let merged = merged(gathered, drafted);
    Some(format!("{before}{UNRELEASED}\n\n{title}\n{merged}{older}"))
}

/// The entries of two texts under one set of headings.
fn merged(gathered: &str, drafted: &str) -> String {
    let mut headings: Vec<(String, String)> = Vec::new();
    for text in [gathered, drafted] {
        let mut current = String::new();
        for line in text.lines() {
            if let Some(heading) = line.strip_prefix("### ") {
                heading.clone_into(&mut current);
            }
            if !headings.iter().any(|(heading, _)| *heading == current) {
                headings.push((current.clone(), String::new()));
            }
            let body = headings.iter_mut().find(|(heading, _)| *heading == current).map(|(_, body)| body);
            if let Some(body) = body.filter(|_| !line.starts_with("### ")) {
                body.push_str(line);
                body.push('\n');
            }
        }
    }
    let mut out = String::new();
    for (heading, body) in headings.iter().filter(|(_, body)| !body.trim().is_empty()) {
        if heading.is_empty() {
            out.push_str(&format!("\n{}\n", body.trim()));
        } else {
            // Two lists that follow each other are one.
            let lines: Vec<&str> = body.trim().lines().filter(|line| !line.is_empty()).collect();
            out.push_str(&format!("\n### {heading}\n\n{}\n", lines.join("\n")));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::diff::{Contract, compare};
    use crate::load;

    fn comparison(old: &str, new: &str) -> Comparison {
        let contract = |schemas: &str| {
            let text = format!(
                "openapi: 3.0.3\ninfo: {{title: T, version: '1'}}\npaths: {{}}\ncomponents:\n  schemas: {schemas}\n"
            );
            Contract::new("x", load::parse("x.yaml", &text).unwrap(), None).unwrap()
        };
        compare(&contract(old), &contract(new))
    }

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

    #[test]
    fn the_draft_puts_each_change_under_its_heading() {
        let comparison = comparison(
            "{A: {type: object, title: x}, B: {type: string}}",
            "{A: {type: object, title: y}, C: {type: object}}",
        );
        let draft = draft(&comparison, &Version::new(0, 2, 0), Some("2026-01-02"));
        assert!(draft.starts_with("## [0.2.0] - 2026-01-02\n"), "{draft}");
        let place = |text: &str| draft.find(text).unwrap_or_else(|| panic!("{text} is missing in {draft}"));
        assert!(place("### Added") < place("- schema C."), "{draft}");
        assert!(place("### Changed") < place("- The contract says one thing in other words."), "{draft}");
        assert!(
            place("### Removed") < place("- **Breaking:** schema B: removed; the type `types::B` is gone."),
            "{draft}"
        );
    }

    #[test]
    fn what_gathered_and_what_was_drafted_become_one_section() {
        let changelog = "# Changelog\n\n## [Unreleased]\n\n### Fixed\n\n- A bug.\n\n### Added\n\n- By hand.\n\n## [0.1.0]\n\n- Old.\n";
        let text = with_section(changelog, "## [0.2.0]\n\n### Added\n\n- Drafted.\n").unwrap();
        assert_eq!(
            text,
            "# Changelog\n\n## [Unreleased]\n\n## [0.2.0]\n\n### Fixed\n\n- A bug.\n\n### Added\n\n- By hand.\n- Drafted.\n\n## [0.1.0]\n\n- Old.\n"
        );
        assert_eq!(with_section("# Changelog\n", "## [0.2.0]\n"), None);
    }

    #[test]
    fn published_crates_without_a_repository_are_named() {
        let package = |name: &str, repository: Option<&str>, publish: Option<&[&str]>| json!({ "name": name, "repository": repository, "publish": publish });
        let of = |packages: Vec<Value>| {
            with_repositories(&json!({ "packages": packages })).map_err(|error| error.to_string())
        };
        let set = package("a", Some("https://example.com/a"), None);
        let unset = package("b", None, None);
        let private = package("c", None, Some(&[]));
        assert_eq!(of(vec![set.clone(), private.clone()]), Ok(()));
        assert!(of(vec![set, unset, private]).is_err_and(|said| said.contains("unset for b\n")));
    }

    #[test]
    fn a_section_is_found_by_its_whole_version() {
        let changelog = "# Changelog\n\n## [Unreleased]\n\n## [0.1.10] - 2026-01-01\n";
        assert!(has_section(changelog, &Version::new(0, 1, 10)));
        assert!(!has_section(changelog, &Version::new(0, 1, 1)));
    }

    #[test]
    fn all_crates_have_one_version_and_ask_for_it() {
        let package = |version: &str, requirement: &str| json!({ "name": "a", "version": version, "dependencies": [{ "name": "b", "path": "/b", "req": requirement }] });
        let of =
            |packages: Vec<Value>| one_version(&json!({ "packages": packages })).map_err(|error| error.to_string());
        assert_eq!(of(vec![package("0.2.0", "^0.2.0"), package("0.2.0", "*")]), Ok(Version::new(0, 2, 0)));
        assert!(of(vec![package("0.2.0", "^0.1.0")]).is_err_and(|said| said.contains("a asks for b ^0.1.0")));
        assert!(of(vec![package("0.2.0", "*"), package("0.1.0", "*")]).is_err_and(|said| said.contains("one version")));
    }
}
