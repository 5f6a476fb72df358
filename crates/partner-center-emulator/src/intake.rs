//! Taking in the body of a request, within limits.

use std::time::Duration;

use bytes::{Buf, Bytes, BytesMut};
use http::header::EXPECT;
use http::{HeaderMap, StatusCode};
use http_body_util::BodyExt as _;
use hyper::body::Body;

use crate::body_memory::Held;
use crate::refusal::Refusal;
use crate::settings::Settings;

/// How much of a body that is not wanted is still read and thrown away, so that its sender gets to the refusal.
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

/// What a body may take.
#[derive(Clone, Copy)]
pub(crate) struct Allowance {
    /// The most bytes.
    pub(crate) limit: usize,
    /// The most bytes that all bodies together may take.
    pub(crate) limit_of_all: usize,
    pub(crate) timeout: Duration,
}

impl Allowance {
    pub(crate) fn of(limit: usize, settings: &Settings) -> Self {
        Self { limit, limit_of_all: settings.body_memory_limit, timeout: settings.body_timeout }
    }
}

/// Reads a body within its allowance; what `held` counts is held for as long as `held` lives.
pub(crate) async fn take<B: Body<Data: Buf>>(
    body: B,
    headers: &HeaderMap,
    allowance: Allowance,
    held: &mut Held,
) -> Taken {
    let limit = allowance.limit;
    let announced = body.size_hint().lower();
    let waits_to_send = headers.get(EXPECT).is_some();
    if announced > limit as u64 && (waits_to_send || announced > READ_AND_THROWN_AWAY as u64) {
        return Taken::Refused(too_large(limit));
    }
    if body.is_end_stream() {
        return Taken::Whole(Bytes::new());
    }
    let taken = tokio::time::timeout(allowance.timeout, read(body, allowance, held)).await;
    taken.unwrap_or_else(|_| {
        held.release();
        Taken::Refused(Refusal::new(StatusCode::REQUEST_TIMEOUT, 408, "The body didn't come in time."))
    })
}

/// Reads a body that is of no use, and keeps nothing of it: whoever sends it gets to the refusal all the same.
///
/// One that its sender announces and waits with isn't asked for.
pub(crate) async fn throw_away<B: Body<Data: Buf>>(body: B, headers: &HeaderMap, timeout: Duration) {
    if headers.get(EXPECT).is_some() || body.size_hint().lower() > READ_AND_THROWN_AWAY as u64 {
        return;
    }
    let read = async {
        let mut body = std::pin::pin!(body);
        let mut seen: usize = 0;
        while let Some(Ok(frame)) = body.frame().await {
            seen += frame.data_ref().map_or(0, Buf::remaining);
            if seen > READ_AND_THROWN_AWAY {
                break;
            }
        }
    };
    // Late or not, the refusal is the same.
    drop(tokio::time::timeout(timeout, read).await);
}

async fn read<B: Body<Data: Buf>>(body: B, allowance: Allowance, held: &mut Held) -> Taken {
    let Allowance { limit, limit_of_all, .. } = allowance;
    let mut body = std::pin::pin!(body);
    let mut bytes = BytesMut::new();
    let mut seen: usize = 0;
    let (mut is_kept, mut has_room) = (true, true);
    while let Some(frame) = body.frame().await {
        let Ok(frame) = frame else { return Taken::BrokenOff };
        let Ok(mut data) = frame.into_data() else { continue };
        seen += data.remaining();
        if seen > READ_AND_THROWN_AWAY {
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
        return Taken::Refused(too_large(limit));
    }
    if has_room { Taken::Whole(bytes.freeze()) } else { Taken::Refused(no_room()) }
}

fn too_large(limit: usize) -> Refusal {
    Refusal::bad_request(2000, format!("The body is larger than {limit} bytes."))
}

fn no_room() -> Refusal {
    Refusal::new(StatusCode::SERVICE_UNAVAILABLE, 800_003, "Too many bodies come in at the same time.")
}
