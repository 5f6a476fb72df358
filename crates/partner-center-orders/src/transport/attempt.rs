//! One attempt: the request goes out, the answer comes in, its body included.

use std::time::Duration;

use bytes::Bytes;
use http::StatusCode;
use partner_center_orders_api::ErrorCode;
use partner_center_orders_api::runtime::{BodyKind, TransportError, TransportErrorKind, buffer_body, decode};
use partner_center_orders_api::types::Fault;
use reqwest::ResponseBuilderExt;

use super::{Deadline, SendRequest};

/// What bounds an attempt.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// The time for head and body; of a stream, for its head.
    pub(crate) time: Duration,
    /// The longest body that is read whole, in bytes.
    pub(crate) body: usize,
}

/// Sends the request once. Unless the caller wants a stream and the service agrees, the body is read here: what breaks in
/// its middle is a failed attempt, not a damaged answer.
pub(super) async fn attempt(
    send: &dyn SendRequest,
    request: reqwest::Request,
    body: BodyKind,
    deadline: Deadline,
    limits: Limits,
) -> Result<reqwest::Response, TransportError> {
    let whole = async {
        let response = send.send(request).await?;
        if body == BodyKind::Stream && response.status().is_success() {
            Ok(response)
        } else {
            buffer_body(response, limits.body).await
        }
    };
    let bounded = deadline.or_within(limits.time).bound(whole).await;
    bounded.unwrap_or_else(|| Err(TransportError::new(TransportErrorKind::Timeout)))
}

/// The code of the fault that refuses a token.
pub(super) async fn with_code(response: reqwest::Response) -> (reqwest::Response, Option<ErrorCode>) {
    if response.status() != StatusCode::UNAUTHORIZED {
        return (response, None);
    }
    let (response, body) = peek(response).await;
    let code = || decode::<Fault>(&body).ok()?.code?.error_code();
    let code = code();
    (response, code)
}

/// The response, and the body that was read with it.
pub(super) async fn peek(mut response: reqwest::Response) -> (reqwest::Response, Bytes) {
    let head =
        http::Response::builder().status(response.status()).version(response.version()).url(response.url().clone());
    let headers = std::mem::take(response.headers_mut());
    // It was read before, so nothing can fail here.
    let body = response.bytes().await.unwrap_or_default();
    let mut response = head.body(body.clone()).unwrap_or_default();
    *response.headers_mut() = headers;
    (response.into(), body)
}
