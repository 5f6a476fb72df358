//! The client of an emulator: reading, ordering, and other settings.

#![allow(clippy::unwrap_used, reason = "a test may fail")]

use std::num::NonZeroU32;
use std::time::Duration;

use partner_center_emulator::{Clock, Emulator};
use partner_center_orders::enums::BillingCycle;
use partner_center_orders::types::NewCartLineItem;
use partner_center_orders::{Checkout, ClientSecret, PartnerCenter, RateLimit, StaticToken};
use partner_center_testing as testing;

const ORDER: &str = "YxH1q4KScfvfkJQjgRI8QY1DznnUWZTH1";
const SEATS: &str = "CFQ7TTC0LDPB:0001:CFQ7TTC0QNPW";

/// Returns an emulator without a socket, with a clock that follows tokio's.
fn in_memory() -> Emulator {
    let clock = Clock::runtime("2026-03-01T08:00:00Z".parse().unwrap());
    Emulator::builder().clock(clock).in_memory().unwrap()
}

async fn buy(emulator: &Emulator, partner: &PartnerCenter) -> usize {
    let carts = partner.customer(emulator.customers()[0]).carts();
    let line = NewCartLineItem::new(SEATS, 3).term_duration("P1M").billing_cycle(BillingCycle::Monthly);
    let cart = carts.create_from([line]).await.unwrap();
    match carts.checkout(&cart.id).await.unwrap().into_inner() {
        Checkout::Complete(result) => result.orders_or_empty().len(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn orders_are_listed_and_fetched_over_a_socket() {
    let emulator = Emulator::start().await.unwrap();
    let orders = testing::client(&emulator).customer(emulator.customers()[0]).orders();

    let listed = orders.list().await.unwrap();

    assert_eq!(listed.len(), 3);
    assert_eq!(orders.get(ORDER).await.unwrap().id, ORDER);
}

#[tokio::test(start_paused = true)]
async fn orders_are_listed_and_fetched_in_memory() {
    let emulator = in_memory();
    let orders = testing::client(&emulator).customer(emulator.customers()[0]).orders();

    let listed = orders.list().await.unwrap();

    assert_eq!(listed.len(), 3);
    assert_eq!(orders.get(ORDER).await.unwrap().id, ORDER);
}

#[tokio::test]
async fn a_cart_becomes_an_order() {
    let emulator = Emulator::start().await.unwrap();
    let before = emulator.orders(emulator.customers()[0]).len();

    let bought = buy(&emulator, &testing::client(&emulator)).await;

    assert_eq!(bought, 1);
    assert_eq!(emulator.orders(emulator.customers()[0]).len(), before + 1);
}

/// Returns how long sequential calls take, in seconds of the paused clock.
async fn seconds_of(calls: u32, emulator: &Emulator, partner: &PartnerCenter) -> u64 {
    let orders = partner.customer(emulator.customers()[0]).orders();
    let began = tokio::time::Instant::now();
    for _ in 0..calls {
        orders.get(ORDER).await.unwrap();
    }
    began.elapsed().as_secs()
}

#[tokio::test(start_paused = true)]
async fn no_call_waits_for_a_rate_limit() {
    let emulator = in_memory();
    assert_eq!(seconds_of(100, &emulator, &testing::client(&emulator)).await, 0);
}

#[tokio::test(start_paused = true)]
async fn a_rate_limit_can_be_set() {
    let emulator = in_memory();
    let one_a_minute = RateLimit::new(NonZeroU32::MIN, NonZeroU32::MIN);
    let partner = testing::builder(&emulator).rate_limit(one_a_minute).build().unwrap();
    assert_eq!(seconds_of(3, &emulator, &partner).await, 120);
}

#[tokio::test(start_paused = true)]
async fn the_credential_can_be_replaced() {
    let emulator = in_memory();
    let wrong = ClientSecret::new(emulator.tenant().to_string(), emulator.client_id().to_string(), "wrong");
    let user = testing::user(&emulator);
    let token = StaticToken::new(emulator.app_token());

    assert!(testing::builder(&emulator).credential(wrong).build().unwrap().sign_in().await.is_err());
    for builder in [testing::builder(&emulator).credential(user), testing::builder(&emulator).credential(token)] {
        let orders = builder.build().unwrap().customer(emulator.customers()[0]).orders();
        assert_eq!(orders.list().await.unwrap().len(), 3);
    }
}

#[tokio::test(start_paused = true)]
async fn a_user_may_read_provisioning_and_an_app_may_not() {
    let emulator = in_memory();
    let user = testing::builder(&emulator).credential(testing::user(&emulator)).build().unwrap();
    let of = |partner: &PartnerCenter| partner.customer(emulator.customers()[0]).orders();

    assert!(of(&user).provisioning_status(ORDER).await.is_ok());
    assert!(of(&testing::client(&emulator)).provisioning_status(ORDER).await.is_err());
}

/// Whether the newest API call had this header.
fn was_sent(emulator: &Emulator, name: &str, value: &str) -> bool {
    let exchange = emulator.exchanges().into_iter().rfind(|exchange| exchange.target.starts_with("/v1/")).unwrap();
    exchange.request_headers.iter().any(|(header, sent)| header.eq_ignore_ascii_case(name) && sent == value)
}

#[tokio::test]
async fn settings_are_added() {
    let emulator = Emulator::start().await.unwrap();
    let partner = testing::builder(&emulator)
        .locale("de-DE")
        .configure_http(|http| http.user_agent("contoso-shop/3"))
        .build()
        .unwrap();

    partner.customer(emulator.customers()[0]).orders().list().await.unwrap();

    assert!(was_sent(&emulator, "x-locale", "de-DE"));
    assert!(was_sent(&emulator, "user-agent", "contoso-shop/3"));
}

#[tokio::test(start_paused = true)]
async fn the_clock_is_the_emulators() {
    let clock = Clock::stopped_at("2026-03-01T08:00:00Z".parse().unwrap());
    let emulator = Emulator::builder().clock(clock).in_memory().unwrap();
    let orders = testing::client(&emulator).customer(emulator.customers()[0]).orders();
    orders.list().await.unwrap();

    emulator.clock().advance(Duration::from_secs(24 * 60 * 60));
    orders.list().await.unwrap();

    // The client noticed by itself that its token had expired: the service rejected nothing.
    let statuses: Vec<_> = emulator.exchanges().iter().filter_map(|exchange| exchange.status).collect();
    assert!(statuses.iter().all(|status| *status == 200), "{statuses:?}");
}

#[tokio::test(start_paused = true)]
async fn emulators_share_nothing() {
    let (first, second) = (in_memory(), in_memory());

    buy(&first, &testing::client(&first)).await;

    let count = |emulator: &Emulator| emulator.orders(emulator.customers()[0]).len();
    assert_eq!(count(&first), count(&second) + 1);
}
