//! Checks of a contract before anything is made from it.
//!
//! progenitor responds to a construct that it doesn't know with a panic, an error without a position, code that doesn't compile,
//! or code that silently loses data. Each such construct that no lowering or polish pass takes away is a rule here,
//! and so are the conventions of this project's own contract. Every rule has a page in `docs/rules/`: see [`pages`].

mod catalogue;
mod context;
mod grammar;
mod model;
mod nearest;
pub mod pages;
mod rule;

mod bodies;
mod conventions;
mod document;
mod enums;
mod forms;
mod members;
mod naming;
mod operations;
mod parameters;
mod references;
mod responses;
mod schemas;
mod unions;
mod validator;

pub use catalogue::rules;
pub use context::Context;
pub use model::to_openapi;
pub use rule::{Findings, Rule, Section};

use contract::diagnostic::{Diagnostic, Report, Severity};
use contract::load::Document;

/// Which rules to check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// What holds for every contract that code is generated from.
    Generation,
    /// That, and the conventions of this project's own contract.
    Project,
}

/// Checks a contract by all rules of a scope.
pub fn lint(document: &Document, scope: Scope) -> Report {
    let mut found = findings(document, |rule| scope == Scope::Project || !rule.convention);
    if !found.iter().any(|finding| finding.severity == Severity::Error)
        && let Err(report) = to_openapi(document)
    {
        found.extend(report.iter().cloned());
    }
    report(document, found)
}

/// Checks a contract by some rules only.
pub fn lint_by(document: &Document, wanted: impl Fn(&Rule) -> bool) -> Report {
    report(document, findings(document, wanted))
}

/// Rules without which a contract has no meaning to compare.
const COMPARABLE: [&str; 8] = [
    "duplicate-key",
    "openapi-version",
    "missing-key",
    "wrong-kind",
    "unknown-word",
    "dangling-reference",
    "external-reference",
    "reference-cycle",
];

/// Checks whether a contract has a meaning to compare: whether it is OpenAPI 3.0, with references that lead somewhere.
pub fn comparable(document: &Document) -> Report {
    lint_by(document, |rule| COMPARABLE.contains(&rule.name))
}

fn findings(document: &Document, wanted: impl Fn(&Rule) -> bool) -> Vec<Diagnostic> {
    let context = Context::new(document);
    let mut found = document.findings().to_vec();
    for rule in rules().filter(|rule| wanted(rule)) {
        let more = Findings::of(rule, &context, &found);
        found.extend(more);
    }
    found
}

fn report(document: &Document, mut found: Vec<Diagnostic>) -> Report {
    for finding in &mut found {
        finding.pointer = document.pointer_at(finding.span);
    }
    Report::new(document.source().clone(), found)
}
