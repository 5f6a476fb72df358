//! PATCH of orders: cancellation, add-ons and billing cycle, and their errors.

use partner_center_emulator::{Capitals, Environment, ProductionCancellation, SandboxCancellation, StaleEtag};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{
    ADD_ON, DOCUMENTED, LICENCE, MAIL, RESERVATION, SAAS, SHAPES, SOFTWARE, TestServer, order, path_of, send, stopped,
    subscription,
};

async fn provisioned(server: &TestServer, offer: &str, quantity: i32) -> (String, Value) {
    let path = path_of(&server.place(offer, quantity).await);
    server.pass(5);
    let read = server.get(&path).await.expect(200);
    (path, read)
}

fn cancelled(order: &Value) -> Value {
    json!({"id": order["id"], "status": "cancelled"})
}

#[tokio::test]
async fn an_order_sent_back_changes_nothing() {
    let server = TestServer::new().await;
    for offer in [LICENCE, SOFTWARE, MAIL, SAAS, RESERVATION] {
        let (path, read) = provisioned(&server, offer, 2).await;
        server.patch(&path, read.clone()).await.expect(200);
        assert_eq!(server.get(&path).await.expect(200), read, "{offer}");
    }
    for id in ["5cf72f146967", "Wm2-cFzK7uYbR_9HqTnXe0sPvLdA5gJ81", "7b19e4d6-2c80-4a5f-93d7-e4f8016ba2c5"] {
        let path = order(SHAPES, id);
        let read = server.get(&path).await.expect(200);
        server.patch(&path, read.clone()).await.expect(200);
        assert_eq!(server.get(&path).await.expect(200), read, "{id}");
    }
}

#[tokio::test]
async fn an_add_on_is_added_and_the_etag_changes() {
    let server = TestServer::new().await;
    let (path, read) = provisioned(&server, LICENCE, 5).await;
    let parent = &read["lineItems"][0]["subscriptionId"];
    let line = json!({"lineItemNumber": 0, "offerId": ADD_ON, "quantity": 2, "parentSubscriptionId": parent});
    let changed = server.patch(&path, json!({"id": read["id"], "lineItems": [line]})).await.expect(200);
    let numbers: Vec<_> = changed["lineItems"].as_array().unwrap().iter().map(|line| &line["lineItemNumber"]).collect();
    assert_eq!(numbers, [0, 1]);
    assert_ne!(changed["attributes"]["etag"], read["attributes"]["etag"]);
    let added = changed["lineItems"][1]["subscriptionId"].as_str().unwrap();
    let added = server.get(&subscription(DOCUMENTED, added)).await.expect(200);
    assert_eq!(added["parentSubscriptionId"], *parent);
}

#[tokio::test]
async fn an_add_on_needs_a_parent_of_its_order() {
    let server = TestServer::new().await;
    let (path, read) = provisioned(&server, LICENCE, 5).await;
    let add = async |parent: &Value, number: i32| {
        let line = json!({"lineItemNumber": number, "offerId": ADD_ON, "quantity": 2, "parentSubscriptionId": parent});
        server.patch(&path, json!({"id": read["id"], "lineItems": [line]})).await.status_and_code()
    };
    assert_eq!(add(&json!("DB8C695B-1C3C-4C55-B697-771503DD46BF"), 0).await, (400, 800_029));
    assert_eq!(add(&read["lineItems"][0]["subscriptionId"], 1).await, (400, 800_071));
}

#[tokio::test]
async fn the_billing_cycle_of_licences_changes() {
    let server = TestServer::unchecked(stopped()).await;
    let (path, mut read) = provisioned(&server, LICENCE, 5).await;
    server.configure(|settings| settings.changed_billing_cycle = Capitals::First);
    read["billingCycle"] = json!("annual");
    assert_eq!(server.patch(&path, read.clone()).await.expect(200)["billingCycle"], "Annual");
    let line = &mut read["lineItems"][0];
    line["quantity"] = json!(6);
    read["billingCycle"] = json!("monthly");
    assert_eq!(server.patch(&path, read).await.status_and_code(), (400, 2000));
}

#[tokio::test]
async fn the_billing_cycle_of_other_orders_does_not() {
    let server = TestServer::new().await;
    let (path, mut read) = provisioned(&server, MAIL, 5).await;
    read["billingCycle"] = json!("annual");
    assert_eq!(server.patch(&path, read).await.status_and_code(), (400, 6001));
}

#[tokio::test]
async fn software_is_cancelled_in_production_line_by_line() {
    let server = TestServer::new().await;
    let lines = json!([
        {"lineItemNumber": 0, "offerId": SOFTWARE, "quantity": 2},
        {"lineItemNumber": 1, "offerId": "DG7GMGF0FKZV:0003:DG7GMGF0DWMS", "quantity": 1}
    ]);
    let placed = server.post(&crate::support::orders(DOCUMENTED), json!({"lineItems": lines})).await.expect(201);
    let path = path_of(&placed);
    let first =
        json!({"id": placed["id"], "status": "cancelled", "lineItems": [{"lineItemNumber": 0, "offerId": SOFTWARE}]});
    let changed = server.patch(&path, first.clone()).await.expect(200);
    assert_eq!((&changed["status"], &changed["lineItems"][0]["quantity"]), (&json!("completed"), &json!(0)));
    assert_eq!(server.patch(&path, first).await.status_and_code(), (400, 800_061));
    assert_eq!(server.patch(&path, cancelled(&placed)).await.expect(200)["status"], "cancelled");
    assert_eq!(server.patch(&path, cancelled(&placed)).await.expect(200)["status"], "cancelled");
}

#[tokio::test]
async fn software_can_be_cancelled_for_a_limited_time() {
    let server = TestServer::new().await;
    let (path, read) = provisioned(&server, SOFTWARE, 1).await;
    server.pass(31 * 24 * 3600);
    let token = server.emulator.user_token(true);
    let request = server.client.patch(server.url(&path)).bearer_auth(token).json(&cancelled(&read));
    assert_eq!(send(request).await.status_and_code(), (400, 900_117));
}

#[tokio::test]
async fn production_rejects_other_cancellations() {
    let server = TestServer::new().await;
    for (offer, by_kind) in [(LICENCE, (400, 800_063)), (SAAS, (403, 800_077)), (RESERVATION, (403, 800_019))] {
        let (path, read) = provisioned(&server, offer, 1).await;
        server.configure(|settings| settings.production_cancellation = ProductionCancellation::OneCode);
        assert_eq!(server.patch(&path, cancelled(&read)).await.status_and_code(), (403, 800_019), "{offer}");
        server.configure(|settings| settings.production_cancellation = ProductionCancellation::ByKind);
        assert_eq!(server.patch(&path, cancelled(&read)).await.status_and_code(), by_kind, "{offer}");
    }
}

#[tokio::test]
async fn a_sandbox_cancels_what_production_does_not() {
    let server = TestServer::new().await;
    server.configure(|settings| settings.environment = Environment::Sandbox);
    let (path, read) = provisioned(&server, SAAS, 1).await;
    let changed = server.patch(&path, cancelled(&read)).await.expect(200);
    assert_eq!((&changed["status"], changed.get("links")), (&json!("cancelled"), None));
    server.configure(|settings| settings.sandbox_cancellation = SandboxCancellation::Completed);
    let (path, read) = provisioned(&server, SOFTWARE, 1).await;
    let changed = server.patch(&path, cancelled(&read)).await.expect(200);
    assert_eq!((&changed["status"], &changed["lineItems"][0]["quantity"]), (&json!("completed"), &json!(1)));
    let (path, read) = provisioned(&server, LICENCE, 1).await;
    assert_eq!(server.patch(&path, cancelled(&read)).await.status_and_code(), (400, 800_063));
    let old = order(SHAPES, "rA5yQe_0LmZtBn8PwKxD-4cVhUjG3s6f1");
    assert_eq!(server.patch(&old, json!({"status": "cancelled"})).await.status_and_code(), (400, 800_061));
}

#[tokio::test]
async fn other_changes_are_rejected() {
    let server = TestServer::new().await;
    let (path, read) = provisioned(&server, MAIL, 5).await;
    let mut more = read.clone();
    more["lineItems"][0]["quantity"] = json!(6);
    assert_eq!(server.patch(&path, more).await.status_and_code(), (400, 900_141));
    assert_eq!(server.patch(&path, json!({"status": "suspended"})).await.status_and_code(), (400, 2000));
    assert_eq!(server.patch(&path, json!({"id": "another"})).await.status_and_code(), (400, 2000));
    assert_eq!(server.patch(&order(DOCUMENTED, "unknown"), read).await.status_and_code(), (404, 20000));
}

#[tokio::test]
async fn a_stale_etag_is_rejected() {
    let server = TestServer::new().await;
    let (path, read) = provisioned(&server, LICENCE, 5).await;
    let etag = read["attributes"]["etag"].as_str().unwrap().to_owned();
    let mut annual = read.clone();
    annual["billingCycle"] = json!("annual");
    let change = async |etag: &str, body: &Value| {
        send(server.request(Method::PATCH, &path).header("If-Match", format!("\"{etag}\"")).json(body)).await
    };
    change(&etag, &annual).await.expect(200);
    assert_eq!(change(&etag, &read).await.status_and_code(), (400, 2055));
    server.configure(|settings| settings.stale_etag = StaleEtag::PreconditionFailed);
    assert_eq!(change(&etag, &read).await.status_and_code(), (412, 2055));
}
