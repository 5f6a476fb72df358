//! Requests through a proxy, and past it.

use std::sync::{Arc, Mutex};

use partner_center_emulator::Emulator;
use partner_center_orders::{ClientSecret, PartnerCenter, PartnerCenterBuilder, RetryPolicy};
use test_support::program::one_test;
use test_support::proxy::Proxy;

use crate::support::CUSTOMER;

/// Signs in with a secret and lists orders, each once.
async fn list_orders(builder: PartnerCenterBuilder, tenant: &str, client_id: &str, secret: &str) -> bool {
    let credential = ClientSecret::new(tenant, client_id, secret);
    let partner = builder.credential(credential).retry(RetryPolicy::none()).build().unwrap();
    partner.customer(CUSTOMER).orders().list().await.is_ok_and(|orders| !orders.is_empty())
}

/// Run by the tests below, in processes of their own whose environment names a proxy.
#[tokio::test]
#[ignore = "part of other tests"]
async fn with_the_proxies_of_the_environment() {
    let variable = |name: &str| std::env::var(format!("PROXIES_TEST_{name}")).unwrap();
    let builder = PartnerCenter::builder().base_url(variable("BASE_URL")).authority(variable("AUTHORITY"));
    let succeeded = list_orders(builder, &variable("TENANT"), &variable("CLIENT_ID"), &variable("SECRET")).await;
    assert_eq!(succeeded.to_string(), variable("SUCCEEDS"));
}

/// Makes the call above with this proxy for everything, and expects this outcome.
fn in_an_environment_with(proxy: &Proxy, [base_url, authority]: [&str; 2], emulator: &Emulator, succeeds: bool) {
    let mut child = one_test("proxies::with_the_proxies_of_the_environment");
    child.arg("--ignored");
    proxy.set_for(&mut child);
    let (tenant, client_id) = (emulator.tenant().to_string(), emulator.client_id().to_string());
    for (name, value) in [
        ("BASE_URL", base_url),
        ("AUTHORITY", authority),
        ("TENANT", &tenant),
        ("CLIENT_ID", &client_id),
        ("SECRET", emulator.client_secret()),
        ("SUCCEEDS", &succeeds.to_string()),
    ] {
        child.env(format!("PROXIES_TEST_{name}"), value);
    }
    let output = child.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn plain_http_takes_no_proxy_of_the_environment() {
    let (proxy, emulator) = (Proxy::new(), Emulator::builder().start().await.unwrap());

    let base_url = format!("{}/v1", emulator.base_url());
    in_an_environment_with(&proxy, [&base_url, emulator.authority()], &emulator, true);

    assert!(proxy.received().is_empty(), "{:?}", proxy.received());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn https_requests_a_tunnel_of_the_proxy_and_sends_it_nothing_else() {
    let (proxy, emulator) = (Proxy::new(), Emulator::builder().start().await.unwrap());

    in_an_environment_with(&proxy, ["https://partner.invalid/v1", "https://login.invalid"], &emulator, false);
    in_an_environment_with(&proxy, ["https://partner.invalid/v1", emulator.authority()], &emulator, false);

    let received = proxy.received();
    let [to_sign_in, to_the_service] = &received[..] else { panic!("{received:?}") };
    assert!(to_sign_in.starts_with("CONNECT login.invalid:443 HTTP/1.1\r\n"), "{to_sign_in}");
    assert!(to_the_service.starts_with("CONNECT partner.invalid:443 HTTP/1.1\r\n"), "{to_the_service}");
    for head in &received {
        let head = head.to_ascii_lowercase();
        assert!(!head.contains("authorization") && !head.contains("bearer") && !head.contains("secret"), "{head}");
        assert!(head.ends_with("\r\n\r\n"), "nothing follows before there is a tunnel: {head}");
    }
}

#[tokio::test]
async fn plain_http_takes_no_proxy_that_was_set_either() {
    let (proxy, emulator) = (Proxy::new(), Emulator::builder().start().await.unwrap());
    let url = proxy.url().to_owned();
    let builder = PartnerCenter::builder()
        .base_url(format!("{}/v1", emulator.base_url()))
        .authority(emulator.authority())
        .configure_http(move |http| http.proxy(reqwest::Proxy::all(&url).unwrap()));
    let (tenant, client_id) = (emulator.tenant().to_string(), emulator.client_id().to_string());

    assert!(list_orders(builder, &tenant, &client_id, emulator.client_secret()).await);

    assert!(proxy.received().is_empty(), "{:?}", proxy.received());
}

/// Opens the tunnels that are requested to their targets, and records all bytes that clients send into them.
async fn tunnels(listener: tokio::net::TcpListener, sent: Arc<Mutex<Vec<u8>>>) {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    while let Ok((mut client, _)) = listener.accept().await {
        let sent = Arc::clone(&sent);
        tokio::spawn(async move {
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                head.push(client.read_u8().await.unwrap());
            }
            sent.lock().unwrap().extend_from_slice(&head);
            let head = String::from_utf8(head).unwrap();
            let target = head.strip_prefix("CONNECT ").unwrap().split(' ').next().unwrap();
            let mut service = tokio::net::TcpStream::connect(target).await.unwrap();
            client.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.unwrap();
            let ((mut from_client, mut to_client), (mut from_service, mut to_service)) =
                (client.split(), service.split());
            let up = async {
                let mut piece = [0; 4096];
                while let Ok(length @ 1..) = from_client.read(&mut piece).await {
                    sent.lock().unwrap().extend_from_slice(&piece[..length]);
                    to_service.write_all(&piece[..length]).await.unwrap();
                }
            };
            tokio::join!(up, async { drop(tokio::io::copy(&mut from_service, &mut to_client).await) });
        });
    }
}

#[tokio::test]
async fn a_proxy_can_not_read_the_tunnel() {
    let service = crate::http2::FakeService::start(|_, _| crate::http2::Reaction::Responds).await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let proxy = format!("http://{}", listener.local_addr().unwrap());
    let sent = Arc::new(Mutex::new(Vec::new()));
    tokio::spawn(tunnels(listener, Arc::clone(&sent)));
    let partner =
        service.client().configure_http(move |http| http.proxy(reqwest::Proxy::all(&proxy).unwrap())).build().unwrap();

    partner.customer(CUSTOMER).orders().get("o-1").await.unwrap();

    let sent = String::from_utf8_lossy(&sent.lock().unwrap()).to_ascii_lowercase();
    assert!(sent.starts_with("connect localhost:"), "{sent}");
    assert!(!sent.contains("token-1") && !sent.contains("bearer"), "{sent}");
}
