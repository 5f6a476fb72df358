//! Reading the body of a request, within limits.

use std::time::Duration;

use bytes::{Buf, Bytes, BytesMut};
use http::header::EXPECT;
use http::{HeaderMap, StatusCode};
use http_body_util::BodyExt as _;
use hyper::body::Body;

use crate::body_memory::Held;
use crate::error_response::ErrorResponse;
use crate::settings::Settings;

/// How much of an unwanted body is still read and discarded, so that the client reads the error response.
const MAX_DISCARDED: usize = 256 << 20;

/// The result of reading a body.
pub(crate) enum ReadBody {
    /// The whole body.
    Complete(Bytes),
    /// The request is rejected.
    Rejected(ErrorResponse),
    /// The client closed the connection in the middle of the body.
    Aborted,
}

/// The limits of a body.
#[derive(Clone, Copy)]
pub(crate) struct BodyLimits {
    /// The largest number of bytes.
    pub(crate) limit: usize,
    /// The largest number of bytes of all bodies together.
    pub(crate) limit_of_all: usize,
    pub(crate) timeout: Duration,
}

impl BodyLimits {
    pub(crate) fn of(limit: usize, settings: &Settings) -> Self {
        Self { limit, limit_of_all: settings.body_memory_limit, timeout: settings.body_timeout }
    }
}

/// Reads a body within its limits. `held` counts its bytes for as long as it lives.
pub(crate) async fn read_body<B: Body<Data: Buf>>(
    body: B,
    headers: &HeaderMap,
    limits: BodyLimits,
    held: &mut Held,
) -> ReadBody {
    let limit = limits.limit;
    let announced = body.size_hint().lower();
    let expects_continue = headers.get(EXPECT).is_some();
    if announced > limit as u64 && (expects_continue || announced > MAX_DISCARDED as u64) {
        return ReadBody::Rejected(too_large(limit));
    }
    if body.is_end_stream() {
        return ReadBody::Complete(Bytes::new());
    }
    let result = tokio::time::timeout(limits.timeout, read_within_limits(body, limits, held)).await;
    result.unwrap_or_else(|_| {
        held.release();
        ReadBody::Rejected(ErrorResponse::new(StatusCode::REQUEST_TIMEOUT, 408, "The body was not received in time."))
    })
}

/// Reads a body without keeping it, so that the client reads the error response.
///
/// A body that the client has announced with `Expect` is not requested.
pub(crate) async fn discard_body<B: Body<Data: Buf>>(body: B, headers: &HeaderMap, timeout: Duration) {
    if headers.get(EXPECT).is_some() || body.size_hint().lower() > MAX_DISCARDED as u64 {
        return;
    }
    let read = async {
        let mut body = std::pin::pin!(body);
        let mut seen: usize = 0;
        while let Some(Ok(frame)) = body.frame().await {
            seen += frame.data_ref().map_or(0, Buf::remaining);
            if seen > MAX_DISCARDED {
                break;
            }
        }
    };
    // The error response is the same after a timeout.
    drop(tokio::time::timeout(timeout, read).await);
}

async fn read_within_limits<B: Body<Data: Buf>>(body: B, limits: BodyLimits, held: &mut Held) -> ReadBody {
    let BodyLimits { limit, limit_of_all, .. } = limits;
    let mut body = std::pin::pin!(body);
    let mut bytes = BytesMut::new();
    let mut seen: usize = 0;
    let (mut keeps, mut fits) = (true, true);
    while let Some(frame) = body.frame().await {
        let Ok(frame) = frame else { return ReadBody::Aborted };
        let Ok(mut data) = frame.into_data() else { continue };
        seen += data.remaining();
        if seen > MAX_DISCARDED {
            break;
        }
        if keeps && seen <= limit {
            fits = held.grow(data.remaining(), limit_of_all);
            if fits {
                bytes.extend_from_slice(&data.copy_to_bytes(data.remaining()));
                continue;
            }
        }
        keeps = false;
        bytes = BytesMut::new();
        held.release();
    }
    if seen > limit {
        return ReadBody::Rejected(too_large(limit));
    }
    if fits { ReadBody::Complete(bytes.freeze()) } else { ReadBody::Rejected(out_of_memory()) }
}

fn too_large(limit: usize) -> ErrorResponse {
    ErrorResponse::bad_request(2000, format!("The body is larger than {limit} bytes."))
}

fn out_of_memory() -> ErrorResponse {
    ErrorResponse::new(StatusCode::SERVICE_UNAVAILABLE, 800_003, "Too many request bodies are in memory.")
}
