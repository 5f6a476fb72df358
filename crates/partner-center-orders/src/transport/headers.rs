//! The headers that every attempt of a call carries.

use http::{HeaderMap, HeaderName, HeaderValue};
use partner_center_orders_api::runtime::{CallOptions, TransportError, TransportErrorKind};
use uuid::Uuid;

use crate::clock::{RandomSource, new_ids};

const REQUEST_ID: HeaderName = HeaderName::from_static("ms-requestid");
const CORRELATION_ID: HeaderName = HeaderName::from_static("ms-correlationid");
const LOCALE: HeaderName = HeaderName::from_static("x-locale");
const CONTRACT_VERSION: HeaderName = HeaderName::from_static("ms-contract-version");
const APPLICATION: HeaderName = HeaderName::from_static("ms-partnercenter-application");

/// The ids of one operation: the same for each of its attempts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ids {
    pub(crate) request: Uuid,
    pub(crate) correlation: Uuid,
}

impl Ids {
    /// The ids that the call sets, and new ones in place of those that it doesn't set.
    pub(crate) fn of(call: &CallOptions, random_source: &dyn RandomSource) -> Self {
        if let (Some(request), Some(correlation)) = (call.request_id, call.correlation_id) {
            return Self { request, correlation };
        }
        let [request, correlation] = new_ids(random_source);
        Self { request: call.request_id.unwrap_or(request), correlation: call.correlation_id.unwrap_or(correlation) }
    }
}

/// The headers that a client sends with every call.
#[derive(Clone, Debug, Default)]
pub(crate) struct StandingHeaders {
    pub(crate) application: Option<HeaderValue>,
    pub(crate) locale: Option<HeaderValue>,
}

impl StandingHeaders {
    /// Writes the headers that belong to the call, not to the attempt.
    pub(crate) fn write(&self, headers: &mut HeaderMap, ids: Ids, locale: Option<&str>) -> Result<(), TransportError> {
        headers.insert(REQUEST_ID, id_value(ids.request)?);
        headers.insert(CORRELATION_ID, id_value(ids.correlation)?);
        // Required by the documentation, omitted by the SDK, optional for the service.
        headers.insert(CONTRACT_VERSION, HeaderValue::from_static("v1"));
        if let Some(application) = &self.application {
            headers.insert(APPLICATION, application.clone());
        }
        match locale {
            Some(locale) => {
                headers.insert(LOCALE, HeaderValue::from_str(locale).map_err(unsendable)?);
            }
            None => {
                if let Some(locale) = &self.locale {
                    headers.insert(LOCALE, locale.clone());
                }
            }
        }
        Ok(())
    }
}

fn id_value(id: Uuid) -> Result<HeaderValue, TransportError> {
    HeaderValue::from_str(id.hyphenated().encode_lower(&mut Uuid::encode_buffer())).map_err(unsendable)
}

fn unsendable(error: http::header::InvalidHeaderValue) -> TransportError {
    TransportError::with_source(TransportErrorKind::Request, error)
}
