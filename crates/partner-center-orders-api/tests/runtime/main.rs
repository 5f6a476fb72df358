//! The runtime through the generated client, against servers on loopback and transports in memory.

#![allow(clippy::unwrap_used, reason = "a test may fail")]

mod body;
mod decode;
mod depth;
mod extra;
mod failures;
mod formats;
mod odd_values;
mod payload;
mod request;
mod responses;
mod seam;
mod secrets;
mod stream;

use partner_center_orders_api::Client;
use partner_center_orders_api::runtime::{CallOptions, HttpTransport, SharedTransport};
use proptest::test_runner::{Config, RngSeed};
use uuid::Uuid;

const CUSTOMER: Uuid = Uuid::from_u128(0x00c0_ffee_0000_4000_8000_0000_0000_0001);

/// An HTTP client that ignores the proxy settings of the machine.
fn http() -> reqwest::Client {
    HttpTransport::http_client().no_proxy().build().unwrap()
}

/// A generated client that sends each request to this address once.
fn client(base_url: &str) -> Client {
    client_with(base_url, HttpTransport::new(http()), CallOptions::new())
}

fn client_with(base_url: &str, transport: HttpTransport, call: CallOptions) -> Client {
    Client::new(base_url, SharedTransport::new(transport).with_call(call))
}

/// The inputs of a property: as many cases, the same in every run. Fuzz targets look for new ones.
fn property(cases: u32) -> Config {
    Config { cases, rng_seed: RngSeed::Fixed(20_180_313), ..Config::default() }
}
