//! The contract's operations, as far as they say which schema rules which body.

use crate::escaped::Escaped;
use crate::generated::OPERATIONS;
use crate::schema::{Schema, hint};
use crate::suggest;

/// One operation of the contract.
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
    /// By status, in the order of the text.
    pub(crate) responses: &'static [(&'static str, Option<Schema>)],
}

/// No operation of the contract has this id.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the contract has no operation `{}`{}", Escaped(id), hint(self.suggestion))]
#[non_exhaustive]
pub struct UnknownOperation {
    /// The id that was asked for.
    pub id: String,
    /// An id that is near.
    pub suggestion: Option<&'static str>,
}

impl Operation {
    /// The operation with this `operationId`, such as `create_order`.
    ///
    /// # Errors
    /// When there is none.
    pub fn named(id: &str) -> Result<&'static Self, UnknownOperation> {
        Self::all().find(|operation| operation.id == id).ok_or_else(|| UnknownOperation {
            id: id.to_owned(),
            suggestion: suggest::nearest(id, Self::all().map(|operation| operation.id)),
        })
    }

    /// Every operation, in the order of the paths.
    pub fn all() -> impl Iterator<Item = &'static Self> {
        OPERATIONS.iter()
    }

    /// The operation that a request belongs to, by method and path.
    ///
    /// The path may be a whole address and may begin with `/v1`; a query and a slash at the end don't matter, nor does
    /// letter case.
    pub fn matching(method: &str, path: &str) -> Option<&'static Self> {
        let segments = segments(path);
        Self::all()
            .find(|operation| operation.method.eq_ignore_ascii_case(method) && template_fits(operation.path, &segments))
    }

    /// The `operationId`, in `snake_case`.
    pub const fn id(&self) -> &'static str {
        self.id
    }

    /// The HTTP method, upper case.
    pub const fn method(&self) -> &'static str {
        self.method
    }

    /// The path template: `/customers/{customer_id}/orders`.
    pub const fn path(&self) -> &'static str {
        self.path
    }

    /// What it does, in one line.
    pub const fn summary(&self) -> &'static str {
        self.summary
    }

    /// Whether the answer is a file rather than JSON.
    pub const fn streams(&self) -> bool {
        self.streams
    }

    /// The schema of the JSON that a client sends; none for an operation without a body, or with one that isn't JSON.
    pub const fn request(&self) -> Option<Schema> {
        self.request
    }

    /// Whether the contract has this status for the operation.
    pub fn responds_with(&self, status: u16) -> bool {
        self.row(status).is_some()
    }

    /// The schema of the JSON that the service answers with this status.
    pub fn response(&self, status: u16) -> Option<Schema> {
        self.row(status)?.1
    }

    /// The schema of the JSON that the service answers when all went well.
    pub fn success(&self) -> Option<Schema> {
        self.responses.iter().find(|(status, _)| status.starts_with('2')).and_then(|(_, schema)| *schema)
    }

    /// The statuses that the contract has for it.
    pub fn statuses(&self) -> impl Iterator<Item = &'static str> {
        self.responses.iter().map(|(status, _)| *status)
    }

    /// Whether an address looks like one of this service, whether or not there is an operation for it.
    pub(crate) fn is_near(address: &str) -> bool {
        let versioned = address.split('/').any(|part| part.eq_ignore_ascii_case("v1"));
        versioned || segments(address).first().is_some_and(|first| first.eq_ignore_ascii_case("customers"))
    }

    /// The row of a status: its own, or that of its range, or the default.
    fn row(&self, status: u16) -> Option<&(&'static str, Option<Schema>)> {
        let own = status.to_string();
        let range = format!("{}XX", status / 100);
        [own.as_str(), range.as_str(), "default"]
            .into_iter()
            .find_map(|wanted| self.responses.iter().find(|(known, _)| *known == wanted))
    }
}

/// The parts of an address's path, without scheme, host, version and query.
fn segments(address: &str) -> Vec<&str> {
    let path = address.split(['?', '#']).next().unwrap_or_default();
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

fn template_fits(template: &str, segments: &[&str]) -> bool {
    let mut parts = template.split('/').filter(|part| !part.is_empty());
    let fits = segments
        .iter()
        .all(|segment| parts.next().is_some_and(|part| part.starts_with('{') || part.eq_ignore_ascii_case(segment)));
    fits && parts.next().is_none()
}
