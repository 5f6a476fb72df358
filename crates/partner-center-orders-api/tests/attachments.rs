//! Upload and download of an order's attachments.

#![allow(clippy::unwrap_used, reason = "a test may fail")]

use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use httpmock::{Method, MockServer};
use partner_center_orders_api::runtime::{
    CallOptions, Error, HttpTransport, OperationInfo, SharedTransport, Transport, TransportFuture,
};
use partner_center_orders_api::types::AttachmentMetadata;
use partner_center_orders_api::{AttachmentFile, Client};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use uuid::Uuid;

const CUSTOMER: Uuid = Uuid::from_u128(7);

fn client(server: &MockServer) -> Client {
    let http = HttpTransport::http_client().no_proxy().build().unwrap();
    Client::new(server.base_url(), SharedTransport::new(HttpTransport::new(http)))
}

fn metadata() -> AttachmentMetadata {
    AttachmentMetadata::new("19.50", "EUR").is_part_of_tender(true)
}

const RESPONSE: &str = r#"{"totalCount":1,"items":[{"attachmentId":"a-1","fileName":"po.pdf","sizeInKB":1}]}"#;

#[tokio::test]
async fn all_parts_arrive_under_their_names_with_their_types() {
    let server = MockServer::start_async().await;
    let mock = server.mock(|when, then| {
        when.method(Method::POST)
            .path(format!("/customers/{CUSTOMER}/orders/54be297b70ad/attachment"))
            .header_prefix("content-type", "multipart/form-data; boundary=")
            .body_includes(r#"name="metadata""#)
            .body_includes("application/json")
            .body_includes(r#"{"customerPrice":"19.50","currency":"EUR","isPartOfTender":true}"#)
            .body_includes(r#"name="POFiles"; filename="po-1.pdf""#)
            .body_includes(r#"name="POFiles"; filename="po-2.pdf""#)
            .body_includes("application/pdf")
            .body_includes(r#"name="TenderFiles"; filename="tender.txt""#)
            .body_includes("application/octet-stream");
        then.status(201).body(RESPONSE);
    });
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("po-2.pdf");
    std::fs::write(&path, "second").unwrap();

    let response = client(&server)
        .upload_order_attachments(CUSTOMER, "54be297b70ad", metadata())
        .purchase_order(AttachmentFile::from_bytes("po-1.pdf", "first").content_type("application/pdf"))
        .purchase_order(AttachmentFile::from_path(&path).await.unwrap())
        .tender(AttachmentFile::from_stream("tender.txt", stream::iter([Ok::<_, std::io::Error>("tender")])))
        .send()
        .await
        .unwrap();

    mock.assert_calls(1);
    assert_eq!(response.status(), 201);
    assert_eq!(response.as_ref().unwrap().items[0].attachment_id.as_deref(), Some("a-1"));
}

/// Notes whether the request could be sent again.
#[derive(Debug)]
struct Repeatable(HttpTransport, Arc<AtomicBool>);

impl Transport for Repeatable {
    fn send<'a>(
        &'a self,
        request: reqwest::Request,
        info: OperationInfo,
        call: &'a CallOptions,
    ) -> TransportFuture<'a> {
        self.1.store(request.try_clone().is_some(), Ordering::Relaxed);
        self.0.send(request, info, call)
    }
}

async fn is_repeatable(file: AttachmentFile) -> bool {
    let server = MockServer::start_async().await;
    server.mock(|when, then| {
        when.method(Method::POST);
        then.status(201);
    });
    let http = HttpTransport::http_client().no_proxy().build().unwrap();
    let seen = Arc::new(AtomicBool::new(false));
    let transport = SharedTransport::new(Repeatable(HttpTransport::new(http), Arc::clone(&seen)));
    let client = Client::new(server.base_url(), transport);
    let response = client
        .upload_order_attachments(CUSTOMER, "54be297b70ad", metadata())
        .purchase_order(file)
        .send()
        .await
        .unwrap();
    assert!(response.is_none(), "a success without body has no collection");
    seen.load(Ordering::Relaxed)
}

#[tokio::test]
async fn bytes_can_be_sent_again() {
    assert!(is_repeatable(AttachmentFile::from_bytes("po.pdf", "bytes")).await);
}

#[tokio::test]
async fn a_stream_is_sent_once() {
    assert!(!is_repeatable(AttachmentFile::from_stream("po.pdf", stream::iter([Ok::<_, std::io::Error>("x")]))).await);
}

#[tokio::test]
async fn an_upload_without_purchase_order_is_not_sent() {
    let server = MockServer::start_async().await;
    let outcome = client(&server).upload_order_attachments(CUSTOMER, "54be297b70ad", metadata()).send().await;
    assert!(matches!(outcome, Err(Error::InvalidRequest(problem)) if problem.contains("purchase order")));
}

#[tokio::test]
async fn a_path_without_a_file_name_is_an_error() {
    let error = AttachmentFile::from_path("/").await.unwrap_err();
    assert!(error.to_string().contains("has no file name"), "{error}");
}

#[tokio::test]
async fn a_file_beyond_the_limit_is_not_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("large.bin");
    let file = std::fs::File::create(&path).unwrap();
    // Sparse: it takes no space on the disk.
    file.set_len(HttpTransport::BODY_LIMIT as u64 + 1).unwrap();

    let error = AttachmentFile::from_path(&path).await.unwrap_err();

    assert_eq!(error.kind(), std::io::ErrorKind::FileTooLarge);
    assert!(error.to_string().contains("as a stream"), "{error}");
}

#[tokio::test]
async fn a_download_returns_every_byte() {
    let bytes: Vec<u8> = [0xEF, 0xBB, 0xBF].into_iter().chain((0..=255).cycle().take(100_000)).collect();
    let server = MockServer::start_async().await;
    server.mock(|when, then| {
        when.method(Method::GET).path(format!("/customers/{CUSTOMER}/orders/54be297b70ad/attachment/a-1"));
        then.status(200).body(&bytes);
    });
    let response = client(&server).download_order_attachment(CUSTOMER, "54be297b70ad", "a-1").send().await.unwrap();
    let chunks: Vec<_> = response.into_inner().try_collect().await.unwrap();
    assert!(stream::iter(chunks).map(|chunk| chunk.to_vec()).concat().await == bytes);
}

#[tokio::test]
async fn a_name_or_media_type_with_a_line_break_is_rejected_before_anything_is_sent() {
    let server = MockServer::start_async().await;
    let file = || AttachmentFile::from_bytes("po.pdf", "x");
    for file in [
        AttachmentFile::from_bytes("po.pdf\r\nX-Evil: 1", "x"),
        AttachmentFile::from_bytes("po\n.pdf", "x"),
        AttachmentFile::from_bytes("po\0.pdf", "x"),
        file().content_type("application/pdf\r\nX-Evil: 1"),
        file().content_type("application/pdf\n"),
        file().content_type("application/pdf\t"),
    ] {
        let client = client(&server);
        let call = client.upload_order_attachments(CUSTOMER, "o", metadata());
        let error = call.purchase_order(file).send().await.unwrap_err();
        assert!(matches!(error, Error::InvalidRequest(_)), "{error:?}");
        assert!(!error.to_string().contains(char::is_control), "{error}");
    }
}
