//! Use in process: many at once, gone when dropped, with a socket or without.

use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use partner_center_emulator::{Emulator, ResponseBody, Scenario};
use serde_json::{Value, json};
use tower_service::Service as _;

use crate::support::{Bench, DOCUMENTED, MAIL, orders, stopped};

#[tokio::test]
async fn many_live_side_by_side_and_share_nothing() {
    let mut benches = Vec::new();
    for _ in 0..10 {
        benches.push(Bench::new().await);
    }
    benches[3].place(MAIL, 1).await;
    for (number, bench) in benches.iter().enumerate() {
        let count = bench.get(&orders(DOCUMENTED)).await.expect(200)["totalCount"].as_u64().unwrap();
        assert_eq!(count, if number == 3 { 4 } else { 3 });
    }
}

#[tokio::test]
async fn a_dropped_one_is_gone() {
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
    // Another program may have taken the port meanwhile, but not time after time.
    let mut rounds = 0..100;
    while !is_free_afterwards().await {
        assert!(rounds.next().is_some(), "its port is still taken");
    }
}

#[tokio::test]
async fn a_port_that_is_taken_is_an_error() {
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
    let answer = service.call(request).await.unwrap();
    assert_eq!(answer.status(), 200);
    assert!(answer.into_body().collect().await.unwrap().to_bytes().starts_with(b"\xef\xbb\xbf{"));
}

#[tokio::test]
async fn in_memory_it_is_on_loopback() {
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
async fn a_scenario_goes_through_a_file() {
    let bench = Bench::new().await;
    bench.place(MAIL, 1).await;
    let path = std::env::temp_dir().join(format!("emulator-scenario-{}.json", std::process::id()));
    bench.emulator.scenario().save(&path).unwrap();
    let again = Bench::with(stopped().scenario(Scenario::load(&path).unwrap())).await;
    std::fs::remove_file(&path).unwrap();
    assert_eq!(again.get(&orders(DOCUMENTED)).await.expect(200), bench.get(&orders(DOCUMENTED)).await.expect(200));
    // Provisioning goes on where it was.
    again.pass(5);
    let last = again.get(&orders(DOCUMENTED)).await.expect(200)["items"][3].clone();
    assert_eq!(last["status"], "completed");
}

#[test]
fn what_is_no_scenario_is_refused() {
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
    let told: Vec<_> = exchanges.iter().map(|line| (line["operation"].clone(), line["status"].clone())).collect();
    assert_eq!(told, [(json!("list_orders"), json!(200)), (json!("get_order"), json!(404))]);
    assert!(!text.contains(&token));
}

#[cfg(feature = "tls")]
#[tokio::test]
async fn https_is_offered_with_a_certificate_to_trust() {
    let emulator = Emulator::builder().tls().start().await.unwrap();
    let file = emulator.ca_file().unwrap().to_owned();
    let pem = std::fs::read_to_string(&file).unwrap();
    assert!(pem.starts_with("-----BEGIN CERTIFICATE-----"));
    assert!(emulator.tls_base_url().unwrap().starts_with("https://127.0.0.1:"));
    assert_eq!(emulator.tls_authority(), emulator.tls_base_url());
    drop(emulator);
    assert!(!file.exists());
}
