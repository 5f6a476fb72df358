//! The first order, read through all crates: emulator, generated client, wrapper, validator.

#![allow(clippy::unwrap_used, reason = "a test may fail")]

use std::process::Output;

use partner_center_emulator::Emulator;
use partner_center_orders::enums::{BillingCycle, OrderStatus};
use partner_center_orders::identity::TokenEndpoint;
use partner_center_orders::{ClientSecret, ErrorCode, ErrorKind, Uuid};
use partner_center_testing as testing;
use test_support::program::program;

const DOCUMENTED_CUSTOMER: Uuid = Uuid::from_u128(0xb0d7_0a69_4c42_4b27_b17b_91a8_35d8_686a);

/// The program behind `cargo xtask demo`, in the environment that `support` sets.
fn demo(arguments: &[&str]) -> Output {
    program(env!("CARGO_BIN_EXE_demo")).args(arguments).output().unwrap()
}

#[tokio::test]
async fn the_documented_orders_are_listed_with_all_their_members() {
    let emulator = Emulator::builder().start().await.unwrap();
    let partner = testing::client(&emulator);

    let orders = partner.customer(DOCUMENTED_CUSTOMER).orders().list().await.unwrap();

    let ids: Vec<&str> = orders.iter().map(|order| order.id.as_str()).collect();
    assert_eq!(
        ids,
        [
            "YxH1q4KScfvfkJQjgRI8QY1DznnUWZTH1",
            "9qg-ErcO-4MPbPqq_3MIQaS7bn8W6HfG1",
            "eeba9d00-7b46-443a-917e-22887a8fc993"
        ]
    );
    assert_eq!(orders[1].status, Some(OrderStatus::Pending));
    let legacy = &orders[2];
    assert_eq!(legacy.billing_cycle, Some(BillingCycle::Monthly));
    assert!(legacy.creation_date.as_str().ends_with("-08:00"), "{}", legacy.creation_date);
    assert!(legacy.attributes.as_ref().unwrap().etag.is_some());
    let line = &legacy.line_items[0];
    assert_eq!(line.subscription_id.as_deref().unwrap(), line.subscription_id.as_ref().unwrap().to_uppercase());
    let links = line.links.as_ref().unwrap();
    assert!(links.subscription.is_some() && links.sku.is_some() && links.provisioning_status.is_some());
}

#[tokio::test]
async fn an_order_is_fetched_by_id_with_both_ids_of_the_call() {
    let emulator = Emulator::builder().start().await.unwrap();
    let partner = testing::client(&emulator);
    let request_id = Uuid::from_u128(42);

    let order = partner
        .customer(DOCUMENTED_CUSTOMER)
        .orders()
        .get("YxH1q4KScfvfkJQjgRI8QY1DznnUWZTH1")
        .request_id(request_id)
        .await
        .unwrap();

    assert_eq!((order.status().as_u16(), order.request_id()), (200, request_id));
    assert_eq!(order.service_request_id(), Some(request_id.to_string().as_str()));
    assert_eq!(order.creation_date.as_str(), "2018-03-13T22:49:54.3396949Z");
    assert!(order.links.as_ref().unwrap().provisioning_status.is_some());
}

#[tokio::test]
async fn an_unknown_order_is_an_error_with_code_ids_and_raw_body() {
    let emulator = Emulator::builder().start().await.unwrap();
    let partner = testing::client(&emulator);

    let error = partner.customer(DOCUMENTED_CUSTOMER).orders().get("000000000000").await.unwrap_err();

    assert!(error.is_not_found());
    assert_eq!(error.status().unwrap().as_u16(), 404);
    assert_eq!(error.code().map(ErrorCode::number), Some(20000));
    assert!(error.request_id().is_some() && error.correlation_id().is_some());
    assert!(String::from_utf8_lossy(error.raw_body()).contains("20000"));
    assert_eq!(error.to_string().lines().count(), 1);
}

#[tokio::test]
async fn the_customer_of_another_partner_is_no_relationship() {
    let emulator = Emulator::builder().start().await.unwrap();
    let partner = testing::client(&emulator);
    let error = partner.customer(Uuid::from_u128(1)).orders().list().await.unwrap_err();
    assert!(error.is_no_relationship(), "{error}");
}

#[tokio::test]
async fn the_older_token_endpoint_with_numbers_as_text_works() {
    let emulator = Emulator::builder().start().await.unwrap();
    let older = testing::app(&emulator).endpoint(TokenEndpoint::V1);
    let partner = testing::builder(&emulator).credential(older).build().unwrap();
    assert_eq!(partner.customer(DOCUMENTED_CUSTOMER).orders().list().await.unwrap().len(), 3);
}

#[tokio::test]
async fn a_wrong_secret_is_reported_and_never_shown() {
    let emulator = Emulator::builder().start().await.unwrap();
    let wrong = ClientSecret::new(
        emulator.tenant().to_string(),
        emulator.client_id().to_string(),
        "s3cr3t-and-wrong".to_owned(),
    );
    let partner = testing::builder(&emulator).credential(wrong).build().unwrap();
    let error = partner.customer(DOCUMENTED_CUSTOMER).orders().list().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Authentication);
    assert!(error.credential_error().is_some());
    assert!(!format!("{error} {error:?}").contains("s3cr3t-and-wrong"));
}

#[test]
fn the_demo_shows_the_table_the_validation_and_an_error() {
    let demo = demo(&[]);
    let shown = String::from_utf8(demo.stdout).unwrap();
    assert!(demo.status.success(), "{}", String::from_utf8_lossy(&demo.stderr));
    assert!(shown.contains("YxH1q4KScfvfkJQjgRI8QY1DznnUWZTH1     2018-03-13 22:49:54 UTC  completed"), "{shown}");
    assert!(shown.contains("are a valid OrderCollection in strict mode"), "{shown}");
    assert!(shown.contains("404 Not Found, code 20000"), "{shown}");
}

#[test]
fn another_seed_shows_other_data_and_the_same_seed_the_same() {
    let shown = |seed: &str| {
        let demo = demo(&["--seed", seed]);
        assert!(demo.status.success(), "{}", String::from_utf8_lossy(&demo.stderr));
        // The port and the ids of calls are new each time.
        let shown = String::from_utf8(demo.stdout).unwrap();
        shown.lines().filter(|line| !line.contains("127.0.0.1") && !line.contains("request id")).collect::<String>()
    };
    assert_eq!(shown("7"), shown("7"));
    assert_ne!(shown("7"), shown("8"));
}

#[test]
fn a_seed_that_is_not_a_number_is_rejected() {
    let demo = demo(&["--seed", "many"]);
    assert_eq!(demo.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&demo.stderr).contains("--seed takes a whole number"));
}
