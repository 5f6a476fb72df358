//! Subscriptions and activation links.

use partner_center_emulator::{Environment, Fault, FaultKind, SubscriptionChanges};
use reqwest::Method;
use serde_json::json;

use crate::support::{
    AZURE, DOCUMENTED, LICENCE, MAIL, SAAS, TestServer, changed, new_order, ordered, orders, path_of, send,
    subscription,
};

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
async fn a_new_commerce_subscription_is_as_documented() {
    let server = TestServer::new().await;
    let (_, path) = ordered(&server, MAIL, 3).await;
    let read = server.get(&path).await.expect(200);
    for (member, value) in [
        ("unitType", json!("Licenses")),
        ("hasPurchasableAddons", json!(false)),
        ("isMicrosoftProduct", json!(true)),
        ("publisherName", json!("Microsoft Corporation")),
        ("attentionNeeded", json!(false)),
        ("actionTaken", json!(false)),
        ("productType", json!({"id": "OnlineServicesNCE", "displayName": "OnlineServicesNCE"})),
        // It starts at a time of day, and its term ends with its last day.
        ("effectiveStartDate", json!("2026-03-01T08:00:05Z")),
        ("commitmentEndDate", json!("2027-02-28T00:00:00Z")),
        ("commitmentEndDateTime", json!("2027-02-28T23:59:59Z")),
    ] {
        assert_eq!(read[member], value, "{member}");
    }
}

#[tokio::test]
async fn the_ends_of_terms_are_as_documented() {
    let server = TestServer::new().await;
    for (offer, start, end) in [
        // Recorded and documented: legacy dates have no time of day, and the term ends before that day.
        (LICENCE, "2026-03-01T00:00:00Z", "2027-03-01T00:00:00Z"),
        (SAAS, "2026-03-01T08:00:10Z", "2026-03-31T08:00:10Z"),
        (AZURE, "2026-03-01T00:00:00Z", "9999-12-01T00:00:00Z"),
    ] {
        let (_, path) = ordered(&server, offer, 1).await;
        let read = server.get(&path).await.expect(200);
        assert_eq!((&read["effectiveStartDate"], &read["commitmentEndDate"]), (&json!(start), &json!(end)), "{offer}");
        assert_eq!((read.get("commitmentEndDateTime"), read.get("refundableQuantity")), (None, None), "{offer}");
    }
}

#[tokio::test]
async fn a_term_can_end_on_a_day_of_the_client_s_choice() {
    let server = TestServer::new().await;
    let mut order = new_order(MAIL, 1);
    order["lineItems"][0]["customTermEndDate"] = json!("2026-08-31T00:00:00Z");
    let placed = server.post(&orders(DOCUMENTED), order).await.expect(201);
    server.pass(5);
    let id = server.get(&path_of(&placed)).await.expect(200)["lineItems"][0]["subscriptionId"].clone();
    let read = server.get(&subscription(DOCUMENTED, id.as_str().unwrap())).await.expect(200);
    assert_eq!(read["commitmentEndDate"], "2026-08-31T00:00:00Z");
    assert_eq!(read["commitmentEndDateTime"], "2026-08-31T23:59:59Z");
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
