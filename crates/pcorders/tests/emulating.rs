//! `pcorders emulate` as programs in other languages meet it: a process, its first line, its files, its end.

#![allow(clippy::unwrap_used, reason = "a test may fail")]

use std::io::{BufRead as _, BufReader, Read as _};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use reqwest::{Client, Response};
use serde_json::{Value, json};

const AUDIENCE: &str = "https://api.partnercenter.microsoft.com";
const DOCUMENTED_CUSTOMER: &str = "b0d70a69-4c42-4b27-b17b-91a835d8686a";

/// A running `pcorders emulate`; it ends with the test.
struct Emulation {
    process: Child,
    announcement: Value,
    http: Client,
}

impl Emulation {
    fn start(arguments: &[&str]) -> Self {
        let mut process = Command::new(env!("CARGO_BIN_EXE_pcorders"))
            .arg("emulate")
            .args(arguments)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        Self { process, announcement: serde_json::from_str(&line).unwrap(), http: Client::new() }
    }

    fn at(&self, member: &str) -> &str {
        self.announcement[member].as_str().unwrap()
    }

    async fn token(&self) -> String {
        let address = format!("{}/{}/oauth2/v2.0/token", self.at("authority"), self.at("tenant"));
        let form = [
            ("grant_type", "refresh_token"),
            ("client_id", self.at("clientId")),
            ("client_secret", self.at("clientSecret")),
            ("refresh_token", self.at("refreshToken")),
            ("scope", &format!("{AUDIENCE}/user_impersonation")),
        ];
        let answer: Value = self.http.post(address).form(&form).send().await.unwrap().json().await.unwrap();
        answer["access_token"].as_str().unwrap().to_owned()
    }

    async fn orders(&self, token: &str) -> Response {
        let address = format!("{}/v1/customers/{DOCUMENTED_CUSTOMER}/orders", self.at("baseUrl"));
        self.http.get(address).bearer_auth(token).send().await.unwrap()
    }

    /// Ends the emulator as Ctrl-C does, and says how it ended.
    fn interrupt(mut self) -> Option<i32> {
        assert!(Command::new("kill").args(["-INT", &self.process.id().to_string()]).status().unwrap().success());
        self.process.wait().unwrap().code()
    }
}

impl Drop for Emulation {
    fn drop(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

fn refused(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_pcorders")).arg("emulate").args(arguments).output().unwrap()
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[tokio::test]
async fn the_first_line_is_all_that_a_client_needs() {
    let emulation = Emulation::start(&[]);
    assert_eq!(emulation.announcement["customers"][0], DOCUMENTED_CUSTOMER);
    assert!(emulation.at("controlUrl").starts_with(emulation.at("baseUrl")));
    assert!(emulation.announcement.get("caFile").is_none());

    let orders = emulation.orders(&emulation.token().await).await;

    assert_eq!(orders.status(), 200);
    let body = orders.bytes().await.unwrap();
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap();
    assert_eq!(serde_json::from_slice::<Value>(body).unwrap()["totalCount"], 3);
}

#[tokio::test]
async fn no_bom_stands_before_the_body_where_none_is_wanted() {
    let emulation = Emulation::start(&["--no-bom"]);
    let orders = emulation.orders(&emulation.token().await).await;
    assert!(orders.bytes().await.unwrap().starts_with(b"{"));
}

#[tokio::test]
async fn the_rate_is_a_tenants_requests_in_a_minute() {
    let emulation = Emulation::start(&["--rate", "1"]);
    let token = emulation.token().await;
    assert_eq!(emulation.orders(&token).await.status(), 200);
    let refusal = emulation.orders(&token).await;
    assert_eq!(refusal.status(), 429);
    assert!(refusal.headers().contains_key("retry-after"));
}

#[tokio::test]
async fn https_is_spoken_to_whoever_trusts_the_ca_file_which_goes_with_the_emulator() {
    let emulation = Emulation::start(&["--tls"]);
    assert!(emulation.at("tlsAuthority").starts_with("https://"));
    assert!(emulation.at("tlsBaseUrl").starts_with("https://"));
    let ca_file = Path::new(emulation.at("caFile")).to_owned();
    assert!(std::fs::read_to_string(&ca_file).unwrap().contains("BEGIN CERTIFICATE"));
    assert_eq!(emulation.interrupt(), Some(0));
    assert!(!ca_file.exists());
}

#[tokio::test]
async fn what_was_bought_is_there_after_a_restart_with_the_same_state() {
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("state.json");
    let emulation = Emulation::start(&["--state", text(&state)]);
    let token = emulation.token().await;
    let order = json!({"referenceCustomerId": DOCUMENTED_CUSTOMER, "billingCycle": "monthly",
        "lineItems": [{"lineItemNumber": 0, "offerId": "84A03D81-6B37-4D66-8D4A-FAEA24541538", "quantity": 5}]});
    let address = format!("{}/v1/customers/{DOCUMENTED_CUSTOMER}/orders", emulation.at("baseUrl"));
    let placed = emulation.http.post(address).bearer_auth(&token).json(&order).send().await.unwrap();
    assert_eq!(placed.status(), 201);
    assert_eq!(emulation.interrupt(), Some(0));

    let again = Emulation::start(&["--no-bom", "--state", text(&state)]);

    let orders: Value = again.orders(&again.token().await).await.json().await.unwrap();
    assert_eq!(orders["totalCount"], 4);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "nothing half-written is left");
}

#[test]
fn a_damaged_state_is_refused_by_name_and_left_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("state.json");
    std::fs::write(&state, "{\"version\": 1, ").unwrap();

    let output = refused(&["--state", text(&state)]);

    assert_eq!(output.status.code(), Some(2));
    let complaint = String::from_utf8(output.stderr).unwrap();
    assert!(complaint.contains("state.json") && complaint.contains("line 1 column"), "{complaint}");
    assert_eq!(std::fs::read_to_string(&state).unwrap(), "{\"version\": 1, ");
}

#[test]
fn a_port_that_is_taken_is_named() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let output = refused(&["--port", &port]);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8(output.stderr).unwrap().contains(&port));
}

#[tokio::test]
async fn the_log_holds_every_exchange_and_no_secret() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("exchanges.ndjson");
    let emulation = Emulation::start(&["--log", text(&path)]);
    let token = emulation.token().await;
    emulation.orders(&token).await;
    let secrets = [emulation.at("clientSecret").to_owned(), emulation.at("refreshToken").to_owned(), token];
    assert_eq!(emulation.interrupt(), Some(0));

    let mut log = String::new();
    std::fs::File::open(&path).unwrap().read_to_string(&mut log).unwrap();

    let exchanges: Vec<Value> = log.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(exchanges.len(), 2);
    assert_eq!(exchanges[1]["operation"], "list_orders");
    assert!(secrets.iter().all(|secret| !log.contains(secret.as_str())));
}
