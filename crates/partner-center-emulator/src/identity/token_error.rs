//! Why no token is issued.

use http::StatusCode;

/// An OAuth error: why no token is issued.
pub(super) struct TokenError {
    pub(super) status: StatusCode,
    pub(super) error: &'static str,
    pub(super) code: u32,
    pub(super) why: &'static str,
}

impl TokenError {
    pub(super) const fn new(error: &'static str, code: u32, why: &'static str) -> Self {
        Self { status: StatusCode::BAD_REQUEST, error, code, why }
    }

    pub(super) const fn of_client(code: u32, why: &'static str) -> Self {
        Self { status: StatusCode::UNAUTHORIZED, error: "invalid_client", code, why }
    }
}
