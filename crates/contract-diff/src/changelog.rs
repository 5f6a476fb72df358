//! The changelog's section on a release.

use std::collections::BTreeSet;

use semver::Version;

use crate::change::{Change, Comparison};
use crate::verdict::Verdict;

/// The changelog, from the root of the workspace.
pub(crate) const CHANGELOG: &str = "CHANGELOG.md";

/// The heading under which changes gather until they are released.
pub(crate) const UNRELEASED: &str = "## [Unreleased]";

/// Whether the changelog has a section for the version.
pub(crate) fn has_section(changelog: &str, version: &Version) -> bool {
    let heading = format!("## [{version}]");
    changelog.lines().any(|line| line.starts_with(&heading))
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
            1 => entries.push("One description of the contract is worded differently.".to_owned()),
            count => entries.push(format!("{count} descriptions of the contract are worded differently.")),
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

/// What the changes mean to users: one entry each, or one for several parts that change alike.
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
pub(crate) fn with_section(changelog: &str, section: &str) -> Option<String> {
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
    use contract::load;

    use super::*;
    use crate::comparable::Contract;
    use crate::compare::compare;

    fn comparison(old: &str, new: &str) -> Comparison {
        let contract = |schemas: &str| {
            let text = format!(
                "openapi: 3.0.3\ninfo: {{title: T, version: '1'}}\npaths: {{}}\ncomponents:\n  schemas: {schemas}\n"
            );
            Contract::new("x", load::parse("x.yaml", &text).unwrap(), None, contract_lint::comparable).unwrap()
        };
        compare(&contract(old), &contract(new))
    }

    #[test]
    fn the_draft_puts_each_change_under_its_heading() {
        let comparison = comparison(
            "{A: {type: object, title: x}, B: {type: string}}",
            "{A: {type: object, title: y}, C: {type: object}}",
        );
        let draft = draft(&comparison, &Version::new(0, 2, 0), Some("2026-01-02"));
        assert!(draft.starts_with("## [0.2.0] - 2026-01-02\n"), "{draft}");
        let position = |text: &str| draft.find(text).unwrap_or_else(|| panic!("{text} is missing in {draft}"));
        assert!(position("### Added") < position("- schema C."), "{draft}");
        assert!(
            position("### Changed") < position("- One description of the contract is worded differently."),
            "{draft}"
        );
        assert!(
            position("### Removed") < position("- **Breaking:** schema B: removed; the type `types::B` is gone."),
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
    fn a_section_is_found_by_its_whole_version() {
        let changelog = "# Changelog\n\n## [Unreleased]\n\n## [0.1.10] - 2026-01-01\n";
        assert!(has_section(changelog, &Version::new(0, 1, 10)));
        assert!(!has_section(changelog, &Version::new(0, 1, 1)));
    }
}
