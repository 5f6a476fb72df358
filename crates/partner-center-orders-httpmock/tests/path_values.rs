//! Path values match literally.

#![allow(clippy::unwrap_used, reason = "a test may fail")]

use httpmock::MockServer;
use partner_center_orders_api::runtime::{Error, HttpTransport, SharedTransport};
use partner_center_orders_api::types::{Fault, Order, OrderLineItem};
use partner_center_orders_api::wire::Timestamp;
use partner_center_orders_api::{Client, runtime::ResponseValue};
use partner_center_orders_httpmock::MockServerExt as _;
use uuid::Uuid;

const CUSTOMER: Uuid = Uuid::from_u128(7);

fn client(server: &MockServer) -> Client {
    let http = HttpTransport::http_client().no_proxy().build().unwrap();
    Client::new(server.base_url(), SharedTransport::new(HttpTransport::new(http)))
}

fn order(id: &str) -> Order {
    Order::new(
        id,
        Vec::<OrderLineItem>::new(),
        CUSTOMER.to_string(),
        "2024-05-01T00:00:00Z".parse::<Timestamp>().unwrap(),
    )
}

async fn fetch(client: &Client, id: &str) -> Result<ResponseValue<Order>, Error<Fault>> {
    client.get_order(CUSTOMER, id).send().await
}

#[tokio::test]
async fn an_id_is_not_a_pattern() {
    let server = MockServer::start_async().await;
    let mock = server.get_order(|when, then| {
        when.customer_id(&CUSTOMER).order_id("a.b+c");
        then.success(200, &order("a.b+c"));
    });
    let client = client(&server);

    assert_eq!(fetch(&client, "a.b+c").await.unwrap().id, "a.b+c");
    assert!(fetch(&client, "aXbbc").await.is_err());
    mock.assert_calls(1);
}

#[tokio::test]
async fn an_id_with_escaped_characters_is_found() {
    let server = MockServer::start_async().await;
    let mock = server.get_order(|when, then| {
        when.customer_id(&CUSTOMER).order_id("a/b c%d");
        then.success(200, &order("a/b c%d"));
    });
    assert_eq!(fetch(&client(&server), "a/b c%d").await.unwrap().id, "a/b c%d");
    mock.assert_calls(1);
}

#[tokio::test]
async fn an_id_that_would_name_another_resource_is_never_sent() {
    let server = MockServer::start_async().await;
    let mock = server.mock(|when, then| {
        when.any_request();
        then.status(200);
    });
    let client = client(&server);
    for id in ["", ".", ".."] {
        assert!(matches!(fetch(&client, id).await, Err(Error::InvalidRequest(_))), "{id:?}");
    }
    mock.assert_calls(0);
}
