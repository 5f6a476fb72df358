//! Reading orders over HTTP.

use crate::support::{DOCUMENTED, SHAPES, TestServer, order, orders, send, stopped};
use serde_json::{Value, json};

fn ids(collection: &Value) -> Vec<&str> {
    collection["items"].as_array().unwrap().iter().map(|order| order["id"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn the_documented_customer_has_the_three_documented_orders() {
    let server = TestServer::new().await;
    let list = server.get(&orders(DOCUMENTED)).await.expect(200);
    assert_eq!(
        ids(&list),
        [
            "YxH1q4KScfvfkJQjgRI8QY1DznnUWZTH1",
            "9qg-ErcO-4MPbPqq_3MIQaS7bn8W6HfG1",
            "eeba9d00-7b46-443a-917e-22887a8fc993"
        ]
    );
    assert_eq!(list["totalCount"], 3);
    assert_eq!(list["attributes"]["objectType"], "Collection");
    assert_eq!(list["links"]["self"]["uri"], orders(DOCUMENTED));
}

#[tokio::test]
async fn a_legacy_order_has_etag_pacific_date_and_upper_case_subscription() {
    let server = TestServer::new().await;
    let legacy = server.get(&order(DOCUMENTED, "EEBA9D00-7B46-443A-917E-22887A8FC993")).await.expect(200);
    assert_eq!(legacy["id"], "eeba9d00-7b46-443a-917e-22887a8fc993");
    assert_eq!(legacy["creationDate"], "2018-03-06T17:37:05.253-08:00");
    assert_eq!(
        legacy["attributes"]["etag"],
        "eyJpZCI6ImVlYmE5ZDAwLTdiNDYtNDQzYS05MTdlLTIyODg3YThmYzk5MyIsInZlcnNpb24iOjF9"
    );
    assert_eq!(legacy["lineItems"][0]["subscriptionId"], "DB8C695B-1C3C-4C55-B697-771503DD46BF");
    assert_eq!(
        legacy["lineItems"][0]["links"]["provisioningStatus"]["uri"],
        "/subscriptions/DB8C695B-1C3C-4C55-B697-771503DD46BF/provisioningstatus"
    );
}

#[tokio::test]
async fn modern_order_ids_are_case_sensitive() {
    let server = TestServer::new().await;
    assert_eq!(server.get(&order(DOCUMENTED, "YxH1q4KScfvfkJQjgRI8QY1DznnUWZTH1")).await.status, 200);
    assert_eq!(
        server.get(&order(DOCUMENTED, "yxh1q4kscfvfkjqjgri8qy1dznnuwzth1")).await.status_and_code(),
        (404, 20000)
    );
}

#[tokio::test]
async fn the_body_is_compact_json_after_a_byte_order_mark() {
    let server = TestServer::new().await;
    let order = server.get(&order(DOCUMENTED, "YxH1q4KScfvfkJQjgRI8QY1DznnUWZTH1")).await;
    assert!(order.raw.starts_with(b"\xef\xbb\xbf{\"id\":\"Yx"));
    assert_eq!(order.raw.len(), order.json().to_string().len() + 3);
    assert_eq!(order.header("content-type"), Some("application/json; charset=utf-8"));
}

#[tokio::test]
async fn the_byte_order_mark_can_be_switched_off() {
    let server = TestServer::with(stopped().configure(|settings| settings.bom = false)).await;
    assert!(server.get(&orders(DOCUMENTED)).await.raw.starts_with(b"{"));
}

#[tokio::test]
async fn ids_are_echoed_or_generated() {
    let server = TestServer::new().await;
    let request_id = "0e5fc923-8e3c-4560-9100-ce7283c3e081";
    let request = server.request(reqwest::Method::GET, &orders(DOCUMENTED)).header("MS-RequestId", request_id);
    let response = send(request).await;
    assert_eq!(response.header("ms-requestid"), Some(request_id));
    assert_eq!(response.header("ms-correlationid").unwrap().len(), 36);
    assert!(response.header("ms-cv").is_some());
}

#[tokio::test]
async fn unknown_orders_and_customers_are_rejected() {
    let server = TestServer::new().await;
    let unknown = server.get(&order(DOCUMENTED, "nothing")).await;
    assert_eq!(unknown.status_and_code(), (404, 20000));
    assert_eq!(unknown.json()["source"], "PartnerFD");
    assert_eq!(unknown.json()["data"], json!([]));
    assert_eq!(server.get(&orders("6d5f1a30-0d39-4b0c-8e94-cc5b1f0a7e21")).await.status_and_code(), (403, 20002));
    assert_eq!(server.get(&orders("somebody")).await.status_and_code(), (400, 900_118));
}

#[tokio::test]
async fn prices_are_returned_when_requested_and_allowed() {
    let server = TestServer::new().await;
    let path = order(SHAPES, "5cf72f146967");
    assert_eq!(server.get(&path).await.expect(200).get("totalPrice"), None);
    let priced = server.get(&format!("{path}?include_price=True")).await.expect(200);
    assert_eq!(priced["totalPrice"], 107.25);
    assert_eq!(priced["lineItems"][0]["pricing"]["listPrice"], 6.75);
    server.emulator.configure(|settings| settings.pricing_access = false);
    assert_eq!(server.get(&format!("{path}?include_price=true")).await.status_and_code(), (403, 800_043));
    assert_eq!(server.get(&format!("{path}?include_price=perhaps")).await.status_and_code(), (400, 2000));
}

#[tokio::test]
async fn the_billing_type_is_accepted_in_every_documented_spelling() {
    let server = TestServer::new().await;
    for spelling in ["onetime", "OneTime", "one_time", "4"] {
        let list = server.get(&format!("{}?billingType={spelling}", orders(DOCUMENTED))).await.expect(200);
        assert_eq!(list["totalCount"], 2, "{spelling}");
    }
    let rejected = server.get(&format!("{}?billingType=weekly", orders(DOCUMENTED))).await;
    assert_eq!(rejected.status_and_code(), (400, 900_126));
}

#[tokio::test]
async fn lists_leave_out_system_purchases_and_can_be_limited_to_a_reseller() {
    let server = TestServer::new().await;
    let count =
        async |query: &str| server.get(&format!("{}{query}", orders(SHAPES))).await.expect(200)["totalCount"].clone();
    assert_eq!(count("").await, 12);
    assert_eq!(count("?include_system_purchases=true").await, 13);
    assert_eq!(count("?indirect_reseller_id=4715822").await, 1);
}

#[tokio::test]
async fn a_seeded_order_keeps_its_unknown_members() {
    let customer = uuid::Uuid::from_u128(7);
    let seeded = json!({
        "id": "0123456789ab", "lineItems": [{"lineItemNumber": 0, "offerId": "x", "quantity": 1, "colour": "red"}],
        "creationDate": "2022-09-14T08:00:00Z", "attributes": {"objectType": "Order"}, "shape": {"round": true}
    });
    let server = TestServer::unchecked(stopped().empty().order(customer, seeded.clone())).await;
    let mut read = server.get(&order(&customer.to_string(), "0123456789ab")).await.expect(200);
    assert_eq!(read.as_object_mut().unwrap().remove("referenceCustomerId"), Some(json!(customer)));
    assert_eq!(read, seeded);
}

#[tokio::test]
async fn a_seed_generates_the_same_customer() {
    let first = TestServer::with(stopped().seed(42)).await;
    let second = TestServer::with(stopped().seed(42)).await;
    let customer = first.emulator.customers()[2];
    assert_eq!(first.emulator.customers(), second.emulator.customers());
    let list = first.get(&orders(&customer.to_string())).await.expect(200);
    assert_eq!(list["totalCount"], 8);
}

#[tokio::test]
async fn a_missing_or_invalid_token_is_rejected() {
    let server = TestServer::new().await;
    let bare = send(server.client.get(server.url(&orders(DOCUMENTED)))).await;
    assert_eq!(bare.status_and_code(), (401, 800_001));
    assert!(bare.header("www-authenticate").unwrap().starts_with("OAuth realm=urn:cpsvc:cpid:"));
    let wrong = send(server.client.get(server.url(&orders(DOCUMENTED))).bearer_auth("a.b.c")).await;
    assert_eq!(wrong.status_and_code(), (401, 400));
}
