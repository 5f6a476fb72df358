//! Taking in the body of a request, within limits.

use std::time::Duration;

use bytes::{Buf, Bytes, BytesMut};
use http::header::EXPECT;
use http::{HeaderMap, StatusCode};
use http_body_util::BodyExt as _;
use hyper::body::Body;

use crate::refusal::Refusal;

/// How much of a body that is too large is still read and thrown away, so that its sender gets to the refusal.
const READ_AND_THROWN_AWAY: usize = 256 << 20;

/// A body that was taken in.
pub(crate) enum Taken {
    /// All of it.
    Whole(Bytes),
    /// It is not to be worked on.
    Refused(Refusal),
    /// The client went away in the middle of it.
    BrokenOff,
}

/// Reads a body of at most `limit` bytes.
pub(crate) async fn take<B: Body<Data: Buf>>(body: B, headers: &HeaderMap, limit: usize, timeout: Duration) -> Taken {
    let announced = body.size_hint().lower();
    let waits_to_send = headers.get(EXPECT).is_some();
    if announced > limit as u64 && (waits_to_send || announced > READ_AND_THROWN_AWAY as u64) {
        return Taken::Refused(too_large(limit));
    }
    if body.is_end_stream() {
        return Taken::Whole(Bytes::new());
    }
    match tokio::time::timeout(timeout, read(body, limit)).await {
        Ok(taken) => taken,
        Err(_) => Taken::Refused(Refusal::new(StatusCode::REQUEST_TIMEOUT, 408, "The body didn't come in time.")),
    }
}

async fn read<B: Body<Data: Buf>>(body: B, limit: usize) -> Taken {
    let mut body = std::pin::pin!(body);
    let mut bytes = BytesMut::new();
    let mut seen: usize = 0;
    while let Some(frame) = body.frame().await {
        let Ok(frame) = frame else { return Taken::BrokenOff };
        let Ok(mut data) = frame.into_data() else { continue };
        seen += data.remaining();
        if seen > READ_AND_THROWN_AWAY {
            break;
        }
        if seen <= limit {
            bytes.extend_from_slice(&data.copy_to_bytes(data.remaining()));
        } else {
            bytes.clear();
        }
    }
    if seen > limit { Taken::Refused(too_large(limit)) } else { Taken::Whole(bytes.freeze()) }
}

fn too_large(limit: usize) -> Refusal {
    Refusal::bad_request(2000, format!("The body is larger than {limit} bytes."))
}
