//! Addresses that tokens must not be sent to. What is emitted is tested by `emissions`.

use http::StatusCode;
use partner_center_orders::types::{Link, Order};
use partner_center_orders::{ErrorKind, PartnerCenter};
use test_support::http::{responding, response};

use crate::support::{CUSTOMER, FakeResponse, FakeService, client};

fn link(uri: &str) -> Link {
    serde_json::from_value(serde_json::json!({"uri": uri, "method": "GET", "headers": []})).unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_redirect_is_not_followed() {
    let service =
        FakeService::script([FakeResponse::json(302, "").with("location", "https://elsewhere.example/v1/orders")]);

    let error = client(&service).customer(CUSTOMER).orders().get("o-1").await.unwrap_err();

    assert_eq!(error.kind(), ErrorKind::UnexpectedStatus);
    assert_eq!(error.status(), Some(StatusCode::FOUND));
    assert_eq!(service.seen().len(), 1);
}

#[tokio::test]
async fn the_http_client_follows_no_redirect_either() {
    let elsewhere = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let location = format!("Location: http://{}/v1/customers", elsewhere.local_addr().unwrap());
    let (base_url, server) = responding(response("307 Temporary Redirect", &[&location], "")).await;
    let partner = PartnerCenter::builder()
        .base_url(base_url)
        .credential(partner_center_orders::StaticToken::new("token-1"))
        .configure_http(|http| http.no_proxy().redirect(reqwest::redirect::Policy::limited(5)))
        .build()
        .unwrap();

    let error = partner.customer(CUSTOMER).orders().get("o-1").await.unwrap_err();

    server.await.unwrap();
    assert_eq!(error.kind(), ErrorKind::UnexpectedStatus);
    assert!(futures_util::FutureExt::now_or_never(elsewhere.accept()).is_none());
}

#[tokio::test(start_paused = true)]
async fn links_to_another_address_get_no_token_and_no_request() {
    let path = format!("/v1/customers/{CUSTOMER}/orders/o-1");
    for uri in [
        format!("https://elsewhere.example{path}"),
        format!("http://partner.example{path}"),
        // By another scheme to the same port.
        format!("http://partner.example:443{path}"),
        format!("https://partner.example:8443{path}"),
        format!("https://partner.example.elsewhere.example{path}"),
        format!("https://partner.example@elsewhere.example{path}"),
        format!("https://user:word@partner.example{path}"),
        format!("//elsewhere.example{path}"),
        format!("https://partner.example/v10/customers/{CUSTOMER}/orders/o-1"),
        format!("https://partner.example/v2/customers/{CUSTOMER}/orders/o-1"),
        format!("/../v2/customers/{CUSTOMER}/orders/o-1"),
        "file:///etc/passwd".to_owned(),
        "orders/o-1".to_owned(),
    ] {
        let service = FakeService::script([]);
        let error = client(&service).customer(CUSTOMER).follow::<Order>(&link(&uri)).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidRequest, "{uri}");
        assert!(service.seen().is_empty());
    }
}

#[tokio::test(start_paused = true)]
async fn the_header_with_the_token_is_marked_sensitive() {
    let service = FakeService::script([FakeResponse::json(404, "{}")]);

    client(&service).customer(CUSTOMER).orders().get("o-1").await.unwrap_err();

    assert!(service.seen()[0].headers["authorization"].is_sensitive());
}

#[tokio::test(start_paused = true)]
async fn a_further_part_elsewhere_gets_no_token_and_no_request() {
    for uri in ["https://elsewhere.example/v1/customers/x/orders", "https://partner.example/v1?orders"] {
        let list = format!(r#"{{"items":[],"links":{{"next":{{"uri":"{uri}","method":"GET"}}}}}}"#);
        let service = FakeService::new(move |_| FakeResponse::json(200, list.clone()));
        let orders = client(&service).customer(CUSTOMER).orders();

        assert_eq!(orders.list().await.unwrap_err().kind(), ErrorKind::InvalidRequest, "{uri}");
        assert_eq!(orders.list().stream().next().await.unwrap().unwrap_err().kind(), ErrorKind::InvalidRequest);

        let base = "https://partner.example/v1/";
        assert!(service.seen().iter().all(|seen| seen.url.as_str().starts_with(base)), "{:?}", service.seen());
    }
}

#[tokio::test(start_paused = true)]
async fn a_link_sets_the_services_own_headers_and_no_others() {
    let names = [
        "Connection",
        "Upgrade",
        "Expect",
        "Range",
        "Proxy-Authorization",
        "Cookie",
        "Host",
        "Authorization",
        "Content-Length",
        "Transfer-Encoding",
        "TE",
        "If-Match",
        "Accept",
        "Accept-Encoding",
        "User-Agent",
        "Origin",
        "Forwarded",
        "X-HTTP-Method-Override",
        "MS-RequestId",
        "MS-CorrelationId",
    ];
    let mut headers: Vec<_> =
        names.iter().map(|name| serde_json::json!({"key": name, "value": "from-the-link"})).collect();
    headers.push(serde_json::json!({"key": "MS-ContinuationToken", "value": "page-2"}));
    let next =
        serde_json::json!({"uri": format!("/customers/{CUSTOMER}/orders/o-1"), "method": "GET", "headers": headers});
    let link: Link = serde_json::from_value(next.clone()).unwrap();
    let list = serde_json::json!({"items": [], "links": {"next": next}}).to_string();
    let service = FakeService::script([
        FakeResponse::json(404, "{}"),
        FakeResponse::json(200, list),
        FakeResponse::json(404, "{}"),
    ]);
    let customer = client(&service).customer(CUSTOMER);
    customer.follow::<Order>(&link).await.unwrap_err();
    customer.orders().list().await.unwrap_err();

    let seen = service.seen();
    assert_eq!(seen.len(), 3, "{seen:?}");
    for seen in [&seen[0], &seen[2]] {
        assert_eq!(seen.header("ms-continuationtoken"), "page-2");
        let set = seen.headers.iter().filter(|(_, value)| *value == "from-the-link").collect::<Vec<_>>();
        assert!(set.is_empty(), "{set:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_id_cannot_lead_to_another_resource() {
    let service = FakeService::script([]);
    for id in ["", ".", ".."] {
        let error = client(&service).customer(CUSTOMER).orders().get(id).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidRequest);
    }
}
