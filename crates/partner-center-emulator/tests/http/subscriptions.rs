//! Subscriptions and activation links.

use partner_center_emulator::{Environment, Fault, FaultKind, SubscriptionChanges};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{DOCUMENTED, LICENCE, MAIL, SAAS, TestServer, path_of, send, subscription};

/// Places an order. Returns its path and its subscription's.
async fn ordered(server: &TestServer, offer: &str, quantity: i32) -> (String, String) {
    let path = path_of(&server.place(offer, quantity).await);
    server.pass(5);
    let order = server.get(&path).await.expect(200);
    (path, subscription(DOCUMENTED, order["lineItems"][0]["subscriptionId"].as_str().unwrap()))
}

async fn changed(server: &TestServer, path: &str, member: &str, value: Value) -> crate::support::TestResponse {
    let mut read = server.get(path).await.expect(200);
    read[member] = value;
    server.patch(path, read).await
}

#[tokio::test]
async fn the_subscriptions_of_an_order_are_found_by_its_id() {
    let server = TestServer::new().await;
    let order = server.place(MAIL, 3).await;
    let path = format!("/customers/{DOCUMENTED}/subscriptions?order_id={}", order["id"].as_str().unwrap());
    assert_eq!(server.get(&path).await.expect(200)["totalCount"], 0);
    server.pass(5);
    let found = server.get(&path).await.expect(200);
    assert_eq!((&found["totalCount"], &found["items"][0]["orderId"]), (&json!(1), &order["id"]));
    let unknown = server.get(&format!("/customers/{DOCUMENTED}/subscriptions?order_id=unknown")).await;
    assert_eq!(unknown.status_and_code(), (404, 20000));
}

#[tokio::test]
async fn a_new_commerce_subscription_is_changed_and_cancelled_in_its_window() {
    let server = TestServer::new().await;
    let (_, path) = ordered(&server, MAIL, 3).await;
    assert_eq!(changed(&server, &path, "quantity", json!(5)).await.expect(200)["quantity"], 5);
    assert_eq!(changed(&server, &path, "friendlyName", json!("Ours")).await.expect(200)["friendlyName"], "Ours");
    assert_eq!(changed(&server, &path, "status", json!("suspended")).await.status_and_code(), (400, 800_040));
    assert_eq!(changed(&server, &path, "status", json!("Deleted")).await.expect(200)["status"], "deleted");
    assert_eq!(changed(&server, &path, "quantity", json!(6)).await.status_and_code(), (400, 2011));
}

#[tokio::test]
async fn the_window_to_cancel_closes() {
    let server = TestServer::new().await;
    let (_, path) = ordered(&server, MAIL, 3).await;
    server.pass(8 * 24 * 3600);
    let token = server.emulator.user_token(true);
    let change = async |body: Value| {
        send(server.client.patch(server.url(&path)).bearer_auth(&token).json(&body)).await.status_and_code()
    };
    assert_eq!(change(json!({"status": "deleted"})).await, (400, 900_117));
    assert_eq!(change(json!({"quantity": 2})).await, (400, 800_090));
}

#[tokio::test]
async fn a_legacy_subscription_is_suspended_and_resumed() {
    let server = TestServer::new().await;
    let (_, path) = ordered(&server, LICENCE, 3).await;
    let etag = server.get(&path).await.expect(200)["attributes"]["etag"].clone();
    let suspended = changed(&server, &path, "status", json!("suspended")).await.expect(200);
    assert_ne!(suspended["attributes"]["etag"], etag);
    assert_eq!(changed(&server, &path, "quantity", json!(4)).await.status_and_code(), (400, 2001));
    assert_eq!(changed(&server, &path, "status", json!("active")).await.expect(200)["status"], "active");
    assert_eq!(changed(&server, &path, "billingCycle", json!("annual")).await.status_and_code(), (400, 2054));
}

#[tokio::test]
async fn provisioning_is_pending_while_licences_change() {
    let server = TestServer::new().await;
    let (_, path) = ordered(&server, MAIL, 3).await;
    let status = async || server.get(&format!("{path}/provisioningstatus")).await.expect(200)["status"].clone();
    assert_eq!(status().await, "success");
    changed(&server, &path, "quantity", json!(5)).await.expect(200);
    assert_eq!(status().await, "pending");
    server.pass(5);
    assert_eq!(status().await, "success");
}

#[tokio::test]
async fn a_publisher_s_product_is_activated_by_its_link() {
    let server = TestServer::new().await;
    let (order, path) = ordered(&server, SAAS, 1).await;
    assert_eq!(server.get(&path).await.expect(200)["status"], "pending");
    let mut links = Vec::new();
    for path in [
        &format!("{order}/activationlinks"),
        &format!("{order}/lineitems/0/activationlinks"),
        &format!("{path}/activationlinks"),
    ] {
        links.push(server.get(path).await.expect(200)["items"][0]["link"]["uri"].as_str().unwrap().to_owned());
    }
    assert!(links.iter().all(|link| *link == links[0]));
    assert_eq!(send(server.client.get(&links[0])).await.status, 200);
    assert_eq!(server.get(&path).await.expect(200)["status"], "active");
    assert_eq!(server.get(&format!("{order}/lineitems/9/activationlinks")).await.status_and_code(), (404, 1000));
}

#[tokio::test]
async fn only_a_sandbox_activates_without_the_publisher() {
    let server = TestServer::new().await;
    let (_, path) = ordered(&server, SAAS, 1).await;
    let activate = async || send(server.request(Method::POST, &format!("{path}/activate"))).await;
    assert_eq!(activate().await.status_and_code(), (400, 900_127));
    server.configure(|settings| settings.environment = Environment::Sandbox);
    assert_eq!(activate().await.expect(200)["status"], "Success");
    assert_eq!(server.get(&path).await.expect(200)["status"], "active");
    assert_eq!(activate().await.status_and_code(), (400, 800_041));
}

#[tokio::test]
async fn an_unknown_subscription_is_20003() {
    let server = TestServer::new().await;
    let path = subscription(DOCUMENTED, "83ef9d05-4169-4ef9-9657-0e86b1eab1de");
    assert_eq!(server.get(&path).await.status_and_code(), (404, 20003));
    assert_eq!(server.patch(&path, json!({})).await.status_and_code(), (404, 20003));
}

#[tokio::test]
async fn an_accepted_change_takes_place_later() {
    let server = TestServer::new().await;
    let (_, path) = ordered(&server, MAIL, 3).await;
    for (setting, has_body) in [(SubscriptionChanges::Accepted, false), (SubscriptionChanges::AcceptedWithBody, true)] {
        server.emulator.configure(|settings| settings.subscription_changes = setting);
        let before = server.get(&path).await.expect(200);
        let quantity = before["quantity"].as_i64().unwrap() + 1;

        let accepted = changed(&server, &path, "quantity", json!(quantity)).await;

        assert_eq!((accepted.status.as_u16(), accepted.header("location")), (202, Some(path.as_str())));
        if has_body {
            assert_eq!(accepted.json()["quantity"], quantity);
        } else {
            assert!(accepted.raw.is_empty());
        }
        assert_eq!(server.get(&path).await.expect(200), before);
        server.pass(5);
        assert_eq!(server.get(&path).await.expect(200)["quantity"], quantity);
    }
}

#[tokio::test]
async fn the_next_write_finds_an_accepted_change_made() {
    let server = TestServer::new().await;
    let (_, path) = ordered(&server, MAIL, 3).await;
    let kind = FaultKind::Accepted { body: false, seconds: 60.0 };
    server.emulator.plan_fault(Fault::new(kind).on("update_subscription").times(1));
    let mut body = server.get(&path).await.expect(200);
    body["quantity"] = json!(4);
    assert_eq!(server.patch(&path, body.clone()).await.status, 202);
    (body["quantity"], body["friendlyName"]) = (json!(4), json!("Ours"));

    let renamed = server.patch(&path, body).await.expect(200);

    assert_eq!((&renamed["quantity"], &renamed["friendlyName"]), (&json!(4), &json!("Ours")));
    server.pass(60);
    assert_eq!(server.get(&path).await.expect(200), renamed);
}

#[tokio::test]
async fn a_rejected_change_is_not_accepted() {
    let server = TestServer::new().await;
    let (_, path) = ordered(&server, MAIL, 3).await;
    server.emulator.configure(|settings| settings.subscription_changes = SubscriptionChanges::Accepted);
    assert_eq!(changed(&server, &path, "quantity", json!(0)).await.status_and_code(), (400, 2002));
    server.pass(5);
    assert_eq!(server.get(&path).await.expect(200)["quantity"], 3);
}
