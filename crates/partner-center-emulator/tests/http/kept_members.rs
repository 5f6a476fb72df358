//! Members that the emulator doesn't know: it keeps and returns them.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{
    DOCUMENTED, LICENCE, MAIL, SOFTWARE, TestServer, carts, new_order, orders, path_of, send, stopped, subscription,
};

/// The contract doesn't know the members of these tests either.
async fn server() -> TestServer {
    TestServer::unchecked(stopped()).await
}

/// A member as a client of the SDK sends it, and as it is returned.
fn shape() -> (Value, Value) {
    let sent = json!({"Corners": [{"AngleInDegrees": 90.5, "Label": null}, null], "IsRound": false});
    (sent, json!({"corners": [{"angleInDegrees": 90.5}, null], "isRound": false}))
}

fn commitment() -> (Value, Value) {
    let sent = json!({"Amount": 0.05, "Currency": "usd", "Grain": "hourly"});
    (sent, json!({"amount": 0.05, "currency": "usd", "grain": "hourly"}))
}

#[tokio::test]
async fn a_new_order_keeps_them() {
    let server = server().await;
    let ((shape, shape_returned), (commitment, commitment_returned)) = (shape(), commitment());
    for offer in [LICENCE, SOFTWARE, MAIL] {
        let mut order = new_order(offer, 1);
        order["Shape"] = shape.clone();
        order["lineItems"][0]["PurchaseCommitment"] = commitment.clone();
        order["lineItems"][0]["renewsTo"] = json!({"TermDuration": "P1M", "Shape": shape});
        let placed = server.post(&orders(DOCUMENTED), order).await.expect(201);
        server.pass(5);
        for order in [&placed, &server.get(&path_of(&placed)).await.expect(200)] {
            assert_eq!(order["shape"], shape_returned, "{offer}");
            let line = &order["lineItems"][0];
            assert_eq!(line["purchaseCommitment"], commitment_returned, "{offer}");
            assert_eq!(line["renewsTo"], json!({"termDuration": "P1M", "shape": shape_returned}), "{offer}");
        }
    }
}

#[tokio::test]
async fn a_changed_order_keeps_those_of_before_and_of_the_change() {
    let server = server().await;
    let (shape, returned) = shape();
    let mut new = new_order(LICENCE, 1);
    new["colour"] = json!("red");
    let placed = server.post(&orders(DOCUMENTED), new).await.expect(201);
    let path = path_of(&placed);
    let mut read = server.get(&path).await.expect(200);
    let etag = read["attributes"]["etag"].clone();
    read.as_object_mut().unwrap().remove("colour");
    read["Shape"] = shape.clone();
    read["lineItems"][0]["Shape"] = shape;
    let changed = server.patch(&path, read).await.expect(200);
    assert_ne!(changed["attributes"]["etag"], etag);
    for order in [&changed, &server.get(&path).await.expect(200)] {
        assert_eq!((&order["colour"], &order["shape"]), (&json!("red"), &returned));
        assert_eq!(order["lineItems"][0]["shape"], returned);
    }
    let again = server.patch(&path, changed.clone()).await.expect(200);
    assert_eq!(again, changed, "the same again is no change");
}

#[tokio::test]
async fn a_cancelled_order_keeps_them() {
    let server = server().await;
    let placed = server.place(SOFTWARE, 1).await;
    let body = json!({"id": placed["id"], "status": "cancelled", "Reason": {"Code": 3}});
    let cancelled = server.patch(&path_of(&placed), body).await.expect(200);
    assert_eq!((&cancelled["status"], &cancelled["reason"]), (&json!("cancelled"), &json!({"code": 3})));
    assert_eq!(server.get(&path_of(&placed)).await.expect(200)["reason"], json!({"code": 3}));
}

#[tokio::test]
async fn a_commitment_can_t_be_changed_with_the_order() {
    let server = server().await;
    let mut order = new_order(MAIL, 1);
    order["lineItems"][0]["purchaseCommitment"] = commitment().1;
    let mut placed = server.post(&orders(DOCUMENTED), order).await.expect(201);
    placed["lineItems"][0]["purchaseCommitment"]["amount"] = json!(0.06);
    assert_eq!(server.patch(&path_of(&placed), placed).await.status_and_code(), (400, 900_141));
}

#[tokio::test]
async fn a_cart_keeps_them_and_hands_those_of_its_lines_to_the_orders() {
    let server = server().await;
    let ((shape, shape_returned), (commitment, commitment_returned)) = (shape(), commitment());
    let line = |id: i32| {
        json!({"id": id, "catalogItemId": MAIL, "quantity": 1, "PurchaseCommitment": commitment, "Shape": shape,
            "participants": [{"key": "transaction_reseller", "value": "4711", "Shape": shape}]})
    };
    let mut with_add_on = line(0);
    with_add_on["addonItems"] = json!([line(1)]);
    let created =
        server.post(&carts(DOCUMENTED), json!({"Shape": shape, "lineItems": [with_add_on]})).await.expect(201);
    let path = format!("{}/{}", carts(DOCUMENTED), created["id"].as_str().unwrap());
    let read = server.get(&path).await.expect(200);
    let replaced = server.send(Method::PUT, &path, read.clone()).await.expect(201);
    for cart in [created, read, replaced] {
        assert_eq!(cart["shape"], shape_returned);
        for line in [&cart["lineItems"][0], &cart["lineItems"][0]["addonItems"][0]] {
            assert_eq!((&line["purchaseCommitment"], &line["shape"]), (&commitment_returned, &shape_returned));
            assert_eq!(line["participants"][0]["shape"], shape_returned);
        }
    }
    let result = send(server.request(Method::POST, &format!("{path}/checkout"))).await.expect(201);
    for line in result["orders"][0]["lineItems"].as_array().unwrap() {
        assert_eq!((&line["purchaseCommitment"], &line["shape"]), (&commitment_returned, &shape_returned));
    }
}

#[tokio::test]
async fn a_replaced_cart_has_only_the_new_ones() {
    let server = server().await;
    let line = json!({"id": 0, "catalogItemId": MAIL, "quantity": 1});
    let new = json!({"lineItems": [line], "colour": "red"});
    let created = server.post(&carts(DOCUMENTED), new).await.expect(201);
    let path = format!("{}/{}", carts(DOCUMENTED), created["id"].as_str().unwrap());
    let replaced = server.send(Method::PUT, &path, json!({"lineItems": [line], "Size": 3})).await.expect(201);
    assert_eq!((replaced.get("colour"), &replaced["size"]), (None, &json!(3)));
}

#[tokio::test]
async fn a_subscription_keeps_them() {
    let server = server().await;
    let (shape, returned) = shape();
    let placed = server.place(MAIL, 1).await;
    server.pass(5);
    let id = server.get(&path_of(&placed)).await.expect(200)["lineItems"][0]["subscriptionId"].clone();
    let path = subscription(DOCUMENTED, id.as_str().unwrap());
    let mut read = server.get(&path).await.expect(200);
    read["ScheduledActions"] = json!({"ScheduleType": "a", "ACTIONTYPE": "b", "effectiveDate": "2027-03-01"});
    read["Shape"] = shape;
    let changed = server.patch(&path, read).await.expect(200);
    let actions = json!({"scheduleType": "a", "actionType": "b", "effectiveDate": "2027-03-01"});
    assert_eq!((&changed["scheduledActions"], &changed["shape"]), (&actions, &returned));
    // Other changes and the service's own members don't affect them.
    let renamed = server.patch(&path, json!({"friendlyName": "Ours", "refundableQuantity": {}})).await.expect(200);
    assert_eq!((&renamed["scheduledActions"], &renamed["shape"]), (&actions, &returned));
    assert_eq!(renamed["refundableQuantity"]["totalQuantity"], 1);
    assert_eq!(server.get(&path).await.expect(200), renamed);
}

#[tokio::test]
async fn a_scenario_keeps_them() {
    let server = server().await;
    let new = json!({"lineItems": [{"id": 0, "catalogItemId": MAIL, "quantity": 1, "Size": 3}], "Colour": "red"});
    let created = server.post(&carts(DOCUMENTED), new).await.expect(201);
    let path = format!("{}/{}", carts(DOCUMENTED), created["id"].as_str().unwrap());
    let text = serde_json::to_string(&server.emulator.scenario()).unwrap();
    let again = TestServer::unchecked(stopped().scenario(serde_json::from_str(&text).unwrap())).await;
    assert_eq!(again.get(&path).await.expect(200), created);
}
