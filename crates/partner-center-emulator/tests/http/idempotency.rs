//! Request ids, with every setting.

use std::time::Duration;

use partner_center_emulator::{Fault, FaultKind, RequestIds, ReusedRequestId};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{
    DOCUMENTED, InMemory, MAIL, TestResponse, TestServer, carts, new_cart, new_order, order, orders, send,
};

const ID: &str = "0e5fc923-8e3c-4560-9100-ce7283c3e081";

async fn send_with_id(server: &TestServer, method: Method, path: &str, body: &Value) -> TestResponse {
    send(server.request(method, path).header("MS-RequestId", ID).json(body)).await
}

async fn place(server: &TestServer) -> TestResponse {
    send_with_id(server, Method::POST, &orders(DOCUMENTED), &new_order(MAIL, 3)).await
}

#[tokio::test]
async fn the_same_id_returns_the_recorded_response_without_a_second_effect() {
    let server = TestServer::new().await;
    let first = place(&server).await.expect(201);
    server.pass(5);
    assert_eq!(place(&server).await.expect(201), first);
    assert_eq!((server.count("ordersPlaced"), server.count("repeated")), (1, 1));
}

#[tokio::test]
async fn reads_are_never_replayed() {
    let server = TestServer::new().await;
    let read =
        async || send(server.request(Method::GET, &orders(DOCUMENTED)).header("MS-RequestId", ID)).await.expect(200);
    assert_eq!(read().await["totalCount"], 3);
    server.place(MAIL, 1).await;
    assert_eq!(read().await["totalCount"], 4);
}

#[tokio::test]
async fn a_business_error_is_final() {
    let server = TestServer::new().await;
    let path = order(DOCUMENTED, "5cf72f146967");
    let change = async || send_with_id(&server, Method::PATCH, &path, &json!({"status": "cancelled"})).await;
    assert_eq!(change().await.status_and_code(), (404, 20000));
    let seeded = json!({"id": "5cf72f146967", "lineItems": [], "creationDate": "2022-09-14T08:00:00Z"});
    let address = format!("{}/customers/{DOCUMENTED}/orders", server.emulator.control_url());
    assert_eq!(send(server.client.post(address).json(&seeded)).await.status, 200);
    assert_eq!(change().await.status_and_code(), (404, 20000));
}

#[tokio::test]
async fn transient_errors_are_not_final() {
    let server = TestServer::new().await;
    for kind in [
        FaultKind::unauthorized(),
        FaultKind::status(408),
        FaultKind::throttled(1),
        FaultKind::status(500),
        FaultKind::status(503),
    ] {
        server.emulator.plan_fault(Fault::new(kind).times(1));
        assert!(!place(&server).await.status.is_success());
        assert_eq!(server.count("ordersPlaced"), 0);
    }
    place(&server).await.expect(201);
}

#[tokio::test]
async fn an_effect_whose_response_was_lost_is_not_repeated() {
    let server = TestServer::new().await;
    server.emulator.plan_fault(Fault::new(FaultKind::status_after_effect(504)).times(1));
    assert_eq!(place(&server).await.status, 504);
    place(&server).await.expect(201);
    assert_eq!(server.count("ordersPlaced"), 1);
}

#[tokio::test]
async fn another_request_under_the_same_id_is_rejected() {
    let server = TestServer::new().await;
    place(&server).await.expect(201);
    let other = async || {
        [
            send_with_id(&server, Method::POST, &orders(DOCUMENTED), &new_order(MAIL, 4)).await.status_and_code(),
            send_with_id(&server, Method::POST, &carts(DOCUMENTED), &new_cart(&[MAIL])).await.status_and_code(),
            send_with_id(&server, Method::PATCH, &order(DOCUMENTED, "x"), &new_order(MAIL, 3)).await.status_and_code(),
        ]
    };
    assert_eq!(other().await, [(400, 2000); 3]);
    server.configure(|settings| settings.reused_request_id = ReusedRequestId::Conflict);
    assert_eq!(other().await, [(409, 800_060); 3]);
    assert_eq!(server.count("ordersPlaced"), 1);
}

#[tokio::test]
async fn the_same_json_in_another_format_is_the_same_request() {
    let server = TestServer::new().await;
    place(&server).await.expect(201);
    let body = serde_json::to_string_pretty(&new_order(MAIL, 3)).unwrap();
    let request = server.request(Method::POST, &orders(DOCUMENTED)).header("MS-RequestId", ID.to_uppercase());
    send(request.header("Content-Type", "application/json").body(body)).await.expect(201);
    assert_eq!(server.count("ordersPlaced"), 1);
}

#[tokio::test]
async fn ids_are_forgotten_after_their_retention() {
    let server = TestServer::new().await;
    server.configure(|settings| settings.request_id_retention = Duration::from_secs(600));
    place(&server).await.expect(201);
    server.pass(599);
    place(&server).await.expect(201);
    assert_eq!(server.count("ordersPlaced"), 1);
    server.pass(2);
    place(&server).await.expect(201);
    assert_eq!(server.count("ordersPlaced"), 2);
}

#[tokio::test]
async fn the_oldest_ids_are_forgotten_beyond_the_capacity() {
    const OTHER: &str = "1f60c9a4-5f0a-4b4e-8a6b-2f1d7c9e3a52";
    let server = TestServer::new().await;
    server.configure(|settings| settings.request_id_capacity = 1);
    let place = async |id: &str| {
        let request = server.request(Method::POST, &orders(DOCUMENTED)).header("MS-RequestId", id);
        send(request.json(&new_order(MAIL, 3))).await.expect(201)["id"].clone()
    };

    let (first, other) = (place(ID).await, place(OTHER).await);

    assert_eq!(place(OTHER).await, other);
    assert_ne!(place(ID).await, first);
    assert_eq!((server.count("ordersPlaced"), server.count("repeated")), (3, 1));
}

#[tokio::test]
async fn ids_can_be_ignored() {
    let server = TestServer::new().await;
    server.configure(|settings| settings.request_ids = RequestIds::Ignored);
    let ids = [place(&server).await.expect(201)["id"].clone(), place(&server).await.expect(201)["id"].clone()];
    assert_ne!(ids[0], ids[1]);
}

#[tokio::test(start_paused = true)]
async fn a_duplicate_waits_for_the_first() {
    let memory = InMemory::new();
    memory.emulator.configure(|settings| settings.processing_time = Duration::from_secs(30));
    let place = || {
        memory.send(
            Method::POST,
            "/customers/b0d70a69-4c42-4b27-b17b-91a835d8686a/orders",
            new_order(MAIL, 3),
            Some(ID),
        )
    };
    let (first, second) = tokio::join!(place(), place());
    let (first, second) = (first.unwrap(), second.unwrap());
    assert_eq!((first.status, first.json()), (201, second.json()));
    assert_eq!((memory.count("ordersPlaced"), memory.count("repeated")), (1, 1));
}

#[tokio::test(start_paused = true)]
async fn a_write_continues_when_its_client_disconnects() {
    let memory = InMemory::new();
    memory.emulator.configure(|settings| settings.processing_time = Duration::from_secs(30));
    let path = orders(DOCUMENTED);
    let place = || memory.send(Method::POST, &path, new_order(MAIL, 3), Some(ID));
    tokio::time::timeout(Duration::from_secs(10), place()).await.err().expect("no response yet");
    assert_eq!(place().await.unwrap().status, 201);
    assert_eq!(memory.count("ordersPlaced"), 1);
}

#[tokio::test(start_paused = true)]
async fn a_cart_takes_one_write_at_a_time() {
    let memory = InMemory::new();
    let cart = memory.send(Method::POST, &carts(DOCUMENTED), new_cart(&[MAIL]), None).await.unwrap().json();
    memory.emulator.configure(|settings| settings.processing_time = Duration::from_secs(30));
    let path = format!("{}/{}/checkout", carts(DOCUMENTED), cart["id"].as_str().unwrap());
    let check_out = || memory.send(Method::POST, &path, Value::Null, None);
    let (first, second) = tokio::join!(check_out(), check_out());
    let (first, second) = (first.unwrap(), second.unwrap());
    assert_eq!((first.status, second.status, &second.json()["code"]), (201, 409, &json!(800_064)));
}
