//! Responses in the form that the service's have.

use std::io::Write as _;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use flate2::Compression;
use flate2::write::GzEncoder;
use http::header::{ACCEPT_ENCODING, CONTENT_ENCODING, DATE, HeaderName, HeaderValue, VARY};
use http::{HeaderMap, Response};
use uuid::Uuid;

use crate::dispatch::{CORRELATION_ID, REQUEST_ID};
use crate::random::Random;
use crate::settings::Settings;
use crate::wire::body::ResponseBody;
use crate::wire::dates;
use crate::wire::response::BufferedResponse;

const CORRELATION_VECTOR: HeaderName = HeaderName::from_static("ms-cv");
const SERVER_ID: HeaderName = HeaderName::from_static("ms-serverid");
const LOCALE: HeaderName = HeaderName::from_static("x-locale");
const REQUEST_CONTEXT: HeaderName = HeaderName::from_static("request-context");

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Converts a response to an HTTP response, written the way the service writes it.
pub(crate) fn to_http(
    request: &HeaderMap,
    response: BufferedResponse,
    settings: &Settings,
    now: DateTime<Utc>,
) -> Response<ResponseBody> {
    let BufferedResponse { status, mut headers, mut content, is_api_json } = response;
    if is_api_json && settings.bom {
        content = [BYTE_ORDER_MARK, &content].concat().into();
    }
    if is_api_json && settings.gzip && accepts_gzip(request) && !content.is_empty() {
        content = compressed(&content);
        headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        headers.insert(VARY, HeaderValue::from_static("Accept-Encoding"));
    }
    insert(&mut headers, DATE, &dates::http(now));
    let mut response = Response::new(ResponseBody::whole(content));
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    response
}

/// Adds the headers of every API response: the request's ids or new ones, and the service's own.
pub(crate) fn add_own_headers(response: &mut HeaderMap, request: &HeaderMap, random: &mut Random, is_cart: bool) {
    for name in [REQUEST_ID, CORRELATION_ID] {
        let made = random.uuid();
        let given = request.get(&name).and_then(|value| Uuid::try_parse(value.to_str().ok()?.trim()).ok());
        insert(response, name, &given.unwrap_or(made).to_string());
    }
    insert(response, CORRELATION_VECTOR, &format!("{}.0", random.opaque::<12>()));
    insert(response, SERVER_ID, "partner-center-emulator");
    // Documented samples of carts have the locale twice.
    insert(response, LOCALE, if is_cart { "en-US,en-US" } else { "en-US" });
    insert(response, REQUEST_CONTEXT, "appId=cid-v1:6f1d0c52-87e3-4b9a-a0d4-25c9be71f380");
}

fn insert(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}

fn accepts_gzip(request: &HeaderMap) -> bool {
    let codings = request.get_all(ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    codings.flat_map(|value| value.split(',')).any(|coding| {
        let mut parts = coding.split(';').map(str::trim);
        let is_gzip = parts.next().is_some_and(|name| name.eq_ignore_ascii_case("gzip") || name == "*");
        let is_rejected =
            parts.any(|part| part.strip_prefix("q=").is_some_and(|q| q.parse::<f32>().is_ok_and(|q| q <= 0.0)));
        is_gzip && !is_rejected
    })
}

fn compressed(content: &Bytes) -> Bytes {
    let mut encoder = GzEncoder::new(Vec::with_capacity(content.len() / 4), Compression::fast());
    match encoder.write_all(content).and_then(|()| encoder.finish()) {
        Ok(compressed) => compressed.into(),
        // Writing to memory doesn't fail.
        Err(_) => content.clone(),
    }
}
