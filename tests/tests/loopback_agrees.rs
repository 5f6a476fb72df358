//! Over loopback, the same faults lead to the same reports and the same effects as in memory: over plain HTTP/1, and over TLS
//! with HTTP/2, where requests share a connection. Failures of that connection, of TLS, of names and of compressed bodies are
//! tested over TLS, and simulated in memory as a client sees them.
//!
//! In memory time is virtual. Over loopback it is real, so no slow machine can reach a limit of the client: if a response is
//! delayed, the limit is made to pass once the service has the request.

#![allow(clippy::unwrap_used, reason = "a test may fail")]

mod http2;

use std::convert::Infallible;
use std::time::Duration;

use futures_util::{StreamExt as _, stream};
use partner_center_emulator::{Emulator, EmulatorBuilder, Fault, FaultKind, ResetPoint};
use partner_center_orders::types::{NewCartLineItem, NewOrder, NewOrderLineItem};
use partner_center_orders::{
    Checkout, ClientSecret, Error, PartnerCenter, PartnerCenterBuilder, RetryPolicy, RetryWrites,
};
use partner_center_testing::InMemory;

use crate::http2::{BODY_LIMIT, Imagined, Service, Wrong};

const NEW_COMMERCE: &str = "CFQ7TTC0LDPB:0001:CFQ7TTC0QNPW";
const LICENCES: &str = "84A03D81-6B37-4D66-8D4A-FAEA24541538";

/// The client's limit for an attempt: two of them fit into the time for which an id is remembered.
const ATTEMPT: Duration = Duration::from_secs(4 * 60);
/// Longer than that.
const HOLD: f64 = 3600.0;

/// Every kind of fault, with short delays.
fn kinds() -> Vec<FaultKind> {
    vec![
        FaultKind::Delay { seconds: 0.05 },
        FaultKind::Timeout { effect: true, hold: HOLD },
        FaultKind::Timeout { effect: false, hold: HOLD },
        FaultKind::Reset { at: ResetPoint::Before, effect: true },
        FaultKind::Reset { at: ResetPoint::Before, effect: false },
        FaultKind::Reset { at: ResetPoint::During, effect: true },
        FaultKind::Reset { at: ResetPoint::After, effect: true },
        FaultKind::Truncate { keep: None },
        FaultKind::Garble,
        FaultKind::Html { status: 502, effect: true },
        FaultKind::Html { status: 502, effect: false },
        FaultKind::unauthorized(),
        FaultKind::throttled(1),
        FaultKind::status(503),
        FaultKind::status_after_effect(500),
        FaultKind::EmptyBody,
        FaultKind::Drip { bytes: 64, seconds: 0.001 },
        FaultKind::ContentType { value: "text/html".to_owned() },
        FaultKind::UnknownEnum,
        FaultKind::UnknownMember,
        FaultKind::Nulls,
        FaultKind::DuplicateMember,
        FaultKind::FailOrder { code: 800_069, description: "simulated".to_owned(), item: None },
    ]
}

#[derive(Clone, Debug)]
struct Case {
    kind: FaultKind,
    operation: &'static str,
    writes: RetryWrites,
}

fn cases() -> Vec<Case> {
    let met = [
        ("checkout_cart", RetryWrites::SameId),
        ("create_order", RetryWrites::SameId),
        ("create_order", RetryWrites::Never),
    ];
    let cases = kinds().into_iter().flat_map(|kind| met.map(|(operation, writes)| (kind.clone(), operation, writes)));
    cases.map(|(kind, operation, writes)| Case { kind, operation, writes }).collect()
}

impl Case {
    fn delays_response(&self) -> bool {
        matches!(self.kind, FaultKind::Timeout { .. })
    }
}

/// The results that a client reports for some steps, and their effects.
#[derive(Debug, PartialEq, Eq)]
struct Story {
    reports: Vec<String>,
    orders: usize,
}

fn emulator(case: &Case) -> EmulatorBuilder {
    Emulator::builder().fault(Fault::new(case.kind.clone()).on(case.operation).times(1))
}

fn client(case: &Case, emulator: &Emulator, origin: &str) -> PartnerCenterBuilder {
    let (tenant, client_id) = (emulator.tenant().to_string(), emulator.client_id().to_string());
    PartnerCenter::builder()
        .base_url(format!("{origin}/v1"))
        .authority(origin)
        .credential(ClientSecret::new(tenant, client_id, emulator.client_secret().to_owned()))
        .attempt_timeout(ATTEMPT)
        .deadline(3 * ATTEMPT)
        .retry(RetryPolicy::default().initial_backoff(Duration::from_millis(5)).writes(case.writes))
}

fn shown<T>(what: &str, outcome: Result<&T, &Error>) -> String {
    match outcome {
        Ok(_) => format!("{what}: done"),
        Err(error) if error.is_outcome_unknown() => format!("{what}: unknown ({:?})", error.kind()),
        Err(error) => format!("{what}: failed ({:?})", error.kind()),
    }
}

async fn story(emulator: &Emulator, partner: &PartnerCenter) -> Story {
    let customer = emulator.customers()[0];
    let before = emulator.orders(customer).len();
    let (carts, orders) = (partner.customer(customer).carts(), partner.customer(customer).orders());
    let mut reports = Vec::new();
    let line = NewCartLineItem::new(NEW_COMMERCE, 2).term_duration("P1M").billing_cycle("monthly");
    let cart = carts.create_from([line]).await;
    reports.push(shown("create cart", cart.as_deref()));
    if let Ok(cart) = &cart {
        let checkout = carts.checkout(&cart.id).await;
        reports.push(shown("check out", checkout.as_deref()));
        reports.push(match checkout.as_deref() {
            Ok(Checkout::Complete(result)) => format!("{} orders", result.orders_or_empty().len()),
            Ok(Checkout::Incomplete(checkout)) => format!("{} failed", checkout.errors().len()),
            Ok(Checkout::PlacedBefore(_)) => "placed before".to_owned(),
            Err(_) => "no orders".to_owned(),
        });
    }
    let new = NewOrder::new([NewOrderLineItem::new(0, LICENCES, 3)]);
    reports.push(shown("create order", orders.create(new).await.as_deref()));
    reports.push(shown("list orders", orders.list().await.as_deref()));
    Story { reports, orders: emulator.orders(customer).len() - before }
}

async fn in_memory(case: &Case) -> Story {
    let clock = partner_center_emulator::Clock::runtime("2026-03-01T08:00:00Z".parse().unwrap());
    let emulator = emulator(case).clock(clock.clone()).configure(|settings| settings.gzip = false).in_memory().unwrap();
    let origin = emulator.base_url().replace("emulator.test", "localhost");
    let client =
        client(case, &emulator, &origin).send_with(InMemory::new(emulator.service())).clock(EmulatorsClock(clock));
    story(&emulator, &client.build().unwrap()).await
}

async fn over_loopback(case: &Case) -> Story {
    let emulator = emulator(case).start().await.unwrap();
    let partner =
        client(case, &emulator, emulator.base_url()).configure_http(reqwest::ClientBuilder::no_proxy).build().unwrap();
    reported_over_a_network(case, &emulator, &partner).await
}

/// Over TLS, both sides agree on HTTP/2.
async fn over_tls(case: &Case) -> Story {
    let emulator = emulator(case).tls().start().await.unwrap();
    let root = std::fs::read(emulator.ca_file().unwrap()).unwrap();
    let client = client(case, &emulator, emulator.tls_base_url().unwrap()).add_root_certificates(root);
    let partner = client.configure_http(reqwest::ClientBuilder::no_proxy).build().unwrap();
    reported_over_a_network(case, &emulator, &partner).await
}

async fn reported_over_a_network(case: &Case, emulator: &Emulator, partner: &PartnerCenter) -> Story {
    tokio::select! {
        story = story(emulator, partner) => story,
        never = attempt_times_out(emulator), if case.delays_response() => match never {},
    }
}

/// Lets the client's limit for an attempt pass once the service delays a response.
async fn attempt_times_out(emulator: &Emulator) -> Infallible {
    while emulator.counts()["faults"] == 0 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    tokio::time::pause();
    tokio::time::advance(ATTEMPT).await;
    tokio::time::resume();
    std::future::pending().await
}

/// The emulator's clock, for the client.
#[derive(Debug)]
struct EmulatorsClock(partner_center_emulator::Clock);

impl partner_center_orders::Clock for EmulatorsClock {
    fn now(&self) -> std::time::SystemTime {
        self.0.now().into()
    }
}

fn runtime(paused: bool) -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().start_paused(paused).build().unwrap()
}

/// A connection, or a body, that fails.
#[derive(Clone, Debug)]
struct Connecting {
    wrong: Wrong,
    operation: &'static str,
    writes: RetryWrites,
}

fn connecting() -> Vec<Connecting> {
    let all = |wrong: &[Wrong], operations: &[&'static str]| -> Vec<Connecting> {
        let operations = operations
            .iter()
            .flat_map(|operation| [RetryWrites::SameId, RetryWrites::Never].map(|writes| (*operation, writes)));
        let cases = operations.flat_map(|(operation, writes)| {
            wrong.iter().map(move |wrong| Connecting { wrong: *wrong, operation, writes })
        });
        cases.collect()
    };
    // The cart is the first request to the API: before, there is no connection to it.
    let at_connecting = all(&Wrong::AT_CONNECTING, &["create_cart"]);
    [at_connecting, all(&Wrong::AT_A_REQUEST, &["checkout_cart", "create_order"])].concat()
}

impl Connecting {
    /// Without a fault of the emulator.
    fn case(&self) -> Case {
        Case { kind: FaultKind::Delay { seconds: 0.0 }, operation: "none", writes: self.writes }
    }

    async fn in_memory(&self) -> Story {
        let case = self.case();
        let clock = partner_center_emulator::Clock::runtime("2026-03-01T08:00:00Z".parse().unwrap());
        let emulator =
            emulator(&case).clock(clock.clone()).configure(|settings| settings.gzip = false).in_memory().unwrap();
        let origin = emulator.base_url().replace("emulator.test", "localhost");
        let imagined = Imagined::new(InMemory::new(emulator.service()), self.wrong, self.operation);
        let client = client(&case, &emulator, &origin).send_with(imagined).clock(EmulatorsClock(clock));
        story(&emulator, &client.body_limit(BODY_LIMIT).build().unwrap()).await
    }

    async fn over_tls(&self) -> Story {
        let case = self.case();
        let emulator = emulator(&case).in_memory().unwrap();
        let service = Service::start(emulator.service(), self.wrong, self.operation).await;
        let client = service.reached_by(client(&case, &emulator, &service.authority()));
        story(&emulator, &client.build().unwrap()).await
    }
}

#[test]
fn connection_failures_over_tls_and_in_memory_have_the_same_results() {
    let cases = connecting();
    let imagined = runtime(true).block_on(stream::iter(&cases).then(Connecting::in_memory).collect::<Vec<_>>());
    let lived = runtime(false).block_on(stream::iter(&cases).map(Connecting::over_tls).buffered(8).collect::<Vec<_>>());
    assert_same(&cases, &[("in memory", imagined), ("over TLS", lived)]);
}

#[test]
fn loopback_and_memory_have_the_same_results() {
    let (held_back, mut cases): (Vec<Case>, Vec<Case>) = cases().into_iter().partition(Case::delays_response);
    let concurrent = cases.len();
    cases.extend(held_back);
    let imagined = runtime(true).block_on(async {
        let mut stories = Vec::new();
        for case in &cases {
            stories.push(in_memory(case).await);
        }
        stories
    });
    let lived = runtime(false).block_on(async {
        let concurrently = stream::iter(&cases[..concurrent]);
        let mut plain: Vec<_> = concurrently.clone().map(over_loopback).buffered(8).collect().await;
        let mut tls: Vec<_> = concurrently.map(over_tls).buffered(8).collect().await;
        // One after the other, because time passes for all of them.
        for case in &cases[concurrent..] {
            plain.push(over_loopback(case).await);
            tls.push(over_tls(case).await);
        }
        [("over loopback", plain), ("over TLS", tls)]
    });
    let [plain, tls] = lived;
    assert_same(&cases, &[("in memory", imagined), plain, tls]);
}

/// The results of each case are the same.
fn assert_same<T: std::fmt::Debug>(cases: &[T], reported: &[(&str, Vec<Story>)]) {
    let mut differing = Vec::new();
    for (index, case) in cases.iter().enumerate() {
        let stories: Vec<_> = reported.iter().map(|(how, stories)| (how, &stories[index])).collect();
        if stories.iter().any(|(_, story)| *story != stories[0].1) {
            differing.push(format!("{case:?}: {stories:#?}"));
        }
    }
    assert!(differing.is_empty(), "{} of {} differ:\n{}", differing.len(), cases.len(), differing.join("\n"));
}
