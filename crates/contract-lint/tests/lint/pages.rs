//! Every rule has a page in `docs/rules/`, and the examples on it are judged as the page says.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use contract_lint::{RULES, Rule, Scope};

use crate::support::{Expected, expectations, found, judged};

fn pages() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/rules")
}

fn page(rule: &Rule) -> String {
    let path = pages().join(format!("{}.md", rule.name));
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The YAML blocks of a page.
fn examples(page: &str) -> Vec<&str> {
    page.split("```yaml\n").skip(1).map(|rest| rest.split("```").next().unwrap_or_default()).collect()
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
        let other_convention = RULES.iter().any(|other| other.convention && other.name == expected.rule);
        expected.rule == rule.name || !other_convention
    })
}

#[test]
fn every_rule_has_a_page_with_its_own_words() {
    for rule in RULES {
        let page = page(rule);
        assert!(page.starts_with(&format!("# {}\n", rule.name)), "{}: the page's heading", rule.name);
        for words in [rule.summary, rule.why, rule.remedy] {
            assert!(page.contains(words), "the page of {} lacks: {words}", rule.name);
        }
    }
}

#[test]
fn every_page_belongs_to_a_rule_and_stands_in_the_list() {
    let rules: BTreeSet<String> = RULES.iter().map(|rule| format!("{}.md", rule.name)).collect();
    let files: BTreeSet<String> = std::fs::read_dir(pages())
        .expect("the pages are there")
        .map(|entry| entry.expect("a page").file_name().to_string_lossy().into_owned())
        .filter(|name| name != "README.md")
        .collect();
    assert_eq!(files, rules);
    let list = std::fs::read_to_string(pages().join("README.md")).expect("the list of pages is there");
    for rule in RULES {
        let line = format!("- [{0}]({0}.md): {1}", rule.name, rule.summary);
        assert!(list.contains(&line), "docs/rules/README.md lacks the line: {line}");
    }
}

#[test]
fn the_wrong_examples_are_found_where_their_carets_point() {
    for rule in RULES {
        let page = page(rule);
        let text = whole(examples(&page).first().unwrap_or_else(|| panic!("{}: no example", rule.name)));
        let expected = expectations(&text);
        assert!(expected.iter().any(|expected| expected.rule == rule.name), "{}: no caret", rule.name);
        let found = found(&judged(rule.name, &text, scope(rule)));
        assert_eq!(about(rule, &found).cloned().collect::<Vec<_>>(), expected, "the page of {}", rule.name);
    }
}

#[test]
fn the_right_examples_are_right() {
    for rule in RULES {
        let page = page(rule);
        let text = whole(examples(&page).get(1).unwrap_or_else(|| panic!("{}: no second example", rule.name)));
        let found = found(&judged(rule.name, &text, scope(rule)));
        assert_eq!(found, [], "the page of {}", rule.name);
    }
}
