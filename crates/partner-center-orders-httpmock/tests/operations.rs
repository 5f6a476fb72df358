//! Every operation once through the generated client against its mock: the request, and the response.

#![allow(clippy::unwrap_used, reason = "a test may fail")]

use futures_util::TryStreamExt as _;
use httpmock::{Method, Mock, MockServer, When};
use partner_center_orders_api::enums::BillingCycleFilter;
use partner_center_orders_api::runtime::{ByteStream, HttpTransport, ResponseValue, SharedTransport, Success, decode};
use partner_center_orders_api::types::{
    AttachmentMetadata, Cart, CartCheckoutResult, NewCart, NewOrder, Order, OrderAttachmentCollection, OrderCollection,
    OrderLineItemActivationLinkCollection, OrderLineItemProvisioningStatusCollection, OrderPatch, Subscription,
    SubscriptionActivationResult, SubscriptionCollection, SubscriptionPatch, SubscriptionProvisioningStatus,
};
use partner_center_orders_api::{AttachmentFile, Client, Operation};
use partner_center_orders_httpmock::MockServerExt as _;
use serde::Serialize;
use uuid::Uuid;

const CUSTOMER: Uuid = Uuid::from_u128(0xb0d7_0a69_4c42_4b27_b17b_91a8_35d8_686a);
const UPN: &str = "ada@example.com";
const ETAG: &str = "\"eyJ2ZXJzaW9uIjoyfQ==\"";

/// Reads one of the contract's examples as its type.
macro_rules! example {
    ($name:literal) => {
        decode(include_bytes!(concat!("../../../spec/examples/", $name))).unwrap()
    };
}

fn client(server: &MockServer) -> Client {
    let http = HttpTransport::http_client().no_proxy().build().unwrap();
    Client::new(server.base_url(), SharedTransport::new(HttpTransport::new(http)))
}

/// Expects this path after the customer's, without the headers of other layers.
fn plain(when: When, path: &str) -> When {
    when.path(format!("/customers/{CUSTOMER}/{path}"))
        .header_missing("api-version")
        .header_missing("authorization")
        .header_missing("ms-requestid")
}

/// Expects the same as [`plain`], and a request for JSON.
fn json(when: When, path: &str) -> When {
    plain(when, path).header("accept", "application/json")
}

/// Expects the same as [`json`], and exactly this JSON body.
fn json_with(when: When, path: &str, body: &impl Serialize) -> When {
    json(when, path).header("content-type", "application/json").json_body(serde_json::to_value(body).unwrap())
}

fn no_user(when: When) -> When {
    when.header_missing("x-ms-customeruser-upn")
}

async fn bytes(stream: ResponseValue<ByteStream>) -> Vec<u8> {
    let chunks: Vec<_> = stream.into_inner().try_collect().await.unwrap();
    chunks.concat()
}

/// Asserts that the mock matched one request, and that `received` is its response.
fn assert_response<T: PartialEq + std::fmt::Debug>(
    mock: &Mock<'_>,
    received: &ResponseValue<T>,
    status: u16,
    sent: &T,
) {
    mock.assert_calls(1);
    assert_eq!(received.status(), status);
    assert_eq!(&**received, sent);
}

/// Requests a list, whole and as a stream, and compares both with what was sent.
macro_rules! list {
    ($server:expr, $mock:expr, $sent:expr, $($call:ident($($argument:expr),*)).+) => {{
        let client = client(&$server);
        let whole = client$(.$call($($argument),*))+.send().await.unwrap();
        assert_response(&$mock, &whole, 200, &$sent);
        let stream = client$(.$call($($argument),*))+.stream().await.unwrap();
        assert_eq!(stream.status(), 200);
        let streamed: serde_json::Value = serde_json::from_slice(&bytes(stream).await).unwrap();
        assert_eq!(streamed, serde_json::to_value(&$sent).unwrap());
        $mock.assert_calls(2);
    }};
}

#[tokio::test]
async fn list_orders() {
    let server = MockServer::start_async().await;
    let orders: OrderCollection = example!("list_orders.response.priced.json");
    let mock = server.list_orders(|when, then| {
        let cycle = BillingCycleFilter::Onetime;
        let when = when.customer_id(&CUSTOMER).billing_type(&cycle).include_price(true);
        json(when.include_system_purchases(false).indirect_reseller_id("4715820").into_inner(), "orders");
        then.success(200, &orders);
    });
    list!(
        server,
        mock,
        orders,
        list_orders(CUSTOMER)
            .billing_type("onetime")
            .include_price(true)
            .include_system_purchases(false)
            .indirect_reseller_id("4715820")
    );
}

#[tokio::test]
async fn list_orders_without_options() {
    let server = MockServer::start_async().await;
    let orders: OrderCollection = example!("list_orders.response.empty.json");
    let mock = server.list_orders(|when, then| {
        let when = when.customer_id(&CUSTOMER).billing_type(None).include_price(None);
        json(when.include_system_purchases(None).indirect_reseller_id(None).into_inner(), "orders");
        then.success(200, &orders);
    });
    list!(server, mock, orders, list_orders(CUSTOMER));
}

#[tokio::test]
async fn get_order() {
    let server = MockServer::start_async().await;
    let order: Order = example!("get_order.response.new_commerce.json");
    let mock = server.get_order(|when, then| {
        let when = when.customer_id(&CUSTOMER).order_id(&order.id).include_price(true).into_inner();
        json(when, &format!("orders/{}", order.id));
        then.success(200, &order);
    });
    let response = client(&server).get_order(CUSTOMER, &order.id).include_price(true).send().await.unwrap();
    assert_response(&mock, &response, 200, &order);
}

#[tokio::test]
async fn create_order() {
    let server = MockServer::start_async().await;
    let new: NewOrder = example!("create_order.request.json");
    let order: Order = example!("create_order.response.json");
    let mock = server.create_order(|when, then| {
        json_with(when.customer_id(&CUSTOMER).x_ms_customeruser_upn(UPN).body(&new).into_inner(), "orders", &new);
        then.success(201, &order);
    });
    let call = client(&server);
    let response = call.create_order(CUSTOMER, new).x_ms_customeruser_upn(UPN).send().await.unwrap();
    assert_response(&mock, &response, 201, &order);
}

#[tokio::test]
async fn create_order_without_a_user() {
    let server = MockServer::start_async().await;
    let new: NewOrder = example!("create_order.request.reservation.json");
    let order: Order = example!("create_order.response.json");
    let mock = server.create_order(|when, then| {
        no_user(json_with(when.customer_id(&CUSTOMER).body(&new).into_inner(), "orders", &new));
        then.success(200, &order);
    });
    let response = client(&server).create_order(CUSTOMER, new).send().await.unwrap();
    assert_response(&mock, &response, 200, &order);
}

#[tokio::test]
async fn update_order() {
    let server = MockServer::start_async().await;
    let order: Order = example!("update_order.response.add_on.json");
    let patches: [OrderPatch; 3] = [
        example!("update_order.request.add_on.json"),
        example!("update_order.request.billing_cycle.json"),
        example!("update_order.request.cancel.json"),
    ];
    for patch in patches {
        let mock = server.update_order(|when, then| {
            let when = when.customer_id(&CUSTOMER).order_id(&order.id).if_match(ETAG).body(&patch).into_inner();
            json_with(when, &format!("orders/{}", order.id), &patch);
            then.success(200, &order);
        });
        let call = client(&server);
        let call = call.update_order(CUSTOMER, &order.id, patch).if_match(ETAG);
        assert_response(&mock, &call.send().await.unwrap(), 200, &order);
        mock.delete_async().await;
    }
}

#[tokio::test]
async fn get_order_provisioning_status() {
    let server = MockServer::start_async().await;
    let status: OrderLineItemProvisioningStatusCollection = example!("get_order_provisioning_status.response.json");
    let mock = server.get_order_provisioning_status(|when, then| {
        json(when.customer_id(&CUSTOMER).order_id("o-1").into_inner(), "orders/o-1/provisioningstatus");
        then.success(200, &status);
    });
    list!(server, mock, status, get_order_provisioning_status(CUSTOMER, "o-1"));
}

#[tokio::test]
async fn list_order_activation_links() {
    let server = MockServer::start_async().await;
    let links: OrderLineItemActivationLinkCollection = example!("list_order_activation_links.response.json");
    let mock = server.list_order_activation_links(|when, then| {
        json(when.customer_id(&CUSTOMER).order_id("o-1").into_inner(), "orders/o-1/activationlinks");
        then.success(200, &links);
    });
    list!(server, mock, links, list_order_activation_links(CUSTOMER, "o-1"));
}

#[tokio::test]
async fn list_line_item_activation_links() {
    let server = MockServer::start_async().await;
    let links: OrderLineItemActivationLinkCollection = example!("list_line_item_activation_links.response.json");
    let mock = server.list_line_item_activation_links(|when, then| {
        let when = when.customer_id(&CUSTOMER).order_id("o-1").line_item_number(12).into_inner();
        json(when, "orders/o-1/lineitems/12/activationlinks");
        then.success(200, &links);
    });
    list!(server, mock, links, list_line_item_activation_links(CUSTOMER, "o-1", 12));
}

#[tokio::test]
async fn list_order_attachments() {
    let server = MockServer::start_async().await;
    let attachments: OrderAttachmentCollection = example!("list_order_attachments.response.json");
    let mock = server.list_order_attachments(|when, then| {
        json(when.customer_id(&CUSTOMER).order_id("o-1").into_inner(), "orders/o-1/attachments");
        then.success(200, &attachments);
    });
    list!(server, mock, attachments, list_order_attachments(CUSTOMER, "o-1"));
}

#[tokio::test]
async fn upload_order_attachments() {
    let server = MockServer::start_async().await;
    let metadata: AttachmentMetadata = example!("attachment_metadata.json");
    let attachments: OrderAttachmentCollection = example!("upload_order_attachments.response.json");
    let mock = server.mock(|when, then| {
        json(when.method(Method::POST), "orders/o-1/attachment")
            .header_prefix("content-type", "multipart/form-data; boundary=")
            .body_includes("name=\"metadata\"")
            .body_includes(serde_json::to_string(&metadata).unwrap())
            .body_includes("name=\"POFiles\"; filename=\"po.pdf\"")
            .body_includes("name=\"TenderFiles\"; filename=\"tender.pdf\"");
        then.status(201).json_body(serde_json::to_value(&attachments).unwrap());
    });
    let call = client(&server);
    let call = call.upload_order_attachments(CUSTOMER, "o-1", metadata);
    let call = call.purchase_order(AttachmentFile::from_bytes("po.pdf", "%PDF"));
    let response = call.tender(AttachmentFile::from_bytes("tender.pdf", "%PDF")).send().await.unwrap();
    assert_response(&mock, &response, 201, &Some(attachments));
}

#[tokio::test]
async fn download_order_attachment() {
    let server = MockServer::start_async().await;
    let mock = server.download_order_attachment(|when, then| {
        let when = when.customer_id(&CUSTOMER).order_id("o-1").attachment_id("a 1").into_inner();
        plain(when, "orders/o-1/attachment/a%201");
        then.success(200, b"\xEF\xBB\xBF%PDF\x00");
    });
    let call = client(&server);
    let call = call.download_order_attachment(CUSTOMER, "o-1", "a 1");
    assert_eq!(bytes(call.send().await.unwrap()).await, b"\xEF\xBB\xBF%PDF\x00");
    mock.assert_calls(1);
}

#[tokio::test]
async fn create_cart() {
    let server = MockServer::start_async().await;
    let new: NewCart = example!("create_cart.request.add_ons.json");
    let cart: Cart = example!("create_cart.response.json");
    let mock = server.create_cart(|when, then| {
        json_with(when.customer_id(&CUSTOMER).body(&new).into_inner(), "carts", &new);
        then.success(201, &cart);
    });
    let response = client(&server).create_cart(CUSTOMER, new).send().await.unwrap();
    assert_response(&mock, &response, 201, &cart);
}

#[tokio::test]
async fn get_cart() {
    let server = MockServer::start_async().await;
    let cart: Cart = example!("get_cart.response.json");
    let mock = server.get_cart(|when, then| {
        json(when.customer_id(&CUSTOMER).cart_id(&cart.id).into_inner(), &format!("carts/{}", cart.id));
        then.success(200, &cart);
    });
    let response = client(&server).get_cart(CUSTOMER, &cart.id).send().await.unwrap();
    assert_response(&mock, &response, 200, &cart);
}

#[tokio::test]
async fn update_cart() {
    let server = MockServer::start_async().await;
    let replacement: NewCart = example!("update_cart.request.json");
    let cart: Cart = example!("update_cart.response.json");
    let mock = server.update_cart(|when, then| {
        let when = when.customer_id(&CUSTOMER).cart_id(&cart.id).if_match(ETAG).body(&replacement).into_inner();
        json_with(when, &format!("carts/{}", cart.id), &replacement);
        then.success(201, &cart);
    });
    let call = client(&server);
    let call = call.update_cart(CUSTOMER, &cart.id, replacement).if_match(ETAG);
    assert_response(&mock, &call.send().await.unwrap(), 201, &cart);
}

#[tokio::test]
async fn checkout_cart() {
    let server = MockServer::start_async().await;
    let result: CartCheckoutResult = example!("checkout_cart.response.partly_failed.json");
    let mock = server.checkout_cart(|when, then| {
        let when = when.customer_id(&CUSTOMER).cart_id("c-1").x_ms_customeruser_upn(UPN).into_inner();
        json(when, "carts/c-1/checkout").header("content-length", "0").body("");
        then.success(201, &result);
    });
    let call = client(&server);
    let call = call.checkout_cart(CUSTOMER, "c-1").x_ms_customeruser_upn(UPN);
    assert_response(&mock, &call.send().await.unwrap(), 201, &result);
}

#[tokio::test]
async fn list_subscriptions_by_order() {
    let server = MockServer::start_async().await;
    let subscriptions: SubscriptionCollection = example!("list_subscriptions_by_order.response.json");
    let mock = server.list_subscriptions_by_order(|when, then| {
        let when = when.customer_id(&CUSTOMER).order_id("o+1&x").into_inner();
        json(when, "subscriptions").query_param("order_id", "o+1&x");
        then.success(200, &subscriptions);
    });
    list!(server, mock, subscriptions, list_subscriptions_by_order(CUSTOMER, "o+1&x"));
}

#[tokio::test]
async fn get_subscription() {
    let server = MockServer::start_async().await;
    let subscription: Subscription = example!("get_subscription.response.json");
    let mock = server.get_subscription(|when, then| {
        json(when.customer_id(&CUSTOMER).subscription_id("S-1").into_inner(), "subscriptions/S-1");
        then.success(200, &subscription);
    });
    let call = client(&server);
    let response = call.get_subscription(CUSTOMER, "S-1").send().await.unwrap();
    assert_response(&mock, &response, 200, &subscription);
}

#[tokio::test]
async fn update_subscription() {
    let server = MockServer::start_async().await;
    let patch: SubscriptionPatch = example!("update_subscription.request.json");
    let subscription: Subscription = example!("update_subscription.response.json");
    let mock = server.update_subscription(|when, then| {
        let when = when.customer_id(&CUSTOMER).subscription_id("S-1").if_match(ETAG).body(&patch).into_inner();
        json_with(when, "subscriptions/S-1", &patch);
        then.success(200, &subscription);
    });
    let call = client(&server);
    let call = call.update_subscription(CUSTOMER, "S-1", patch).if_match(ETAG);
    assert_response(&mock, &call.send().await.unwrap(), 200, &Success::Done(subscription));
}

#[tokio::test]
async fn update_subscription_without_an_etag() {
    let server = MockServer::start_async().await;
    let patch: SubscriptionPatch = example!("update_subscription.request.json");
    let subscription: Subscription = example!("update_subscription.response.json");
    let mock = server.update_subscription(|when, then| {
        json_with(when.if_match(None).into_inner(), "subscriptions/S-1", &patch);
        then.success(200, &subscription);
    });
    let call = client(&server);
    let call = call.update_subscription(CUSTOMER, "S-1", patch);
    assert_response(&mock, &call.send().await.unwrap(), 200, &Success::Done(subscription));
}

#[tokio::test]
async fn update_subscription_accepted() {
    const LOCATION: &str = "/customers/c-1/subscriptions/S-1";
    let patch: SubscriptionPatch = example!("update_subscription.request.json");
    let subscription: Subscription = example!("update_subscription.response.json");
    for (location, body) in [(Some(LOCATION), None), (None, Some(&subscription)), (Some(LOCATION), Some(&subscription))]
    {
        let server = MockServer::start_async().await;
        let mock = server.update_subscription(|_, then| {
            then.accepted(location, body);
        });
        let response = client(&server).update_subscription(CUSTOMER, "S-1", patch.clone()).send().await.unwrap();
        mock.assert_calls(1);
        assert_eq!(response.status(), 202);
        let accepted = response.into_inner().accepted().unwrap();
        assert_eq!((accepted.location(), accepted.value()), (location, body));
    }
}

#[tokio::test]
async fn get_subscription_provisioning_status() {
    let server = MockServer::start_async().await;
    let status: SubscriptionProvisioningStatus = example!("get_subscription_provisioning_status.response.json");
    let mock = server.get_subscription_provisioning_status(|when, then| {
        let when = when.customer_id(&CUSTOMER).subscription_id("S-1").into_inner();
        json(when, "subscriptions/S-1/provisioningstatus");
        then.success(200, &status);
    });
    let call = client(&server);
    let call = call.get_subscription_provisioning_status(CUSTOMER, "S-1");
    assert_response(&mock, &call.send().await.unwrap(), 200, &status);
}

#[tokio::test]
async fn list_subscription_activation_links() {
    let server = MockServer::start_async().await;
    let links: OrderLineItemActivationLinkCollection = example!("list_subscription_activation_links.response.json");
    let mock = server.list_subscription_activation_links(|when, then| {
        let when = when.customer_id(&CUSTOMER).subscription_id("S-1").into_inner();
        json(when, "subscriptions/S-1/activationlinks");
        then.success(200, &links);
    });
    list!(server, mock, links, list_subscription_activation_links(CUSTOMER, "S-1"));
}

#[tokio::test]
async fn activate_sandbox_subscription() {
    let server = MockServer::start_async().await;
    let result: SubscriptionActivationResult = example!("activate_sandbox_subscription.response.json");
    let mock = server.activate_sandbox_subscription(|when, then| {
        let when = when.customer_id(&CUSTOMER).subscription_id("S-1").into_inner();
        json(when, "subscriptions/S-1/activate").header("content-length", "0").body("");
        then.success(200, &result);
    });
    let call = client(&server);
    let response = call.activate_sandbox_subscription(CUSTOMER, "S-1").send().await.unwrap();
    assert_response(&mock, &response, 200, &result);
}

#[test]
fn every_operation_is_tested() {
    let source = include_str!("operations.rs");
    for operation in Operation::ALL {
        let called = format!("async fn {}()", operation.id());
        assert!(source.contains(&called), "{called}");
    }
    assert_eq!(Operation::ALL.len(), 20);
}
