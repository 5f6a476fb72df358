//! Attachments: upload, list, download.

use reqwest::Method;
use reqwest::multipart::{Form, Part};
use serde_json::json;

use crate::support::{DOCUMENTED, TestResponse, TestServer, order, send};

const ORDER: &str = "YxH1q4KScfvfkJQjgRI8QY1DznnUWZTH1";
const METADATA: &str = r#"{"customerPrice": "1250.50", "currency": "USD", "isPartOfTender": false}"#;

fn metadata(text: &str) -> Part {
    Part::text(text.to_owned()).mime_str("application/json").unwrap()
}

fn file(content: &[u8]) -> Part {
    Part::bytes(content.to_vec()).file_name("the order.pdf").mime_str("application/pdf").unwrap()
}

async fn upload(server: &TestServer, form: Form) -> TestResponse {
    let path = format!("{}/attachment", order(DOCUMENTED, ORDER));
    send(server.request(Method::POST, &path).multipart(form)).await
}

#[tokio::test]
async fn files_are_returned_byte_for_byte() {
    let server = TestServer::new().await;
    let content: Vec<u8> = b"\xef\xbb\xbf\r\n--x\r\n".iter().copied().chain((0..=255).cycle().take(100_000)).collect();
    let form =
        Form::new().part("Metadata", metadata(METADATA)).part("pofiles", file(&content)).part("POFILES", file(b""));
    let stored = upload(&server, form).await.expect(201);
    assert_eq!(stored["totalCount"], 2);
    let first = &stored["items"][0];
    assert_eq!((&first["fileName"], &first["sizeInKB"]), (&json!("the order.pdf"), &json!(98)));
    let listed = server.get(&format!("{}/attachments", order(DOCUMENTED, ORDER))).await.expect(200);
    assert_eq!(listed["items"], stored["items"]);
    let address = format!("{}/attachment/{}", order(DOCUMENTED, ORDER), first["attachmentId"].as_str().unwrap());
    let back = server.get(&address).await;
    assert_eq!((back.raw == content, back.header("content-type")), (true, Some("application/octet-stream")));
}

#[tokio::test]
async fn attachments_have_a_kind_and_a_short_id() {
    let server = TestServer::new().await;
    let tender = r#"{"customerPrice": 1, "currency": "USD", "isPartOfTender": true}"#;
    let form = Form::new().part("metadata", metadata(tender)).part("POFiles", file(b"x")).part("Tender", file(b"y"));
    let stored = upload(&server, form).await.expect(201);
    let items = stored["items"].as_array().unwrap();
    let kinds: Vec<_> = items.iter().map(|item| item["attachmentType"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["POAttachment", "TenderAttachment"]);
    for item in items {
        let id = item["attachmentId"].as_str().unwrap();
        assert!(id.len() == 12 && id.bytes().all(|byte| byte.is_ascii_hexdigit()), "{id}");
        assert_eq!(item.get("attributes"), None);
    }
}

#[tokio::test]
async fn incomplete_uploads_are_rejected_with_the_documented_code() {
    let server = TestServer::new().await;
    let complete = |text: &str| Form::new().part("metadata", metadata(text)).part("POFiles", file(b"x"));
    for (form, code) in [
        (Form::new().part("metadata", metadata(METADATA)), 900_252),
        (complete(r#"{"customerPrice": 1, "currency": "USD", "isPartofTender": true}"#), 900_253),
        (Form::new().part("POFiles", file(b"x")), 900_254),
        (complete("{"), 900_254),
        (complete(r#"{"customerPrice": 1}"#), 900_254),
        (complete(r#"{"currency": "USD"}"#), 900_254),
        (complete(r#"{"customerPrice": "expensive", "currency": "USD"}"#), 900_254),
    ] {
        assert_eq!(upload(&server, form).await.status_and_code(), (400, code));
    }
    let tender = r#"{"CustomerPrice": 1, "Currency": "USD", "IsPartOfTender": true}"#;
    upload(&server, complete(tender).part("TenderFiles", file(b"y"))).await.expect(201);
    let link =
        r#"{"customerPrice": 1, "currency": "USD", "isPartOfTender": true, "tenderLink": "https://tender.example"}"#;
    upload(&server, complete(link)).await.expect(201);
}

#[tokio::test]
async fn unknown_orders_and_attachments_are_rejected() {
    let server = TestServer::new().await;
    let unknown = order(DOCUMENTED, "unknown");
    assert_eq!(server.get(&format!("{unknown}/attachments")).await.status_and_code(), (404, 20000));
    let path = format!("{}/attachment/0e5fc923", order(DOCUMENTED, ORDER));
    assert_eq!(server.get(&path).await.status_and_code(), (404, 1000));
}
