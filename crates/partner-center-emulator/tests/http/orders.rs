//! Orders of the three generations: placing, provisioning, lists.

use std::time::Duration;

use partner_center_emulator::{PartnerKind, UnknownItems};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{
    AZURE, DOCUMENTED, LICENCE, MAIL, RESERVATION, SAAS, SOFTWARE, TestServer, new_order, orders, path_of, send,
    stopped,
};

fn text<'a>(value: &'a Value, member: &str) -> &'a str {
    value[member].as_str().unwrap_or_else(|| panic!("no {member} in {value}"))
}

#[tokio::test]
async fn a_legacy_order_has_a_guid_an_etag_and_its_subscription_immediately() {
    let server = TestServer::new().await;
    let placed = server.place(LICENCE, 5).await;
    let id = text(&placed, "id");
    assert_eq!((id.len(), id), (36, id.to_lowercase().as_str()));
    assert!(
        placed.get("status").is_none() && placed.get("currencyCode").is_none() && placed.get("alternateId").is_none()
    );
    assert!(text(&placed["attributes"], "etag").starts_with("eyJpZCI6"));
    assert!(text(&placed, "creationDate").ends_with(":00") && !text(&placed, "creationDate").ends_with("+00:00"));
    let subscription = text(&placed["lineItems"][0], "subscriptionId");
    assert_eq!(subscription, subscription.to_uppercase());
    let read = server.get(&path_of(&placed)).await.expect(200);
    assert_eq!((&read["status"], &read["alternateId"]), (&json!("pending"), &json!(id)));
}

#[tokio::test]
async fn a_modern_order_has_33_characters_and_a_twelve_digit_alternate() {
    let server = TestServer::new().await;
    let placed = server.place(SOFTWARE, 1).await;
    assert!(text(&placed, "id").len() == 33 && text(&placed, "id").ends_with('1'));
    assert_eq!(text(&placed, "alternateId").len(), 12);
    assert!(text(&placed, "creationDate").ends_with('Z'));
    assert!(placed["attributes"].get("etag").is_none());
    assert_eq!(placed["transactionType"], "UserPurchase");
    assert_eq!((&placed["billingCycle"], &placed["lineItems"][0]["termDuration"]), (&json!("one_time"), &json!("")));
}

#[tokio::test]
async fn a_new_commerce_order_has_twelve_digits_and_a_link_to_patch_it() {
    let server = TestServer::new().await;
    let placed = server.place(MAIL, 3).await;
    let id = text(&placed, "id");
    assert!(id.len() == 12 && id.bytes().all(|byte| byte.is_ascii_hexdigit()));
    assert_eq!(placed["alternateId"], json!(id));
    assert_eq!(placed["client"], json!({}));
    assert_eq!(placed["links"]["patchOperation"]["method"], "PATCH");
    assert_eq!(placed["lineItems"][0]["transactionType"], "New");
}

#[tokio::test]
async fn subscriptions_of_modern_orders_appear_when_they_are_provisioned() {
    let server = TestServer::new().await;
    for (offer, appears) in [(SAAS, true), (MAIL, true), (SOFTWARE, false)] {
        let placed = server.place(offer, 1).await;
        assert!(placed["lineItems"][0].get("subscriptionId").is_none(), "{offer}");
        assert_eq!(placed["status"], "pending");
        server.pass(5);
        let read = server.get(&path_of(&placed)).await.expect(200);
        assert_eq!(read["lineItems"][0].get("subscriptionId").is_some(), appears, "{offer}");
        assert_eq!(read["status"], "completed");
    }
}

#[tokio::test]
async fn provisioning_moves_with_the_clock() {
    let server = TestServer::new().await;
    let placed = server.place(MAIL, 3).await;
    let path = format!("{}/provisioningstatus", path_of(&placed));
    let status = async || server.get(&path).await.expect(200)["items"][0].clone();
    assert!(!text(&status().await, "status").eq_ignore_ascii_case("fulfilled"));
    server.pass(5);
    let done = status().await;
    assert!(text(&done, "status").eq_ignore_ascii_case("fulfilled"));
    assert_eq!(done["quantityProvisioningInformation"][0]["quantity"], 3);
}

#[tokio::test]
async fn lists_can_lag_behind_the_order() {
    let server = TestServer::with(stopped().configure(|settings| settings.list_lag = Duration::from_secs(900))).await;
    let placed = server.place(MAIL, 1).await;
    let listed = async || server.get(&orders(DOCUMENTED)).await.expect(200)["totalCount"].clone();
    assert_eq!(listed().await, 3);
    assert_eq!(server.get(&path_of(&placed)).await.status, 200);
    server.pass(900);
    assert_eq!(listed().await, 4);
}

#[tokio::test]
async fn bodies_of_the_sdk_with_capitals_and_nulls_are_accepted() {
    let server = TestServer::new().await;
    let body = json!({
        "Id": null, "ReferenceCustomerId": DOCUMENTED, "BillingCycle": "Annual", "CurrencyCode": null,
        "LineItems": [{"LineItemNumber": 0, "OfferId": LICENCE, "SubscriptionId": null, "ParentSubscriptionId": null,
            "FriendlyName": "For the sales floor", "Quantity": 4, "PartnerIdOnRecord": null, "ProvisioningContext": null,
            "Links": null, "Attributes": {"ObjectType": "OrderLineItem"}}],
        "CreationDate": null, "Status": null, "Links": null, "Attributes": {"Etag": null, "ObjectType": "Order"}
    });
    let placed = server.post(&orders(DOCUMENTED), body).await.expect(201);
    assert_eq!(placed["billingCycle"], "annual");
    assert_eq!(placed["lineItems"][0]["friendlyName"], "For the sales floor");
    assert_eq!(placed["referenceCustomerId"], DOCUMENTED);
}

#[tokio::test]
async fn the_licensed_user_is_kept() {
    let server = TestServer::new().await;
    let request = server.request(Method::POST, &orders(DOCUMENTED)).json(&new_order(MAIL, 1));
    let placed = send(request.header("x-ms-customeruser-upn", "mara@contoso.example")).await.expect(201);
    let users = server.emulator.licensed_users(DOCUMENTED.parse().unwrap());
    assert_eq!(users.get(text(&placed, "id")).map(String::as_str), Some("mara@contoso.example"));
}

async fn rejection(server: &TestServer, body: Value) -> (u16, i64) {
    server.post(&orders(DOCUMENTED), body).await.status_and_code()
}

#[tokio::test]
async fn malformed_orders_are_rejected_with_the_documented_code() {
    let server = TestServer::new().await;
    let line = |changes: Value| {
        let mut line = json!({"lineItemNumber": 0, "offerId": LICENCE, "quantity": 1});
        line.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
        line
    };
    let order = |lines: &[Value]| json!({"lineItems": lines});
    assert_eq!(rejection(&server, json!({})).await, (400, 2000));
    assert_eq!(rejection(&server, order(&[line(json!({"parentSubscriptionId": "x"}))])).await, (400, 2000));
    assert_eq!(rejection(&server, order(&[line(json!({"lineItemNumber": 1}))])).await, (400, 800_071));
    assert_eq!(rejection(&server, order(&[line(json!({})), line(json!({}))])).await, (400, 800_071));
    assert_eq!(rejection(&server, order(&[line(json!({"offerId": "nothing"}))])).await, (400, 800_004));
    assert_eq!(rejection(&server, order(&[line(json!({"quantity": 0}))])).await, (400, 2002));
    assert_eq!(rejection(&server, order(&[line(json!({"quantity": "1"}))])).await, (400, 2000));
    let cycle = json!({"billingCycle": "weekly", "lineItems": [line(json!({}))]});
    assert_eq!(rejection(&server, cycle).await, (400, 900_126));
    let status = json!({"status": "none", "lineItems": [line(json!({}))]});
    assert_eq!(rejection(&server, status).await.1, 0);
    assert_eq!(rejection(&server, new_order("CFQ7TTC0ATTE:0001:CFQ7TTC0ATT1", 1)).await, (400, 900_203));
    assert_eq!(server.count("ordersPlaced"), 0);
}

#[tokio::test]
async fn a_billing_cycle_is_no_longer_than_the_term() {
    let server = TestServer::new().await;
    let mut order = new_order(MAIL, 1);
    order["billingCycle"] = json!("annual");
    order["lineItems"][0]["termDuration"] = json!("P1M");
    assert_eq!(rejection(&server, order.clone()).await, (400, 900_270));
    order["lineItems"][0]["termDuration"] = json!("P1Y");
    server.post(&orders(DOCUMENTED), order).await.expect(201);
}

#[tokio::test]
async fn only_the_lines_of_new_orders_that_are_not_legacy_have_prices() {
    let server = TestServer::new().await;
    for (offer, extended) in [(MAIL, Some(450.0)), (SOFTWARE, Some(37.5)), (LICENCE, None)] {
        let placed = server.place(offer, 3).await;
        assert_eq!(placed["lineItems"][0]["pricing"]["extendedPrice"].as_f64(), extended, "{offer}");
        assert_eq!(placed.get("totalPrice"), None, "{offer}");
    }
}

#[tokio::test]
async fn malformed_commitments_are_rejected() {
    let server = TestServer::new().await;
    for commitment in [json!(1), json!({"amount": []}), json!({"currency": 1}), json!({"grain": true})] {
        let mut order = new_order(MAIL, 1);
        order["lineItems"][0]["purchaseCommitment"] = commitment;
        assert_eq!(rejection(&server, order).await, (400, 2000));
    }
}

#[tokio::test]
async fn an_indirect_provider_attests_its_reseller() {
    let server =
        TestServer::with(stopped().configure(|settings| settings.partner_kind = PartnerKind::IndirectProvider)).await;
    let mut order = new_order(MAIL, 1);
    order["lineItems"][0]["partnerIdOnRecord"] = json!("4711");
    assert_eq!(rejection(&server, order.clone()).await, (400, 900_206));
    order["PartnerOnRecordAttestationAccepted"] = json!(true);
    server.post(&orders(DOCUMENTED), order).await.expect(201);
}

#[tokio::test]
async fn unknown_items_can_be_rejected() {
    let server = TestServer::with(stopped().configure(|settings| settings.unknown_items = UnknownItems::Refused)).await;
    assert_eq!(rejection(&server, new_order("84A03D81-6B37-4D66-8D4A-FAEA24541538", 1)).await, (400, 800_004));
    server.place(AZURE, 1).await;
}

#[tokio::test]
async fn reservations_can_require_a_registered_subscription() {
    let server = TestServer::new().await;
    server.configure(|settings| {
        settings.reservation_subscription = partner_center_emulator::ReservationSubscription::Registered;
    });
    let azure = server.place(AZURE, 1).await["lineItems"][0]["subscriptionId"].as_str().unwrap().to_owned();
    server.pass(5);
    let mut order = new_order(RESERVATION, 1);
    order["lineItems"][0]["provisioningContext"] =
        json!({"subscriptionId": azure, "scope": "shared", "duration": "1Year"});
    assert_eq!(rejection(&server, order.clone()).await, (400, 800_030));
    let path = format!("/customers/{DOCUMENTED}/subscriptions/{azure}/registrations");
    let accepted = send(server.request(Method::POST, &path)).await;
    assert_eq!(accepted.status, 202);
    let status = accepted.header("location").unwrap().to_owned();
    server.pass(10);
    assert_eq!(server.get(&status).await.expect(200)["status"], "Registered");
    server.post(&orders(DOCUMENTED), order).await.expect(201);
}

#[tokio::test]
async fn an_offer_can_be_looked_up_before_it_is_ordered() {
    let server = TestServer::new().await;
    let product = format!("/customers/{DOCUMENTED}/products/CFQ7TTC0LH16");
    let skus = server.get(&format!("{product}/skus?country=US")).await.expect(200);
    let sku = text(&skus["items"][0], "id").to_owned();
    let availabilities = server.get(&format!("{product}/skus/{sku}/availabilities?country=US")).await.expect(200);
    let item = text(&availabilities["items"][0], "catalogItemId").to_owned();
    assert_eq!(item, MAIL);
    server.place(&item, 1).await;
}
