//! The documents: relative links have a target, the index is complete, and statements about the code match it.

#![allow(clippy::unwrap_used, reason = "a test may fail")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

fn workspace() -> PathBuf {
    fs::canonicalize(Path::new(env!("CARGO_MANIFEST_DIR")).join("..")).unwrap()
}

fn text(path: &str) -> String {
    let path = workspace().join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// All Markdown files of the project, except built and installed ones.
fn documents(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy();
        if path.is_dir() {
            if !name.starts_with('.') && !name.starts_with("target") && name != "node_modules" {
                documents(&path, found);
            }
        } else if path.extension().is_some_and(|extension| extension == "md") {
            found.push(path);
        }
    }
}

/// The lines of a document that aren't code, with code spans blanked out.
fn prose(text: &str) -> Vec<String> {
    let mut fenced = false;
    let mut lines = Vec::new();
    for line in text.lines() {
        let is_fence = line.trim_start().starts_with("```");
        fenced ^= is_fence;
        lines.push(if fenced || is_fence { String::new() } else { line.to_owned() });
    }
    lines
}

/// The text without code spans, whose brackets aren't links.
fn without_code(text: &str) -> String {
    text.split('`').enumerate().map(|(index, part)| if index % 2 == 0 { part } else { "code" }).collect()
}

/// The anchors that GitHub makes of headings.
fn anchors(text: &str) -> BTreeSet<String> {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let headings = prose(text).into_iter().filter_map(|line| {
        let heading = line.trim_start_matches('#');
        (heading.len() < line.len() && heading.starts_with(' ')).then(|| heading.trim().to_lowercase())
    });
    headings
        .map(|heading| {
            let kept = heading.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
            let slug: String = kept.map(|c| if c == ' ' { '-' } else { c }).collect();
            let count = seen.entry(slug.clone()).or_default();
            *count += 1;
            if *count == 1 { slug } else { format!("{slug}-{}", *count - 1) }
        })
        .collect()
}

/// The targets of a document's inline links and definitions. A link may be broken over two lines.
fn targets(text: &str) -> Vec<String> {
    let paragraphs = prose(text).join("\n");
    let joined: Vec<String> = paragraphs.split("\n\n").map(without_code).collect();
    let inline = joined.iter().flat_map(|paragraph| {
        paragraph.split("](").skip(1).filter_map(|rest| rest.split_once(')')).map(|(target, _)| target)
    });
    let defined = paragraphs.lines().filter_map(|line| Some(line.strip_prefix('[')?.split_once("]: ")?.1));
    inline.chain(defined).map(|target| target.split_whitespace().next().unwrap_or_default().to_owned()).collect()
}

/// Whether it names an item of Rust, as documents do that are part of a crate's documentation. rustdoc checks those.
fn is_rust_path(target: &str) -> bool {
    let is_name = |part: &str| !part.is_empty() && part.chars().all(|c| c.is_alphanumeric() || c == '_');
    target.split("::").all(is_name)
}

fn problem(document: &Path, target: &str) -> Option<String> {
    if target.contains("://") || target.starts_with("mailto:") {
        return None;
    }
    if document.starts_with(workspace().join("crates")) && is_rust_path(target) {
        return None;
    }
    let (path, anchor) = target.split_once('#').map_or((target, None), |(path, anchor)| (path, Some(anchor)));
    let file = if path.is_empty() { document.to_owned() } else { document.parent()?.join(path) };
    if !file.exists() {
        return Some("leads nowhere".to_owned());
    }
    let anchor = anchor?;
    let is_there = fs::read_to_string(&file).is_ok_and(|text| anchors(&text).contains(anchor));
    (!is_there).then(|| format!("{} has no heading for it", file.display()))
}

#[test]
fn every_relative_link_has_a_target() {
    let mut all = Vec::new();
    documents(&workspace(), &mut all);
    assert!(all.len() > 20, "too few documents: is the folder right?");
    let mut problems = Vec::new();
    for document in &all {
        for target in targets(&fs::read_to_string(document).unwrap()) {
            let found = problem(document, &target);
            problems.extend(found.map(|problem| format!("{}: `{target}` {problem}", document.display())));
        }
    }
    assert!(problems.is_empty(), "\n{}", problems.join("\n"));
}

#[test]
fn links_and_anchors_are_read_as_github_reads_them() {
    let page = "# Two words, `code`\n\n```sh\n# no heading\n[no](link.md)\n```\n\nA [link\nover two lines](a.md#b) and `[no](c.md)`.\n\n## Again\n## Again\n";
    assert_eq!(targets(page), ["a.md#b"]);
    let expected = ["again", "again-1", "two-words-code"].map(str::to_owned);
    assert_eq!(anchors(page), BTreeSet::from(expected));
}

#[test]
fn a_link_that_leads_nowhere_is_found() {
    let page = workspace().join("docs/troubleshooting.md");
    let readme = workspace().join("crates/partner-center-orders/README.md");
    for target in ["README.md", "#connect", "emulator.md#faults", "../Cargo.toml", "https://example.com/#x", "rules"] {
        assert_eq!(problem(&page, target), None, "{target}");
    }
    for target in ["nowhere.md", "#nowhere", "emulator.md#nowhere", "../../Cargo.toml", "Error::kind"] {
        assert!(problem(&page, target).is_some(), "{target}");
    }
    assert_eq!(problem(&readme, "Error::kind"), None, "rustdoc checks it");
    assert!(problem(&readme, "../nowhere").is_some());
}

/// The names that occur on one side only, one line each.
fn difference(left: &str, lefts: &BTreeSet<String>, right: &str, rights: &BTreeSet<String>) -> Vec<String> {
    let only_left = lefts.difference(rights).map(|name| format!("{name}: in {left}, not in {right}"));
    let only_right = rights.difference(lefts).map(|name| format!("{name}: in {right}, not in {left}"));
    only_left.chain(only_right).collect()
}

fn headings(text: &str, level: &str) -> BTreeSet<String> {
    prose(text).iter().filter_map(|line| line.strip_prefix(level)).map(|name| name.trim().to_owned()).collect()
}

/// The variants of an enum, read from its source: the type is open, and can't be listed at run time.
fn variants(path: &str, name: &str) -> BTreeSet<String> {
    let source = text(path);
    let body = source.split(&format!("pub enum {name} {{\n")).nth(1).unwrap().split("\n}\n").next().unwrap();
    let lines = body.lines().filter_map(|line| line.strip_prefix("    "));
    let names = lines.filter(|line| line.starts_with(char::is_uppercase));
    names.map(|line| line.chars().take_while(|c| c.is_alphanumeric()).collect()).collect()
}

#[test]
fn every_kind_of_error_has_a_section_of_the_troubleshooting_page() {
    let kinds = variants("crates/partner-center-orders/src/error/kind.rs", "ErrorKind");
    let sections = headings(&text("docs/troubleshooting.md"), "### ");
    assert!(kinds.len() > 10, "too few variants: is the path right?");

    let differing = difference("ErrorKind", &kinds, "docs/troubleshooting.md", &sections);

    assert!(differing.is_empty(), "\n{}", differing.join("\n"));
}

#[test]
fn every_kind_of_credential_error_is_on_the_troubleshooting_page() {
    let kinds = variants("crates/partner-center-orders/src/identity/error.rs", "CredentialErrorKind");
    let page = text("docs/troubleshooting.md");
    let rows = page.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next());
    let rows: BTreeSet<String> = rows.filter(|name| is_rust_path(name)).map(str::to_owned).collect();

    let differing = difference("CredentialErrorKind", &kinds, "docs/troubleshooting.md", &rows);

    assert!(differing.is_empty(), "\n{}", differing.join("\n"));
}

#[test]
fn the_index_of_documents_is_complete() {
    let listed: BTreeSet<String> = targets(&text("docs/README.md")).into_iter().collect();
    let files = fs::read_dir(workspace().join("docs")).unwrap().map(|entry| entry.unwrap());
    for entry in files.filter(|entry| entry.file_name() != "README.md") {
        let name = entry.file_name().into_string().unwrap();
        let target = if entry.path().is_dir() { format!("{name}/README.md") } else { name };
        assert!(listed.contains(&target), "docs/README.md doesn't list {target}");
    }
}

#[test]
fn the_readme_has_every_variable_that_a_client_is_built_from() {
    let source = text("crates/partner-center-orders/src/environment.rs");
    let readme = text("README.md");
    let named: BTreeSet<&str> = source.split('"').filter(|part| part.starts_with("PARTNER_CENTER_")).collect();
    assert!(named.len() > 5, "too few variables: is the path right?");
    for name in named {
        assert!(readme.contains(&format!("| `{name}` |")), "README.md doesn't have {name}");
    }
}

#[test]
fn the_version_of_httpmock_is_the_one_that_pages_name() {
    let manifest = text("Cargo.toml");
    let line = manifest.lines().find(|line| line.starts_with("httpmock = ")).unwrap();
    let version = line.split('"').nth(1).unwrap();
    for page in ["README.md", "crates/partner-center-orders-httpmock/README.md"] {
        assert!(text(page).contains(&format!("`httpmock` {version}")), "{page} names no `httpmock` {version}");
    }
}
