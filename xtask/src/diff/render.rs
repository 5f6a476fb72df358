//! The differences for people, for pages, and for programs.

use std::fmt::Write as _;

use super::{Change, Comparison, Direction, Verdict};

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

/// Shows a comparison.
pub fn render(comparison: &Comparison, format: Format) -> String {
    match format {
        Format::Text => text(comparison),
        Format::Markdown => markdown(comparison),
        // The comparison holds text and numbers only, so that it always has a JSON form.
        Format::Json => serde_json::to_string_pretty(comparison).unwrap_or_default() + "\n",
    }
}

/// The verdict and what leads to it, in one line.
pub fn summary(comparison: &Comparison) -> String {
    let Comparison { old, new, verdict, .. } = comparison;
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

/// Changes that say the same of several parts, one after the other.
fn grouped<'a>(changes: &[&'a Change]) -> Vec<Vec<&'a Change>> {
    let mut groups: Vec<Vec<&Change>> = Vec::new();
    for change in changes {
        let twin = groups.iter_mut().find(|group| {
            let first = group[0];
            // What was added or removed as a whole reads as a list; anything else wants its own words.
            matches!(change.kind, "schema-added" | "schema-removed" | "operation-added" | "operation-removed" | "words")
                && first.kind == change.kind
                && first.direction == change.direction
                && (change.kind != "words" || first.subject == change.subject)
        });
        match twin {
            Some(group) => group.push(change),
            None => groups.push(vec![change]),
        }
    }
    groups
}

fn group_text(group: &[&Change], out: &mut String) {
    let first = group[0];
    if let [change] = group {
        let _ = writeln!(out, "  {}: {}", change.subject, change.summary);
        let _ = writeln!(out, "      at    {}", places(change));
        if !change.operations.is_empty() || change.direction != Direction::None {
            let _ = writeln!(out, "      in    {}", reach(change));
        }
    } else if first.kind == "words" {
        let _ = writeln!(out, "  {}: other words in {} places", first.subject, group.len());
        for change in group {
            let _ = writeln!(out, "      {}  {}", places(change), change.summary);
        }
        return;
    } else {
        let what = first.kind.replace('-', " ");
        let _ = writeln!(out, "  {} times {what}", group.len());
        for change in group {
            let _ = writeln!(out, "      {}  {}", line_of(change), change.subject);
        }
    }
    let _ = writeln!(out, "      wire  {}: {}", first.wire.verdict, first.wire.effect);
    let effects = if group.len() == 1 { first.rust.effect.clone() } else { general_rust(group) };
    let _ = writeln!(out, "      rust  {}: {effects}", first.rust.verdict);
}

/// What several additions or removals do in Rust.
fn general_rust(group: &[&Change]) -> String {
    match group[0].kind {
        "schema-added" => "new types",
        "schema-removed" => "these types are gone",
        "operation-added" => "new methods, their mocks, and variants of `Operation`",
        _ => "these methods are gone",
    }
    .to_owned()
}

fn line_of(change: &Change) -> String {
    let place = if change.new.present { &change.new } else { &change.old };
    let when = if change.new.present { "" } else { " (old)" };
    format!("{}:{}{when}", place.file, place.line)
}

fn places(change: &Change) -> String {
    let Change { old, new, pointer, .. } = change;
    let place = match (old.present, new.present) {
        (true, true) => format!("{}:{} (was at {})", new.file, new.line, old.line),
        (false, _) => format!("{}:{}", new.file, new.line),
        (true, false) => format!("{}:{} of the old contract", old.file, old.line),
    };
    format!("{place}  {pointer}")
}

/// What carries the changed part.
fn reach(change: &Change) -> String {
    let messages = match change.direction {
        Direction::None => "no message",
        Direction::Request => "requests",
        Direction::Response => "answers",
        Direction::Both => "requests and answers",
    };
    let operations: Vec<&str> = change.operations.iter().map(String::as_str).collect();
    match operations.len() {
        0 => messages.to_owned(),
        count if count > NAMED_OPERATIONS => {
            format!("{messages} of {} and {} more", operations[..NAMED_OPERATIONS - 1].join(", "), count - NAMED_OPERATIONS + 1)
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
        let _ = write!(out, "\n### {}\n\n| what | where | on the wire | in Rust |\n|---|---|---|---|\n", title(verdict));
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
