//! `pcorders conform`: compares captured traffic with the contract.

use std::error::Error;
use std::fmt::Write as _;
use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use partner_center_orders_schema::traffic::{Conformance, Difference, Outcome, read_capture, read_path};
use partner_center_orders_schema::{Escaped, Operation};
use serde::Serialize;

use crate::output;
use crate::validate::Format;

/// The captures to compare.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The output format.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// Folders, NDJSON files, HTTP archives (HAR) or single exchanges; `-` for standard input.
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
}

#[derive(Serialize)]
struct JsonOutput<'a> {
    #[serde(flatten)]
    outcome: &'a Outcome,
    /// The captures that can't be used, with the reason.
    unusable: Vec<String>,
}

pub(crate) fn run(arguments: &Arguments) -> ExitCode {
    let mut conformance = Conformance::default();
    let mut unusable = Vec::new();
    for path in &arguments.paths {
        let errors = if path == Path::new("-") {
            read_capture("standard input", io::stdin().lock(), &mut conformance)
        } else {
            read_path(path, &mut conformance)
        };
        unusable.extend(errors.iter().map(|error| with_causes(error)));
    }
    let outcome = conformance.outcome();
    // Without an exchange, nothing was compared.
    let usable = unusable.is_empty() && outcome.exchanges > 0;
    let code = match (usable, outcome.is_conformant()) {
        (false, _) => output::UNUSABLE,
        (true, false) => output::FINDINGS,
        (true, true) => output::VALID,
    };
    match arguments.format {
        Format::Json => output::print_json(&JsonOutput { outcome: &outcome, unusable }, code),
        Format::Text => output::finish(&render(&outcome, &unusable), code),
    }
}

fn render(outcome: &Outcome, unusable: &[String]) -> String {
    let mut out = String::new();
    let mut last = None;
    for difference in &outcome.differences {
        if last != Some(difference.operation) {
            heading(&mut out, difference.operation, outcome);
            last = Some(difference.operation);
        }
        entry(&mut out, difference);
    }
    if !outcome.differences.is_empty() {
        out.push('\n');
    }
    for reason in unusable {
        line(&mut out, format_args!("can't be used: {reason}"));
    }
    let Outcome { exchanges, validated, elsewhere, set_apart, skipped, differences, .. } = outcome;
    let mut ignored = String::new();
    for (count, what) in [(*elsewhere, "with other services"), (*set_apart, "marked as faults")] {
        if count > 0 {
            let _ = write!(ignored, ", {count} of them {what}");
        }
    }
    let mut not_captures = String::new();
    if !skipped.is_empty() {
        let skipped = counted(skipped.len(), "file that is not a capture", "files that are not captures");
        not_captures = format!("; skipped {skipped}");
    }
    let exchanged = counted(*exchanges, "exchange", "exchanges");
    let bodies = counted(*validated, "body", "bodies");
    line(&mut out, format_args!("{exchanged}{ignored}, {bodies} validated{not_captures}"));
    let summary = match differences.len() {
        0 if *exchanges == 0 => "nothing to compare".to_owned(),
        0 => "the traffic conforms to the contract".to_owned(),
        count => {
            let breaking = differences.iter().filter(|difference| difference.breaking).count();
            format!("{}, {breaking} of which may break readers", counted(count, "difference", "differences"))
        }
    };
    line(&mut out, format_args!("{summary}"));
    out
}

fn heading(out: &mut String, id: Option<&'static str>, outcome: &Outcome) {
    if !out.is_empty() {
        out.push('\n');
    }
    match id.and_then(|id| Operation::named(id).ok()) {
        Some(operation) => {
            let count = outcome.operations.get(operation.id()).copied().unwrap_or_default();
            line(
                out,
                format_args!("{} ({} {}), seen {}", operation.id(), operation.method(), operation.path(), times(count)),
            );
        }
        None => line(out, format_args!("no operation of the contract")),
    }
}

fn entry(out: &mut String, difference: &Difference) {
    let Difference { direction, subject, kind, pattern, expected, found, suggestion, count, first, breaking, .. } =
        difference;
    let mark = if *breaking { '!' } else { ' ' };
    let location = [subject.as_str(), pattern.as_str()].into_iter().filter(|part| !part.is_empty());
    let location = location.collect::<Vec<_>>().join(" ");
    line(out, format_args!("{mark} {direction} {location}: {kind}, {}, first in {}", times(*count), first.source));
    line(out, format_args!("      expected {expected}; found {}", found.join(", ")));
    if let Some(suggestion) = suggestion {
        line(out, format_args!("      {suggestion}"));
    }
}

/// Returns an error's message with those of its causes.
fn with_causes(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        // Writing into a String can't fail.
        let _ = write!(text, ": {cause}");
        source = cause.source();
    }
    text
}

fn times(count: usize) -> String {
    if count == 1 { "once".to_owned() } else { format!("{count} times") }
}

fn counted(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

fn line(out: &mut String, text: std::fmt::Arguments<'_>) {
    // Writing into a String can't fail.
    let _ = writeln!(out, "{}", Escaped(text));
}
