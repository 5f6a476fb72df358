//! One attempt: the request goes out, the answer comes in, its body included.

use std::time::Duration;

use partner_center_orders_api::runtime::{BodyKind, TransportError, TransportErrorKind, buffer_body};

use super::SendRequest;

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
    match tokio::time::timeout(limits.time, whole).await {
        Ok(outcome) => outcome,
        Err(_) => Err(TransportError::new(TransportErrorKind::Timeout)),
    }
}
