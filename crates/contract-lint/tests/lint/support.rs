//! What the tests of lint share: contracts whose comments name what is wrong with the line above them.
//!
//! A line `# ^ rule` means that this rule finds something at the caret's column of the last line that is no such
//! comment; `#< rule` means the first column.

use contract::diagnostic::Report;
use contract::load;
use contract_lint::{Scope, lint};

/// A finding as a comment foretells it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Expected {
    /// The line.
    pub(crate) line: usize,
    /// The column.
    pub(crate) column: usize,
    /// The rule.
    pub(crate) rule: String,
}

/// The findings that the comments of a contract announce, by position.
pub(crate) fn expectations(text: &str) -> Vec<Expected> {
    let mut expected = Vec::new();
    let mut checked_line = 0;
    for (position, line) in text.lines().enumerate() {
        let comment = line.trim_start();
        let caret = line.find('^').filter(|caret| comment.starts_with('#') && line[..*caret].trim() == "#");
        if let Some(rule) = comment.strip_prefix("#< ") {
            expected.push(Expected { line: checked_line, column: 1, rule: rule.trim().to_owned() });
        } else if let Some(caret) = caret {
            let rule = line[caret + 1..].trim().to_owned();
            expected.push(Expected { line: checked_line, column: caret + 1, rule });
        } else {
            checked_line = position + 1;
        }
    }
    expected.sort();
    expected
}

/// The findings of lint about a contract, whether it can be read or not.
pub(crate) fn report_of(name: &str, text: &str, scope: Scope) -> Report {
    load::parse(name, text).map_or_else(|report| report, |document| lint(&document, scope))
}

/// The findings, in the form in which they are foretold.
pub(crate) fn found(report: &Report) -> Vec<Expected> {
    let mut found: Vec<Expected> = report
        .iter()
        .map(|finding| Expected { line: finding.line, column: finding.column, rule: finding.rule.to_owned() })
        .collect();
    found.sort();
    found
}
