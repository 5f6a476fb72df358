//! A response before it is sent.

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use http::{HeaderMap, StatusCode};
use serde::Serialize;

use crate::error_response::ErrorResponse;
use crate::settings::CodeForm;

/// A response that is held whole: status, headers of its own, content.
#[derive(Clone, Debug)]
pub(crate) struct BufferedResponse {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) content: Bytes,
    /// Whether the content is JSON of the API, which is sent with a byte order mark and compressed as the settings say.
    pub(crate) is_api_json: bool,
}

/// The body of an error response, in the recorded shape.
#[derive(Serialize)]
struct Fault<'a> {
    code: Code,
    description: &'a str,
    data: &'a [String],
    source: &'static str,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Code {
    Number(u32),
    Text(String),
}

impl BufferedResponse {
    pub(crate) fn empty(status: StatusCode) -> Self {
        Self { status, headers: HeaderMap::new(), content: Bytes::new(), is_api_json: false }
    }

    /// Returns a response with JSON of the API.
    pub(crate) fn json(status: StatusCode, body: &impl Serialize) -> Self {
        Self { is_api_json: true, ..Self::plain_json(status, body) }
    }

    /// Returns a response with other JSON: of the identity platform or the control endpoint.
    pub(crate) fn plain_json(status: StatusCode, body: &impl Serialize) -> Self {
        match serde_json::to_vec(body) {
            Ok(json) => Self::bytes(status, HeaderValue::from_static("application/json; charset=utf-8"), json.into()),
            // The emulator's types can all be serialized.
            Err(_) => Self::empty(StatusCode::INTERNAL_SERVER_ERROR),
        }
    }

    pub(crate) fn bytes(status: StatusCode, content_type: HeaderValue, content: Bytes) -> Self {
        let mut response = Self { content, ..Self::empty(status) };
        response.headers.insert(CONTENT_TYPE, content_type);
        response
    }

    pub(crate) fn text(status: StatusCode, content_type: &'static str, text: impl Into<Bytes>) -> Self {
        Self::bytes(status, HeaderValue::from_static(content_type), text.into())
    }

    pub(crate) fn error(error: &ErrorResponse, form: CodeForm) -> Self {
        let fault = Fault {
            code: match form {
                CodeForm::Number => Code::Number(error.code),
                CodeForm::Text => Code::Text(error.code.to_string()),
            },
            description: &error.description,
            data: &error.data,
            source: "PartnerFD",
        };
        Self::json(error.status, &fault)
    }

    pub(crate) fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.insert(name, value);
        self
    }

    /// Adds a header. A value that is not valid in a header is left out.
    pub(crate) fn with_text_header(self, name: HeaderName, value: &str) -> Self {
        match HeaderValue::from_str(value) {
            Ok(value) => self.with_header(name, value),
            Err(_) => self,
        }
    }
}
