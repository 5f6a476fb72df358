//! Calls of operations, and the state that they work on.

use bytes::Bytes;
use chrono::{DateTime, Utc};
use http::HeaderMap;
use http::header::IF_MATCH;

use super::acceptance::Acceptance;
use crate::catalog::Catalog;
use crate::error_response::ErrorResponse;
use crate::identity::tokens::Caller;
use crate::random::Random;
use crate::route::Operation;
use crate::settings::{Settings, StaleEtag};
use crate::state::provisioning::Due;
use crate::state::{Customer, Effects};
use crate::wire::path::Pairs;

/// A call of an operation, after everything that is common to all calls.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Call<'a> {
    pub(crate) operation: Operation,
    /// The values of the path parameters.
    pub(crate) parameters: &'a [String],
    pub(crate) query: &'a Pairs,
    pub(crate) headers: &'a HeaderMap,
    pub(crate) body: &'a Bytes,
    pub(crate) caller: &'a Caller,
    pub(crate) settings: &'a Settings,
    /// The origin of the emulator, for absolute links.
    pub(crate) origin: &'a str,
    pub(crate) now: DateTime<Utc>,
    /// The injected faults that make orders fail.
    pub(crate) order_faults: &'a [OrderFault],
    /// How a change of a subscription is accepted, unless it is made immediately.
    pub(crate) acceptance: Option<Acceptance>,
}

/// An injected fault that makes an order fail.
#[derive(Clone, Debug)]
pub(crate) struct OrderFault {
    pub(crate) code: u32,
    pub(crate) description: String,
    /// The item that an order must contain to fail. Any order fails if there is none.
    pub(crate) item: Option<String>,
}

impl Call<'_> {
    /// Returns a path parameter by its position.
    pub(super) fn parameter(&self, position: usize) -> &str {
        self.parameters.get(position).map_or("", String::as_str)
    }

    /// Compares `If-Match` with the resource's `ETag`. Resources without one are never stale.
    pub(super) fn check_etag(&self, etag: Option<&str>) -> Result<(), ErrorResponse> {
        let (Some(etag), Some(wanted)) = (etag, self.headers.get(IF_MATCH)) else { return Ok(()) };
        let matches = wanted.to_str().is_ok_and(|wanted| {
            wanted.split(',').map(str::trim).any(|tag| tag == "*" || tag.trim_matches('"') == etag)
        });
        if matches {
            return Ok(());
        }
        let status = match self.settings.stale_etag {
            StaleEtag::BadRequest => http::StatusCode::BAD_REQUEST,
            StaleEtag::PreconditionFailed => http::StatusCode::PRECONDITION_FAILED,
        };
        Err(ErrorResponse::new(status, 2055, "The ETag is no longer valid."))
    }

    /// Returns the user that the licences of an order are for.
    pub(super) fn licensed_user(&self) -> Result<Option<String>, ErrorResponse> {
        const NAME: &str = "x-ms-customeruser-upn";
        let Some(value) = self.headers.get(NAME) else { return Ok(None) };
        match value.to_str() {
            Ok(upn) if upn.contains('@') => Ok(Some(upn.to_owned())),
            _ => Err(ErrorResponse::invalid(NAME, "The user principal name is not valid.")),
        }
    }
}

/// The parts of the state for a call about one customer.
pub(super) struct CustomerContext<'a> {
    pub(super) customer: &'a mut Customer,
    pub(super) catalog: &'a Catalog,
    pub(super) random: &'a mut Random,
    pub(super) due: &'a mut Due,
    pub(super) effects: &'a mut Effects,
}
