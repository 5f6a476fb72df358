//! Hostile clients: they are rejected, and others are still served.

use std::time::Duration;

use reqwest::Method;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::support::{DOCUMENTED, MAIL, TestServer, new_order, order, orders, send, stopped};

fn host(server: &TestServer) -> String {
    server.emulator.base_url().strip_prefix("http://").unwrap().to_owned()
}

/// Ends a test that hangs, also on a slow machine.
const WATCHDOG: Duration = Duration::from_secs(600);

/// Sends bytes as they are. Returns the received bytes until a response is complete or the connection ends.
async fn raw(server: &TestServer, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(host(server)).await.unwrap();
    // The service may have closed the connection before it got all of them.
    let _ = stream.write_all(bytes).await;
    let mut back = Vec::new();
    let reading = async { while !is_complete(&back) && stream.read_buf(&mut back).await.is_ok_and(|read| read > 0) {} };
    tokio::time::timeout(WATCHDOG, reading).await.expect("a response, or the end of the connection");
    String::from_utf8_lossy(&back).into_owned()
}

/// Whether this is a response with its complete body.
fn is_complete(response: &[u8]) -> bool {
    let text = String::from_utf8_lossy(response).to_ascii_lowercase();
    let Some((head, _)) = text.split_once("\r\n\r\n") else { return false };
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
    length.is_some_and(|length| response.len() >= head.len() + 4 + length.parse::<usize>().unwrap())
}

async fn still_serves(server: &TestServer) {
    server.get(&orders(DOCUMENTED)).await.expect(200);
}

#[tokio::test]
async fn malformed_json_is_rejected() {
    let server = TestServer::new().await;
    let deep = "[".repeat(100_000);
    let long = format!("{{\"lineItems\": [{}]}}", "1e400,".repeat(10));
    for body in ["", "{", "null", "[]", "\"text\"", "{\"lineItems\": {}}", "{\"a\": \u{7}}", "\u{feff}", &deep, &long] {
        let request = server.request(Method::POST, &orders(DOCUMENTED)).header("Content-Type", "application/json");
        assert_eq!(send(request.body(body.to_owned())).await.status_and_code(), (400, 2000), "{body:.40}");
    }
    let request = server.request(Method::POST, &orders(DOCUMENTED)).header("Content-Type", "application/json");
    assert_eq!(send(request.body(b"{\"lineItems\": \"\xff\"}".to_vec())).await.status_and_code(), (400, 2000));
    assert_eq!(server.count("ordersPlaced"), 0);
    still_serves(&server).await;
}

#[tokio::test]
async fn too_deep_json_is_rejected_and_kept_json_can_be_read_again() {
    let server = TestServer::unchecked(stopped()).await;
    let nested = |open: &str, close: &str, levels: usize| format!("{}{}", open.repeat(levels), close.repeat(levels));
    let bodies = |levels: usize| {
        [
            format!("{{\"new\":{},\"lineItems\":[]}}", nested("[", "]", levels - 1)),
            format!("{{\"lineItems\":[{}]}}", nested("{\"addonItems\":[", "]}", (levels - 2) / 2)),
        ]
    };
    for levels in [66, 128, 200, 100_000] {
        for path in [orders(DOCUMENTED), crate::support::carts(DOCUMENTED)] {
            for body in bodies(levels) {
                let request = server.request(Method::POST, &path).header("Content-Type", "application/json").body(body);
                let response = send(request).await;
                assert_eq!(response.status_and_code(), (400, 2000));
                let description = response.json()["description"].as_str().unwrap().to_owned();
                assert!(
                    description.contains("deeper than 64 levels") || description.contains("recursion limit"),
                    "{description}"
                );
            }
        }
    }
    // An order of the largest allowed depth is kept, listed, logged and saved.
    let order = |levels: usize| {
        let new = nested("[", "]", levels - 1);
        format!(
            "{{\"id\":\"0123456789ab\",\"lineItems\":[],\"creationDate\":\"2022-09-14T08:00:00Z\",\"attributes\":{{\"objectType\":\"Order\"}},\"new\":{new}}}"
        )
    };
    let control = |order: String| {
        let address = format!("{}/customers/{DOCUMENTED}/orders", server.emulator.control_url());
        server.client.post(address).header("Content-Type", "application/json").body(order)
    };
    let rejected = send(control(order(65))).await;
    assert!(rejected.expect(400)["error"].as_str().unwrap().contains("deeper than 64 levels"));
    send(control(order(64))).await.expect(200);
    server.get(&orders(DOCUMENTED)).await.expect(200);
    for exchange in server.emulator.exchanges() {
        let line = serde_json::to_vec(&*exchange).unwrap();
        serde_json::from_slice::<serde_json::Value>(&line).unwrap();
    }
    let state = serde_json::to_vec(&server.emulator.scenario()).unwrap();
    serde_json::from_slice::<partner_center_emulator::Scenario>(&state).unwrap();
    still_serves(&server).await;
}

#[tokio::test]
async fn a_body_of_100_mb_is_rejected() {
    let server = TestServer::new().await;
    let request = server.request(Method::POST, &orders(DOCUMENTED)).header("Content-Type", "application/json");
    assert_eq!(send(request.body(vec![b' '; 100 << 20])).await.status_and_code(), (400, 2000));
    still_serves(&server).await;
}

#[tokio::test]
async fn a_body_that_is_announced_as_too_large_is_rejected_unsent() {
    let server = TestServer::new().await;
    let token = &server.user_token;
    let head = format!(
        "POST /v1{} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\nExpect: 100-continue\r\nContent-Length: 104857600\r\n\r\n",
        orders(DOCUMENTED)
    );
    assert!(raw(&server, head.as_bytes()).await.starts_with("HTTP/1.1 400"));
}

#[tokio::test]
async fn malformed_paths_are_not_found() {
    let server = TestServer::new().await;
    let ask = async |path: &str| {
        let token = &server.user_token;
        let head =
            format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer {token}\r\n\r\n");
        let response = raw(&server, head.as_bytes()).await;
        response.split(' ').nth(1).and_then(|status| status.parse::<u16>().ok()).unwrap_or_default()
    };
    let customer = format!("/v1/customers/{DOCUMENTED}");
    for tail in [
        "/orders/../carts",
        "/orders/%2e%2e/carts",
        "//orders",
        "/orders/%00",
        "/orders/%",
        "/orders/%ff",
        "/orders/;x",
        "/orders/a%2fb",
    ] {
        let status = ask(&format!("{customer}{tail}")).await;
        assert!((400..500).contains(&status), "{tail} returned {status}");
    }
    assert_eq!(ask("/../../etc/passwd").await, 404);
    assert_eq!(ask(&format!("{customer}/orders/{}", "x".repeat(10_000))).await, 404);
    assert!((400..500).contains(&ask(&format!("/{}", "x".repeat(100_000))).await));
    assert_eq!(server.get(&order(DOCUMENTED, "..%2Forders")).await.status_and_code(), (404, 20000));
    still_serves(&server).await;
}

#[tokio::test]
async fn malformed_http_is_rejected() {
    let server = TestServer::new().await;
    assert!(raw(&server, b"hello\r\n\r\n").await.starts_with("HTTP/1.1 400"));
    let headers = "X-Filler: y\r\n".repeat(20_000);
    let response = raw(&server, format!("GET / HTTP/1.1\r\nHost: x\r\n{headers}\r\n").as_bytes()).await;
    assert!(response.is_empty() || response.starts_with("HTTP/1.1 4"), "{response}");
    let smuggled = "POST /v1/customers HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nContent-Length: 9\r\n\r\nabc";
    assert!(raw(&server, smuggled.as_bytes()).await.starts_with("HTTP/1.1 400"));
    still_serves(&server).await;
}

#[tokio::test]
async fn slow_clients_time_out() {
    let server = TestServer::new().await;
    let usual = server.emulator.settings();
    server.configure(|settings| settings.head_timeout = Duration::from_millis(50));
    for beginning in ["", "G", "PRI * HT", "GET / HTTP/1.1\r\nHost:"] {
        let mut stream = TcpStream::connect(host(&server)).await.unwrap();
        stream.write_all(beginning.as_bytes()).await.unwrap();
        let mut back = Vec::new();
        let ended = tokio::time::timeout(WATCHDOG, stream.read_to_end(&mut back)).await;
        assert!(ended.is_ok(), "{beginning:?} is still open");
    }
    // The head is in time, and only the body is too late.
    server.configure(|settings| {
        settings.head_timeout = usual.head_timeout;
        settings.body_timeout = Duration::from_millis(50);
    });
    let token = &server.user_token;
    let head = format!(
        "POST /v1{} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\nContent-Length: 10\r\n\r\n{{",
        orders(DOCUMENTED)
    );
    assert!(raw(&server, head.as_bytes()).await.starts_with("HTTP/1.1 408"));
    server.configure(|settings| settings.body_timeout = usual.body_timeout);
    still_serves(&server).await;
}

#[tokio::test]
async fn beyond_the_limit_the_connection_that_was_idle_longest_is_closed() {
    let server = TestServer::with(stopped().configure(|settings| settings.connection_limit = 10)).await;
    let mut idle = Vec::new();
    for _ in 0..50 {
        idle.push(TcpStream::connect(host(&server)).await.unwrap());
    }
    let mut byte = [0];
    let ended = tokio::time::timeout(WATCHDOG, idle[0].read(&mut byte)).await.expect("it was closed");
    assert!(matches!(ended, Ok(0) | Err(_)));
    server.post(&orders(DOCUMENTED), new_order(MAIL, 1)).await.expect(201);
    still_serves(&server).await;
}

fn upload_head(server: &TestServer, token: Option<&str>, length: usize) -> String {
    let token = token.map(|token| format!("Authorization: Bearer {token}\r\n")).unwrap_or_default();
    format!(
        "POST /v1{}/attachment HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n{token}Content-Type: multipart/form-data; boundary=b\r\nContent-Length: {length}\r\n\r\n",
        order(DOCUMENTED, "5cf72f146967"),
        host(server)
    )
}

#[tokio::test]
async fn the_token_is_checked_before_the_body_is_read() {
    let server = TestServer::with(stopped().configure(|settings| settings.body_memory_limit = 1 << 20)).await;
    server.configure(|settings| settings.body_timeout = Duration::from_millis(50));
    for token in [None, Some("none.of.ours")] {
        // Only half of the body is sent. With a valid token, that is 408.
        let half = format!("{}half", upload_head(&server, token, 10));
        assert!(raw(&server, half.as_bytes()).await.starts_with("HTTP/1.1 401"), "{token:?}");
    }
    server.configure(|settings| settings.body_timeout = Duration::from_secs(60));
    // A body beyond the memory limit is discarded as it is received, and not counted as rejected.
    let mut whole = upload_head(&server, None, 4 << 20).into_bytes();
    whole.resize(whole.len() + (4 << 20), b'x');
    assert!(raw(&server, &whole).await.starts_with("HTTP/1.1 401"));
    assert_eq!(server.count("bodiesRefused"), 0);
    still_serves(&server).await;
}

#[tokio::test]
async fn all_bodies_together_have_a_limit() {
    const SENT: usize = 512 << 10;
    let server = TestServer::with(stopped().configure(|settings| settings.body_memory_limit = 1 << 20)).await;
    let mut uploads = Vec::new();
    for _ in 0..8 {
        let mut stream = TcpStream::connect(host(&server)).await.unwrap();
        let mut half = upload_head(&server, Some(&server.user_token), 2 * SENT).into_bytes();
        half.resize(half.len() + SENT, b'x');
        stream.write_all(&half).await.unwrap();
        uploads.push(stream);
    }
    // Two halves reach the limit.
    while server.count("bodiesRefused") < 6 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    let mut rejected = 0;
    for mut stream in uploads {
        stream.write_all(&vec![b'x'; SENT]).await.unwrap();
        let mut status = [0; 12];
        stream.read_exact(&mut status).await.unwrap();
        rejected += usize::from(status == *b"HTTP/1.1 503");
    }
    assert!(rejected >= 6, "{rejected}");
    still_serves(&server).await;
}
