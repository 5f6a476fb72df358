//! What crosses the seam between client and exchange.

use std::sync::{Arc, Mutex};

use bytes::Bytes;
use partner_center_orders_api::runtime::{
    BodyKind, CallOptions, OperationInfo, SharedTransport, Transport, TransportError, TransportFuture,
};
use partner_center_orders_api::{Client, Operation};

use crate::{CUSTOMER, http};

#[derive(Clone, Debug, PartialEq)]
struct Attempts(u32);

/// Answers each call with an empty list, and keeps what it was told.
#[derive(Debug, Default)]
struct Prepared {
    told: Mutex<Vec<(OperationInfo, CallOptions)>>,
    content_length: Mutex<Option<String>>,
}

impl Transport for Prepared {
    fn send<'a>(
        &'a self,
        request: reqwest::Request,
        info: OperationInfo,
        call: &'a CallOptions,
    ) -> TransportFuture<'a> {
        self.told.lock().unwrap().push((info, call.clone()));
        let length = request.headers().get("content-length").map(|value| value.to_str().unwrap().to_owned());
        *self.content_length.lock().unwrap() = length;
        let mut response = http::Response::new(Bytes::from_static(br#"{"totalCount":0,"items":[]}"#));
        response.extensions_mut().insert(Attempts(3));
        Box::pin(async move { Ok(response.into()) })
    }
}

fn client(exchange: &Arc<Prepared>, call: CallOptions) -> Client {
    let transport = SharedTransport::shared(Arc::clone(exchange) as Arc<dyn Transport>).with_call(call);
    Client::new_with_client("http://127.0.0.1:9/v1", http(), transport)
}

#[tokio::test]
async fn the_exchange_is_told_operation_and_options() {
    let exchange = Arc::new(Prepared::default());
    let german = CallOptions::new().locale("de-DE");
    client(&exchange, german.clone()).list_orders().customer_id(CUSTOMER).send().await.unwrap();
    client(&exchange, CallOptions::new()).stream_list_orders().customer_id(CUSTOMER).send().await.unwrap();

    let told = exchange.told.lock().unwrap();
    assert_eq!(told[0], (OperationInfo::new(Operation::ListOrders), german));
    assert_eq!(told[1], (OperationInfo::streaming(Operation::ListOrders), CallOptions::new()));
    assert_eq!((told[0].0.body, told[1].0.body), (BodyKind::Json, BodyKind::Stream));
}

#[tokio::test]
async fn every_exchange_gets_the_length_of_a_missing_body() {
    let exchange = Arc::new(Prepared::default());
    let client = client(&exchange, CallOptions::new());
    client.checkout_cart().customer_id(CUSTOMER).cart_id("c").send().await.unwrap();
    assert_eq!(exchange.content_length.lock().unwrap().as_deref(), Some("0"));
    client.list_orders().customer_id(CUSTOMER).send().await.unwrap();
    assert_eq!(exchange.content_length.lock().unwrap().as_deref(), None);
}

#[tokio::test]
async fn what_the_exchange_attaches_reaches_the_caller() {
    let exchange = Arc::new(Prepared::default());
    let orders = client(&exchange, CallOptions::new()).list_orders().customer_id(CUSTOMER).send().await.unwrap();
    assert_eq!(orders.extensions().get::<Attempts>(), Some(&Attempts(3)));
}

#[test]
fn calls_can_move_between_threads() {
    fn movable<T: Send>(_: &T) {}
    let client = client(&Arc::default(), CallOptions::new());
    movable(&client.list_orders().customer_id(CUSTOMER).send());
    movable(&client.stream_list_orders().customer_id(CUSTOMER).send());
    movable(&client.get_order().customer_id(CUSTOMER).order_id("abc").send());
}

#[test]
fn errors_are_small_enough_to_return_everywhere() {
    assert_eq!(size_of::<TransportError>(), size_of::<usize>());
}
