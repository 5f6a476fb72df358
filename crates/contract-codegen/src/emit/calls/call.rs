//! The operations of the lowered contract, as the client has them.

use std::cmp::Ordering;

use contract::naming::{pascal, snake};
use contract::operations::operations;
use contract::schema::resolve;
use quote::format_ident;
use serde_json::{Map, Value};
use syn::{File, Ident, Type};

use super::inferred::Inferred;
use super::{CallsError, is, line};
use crate::lower;

/// One operation.
pub(super) struct Call {
    /// `operationId`.
    pub id: String,
    pub method: Ident,
    pub builder: Ident,
    /// The summary, the description, and the request.
    pub docs: String,
    /// The parameters and the body, in the order of arguments: those of the path, the required ones, the body, the others.
    pub parameters: Vec<Parameter>,
    /// The type of a success's body.
    pub success: Type,
    /// The other forms of a success.
    pub forms: Forms,
    /// The type of an error response.
    pub fault: Type,
    /// Whether a success is a collection, which can be streamed.
    pub is_list: bool,
}

/// The forms of a success other than the one with a body.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Forms {
    /// Whether it can be 202, with or without a body.
    pub may_be_accepted: bool,
    /// Whether any other status can come without the body.
    pub body_is_optional: bool,
}

impl Forms {
    /// There is no other form.
    pub(super) const ONE: Self = Self { may_be_accepted: false, body_is_optional: false };
}

/// A parameter, or the body.
pub(super) struct Parameter {
    pub argument: Ident,
    /// The name on the wire.
    pub wire: String,
    pub position: Position,
    pub required: bool,
    pub docs: String,
    pub kind: Type,
}

/// Where a request has a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Position {
    Path,
    Query,
    Header,
    Body,
}

impl Call {
    /// What a call can't do without.
    pub(super) fn required(&self) -> impl Iterator<Item = &Parameter> {
        self.parameters.iter().filter(|parameter| parameter.required)
    }

    /// The parameters in the order in which they are written: a query's by name, and the body before headers.
    pub(super) fn sent(&self) -> impl Iterator<Item = &Parameter> {
        let mut sent: Vec<&Parameter> = self.parameters.iter().collect();
        let rank = |position| match position {
            Position::Path => 0,
            Position::Query => 1,
            Position::Body => 2,
            Position::Header => 3,
        };
        sent.sort_by(|one, other| {
            let by_name = || match one.position {
                Position::Path => Ordering::Equal,
                _ => one.wire.cmp(&other.wire),
            };
            rank(one.position).cmp(&rank(other.position)).then_with(by_name)
        });
        sent.into_iter()
    }
}

/// The operations of the contract.
pub(super) fn calls(lowered: &Value, output: &File) -> Result<Vec<Call>, CallsError> {
    let calls = operations(lowered).map(|(path, method, operation)| {
        // What the operations of a path share is next to them.
        let shared = lowered.get("paths").and_then(|paths| paths.get(path)).and_then(|item| item.get("parameters"));
        call(lowered, output, (path, method), shared, operation)
    });
    calls.collect()
}

fn call(
    lowered: &Value,
    output: &File,
    (path, http_method): (&str, &str),
    shared: Option<&Value>,
    operation: &Map<String, Value>,
) -> Result<Call, CallsError> {
    let text = |key: &str| operation.get(key).and_then(Value::as_str).unwrap_or_default();
    let id = text("operationId").to_owned();
    let method = snake(&id);
    let builder = pascal(&method);
    let inferred = Inferred::of(output, &id, &builder)?;
    let [success, fault] = inferred.outcome()?;
    if !is_typed(&fault) {
        return Err(CallsError::Fault(id));
    }
    let mut parameters = Vec::new();
    for parameter in declared(lowered, shared, operation.get("parameters")) {
        parameters.push(self::parameter(parameter, &inferred)?);
    }
    if let Some(body) = operation.get("requestBody").map(|body| resolve(lowered, body)) {
        parameters.push(self::body(body, &id, &inferred)?);
    }
    // Sorting is stable: otherwise the contract's order stays.
    parameters.sort_by_key(|parameter| match parameter.position {
        Position::Path => (0, path.find(&format!("{{{}}}", parameter.wire))),
        Position::Query | Position::Header if parameter.required => (1, None),
        Position::Body => (2, None),
        Position::Query | Position::Header => (3, None),
    });
    let mut docs = text("summary").trim_end_matches(['.', ',']).to_owned();
    for paragraph in
        [text("description").trim(), &format!("Sends a `{}` request to `{path}`.", http_method.to_ascii_uppercase())]
    {
        if !paragraph.is_empty() {
            docs.push_str("\n\n");
            docs.push_str(paragraph);
        }
    }
    Ok(Call {
        method: format_ident!("{method}"),
        builder: format_ident!("{builder}"),
        docs: docs.trim_start().to_owned(),
        parameters,
        success,
        forms: Forms {
            may_be_accepted: lower::may_be_accepted(operation),
            body_is_optional: lower::body_is_optional(operation),
        },
        fault,
        is_list: http_method == "get" && lower::is_list(lowered, operation),
        id,
    })
}

/// The parameters of a path and of its operation, which may declare one of them anew.
fn declared<'a>(lowered: &'a Value, shared: Option<&'a Value>, own: Option<&'a Value>) -> Vec<&'a Value> {
    let mut found: Vec<&Value> = Vec::new();
    for parameter in [shared, own].into_iter().flatten().filter_map(Value::as_array).flatten() {
        let parameter = resolve(lowered, parameter);
        let same = |other: &&mut &Value| ["in", "name"].iter().all(|key| other.get(key) == parameter.get(key));
        match found.iter_mut().find(same) {
            Some(shared) => *shared = parameter,
            None => found.push(parameter),
        }
    }
    found
}

fn parameter(parameter: &Value, inferred: &Inferred<'_>) -> Result<Parameter, CallsError> {
    let text = |key: &str| parameter.get(key).and_then(Value::as_str).unwrap_or_default();
    let wire = text("name").to_owned();
    let argument = snake(&wire);
    let position = match text("in") {
        "path" => Position::Path,
        "header" => Position::Header,
        _ => Position::Query,
    };
    Ok(Parameter {
        kind: inferred.parameter(&argument)?,
        argument: format_ident!("{argument}"),
        position,
        required: position == Position::Path || parameter.get("required") == Some(&Value::Bool(true)),
        docs: line(text("description")),
        wire,
    })
}

fn body(body: &Value, id: &str, inferred: &Inferred<'_>) -> Result<Parameter, CallsError> {
    let json = body.get("content").and_then(|content| content.get("application/json"));
    if json.is_none() {
        return Err(CallsError::Body(id.to_owned()));
    }
    Ok(Parameter {
        kind: inferred.parameter("body")?,
        argument: format_ident!("body"),
        wire: String::new(),
        position: Position::Body,
        required: true,
        docs: line(body.get("description").and_then(Value::as_str).unwrap_or_default()),
    })
}

/// Whether values of the type are decoded.
fn is_typed(kind: &Type) -> bool {
    !matches!(kind, Type::Tuple(_)) && !is(kind, "ByteStream")
}
