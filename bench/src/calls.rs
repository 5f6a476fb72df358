//! Whole calls over loopback, 32 in flight.

use std::convert::Infallible;
use std::future::Future;
use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::time::{Duration, Instant};

use bytes::Bytes;
use futures_util::stream::{FuturesUnordered, StreamExt};
use http_body_util::Full;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use openapi_generator_rust::apis::configuration::Configuration;
use openapi_generator_rust::apis::orders_api;
use partner_center_orders::{PartnerCenter, RateLimit, StaticToken};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::measure::Effort;
use crate::payload;

const CUSTOMER: &str = "b0d70a69-4c42-4b27-b17b-91a835d8686a";
const IN_FLIGHT: usize = 32;

/// A server that has one order and one list of 100; it prints its address and serves until its standard input ends.
pub fn serve() -> Result<(), String> {
    runtime()?.block_on(async {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.map_err(|error| error.to_string())?;
        println!("{}", listener.local_addr().map_err(|error| error.to_string())?);
        let order = Bytes::from(payload::order(0));
        let list = Bytes::from(payload::list(100, payload::order));
        loop {
            let (stream, _) = listener.accept().await.map_err(|error| error.to_string())?;
            let _ = stream.set_nodelay(true);
            let (order, list) = (order.clone(), list.clone());
            let service = service_fn(move |request: http::Request<hyper::body::Incoming>| {
                let body = if request.uri().path().ends_with("/orders") { list.clone() } else { order.clone() };
                async move {
                    let response =
                        http::Response::builder().header("content-type", "application/json").body(Full::new(body));
                    Ok::<_, Infallible>(response.expect("the header is one"))
                }
            });
            tokio::spawn(hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service));
        }
    })
}

fn runtime() -> Result<tokio::runtime::Runtime, String> {
    tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(|error| error.to_string())
}

/// Calls per second of each side, one sample per round, in turn.
pub fn run(effort: Effort, address: &str, list: bool) -> Result<Value, String> {
    let address: SocketAddr = address.parse().map_err(|_| format!("`{address}` is not an address"))?;
    runtime()?.block_on(async {
        let base = format!("http://{address}/v1");
        let partner = PartnerCenter::builder()
            .credential(StaticToken::new("a token"))
            .base_url(&base)
            // The limiter is on; it lets through what this measures.
            .rate_limit(RateLimit::new(NonZeroU32::MAX, NonZeroU32::MAX))
            .build()
            .map_err(|error| error.to_string())?;
        let orders = partner.customer(CUSTOMER.parse().map_err(|_| "no customer")?).orders();
        let raw = reqwest::Client::new();
        let url = if list {
            format!("{base}/customers/{CUSTOMER}/orders")
        } else {
            format!("{base}/customers/{CUSTOMER}/orders/one")
        };
        let peer = Configuration {
            base_path: base.clone(),
            oauth_access_token: Some("a token".to_owned()),
            ..Configuration::default()
        };

        let ours_once = async || -> Value {
            if list {
                json!(*orders.list().await.expect("it responds"))
            } else {
                json!(orders.get("one").await.expect("it responds").into_inner())
            }
        };
        let peers_once =
            async || -> Value { if list { json!(peer_list(&peer).await) } else { json!(peer_order(&peer).await) } };
        let (once, peers) = (ours_once().await, peers_once().await);
        // Our list is the orders alone.
        payload::same(&once, if list { &peers["items"] } else { &peers })?;

        let mut samples: [Vec<f64>; 3] = Default::default();
        let slice = effort.slice * 8;
        for _ in 0..effort.rounds {
            samples[0].push(
                rate(slice, async || {
                    if list {
                        drop(orders.list().await.expect("it responds"));
                    } else {
                        drop(orders.get("one").await.expect("it responds"));
                    }
                })
                .await,
            );
            samples[1].push(
                rate(slice, async || {
                    let response = raw.get(&url).send().await.expect("it responds");
                    drop(response.bytes().await.expect("it has a body"));
                })
                .await,
            );
            samples[2].push(
                rate(slice, async || {
                    if list {
                        drop(peer_list(&peer).await);
                    } else {
                        drop(peer_order(&peer).await);
                    }
                })
                .await,
            );
        }
        Ok(json!({ "ours": samples[0], "raw reqwest": samples[1], "openapi-generator": samples[2] }))
    })
}

async fn peer_order(peer: &Configuration) -> openapi_generator_rust::models::Order {
    let response = orders_api::get_order(peer, CUSTOMER, "one", None, None, None, None, None, None, None, None).await;
    match response.ok().and_then(|response| response.entity) {
        Some(orders_api::GetOrderSuccess::Status200(order)) => order,
        _ => panic!("the peer reads no order"),
    }
}

async fn peer_list(peer: &Configuration) -> openapi_generator_rust::models::OrderCollection {
    let response =
        orders_api::list_orders(peer, CUSTOMER, None, None, None, None, None, None, None, None, None, None, None).await;
    match response.ok().and_then(|response| response.entity) {
        Some(orders_api::ListOrdersSuccess::Status200(orders)) => orders,
        _ => panic!("the peer reads no list"),
    }
}

/// Calls per second, so many in flight all the time.
async fn rate<F: Future<Output = ()>>(slice: Duration, call: impl Fn() -> F) -> f64 {
    let start = Instant::now();
    let mut done = 0_u32;
    let mut flying: FuturesUnordered<F> = (0..IN_FLIGHT).map(|_| call()).collect();
    while flying.next().await.is_some() {
        done += 1;
        if start.elapsed() < slice {
            flying.push(call());
        }
    }
    f64::from(done) / start.elapsed().as_secs_f64()
}
