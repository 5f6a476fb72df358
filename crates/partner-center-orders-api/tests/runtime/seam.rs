//! The values that pass the seam between client and transport.

use std::sync::{Arc, Mutex};

use bytes::Bytes;
use partner_center_orders_api::runtime::{
    BodyKind, CallOptions, OperationInfo, SharedTransport, Transport, TransportError, TransportFuture,
};
use partner_center_orders_api::{Client, Operation};

use crate::CUSTOMER;

#[derive(Clone, Debug, PartialEq)]
struct Attempts(u32);

/// Responds to each call with an empty list, and records the calls.
#[derive(Debug, Default)]
struct Prepared {
    calls: Mutex<Vec<(OperationInfo, CallOptions)>>,
    content_length: Mutex<Option<String>>,
}

impl Transport for Prepared {
    fn send<'a>(
        &'a self,
        request: reqwest::Request,
        info: OperationInfo,
        call: &'a CallOptions,
    ) -> TransportFuture<'a> {
        self.calls.lock().unwrap().push((info, call.clone()));
        let length = request.headers().get("content-length").map(|value| value.to_str().unwrap().to_owned());
        *self.content_length.lock().unwrap() = length;
        let mut response = http::Response::new(Bytes::from_static(br#"{"totalCount":0,"items":[]}"#));
        response.extensions_mut().insert(Attempts(3));
        Box::pin(async move { Ok(response.into()) })
    }
}

fn client(transport: &Arc<Prepared>, call: CallOptions) -> Client {
    let shared = SharedTransport::shared(Arc::clone(transport) as Arc<dyn Transport>).with_call(call);
    Client::new("http://127.0.0.1:9/v1", shared)
}

#[tokio::test]
async fn the_transport_gets_operation_and_options() {
    let transport = Arc::new(Prepared::default());
    let german = CallOptions::new().locale("de-DE");
    client(&transport, german.clone()).list_orders(CUSTOMER).send().await.unwrap();
    client(&transport, CallOptions::new()).list_orders(CUSTOMER).stream().await.unwrap();

    let calls = transport.calls.lock().unwrap();
    assert_eq!(calls[0], (OperationInfo::new(Operation::ListOrders), german));
    assert_eq!(calls[1], (OperationInfo::streaming(Operation::ListOrders), CallOptions::new()));
    assert_eq!((calls[0].0.body, calls[1].0.body), (BodyKind::Json, BodyKind::Stream));
}

#[tokio::test]
async fn every_transport_gets_the_length_of_a_missing_body() {
    let transport = Arc::new(Prepared::default());
    let client = client(&transport, CallOptions::new());
    client.checkout_cart(CUSTOMER, "c").send().await.unwrap();
    assert_eq!(transport.content_length.lock().unwrap().as_deref(), Some("0"));
    client.list_orders(CUSTOMER).send().await.unwrap();
    assert_eq!(transport.content_length.lock().unwrap().as_deref(), None);
}

#[tokio::test]
async fn what_the_transport_attaches_reaches_the_caller() {
    let transport = Arc::new(Prepared::default());
    let orders = client(&transport, CallOptions::new()).list_orders(CUSTOMER).send().await.unwrap();
    assert_eq!(orders.extensions().get::<Attempts>(), Some(&Attempts(3)));
}

#[test]
fn calls_can_move_between_threads() {
    fn movable<T: Send>(_: &T) {}
    let client = client(&Arc::default(), CallOptions::new());
    movable(&client.list_orders(CUSTOMER).send());
    movable(&client.list_orders(CUSTOMER).stream());
    movable(&client.get_order(CUSTOMER, "abc").send());
}

#[test]
fn errors_are_small_enough_to_return_everywhere() {
    assert_eq!(size_of::<TransportError>(), size_of::<usize>());
}
