//! Work to count instructions and allocations of: so many times, and nothing else.

use std::hint::black_box;
use std::num::NonZeroU32;

use partner_center_orders::{PartnerCenter, SendRequest, StaticToken, RateLimit};
use partner_center_orders_api::Client;
use partner_center_orders_api::runtime::{
    CallOptions, Transport, TransportFuture, OperationInfo, RawResponse, SharedTransport, TransportError,
};
use serde_json::Value;

use crate::{decode, payload, plain};

/// Responds from memory.
#[derive(Clone, Debug)]
struct Memory(String);

impl Memory {
    fn response(&self) -> reqwest::Response {
        http::Response::new(self.0.clone()).into()
    }
}

impl SendRequest for Memory {
    fn send(&self, _: reqwest::Request) -> crate::BoxFuture<'_, Result<reqwest::Response, TransportError>> {
        Box::pin(async { Ok(self.response()) })
    }
}

impl Transport for Memory {
    fn send<'a>(&'a self, _: reqwest::Request, _: OperationInfo, _: &'a CallOptions) -> TransportFuture<'a> {
        Box::pin(async { RawResponse::read_whole(self.response(), usize::MAX).await })
    }
}

pub fn run(task: &str, times: usize) -> Result<Value, String> {
    let list = decode::body(100, false);
    let unknown = decode::body(100, true);
    let ours = decode::ours(&list);
    let plain: plain::OrderCollection = serde_json::from_slice(&list).map_err(|error| error.to_string())?;
    let memory = Memory(payload::order(0));
    let customer = "b0d70a69-4c42-4b27-b17b-91a835d8686a".parse().map_err(|_| "no customer")?;
    let partner = PartnerCenter::builder().credential(StaticToken::new("a token")).send_with(memory.clone());
    let partner = partner.base_url("http://127.0.0.1/v1");
    // The limiter is on; it lets through what this counts.
    let partner = partner.rate_limit(RateLimit::new(NonZeroU32::MAX, NonZeroU32::MAX));
    let orders = partner.build().map_err(|error| error.to_string())?.customer(customer).orders();
    let client = Client::new("http://127.0.0.1/v1", SharedTransport::new(memory));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build();
    let runtime = runtime.map_err(|error| error.to_string())?;
    for _ in 0..times {
        match task {
            "decode-ours" => drop(black_box(decode::ours(&list))),
            "decode-peer" => drop(black_box(decode::peers_way(&list))),
            "unknown-ours" => drop(black_box(decode::ours(&unknown))),
            "unknown-peer" => drop(black_box(decode::peers_way(&unknown))),
            "encode-ours" => drop(black_box(serde_json::to_vec(&ours))),
            "encode-plain" => drop(black_box(serde_json::to_vec(&plain))),
            "call-wrapper" => drop(black_box(runtime.block_on(async { orders.get("one").await }))),
            "call-generated" => drop(black_box(
                runtime.block_on(async { client.get_order(customer, "one").send().await }),
            )),
            _ => return Err(format!("unknown task `{task}`")),
        }
    }
    Ok(Value::Null)
}
