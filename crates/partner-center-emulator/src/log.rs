//! The log of exchanges, with secrets masked.

use std::collections::VecDeque;
use std::io::Write;
use std::sync::Arc;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use http::HeaderMap;
use serde::ser::SerializeStruct as _;
use serde::{Serialize, Serializer};
use serde_json::Value;

/// Headers whose values are secrets.
const SECRET_HEADERS: [&str; 4] = ["authorization", "cookie", "set-cookie", "ocp-apim-subscription-key"];

/// The text that replaces a secret in the log.
pub(crate) const MASK: &str = "***";

/// A request and its response. Tokens, secrets and activation links are masked.
///
/// As JSON it is a line of the log, in the format that `pcorders conform` reads.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Exchange {
    /// Its position among all exchanges, from 1.
    pub number: u64,
    /// When the request's head was received.
    pub received_at: DateTime<Utc>,
    /// When the response was ready, or the connection reset.
    pub responded_at: DateTime<Utc>,
    /// The operation, by the contract's id, or the name of an endpoint of the identity platform.
    pub operation: Option<&'static str>,
    /// The method.
    pub method: String,
    /// Path and query.
    pub target: String,
    /// The request's headers.
    pub request_headers: Vec<(String, String)>,
    /// The request's body; truncated if it is long.
    pub request_body: Bytes,
    /// The status, or `None` if no response was sent.
    pub status: Option<u16>,
    /// The response's headers, without those that are added to every response.
    pub headers: Vec<(String, String)>,
    /// The response's body before compression and without byte order mark.
    pub body: Bytes,
    /// The faults that were applied, by name.
    pub faults: Vec<&'static str>,
    /// Whether a fault made the response depart from the contract.
    pub outside_contract: bool,
    /// Whether the response is a recorded one, repeated under the same request id.
    pub repeated: bool,
    /// The finding of the response check, if there is one.
    pub violation: Option<String>,
}

impl Serialize for Exchange {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let headers = |headers: &[(String, String)]| -> Value {
            headers.iter().map(|(name, value)| (name.clone(), Value::String(value.clone()))).collect()
        };
        let mut members = serializer.serialize_struct("Exchange", 16)?;
        members.serialize_field("number", &self.number)?;
        members.serialize_field("receivedAt", &self.received_at)?;
        members.serialize_field("answeredAt", &self.responded_at)?;
        members.serialize_field("operation", &self.operation)?;
        members.serialize_field("method", &self.method)?;
        members.serialize_field("path", &self.target)?;
        members.serialize_field("requestHeaders", &headers(&self.request_headers))?;
        members.serialize_field("requestBody", &readable(&self.request_body))?;
        members.serialize_field("status", &self.status)?;
        members.serialize_field("responseHeaders", &headers(&self.headers))?;
        members.serialize_field("responseBody", &readable(&self.body))?;
        members.serialize_field("faults", &self.faults)?;
        members.serialize_field("outsideContract", &self.outside_contract)?;
        // `pcorders conform` recognizes injected faults by this member.
        members.serialize_field("fault", &self.outside_contract.then(|| self.faults.join(", ")))?;
        members.serialize_field("repeated", &self.repeated)?;
        members.serialize_field("violation", &self.violation)?;
        members.end()
    }
}

/// Returns a body as JSON if it is JSON, as text if it is text, or else its length in bytes.
fn readable(body: &Bytes) -> Value {
    if body.is_empty() {
        return Value::Null;
    }
    serde_json::from_slice(body).unwrap_or_else(|_| match std::str::from_utf8(body) {
        Ok(text) => Value::String(text.to_owned()),
        Err(_) => Value::String(format!("({} bytes)", body.len())),
    })
}

/// Returns headers for the log.
pub(crate) fn headers(headers: &HeaderMap) -> Vec<(String, String)> {
    headers
        .iter()
        .map(|(name, value)| {
            let value = match name.as_str() {
                secret if SECRET_HEADERS.contains(&secret) => MASK.to_owned(),
                // A redirect of the identity platform contains its code.
                "location" => value.to_str().map_or_else(|_| MASK.to_owned(), without_query),
                _ => String::from_utf8_lossy(value.as_bytes()).into_owned(),
            };
            (name.as_str().to_owned(), value)
        })
        .collect()
}

fn without_query(address: &str) -> String {
    match address.find(['?', '#']) {
        Some(end) => format!("{}{MASK}", &address[..=end]),
        None => address.to_owned(),
    }
}

/// Masks the values of these names in a form or query.
pub(crate) fn masked_pairs(pairs: &[u8], secrets: &[&str]) -> String {
    let mut masked = form_urlencoded::Serializer::new(String::new());
    for (name, value) in form_urlencoded::parse(pairs) {
        let is_secret = secrets.iter().any(|secret| name.eq_ignore_ascii_case(secret));
        masked.append_pair(&name, if is_secret { MASK } else { &value });
    }
    masked.finish()
}

/// Masks the links in a body of activation links.
pub(crate) fn masked_links(body: &Bytes) -> Bytes {
    let Ok(mut body) = serde_json::from_slice::<Value>(body) else { return Bytes::from_static(MASK.as_bytes()) };
    for item in body.get_mut("items").and_then(Value::as_array_mut).into_iter().flatten() {
        if let Some(uri) = item.pointer_mut("/link/uri") {
            *uri = Value::String(MASK.to_owned());
        }
    }
    serde_json::to_vec(&body).unwrap_or_default().into()
}

/// Escapes the control characters in JSON that `serde_json` doesn't: DEL and those beyond ASCII.
fn escape_control_characters(json: String) -> String {
    let is_control = |letter: char| {
        matches!(
            letter,
            '\u{7f}'..='\u{9f}' | '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
        )
    };
    if !json.contains(is_control) {
        return json;
    }
    let mut out = String::with_capacity(json.len());
    for letter in json.chars() {
        if is_control(letter) {
            // All of them are in the basic multilingual plane, where one escape is enough. Writing to a String can't fail.
            let _ = std::fmt::Write::write_fmt(&mut out, format_args!("\\u{:04x}", u32::from(letter)));
        } else {
            out.push(letter);
        }
    }
    out
}

/// The kept exchanges, the newest last.
#[derive(Default)]
pub(crate) struct Log {
    entries: VecDeque<Arc<Exchange>>,
    bytes: usize,
    count: u64,
    sink: Option<Box<dyn Write + Send>>,
}

impl std::fmt::Debug for Log {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Log").field("count", &self.count).finish_non_exhaustive()
    }
}

impl Log {
    /// Also writes every exchange as a line of JSON.
    pub(crate) fn write_to(&mut self, sink: Box<dyn Write + Send>) {
        self.sink = Some(sink);
    }

    /// Adds an exchange and removes the oldest ones beyond these limits of entries and bytes.
    pub(crate) fn add(&mut self, mut exchange: Exchange, entries: usize, bytes: usize) {
        self.count += 1;
        exchange.number = self.count;
        if let Some(sink) = &mut self.sink
            && let Ok(line) = serde_json::to_string(&exchange)
        {
            let line = escape_control_characters(line) + "\n";
            // The emulator continues when the log can't be written.
            drop(sink.write_all(line.as_bytes()).and_then(|()| sink.flush()));
        }
        self.bytes += size(&exchange);
        self.entries.push_back(Arc::new(exchange));
        while self.entries.len() > entries || self.bytes > bytes {
            let Some(oldest) = self.entries.pop_front() else { break };
            self.bytes -= size(&oldest);
        }
    }

    /// Returns the kept exchanges after this number.
    pub(crate) fn since(&self, number: u64) -> Vec<Arc<Exchange>> {
        self.entries.iter().filter(|exchange| exchange.number > number).cloned().collect()
    }

    pub(crate) fn clear(&mut self) {
        self.entries.clear();
        self.bytes = 0;
    }
}

/// Estimates the bytes that an exchange keeps in memory.
fn size(exchange: &Exchange) -> usize {
    exchange.request_body.len() + exchange.body.len() + 1024
}

#[cfg(test)]
mod tests {
    use super::escape_control_characters;

    #[test]
    fn control_characters_are_escaped() {
        let value = serde_json::json!({"a\u{9b}": "\u{1b}[2J\u{7f}\u{202e}日"});
        let line = escape_control_characters(value.to_string());
        assert!(!line.contains(['\u{1b}', '\u{7f}', '\u{9b}', '\u{202e}']), "{line:?}");
        assert_eq!(serde_json::from_str::<serde_json::Value>(&line).unwrap(), value);
    }
}
