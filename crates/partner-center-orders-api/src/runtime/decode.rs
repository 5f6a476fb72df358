//! Decoding of JSON bodies.

use serde::de::DeserializeOwned;

use super::reader::MAX_DEPTH;
use super::{Escaped, Payload, payload};

const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// A JSON text can't be read as the requested type.
///
/// It has what was found, what was expected, and the position; it quotes no value of the payload, which may be an activation
/// link or a token.
#[derive(Debug, thiserror::Error)]
#[error("{}{}", Escaped(problem), Position { path, line, column })]
pub struct DecodeError {
    path: String,
    line: usize,
    column: usize,
    problem: Box<str>,
    empty: bool,
}

struct Position<'a> {
    path: &'a str,
    line: &'a usize,
    column: &'a usize,
}

impl std::fmt::Display for Position<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if !self.path.is_empty() {
            write!(f, " at `{}`", Escaped(self.path))?;
        }
        if *self.line > 0 {
            write!(f, " (line {}, column {})", self.line, self.column)?;
        }
        Ok(())
    }
}

impl DecodeError {
    /// The problem, without the position.
    pub fn problem(&self) -> &str {
        &self.problem
    }

    /// The member that can't be read, such as `items[3].creationDate`; empty if the text as a whole isn't JSON.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The line of the text, from 1; 0 if there is none.
    pub fn line(&self) -> usize {
        self.line
    }

    /// The column in bytes, from 1; 0 if there is none.
    pub fn column(&self) -> usize {
        self.column
    }

    /// Whether the body was empty.
    pub fn is_empty_body(&self) -> bool {
        self.empty
    }

    fn whole(problem: &str, empty: bool) -> Self {
        Self { path: String::new(), line: 0, column: 0, problem: problem.into(), empty }
    }

    fn invalid_utf8(bytes: &[u8], valid: usize) -> Self {
        Self::at(&bytes[..valid], "the body is invalid UTF-8")
    }

    fn too_deep(text: &str, at: usize) -> Self {
        Self::at(&text.as_bytes()[..at], &nested_too_deep())
    }

    /// A problem at the byte after those.
    fn at(before: &[u8], problem: &str) -> Self {
        let line_start = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |newline| newline + 1);
        Self {
            line: before.split(|byte| *byte == b'\n').count(),
            column: before.len() - line_start + 1,
            ..Self::whole(problem, false)
        }
    }
}

/// Reads a JSON text, with or without a byte order mark before it.
///
/// # Errors
/// When it is empty, invalid UTF-8, invalid JSON, nested deeper than 127 levels, or not of that type; the error has the member,
/// the line and the column.
///
/// ```
/// use partner_center_orders_api::runtime::decode;
/// use partner_center_orders_api::types::Link;
///
/// let link: Link = decode(b"\xEF\xBB\xBF{\"uri\":\"/orders\",\"method\":\"GET\"}").unwrap();
/// assert_eq!(link.uri, "/orders");
///
/// let error = decode::<Link>(b"{\"uri\": 7}").unwrap_err();
/// assert_eq!((error.path(), error.line()), ("uri", 1));
/// ```
pub fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, DecodeError> {
    by_serde(text_of(bytes)?)
}

fn by_serde<T: DeserializeOwned>(text: &str) -> Result<T, DecodeError> {
    let value = serde_json::from_str(text).map_err(|_| explain::<T>(text))?;
    // Members that the contract doesn't know are kept as text, whose levels `serde_json` doesn't count.
    too_deep(text).map_or(Ok(value), |at| Err(DecodeError::too_deep(text, at)))
}

/// The position of the first bracket beyond the limit, in text that is JSON.
fn too_deep(text: &str) -> Option<usize> {
    let (mut depth, mut is_text, mut is_escaped) = (0_usize, false, false);
    text.bytes().position(|byte| {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' => is_escaped = true,
            b'"' => is_text = !is_text,
            b'[' | b'{' if !is_text => depth += 1,
            b']' | b'}' if !is_text => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth > MAX_DEPTH
    })
}

/// Does the same as [`decode`], faster, for the types of the contract.
///
/// Their members are read from the text itself. Unusual input is read by serde, so that results and errors are those of
/// [`decode`].
///
/// # Errors
/// Those of [`decode`].
///
/// ```
/// use partner_center_orders_api::runtime::decode_payload;
/// use partner_center_orders_api::types::Link;
///
/// let link: Link = decode_payload(b"{\"uri\":\"/orders\",\"method\":\"GET\",\"since\":2}").unwrap();
/// assert_eq!(link.extra.deserialize("since").unwrap(), Some(2));
/// ```
pub fn decode_payload<T: Payload>(bytes: &[u8]) -> Result<T, DecodeError> {
    let mut value = T::empty();
    read_into(&mut value, bytes)?;
    Ok(value)
}

/// Does the same as [`decode_payload`], into a box, so that the value is never moved.
pub(super) fn decode_boxed<T: Payload>(bytes: &[u8]) -> Result<Box<T>, DecodeError> {
    let mut value = Box::new(T::empty());
    read_into(&mut *value, bytes)?;
    Ok(value)
}

fn read_into<T: Payload>(value: &mut T, bytes: &[u8]) -> Result<(), DecodeError> {
    let text = text_of(bytes)?;
    if payload::whole(text, value).is_err() {
        *value = by_serde(text)?;
    }
    Ok(())
}

/// Reads the object at the beginning of a text, whatever follows it, and returns its length in bytes, too: for code that reads
/// a long text while it arrives.
///
/// Returns `None` if the text ends before the object does, and if only [`decode_payload`] can decide whether the object is
/// valid: it may be.
///
/// ```
/// use partner_center_orders_api::runtime::decode_first;
/// use partner_center_orders_api::types::Link;
///
/// let (link, length) = decode_first::<Link>(r#"{"uri":"/a","method":"GET"},{"uri":"/b","meth"#).unwrap();
/// assert_eq!((link.uri.as_str(), length), ("/a", 27));
/// ```
pub fn decode_first<T: Payload>(text: &str) -> Option<(T, usize)> {
    // The end of a number isn't known before the next byte is there.
    if text.starts_with('{') { payload::first(text).ok() } else { None }
}

fn text_of(bytes: &[u8]) -> Result<&str, DecodeError> {
    let bytes = bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes);
    if bytes.trim_ascii().is_empty() {
        return Err(DecodeError::whole("the body is empty: expected JSON", true));
    }
    std::str::from_utf8(bytes).map_err(|error| DecodeError::invalid_utf8(bytes, error.valid_up_to()))
}

/// Reads the text again, keeping track of the position: too expensive to do for every payload.
fn explain<T: DeserializeOwned>(text: &str) -> DecodeError {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let (path, error) = match serde_path_to_error::deserialize::<_, T>(&mut deserializer) {
        Ok(_) => match deserializer.end() {
            Ok(()) => return DecodeError::whole("the body could not be read", false),
            Err(error) => (String::new(), error),
        },
        Err(error) => {
            // A name that can't be read shows as `?`: only the object that contains it is known.
            let path = error.path().to_string();
            let path = path.trim_end_matches('?').trim_end_matches('.').to_owned();
            (path, error.into_inner())
        }
    };
    // serde_json counts a line break as column 0 of the next line.
    let (line, column) = (error.line(), error.column().max(1));
    DecodeError { path, line, column, problem: discreet(&error).into(), empty: false }
}

fn nested_too_deep() -> String {
    format!("arrays and objects nest deeper than {MAX_DEPTH} levels")
}

/// serde's message without the position, which is reported separately, and without text of the payload.
fn discreet(error: &serde_json::Error) -> String {
    let message = error.to_string();
    let suffix = format!(" at line {} column {}", error.line(), error.column());
    let message = message.strip_suffix(&suffix).unwrap_or(&message);
    if message == "recursion limit exceeded" {
        return nested_too_deep();
    }
    if !error.is_data() {
        // Messages on invalid JSON have a fixed text.
        return message.to_owned();
    }
    for (start, end, instead) in [
        ("invalid type: string \"", "\", expected ", "invalid type: text"),
        ("invalid value: string \"", "\", expected ", "invalid value: text"),
        ("unknown variant `", "`, expected ", "unknown variant"),
        ("unknown field `", "`, expected ", "unknown field"),
    ] {
        if message.starts_with(start) {
            // The last one is serde's own: the quoted text may contain others.
            let expected = message.rfind(end).map(|at| &message[at + end.len()..]);
            return expected.map_or_else(|| instead.to_owned(), |expected| format!("{instead}, expected {expected}"));
        }
    }
    let quotes_nothing =
        ["missing field `", "duplicate field `", "invalid type: ", "invalid value: ", "invalid length "];
    if quotes_nothing.iter().any(|start| message.starts_with(start)) {
        message.to_owned()
    } else {
        // A message of a type, which may quote anything.
        "the value is invalid for its type".to_owned()
    }
}
