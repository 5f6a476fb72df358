//! A long list that arrives in chunks of 16 KiB.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use bytes::Bytes;
use futures_util::stream;
use partner_center_orders::{PartnerCenter, SendRequest, StaticToken};
use partner_center_orders_api::runtime::TransportError;
use serde_json::{Value, json};

use crate::payload;

const CHUNK: usize = 16 << 10;

/// The chunks of a list, made as they are asked for from a few thousand orders over and over.
fn chunks(count: usize, given: Arc<AtomicUsize>) -> impl Iterator<Item = Bytes> + Send + Sync + 'static {
    let some: Arc<[String]> = (0..300).map(payload::order).collect();
    let mut next = 0;
    let mut over = false;
    let mut pending: Vec<u8> = format!("{{\"totalCount\":{count},\"items\":[").into_bytes();
    std::iter::from_fn(move || {
        while pending.len() < CHUNK && !over {
            if next == count {
                pending.extend_from_slice(b"],\"attributes\":{\"objectType\":\"Collection\"}}");
                over = true;
            } else {
                if next > 0 {
                    pending.push(b',');
                }
                pending.extend_from_slice(some[next % some.len()].as_bytes());
                next += 1;
            }
        }
        if pending.is_empty() {
            return None;
        }
        let rest = pending.split_off(pending.len().min(CHUNK));
        let chunk = Bytes::from(std::mem::replace(&mut pending, rest));
        given.fetch_add(chunk.len(), Ordering::Relaxed);
        Some(chunk)
    })
}

/// Responds to every request with the list.
#[derive(Debug)]
struct List {
    count: usize,
    given: Arc<AtomicUsize>,
}

impl SendRequest for List {
    fn send(&self, _: reqwest::Request) -> crate::BoxFuture<'_, Result<reqwest::Response, TransportError>> {
        let chunks = chunks(self.count, Arc::clone(&self.given)).map(Ok::<_, Infallible>);
        let body = reqwest::Body::wrap_stream(stream::iter(chunks));
        Box::pin(async { Ok(http::Response::new(body).into()) })
    }
}

/// Reads it element by element.
pub fn ours(count: usize) -> Result<Value, String> {
    let given = Arc::new(AtomicUsize::new(0));
    let partner = PartnerCenter::builder()
        .credential(StaticToken::new("a token"))
        .send_with(List { count, given: Arc::clone(&given) })
        .build()
        .map_err(|error| error.to_string())?;
    let customer = "b0d70a69-4c42-4b27-b17b-91a835d8686a".parse().map_err(|_| "no customer")?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build();
    runtime.map_err(|error| error.to_string())?.block_on(async {
        let before = resident("VmRSS:");
        let start = Instant::now();
        let mut orders = partner.customer(customer).orders().list().stream();
        let mut first_after = 0;
        let mut read = 0_usize;
        let mut lines = 0;
        while let Some(order) = orders.next().await {
            let order = order.map_err(|error| error.to_string())?;
            if read == 0 {
                first_after = given.load(Ordering::Relaxed);
            }
            lines += order.line_items.len();
            read += 1;
        }
        let seconds = start.elapsed().as_secs_f64();
        let above = resident("VmHWM:").saturating_sub(before);
        result(count, read, lines, given.load(Ordering::Relaxed), seconds, above, first_after)
    })
}

/// Buffers it whole and decodes it with openapi-generator's types, the way that its client goes.
pub fn peer(count: usize) -> Result<Value, String> {
    let given = Arc::new(AtomicUsize::new(0));
    let before = resident("VmRSS:");
    let start = Instant::now();
    let mut body = Vec::new();
    for chunk in chunks(count, Arc::clone(&given)) {
        body.extend_from_slice(&chunk);
    }
    let list = crate::decode::peers_way(&body);
    let (read, lines) = (list.items.len(), list.items.iter().map(|order| order.line_items.len()).sum());
    drop(list);
    let seconds = start.elapsed().as_secs_f64();
    let above = resident("VmHWM:").saturating_sub(before);
    result(count, read, lines, given.load(Ordering::Relaxed), seconds, above, body.len())
}

fn result(
    count: usize,
    read: usize,
    lines: usize,
    bytes: usize,
    seconds: f64,
    above: usize,
    first_after: usize,
) -> Result<Value, String> {
    if read != count {
        return Err(format!("{read} orders of {count}"));
    }
    let rate = bytes as f64 / 1e6 / seconds;
    Ok(json!({ "lines": lines, "rate": rate, "above": above as f64 / 1024.0, "first": first_after as f64 / 1024.0 }))
}

/// KiB of memory, now or at most so far.
pub fn resident(which: &str) -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with(which));
    line.and_then(|line| line.split_whitespace().nth(1)).and_then(|kib| kib.parse().ok()).unwrap_or(0)
}
