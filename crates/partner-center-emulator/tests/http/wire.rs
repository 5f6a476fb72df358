//! Responses on the wire, and what clients may send.

use reqwest::Method;
use reqwest::header::{ACCEPT, CONTENT_TYPE};
use serde_json::{Value, json};

use crate::http_client::http_client;
use crate::support::{DOCUMENTED, MAIL, TestServer, carts, new_cart, new_order, order, orders, send};

const BOM: &[u8] = b"\xef\xbb\xbf";

#[tokio::test]
async fn api_errors_have_the_byte_order_mark_and_other_responses_do_not() {
    let server = TestServer::new().await;
    assert!(server.get(&order(DOCUMENTED, "unknown")).await.raw.starts_with(BOM));
    let form = [("grant_type", "client_credentials"), ("resource", crate::support::RESOURCE)];
    assert!(!server.token("oauth2/token", &form).await.raw.starts_with(BOM));
    let discovery = server.authority("v2.0/.well-known/openid-configuration");
    for address in [discovery, server.emulator.control_url(), format!("{}/state", server.emulator.control_url())] {
        let response = send(server.client.get(address)).await;
        assert!(response.status == 200 && !response.raw.starts_with(BOM));
    }
}

#[tokio::test]
async fn responses_have_no_nulls() {
    fn check(value: &Value) {
        match value {
            Value::Null => panic!("a null"),
            Value::Array(items) => items.iter().for_each(check),
            Value::Object(members) => members.values().for_each(check),
            _ => {}
        }
    }
    let server = TestServer::new().await;
    check(&server.get(&orders(DOCUMENTED)).await.expect(200));
    check(&server.get(&orders(crate::support::SHAPES)).await.expect(200));
    check(&server.post(&carts(DOCUMENTED), new_cart(&[MAIL, "nothing"])).await.expect(201));
}

#[tokio::test]
async fn gzip_is_used_for_clients_that_accept_it() {
    let server = TestServer::new().await;
    let raw = http_client().no_gzip().build().unwrap();
    let ask = async |coding: &str| {
        let request = raw.get(server.url(&orders(DOCUMENTED))).bearer_auth(&server.user_token);
        send(request.header("Accept-Encoding", coding)).await
    };
    let packed = ask("br, gzip;q=0.8").await;
    assert_eq!((packed.header("content-encoding"), &packed.raw[..2]), (Some("gzip"), &[0x1f, 0x8b][..]));
    assert_eq!(ask("gzip;q=0").await.header("content-encoding"), None);
    assert_eq!(ask("identity").await.header("content-encoding"), None);
    assert_eq!(server.get(&orders(DOCUMENTED)).await.expect(200)["totalCount"], 3);
}

#[tokio::test]
async fn both_versions_of_http_are_supported() {
    let server = TestServer::new().await;
    let second = http_client().http2_prior_knowledge().build().unwrap();
    let request = second.get(server.url(&orders(DOCUMENTED))).bearer_auth(&server.user_token);
    let response = request.send().await.unwrap();
    assert_eq!((response.version(), response.status().as_u16()), (reqwest::Version::HTTP_2, 200));
    let first = server.request(Method::GET, &orders(DOCUMENTED)).send().await.unwrap();
    assert_eq!(first.version(), reqwest::Version::HTTP_11);
}

#[tokio::test]
async fn accept_headers_of_other_clients_are_supported() {
    let server = TestServer::new().await;
    let ask = async |accept: &str| send(server.request(Method::GET, &orders(DOCUMENTED)).header(ACCEPT, accept)).await;
    for accept in ["application/json, text/plain, */*", "text/plain", "application/json;odata=verbose", "*/*"] {
        assert_eq!(ask(accept).await.status, 200, "{accept}");
    }
    assert_eq!(ask("image/png").await.status, 406);
}

#[tokio::test]
async fn a_checkout_accepts_the_sdk_s_body_or_none() {
    let server = TestServer::new().await;
    for body in ["\"success\"", "", "{}"] {
        let cart = server.post(&carts(DOCUMENTED), new_cart(&[MAIL])).await.expect(201);
        let path = format!("{}/{}/checkout", carts(DOCUMENTED), cart["id"].as_str().unwrap());
        let request = server.request(Method::POST, &path).header(CONTENT_TYPE, "application/json").body(body);
        send(request).await.expect(201);
    }
}

#[tokio::test]
async fn json_is_accepted_as_plain_text_and_with_a_byte_order_mark() {
    let server = TestServer::new().await;
    let post = async |kind: &str, body: Vec<u8>| {
        let request = server.request(Method::POST, &orders(DOCUMENTED)).header(CONTENT_TYPE, kind).body(body);
        send(request).await
    };
    let body = new_order(MAIL, 1).to_string();
    post("text/plain", body.clone().into()).await.expect(201);
    post("application/json; charset=utf-8", [BOM, body.as_bytes()].concat()).await.expect(201);
    assert_eq!(post("application/xml", body.into()).await.status_and_code(), (400, 2000));
}

#[tokio::test]
async fn paths_and_queries_are_case_insensitive() {
    let server = TestServer::new().await;
    let path =
        format!("{}/V1/Customers/{}/Orders?Include_Price=True", server.emulator.base_url(), DOCUMENTED.to_uppercase());
    let list = send(server.client.get(path).bearer_auth(&server.user_token)).await.expect(200);
    assert!(list["items"][0]["totalPrice"].is_number());
}

#[tokio::test]
async fn malformed_ids_are_replaced_or_rejected() {
    let server = TestServer::new().await;
    let ask = async || send(server.request(Method::GET, &orders(DOCUMENTED)).header("MS-RequestId", "mine")).await;
    assert_eq!(ask().await.header("ms-requestid").unwrap().len(), 36);
    server.configure(|settings| settings.malformed_request_id = partner_center_emulator::MalformedRequestId::Refused);
    assert_eq!(ask().await.status_and_code(), (400, 2000));
}

#[tokio::test]
async fn codes_can_be_text() {
    let server = TestServer::new().await;
    server.configure(|settings| settings.fault_code = partner_center_emulator::CodeForm::Text);
    assert_eq!(server.get(&order(DOCUMENTED, "unknown")).await.expect(404)["code"], json!("20000"));
}

#[tokio::test]
async fn carts_have_their_locale_twice() {
    let server = TestServer::new().await;
    let cart = server.post(&carts(DOCUMENTED), new_cart(&[MAIL])).await;
    assert_eq!(cart.header("x-locale"), Some("en-US,en-US"));
    assert_eq!(server.get(&orders(DOCUMENTED)).await.header("x-locale"), Some("en-US"));
}
