//! What answers look like on the wire, and what clients may send.

use reqwest::Method;
use reqwest::header::{ACCEPT, CONTENT_TYPE};
use serde_json::{Value, json};

use crate::http_client::http_client;
use crate::support::{Bench, DOCUMENTED, MAIL, carts, new_cart, new_order, order, orders, seen};

const BOM: &[u8] = b"\xef\xbb\xbf";

#[tokio::test]
async fn refusals_have_the_mark_too_and_others_never_do() {
    let bench = Bench::new().await;
    assert!(bench.get(&order(DOCUMENTED, "unknown")).await.raw.starts_with(BOM));
    let form = [("grant_type", "client_credentials"), ("resource", crate::support::RESOURCE)];
    assert!(!bench.token("oauth2/token", &form).await.raw.starts_with(BOM));
    let discovery = bench.authority("v2.0/.well-known/openid-configuration");
    for address in [discovery, bench.emulator.control_url(), format!("{}/state", bench.emulator.control_url())] {
        let answer = seen(bench.client.get(address)).await;
        assert!(answer.status == 200 && !answer.raw.starts_with(BOM));
    }
}

#[tokio::test]
async fn answers_hold_no_nulls() {
    fn check(value: &Value) {
        match value {
            Value::Null => panic!("a null"),
            Value::Array(items) => items.iter().for_each(check),
            Value::Object(members) => members.values().for_each(check),
            _ => {}
        }
    }
    let bench = Bench::new().await;
    check(&bench.get(&orders(DOCUMENTED)).await.expect(200));
    check(&bench.get(&orders(crate::support::SHAPES)).await.expect(200));
    check(&bench.post(&carts(DOCUMENTED), new_cart(&[MAIL, "nothing"])).await.expect(201));
}

#[tokio::test]
async fn gzip_is_used_for_those_who_take_it() {
    let bench = Bench::new().await;
    let raw = http_client().no_gzip().build().unwrap();
    let ask = async |coding: &str| {
        let request = raw.get(bench.url(&orders(DOCUMENTED))).bearer_auth(&bench.user_token);
        seen(request.header("Accept-Encoding", coding)).await
    };
    let packed = ask("br, gzip;q=0.8").await;
    assert_eq!((packed.header("content-encoding"), &packed.raw[..2]), (Some("gzip"), &[0x1f, 0x8b][..]));
    assert_eq!(ask("gzip;q=0").await.header("content-encoding"), None);
    assert_eq!(ask("identity").await.header("content-encoding"), None);
    assert_eq!(bench.get(&orders(DOCUMENTED)).await.expect(200)["totalCount"], 3);
}

#[tokio::test]
async fn both_versions_of_http_are_spoken() {
    let bench = Bench::new().await;
    let second = http_client().http2_prior_knowledge().build().unwrap();
    let request = second.get(bench.url(&orders(DOCUMENTED))).bearer_auth(&bench.user_token);
    let answer = request.send().await.unwrap();
    assert_eq!((answer.version(), answer.status().as_u16()), (reqwest::Version::HTTP_2, 200));
    let first = bench.request(Method::GET, &orders(DOCUMENTED)).send().await.unwrap();
    assert_eq!(first.version(), reqwest::Version::HTTP_11);
}

#[tokio::test]
async fn what_other_clients_accept_is_enough() {
    let bench = Bench::new().await;
    let ask = async |accept: &str| seen(bench.request(Method::GET, &orders(DOCUMENTED)).header(ACCEPT, accept)).await;
    for accept in ["application/json, text/plain, */*", "text/plain", "application/json;odata=verbose", "*/*"] {
        assert_eq!(ask(accept).await.status, 200, "{accept}");
    }
    assert_eq!(ask("image/png").await.status, 406);
}

#[tokio::test]
async fn a_checkout_takes_the_sdk_s_body_or_none() {
    let bench = Bench::new().await;
    for body in ["\"success\"", "", "{}"] {
        let cart = bench.post(&carts(DOCUMENTED), new_cart(&[MAIL])).await.expect(201);
        let path = format!("{}/{}/checkout", carts(DOCUMENTED), cart["id"].as_str().unwrap());
        let request = bench.request(Method::POST, &path).header(CONTENT_TYPE, "application/json").body(body);
        seen(request).await.expect(201);
    }
}

#[tokio::test]
async fn json_is_json_whatever_a_client_calls_it_and_may_have_a_mark() {
    let bench = Bench::new().await;
    let post = async |kind: &str, body: Vec<u8>| {
        let request = bench.request(Method::POST, &orders(DOCUMENTED)).header(CONTENT_TYPE, kind).body(body);
        seen(request).await
    };
    let body = new_order(MAIL, 1).to_string();
    post("text/plain", body.clone().into()).await.expect(201);
    post("application/json; charset=utf-8", [BOM, body.as_bytes()].concat()).await.expect(201);
    assert_eq!(post("application/xml", body.into()).await.refusal(), (400, 2000));
}

#[tokio::test]
async fn paths_and_queries_are_read_in_any_letter_case() {
    let bench = Bench::new().await;
    let path =
        format!("{}/V1/Customers/{}/Orders?Include_Price=True", bench.emulator.base_url(), DOCUMENTED.to_uppercase());
    let list = seen(bench.client.get(path).bearer_auth(&bench.user_token)).await.expect(200);
    assert!(list["items"][0]["totalPrice"].is_number());
}

#[tokio::test]
async fn ids_that_are_none_are_made_anew_or_refused() {
    let bench = Bench::new().await;
    let ask = async || seen(bench.request(Method::GET, &orders(DOCUMENTED)).header("MS-RequestId", "mine")).await;
    assert_eq!(ask().await.header("ms-requestid").unwrap().len(), 36);
    bench.configure(|settings| settings.malformed_request_id = partner_center_emulator::MalformedRequestId::Refused);
    assert_eq!(ask().await.refusal(), (400, 2000));
}

#[tokio::test]
async fn codes_can_be_text() {
    let bench = Bench::new().await;
    bench.configure(|settings| settings.fault_code = partner_center_emulator::CodeForm::Text);
    assert_eq!(bench.get(&order(DOCUMENTED, "unknown")).await.expect(404)["code"], json!("20000"));
}

#[tokio::test]
async fn carts_have_their_locale_twice() {
    let bench = Bench::new().await;
    let cart = bench.post(&carts(DOCUMENTED), new_cart(&[MAIL])).await;
    assert_eq!(cart.header("x-locale"), Some("en-US,en-US"));
    assert_eq!(bench.get(&orders(DOCUMENTED)).await.header("x-locale"), Some("en-US"));
}
