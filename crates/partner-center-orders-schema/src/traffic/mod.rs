//! Comparison of captured traffic with the contract: each difference, how often it occurs, and where first.
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
use crate::mode::Direction;
use crate::operation::Operation;
use crate::schema::Schema;
use crate::syntax_error::SyntaxErrorKind;
use crate::validator::Validator;

/// A request and its response, as far as they were captured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exchange {
    /// The file where it was captured, and the location in it.
    pub source: String,
    /// The HTTP method.
    pub method: String,
    /// The path, or the whole URL.
    pub path: String,
    /// The status of the response, if there was one.
    pub status: Option<u16>,
    /// The body that the client sent.
    pub request: Part,
    /// The body that the service returned.
    pub response: Part,
    /// Whether the capture marks it as departing from the contract on purpose, such as an injected fault.
    pub set_apart: bool,
}

/// A captured body.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Part {
    /// The body wasn't captured.
    #[default]
    Unknown,
    /// The content of the body; empty if there was none.
    Body(Vec<u8>),
}

/// The kind of a difference; its codes are stable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum DifferenceKind {
    /// The contract has no such method and path.
    UnknownPath,
    /// The contract doesn't list this status for the operation.
    UnknownStatus,
    /// A body was expected and is missing.
    MissingBody,
    /// A body is not JSON.
    InvalidJson(SyntaxErrorKind),
    /// A finding about a body.
    Finding(Code),
}

impl DifferenceKind {
    /// Returns the code as text: `unknown_path`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::UnknownPath => "unknown_path",
            Self::UnknownStatus => "unknown_status",
            Self::MissingBody => "missing_body",
            Self::InvalidJson(kind) => kind.as_str(),
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

/// A way in which traffic departs from the contract, with the number of occurrences.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Difference {
    /// The operation, if it is known.
    pub operation: Option<&'static str>,
    /// The direction of the payload.
    pub direction: &'static str,
    /// The status of the response, or for an unknown path the method.
    pub subject: String,
    /// The kind of difference.
    pub kind: DifferenceKind,
    /// The JSON pointer in the payload, with `*` for each index of an array; for an unknown path that path.
    pub pattern: String,
    /// Whether lenient validation reports it too: readers may fail, and not only see something new.
    pub breaking: bool,
    /// The value that the contract expects.
    pub expected: String,
    /// The first few of the values found.
    pub found: Vec<String>,
    /// The likely intention.
    pub suggestion: Option<String>,
    /// The number of occurrences.
    pub count: usize,
    /// The first occurrence.
    pub first: FirstSeen,
}

/// The first occurrence of a difference.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct FirstSeen {
    /// The exchange: a file and a location in it.
    pub source: String,
    /// The JSON pointer within the payload.
    pub pointer: String,
}

/// The result of comparing all exchanges.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Outcome {
    /// The number of exchanges.
    pub exchanges: usize,
    /// The number of exchanges with other services, which are ignored.
    pub elsewhere: usize,
    /// The number of exchanges marked as departing from the contract on purpose, which are ignored.
    pub set_apart: usize,
    /// The files of folders that are not captures.
    pub skipped: Vec<String>,
    /// The number of bodies that were validated.
    pub validated: usize,
    /// The number of exchanges by operation.
    pub operations: BTreeMap<&'static str, usize>,
    /// The differences: by operation, direction, kind and location.
    pub differences: Vec<Difference>,
}

impl Outcome {
    /// Whether the traffic conforms to the contract.
    pub fn is_conformant(&self) -> bool {
        self.differences.is_empty()
    }
}

/// The number of different values that are kept of one difference.
const SHOWN: usize = 5;

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    operation: Option<&'static str>,
    direction: &'static str,
    subject: String,
    kind: DifferenceKind,
    pattern: String,
}

/// Compares exchanges with the contract, one after the other.
#[derive(Debug, Default)]
pub struct Conformance {
    outcome: Outcome,
    differences: BTreeMap<Key, Difference>,
}

impl Conformance {
    /// Adds one exchange.
    pub fn exchange(&mut self, exchange: &Exchange) {
        self.outcome.exchanges += 1;
        if exchange.set_apart {
            self.outcome.set_apart += 1;
            return;
        }
        let Some(operation) = Operation::matching(&exchange.method, &exchange.path) else {
            if Operation::is_of_service(&exchange.path) {
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
            self.add(exchange, about, DifferenceKind::UnknownStatus, Details::of(expected, status.to_string()));
        }
        if let Some(schema) = operation.response(status) {
            self.body(exchange, operation, Direction::Response, schema, &exchange.response);
        } else if let (true, Some(schema), Part::Body(body)) =
            ((200..300).contains(&status) && operation.responds_with(status), operation.success(), &exchange.response)
            && !body.is_empty()
        {
            // A success that needs no body may have the one that others have, as 202 sometimes does.
            self.body(exchange, operation, Direction::Response, schema, &exchange.response);
        }
    }

    /// Adds one payload of a known operation.
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

    /// Returns the result of comparing all exchanges.
    #[must_use]
    pub fn outcome(self) -> Outcome {
        Outcome { differences: self.differences.into_values().collect(), ..self.outcome }
    }

    fn unknown_path(&mut self, exchange: &Exchange) {
        let about = About { operation: None, direction: Direction::Request, status: None };
        let path = exchange.path.split(['?', '#']).next().unwrap_or_default();
        let details = Details {
            pattern: path_pattern(path),
            ..Details::of("an operation of the contract".to_owned(), format!("{} {path}", exchange.method))
        };
        self.add(exchange, about, DifferenceKind::UnknownPath, details);
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
        self.outcome.validated += 1;
        if body.is_empty() {
            let details = Details { breaking: true, ..Details::of(format!("a body: {schema}"), "none".to_owned()) };
            self.add(exchange, about, DifferenceKind::MissingBody, details);
            return;
        }
        let lenient = Validator::new(schema).direction(direction);
        match lenient.strict().validate(body) {
            Err(error) => {
                let details = Details {
                    breaking: true,
                    suggestion: error.hint,
                    ..Details::of(format!("JSON: {schema}"), error.message)
                };
                self.add(exchange, about, DifferenceKind::InvalidJson(error.kind), details);
            }
            Ok(report) if report.is_valid() => {}
            Ok(report) => {
                let lenient_findings: Vec<Finding> =
                    lenient.validate(body).map(|report| report.findings).unwrap_or_default();
                for finding in report.findings {
                    let same = |other: &Finding| (other.code, &other.pointer) == (finding.code, &finding.pointer);
                    let details = Details {
                        breaking: lenient_findings.iter().any(same),
                        expected: finding.expected,
                        found: finding.found,
                        pattern: finding.pattern,
                        pointer: finding.pointer,
                        suggestion: finding.suggestion,
                    };
                    self.add(exchange, about, DifferenceKind::Finding(finding.code), details);
                }
            }
        }
    }

    fn add(&mut self, exchange: &Exchange, about: About, kind: DifferenceKind, details: Details) {
        let direction = match about.direction {
            Direction::Request => "request",
            Direction::Response => "response",
        };
        let subject = match (kind, about.direction, about.status) {
            (DifferenceKind::UnknownPath, _, _) => exchange.method.clone(),
            (_, Direction::Response, Some(status)) => status.to_string(),
            _ => String::new(),
        };
        let key = Key { operation: about.operation, direction, subject, kind, pattern: details.pattern };
        let difference = self.differences.entry(key).or_insert_with_key(|key| Difference {
            operation: key.operation,
            direction: key.direction,
            subject: key.subject.clone(),
            kind,
            pattern: key.pattern.clone(),
            breaking: false,
            expected: details.expected,
            found: Vec::new(),
            suggestion: details.suggestion,
            count: 0,
            first: FirstSeen { source: exchange.source.clone(), pointer: details.pointer },
        });
        difference.count += 1;
        difference.breaking |= details.breaking;
        if difference.found.len() < SHOWN && !difference.found.contains(&details.found) {
            difference.found.push(details.found);
        }
    }
}

#[derive(Clone, Copy)]
struct About {
    operation: Option<&'static str>,
    direction: Direction,
    status: Option<u16>,
}

/// The texts of a difference.
struct Details {
    pattern: String,
    pointer: String,
    expected: String,
    found: String,
    suggestion: Option<String>,
    breaking: bool,
}

impl Details {
    fn of(expected: String, found: String) -> Self {
        Self { pattern: String::new(), pointer: String::new(), expected, found, suggestion: None, breaking: false }
    }
}

/// Replaces each segment that looks like an id with `*`, so that the paths of many resources are one.
fn path_pattern(path: &str) -> String {
    let path = path.split_once("://").map_or(path, |(_, rest)| rest.find('/').map_or("", |at| &rest[at..]));
    let parts = path
        .split('/')
        .map(|part| if part.bytes().any(|byte| byte.is_ascii_digit()) && part != "v1" { "*" } else { part });
    parts.collect::<Vec<_>>().join("/")
}
