//! Files of an order: upload and download.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use bytes::Bytes;
use futures_util::{StreamExt, stream};
use http::{HeaderMap, StatusCode};
use partner_center_orders::types::AttachmentMetadata;
use partner_center_orders::{
    AttachmentFile, BoxFuture, ErrorKind, PendingWrite, SendRequest, TransportError, Upload, Uuid,
};

use crate::emulated::{app, emulator, signed_in};
use crate::support::{CUSTOMER, FakeResponse, FakeService, client, settings};

fn metadata() -> AttachmentMetadata {
    AttachmentMetadata::new("1894.50", "EUR").is_part_of_tender(true)
}

pub fn upload() -> Upload {
    Upload::new(metadata())
        .purchase_order(AttachmentFile::from_bytes("order \"1\".txt", "page 1").media_type("text/plain"))
        .tender_file(AttachmentFile::from_bytes("tender.bin", vec![0, 255]))
}

#[tokio::test(start_paused = true)]
async fn an_upload_has_the_parts_that_the_sdk_sends() {
    let service = FakeService::script([FakeResponse::json(201, "")]);

    client(&service).customer(CUSTOMER).orders().attachments("o-1").upload(upload()).await.unwrap();

    let seen = &service.seen()[0];
    let boundary = seen.header("content-type").strip_prefix("multipart/form-data; boundary=").unwrap().to_owned();
    let parts: Vec<_> = seen.body.split(&format!("--{boundary}")).collect();
    assert_eq!(seen.path(), format!("/customers/{CUSTOMER}/orders/o-1/attachment"));
    assert_eq!(parts.len(), 5);
    assert_eq!(
        parts[1],
        "\r\nContent-Disposition: form-data; name=\"metadata\"\r\nContent-Type: application/json\r\n\r\n{\"customerPrice\":\"1894.50\",\"currency\":\"EUR\",\"isPartOfTender\":true}\r\n"
    );
    assert_eq!(
        parts[2],
        "\r\nContent-Disposition: form-data; name=\"POFiles\"; filename=\"order %221%22.txt\"\r\nContent-Type: text/plain\r\n\r\npage 1\r\n"
    );
    assert!(parts[3].starts_with(
        "\r\nContent-Disposition: form-data; name=\"TenderFiles\"; filename=\"tender.bin\"\r\nContent-Type: application/octet-stream\r\n\r\n"
    ));
    assert_eq!(parts[4], "--\r\n");
}

#[tokio::test(start_paused = true)]
async fn the_boundary_is_as_random_as_the_request_id() {
    let service = FakeService::new(|_| FakeResponse::json(201, ""));
    let attachments = client(&service).customer(CUSTOMER).orders().attachments("o-1");

    attachments.upload(upload()).await.unwrap();
    attachments.upload(upload()).await.unwrap();

    for seen in service.seen() {
        let id: Uuid = seen.header("ms-requestid").parse().unwrap();
        let between = seen.header("content-type").rsplit_once("boundary=").unwrap().1;
        assert!(between.replace('-', "").ends_with(&id.simple().to_string()), "{between} {id}");
    }
}

#[tokio::test(start_paused = true)]
async fn files_are_uploaded_from_memory_disk_and_stream_and_downloaded_again() {
    let emulator = emulator(|builder| builder);
    let partner = signed_in(&emulator, app(&emulator));
    let attachments =
        partner.customer(emulator.customers()[0]).orders().attachments("YxH1q4KScfvfkJQjgRI8QY1DznnUWZTH1");
    let path = std::env::temp_dir().join(format!("partner-center-orders-{}.txt", std::process::id()));
    std::fs::write(&path, "from disk").unwrap();
    let pieces = ["from ", "a stream"].map(|piece| Ok(Bytes::from(piece)));
    let upload = Upload::new(metadata())
        .purchase_order(AttachmentFile::from_path(&path))
        .purchase_order(AttachmentFile::from_stream("stream.txt", stream::iter(pieces)))
        .tender_file(AttachmentFile::from_bytes("tender.txt", "from memory"));

    let taken_in = attachments.upload(upload).await.unwrap();
    std::fs::remove_file(&path).unwrap();

    let listed = attachments.list().await.unwrap();
    assert_eq!((taken_in.len(), listed.len()), (3, 3));
    let mut contents = Vec::new();
    for file in listed.iter() {
        let download = attachments.download(file.attachment_id.clone().unwrap()).await.unwrap();
        contents.push(download.into_inner().bytes().await.unwrap());
    }
    contents.sort();
    assert_eq!(contents, ["from a stream", "from disk", "from memory"]);
}

/// Fails each request after reading its body.
#[derive(Clone, Debug, Default)]
struct Failing(Arc<AtomicU32>);

impl SendRequest for Failing {
    fn send(&self, _: reqwest::Request) -> BoxFuture<'_, Result<reqwest::Response, TransportError>> {
        self.0.fetch_add(1, Ordering::SeqCst);
        let response = http::Response::builder().status(503).body("").unwrap();
        Box::pin(std::future::ready(Ok(response.into())))
    }
}

#[tokio::test(start_paused = true)]
async fn an_upload_from_a_stream_has_one_attempt_and_one_from_memory_several() {
    for (from_stream, attempts) in [(true, 1), (false, 4)] {
        let failing = Failing::default();
        let partner = settings(&FakeService::script([]))
            .send_with(failing.clone())
            .credential(partner_center_orders::StaticToken::new("token-1"))
            .build()
            .unwrap();
        let file = if from_stream {
            AttachmentFile::from_stream("a", stream::iter([Ok(Bytes::from("x"))]))
        } else {
            AttachmentFile::from_bytes("a", "x")
        };
        let upload = Upload::new(metadata()).purchase_order(file);

        let error = partner.customer(CUSTOMER).orders().attachments("o-1").upload(upload).await.unwrap_err();

        assert!(error.is_outcome_unknown());
        assert_eq!(failing.0.load(Ordering::SeqCst), attempts);
    }
}

#[tokio::test(start_paused = true)]
async fn an_invalid_upload_is_not_sent() {
    let service = FakeService::script([]);
    let attachments = client(&service).customer(CUSTOMER).orders().attachments("o-1");

    let missing = Upload::new(metadata()).purchase_order(AttachmentFile::from_path("/nowhere/purchase-order.pdf"));
    let error = attachments.upload(missing).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidRequest);
    assert!(error.to_string().contains("purchase-order.pdf"), "{error}");

    let error = attachments.upload(Upload::new(metadata())).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidRequest);
}

#[tokio::test(start_paused = true)]
async fn an_old_upload_that_arrived_is_found_and_not_sent() {
    let files =
        r#"{"items":[{"attachmentId":"1","fileName":"order \"1\".txt"},{"attachmentId":"2","fileName":"tender.bin"}]}"#;
    let service = FakeService::script([FakeResponse::json(200, files)]);
    let sent = std::time::SystemTime::UNIX_EPOCH + crate::support::NEW_YEAR - Duration::from_secs(3600);

    let call = client(&service).customer(CUSTOMER).orders().attachments("o-1").upload(upload());
    let there = call.unique_file_names().resume(PendingWrite::new(Uuid::from_u128(7), sent)).await.unwrap();

    assert_eq!(there.len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_download_that_breaks_off_or_stalls_is_an_error() {
    for (silent, kind) in [(true, ErrorKind::Timeout), (false, ErrorKind::Interrupted)] {
        let service = FakeService::new(move |_| {
            let first = stream::iter([Ok(Bytes::from("abc"))]);
            let body = if silent {
                reqwest::Body::wrap_stream(first.chain(stream::pending::<std::io::Result<Bytes>>()))
            } else {
                let reset = std::io::Error::from(std::io::ErrorKind::ConnectionReset);
                reqwest::Body::wrap_stream(first.chain(stream::iter([Err(reset)])))
            };
            FakeResponse::Response(StatusCode::OK, HeaderMap::new(), body)
        });
        let call = client(&service).customer(CUSTOMER).orders().attachments("o-1").download("a-1");
        let mut download = call.await.unwrap().into_inner();

        assert_eq!(download.chunk().await.unwrap().unwrap(), "abc");
        let silent_since = tokio::time::Instant::now();
        assert_eq!(download.chunk().await.unwrap_err().kind(), kind);
        assert!(silent_since.elapsed() <= Duration::from_secs(60), "{:?}", silent_since.elapsed());
    }
}

/// A named pipe without a writer, which is removed when this is dropped.
#[cfg(unix)]
struct Pipe(std::path::PathBuf);

#[cfg(unix)]
impl Pipe {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("partner-center-orders-{name}-{}", std::process::id()));
        assert!(std::process::Command::new("mkfifo").arg(&path).status().unwrap().success());
        Self(path)
    }
}

#[cfg(unix)]
impl Drop for Pipe {
    fn drop(&mut self) {
        // Unblocks a reader that waits for a writer.
        drop(std::fs::OpenOptions::new().read(true).write(true).open(&self.0));
        drop(std::fs::remove_file(&self.0));
    }
}

#[cfg(unix)]
#[tokio::test(start_paused = true)]
async fn an_upload_from_a_pipe_without_a_writer_ends_with_its_deadline() {
    let (service, pipe) = (FakeService::script([]), Pipe::new("silent"));
    let upload = Upload::new(metadata()).purchase_order(AttachmentFile::from_path(&pipe.0));
    let begun = tokio::time::Instant::now();

    let call = client(&service).customer(CUSTOMER).orders().attachments("o-1").upload(upload);
    let call = tokio::time::timeout(Duration::from_secs(60), call.deadline(Duration::from_secs(5)).send());
    let error = call.await.expect("it outlives its deadline").unwrap_err();

    assert!(error.is_timeout() && !error.is_outcome_unknown(), "{error}");
    assert_eq!(begun.elapsed(), Duration::from_secs(5));
}

#[cfg(unix)]
#[tokio::test]
async fn an_upload_from_a_pipe_takes_what_is_written_into_it() {
    let (service, pipe) = (FakeService::script([FakeResponse::json(201, "")]), Pipe::new("written"));
    let path = pipe.0.clone();
    let writer = std::thread::spawn(move || std::fs::write(path, "through the pipe").unwrap());
    let upload = Upload::new(metadata()).purchase_order(AttachmentFile::from_path(&pipe.0));

    client(&service).customer(CUSTOMER).orders().attachments("o-1").upload(upload).await.unwrap();

    writer.join().unwrap();
    assert!(service.seen()[0].body.contains("through the pipe"));
}

#[tokio::test(start_paused = true)]
async fn a_file_longer_than_the_limit_is_not_read_to_its_end() {
    let service = FakeService::script([]);
    let token = partner_center_orders::StaticToken::new("token-1");
    let partner = settings(&service).credential(token).body_limit(1000).build().unwrap();
    let path = std::env::temp_dir().join(format!("partner-center-orders-long-{}", std::process::id()));
    std::fs::write(&path, [0; 1001]).unwrap();
    let upload = Upload::new(metadata()).purchase_order(AttachmentFile::from_path(&path));

    let error = partner.customer(CUSTOMER).orders().attachments("o-1").upload(upload).await.unwrap_err();
    std::fs::remove_file(&path).unwrap();

    assert_eq!(error.kind(), ErrorKind::InvalidRequest);
    assert!(error.to_string().contains("1000 bytes"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn a_download_longer_than_the_limit_is_not_kept_in_memory() {
    let service = FakeService::new(|_| {
        let endless = stream::repeat_with(|| Ok::<_, std::io::Error>(Bytes::from_static(&[0; 400])));
        FakeResponse::Response(StatusCode::OK, HeaderMap::new(), reqwest::Body::wrap_stream(endless.take(1000)))
    });
    let token = partner_center_orders::StaticToken::new("token-1");
    let partner = settings(&service).credential(token).body_limit(1000).build().unwrap();
    let download = || partner.customer(CUSTOMER).orders().attachments("o-1").download("a-1");

    let error = download().await.unwrap().into_inner().bytes().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ResponseTooLarge);

    // Piece by piece, there is no limit.
    let mut pieces = download().await.unwrap().into_inner();
    let mut length = 0;
    while let Some(piece) = pieces.chunk().await.unwrap() {
        length += piece.len();
    }
    assert_eq!(length, 400_000);
}

#[tokio::test(start_paused = true)]
async fn a_download_may_be_as_long_as_the_limit() {
    for (length, is_read) in [(1000, true), (1001, false)] {
        let service = FakeService::new(move |_| {
            let pieces = [500, length - 500].map(|length| Ok::<_, std::io::Error>(Bytes::from(vec![0; length])));
            FakeResponse::Response(StatusCode::OK, HeaderMap::new(), reqwest::Body::wrap_stream(stream::iter(pieces)))
        });
        let token = partner_center_orders::StaticToken::new("token-1");
        let partner = settings(&service).credential(token).body_limit(1000).build().unwrap();

        let download = partner.customer(CUSTOMER).orders().attachments("o-1").download("a-1").await.unwrap();

        let outcome = download.into_inner().bytes().await;
        assert_eq!(outcome.map(|bytes| bytes.len()).ok(), is_read.then_some(length));
    }
}
