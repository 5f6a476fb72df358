//! The runtime through the generated client, against servers on loopback and exchanges in memory.

#![allow(clippy::unwrap_used, reason = "a test may fail")]

mod answers;
mod body;
mod decode;
mod depth;
mod failures;
mod payload;
mod request;
mod seam;
mod secrets;
mod server;
mod stream;

use partner_center_orders_api::Client;
use partner_center_orders_api::runtime::{CallOptions, HttpTransport, SharedTransport};
use proptest::test_runner::{Config, RngSeed};
use uuid::Uuid;

const CUSTOMER: Uuid = Uuid::from_u128(0x00c0_ffee_0000_4000_8000_0000_0000_0001);

/// A client of the network that no proxy setting of the machine reaches.
fn http() -> reqwest::Client {
    HttpTransport::http_client().no_proxy().build().unwrap()
}

/// A generated client that sends one attempt to this address.
fn client(base_url: &str) -> Client {
    client_with(base_url, HttpTransport::new(http()), CallOptions::new())
}

fn client_with(base_url: &str, direct: HttpTransport, call: CallOptions) -> Client {
    Client::new_with_client(base_url, http(), SharedTransport::new(direct).with_call(call))
}

/// Inputs of a property: so many cases, the same in every run. New ones are what the fuzz targets look for.
fn property(cases: u32) -> Config {
    Config { cases, rng_seed: RngSeed::Fixed(20_180_313), ..Config::default() }
}
