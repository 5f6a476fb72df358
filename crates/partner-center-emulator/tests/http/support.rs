//! A client for the tests: it authenticates and returns responses as they are on the wire.

use crate::http_client::http_client;
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use partner_center_emulator::{CheckedResponse, Clock, ConnectionFault, Emulator, EmulatorBuilder, Fault, FaultKind};
use partner_center_orders_schema::{Operation, Validator};
use reqwest::{Client, Method, RequestBuilder, StatusCode};
use serde_json::{Value, json};

pub const DOCUMENTED: &str = "b0d70a69-4c42-4b27-b17b-91a835d8686a";
pub const SHAPES: &str = "3c81e6f0-5d27-4a94-b6e1-7f08c2d9a354";
pub const RESOURCE: &str = "https://api.partnercenter.microsoft.com";

/// An emulator and an authenticated client.
pub struct TestServer {
    pub emulator: Emulator,
    pub client: Client,
    pub app_token: String,
    pub user_token: String,
}

/// A response with its raw body.
#[derive(Debug)]
pub struct TestResponse {
    pub status: StatusCode,
    pub headers: reqwest::header::HeaderMap,
    pub raw: Vec<u8>,
}

impl TestResponse {
    pub fn json(&self) -> Value {
        let body = self.raw.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&self.raw);
        serde_json::from_slice(body).unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&self.raw)))
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    /// Returns status and code of an error response.
    #[track_caller]
    pub fn status_and_code(&self) -> (u16, i64) {
        let code = self.json()["code"].as_i64().unwrap_or_else(|| panic!("no error response: {}", self.json()));
        (self.status.as_u16(), code)
    }

    #[track_caller]
    pub fn expect(self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", String::from_utf8_lossy(&self.raw));
        self.json()
    }
}

pub async fn send(request: RequestBuilder) -> TestResponse {
    let response = request.send().await.unwrap();
    TestResponse {
        status: response.status(),
        headers: response.headers().clone(),
        raw: response.bytes().await.unwrap().to_vec(),
    }
}

/// Returns the builder of an emulator with a stopped clock.
pub fn stopped() -> EmulatorBuilder {
    Emulator::builder().clock(Clock::stopped_at("2026-03-01T08:00:00Z".parse().unwrap()))
}

impl TestServer {
    pub async fn new() -> Self {
        Self::with(stopped()).await
    }

    pub async fn with(builder: EmulatorBuilder) -> Self {
        Self::unchecked(builder.check_responses(strictly)).await
    }

    /// For tests that make the emulator depart from the contract.
    pub async fn unchecked(builder: EmulatorBuilder) -> Self {
        let emulator = builder.start().await.unwrap();
        let client = http_client().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        let mut server = Self { emulator, client, app_token: String::new(), user_token: String::new() };
        server.app_token = server.request_token(&[("grant_type", "client_credentials")]).await;
        let refresh_token = server.emulator.refresh_token().to_owned();
        server.user_token =
            server.request_token(&[("grant_type", "refresh_token"), ("refresh_token", &refresh_token)]).await;
        server
    }

    async fn request_token(&self, form: &[(&str, &str)]) -> String {
        let response = self.token("oauth2/token", &[form, &[("resource", RESOURCE)]].concat()).await.expect(200);
        response["access_token"].as_str().unwrap().to_owned()
    }

    /// Requests a token with the application's id and secret.
    pub async fn token(&self, path: &str, form: &[(&str, &str)]) -> TestResponse {
        let id = self.emulator.client_id().to_string();
        let own = [("client_id", id.as_str()), ("client_secret", self.emulator.client_secret())];
        send(self.client.post(self.authority(path)).form(&[&own, form].concat())).await
    }

    pub fn authority(&self, path: &str) -> String {
        format!("{}/{}/{path}", self.emulator.authority(), self.emulator.tenant())
    }

    pub fn url(&self, path: &str) -> String {
        format!("{}/v1{path}", self.emulator.base_url())
    }

    /// Returns a request of the application with its user.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, self.url(path)).bearer_auth(&self.user_token)
    }

    pub async fn get(&self, path: &str) -> TestResponse {
        send(self.request(Method::GET, path)).await
    }

    pub async fn send(&self, method: Method, path: &str, body: Value) -> TestResponse {
        send(self.request(method, path).json(&body)).await
    }

    pub async fn post(&self, path: &str, body: Value) -> TestResponse {
        self.send(Method::POST, path, body).await
    }

    pub async fn patch(&self, path: &str, body: Value) -> TestResponse {
        self.send(Method::PATCH, path, body).await
    }
}

pub fn orders(customer: &str) -> String {
    format!("/customers/{customer}/orders")
}

pub fn order(customer: &str, order: &str) -> String {
    format!("/customers/{customer}/orders/{order}")
}

/// Checks a response against the contract, strictly.
pub fn strictly(response: &CheckedResponse<'_>) -> Result<(), String> {
    let operation = Operation::named(response.operation).map_err(|unknown| unknown.to_string())?;
    if !operation.responds_with(response.status) {
        return Err("the contract doesn't have this status".to_owned());
    }
    let Some(schema) = operation.response(response.status) else { return Ok(()) };
    if !response.content_type.is_some_and(|kind| kind.starts_with("application/json")) {
        return Err(format!("JSON is sent as {:?}", response.content_type));
    }
    match Validator::new(schema).response().strict().validate(response.body) {
        Ok(report) if report.omitted == 0 && report.findings.is_empty() => Ok(()),
        Ok(report) => Err(report.to_string()),
        Err(error) => Err(error.to_string()),
    }
}

impl Drop for TestServer {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            assert_eq!(self.emulator.violations(), [""; 0], "responses that depart from the contract");
        }
    }
}

pub fn carts(customer: &str) -> String {
    format!("/customers/{customer}/carts")
}

pub fn subscription(customer: &str, subscription: &str) -> String {
    format!("/customers/{customer}/subscriptions/{subscription}")
}

/// Items of the built-in catalog.
pub const LICENCE: &str = "E59159FC-6F67-4599-B3CB-17FF4020F643";
pub const ADD_ON: &str = "0D94E2A8-7C35-4B61-A8F4-5E2091B7C3D8";
pub const AZURE: &str = "MS-AZR-0145P";
pub const RESERVATION: &str = "DZH318Z0BQ4Z:002L:DZH318Z0CMNP";
pub const SOFTWARE: &str = "DG7GMGF0DWT0:0001:DG7GMGF0DSQR";
pub const SAAS: &str = "DZH318Z0BXWC:0002:DZH318Z0BMRV";
pub const MAIL: &str = "CFQ7TTC0LH16:0001:CFQ7TTC0K0QX";

/// An order of one line.
pub fn new_order(offer: &str, quantity: i32) -> Value {
    json!({"lineItems": [{"lineItemNumber": 0, "offerId": offer, "quantity": quantity}]})
}

/// A cart with a line for each of these items.
pub fn new_cart(items: &[&str]) -> Value {
    let lines = items.iter().enumerate().map(|(id, item)| json!({"id": id, "catalogItemId": item, "quantity": 2}));
    json!({"lineItems": lines.collect::<Vec<_>>()})
}

impl TestServer {
    /// Places an order and returns it as in the response.
    pub async fn place(&self, offer: &str, quantity: i32) -> Value {
        self.post(&orders(DOCUMENTED), new_order(offer, quantity)).await.expect(201)
    }

    /// Advances the clock.
    pub fn pass(&self, seconds: u64) {
        self.emulator.clock().advance(std::time::Duration::from_secs(seconds));
    }

    pub fn configure(&self, change: impl FnOnce(&mut partner_center_emulator::Settings)) {
        self.emulator.configure(change);
    }

    pub fn count(&self, what: &str) -> u64 {
        self.emulator.counts().get(what).copied().unwrap_or_default()
    }
}

/// Places an order and waits until it is provisioned. Returns its path and its subscription's.
pub async fn ordered(server: &TestServer, offer: &str, quantity: i32) -> (String, String) {
    let path = path_of(&server.place(offer, quantity).await);
    server.pass(5);
    let order = server.get(&path).await.expect(200);
    (path, subscription(DOCUMENTED, order["lineItems"][0]["subscriptionId"].as_str().unwrap()))
}

/// Changes a member of a subscription that is read before and sent back as a whole.
pub async fn changed(server: &TestServer, path: &str, member: &str, value: Value) -> TestResponse {
    let mut read = server.get(path).await.expect(200);
    read[member] = value;
    server.patch(path, read).await
}

/// Returns the path of an order in a response.
pub fn path_of(placed: &Value) -> String {
    order(DOCUMENTED, placed["id"].as_str().unwrap())
}

/// An emulator without a socket, with a clock that follows tokio's.
pub struct InMemory {
    pub emulator: Emulator,
    pub token: String,
}

/// A response of an emulator in memory.
pub struct InMemoryResponse {
    pub status: u16,
    pub headers: http::HeaderMap,
    pub content: Result<Vec<u8>, ConnectionFault>,
}

impl InMemoryResponse {
    pub fn json(&self) -> Value {
        let content = self.content.as_deref().expect("the body is complete");
        serde_json::from_slice(content.strip_prefix(b"\xef\xbb\xbf").unwrap_or(content)).unwrap()
    }
}

impl InMemory {
    pub fn new() -> Self {
        let clock = Clock::runtime("2022-09-14T08:00:00Z".parse().unwrap());
        let emulator = Emulator::builder().clock(clock).check_responses(strictly).in_memory().unwrap();
        let token = emulator.user_token(true);
        Self { emulator, token }
    }

    /// Sends a request, with a request id or without.
    pub async fn send(
        &self,
        method: Method,
        path: &str,
        body: Value,
        id: Option<&str>,
    ) -> Result<InMemoryResponse, ConnectionFault> {
        let mut request = http::Request::builder()
            .method(method)
            .uri(format!("{}/v1{path}", self.emulator.base_url()))
            .header("Authorization", format!("Bearer {}", self.token));
        if let Some(id) = id {
            request = request.header("MS-RequestId", id);
        }
        let body = if body.is_null() { Vec::new() } else { body.to_string().into_bytes() };
        let request = request.body(Full::<Bytes>::from(body)).unwrap();
        let (head, body) = self.emulator.service().handle(request).await?.into_parts();
        let content = body.collect().await.map(|content| content.to_bytes().to_vec());
        Ok(InMemoryResponse { status: head.status.as_u16(), headers: head.headers, content })
    }

    pub async fn get(&self, path: &str) -> Result<InMemoryResponse, ConnectionFault> {
        self.send(Method::GET, path, Value::Null, None).await
    }

    pub fn fault(&self, kind: FaultKind) {
        self.emulator.plan_fault(Fault::new(kind).times(1));
    }

    pub fn count(&self, what: &str) -> u64 {
        self.emulator.counts().get(what).copied().unwrap_or_default()
    }
}
