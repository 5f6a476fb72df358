//! Reading captures: folders, NDJSON, HAR, single exchanges, single payloads.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Read as _};
use std::path::{Path, PathBuf};

use serde_json::value::RawValue;

use super::{Conformance, Exchange, Part, base64};
use crate::escaped::Escaped;
use crate::mode::Direction;
use crate::operation::Operation;
use crate::syntax_error::SyntaxError;
use crate::validator;

/// A capture, or a part of one, is unusable.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CaptureError {
    /// The file can't be read.
    #[error("can't read {}", Escaped(name))]
    Unreadable {
        /// The file or folder.
        name: String,
        /// The cause.
        source: io::Error,
    },
    /// The text is not JSON.
    #[error("{}:{error}", Escaped(name))]
    InvalidJson {
        /// The file.
        name: String,
        /// The location in the file, and the cause.
        error: SyntaxError,
    },
    /// The text is JSON, but not a capture.
    #[error("{} is not a capture: {reason}", Escaped(name))]
    NotACapture {
        /// The file and line.
        name: String,
        /// The form that is missing.
        reason: &'static str,
    },
}

/// The extensions of files that may contain captures.
const EXTENSIONS: [&str; 5] = ["har", "json", "jsonl", "log", "ndjson"];

/// Adds the exchanges of a file, or of every capture in a folder and its subfolders, in the order of the names.
///
/// The content of a file decides which of these it is:
///
/// - an HTTP archive (HAR);
/// - exchanges, one on each line (NDJSON), or a single one: a JSON object with `method`, `path` (or `url`, `uri`), `status`
///   and the bodies, either as `requestBody` and `responseBody`, or as `body` of `request` and `response`, which may then
///   have the other members as well. A body is JSON, or a string that contains JSON; `null` means that it wasn't captured.
///   A member `fault` that is neither `null` nor `false` excludes the exchange;
/// - a single payload, in a file named like the contract's examples: `get_order.response.json`,
///   `create_cart.request.add_ons.json`. A response is validated as a successful one.
///
/// Other files of a folder are skipped and listed in the outcome. Returns an error for each capture, or part of one, that
/// is unusable; the rest is added.
pub fn read_path(path: &Path, conformance: &mut Conformance) -> Vec<CaptureError> {
    let mut errors = Vec::new();
    if path.is_dir() {
        read_folder(path, conformance, &mut errors);
    } else {
        read_file(path, conformance, &mut errors);
    }
    errors
}

fn read_folder(folder: &Path, conformance: &mut Conformance, errors: &mut Vec<CaptureError>) {
    let entries: io::Result<Vec<PathBuf>> =
        fs::read_dir(folder).and_then(|entries| entries.map(|entry| entry.map(|entry| entry.path())).collect());
    let mut entries = match entries {
        Ok(entries) => entries,
        Err(source) => return errors.push(CaptureError::Unreadable { name: folder.display().to_string(), source }),
    };
    entries.sort();
    for path in entries {
        if path.is_dir() {
            // Links to folders can form a cycle.
            if !path.is_symlink() {
                read_folder(&path, conformance, errors);
            }
            continue;
        }
        let extension = path.extension().and_then(|extension| extension.to_str()).map(str::to_ascii_lowercase);
        if !extension.is_some_and(|extension| EXTENSIONS.contains(&extension.as_str())) {
            conformance.outcome.skipped.push(path.display().to_string());
            continue;
        }
        let mut file_errors = Vec::new();
        read_file(&path, conformance, &mut file_errors);
        for error in file_errors {
            match error {
                CaptureError::NotACapture { name, .. } => conformance.outcome.skipped.push(name),
                other => errors.push(other),
            }
        }
    }
}

fn read_file(path: &Path, conformance: &mut Conformance, errors: &mut Vec<CaptureError>) {
    let name = path.display().to_string();
    match open(path) {
        Ok(file) => errors.extend(read_capture(&name, BufReader::new(file), conformance)),
        Err(source) => errors.push(CaptureError::Unreadable { name, source }),
    }
}

/// Opens a regular file. A pipe would block until it has a writer, and a device may never end.
fn open(path: &Path) -> io::Result<File> {
    if fs::metadata(path)?.is_file() {
        File::open(path)
    } else {
        Err(io::Error::new(io::ErrorKind::InvalidInput, "it is not a regular file"))
    }
}

/// Adds the exchanges of a stream, such as standard input, under this name. NDJSON is read line by line, anything else as a whole;
/// the limit for a line or a whole is 256 MiB.
pub fn read_capture(name: &str, mut reader: impl BufRead, conformance: &mut Conformance) -> Vec<CaptureError> {
    let mut errors = Vec::new();
    if let Err(source) = read_stream(name, &mut reader, conformance, &mut errors) {
        errors.push(CaptureError::Unreadable { name: name.to_owned(), source });
    }
    errors
}

fn read_stream(
    name: &str,
    reader: &mut impl BufRead,
    conformance: &mut Conformance,
    errors: &mut Vec<CaptureError>,
) -> io::Result<()> {
    let mut text = Vec::new();
    read_line(reader, &mut text)?;
    let is_ndjson = object(&text).is_some_and(|line| exchange(&line, String::new()).is_some());
    if !is_ndjson {
        let remaining = (MAX_SIZE + 1).saturating_sub(text.len() as u64);
        reader.take(remaining).read_to_end(&mut text)?;
        is_within_bounds(&text)?;
        errors.extend(whole(name, &text, conformance).err());
        return Ok(());
    }
    let mut number = 1;
    while !text.is_empty() {
        if !text.trim_ascii().is_empty() {
            errors.extend(line(name, number, &text, conformance).err());
        }
        text.clear();
        read_line(reader, &mut text)?;
        number += 1;
    }
    Ok(())
}

/// The size limit of a capture that is read as a whole, and of a line.
const MAX_SIZE: u64 = 256 << 20;

fn read_line(reader: &mut impl BufRead, text: &mut Vec<u8>) -> io::Result<()> {
    reader.take(MAX_SIZE + 1).read_until(b'\n', text)?;
    is_within_bounds(text)
}

fn is_within_bounds(text: &[u8]) -> io::Result<()> {
    if text.len() as u64 <= MAX_SIZE {
        return Ok(());
    }
    Err(io::Error::new(
        io::ErrorKind::FileTooLarge,
        "it is larger than 256 MiB and not NDJSON with one exchange on each line",
    ))
}

fn line(name: &str, number: usize, text: &[u8], conformance: &mut Conformance) -> Result<(), CaptureError> {
    let source = format!("{name}:{number}");
    if let Some(mut error) = validator::syntax_error_in(text) {
        error.location.line = number;
        return Err(CaptureError::InvalidJson { name: name.to_owned(), error });
    }
    match object(text).and_then(|line| exchange(&line, source.clone())) {
        Some(exchange) => {
            conformance.exchange(&exchange);
            Ok(())
        }
        None => Err(CaptureError::NotACapture { name: source, reason: NO_EXCHANGE }),
    }
}

const NO_EXCHANGE: &str = "an exchange is an object with `method` and `path`";

/// Adds the content of a file that isn't NDJSON.
fn whole(name: &str, text: &[u8], conformance: &mut Conformance) -> Result<(), CaptureError> {
    if let Some((operation, direction)) = payload_name(name) {
        conformance.payload(name, operation, direction, text);
        return Ok(());
    }
    if let Some(error) = validator::syntax_error_in(text) {
        return Err(CaptureError::InvalidJson { name: name.to_owned(), error });
    }
    let not_a_capture = |reason| CaptureError::NotACapture { name: name.to_owned(), reason };
    let object = object(text).ok_or_else(|| not_a_capture(NO_EXCHANGE))?;
    if let Some(exchange) = exchange(&object, name.to_owned()) {
        conformance.exchange(&exchange);
        return Ok(());
    }
    let log = object.get("log").and_then(|log| nested(log)).ok_or_else(|| not_a_capture(NO_EXCHANGE))?;
    let entries: Vec<&RawValue> = log
        .get("entries")
        .and_then(|entries| serde_json::from_str(entries.get()).ok())
        .ok_or_else(|| not_a_capture("an HTTP archive has `entries` in its `log`"))?;
    for (at, entry) in entries.into_iter().enumerate() {
        let source = format!("{name}, entry {}", at + 1);
        match nested(entry).and_then(|entry| archive_entry(&entry, source.clone())) {
            Some(exchange) => conformance.exchange(&exchange),
            None => return Err(CaptureError::NotACapture { name: source, reason: NO_EXCHANGE }),
        }
    }
    Ok(())
}

/// Returns the operation and direction of a payload from its file name: `get_order.response.legacy.json`.
fn payload_name(name: &str) -> Option<(&'static Operation, Direction)> {
    let file = Path::new(name).file_name()?.to_str()?;
    let mut parts = file.split('.');
    let operation = Operation::named(parts.next()?).ok()?;
    match parts.next()? {
        "request" => Some((operation, Direction::Request)),
        "response" => Some((operation, Direction::Response)),
        _ => None,
    }
}

/// An object whose members are not parsed yet.
type Object<'t> = BTreeMap<Cow<'t, str>, &'t RawValue>;

fn object(text: &[u8]) -> Option<Object<'_>> {
    serde_json::from_slice(text.strip_prefix(crate::locator::BOM).unwrap_or(text)).ok()
}

fn nested(value: &RawValue) -> Option<Object<'_>> {
    serde_json::from_str(value.get()).ok()
}

/// Returns the string of the first of these members that is present.
fn text(object: &Object<'_>, names: &[&str]) -> Option<String> {
    names.iter().find_map(|name| serde_json::from_str(object.get(*name)?.get()).ok())
}

fn status(object: &Object<'_>) -> Option<u16> {
    // Some loggers write it as a string.
    ["status", "statusCode"].iter().find_map(|name| object.get(*name)?.get().trim_matches('"').parse().ok())
}

/// Returns a body that is JSON, or a string that contains JSON.
fn body(value: Option<&&RawValue>) -> Part {
    match value.map(|value| value.get()) {
        None | Some("null") => Part::Unknown,
        Some(text) => match serde_json::from_str::<String>(text) {
            Ok(content) => Part::Body(content.into_bytes()),
            Err(_) => Part::Body(text.as_bytes().to_vec()),
        },
    }
}

/// Parses an exchange in the form of this crate.
fn exchange(record: &Object<'_>, source: String) -> Option<Exchange> {
    const PATHS: [&str; 3] = ["path", "url", "uri"];
    let request = record.get("request").and_then(|request| nested(request)).unwrap_or_default();
    let response = record.get("response").and_then(|response| nested(response)).unwrap_or_default();
    let set_apart = record.get("fault").is_some_and(|mark| !matches!(mark.get(), "null" | "false"));
    Some(Exchange {
        source,
        method: text(record, &["method"]).or_else(|| text(&request, &["method"]))?,
        path: text(record, &PATHS).or_else(|| text(&request, &PATHS))?,
        status: status(record).or_else(|| status(&response)),
        request: body(record.get("requestBody").or_else(|| request.get("body"))),
        response: body(record.get("responseBody").or_else(|| response.get("body"))),
        set_apart,
    })
}

/// Parses an entry of an HTTP archive.
fn archive_entry(entry: &Object<'_>, source: String) -> Option<Exchange> {
    let request = nested(entry.get("request")?)?;
    let response = entry.get("response").and_then(|response| nested(response)).unwrap_or_default();
    let post_data = request.get("postData").and_then(|data| nested(data)).unwrap_or_default();
    let content = response.get("content").and_then(|content| nested(content)).unwrap_or_default();
    let encoded = text(&content, &["encoding"]).is_some_and(|encoding| encoding == "base64");
    let response_body = match text(&content, &["text"]) {
        Some(text) if encoded => base64::decode(&text).map_or(Part::Unknown, Part::Body),
        Some(text) => Part::Body(text.into_bytes()),
        None if content.get("size").is_some_and(|size| size.get() == "0") => Part::Body(Vec::new()),
        None => Part::Unknown,
    };
    Some(Exchange {
        source,
        method: text(&request, &["method"])?,
        path: text(&request, &["url"])?,
        // Archives have the status 0 if there was no response.
        status: status(&response).filter(|status| *status > 0),
        request: text(&post_data, &["text"]).map_or(Part::Unknown, |text| Part::Body(text.into_bytes())),
        response: response_body,
        set_apart: false,
    })
}
