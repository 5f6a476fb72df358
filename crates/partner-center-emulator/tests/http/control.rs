//! The control endpoint, for programs in any language.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::support::{Bench, DOCUMENTED, MAIL, new_order, order, orders, seen};

impl Bench {
    async fn control(&self, method: Method, path: &str, body: Value) -> crate::support::Seen {
        let address = format!("{}/{path}", self.emulator.control_url());
        seen(self.client.request(method, address).json(&body)).await
    }
}

#[tokio::test]
async fn settings_are_read_and_changed() {
    let bench = Bench::new().await;
    let changed =
        bench.control(Method::PATCH, "settings", json!({"rate": 7, "expiredCart": "readable"})).await.expect(200);
    assert_eq!(
        (&changed["rate"], &changed["expiredCart"], &changed["bom"]),
        (&json!(7), &json!("readable"), &json!(true))
    );
    assert_eq!(bench.emulator.settings().rate, 7);
    bench.control(Method::PATCH, "settings", json!({"rates": 7})).await.expect(400);
}

#[tokio::test]
async fn the_clock_is_moved() {
    let bench = Bench::new().await;
    let before = bench.emulator.clock().now();
    bench.control(Method::POST, "clock", json!({"advance": 3600})).await.expect(200);
    assert!(bench.emulator.clock().now() - before >= chrono::TimeDelta::seconds(3600));
    bench.control(Method::POST, "clock", json!({"set": "2030-01-01T00:00:00Z"})).await.expect(200);
    assert!(bench.emulator.clock().now().to_rfc3339().starts_with("2030-01-01T00:00:0"));
}

#[tokio::test]
async fn faults_are_planned_listed_and_taken_back() {
    let bench = Bench::new().await;
    let faults = json!([
        {"kind": "status", "status": 503, "operation": "get_order", "times": 1},
        {"kind": "html", "operation": "list_orders"}
    ]);
    let planned = bench.control(Method::POST, "faults", faults).await.expect(200);
    let path = order(DOCUMENTED, "5cf72f146967");
    assert_eq!(bench.get(&path).await.status, 503);
    assert_eq!(bench.get(&path).await.status, 404);
    let listed = bench.control(Method::GET, "faults", json!(null)).await.expect(200);
    assert_eq!((&listed[0]["met"], listed.as_array().unwrap().len()), (&json!(1), 2));
    bench.control(Method::DELETE, &format!("faults/{}", planned["ids"][1]), json!(null)).await.expect(200);
    assert_eq!(bench.get(&orders(DOCUMENTED)).await.status, 200);
    bench.control(Method::POST, "faults", json!({"kind": "gremlin"})).await.expect(400);
}

#[tokio::test]
async fn what_came_and_went_is_told_without_secrets() {
    let bench = Bench::new().await;
    bench.get(&orders(DOCUMENTED)).await.expect(200);
    let told = seen(bench.client.get(format!("{}/exchanges?since=1", bench.emulator.control_url()))).await.expect(200);
    let last = told["exchanges"].as_array().unwrap().last().unwrap();
    assert_eq!((&last["operation"], &last["status"]), (&json!("list_orders"), &json!(200)));
    assert_eq!(last["requestHeaders"]["authorization"], "***");
    let all = told.to_string();
    for secret in [&bench.user_token, &bench.app_token, bench.emulator.client_secret(), bench.emulator.refresh_token()]
    {
        assert!(!all.contains(secret));
    }
}

#[tokio::test]
async fn customers_orders_items_and_tokens_are_added() {
    let bench = Bench::new().await;
    let id =
        bench.control(Method::POST, "customers", json!({"country": "GB", "currencyCode": "GBP"})).await.expect(200);
    let id = id["id"].as_str().unwrap();
    let seeded = json!({"id": "0123456789ab", "lineItems": [], "creationDate": "2022-09-14T08:00:00Z", "attributes": {"objectType": "Order"}});
    bench.control(Method::POST, &format!("customers/{id}/orders"), seeded).await.expect(200);
    bench.get(&order(id, "0123456789ab")).await.expect(200);
    let item = json!({"id": "CFQ7TTC0ZZZZ:0001:CFQ7TTC0ZZZ1", "title": "Ours", "kind": "newCommerce", "price": 100});
    bench.control(Method::POST, "catalog", item).await.expect(200);
    let token = bench.control(Method::POST, "tokens", json!({"user": true, "mfa": false})).await.expect(200);
    let refused =
        seen(bench.client.get(bench.url(&orders(id))).bearer_auth(token["accessToken"].as_str().unwrap())).await;
    assert_eq!(refused.refusal(), (401, 900_421));
}

#[tokio::test]
async fn the_state_is_taken_and_put_back() {
    let bench = Bench::new().await;
    let before = bench.control(Method::GET, "state", json!(null)).await.expect(200);
    bench.post(&orders(DOCUMENTED), new_order(MAIL, 1)).await.expect(201);
    bench.control(Method::PUT, "state", before.clone()).await.expect(200);
    assert_eq!(bench.get(&orders(DOCUMENTED)).await.expect(200)["totalCount"], 3);
    assert_eq!(bench.control(Method::GET, "state", json!(null)).await.expect(200), before);
    bench.control(Method::PUT, "state", json!({"version": 1, "customer": []})).await.expect(400);
}

#[tokio::test]
async fn it_tells_what_it_offers() {
    let bench = Bench::new().await;
    let offers = bench.control(Method::GET, "", json!(null)).await.expect(200);
    assert!(
        offers["offers"].as_array().unwrap().iter().any(|offer| offer.as_str().unwrap().starts_with("POST /faults"))
    );
    bench.control(Method::GET, "nowhere", json!(null)).await.expect(404);
    assert_eq!(bench.control(Method::GET, "counts", json!(null)).await.expect(200)["requests"], 2);
}

#[tokio::test]
async fn pages_of_other_origins_and_names_of_other_hosts_are_refused() {
    let bench = Bench::new().await;
    let address = format!("{}/settings", bench.emulator.control_url());
    let ask = async |method: Method, name: &str, value: &str| {
        let request = bench.client.request(method, &address).header(name, value);
        seen(request.header("Content-Type", "application/json").body("{\"rate\": 7}")).await.status
    };
    for method in [Method::GET, Method::PATCH] {
        // An attacker's name that was pointed at loopback.
        assert_eq!(ask(method.clone(), "Host", "rebound.example").await, StatusCode::FORBIDDEN);
        assert_eq!(ask(method.clone(), "Host", "127.0.0.1.rebound.example:80").await, StatusCode::FORBIDDEN);
        assert_eq!(ask(method.clone(), "Origin", "https://evil.example").await, StatusCode::FORBIDDEN);
        assert_eq!(ask(method.clone(), "Origin", "null").await, StatusCode::FORBIDDEN);
    }
    assert_ne!(bench.emulator.settings().rate, 7);
    assert_eq!(ask(Method::PATCH, "Host", "localhost").await, StatusCode::OK);
    assert_eq!(ask(Method::PATCH, "Origin", "http://localhost:3000").await, StatusCode::OK);
    assert_eq!(bench.emulator.settings().rate, 7);
}

#[tokio::test]
async fn changes_must_be_json() {
    let bench = Bench::new().await;
    let address = format!("{}/clock", bench.emulator.control_url());
    let before = bench.emulator.clock().now();
    for kind in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=b"] {
        let request = bench.client.post(&address).header("Content-Type", kind).body("{\"advance\": 3600}");
        assert_eq!(seen(request).await.status, StatusCode::UNSUPPORTED_MEDIA_TYPE, "{kind}");
    }
    let without = bench.client.post(&address).body("{\"advance\": 3600}");
    assert_eq!(seen(without).await.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    assert!(bench.emulator.clock().now() - before < chrono::TimeDelta::seconds(3600));
    let certificate = format!("{}/certificates", bench.emulator.control_url());
    let request = bench.client.post(certificate).header("Content-Type", "application/x-pem-file").body("none");
    assert_eq!(seen(request).await.expect(400)["error"], "the body must be a certificate as DER or PEM");
}
