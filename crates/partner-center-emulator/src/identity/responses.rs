//! Responses of the identity platform, and which parts of them are secret.

use bytes::Bytes;
use http::header::{CACHE_CONTROL, HeaderName, HeaderValue};
use serde_json::{Value, json};

use super::call::Call;
use super::platform::IdentityPlatform;
use super::token_error::TokenError;
use crate::log::MASK;
use crate::wire::dates;
use crate::wire::response::BufferedResponse;

impl IdentityPlatform {
    pub(super) fn error_response(&mut self, error: &TokenError, call: &Call<'_>) -> BufferedResponse {
        let (trace, correlation) = (self.random.uuid(), self.random.uuid());
        let timestamp = dates::identity_platform(call.now);
        let body = json!({
            "error": error.error,
            "error_description": format!(
                "AADSTS{}: {} Trace ID: {trace} Correlation ID: {correlation} Timestamp: {timestamp}",
                error.code, error.why
            ),
            "error_codes": [error.code],
            "timestamp": timestamp,
            "trace_id": trace,
            "correlation_id": correlation,
        });
        no_store(BufferedResponse::plain_json(error.status, &body))
    }
}

pub(super) fn no_store(response: BufferedResponse) -> BufferedResponse {
    response
        .with_header(CACHE_CONTROL, HeaderValue::from_static("no-store"))
        .with_header(HeaderName::from_static("pragma"), HeaderValue::from_static("no-cache"))
}

/// The members of forms and responses that are secrets.
pub(crate) const SECRETS: [&str; 10] = [
    "access_token",
    "refresh_token",
    "id_token",
    "client_secret",
    "client_assertion",
    "assertion",
    "password",
    "code",
    "code_verifier",
    "device_code",
];

/// Masks the secrets in a body. Pages contain codes and are masked as a whole.
pub(crate) fn masked(body: &Bytes) -> Bytes {
    let Ok(Value::Object(mut members)) = serde_json::from_slice(body) else {
        return if body.is_empty() { Bytes::new() } else { Bytes::from_static(MASK.as_bytes()) };
    };
    for secret in SECRETS.into_iter().chain(["user_code", "message"]) {
        if let Some(value) = members.get_mut(secret) {
            *value = json!(MASK);
        }
    }
    Value::Object(members).to_string().into()
}
