//! The control endpoint, for programs in any language.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::support::{DOCUMENTED, MAIL, TestServer, new_order, order, orders, send};

impl TestServer {
    async fn control(&self, method: Method, path: &str, body: Value) -> crate::support::TestResponse {
        let address = format!("{}/{path}", self.emulator.control_url());
        send(self.client.request(method, address).json(&body)).await
    }
}

#[tokio::test]
async fn settings_are_read_and_changed() {
    let server = TestServer::new().await;
    let changed =
        server.control(Method::PATCH, "settings", json!({"rate": 7, "expiredCart": "readable"})).await.expect(200);
    assert_eq!(
        (&changed["rate"], &changed["expiredCart"], &changed["bom"]),
        (&json!(7), &json!("readable"), &json!(true))
    );
    assert_eq!(server.emulator.settings().rate, 7);
    server.control(Method::PATCH, "settings", json!({"rates": 7})).await.expect(400);
}

#[tokio::test]
async fn the_clock_is_moved() {
    let server = TestServer::new().await;
    let before = server.emulator.clock().now();
    server.control(Method::POST, "clock", json!({"advance": 3600})).await.expect(200);
    assert!(server.emulator.clock().now() - before >= chrono::TimeDelta::seconds(3600));
    server.control(Method::POST, "clock", json!({"set": "2030-01-01T00:00:00Z"})).await.expect(200);
    assert!(server.emulator.clock().now().to_rfc3339().starts_with("2030-01-01T00:00:0"));
}

#[tokio::test]
async fn faults_are_planned_listed_and_cancelled() {
    let server = TestServer::new().await;
    let faults = json!([
        {"kind": "status", "status": 503, "operation": "get_order", "times": 1},
        {"kind": "html", "operation": "list_orders"}
    ]);
    let planned = server.control(Method::POST, "faults", faults).await.expect(200);
    let path = order(DOCUMENTED, "5cf72f146967");
    assert_eq!(server.get(&path).await.status, 503);
    assert_eq!(server.get(&path).await.status, 404);
    let listed = server.control(Method::GET, "faults", json!(null)).await.expect(200);
    assert_eq!((&listed[0]["met"], listed.as_array().unwrap().len()), (&json!(1), 2));
    server.control(Method::DELETE, &format!("faults/{}", planned["ids"][1]), json!(null)).await.expect(200);
    assert_eq!(server.get(&orders(DOCUMENTED)).await.status, 200);
    server.control(Method::POST, "faults", json!({"kind": "gremlin"})).await.expect(400);
}

#[tokio::test]
async fn exchanges_are_returned_without_secrets() {
    let server = TestServer::new().await;
    server.get(&orders(DOCUMENTED)).await.expect(200);
    let body =
        send(server.client.get(format!("{}/exchanges?since=1", server.emulator.control_url()))).await.expect(200);
    let last = body["exchanges"].as_array().unwrap().last().unwrap();
    assert_eq!((&last["operation"], &last["status"]), (&json!("list_orders"), &json!(200)));
    assert_eq!(last["requestHeaders"]["authorization"], "***");
    let all = body.to_string();
    for secret in
        [&server.user_token, &server.app_token, server.emulator.client_secret(), server.emulator.refresh_token()]
    {
        assert!(!all.contains(secret));
    }
}

#[tokio::test]
async fn customers_orders_items_and_tokens_are_added() {
    let server = TestServer::new().await;
    let id =
        server.control(Method::POST, "customers", json!({"country": "GB", "currencyCode": "GBP"})).await.expect(200);
    let id = id["id"].as_str().unwrap();
    let seeded = json!({"id": "0123456789ab", "lineItems": [], "creationDate": "2022-09-14T08:00:00Z", "attributes": {"objectType": "Order"}});
    server.control(Method::POST, &format!("customers/{id}/orders"), seeded).await.expect(200);
    server.get(&order(id, "0123456789ab")).await.expect(200);
    let item = json!({"id": "CFQ7TTC0ZZZZ:0001:CFQ7TTC0ZZZ1", "title": "Ours", "kind": "newCommerce", "price": 100});
    server.control(Method::POST, "catalog", item).await.expect(200);
    let token = server.control(Method::POST, "tokens", json!({"user": true, "mfa": false})).await.expect(200);
    let rejected =
        send(server.client.get(server.url(&orders(id))).bearer_auth(token["accessToken"].as_str().unwrap())).await;
    assert_eq!(rejected.status_and_code(), (401, 900_421));
}

#[tokio::test]
async fn the_state_is_saved_and_restored() {
    let server = TestServer::new().await;
    let before = server.control(Method::GET, "state", json!(null)).await.expect(200);
    server.post(&orders(DOCUMENTED), new_order(MAIL, 1)).await.expect(201);
    server.control(Method::PUT, "state", before.clone()).await.expect(200);
    assert_eq!(server.get(&orders(DOCUMENTED)).await.expect(200)["totalCount"], 3);
    assert_eq!(server.control(Method::GET, "state", json!(null)).await.expect(200), before);
    server.control(Method::PUT, "state", json!({"version": 1, "customer": []})).await.expect(400);
}

#[tokio::test]
async fn it_lists_its_requests() {
    let server = TestServer::new().await;
    let offers = server.control(Method::GET, "", json!(null)).await.expect(200);
    assert!(
        offers["offers"].as_array().unwrap().iter().any(|offer| offer.as_str().unwrap().starts_with("POST /faults"))
    );
    server.control(Method::GET, "nowhere", json!(null)).await.expect(404);
    assert_eq!(server.control(Method::GET, "counts", json!(null)).await.expect(200)["requests"], 2);
}

#[tokio::test]
async fn other_origins_and_hosts_are_rejected() {
    let server = TestServer::new().await;
    let address = format!("{}/settings", server.emulator.control_url());
    let ask = async |method: Method, name: &str, value: &str| {
        let request = server.client.request(method, &address).header(name, value);
        send(request.header("Content-Type", "application/json").body("{\"rate\": 7}")).await.status
    };
    for method in [Method::GET, Method::PATCH] {
        // DNS rebinding.
        assert_eq!(ask(method.clone(), "Host", "rebound.example").await, StatusCode::FORBIDDEN);
        assert_eq!(ask(method.clone(), "Host", "127.0.0.1.rebound.example:80").await, StatusCode::FORBIDDEN);
        assert_eq!(ask(method.clone(), "Origin", "https://evil.example").await, StatusCode::FORBIDDEN);
        assert_eq!(ask(method.clone(), "Origin", "null").await, StatusCode::FORBIDDEN);
    }
    assert_ne!(server.emulator.settings().rate, 7);
    assert_eq!(ask(Method::PATCH, "Host", "localhost").await, StatusCode::OK);
    assert_eq!(ask(Method::PATCH, "Origin", "http://localhost:3000").await, StatusCode::OK);
    assert_eq!(server.emulator.settings().rate, 7);
}

#[tokio::test]
async fn changes_must_be_json() {
    let server = TestServer::new().await;
    let address = format!("{}/clock", server.emulator.control_url());
    let before = server.emulator.clock().now();
    for kind in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=b"] {
        let request = server.client.post(&address).header("Content-Type", kind).body("{\"advance\": 3600}");
        assert_eq!(send(request).await.status, StatusCode::UNSUPPORTED_MEDIA_TYPE, "{kind}");
    }
    let without = server.client.post(&address).body("{\"advance\": 3600}");
    assert_eq!(send(without).await.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    assert!(server.emulator.clock().now() - before < chrono::TimeDelta::seconds(3600));
    let certificate = format!("{}/certificates", server.emulator.control_url());
    let request = server.client.post(certificate).header("Content-Type", "application/x-pem-file").body("none");
    assert_eq!(send(request).await.expect(400)["error"], "the body must be a certificate as DER or PEM");
}
