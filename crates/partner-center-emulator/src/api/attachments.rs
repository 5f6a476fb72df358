//! Purchase orders and tender files that belong to an order.

use bytes::Bytes;
use http::StatusCode;
use http::header::{CONTENT_DISPOSITION, CONTENT_TYPE, HeaderValue};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;

use super::call::{Call, CustomerContext};
use super::collection::Collection;
use crate::error_response::ErrorResponse;
use crate::state::orders::{Attachment, AttachmentKind};
use crate::wire::members::{Members, parse};
use crate::wire::multipart::{self, Part};
use crate::wire::response::BufferedResponse;

/// An attachment as the service writes it: without attributes of its own (documented sample).
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Shown<'a> {
    attachment_id: &'a str,
    file_name: &'a str,
    #[serde(rename = "sizeInKB")]
    size_in_kb: usize,
    attachment_type: AttachmentKind,
}

fn shown(attachment: &Attachment) -> Shown<'_> {
    Shown {
        attachment_id: &attachment.id,
        file_name: &attachment.file_name,
        size_in_kb: attachment.content.len().div_ceil(1024),
        attachment_type: attachment.kind,
    }
}

pub(super) fn list(context: &CustomerContext<'_>, call: &Call<'_>) -> Result<BufferedResponse, ErrorResponse> {
    let record = context.customer.orders.get(call.parameter(1)).ok_or_else(ErrorResponse::order_not_found)?;
    let items: Vec<_> = record.attachments.iter().map(shown).collect();
    Ok(BufferedResponse::json(StatusCode::OK, &Collection::new(items)))
}

pub(super) fn upload(context: &mut CustomerContext<'_>, call: &Call<'_>) -> Result<BufferedResponse, ErrorResponse> {
    let stored: usize =
        context.customer.orders.iter().flat_map(|record| &record.attachments).map(|file| file.content.len()).sum();
    if context.customer.orders.get(call.parameter(1)).is_none() {
        return Err(ErrorResponse::order_not_found());
    }
    let parts = parts(call)?;
    let files = files(&parts)?;
    let size: usize = files.iter().map(|(_, part)| part.content.len()).sum();
    if stored + size > call.settings.attachment_store_limit {
        return Err(ErrorResponse::bad_request(2000, "The store for attachments is full."));
    }
    let new: Vec<Attachment> = files
        .into_iter()
        .map(|(kind, part)| Attachment {
            id: context.random.twelve_hex(),
            file_name: part.file_name.clone().unwrap_or_else(|| "file".to_owned()),
            kind,
            content: part.content.clone(),
        })
        .collect();
    let response = BufferedResponse::json(StatusCode::CREATED, &Collection::new(new.iter().map(shown).collect()));
    if let Some(record) = context.customer.orders.get_mut(call.parameter(1)) {
        if record.order.status.as_deref() == Some("pending_po_upload") {
            record.order.status = Some("po_upload_complete".to_owned());
        }
        record.attachments.extend(new);
        context.effects.count("attachmentsUploaded");
    }
    Ok(response)
}

fn parts(call: &Call<'_>) -> Result<Vec<Part>, ErrorResponse> {
    let content_type = call.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let boundary = multipart::boundary(content_type).ok_or_else(|| {
        ErrorResponse::bad_request(2000, "The content type must be multipart/form-data with a boundary.")
    })?;
    multipart::parse(call.body, &boundary)
        .ok_or_else(|| ErrorResponse::bad_request(2000, "The body is not valid multipart."))
}

/// Returns the files of an upload and their kinds. Sources differ in the names of parts, so they are matched
/// case-insensitively, and both names of tender files are accepted.
fn files(parts: &[Part]) -> Result<Vec<(AttachmentKind, &Part)>, ErrorResponse> {
    let named = |name: &str| parts.iter().filter(move |part| part.name.eq_ignore_ascii_case(name)).collect::<Vec<_>>();
    let metadata = named("metadata");
    let [metadata] = metadata.as_slice() else {
        return Err(rejected(900_254, "metadata", "The upload must have one part named metadata."));
    };
    let purchase_orders = named("POFiles");
    if purchase_orders.is_empty() {
        return Err(rejected(900_252, "POFiles", "The upload must have at least one purchase order."));
    }
    let mut tender = named("TenderFiles");
    tender.extend(named("Tender"));
    let needs_tender_files =
        needs_tender_files(&metadata.content).map_err(|error| ErrorResponse { code: 900_254, ..error })?;
    if needs_tender_files && tender.is_empty() {
        return Err(rejected(900_253, "tenderLink", "A tender must have a link or files."));
    }
    let purchase_orders = purchase_orders.into_iter().map(|part| (AttachmentKind::PurchaseOrder, part));
    Ok(purchase_orders.chain(tender.into_iter().map(|part| (AttachmentKind::Tender, part))).collect())
}

fn rejected(code: u32, name: &str, why: &'static str) -> ErrorResponse {
    ErrorResponse { code, ..ErrorResponse::invalid(name, why) }
}

/// Validates the metadata of an upload. Returns whether they are of a tender without a link.
fn needs_tender_files(metadata: &[u8]) -> Result<bool, ErrorResponse> {
    let body = parse(metadata)?;
    let body = Members::of_body(&body)?;
    body.required_text("currency")?;
    body.amount("customerPrice")?;
    if body.get("customerPrice").is_none() {
        return Err(body.invalid("customerPrice", "A required member is missing."));
    }
    body.amount("fxRate")?;
    let has_link = body.text("tenderLink")?.is_some_and(|link| !link.is_empty());
    Ok(body.boolean("isPartOfTender")? == Some(true) && !has_link)
}

/// Returns a file as it was uploaded, byte for byte.
pub(super) fn download(context: &CustomerContext<'_>, call: &Call<'_>) -> Result<BufferedResponse, ErrorResponse> {
    let record = context.customer.orders.get(call.parameter(1)).ok_or_else(ErrorResponse::order_not_found)?;
    let attachment = record
        .attachments
        .iter()
        .find(|attachment| attachment.id.eq_ignore_ascii_case(call.parameter(2)))
        .ok_or_else(|| ErrorResponse::not_found(1000, "The order has no such attachment."))?;
    let name = utf8_percent_encode(&attachment.file_name, NON_ALPHANUMERIC);
    let content_type = HeaderValue::from_static("application/octet-stream");
    Ok(BufferedResponse::bytes(StatusCode::OK, content_type, attachment.content.clone())
        .with_text_header(CONTENT_DISPOSITION, &format!("attachment; filename*=UTF-8''{name}")))
}

/// Returns a digest of the parts of an upload, independent of the boundary.
pub(crate) fn fingerprint(content_type: &str, body: &Bytes) -> Option<Vec<u8>> {
    let parts = multipart::parse(body, &multipart::boundary(content_type)?)?;
    let mut digest = ring::digest::Context::new(&ring::digest::SHA256);
    for part in parts {
        for field in [part.name.as_bytes(), part.file_name.as_deref().unwrap_or_default().as_bytes(), &part.content] {
            digest.update(&(field.len() as u64).to_le_bytes());
            digest.update(field);
        }
    }
    Some(digest.finish().as_ref().to_vec())
}
