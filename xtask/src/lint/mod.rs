//! Judging a contract before anything is made from it.
//!
//! progenitor answers a construct that it doesn't know with a panic, an error without a place, code that doesn't compile,
//! or code that loses data in silence. Each such construct that no lowering or polish pass takes away is a rule here,
//! and so are the conventions of this project's own contract. Every rule has a page in `docs/rules/`.

mod catalogue;
mod context;
mod grammar;
pub(crate) mod names;

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

pub use catalogue::RULES;
pub use context::Context;

use crate::diagnostic::{Diagnostic, Report, Severity};
use crate::load::{Document, Span};

/// A rule of the catalogue.
pub struct Rule {
    /// Its name, in messages and in `docs/rules/`.
    pub name: &'static str,
    /// What it asks for, in one line.
    pub summary: &'static str,
    /// What happens otherwise.
    pub why: &'static str,
    /// What to do about a finding.
    pub remedy: &'static str,
    /// How much a finding weighs.
    pub severity: Severity,
    /// Whether it is a convention of this project's contract, rather than a trap for every contract.
    pub convention: bool,
    /// Finds what is against it.
    pub check: fn(&Context<'_>, &mut Findings<'_>),
}

/// Takes what one rule finds.
pub struct Findings<'a> {
    document: &'a Document,
    rule: &'static Rule,
    /// What the rules before this one found.
    earlier: &'a [Diagnostic],
    found: Vec<Diagnostic>,
}

impl Findings<'_> {
    /// Whether an earlier rule found an error in this place, or in an element of the list that stands there.
    pub fn is_told(&self, place: Span) -> bool {
        let pointer = self.document.pointer_at(place);
        let is_element = |told: &str| {
            told.rsplit_once('/').is_some_and(|(list, index)| list == pointer && index.parse::<usize>().is_ok())
        };
        let errors = self.earlier.iter().filter(|finding| finding.severity == Severity::Error);
        errors.map(|finding| self.document.pointer_at(finding.span)).any(|told| told == pointer || is_element(&told))
    }

    /// A finding with the rule's own remedy.
    pub fn add(&mut self, place: Span, message: impl Into<String>) {
        self.add_with(place, message, self.rule.remedy);
    }

    /// A finding with a remedy for this very place.
    pub fn add_with(&mut self, place: Span, message: impl Into<String>, help: impl Into<String>) {
        let mut finding = Diagnostic::error(self.rule.name, self.document.source(), place, message).with_help(help);
        finding.severity = self.rule.severity;
        self.found.push(finding);
    }

    /// A finding that involves a second place.
    pub fn add_pair(&mut self, place: Span, message: impl Into<String>, first: Span) {
        self.add(place, message);
        if let Some(finding) = self.found.last_mut() {
            finding.related.push((first, "first here".to_owned()));
        }
    }
}

/// Which rules to judge by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// What holds for every contract that code is generated from.
    Generation,
    /// That, and the conventions of this project's own contract.
    Project,
}

/// Judges a contract by all rules of a scope.
pub fn lint(document: &Document, scope: Scope) -> Report {
    let mut found = findings(document, |rule| scope == Scope::Project || !rule.convention);
    if !found.iter().any(|finding| finding.severity == Severity::Error)
        && let Err(report) = document.to_openapi()
    {
        found.extend(report.iter().cloned());
    }
    report(document, found)
}

/// Judges a contract by some rules only.
pub fn lint_by(document: &Document, wanted: impl Fn(&Rule) -> bool) -> Report {
    report(document, findings(document, wanted))
}

fn findings(document: &Document, wanted: impl Fn(&Rule) -> bool) -> Vec<Diagnostic> {
    let context = Context::new(document);
    let mut found = document.findings().to_vec();
    for rule in RULES.iter().filter(|rule| wanted(rule)) {
        let mut findings = Findings { document, rule, earlier: &found, found: Vec::new() };
        (rule.check)(&context, &mut findings);
        let Findings { found: more, .. } = findings;
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

/// The finding for a document that the model of OpenAPI can't hold although no rule says why.
pub(crate) use document::model_finding;
