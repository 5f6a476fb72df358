//! The differences for people, for pages, and for programs.

use std::fmt::Write as _;

use contract::escaped::{Escaped, EscapedLines, in_json};

use super::change::{Change, Comparison};
use super::verdict::{Direction, Verdict};

/// How differences are shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// For a terminal.
    #[default]
    Text,
    /// For a program.
    Json,
    /// For a page, such as the description of a change.
    Markdown,
}

/// More operations than this are counted and not named.
const NAMED_OPERATIONS: usize = 3;

const VERDICTS: [Verdict; 3] = [Verdict::Major, Verdict::Minor, Verdict::Patch];

/// Shows a comparison. Text of the contracts is escaped, so that it can't command a terminal.
pub fn render(comparison: &Comparison, format: Format) -> String {
    match format {
        Format::Text => EscapedLines(text(comparison)).to_string(),
        Format::Markdown => EscapedLines(markdown(comparison)).to_string(),
        // The comparison holds text and numbers only, so that it always has a JSON form.
        Format::Json => in_json(&serde_json::to_string_pretty(comparison).unwrap_or_default()) + "\n",
    }
}

/// The verdict and what leads to it, in one line.
pub fn summary(comparison: &Comparison) -> String {
    let Comparison { old, new, verdict, .. } = comparison;
    let (old, new) = (Escaped(old), Escaped(new));
    if *verdict == Verdict::None {
        return format!("from {old} to {new}: none, nothing changed in meaning");
    }
    let counts: Vec<String> = VERDICTS
        .iter()
        .map(|verdict| (comparison.count(*verdict), verdict))
        .filter(|(count, _)| *count > 0)
        .map(|(count, verdict)| format!("{count} {verdict}"))
        .collect();
    format!("from {old} to {new}: {verdict} ({})", counts.join(", "))
}

fn text(comparison: &Comparison) -> String {
    let mut out = summary(comparison);
    out.push('\n');
    for verdict in VERDICTS {
        let changes: Vec<&Change> = comparison.changes.iter().filter(|change| change.verdict == verdict).collect();
        if !changes.is_empty() {
            // Writing to a string can't fail; this holds for all of them below.
            let _ = writeln!(out, "\n{}", verdict.word().to_uppercase());
        }
        for group in grouped(&changes) {
            group_text(&group, &mut out);
        }
    }
    out
}

/// Changes that read as a list: what was added or removed as a whole, other words, and what happens to many alike.
fn grouped<'a>(changes: &[&'a Change]) -> Vec<Vec<&'a Change>> {
    let mut groups: Vec<Vec<&Change>> = Vec::new();
    for change in changes {
        match groups.iter_mut().find(|group| reads_as(group[0], change)) {
            Some(group) => group.push(change),
            None => groups.push(vec![change]),
        }
    }
    groups
}

fn reads_as(first: &Change, other: &Change) -> bool {
    let alike = first.kind == other.kind && first.rust.verdict == other.rust.verdict;
    alike
        && match first.kind {
            "words" => true,
            "schema-added" | "schema-removed" | "operation-added" | "operation-removed" => {
                first.direction == other.direction
            }
            _ => first.summary == other.summary && first.wire == other.wire,
        }
}

fn group_text(group: &[&Change], out: &mut String) {
    let first = group[0];
    let rust = if let [change] = group {
        let _ = writeln!(out, "  {}: {}", change.subject, change.summary);
        let _ = writeln!(out, "      at    {}", locations(change));
        if !change.operations.is_empty() || change.direction != Direction::None {
            let _ = writeln!(out, "      in    {}", reach(change));
        }
        change.rust.effect.clone()
    } else {
        let what = match first.kind {
            "words" => "other words",
            _ => first.summary.as_str(),
        };
        let things = match first.kind {
            "operation-added" | "operation-removed" => "operations",
            "schema-added" | "schema-removed" => "schemas",
            _ => "locations",
        };
        let _ = writeln!(out, "  {} {things}: {what}", group.len());
        for change in group {
            let summary = if first.kind == "words" { format!(": {}", change.summary) } else { String::new() };
            let _ = writeln!(out, "      {}  {}{summary}", line_of(change), change.subject);
        }
        general_rust(group)
    };
    let _ = writeln!(out, "      wire  {}: {}", first.wire.verdict, first.wire.effect);
    let _ = writeln!(out, "      rust  {}: {rust}", first.rust.verdict);
}

/// What all of them do in Rust.
fn general_rust(group: &[&Change]) -> String {
    let first = &group[0].rust;
    match group[0].kind {
        "schema-added" => "new types".to_owned(),
        "schema-removed" => "these types are gone".to_owned(),
        "operation-added" => "new methods, their mocks, and variants of `Operation`".to_owned(),
        "operation-removed" => "these methods are gone".to_owned(),
        _ if group.iter().all(|change| change.rust.effect == first.effect) => first.effect.clone(),
        _ if first.verdict == Verdict::None => "no type of theirs changes".to_owned(),
        _ => format!("for the first of them, and likewise for the others, {}", first.effect),
    }
}

fn line_of(change: &Change) -> String {
    let location = if change.new.present { &change.new } else { &change.old };
    let when = if change.new.present { "" } else { " (old)" };
    format!("{}:{}{when}", location.file, location.line)
}

fn locations(change: &Change) -> String {
    let Change { old, new, pointer, .. } = change;
    let location = match (old.present, new.present) {
        (true, true) => format!("{}:{} (was at {})", new.file, new.line, old.line),
        (false, _) => format!("{}:{}", new.file, new.line),
        (true, false) => format!("{}:{} of the old contract", old.file, old.line),
    };
    format!("{location}  {pointer}")
}

/// What carries the changed part.
fn reach(change: &Change) -> String {
    let messages = match change.direction {
        Direction::None => "no message",
        Direction::Request => "requests",
        Direction::Response => "responses",
        Direction::Both => "requests and responses",
    };
    let operations: Vec<&str> = change.operations.iter().map(String::as_str).collect();
    match operations.len() {
        0 => messages.to_owned(),
        count if count > NAMED_OPERATIONS => {
            format!(
                "{messages} of {} and {} more",
                operations[..NAMED_OPERATIONS - 1].join(", "),
                count - NAMED_OPERATIONS + 1
            )
        }
        _ => format!("{messages} of {}", operations.join(", ")),
    }
}

fn markdown(comparison: &Comparison) -> String {
    let mut out = format!("**{}**\n", summary(comparison));
    for verdict in VERDICTS {
        let changes: Vec<&Change> = comparison.changes.iter().filter(|change| change.verdict == verdict).collect();
        if changes.is_empty() {
            continue;
        }
        let _ =
            write!(out, "\n### {}\n\n| what | where | on the wire | in Rust |\n|---|---|---|---|\n", title(verdict));
        for change in changes {
            let _ = writeln!(
                out,
                "| {}: {} | {}, {} | {}: {} | {}: {} |",
                cell(&change.subject),
                cell(&change.summary),
                cell(&line_of(change)),
                cell(&reach(change)),
                change.wire.verdict,
                cell(&change.wire.effect),
                change.rust.verdict,
                cell(&change.rust.effect),
            );
        }
    }
    out
}

const fn title(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Major => "Major",
        Verdict::Minor => "Minor",
        Verdict::Patch => "Patch",
        Verdict::None => "None",
    }
}

/// Text that can't end a table's cell.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', " ")
}

#[cfg(test)]
mod tests {
    use contract::escaped::is_control;
    use contract::site::Location;

    use super::*;
    use crate::verdict::Effect;

    #[test]
    fn nothing_from_a_contract_or_its_name_can_command_a_terminal() {
        let hostile = || "a\u{1b}[2J\u{9b}31m\u{202e}b".to_owned();
        let location = Location { file: hostile(), pointer: hostile(), line: 1, present: true };
        let change = Change {
            kind: "member-added",
            verdict: Verdict::Minor,
            subject: hostile(),
            summary: hostile(),
            operations: [hostile()].into(),
            direction: Direction::Both,
            pointer: hostile(),
            old: location.clone(),
            new: location,
            wire: Effect::new(Verdict::Minor, hostile()),
            rust: Effect::new(Verdict::Minor, hostile()),
        };
        let changed = Comparison { old: hostile(), new: hostile(), verdict: Verdict::Minor, changes: vec![change] };
        let shown = [Format::Text, Format::Markdown, Format::Json].map(|format| render(&changed, format));
        for shown in shown.into_iter().chain([summary(&changed)]) {
            let obeyed = shown.chars().find(|letter| *letter != '\n' && is_control(*letter));
            assert_eq!(obeyed, None, "{shown:?}");
        }
    }
}
