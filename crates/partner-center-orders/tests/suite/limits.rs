//! Responses that are larger than the limits.

use std::io::Write as _;
use std::time::Duration;

use flate2::Compression;
use flate2::write::GzEncoder;
use partner_center_orders::{ErrorKind, PartnerCenter, RetryPolicy, StaticToken};
use test_support::http::{Request, response, serve};
use tokio::io::AsyncWriteExt as _;

use crate::support::{CUSTOMER, FakeResponse, FakeService, client, order_json, settings};

const MEBIBYTE: usize = 1 << 20;

#[tokio::test(start_paused = true)]
async fn an_error_response_of_megabytes_is_cut_and_still_an_error_response() {
    for status in [302, 400, 403, 500] {
        let service = FakeService::new(move |_| FakeResponse::json(status, "x".repeat(5 * MEBIBYTE)));
        let partner = client(&service);

        let error = partner.customer(CUSTOMER).orders().get("o-1").await.unwrap_err();

        assert_eq!(error.status().map(|status| status.as_u16()), Some(status), "{error}");
        assert!(error.raw_body().len() <= MEBIBYTE, "{status}: {} bytes are kept", error.raw_body().len());
    }
}

#[tokio::test(start_paused = true)]
async fn a_failure_of_megabytes_is_retried_like_any_other() {
    let mut responses = 0;
    let service = FakeService::new(move |_| {
        responses += 1;
        match responses {
            1 => FakeResponse::json(503, "x".repeat(5 * MEBIBYTE)),
            2 => FakeResponse::json(429, "x".repeat(5 * MEBIBYTE)).with("retry-after", "40"),
            _ => FakeResponse::json(200, order_json("o-1")),
        }
    });

    let small = settings(&service).credential(StaticToken::new("token-1")).body_limit(3 * MEBIBYTE).build().unwrap();
    small.customer(CUSTOMER).orders().get("o-1").await.unwrap();

    let seen = service.seen();
    assert!(seen[2].at >= seen[1].at + Duration::from_secs(40));
}

/// A server that responds to one request with that status and so many compressed blanks; its base URL, and how many bytes
/// it sends.
async fn compressed_blanks(status: &'static str, length: usize) -> (String, usize) {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    let blanks = vec![b' '; MEBIBYTE];
    for _ in 0..length / MEBIBYTE {
        encoder.write_all(&blanks).unwrap();
    }
    let body = encoder.finish().unwrap();
    let response = response(status, &["Content-Type: application/json", "Content-Encoding: gzip"], &body);
    let (base_url, _) = serve(async move |mut stream| {
        Request::read(&mut stream).await;
        // The client need not read all of it.
        drop(stream.write_all(&response).await);
    })
    .await;
    (base_url, body.len())
}

fn over_loopback(base_url: &str) -> PartnerCenter {
    PartnerCenter::builder()
        .base_url(base_url)
        .credential(StaticToken::new("token-1"))
        .retry(RetryPolicy::none())
        .body_limit(8 * MEBIBYTE)
        .configure_http(reqwest::ClientBuilder::no_proxy)
        .build()
        .unwrap()
}

#[tokio::test]
async fn a_body_that_decompresses_to_a_thousandfold_is_cut() {
    let (base_url, compressed) = compressed_blanks("400 Bad Request", 16 * MEBIBYTE).await;
    assert!(compressed < 20_000, "{compressed}");
    let error = over_loopback(&base_url).customer(CUSTOMER).orders().get("o-1").await.unwrap_err();
    assert_eq!(error.status().map(|status| status.as_u16()), Some(400), "{error}");
    assert!(error.raw_body().len() <= MEBIBYTE, "{} bytes are kept", error.raw_body().len());

    let (base_url, _) = compressed_blanks("200 OK", 16 * MEBIBYTE).await;
    let error = over_loopback(&base_url).customer(CUSTOMER).orders().get("o-1").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ResponseTooLarge);
}
