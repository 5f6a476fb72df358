//! An upload is rejected, or its files can be downloaded, each as a part of the upload.

use bytes::Bytes;
use http::{HeaderValue, Request, StatusCode};
use http_body_util::Full;
use serde_json::Value;

use super::emulated::{CUSTOMER, ORDER, emulator, request, send};
use super::in_memory::run;

/// The first line is the content type, the rest the body.
pub fn check(input: &[u8]) {
    let Some(end) = input.iter().position(|byte| *byte == b'\n') else { return };
    let Ok(content_type) = HeaderValue::from_bytes(&input[..end]) else { return };
    let body = &input[end + 1..];
    run(async {
        let emulator = emulator();
        let order = format!("/v1/customers/{CUSTOMER}/orders/{ORDER}");
        let mut upload: Request<Full<Bytes>> =
            request(&emulator, format!("POST {order}/attachment").as_bytes()).expect("a request");
        upload.headers_mut().insert("content-type", content_type);
        *upload.body_mut() = Full::new(Bytes::copy_from_slice(body));
        if send(&emulator, upload).await.0 != StatusCode::CREATED {
            return;
        }
        let list = request(&emulator, format!("GET {order}/attachments").as_bytes()).expect("a request");
        let list = send(&emulator, list).await.1;
        let list: Value = serde_json::from_slice(list.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&list)).expect("JSON");
        let files = list["items"].as_array().expect("a list");
        assert!(!files.is_empty());
        for file in files {
            let id = file["attachmentId"].as_str().expect("an id");
            let download = request(&emulator, format!("GET {order}/attachment/{id}").as_bytes()).expect("a request");
            let (status, content) = send(&emulator, download).await;
            assert_eq!(status, StatusCode::OK);
            assert!(
                content.is_empty() || body.windows(content.len()).any(|window| window == content),
                "the file was not part of the upload"
            );
        }
    });
}
