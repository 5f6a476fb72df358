//! The contract's operations, with the schemas of their bodies.

use crate::escaped::Escaped;
use crate::generated::OPERATIONS;
use crate::schema::{Schema, hint};
use crate::suggest;

/// An operation of the contract.
///
/// ```
/// use partner_center_orders_schema::{Operation, Schema};
///
/// let operation = Operation::named("create_order")?;
/// assert_eq!(operation.request(), Some(Schema::NEW_ORDER));
/// assert_eq!(operation.response(201), Some(Schema::ORDER));
/// assert_eq!(operation.response(404), Some(Schema::FAULT));
///
/// let seen = Operation::matching("POST", "/v1/customers/d6bf25b7-e0a8-4f2d-a31b-97b55cfc774d/orders");
/// assert_eq!(seen.map(Operation::id), Some("create_order"));
/// # Ok::<(), partner_center_orders_schema::UnknownOperation>(())
/// ```
#[derive(Debug)]
pub struct Operation {
    pub(crate) id: &'static str,
    pub(crate) method: &'static str,
    pub(crate) path: &'static str,
    pub(crate) summary: &'static str,
    pub(crate) streams: bool,
    pub(crate) request: Option<Schema>,
    /// Sorted by status as text.
    pub(crate) responses: &'static [(&'static str, Option<Schema>)],
}

/// The contract has no operation with this id.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the contract has no operation `{}`{}", Escaped(id), hint(self.suggestion))]
#[non_exhaustive]
pub struct UnknownOperation {
    /// The requested id.
    pub id: String,
    /// A similar id.
    pub suggestion: Option<&'static str>,
}

impl Operation {
    /// Returns the operation with this `operationId`, such as `create_order`.
    ///
    /// # Errors
    /// Fails if there is none.
    pub fn named(id: &str) -> Result<&'static Self, UnknownOperation> {
        Self::all().find(|operation| operation.id == id).ok_or_else(|| UnknownOperation {
            id: id.to_owned(),
            suggestion: suggest::nearest(id, Self::all().map(|operation| operation.id)),
        })
    }

    /// Returns every operation, sorted by path.
    pub fn all() -> impl Iterator<Item = &'static Self> {
        OPERATIONS.iter()
    }

    /// Returns the operation of a request, by method and path.
    ///
    /// The path may be a whole URL and may begin with `/v1`; query, trailing slash and letter case are ignored.
    pub fn matching(method: &str, path: &str) -> Option<&'static Self> {
        let segments = segments(path);
        Self::all().find(|operation| {
            operation.method.eq_ignore_ascii_case(method) && matches_template(operation.path, &segments)
        })
    }

    /// Returns the `operationId`, in `snake_case`.
    pub const fn id(&self) -> &'static str {
        self.id
    }

    /// Returns the HTTP method, in upper case.
    pub const fn method(&self) -> &'static str {
        self.method
    }

    /// Returns the path template: `/customers/{customer_id}/orders`.
    pub const fn path(&self) -> &'static str {
        self.path
    }

    /// Returns the contract's summary, one line.
    pub const fn summary(&self) -> &'static str {
        self.summary
    }

    /// Whether the response is a file rather than JSON.
    pub const fn streams(&self) -> bool {
        self.streams
    }

    /// Returns the schema of the request's JSON body, if it has one.
    pub const fn request(&self) -> Option<Schema> {
        self.request
    }

    /// Whether the contract lists this status for the operation.
    pub fn responds_with(&self, status: u16) -> bool {
        self.row(status).is_some()
    }

    /// Returns the schema of the JSON body that a response with this status has; nothing if it needs none, as 202 does.
    pub fn response(&self, status: u16) -> Option<Schema> {
        self.row(status)?.1
    }

    /// Returns the schema of the JSON body of a successful response, if any has one.
    ///
    /// A success with another status may come without a body: see [`response`](Self::response).
    pub fn success(&self) -> Option<Schema> {
        self.responses.iter().filter(|(status, _)| status.starts_with('2')).find_map(|(_, schema)| *schema)
    }

    /// Returns the statuses that the contract lists.
    pub fn statuses(&self) -> impl Iterator<Item = &'static str> {
        self.responses.iter().map(|(status, _)| *status)
    }

    /// Whether a URL looks like one of this service, with or without an operation for it.
    pub(crate) fn is_of_service(url: &str) -> bool {
        let versioned = url.split('/').any(|part| part.eq_ignore_ascii_case("v1"));
        versioned || segments(url).first().is_some_and(|first| first.eq_ignore_ascii_case("customers"))
    }

    /// Returns the row of a status, of its range, or of `default`.
    fn row(&self, status: u16) -> Option<&(&'static str, Option<Schema>)> {
        let own = status.to_string();
        let range = format!("{}XX", status / 100);
        [own.as_str(), range.as_str(), "default"]
            .into_iter()
            .find_map(|status| self.responses.iter().find(|(known, _)| *known == status))
    }
}

/// Returns the segments of a URL's path, without scheme, host, version and query.
fn segments(url: &str) -> Vec<&str> {
    let path = url.split(['?', '#']).next().unwrap_or_default();
    let path = match path.split_once("://") {
        Some((_, rest)) => rest.split_once('/').map_or("", |(_, path)| path),
        None => path,
    };
    let mut segments: Vec<&str> = path.split('/').filter(|segment| !segment.is_empty()).collect();
    if segments.first().is_some_and(|first| first.eq_ignore_ascii_case("v1")) {
        segments.remove(0);
    }
    segments
}

fn matches_template(template: &str, segments: &[&str]) -> bool {
    let mut parts = template.split('/').filter(|part| !part.is_empty());
    let matches = segments
        .iter()
        .all(|segment| parts.next().is_some_and(|part| part.starts_with('{') || part.eq_ignore_ascii_case(segment)));
    matches && parts.next().is_none()
}
