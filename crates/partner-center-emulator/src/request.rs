//! Taking in the body of a request, within limits.

use std::time::Duration;

use bytes::{Buf, Bytes, BytesMut};
use http::header::EXPECT;
use http::{HeaderMap, StatusCode};
use http_body_util::BodyExt as _;
use hyper::body::Body;

use crate::body_memory::Held;
use crate::error_response::ErrorResponse;
use crate::settings::Settings;

/// How much of a body that is not wanted is still read and thrown away, so that its sender gets to the refusal.
const MAX_DISCARDED: usize = 256 << 20;

/// A body that was taken in.
pub(crate) enum ReadBody {
    /// All of it.
    Complete(Bytes),
    /// It is not to be worked on.
    Rejected(ErrorResponse),
    /// The client went away in the middle of it.
    Aborted,
}

/// What a body may take.
#[derive(Clone, Copy)]
pub(crate) struct BodyLimits {
    /// The most bytes.
    pub(crate) limit: usize,
    /// The most bytes that all bodies together may take.
    pub(crate) limit_of_all: usize,
    pub(crate) timeout: Duration,
}

impl BodyLimits {
    pub(crate) fn of(limit: usize, settings: &Settings) -> Self {
        Self { limit, limit_of_all: settings.body_memory_limit, timeout: settings.body_timeout }
    }
}

/// Reads a body within its allowance; what `held` counts is held for as long as `held` lives.
pub(crate) async fn take<B: Body<Data: Buf>>(
    body: B,
    headers: &HeaderMap,
    limits: BodyLimits,
    held: &mut Held,
) -> ReadBody {
    let limit = limits.limit;
    let announced = body.size_hint().lower();
    let waits_to_send = headers.get(EXPECT).is_some();
    if announced > limit as u64 && (waits_to_send || announced > MAX_DISCARDED as u64) {
        return ReadBody::Rejected(too_large(limit));
    }
    if body.is_end_stream() {
        return ReadBody::Complete(Bytes::new());
    }
    let taken = tokio::time::timeout(limits.timeout, read(body, limits, held)).await;
    taken.unwrap_or_else(|_| {
        held.release();
        ReadBody::Rejected(ErrorResponse::new(StatusCode::REQUEST_TIMEOUT, 408, "The body didn't come in time."))
    })
}

/// Reads a body that is of no use, and keeps nothing of it: whoever sends it gets to the refusal all the same.
///
/// One that its sender announces and waits with isn't asked for.
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
    // Late or not, the refusal is the same.
    drop(tokio::time::timeout(timeout, read).await);
}

async fn read<B: Body<Data: Buf>>(body: B, limits: BodyLimits, held: &mut Held) -> ReadBody {
    let BodyLimits { limit, limit_of_all, .. } = limits;
    let mut body = std::pin::pin!(body);
    let mut bytes = BytesMut::new();
    let mut seen: usize = 0;
    let (mut is_kept, mut has_room) = (true, true);
    while let Some(frame) = body.frame().await {
        let Ok(frame) = frame else { return ReadBody::Aborted };
        let Ok(mut data) = frame.into_data() else { continue };
        seen += data.remaining();
        if seen > MAX_DISCARDED {
            break;
        }
        if is_kept && seen <= limit {
            has_room = held.grow(data.remaining(), limit_of_all);
            if has_room {
                bytes.extend_from_slice(&data.copy_to_bytes(data.remaining()));
                continue;
            }
        }
        is_kept = false;
        bytes = BytesMut::new();
        held.release();
    }
    if seen > limit {
        return ReadBody::Rejected(too_large(limit));
    }
    if has_room { ReadBody::Complete(bytes.freeze()) } else { ReadBody::Rejected(no_room()) }
}

fn too_large(limit: usize) -> ErrorResponse {
    ErrorResponse::bad_request(2000, format!("The body is larger than {limit} bytes."))
}

fn no_room() -> ErrorResponse {
    ErrorResponse::new(StatusCode::SERVICE_UNAVAILABLE, 800_003, "Too many bodies come in at the same time.")
}
