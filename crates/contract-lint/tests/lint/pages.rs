//! The pages of `docs/rules/` are generated, and their examples are right and wrong as the headings claim.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::support::{Expected, expectations, found, report_of};
use contract_lint::pages::{EXAMPLES, Examples, PAGES, pages};
use contract_lint::{Rule, Scope, rules};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn examples(rule: &Rule) -> Examples {
    Examples::of(rule, &root()).unwrap_or_else(|error| panic!("{error}"))
}

/// The example with what the rule at hand doesn't need to repeat: version, title, paths.
fn whole(example: &str) -> String {
    let has = |key: &str| example.lines().any(|line| line.starts_with(key));
    let mut text = String::new();
    for (key, line) in [
        ("openapi:", "openapi: 3.0.3\n"),
        ("info:", "info: {title: Orders, version: '1'}\n"),
        ("paths:", "paths: {}\n"),
    ] {
        if !has(key) {
            text.push_str(line);
        }
    }
    text.push_str(example);
    text
}

fn scope(rule: &Rule) -> Scope {
    if rule.convention { Scope::Project } else { Scope::Generation }
}

/// Conventions that a page is not about would only blow its examples up.
fn about<'a>(rule: &'a Rule, all: &'a [Expected]) -> impl Iterator<Item = &'a Expected> {
    all.iter().filter(|expected| {
        let other_convention = rules().any(|other| other.convention && other.name == expected.rule);
        expected.rule == rule.name || !other_convention
    })
}

#[test]
fn the_pages_are_as_the_catalogue_and_the_examples_have_them() {
    let pages = pages(&root()).expect("the examples are there");
    for (path, text) in &pages {
        let written = std::fs::read_to_string(root().join(path)).unwrap_or_default();
        assert!(written == *text, "{} is out of date: `cargo xtask rules` writes it", path.display());
    }
    let expected: BTreeSet<PathBuf> = pages.into_iter().map(|(path, _)| path).collect();
    let entries = std::fs::read_dir(root().join(PAGES)).expect("the pages are there");
    let found: BTreeSet<PathBuf> =
        entries.map(|entry| Path::new(PAGES).join(entry.expect("a page").file_name())).collect();
    assert_eq!(found, expected);
}

#[test]
fn every_example_belongs_to_a_rule() {
    let kinds = ["wrong", "right"];
    let expected: BTreeSet<String> =
        rules().flat_map(|rule| kinds.map(|kind| format!("{}.{kind}.yaml", rule.name))).collect();
    let entries = std::fs::read_dir(root().join(EXAMPLES)).expect("the examples are there");
    let found: BTreeSet<String> =
        entries.map(|entry| entry.expect("an example").file_name().to_string_lossy().into_owned()).collect();
    assert_eq!(found, expected);
}

#[test]
fn the_wrong_examples_are_found_where_their_carets_point() {
    for rule in rules() {
        let text = whole(&examples(rule).wrong);
        let expected = expectations(&text);
        assert!(expected.iter().any(|expected| expected.rule == rule.name), "{}: no caret", rule.name);
        let found = found(&report_of(rule.name, &text, scope(rule)));
        assert_eq!(about(rule, &found).cloned().collect::<Vec<_>>(), expected, "the page of {}", rule.name);
    }
}

#[test]
fn the_right_examples_are_right() {
    for rule in rules() {
        let text = whole(&examples(rule).right);
        let found = found(&report_of(rule.name, &text, scope(rule)));
        assert_eq!(found, [], "the page of {}", rule.name);
    }
}
