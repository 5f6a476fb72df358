//! Findings, as a compiler shows them: rule, position, message, help.

use std::fmt;
use std::sync::Arc;

use miette::{GraphicalReportHandler, GraphicalTheme, LabeledSpan, NamedSource, SourceSpan};

use crate::escaped::{Escaped, in_place};
use crate::source::{Source, Span};

/// Findings in longer lines, in bytes, are reported without the line: those of a JSON document without line feeds, for
/// instance.
const LONGEST_SHOWN_LINE: usize = 1000;

/// Findings after so many are reported without their lines: each reads the contract from its start, so that thousands would take
/// minutes.
const MAX_SHOWN_WITH_LINES: usize = 100;

/// How much a finding weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Nothing is generated from a contract that has one.
    Error,
    /// Worth knowing; nothing breaks.
    Warning,
}

impl fmt::Display for Severity {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Error => "error",
            Self::Warning => "warning",
        })
    }
}

/// One finding.
#[derive(Clone, Debug, PartialEq)]
pub struct Diagnostic {
    /// The rule's name; its page is `docs/rules/<name>.md`.
    pub rule: &'static str,
    /// How much it weighs.
    pub severity: Severity,
    /// The file, as the user named it.
    pub file: Arc<str>,
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// The position, with its extent in bytes.
    pub span: Span,
    /// JSON pointer of the position; empty where there is no tree.
    pub pointer: String,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
    /// Other positions that belong to the finding, each with a short note.
    pub related: Vec<(Span, String)>,
}

impl Diagnostic {
    /// An error at a position.
    pub fn error(rule: &'static str, source: &Source, span: Span, message: impl Into<String>) -> Self {
        Self {
            rule,
            severity: Severity::Error,
            file: Arc::clone(source.name()),
            line: span.line,
            column: span.column,
            span,
            pointer: String::new(),
            message: message.into(),
            help: None,
            related: Vec::new(),
        }
    }

    /// The same finding as a warning.
    #[must_use]
    pub fn as_warning(mut self) -> Self {
        self.severity = Severity::Warning;
        self
    }

    /// The finding with a remedy.
    #[must_use]
    pub fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Whether all lines that would be shown, one before and one after each position included, can be read by a person. (The
    /// library that draws them panics beyond 65,535 columns.)
    fn has_short_lines(&self, text: &str) -> bool {
        let here = [self.span];
        here.iter().chain(self.related.iter().map(|(span, _)| span)).all(|span| {
            let before = text.get(..span.offset).unwrap_or_default();
            let start = before.rmatch_indices('\n').nth(1).map_or(0, |(at, _)| at);
            let behind = span.offset.saturating_add(span.length).min(text.len());
            let after = text.get(behind..).unwrap_or_default();
            let end = behind + after.match_indices('\n').nth(1).map_or(after.len(), |(at, _)| at);
            text.get(start..end).unwrap_or_default().lines().all(|line| line.len() <= LONGEST_SHOWN_LINE)
        })
    }

    /// The finding with a second position.
    #[must_use]
    pub fn with_related(mut self, span: Span, label: impl Into<String>) -> Self {
        self.related.push((span, label.into()));
        self
    }
}

impl fmt::Display for Diagnostic {
    /// `file:line:column: error[rule]: message`, and the help on a line of its own. Text of the contract is escaped.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, line, column, severity, rule, message, .. } = self;
        let (file, message) = (Escaped(file), Escaped(message));
        write!(formatter, "{file}:{line}:{column}: {severity}[{rule}]: {message}")?;
        if let Some(help) = &self.help {
            write!(formatter, "\n  help: {}", Escaped(help))?;
        }
        Ok(())
    }
}

/// All findings of one run, ordered by position.
#[derive(Clone, Debug)]
pub struct Report {
    source: Source,
    findings: Vec<Diagnostic>,
}

impl Report {
    /// Sorts the findings of one file; those with the same text at the same position (an alias repeats a value) become one.
    pub fn new(source: Source, mut findings: Vec<Diagnostic>) -> Self {
        findings.sort_by(|left, right| {
            (left.span, left.rule, &left.message).cmp(&(right.span, right.rule, &right.message))
        });
        findings.dedup_by(|left, right| {
            left.span == right.span && left.rule == right.rule && left.message == right.message
        });
        Self { source, findings }
    }

    /// The findings, by position.
    pub fn iter(&self) -> std::slice::Iter<'_, Diagnostic> {
        self.findings.iter()
    }

    /// Whether nothing was found.
    pub fn is_empty(&self) -> bool {
        self.findings.is_empty()
    }

    /// How many findings there are.
    pub fn len(&self) -> usize {
        self.findings.len()
    }

    /// Whether one of the findings is an error.
    pub fn has_errors(&self) -> bool {
        self.findings.iter().any(|finding| finding.severity == Severity::Error)
    }

    /// How many errors and warnings there are, in words.
    pub fn summary(&self) -> String {
        let errors = self.findings.iter().filter(|finding| finding.severity == Severity::Error).count();
        let count = |number: usize, noun: &str| match number {
            1 => format!("1 {noun}"),
            _ => format!("{number} {noun}s"),
        };
        match (errors, self.findings.len() - errors) {
            (0, 0) => "nothing found".to_owned(),
            (errors, 0) => count(errors, "error"),
            (0, warnings) => count(warnings, "warning"),
            (errors, warnings) => format!("{}, {}", count(errors, "error"), count(warnings, "warning")),
        }
    }

    /// The findings with their source lines and carets, as for a person at a terminal.
    pub fn render(&self, colour: bool) -> String {
        let theme = if colour { GraphicalTheme::unicode() } else { GraphicalTheme::unicode_nocolor() };
        let handler = GraphicalReportHandler::new_themed(theme).with_links(false).with_width(120);
        let name = Escaped(self.source.name()).to_string();
        let source = NamedSource::new(name, in_place(self.source.text()).into_owned());
        let mut text = String::new();
        for (index, finding) in self.findings.iter().enumerate() {
            let shown = Shown { finding, source: &source };
            if index >= MAX_SHOWN_WITH_LINES
                || !finding.has_short_lines(self.source.text())
                || handler.render_report(&mut text, &shown).is_err()
            {
                // The short form needs no source text.
                text.push_str(&finding.to_string());
            }
            text.push('\n');
        }
        text
    }
}

impl<'a> IntoIterator for &'a Report {
    type Item = &'a Diagnostic;
    type IntoIter = std::slice::Iter<'a, Diagnostic>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl fmt::Display for Report {
    /// One finding per line, with its help below it.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, finding) in self.findings.iter().enumerate() {
            if position > 0 {
                formatter.write_str("\n")?;
            }
            finding.fmt(formatter)?;
        }
        Ok(())
    }
}

impl std::error::Error for Report {}

/// A finding in the form that miette draws.
#[derive(Debug)]
struct Shown<'a> {
    finding: &'a Diagnostic,
    source: &'a NamedSource<String>,
}

impl fmt::Display for Shown<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", Escaped(&self.finding.message))
    }
}

impl std::error::Error for Shown<'_> {}

impl miette::Diagnostic for Shown<'_> {
    fn code<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        Some(Box::new(self.finding.rule))
    }

    fn severity(&self) -> Option<miette::Severity> {
        Some(match self.finding.severity {
            Severity::Error => miette::Severity::Error,
            Severity::Warning => miette::Severity::Warning,
        })
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        let page = format!("docs/rules/{}.md", self.finding.rule);
        Some(match &self.finding.help {
            Some(help) => Box::new(format!("{}\nmore in {page}", Escaped(help))),
            None => Box::new(format!("more in {page}")),
        })
    }

    fn source_code(&self) -> Option<&dyn miette::SourceCode> {
        Some(self.source)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let text = self.source.inner();
        let here = LabeledSpan::new_primary_with_span(Some("here".to_owned()), to_miette(self.finding.span, text));
        let related =
            self.finding.related.iter().map(|(span, label)| {
                LabeledSpan::new_with_span(Some(Escaped(label).to_string()), to_miette(*span, text))
            });
        Some(Box::new([here].into_iter().chain(related)))
    }
}

/// The end of a text has no character to point at: it is shown at the last one that can be seen.
fn to_miette(span: Span, text: &str) -> SourceSpan {
    let seen = text.trim_end();
    match seen.char_indices().next_back() {
        Some((last, _)) if span.offset >= seen.len() => (last, seen.len() - last).into(),
        _ => (span.offset, span.length).into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report() -> Report {
        let source = Source::new("contract.yaml", "openapi: 3.0.3\ninfo: {}\n");
        let late = Diagnostic::error("missing-key", &source, source.span(15, 4), "`info` lacks `title`")
            .with_help("give the contract a title");
        let early = Diagnostic::error("openapi-version", &source, source.span(9, 5), "too old").as_warning();
        Report::new(source, vec![late.clone(), early, late])
    }

    #[test]
    fn findings_come_in_the_order_of_their_places_and_once() {
        assert_eq!(report().iter().map(|finding| finding.line).collect::<Vec<_>>(), [1, 2]);
    }

    #[test]
    fn the_short_form_names_position_rule_and_help() {
        assert_eq!(
            report().to_string(),
            "contract.yaml:1:10: warning[openapi-version]: too old\n\
             contract.yaml:2:1: error[missing-key]: `info` lacks `title`\n  help: give the contract a title"
        );
    }

    #[test]
    fn the_long_form_shows_the_line_and_the_page() {
        let text = report().render(false);
        for part in ["missing-key", "info: {}", "contract.yaml:2:1", "docs/rules/missing-key.md", "give the contract"] {
            assert!(text.contains(part), "{part} is missing in:\n{text}");
        }
        assert!(!text.contains('\u{1b}'), "colours where none were asked for");
    }

    #[test]
    fn the_end_of_the_text_is_pointed_at() {
        for text in ["a: [1", "a: [1\n\n"] {
            let source = Source::new("contract.yaml", text);
            let end = Diagnostic::error("yaml-syntax", &source, source.span(text.len(), 0), "it ends in a list");
            let shown = Report::new(source, vec![end]).render(false);
            assert!(shown.contains("╰── here"), "{shown}");
        }
    }

    #[test]
    fn a_line_too_long_to_read_is_not_shown() {
        for (length, is_shown) in [(1000, true), (1001, false), (70_000, false)] {
            for text in [format!("a\nb\n{}", "x".repeat(length)), format!("{}\nb\nc", "x".repeat(length))] {
                let source = Source::new("contract.yaml", &text);
                let (b, last) = (text.find('b').unwrap(), text.len() - 1);
                for at in [b, last] {
                    let is_near = at == b || text.starts_with('a');
                    let finding = Diagnostic::error("missing-key", &source, source.span(at, 1), "it lacks `title`");
                    let shown = Report::new(source.clone(), vec![finding]).render(false);
                    assert_eq!(shown.contains("╰── here"), is_shown || !is_near, "{length} {at}: {shown}");
                    assert!(shown.contains("missing-key"), "{shown}");
                }
            }
        }
    }

    #[test]
    fn findings_after_the_first_hundred_are_shown_without_their_lines() {
        let text = "openapi: 3.0.3\n".repeat(150);
        let source = Source::new("contract.yaml", &text);
        let finding = |line: usize| Diagnostic::error("duplicate-key", &source, source.span(line * 15, 7), "twice");
        let shown = Report::new(source.clone(), (0..150).map(finding).collect()).render(false);

        assert_eq!(shown.matches("╰── here").count(), 100);
        assert_eq!(shown.matches("duplicate-key").count(), 250, "the first hundred name their page, too");
    }

    #[test]
    fn nothing_from_a_contract_or_its_name_can_command_a_terminal() {
        const HOSTILE: &str = "a\u{1b}[2J\u{9b}31m\u{202e}b";
        let text = format!("openapi: 3.0.3\n{HOSTILE}: {HOSTILE}\n");
        let source = Source::new(HOSTILE, &text);
        let position = source.span(15, HOSTILE.len());
        let finding = Diagnostic::error("missing-key", &source, position, format!("`{HOSTILE}` is unknown"))
            .with_help(format!("leave `{HOSTILE}` out"))
            .with_related(source.span(17 + HOSTILE.len(), HOSTILE.len()), HOSTILE);
        let report = Report::new(source, vec![finding]);
        for shown in [report.to_string(), report.render(false)] {
            let obeyed = shown.chars().find(|letter| *letter != '\n' && crate::escaped::is_control(*letter));
            assert_eq!(obeyed, None, "{shown:?}");
            assert!(shown.contains("a\\u{1b}[2J\\u{9b}31m\\u{202e}b"), "{shown}");
        }
        // In the excerpt, positions don't move.
        assert!(report.render(false).contains("a?[2J¿31m\u{fffd}b: a?[2J¿31m\u{fffd}b"), "{}", report.render(false));
    }

    #[test]
    fn the_summary_counts() {
        assert_eq!(report().summary(), "1 error, 1 warning");
    }
}
