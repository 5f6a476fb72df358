use std::ops::Deref;

use http::StatusCode;
use http::header::{ETAG, HeaderMap};
use partner_center_orders_api::runtime::ResponseValue;
use uuid::Uuid;

use crate::error::ServiceIds;
use crate::transport::{CallState, Ids};

/// A response: its value, to which it derefs, with status, ids and `ETag`.
///
/// ```
/// # use partner_center_orders::{Error, PartnerCenter};
/// # async fn example(partner: PartnerCenter, customer_id: uuid::Uuid) -> Result<(), Error> {
/// let order = partner.customer(customer_id).orders().get("5cf72f146967").await?;
/// println!("{} has {} lines (request {})", order.id, order.line_items.len(), order.request_id());
/// let order = order.into_inner();
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct Response<T> {
    value: Box<T>,
    head: Head,
}

/// The parts of a response other than its value.
#[derive(Clone, Debug)]
struct Head {
    status: StatusCode,
    ids: Ids,
    service_ids: ServiceIds,
    etag: Option<String>,
    attempts: u32,
}

impl<T> Response<T> {
    pub(crate) fn new(response: ResponseValue<T>, state: &CallState) -> Self {
        let head = Head {
            status: response.status(),
            ids: state.ids,
            service_ids: ServiceIds::of(response.headers()),
            etag: text(response.headers()),
            attempts: state.attempts(),
        };
        Self { value: response.into_boxed(), head }
    }

    /// Returns the value alone.
    pub fn into_inner(self) -> T {
        *self.value
    }

    /// The HTTP status.
    pub fn status(&self) -> StatusCode {
        self.head.status
    }

    /// The `MS-RequestId` that was sent.
    pub fn request_id(&self) -> Uuid {
        self.head.ids.request
    }

    /// The `MS-CorrelationId` that was sent.
    pub fn correlation_id(&self) -> Uuid {
        self.head.ids.correlation
    }

    /// The `MS-RequestId` of the response; it can differ from the one that was sent (documented samples).
    pub fn service_request_id(&self) -> Option<&str> {
        self.head.service_ids.request.as_deref()
    }

    /// The `MS-CorrelationId` of the response.
    pub fn service_correlation_id(&self) -> Option<&str> {
        self.head.service_ids.correlation.as_deref()
    }

    /// The `ETag` header, quotes included. Orders carry theirs in `attributes.etag`.
    pub fn etag(&self) -> Option<&str> {
        self.head.etag.as_deref()
    }

    /// The number of requests that were sent for it.
    pub fn attempts(&self) -> u32 {
        self.head.attempts
    }

    /// Returns the same response with another value.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Response<U> {
        Response { value: Box::new(change(*self.value)), head: self.head }
    }
}

impl<T> Deref for Response<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

fn text(headers: &HeaderMap) -> Option<String> {
    headers.get(ETAG)?.to_str().ok().map(str::to_owned)
}
