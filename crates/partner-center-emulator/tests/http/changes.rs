//! PATCH of orders: its three meanings, and their refusals.

use partner_center_emulator::{Capitals, Environment, ProductionCancellation, SandboxCancellation, StaleEtag};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{
    ADD_ON, Bench, DOCUMENTED, LICENCE, MAIL, RESERVATION, SAAS, SHAPES, SOFTWARE, order, path_of, seen, stopped,
    subscription,
};

async fn provisioned(bench: &Bench, offer: &str, quantity: i32) -> (String, Value) {
    let path = path_of(&bench.place(offer, quantity).await);
    bench.pass(5);
    let read = bench.get(&path).await.expect(200);
    (path, read)
}

fn cancelled(order: &Value) -> Value {
    json!({"id": order["id"], "status": "cancelled"})
}

#[tokio::test]
async fn an_order_sent_back_changes_nothing() {
    let bench = Bench::new().await;
    for offer in [LICENCE, SOFTWARE, MAIL, SAAS, RESERVATION] {
        let (path, read) = provisioned(&bench, offer, 2).await;
        bench.patch(&path, read.clone()).await.expect(200);
        assert_eq!(bench.get(&path).await.expect(200), read, "{offer}");
    }
    for id in ["5cf72f146967", "Wm2-cFzK7uYbR_9HqTnXe0sPvLdA5gJ81", "7b19e4d6-2c80-4a5f-93d7-e4f8016ba2c5"] {
        let path = order(SHAPES, id);
        let read = bench.get(&path).await.expect(200);
        bench.patch(&path, read.clone()).await.expect(200);
        assert_eq!(bench.get(&path).await.expect(200), read, "{id}");
    }
}

#[tokio::test]
async fn an_add_on_joins_its_parent_and_the_etag_grows() {
    let bench = Bench::new().await;
    let (path, read) = provisioned(&bench, LICENCE, 5).await;
    let parent = &read["lineItems"][0]["subscriptionId"];
    let line = json!({"lineItemNumber": 0, "offerId": ADD_ON, "quantity": 2, "parentSubscriptionId": parent});
    let changed = bench.patch(&path, json!({"id": read["id"], "lineItems": [line]})).await.expect(200);
    let numbers: Vec<_> = changed["lineItems"].as_array().unwrap().iter().map(|line| &line["lineItemNumber"]).collect();
    assert_eq!(numbers, [0, 1]);
    assert_ne!(changed["attributes"]["etag"], read["attributes"]["etag"]);
    let added = changed["lineItems"][1]["subscriptionId"].as_str().unwrap();
    let added = bench.get(&subscription(DOCUMENTED, added)).await.expect(200);
    assert_eq!(added["parentSubscriptionId"], *parent);
}

#[tokio::test]
async fn an_add_on_needs_a_parent_of_its_order() {
    let bench = Bench::new().await;
    let (path, read) = provisioned(&bench, LICENCE, 5).await;
    let add = async |parent: &Value, number: i32| {
        let line = json!({"lineItemNumber": number, "offerId": ADD_ON, "quantity": 2, "parentSubscriptionId": parent});
        bench.patch(&path, json!({"id": read["id"], "lineItems": [line]})).await.refusal()
    };
    assert_eq!(add(&json!("DB8C695B-1C3C-4C55-B697-771503DD46BF"), 0).await, (400, 800_029));
    assert_eq!(add(&read["lineItems"][0]["subscriptionId"], 1).await, (400, 800_071));
}

#[tokio::test]
async fn the_billing_cycle_of_licences_changes() {
    let bench = Bench::unchecked(stopped()).await;
    let (path, mut read) = provisioned(&bench, LICENCE, 5).await;
    bench.configure(|settings| settings.changed_billing_cycle = Capitals::First);
    read["billingCycle"] = json!("annual");
    assert_eq!(bench.patch(&path, read.clone()).await.expect(200)["billingCycle"], "Annual");
    let line = &mut read["lineItems"][0];
    line["quantity"] = json!(6);
    read["billingCycle"] = json!("monthly");
    assert_eq!(bench.patch(&path, read).await.refusal(), (400, 2000));
}

#[tokio::test]
async fn the_billing_cycle_of_other_orders_does_not() {
    let bench = Bench::new().await;
    let (path, mut read) = provisioned(&bench, MAIL, 5).await;
    read["billingCycle"] = json!("annual");
    assert_eq!(bench.patch(&path, read).await.refusal(), (400, 6001));
}

#[tokio::test]
async fn software_is_cancelled_in_production_line_by_line() {
    let bench = Bench::new().await;
    let lines = json!([
        {"lineItemNumber": 0, "offerId": SOFTWARE, "quantity": 2},
        {"lineItemNumber": 1, "offerId": "DG7GMGF0FKZV:0003:DG7GMGF0DWMS", "quantity": 1}
    ]);
    let placed = bench.post(&crate::support::orders(DOCUMENTED), json!({"lineItems": lines})).await.expect(201);
    let path = path_of(&placed);
    let first =
        json!({"id": placed["id"], "status": "cancelled", "lineItems": [{"lineItemNumber": 0, "offerId": SOFTWARE}]});
    let changed = bench.patch(&path, first.clone()).await.expect(200);
    assert_eq!((&changed["status"], &changed["lineItems"][0]["quantity"]), (&json!("completed"), &json!(0)));
    assert_eq!(bench.patch(&path, first).await.refusal(), (400, 800_061));
    assert_eq!(bench.patch(&path, cancelled(&placed)).await.expect(200)["status"], "cancelled");
    assert_eq!(bench.patch(&path, cancelled(&placed)).await.expect(200)["status"], "cancelled");
}

#[tokio::test]
async fn software_can_t_be_cancelled_for_ever() {
    let bench = Bench::new().await;
    let (path, read) = provisioned(&bench, SOFTWARE, 1).await;
    bench.pass(31 * 24 * 3600);
    let token = bench.emulator.user_token(true);
    let request = bench.client.patch(bench.url(&path)).bearer_auth(token).json(&cancelled(&read));
    assert_eq!(seen(request).await.refusal(), (400, 900_117));
}

#[tokio::test]
async fn production_refuses_to_cancel_anything_else() {
    let bench = Bench::new().await;
    for (offer, by_kind) in [(LICENCE, (400, 800_063)), (SAAS, (403, 800_077)), (RESERVATION, (403, 800_019))] {
        let (path, read) = provisioned(&bench, offer, 1).await;
        bench.configure(|settings| settings.production_cancellation = ProductionCancellation::OneCode);
        assert_eq!(bench.patch(&path, cancelled(&read)).await.refusal(), (403, 800_019), "{offer}");
        bench.configure(|settings| settings.production_cancellation = ProductionCancellation::ByKind);
        assert_eq!(bench.patch(&path, cancelled(&read)).await.refusal(), by_kind, "{offer}");
    }
}

#[tokio::test]
async fn a_sandbox_cancels_what_production_does_not() {
    let bench = Bench::new().await;
    bench.configure(|settings| settings.environment = Environment::Sandbox);
    let (path, read) = provisioned(&bench, SAAS, 1).await;
    let changed = bench.patch(&path, cancelled(&read)).await.expect(200);
    assert_eq!((&changed["status"], changed.get("links")), (&json!("cancelled"), None));
    bench.configure(|settings| settings.sandbox_cancellation = SandboxCancellation::Completed);
    let (path, read) = provisioned(&bench, SOFTWARE, 1).await;
    let changed = bench.patch(&path, cancelled(&read)).await.expect(200);
    assert_eq!((&changed["status"], &changed["lineItems"][0]["quantity"]), (&json!("completed"), &json!(1)));
    let (path, read) = provisioned(&bench, LICENCE, 1).await;
    assert_eq!(bench.patch(&path, cancelled(&read)).await.refusal(), (400, 800_063));
    let old = order(SHAPES, "rA5yQe_0LmZtBn8PwKxD-4cVhUjG3s6f1");
    assert_eq!(bench.patch(&old, json!({"status": "cancelled"})).await.refusal(), (400, 800_061));
}

#[tokio::test]
async fn other_changes_are_refused() {
    let bench = Bench::new().await;
    let (path, read) = provisioned(&bench, MAIL, 5).await;
    let mut more = read.clone();
    more["lineItems"][0]["quantity"] = json!(6);
    assert_eq!(bench.patch(&path, more).await.refusal(), (400, 900_141));
    assert_eq!(bench.patch(&path, json!({"status": "suspended"})).await.refusal(), (400, 2000));
    assert_eq!(bench.patch(&path, json!({"id": "another"})).await.refusal(), (400, 2000));
    assert_eq!(bench.patch(&order(DOCUMENTED, "unknown"), read).await.refusal(), (404, 20000));
}

#[tokio::test]
async fn a_stale_etag_is_refused() {
    let bench = Bench::new().await;
    let (path, read) = provisioned(&bench, LICENCE, 5).await;
    let etag = read["attributes"]["etag"].as_str().unwrap().to_owned();
    let mut annual = read.clone();
    annual["billingCycle"] = json!("annual");
    let change = async |etag: &str, body: &Value| {
        seen(bench.request(Method::PATCH, &path).header("If-Match", format!("\"{etag}\"")).json(body)).await
    };
    change(&etag, &annual).await.expect(200);
    assert_eq!(change(&etag, &read).await.refusal(), (400, 2055));
    bench.configure(|settings| settings.stale_etag = StaleEtag::PreconditionFailed);
    assert_eq!(change(&etag, &read).await.refusal(), (412, 2055));
}
