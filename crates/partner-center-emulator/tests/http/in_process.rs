//! Use in process: several emulators, with a socket or without, and dropping them.

use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use partner_center_emulator::{Emulator, ResponseBody, Scenario};
use serde_json::{Value, json};
use tower_service::Service as _;

use crate::support::{DOCUMENTED, MAIL, TestServer, orders, stopped};

#[tokio::test]
async fn emulators_share_nothing() {
    let mut servers = Vec::new();
    for _ in 0..10 {
        servers.push(TestServer::new().await);
    }
    servers[3].place(MAIL, 1).await;
    for (number, server) in servers.iter().enumerate() {
        let count = server.get(&orders(DOCUMENTED)).await.expect(200)["totalCount"].as_u64().unwrap();
        assert_eq!(count, if number == 3 { 4 } else { 3 });
    }
}

#[tokio::test]
async fn a_dropped_emulator_releases_its_port() {
    let is_free_afterwards = async || {
        let emulator = Emulator::builder().start().await.unwrap();
        let address = emulator.base_url().strip_prefix("http://").unwrap().to_owned();
        let mut open = tokio::net::TcpStream::connect(&address).await.unwrap();
        drop(emulator);
        let mut rest = Vec::new();
        let ended = tokio::io::AsyncReadExt::read_to_end(&mut open, &mut rest).await;
        assert!(ended.is_err() || rest.is_empty());
        tokio::net::TcpListener::bind(&address).await.is_ok()
    };
    // Another program may have used the port in the meantime, but not every time.
    let mut rounds = 0..100;
    while !is_free_afterwards().await {
        assert!(rounds.next().is_some(), "its port is still in use");
    }
}

#[tokio::test]
async fn a_port_in_use_is_an_error() {
    let first = Emulator::builder().start().await.unwrap();
    let port = first.base_url().rsplit(':').next().unwrap().parse().unwrap();
    let error = Emulator::builder().port(port).start().await.unwrap_err();
    assert!(error.to_string().contains("can't listen"));
}

#[tokio::test]
async fn it_is_a_tower_service() {
    let emulator = Emulator::builder().in_memory().unwrap();
    let mut service = emulator.service();
    std::future::poll_fn(|context| {
        tower_service::Service::<http::Request<Full<Bytes>>>::poll_ready(&mut service, context)
    })
    .await
    .unwrap();
    let request = http::Request::get(format!("{}/v1{}", emulator.base_url(), orders(DOCUMENTED)))
        .header("Authorization", format!("Bearer {}", emulator.app_token()))
        .body(Full::<Bytes>::default())
        .unwrap();
    let response = service.call(request).await.unwrap();
    assert_eq!(response.status(), 200);
    assert!(response.into_body().collect().await.unwrap().to_bytes().starts_with(b"\xef\xbb\xbf{"));
}

#[tokio::test]
async fn in_memory_its_origin_is_loopback() {
    let emulator = Emulator::builder().in_memory().unwrap();
    assert!(emulator.base_url().starts_with("http://localhost"));
}

#[test]
fn bodies_and_services_can_be_shared_between_threads() {
    fn is_shared<T: Send + Sync>() {}
    is_shared::<ResponseBody>();
    is_shared::<partner_center_emulator::EmulatorService>();
    is_shared::<Emulator>();
}

#[tokio::test]
async fn a_scenario_round_trips_through_a_file() {
    let server = TestServer::new().await;
    server.place(MAIL, 1).await;
    let path = std::env::temp_dir().join(format!("emulator-scenario-{}.json", std::process::id()));
    server.emulator.scenario().save(&path).unwrap();
    let again = TestServer::with(stopped().scenario(Scenario::load(&path).unwrap())).await;
    std::fs::remove_file(&path).unwrap();
    assert_eq!(again.get(&orders(DOCUMENTED)).await.expect(200), server.get(&orders(DOCUMENTED)).await.expect(200));
    // Provisioning continues.
    again.pass(5);
    let last = again.get(&orders(DOCUMENTED)).await.expect(200)["items"][3].clone();
    assert_eq!(last["status"], "completed");
}

#[test]
fn malformed_scenarios_are_rejected() {
    let path = std::env::temp_dir().join(format!("emulator-no-scenario-{}.json", std::process::id()));
    for text in ["{", r#"{"version": 1, "orders": []}"#, r#"{"version": 2}"#] {
        std::fs::write(&path, text).unwrap();
        assert!(Scenario::load(&path).is_err(), "{text}");
    }
    std::fs::remove_file(&path).unwrap();
}

/// A log that a test reads while the emulator writes it.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl std::io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn every_exchange_is_written_as_a_line_without_secrets() {
    let log = Log::default();
    let emulator = Emulator::builder().log_to(log.clone()).in_memory().unwrap();
    let token = emulator.app_token();
    for path in [orders(DOCUMENTED), format!("{}/none", orders(DOCUMENTED))] {
        let request = http::Request::get(format!("{}/v1{path}", emulator.base_url()))
            .header("Authorization", format!("Bearer {token}"))
            .body(Full::<Bytes>::default())
            .unwrap();
        emulator.service().handle(request).await.unwrap();
    }
    let text = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    let exchanges: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let logged: Vec<_> = exchanges.iter().map(|line| (line["operation"].clone(), line["status"].clone())).collect();
    assert_eq!(logged, [(json!("list_orders"), json!(200)), (json!("get_order"), json!(404))]);
    assert!(!text.contains(&token));
}

#[cfg(feature = "tls")]
#[tokio::test]
async fn https_has_a_certificate_to_trust() {
    let emulator = Emulator::builder().tls().start().await.unwrap();
    let file = emulator.ca_file().unwrap().to_owned();
    let pem = std::fs::read_to_string(&file).unwrap();
    assert!(pem.starts_with("-----BEGIN CERTIFICATE-----"));
    assert!(emulator.tls_base_url().unwrap().starts_with("https://127.0.0.1:"));
    assert_eq!(emulator.tls_authority(), emulator.tls_base_url());
    drop(emulator);
    assert!(!file.exists());
}
