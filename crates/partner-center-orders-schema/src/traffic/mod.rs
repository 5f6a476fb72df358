//! Observed traffic beside the contract: what comes along that the contract doesn't say, how often, and where first.
//!
//! ```
//! use partner_center_orders_schema::traffic::{Conformance, Exchange, Part};
//!
//! let mut conformance = Conformance::default();
//! conformance.exchange(&Exchange {
//!     source: "capture.har, entry 3".into(),
//!     method: "GET".into(),
//!     path: "/v1/customers/b0d70a69-4c42-4b27-b17b-91a835d8686a/carts/1".into(),
//!     status: Some(200),
//!     request: Part::Unknown,
//!     response: Part::Body(br#"{"id": "1", "lineItems": [], "colour": "red"}"#.to_vec()),
//!     set_apart: false,
//! });
//!
//! let outcome = conformance.outcome();
//! let [difference] = outcome.differences.as_slice() else { panic!("{outcome:?}") };
//! assert_eq!((difference.operation, difference.kind.as_str()), (Some("get_cart"), "unknown_member"));
//! assert_eq!((difference.pattern.as_str(), difference.count), ("/colour", 1));
//! ```

mod base64;
mod capture;

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;

pub use capture::{CaptureError, read_capture, read_path};

use crate::finding::{Code, Finding};
use crate::operation::Operation;
use crate::reading::Direction;
use crate::schema::Schema;
use crate::syntax_error::SyntaxErrorKind;
use crate::validator::Validator;

/// One request and its answer, as far as they were captured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exchange {
    /// Where it was captured: a file and a place in it.
    pub source: String,
    /// The HTTP method.
    pub method: String,
    /// The path, or the whole address.
    pub path: String,
    /// The status of the answer, if there was one.
    pub status: Option<u16>,
    /// What the client sent.
    pub request: Part,
    /// What the service answered.
    pub response: Part,
    /// Marked by whoever captured it as departing from the contract on purpose, such as an injected fault.
    pub set_apart: bool,
}

/// A captured body.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Part {
    /// It wasn't captured.
    #[default]
    Unknown,
    /// There was a body, of this content; an empty one is no body.
    Body(Vec<u8>),
}

/// What kind of difference it is; the codes are stable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum DifferenceKind {
    /// The contract has no such method and path.
    UnknownPath,
    /// The contract doesn't have this status for the operation.
    UnknownStatus,
    /// A body was expected, and there is none.
    MissingBody,
    /// A body that should be JSON is not.
    Damaged(SyntaxErrorKind),
    /// A finding about a body.
    Finding(Code),
}

impl DifferenceKind {
    /// The code as text: `unknown_path`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::UnknownPath => "unknown_path",
            Self::UnknownStatus => "unknown_status",
            Self::MissingBody => "missing_body",
            Self::Damaged(kind) => kind.as_str(),
            Self::Finding(code) => code.as_str(),
        }
    }
}

impl fmt::Display for DifferenceKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for DifferenceKind {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// One way in which traffic departs from the contract, however often.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Difference {
    /// The operation, where it is known.
    pub operation: Option<&'static str>,
    /// Which way the payload travelled.
    pub direction: &'static str,
    /// The status of the answer, or for an unknown path the method.
    pub subject: String,
    /// What kind of difference it is.
    pub kind: DifferenceKind,
    /// Where in the payload, with `*` for each place in an array; for an unknown path that path.
    pub pattern: String,
    /// Whether lenient reading refuses the payload for it: readers may fail, rather than learn something new.
    pub breaking: bool,
    /// What the contract has there.
    pub expected: String,
    /// The values that were found there, the first few of them.
    pub found: Vec<String>,
    /// What was likely meant.
    pub suggestion: Option<String>,
    /// How often it was seen.
    pub count: usize,
    /// Where it was seen first.
    pub first: FirstSeen,
}

/// Where a difference was seen first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct FirstSeen {
    /// The exchange: a file and a place in it.
    pub source: String,
    /// The JSON pointer within the payload.
    pub pointer: String,
}

/// What all exchanges together say.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Outcome {
    /// How many exchanges were seen.
    pub exchanges: usize,
    /// How many of them went to other services, and were left alone.
    pub elsewhere: usize,
    /// How many of them were marked as departing from the contract on purpose, and were left alone.
    pub set_apart: usize,
    /// Files of a folder that are no captures.
    pub skipped: Vec<String>,
    /// How many bodies were judged.
    pub judged: usize,
    /// How often each operation was seen.
    pub operations: BTreeMap<&'static str, usize>,
    /// The differences: by operation, direction, kind and place.
    pub differences: Vec<Difference>,
}

impl Outcome {
    /// Whether contract and traffic agree.
    pub fn is_conformant(&self) -> bool {
        self.differences.is_empty()
    }
}

/// So many different values are shown of one difference.
const SHOWN: usize = 5;

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    operation: Option<&'static str>,
    direction: &'static str,
    subject: String,
    kind: DifferenceKind,
    pattern: String,
}

/// Takes exchanges in, one after the other, and sums up.
#[derive(Debug, Default)]
pub struct Conformance {
    outcome: Outcome,
    differences: BTreeMap<Key, Difference>,
}

impl Conformance {
    /// Takes one exchange in.
    pub fn exchange(&mut self, exchange: &Exchange) {
        self.outcome.exchanges += 1;
        if exchange.set_apart {
            self.outcome.set_apart += 1;
            return;
        }
        let Some(operation) = Operation::matching(&exchange.method, &exchange.path) else {
            if Operation::is_near(&exchange.path) {
                self.unknown_path(exchange);
            } else {
                self.outcome.elsewhere += 1;
            }
            return;
        };
        *self.outcome.operations.entry(operation.id()).or_default() += 1;
        if let Some(schema) = operation.request() {
            self.body(exchange, operation, Direction::Request, schema, &exchange.request);
        }
        let Some(status) = exchange.status else { return };
        if !operation.responds_with(status) {
            let about = About { operation: Some(operation.id()), direction: Direction::Response, status: Some(status) };
            let expected = format!("one of {}", operation.statuses().collect::<Vec<_>>().join(", "));
            self.add(exchange, about, DifferenceKind::UnknownStatus, Words::of(expected, status.to_string()));
        }
        if let Some(schema) = operation.response(status) {
            self.body(exchange, operation, Direction::Response, schema, &exchange.response);
        }
    }

    /// Takes one payload in that is known to belong to an operation.
    pub fn payload(&mut self, source: &str, operation: &'static Operation, direction: Direction, payload: &[u8]) {
        self.outcome.exchanges += 1;
        *self.outcome.operations.entry(operation.id()).or_default() += 1;
        let schema = match direction {
            Direction::Request => operation.request(),
            Direction::Response => operation.success(),
        };
        let exchange = Exchange {
            source: source.to_owned(),
            method: operation.method().to_owned(),
            path: operation.path().to_owned(),
            status: None,
            request: Part::Unknown,
            response: Part::Unknown,
            set_apart: false,
        };
        if let Some(schema) = schema {
            self.body(&exchange, operation, direction, schema, &Part::Body(payload.to_vec()));
        }
    }

    /// What all exchanges together say.
    #[must_use]
    pub fn outcome(self) -> Outcome {
        Outcome { differences: self.differences.into_values().collect(), ..self.outcome }
    }

    fn unknown_path(&mut self, exchange: &Exchange) {
        let about = About { operation: None, direction: Direction::Request, status: None };
        let path = exchange.path.split(['?', '#']).next().unwrap_or_default();
        let words = Words {
            pattern: generalised(path),
            ..Words::of("an operation of the contract".to_owned(), format!("{} {path}", exchange.method))
        };
        self.add(exchange, about, DifferenceKind::UnknownPath, words);
    }

    fn body(
        &mut self,
        exchange: &Exchange,
        operation: &'static Operation,
        direction: Direction,
        schema: Schema,
        part: &Part,
    ) {
        let Part::Body(body) = part else { return };
        let about = About { operation: Some(operation.id()), direction, status: exchange.status };
        self.outcome.judged += 1;
        if body.is_empty() {
            let words = Words { breaking: true, ..Words::of(format!("a body: {schema}"), "none".to_owned()) };
            self.add(exchange, about, DifferenceKind::MissingBody, words);
            return;
        }
        let lenient = Validator::new(schema).direction(direction);
        match lenient.strict().validate(body) {
            Err(damage) => {
                let words = Words {
                    breaking: true,
                    suggestion: damage.hint,
                    ..Words::of(format!("JSON: {schema}"), damage.message)
                };
                self.add(exchange, about, DifferenceKind::Damaged(damage.kind), words);
            }
            Ok(report) if report.is_valid() => {}
            Ok(report) => {
                let refused: Vec<Finding> = lenient.validate(body).map(|report| report.findings).unwrap_or_default();
                for finding in report.findings {
                    let same = |other: &Finding| (other.code, &other.pointer) == (finding.code, &finding.pointer);
                    let words = Words {
                        breaking: refused.iter().any(same),
                        expected: finding.expected,
                        found: finding.found,
                        pattern: finding.pattern,
                        pointer: finding.pointer,
                        suggestion: finding.suggestion,
                    };
                    self.add(exchange, about, DifferenceKind::Finding(finding.code), words);
                }
            }
        }
    }

    fn add(&mut self, exchange: &Exchange, about: About, kind: DifferenceKind, words: Words) {
        let direction = match about.direction {
            Direction::Request => "request",
            Direction::Response => "response",
        };
        let subject = match (kind, about.direction, about.status) {
            (DifferenceKind::UnknownPath, _, _) => exchange.method.clone(),
            (_, Direction::Response, Some(status)) => status.to_string(),
            _ => String::new(),
        };
        let key = Key { operation: about.operation, direction, subject, kind, pattern: words.pattern };
        let difference = self.differences.entry(key).or_insert_with_key(|key| Difference {
            operation: key.operation,
            direction: key.direction,
            subject: key.subject.clone(),
            kind,
            pattern: key.pattern.clone(),
            breaking: false,
            expected: words.expected,
            found: Vec::new(),
            suggestion: words.suggestion,
            count: 0,
            first: FirstSeen { source: exchange.source.clone(), pointer: words.pointer },
        });
        difference.count += 1;
        difference.breaking |= words.breaking;
        if difference.found.len() < SHOWN && !difference.found.contains(&words.found) {
            difference.found.push(words.found);
        }
    }
}

#[derive(Clone, Copy)]
struct About {
    operation: Option<&'static str>,
    direction: Direction,
    status: Option<u16>,
}

/// What is said of a difference.
struct Words {
    pattern: String,
    pointer: String,
    expected: String,
    found: String,
    suggestion: Option<String>,
    breaking: bool,
}

impl Words {
    fn of(expected: String, found: String) -> Self {
        Self { pattern: String::new(), pointer: String::new(), expected, found, suggestion: None, breaking: false }
    }
}

/// A path with `*` for each part that looks like an id, so that the same address for many resources is one.
fn generalised(path: &str) -> String {
    let path = path.split_once("://").map_or(path, |(_, rest)| rest.find('/').map_or("", |at| &rest[at..]));
    let parts = path
        .split('/')
        .map(|part| if part.bytes().any(|byte| byte.is_ascii_digit()) && part != "v1" { "*" } else { part });
    parts.collect::<Vec<_>>().join("/")
}
