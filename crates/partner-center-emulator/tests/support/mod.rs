//! A client for the tests: it signs in and looks at answers as they are on the wire.
#![allow(dead_code, reason = "each test program uses its own part")]

use partner_center_emulator::{Emulator, EmulatorBuilder};
use reqwest::{Client, Method, RequestBuilder, StatusCode};
use serde_json::Value;

pub const DOCUMENTED: &str = "b0d70a69-4c42-4b27-b17b-91a835d8686a";
pub const SHAPES: &str = "3c81e6f0-5d27-4a94-b6e1-7f08c2d9a354";
pub const RESOURCE: &str = "https://api.partnercenter.microsoft.com";

/// An emulator with a signed-in client.
pub struct Bench {
    pub emulator: Emulator,
    pub client: Client,
    pub app_token: String,
    pub user_token: String,
}

/// An answer, its body without the byte order mark.
#[derive(Debug)]
pub struct Seen {
    pub status: StatusCode,
    pub headers: reqwest::header::HeaderMap,
    pub raw: Vec<u8>,
}

impl Seen {
    pub fn json(&self) -> Value {
        let body = self.raw.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&self.raw);
        serde_json::from_slice(body).unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&self.raw)))
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    /// Status and code of a refusal.
    #[track_caller]
    pub fn refusal(&self) -> (u16, i64) {
        let code = self.json()["code"].as_i64().unwrap_or_else(|| panic!("no refusal: {}", self.json()));
        (self.status.as_u16(), code)
    }

    #[track_caller]
    pub fn expect(self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", String::from_utf8_lossy(&self.raw));
        self.json()
    }
}

pub async fn seen(request: RequestBuilder) -> Seen {
    let response = request.send().await.unwrap();
    Seen {
        status: response.status(),
        headers: response.headers().clone(),
        raw: response.bytes().await.unwrap().to_vec(),
    }
}

impl Bench {
    pub async fn new() -> Self {
        Self::with(Emulator::builder()).await
    }

    pub async fn with(builder: EmulatorBuilder) -> Self {
        let emulator = builder.start().await.unwrap();
        let client = Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        let mut bench = Self { emulator, client, app_token: String::new(), user_token: String::new() };
        bench.app_token = bench.sign_in(&[("grant_type", "client_credentials")]).await;
        let refresh_token = bench.emulator.refresh_token().to_owned();
        bench.user_token = bench.sign_in(&[("grant_type", "refresh_token"), ("refresh_token", &refresh_token)]).await;
        bench
    }

    async fn sign_in(&self, form: &[(&str, &str)]) -> String {
        let answer = self.token("oauth2/token", &[form, &[("resource", RESOURCE)]].concat()).await.expect(200);
        answer["access_token"].as_str().unwrap().to_owned()
    }

    /// Asks for a token with the application's id and secret.
    pub async fn token(&self, path: &str, form: &[(&str, &str)]) -> Seen {
        let id = self.emulator.client_id().to_string();
        let own = [("client_id", id.as_str()), ("client_secret", self.emulator.client_secret())];
        seen(self.client.post(self.authority(path)).form(&[&own, form].concat())).await
    }

    pub fn authority(&self, path: &str) -> String {
        format!("{}/{}/{path}", self.emulator.authority(), self.emulator.tenant())
    }

    pub fn url(&self, path: &str) -> String {
        format!("{}/v1{path}", self.emulator.base_url())
    }

    /// A request as the application with its user.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, self.url(path)).bearer_auth(&self.user_token)
    }

    pub async fn get(&self, path: &str) -> Seen {
        seen(self.request(Method::GET, path)).await
    }

    pub async fn send(&self, method: Method, path: &str, body: Value) -> Seen {
        seen(self.request(method, path).json(&body)).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Seen {
        self.send(Method::POST, path, body).await
    }

    pub async fn patch(&self, path: &str, body: Value) -> Seen {
        self.send(Method::PATCH, path, body).await
    }
}

pub fn orders(customer: &str) -> String {
    format!("/customers/{customer}/orders")
}

pub fn order(customer: &str, order: &str) -> String {
    format!("/customers/{customer}/orders/{order}")
}
