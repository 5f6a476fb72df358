//! What a rule is, and what takes its findings.

use contract::diagnostic::{Diagnostic, Severity};
use contract::load::Document;
use contract::source::Span;

use super::context::Context;

/// A rule of the catalogue.
#[derive(Clone, Copy)]
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

/// The rules on one subject.
pub struct Section {
    /// The heading in the list of rules.
    pub title: &'static str,
    /// In the order in which they are checked.
    pub rules: &'static [Rule],
}

/// A rule that holds for every contract.
pub(super) const fn rule(
    name: &'static str,
    check: fn(&Context<'_>, &mut Findings<'_>),
    summary: &'static str,
    why: &'static str,
    remedy: &'static str,
) -> Rule {
    Rule { name, summary, why, remedy, severity: Severity::Error, convention: false, check }
}

impl Rule {
    /// The same rule, whose findings don't stop the generator.
    pub(super) const fn warning(self) -> Self {
        Self { severity: Severity::Warning, ..self }
    }

    /// The same rule, for this project's own contract only.
    pub(super) const fn convention(self) -> Self {
        Self { convention: true, ..self }
    }
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
    /// What a rule finds, after what the rules before it found.
    pub(super) fn of(rule: &'static Rule, context: &Context<'_>, earlier: &[Diagnostic]) -> Vec<Diagnostic> {
        let mut findings = Findings { document: context.document, rule, earlier, found: Vec::new() };
        (rule.check)(context, &mut findings);
        findings.found
    }

    /// Whether an earlier rule found an error at this position, or in an element of the list that is there.
    pub fn is_reported(&self, position: Span) -> bool {
        let pointer = self.document.pointer_at(position);
        let is_element = |reported: &str| {
            reported.rsplit_once('/').is_some_and(|(list, index)| list == pointer && index.parse::<usize>().is_ok())
        };
        let errors = self.earlier.iter().filter(|finding| finding.severity == Severity::Error);
        errors
            .map(|finding| self.document.pointer_at(finding.span))
            .any(|reported| reported == pointer || is_element(&reported))
    }

    /// A finding with the rule's own remedy.
    pub fn add(&mut self, position: Span, message: impl Into<String>) {
        self.add_with(position, message, self.rule.remedy);
    }

    /// A finding with a remedy for this very position.
    pub fn add_with(&mut self, position: Span, message: impl Into<String>, help: impl Into<String>) {
        let mut finding = Diagnostic::error(self.rule.name, self.document.source(), position, message).with_help(help);
        finding.severity = self.rule.severity;
        self.found.push(finding);
    }

    /// A finding that involves a second position.
    pub fn add_pair(&mut self, position: Span, message: impl Into<String>, first: Span) {
        self.add_pair_with(position, message, self.rule.remedy, first);
    }

    /// A finding that involves a second position, with a remedy for this very pair.
    pub fn add_pair_with(&mut self, position: Span, message: impl Into<String>, help: impl Into<String>, first: Span) {
        self.add_with(position, message, help);
        if let Some(finding) = self.found.last_mut() {
            finding.related.push((first, "first here".to_owned()));
        }
    }
}
