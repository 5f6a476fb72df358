//! `pcorders validate`: judges payloads against the contract.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::ValueEnum;
use partner_center_orders_schema::{
    Direction, Escaped, Finding, Operation, Report, Schema, Strictness, SyntaxError, Validator,
};
use serde::Serialize;
use serde_json::value::RawValue;

use crate::excerpt::{Excerpt, Renderer, Text};
use crate::{input, output};

/// What to judge, and how.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The schema, by its name or title: `Order`, `ResourceCollection<Order>`. Left out, a payload's `objectType` decides.
    #[arg(long, value_name = "NAME", conflicts_with = "operation")]
    schema: Option<String>,
    /// The operation that the payload belongs to, by its id: `create_order`.
    #[arg(long, value_name = "ID")]
    operation: Option<String>,
    /// The payload is sent to the service; a resource's name then means its write form.
    #[arg(long, conflicts_with = "response")]
    request: bool,
    /// The payload is an answer of the service; this is so unless told otherwise.
    #[arg(long)]
    response: bool,
    /// The status that the answer came with; with `--operation` only.
    #[arg(long, value_name = "CODE", requires = "operation", conflicts_with = "request")]
    status: Option<u16>,
    /// Unknown members and values, and all that departs from the letter of the contract, are findings.
    #[arg(long)]
    strict: bool,
    /// How to show what is found.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// Files to judge; `-` is standard input.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
}

/// How results are shown.
#[derive(Clone, Copy, Default, ValueEnum)]
pub(crate) enum Format {
    /// For people.
    #[default]
    Text,
    /// For programs.
    Json,
}

/// What came of one file.
#[derive(Serialize)]
struct Judged {
    file: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    schema: Option<&'static str>,
    direction: String,
    strictness: String,
    #[serde(flatten)]
    result: JudgedAs,
}

#[derive(Serialize)]
#[serde(tag = "verdict", rename_all = "snake_case")]
enum JudgedAs {
    Valid,
    Findings(Report),
    Unusable(Unusable),
}

#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum Unusable {
    SyntaxError(SyntaxError),
    Reason(String),
}

pub(crate) fn run(arguments: &Arguments) -> ExitCode {
    let mut worst = output::VALID;
    let mut printed = Ok(());
    let mut judged = Vec::new();
    for file in &arguments.files {
        let (payload, result) = judge_file(arguments, file);
        worst = worst.max(match result.result {
            JudgedAs::Valid => output::VALID,
            JudgedAs::Findings(_) => output::FINDINGS,
            JudgedAs::Unusable(_) => output::UNUSABLE,
        });
        match arguments.format {
            Format::Json => judged.push(result),
            Format::Text => {
                printed = output::print(&in_words(&payload, &result));
                if printed.is_err() {
                    break;
                }
            }
        }
    }
    match arguments.format {
        Format::Json => output::print_json(&judged, worst),
        Format::Text => output::ending(printed, worst),
    }
}

fn judge_file(arguments: &Arguments, file: &Path) -> (Vec<u8>, Judged) {
    let direction = if arguments.request { Direction::Request } else { Direction::Response };
    let strictness = if arguments.strict { Strictness::Strict } else { Strictness::Lenient };
    let judged = |schema: Option<Schema>, result| Judged {
        file: file.to_string_lossy().into_owned(),
        schema: schema.map(Schema::name),
        direction: direction.to_string(),
        strictness: strictness.to_string(),
        result,
    };
    let payload = match input::read(file) {
        Ok(payload) => payload,
        Err(error) => {
            let reason = Unusable::Reason(format!("it can't be read: {error}"));
            return (Vec::new(), judged(None, JudgedAs::Unusable(reason)));
        }
    };
    let schema = match schema(arguments, direction, &payload) {
        Ok(schema) => schema,
        Err(unusable) => return (payload, judged(None, JudgedAs::Unusable(unusable))),
    };
    let validator = Validator::new(schema).direction(direction).strictness(strictness);
    let result = match validator.validate(&payload) {
        Ok(report) if report.is_valid() => JudgedAs::Valid,
        Ok(report) => JudgedAs::Findings(report),
        Err(damage) => JudgedAs::Unusable(Unusable::SyntaxError(damage)),
    };
    (payload, judged(Some(validator.ruling()), result))
}

/// The schema that was asked for, or that the payload names.
fn schema(arguments: &Arguments, direction: Direction, payload: &[u8]) -> Result<Schema, Unusable> {
    let reason = |error: &dyn std::fmt::Display| Unusable::Reason(error.to_string());
    if let Some(name) = &arguments.schema {
        return Schema::named(name).map_err(|error| reason(&format!("{error}; `pcorders schema` lists them")));
    }
    if let Some(id) = &arguments.operation {
        let operation = Operation::named(id).map_err(|error| {
            let ids: Vec<_> = Operation::all().map(Operation::id).collect();
            reason(&format!("{error}; it has {}", ids.join(", ")))
        })?;
        let schema = match (direction, arguments.status) {
            (Direction::Request, _) => operation.request(),
            (Direction::Response, None) => operation.success(),
            (Direction::Response, Some(status)) => operation.response(status),
        };
        return schema.ok_or_else(|| match arguments.status {
            Some(status) => reason(&format!("`{id}` has no JSON as its {direction} with the status {status}")),
            None => reason(&format!("`{id}` has no JSON as its {direction}")),
        });
    }
    let text = payload.strip_prefix(b"\xef\xbb\xbf").unwrap_or(payload);
    if let Some(schema) = serde_json::from_slice(text).ok().and_then(object_type) {
        return Ok(schema);
    }
    // SyntaxError is told before anything is known about the schema.
    match Validator::new(Schema::FAULT).validate(payload) {
        Err(damage) => Err(Unusable::SyntaxError(damage)),
        Ok(_) => Err(reason(&"it doesn't say what it is: name it with `--schema` or `--operation`")),
    }
}

/// The schema by what a payload says of itself in `attributes.objectType`.
///
/// The values stay as written: one that only the validator can judge, such as `1e999`, must not hide what the payload is.
fn object_type(payload: &RawValue) -> Option<Schema> {
    let own = member(member(payload, "attributes")?, "objectType")?;
    let own: String = serde_json::from_str(own.get()).ok()?;
    if own == "Collection" {
        let items: Vec<&RawValue> = serde_json::from_str(member(payload, "items")?.get()).ok()?;
        return Schema::named(&format!("{}Collection", object_type(items.first()?)?.name())).ok();
    }
    Schema::named(&own).ok()
}

/// A member by its name in any letter case, as requests have it.
fn member<'v>(value: &'v RawValue, name: &str) -> Option<&'v RawValue> {
    let members: BTreeMap<Cow<'v, str>, &'v RawValue> = serde_json::from_str(value.get()).ok()?;
    members.into_iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value)
}

/// So many findings are shown in the text; the others are told in a line each.
const SHOWN: usize = 20;

fn in_words(payload: &[u8], judged: &Judged) -> String {
    let file = if judged.file == "-" { "standard input" } else { &judged.file };
    let file = Escaped(file).to_string();
    let decoded = String::from_utf8_lossy(payload);
    let is_utf8 = matches!(decoded, Cow::Borrowed(_));
    let text = Text { name: &file, text: output::harmless(&decoded) };
    let what = format!("{} ({}, {})", judged.schema.unwrap_or("payload"), judged.direction, judged.strictness);
    let mut out = String::new();
    // Writing into a String can't fail.
    let _ = match &judged.result {
        JudgedAs::Valid => writeln!(out, "{file}: valid; judged as {what}"),
        JudgedAs::Unusable(Unusable::Reason(reason)) => writeln!(out, "{file}: {}", Escaped(reason)),
        JudgedAs::Unusable(Unusable::SyntaxError(damage)) => {
            if is_utf8 {
                Renderer::for_stdout().render(&damage_excerpt(&text, damage), &mut out);
                writeln!(out, "\n{file}: damaged at line {}, column {}", damage.place.line, damage.place.column)
            } else {
                writeln!(out, "{file}:{damage}")
            }
        }
        JudgedAs::Findings(report) => {
            let renderer = Renderer::for_stdout();
            for (at, finding) in report.findings.iter().enumerate() {
                if at < SHOWN {
                    renderer.render(&finding_excerpt(&text, finding), &mut out);
                    out.push('\n');
                } else {
                    let _ = writeln!(out, "{file}:{finding}");
                }
            }
            let count = report.findings.len() + report.more;
            let findings = if count == 1 { "1 finding".to_owned() } else { format!("{count} findings") };
            let unkept = if report.more > 0 { format!(", {} of them not kept", report.more) } else { String::new() };
            writeln!(out, "{file}: {findings}{unkept}; judged as {what}")
        }
    };
    out
}

fn finding_excerpt<'t>(text: &'t Text<'t>, finding: &Finding) -> Excerpt<'t> {
    let pointer = if finding.pointer.is_empty() { "(the whole)" } else { &finding.pointer };
    let suggestion = finding.suggestion.iter().map(|suggestion| Escaped(suggestion).to_string());
    let help: Vec<String> = suggestion.chain(finding.description.map(str::to_owned)).collect();
    Excerpt {
        text,
        message: Escaped(format!("{pointer}: expected {}, found {}", finding.expected, finding.found)).to_string(),
        code: finding.code.as_str(),
        offset: finding.place.map_or(0, |place| place.offset),
        length: finding.length,
        label: format!("expected {}", finding.expected),
        help: (!help.is_empty()).then(|| help.join("\n")),
    }
}

fn damage_excerpt<'t>(text: &'t Text<'t>, damage: &SyntaxError) -> Excerpt<'t> {
    Excerpt {
        text,
        message: format!("this is no JSON: {}", Escaped(&damage.message)),
        code: damage.kind.as_str(),
        offset: damage.place.offset,
        length: damage.length,
        label: "here".to_owned(),
        help: damage.hint.as_ref().map(|hint| Escaped(hint).to_string()),
    }
}
