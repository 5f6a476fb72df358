//! Subscriptions and activation links.

use partner_center_emulator::Environment;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Bench, DOCUMENTED, LICENCE, MAIL, SAAS, path_of, seen, subscription};

/// Buys something; gives the order's path and its subscription's.
async fn bought(bench: &Bench, offer: &str, quantity: i32) -> (String, String) {
    let path = path_of(&bench.place(offer, quantity).await);
    bench.pass(5);
    let order = bench.get(&path).await.expect(200);
    (path, subscription(DOCUMENTED, order["lineItems"][0]["subscriptionId"].as_str().unwrap()))
}

async fn changed(bench: &Bench, path: &str, member: &str, value: Value) -> crate::support::Seen {
    let mut read = bench.get(path).await.expect(200);
    read[member] = value;
    bench.patch(path, read).await
}

#[tokio::test]
async fn the_subscriptions_of_an_order_are_found_by_its_id() {
    let bench = Bench::new().await;
    let order = bench.place(MAIL, 3).await;
    let path = format!("/customers/{DOCUMENTED}/subscriptions?order_id={}", order["id"].as_str().unwrap());
    assert_eq!(bench.get(&path).await.expect(200)["totalCount"], 0);
    bench.pass(5);
    let found = bench.get(&path).await.expect(200);
    assert_eq!((&found["totalCount"], &found["items"][0]["orderId"]), (&json!(1), &order["id"]));
    let unknown = bench.get(&format!("/customers/{DOCUMENTED}/subscriptions?order_id=unknown")).await;
    assert_eq!(unknown.refusal(), (404, 20000));
}

#[tokio::test]
async fn a_new_commerce_subscription_is_changed_and_cancelled_in_its_window() {
    let bench = Bench::new().await;
    let (_, path) = bought(&bench, MAIL, 3).await;
    assert_eq!(changed(&bench, &path, "quantity", json!(5)).await.expect(200)["quantity"], 5);
    assert_eq!(changed(&bench, &path, "friendlyName", json!("Ours")).await.expect(200)["friendlyName"], "Ours");
    assert_eq!(changed(&bench, &path, "status", json!("suspended")).await.refusal(), (400, 800_040));
    assert_eq!(changed(&bench, &path, "status", json!("Deleted")).await.expect(200)["status"], "deleted");
    assert_eq!(changed(&bench, &path, "quantity", json!(6)).await.refusal(), (400, 2011));
}

#[tokio::test]
async fn the_window_to_cancel_closes() {
    let bench = Bench::new().await;
    let (_, path) = bought(&bench, MAIL, 3).await;
    bench.pass(8 * 24 * 3600);
    let token = bench.emulator.user_token(true);
    let change =
        async |body: Value| seen(bench.client.patch(bench.url(&path)).bearer_auth(&token).json(&body)).await.refusal();
    assert_eq!(change(json!({"status": "deleted"})).await, (400, 900_117));
    assert_eq!(change(json!({"quantity": 2})).await, (400, 800_090));
}

#[tokio::test]
async fn a_legacy_subscription_is_suspended_and_taken_up_again() {
    let bench = Bench::new().await;
    let (_, path) = bought(&bench, LICENCE, 3).await;
    let etag = bench.get(&path).await.expect(200)["attributes"]["etag"].clone();
    let suspended = changed(&bench, &path, "status", json!("suspended")).await.expect(200);
    assert_ne!(suspended["attributes"]["etag"], etag);
    assert_eq!(changed(&bench, &path, "quantity", json!(4)).await.refusal(), (400, 2001));
    assert_eq!(changed(&bench, &path, "status", json!("active")).await.expect(200)["status"], "active");
    assert_eq!(changed(&bench, &path, "billingCycle", json!("annual")).await.refusal(), (400, 2054));
}

#[tokio::test]
async fn provisioning_is_pending_while_licences_change() {
    let bench = Bench::new().await;
    let (_, path) = bought(&bench, MAIL, 3).await;
    let status = async || bench.get(&format!("{path}/provisioningstatus")).await.expect(200)["status"].clone();
    assert_eq!(status().await, "success");
    changed(&bench, &path, "quantity", json!(5)).await.expect(200);
    assert_eq!(status().await, "pending");
    bench.pass(5);
    assert_eq!(status().await, "success");
}

#[tokio::test]
async fn a_publisher_s_product_is_activated_by_its_link() {
    let bench = Bench::new().await;
    let (order, path) = bought(&bench, SAAS, 1).await;
    assert_eq!(bench.get(&path).await.expect(200)["status"], "pending");
    let mut links = Vec::new();
    for place in [
        &format!("{order}/activationlinks"),
        &format!("{order}/lineitems/0/activationlinks"),
        &format!("{path}/activationlinks"),
    ] {
        links.push(bench.get(place).await.expect(200)["items"][0]["link"]["uri"].as_str().unwrap().to_owned());
    }
    assert!(links.iter().all(|link| *link == links[0]));
    assert_eq!(seen(bench.client.get(&links[0])).await.status, 200);
    assert_eq!(bench.get(&path).await.expect(200)["status"], "active");
    assert_eq!(bench.get(&format!("{order}/lineitems/9/activationlinks")).await.refusal(), (404, 1000));
}

#[tokio::test]
async fn only_a_sandbox_activates_without_the_publisher() {
    let bench = Bench::new().await;
    let (_, path) = bought(&bench, SAAS, 1).await;
    let activate = async || seen(bench.request(Method::POST, &format!("{path}/activate"))).await;
    assert_eq!(activate().await.refusal(), (400, 900_127));
    bench.configure(|settings| settings.environment = Environment::Sandbox);
    assert_eq!(activate().await.expect(200)["status"], "Success");
    assert_eq!(bench.get(&path).await.expect(200)["status"], "active");
    assert_eq!(activate().await.refusal(), (400, 800_041));
}

#[tokio::test]
async fn an_unknown_subscription_is_20003() {
    let bench = Bench::new().await;
    let path = subscription(DOCUMENTED, "83ef9d05-4169-4ef9-9657-0e86b1eab1de");
    assert_eq!(bench.get(&path).await.refusal(), (404, 20003));
    assert_eq!(bench.patch(&path, json!({})).await.refusal(), (404, 20003));
}
