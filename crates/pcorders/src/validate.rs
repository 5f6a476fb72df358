//! `pcorders validate`: validates payloads against the contract.

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

/// The payloads to validate, and the rules.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The schema, by its name or title: `Order`, `ResourceCollection<Order>`. By default, the payload's `objectType`.
    #[arg(long, value_name = "NAME", conflicts_with = "operation")]
    schema: Option<String>,
    /// The operation of the payload, by its id: `create_order`.
    #[arg(long, value_name = "ID")]
    operation: Option<String>,
    /// Validates requests; a resource's name then means its write form.
    #[arg(long, conflicts_with = "response")]
    request: bool,
    /// Validates responses; this is the default.
    #[arg(long)]
    response: bool,
    /// The status of the response; with `--operation` only.
    #[arg(long, value_name = "CODE", requires = "operation", conflicts_with = "request")]
    status: Option<u16>,
    /// Reports unknown members and values, and every other departure from the letter of the contract.
    #[arg(long)]
    strict: bool,
    /// The output format.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// Files to validate; `-` for standard input.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
}

/// An output format.
#[derive(Clone, Copy, Default, ValueEnum)]
pub(crate) enum Format {
    /// For people.
    #[default]
    Text,
    /// For programs.
    Json,
}

/// The result for one file.
#[derive(Serialize)]
struct FileResult {
    file: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    schema: Option<&'static str>,
    direction: String,
    strictness: String,
    #[serde(flatten)]
    verdict: Verdict,
}

#[derive(Serialize)]
#[serde(tag = "verdict", rename_all = "snake_case")]
enum Verdict {
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
    let mut results = Vec::new();
    for file in &arguments.files {
        let (payload, result) = validate_file(arguments, file);
        worst = worst.max(match result.verdict {
            Verdict::Valid => output::VALID,
            Verdict::Findings(_) => output::FINDINGS,
            Verdict::Unusable(_) => output::UNUSABLE,
        });
        match arguments.format {
            Format::Json => results.push(result),
            Format::Text => {
                printed = output::print(&render(&payload, &result));
                if printed.is_err() {
                    break;
                }
            }
        }
    }
    match arguments.format {
        Format::Json => output::print_json(&results, worst),
        Format::Text => output::exit_code(printed, worst),
    }
}

fn validate_file(arguments: &Arguments, file: &Path) -> (Vec<u8>, FileResult) {
    let direction = if arguments.request { Direction::Request } else { Direction::Response };
    let strictness = if arguments.strict { Strictness::Strict } else { Strictness::Lenient };
    let result = |schema: Option<Schema>, verdict| FileResult {
        file: file.to_string_lossy().into_owned(),
        schema: schema.map(Schema::name),
        direction: direction.to_string(),
        strictness: strictness.to_string(),
        verdict,
    };
    let payload = match input::read(file) {
        Ok(payload) => payload,
        Err(error) => {
            let reason = Unusable::Reason(format!("can't read it: {error}"));
            return (Vec::new(), result(None, Verdict::Unusable(reason)));
        }
    };
    let schema = match schema(arguments, direction, &payload) {
        Ok(schema) => schema,
        Err(unusable) => return (payload, result(None, Verdict::Unusable(unusable))),
    };
    let validator = of_operation(arguments, direction).unwrap_or_else(|| Validator::new(schema).direction(direction));
    let validator = validator.strictness(strictness);
    let verdict = match validator.validate(&payload) {
        Ok(report) if report.is_valid() => Verdict::Valid,
        Ok(report) => Verdict::Findings(report),
        Err(error) => Verdict::Unusable(Unusable::SyntaxError(error)),
    };
    (payload, result(Some(validator.schema()), verdict))
}

/// Returns the validator for the requests of the operation that the arguments name.
fn of_operation(arguments: &Arguments, direction: Direction) -> Option<Validator> {
    let id = arguments.operation.as_deref().filter(|_| direction == Direction::Request)?;
    Validator::of_request(Operation::named(id).ok()?)
}

/// Returns the schema of the arguments, or else the one that the payload names.
fn schema(arguments: &Arguments, direction: Direction, payload: &[u8]) -> Result<Schema, Unusable> {
    let reason = |error: &dyn std::fmt::Display| Unusable::Reason(error.to_string());
    if let Some(name) = &arguments.schema {
        return Schema::named(name).map_err(|error| reason(&format!("{error}; `pcorders schema` lists them")));
    }
    if let Some(id) = &arguments.operation {
        let operation = Operation::named(id).map_err(|error| {
            let ids: Vec<_> = Operation::all().map(Operation::id).collect();
            reason(&format!("{error}; expected one of {}", ids.join(", ")))
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
    // A syntax error is reported even if the schema is unknown.
    match Validator::new(Schema::FAULT).validate(payload) {
        Err(error) => Err(Unusable::SyntaxError(error)),
        Ok(_) => Err(reason(&"unknown schema: name it with `--schema` or `--operation`")),
    }
}

/// Returns the schema that a payload names in `attributes.objectType`.
///
/// Other values are not parsed: one that `serde_json` rejects and the validator reports, such as `1e999`, must not hide the schema.
fn object_type(payload: &RawValue) -> Option<Schema> {
    let own = member(member(payload, "attributes")?, "objectType")?;
    let own: String = serde_json::from_str(own.get()).ok()?;
    if own == "Collection" {
        let items: Vec<&RawValue> = serde_json::from_str(member(payload, "items")?.get()).ok()?;
        return Schema::named(&format!("{}Collection", object_type(items.first()?)?.name())).ok();
    }
    Schema::named(&own).ok()
}

/// Returns a member by its name in any letter case, as in requests.
fn member<'v>(value: &'v RawValue, name: &str) -> Option<&'v RawValue> {
    let members: BTreeMap<Cow<'v, str>, &'v RawValue> = serde_json::from_str(value.get()).ok()?;
    members.into_iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value)
}

/// The number of findings that are shown with an excerpt; the others take a line each.
const SHOWN: usize = 20;

fn render(payload: &[u8], result: &FileResult) -> String {
    let file = if result.file == "-" { "standard input" } else { &result.file };
    let file = Escaped(file).to_string();
    let decoded = String::from_utf8_lossy(payload);
    let is_utf8 = matches!(decoded, Cow::Borrowed(_));
    let text = Text { name: &file, text: output::harmless(&decoded) };
    let what = format!("{} ({}, {})", result.schema.unwrap_or("payload"), result.direction, result.strictness);
    let mut out = String::new();
    // Writing into a String can't fail.
    let _ = match &result.verdict {
        Verdict::Valid => writeln!(out, "{file}: valid as {what}"),
        Verdict::Unusable(Unusable::Reason(reason)) => writeln!(out, "{file}: {}", Escaped(reason)),
        Verdict::Unusable(Unusable::SyntaxError(error)) => {
            if is_utf8 {
                Renderer::for_stdout().render(&error_excerpt(&text, error), &mut out);
                let location = error.location;
                writeln!(out, "\n{file}: syntax error at line {}, column {}", location.line, location.column)
            } else {
                writeln!(out, "{file}:{error}")
            }
        }
        Verdict::Findings(report) => {
            let renderer = Renderer::for_stdout();
            for (at, finding) in report.findings.iter().enumerate() {
                if at < SHOWN {
                    renderer.render(&finding_excerpt(&text, finding), &mut out);
                    out.push('\n');
                } else {
                    let _ = writeln!(out, "{file}:{finding}");
                }
            }
            let count = report.findings.len() + report.omitted;
            let findings = if count == 1 { "1 finding".to_owned() } else { format!("{count} findings") };
            let omitted =
                if report.is_truncated() { format!(", {} of them omitted", report.omitted) } else { String::new() };
            writeln!(out, "{file}: {findings}{omitted}; validated as {what}")
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
        offset: finding.location.map_or(0, |location| location.offset),
        length: finding.length,
        label: format!("expected {}", finding.expected),
        help: (!help.is_empty()).then(|| help.join("\n")),
    }
}

fn error_excerpt<'t>(text: &'t Text<'t>, error: &SyntaxError) -> Excerpt<'t> {
    Excerpt {
        text,
        message: format!("invalid JSON: {}", Escaped(&error.message)),
        code: error.kind.as_str(),
        offset: error.location.offset,
        length: error.length,
        label: "here".to_owned(),
        help: error.hint.as_ref().map(|hint| Escaped(hint).to_string()),
    }
}
