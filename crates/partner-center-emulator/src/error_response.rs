//! Error responses of the API.

use std::borrow::Cow;

use http::StatusCode;

/// An error response: an `ApiFault` with its HTTP status.
#[derive(Clone, Debug)]
pub(crate) struct ErrorResponse {
    pub(crate) status: StatusCode,
    pub(crate) code: u32,
    pub(crate) description: Cow<'static, str>,
    /// The members that are wrong, if any.
    pub(crate) data: Vec<String>,
}

impl ErrorResponse {
    pub(crate) fn new(status: StatusCode, code: u32, description: impl Into<Cow<'static, str>>) -> Self {
        Self { status, code, description: description.into(), data: Vec::new() }
    }

    pub(crate) fn bad_request(code: u32, description: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code, description)
    }

    pub(crate) fn forbidden(code: u32, description: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::FORBIDDEN, code, description)
    }

    pub(crate) fn not_found(code: u32, description: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::NOT_FOUND, code, description)
    }

    pub(crate) fn conflict(code: u32, description: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::CONFLICT, code, description)
    }

    pub(crate) fn unauthorized(code: u32, description: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, code, description)
    }

    /// An invalid value, with the name of its member.
    pub(crate) fn invalid(member: impl Into<String>, why: impl Into<Cow<'static, str>>) -> Self {
        Self { data: vec![member.into()], ..Self::bad_request(2000, why) }
    }

    pub(crate) fn order_not_found() -> Self {
        Self::not_found(20000, "There is no order with this id.")
    }

    pub(crate) fn no_relationship() -> Self {
        Self::forbidden(20002, "The caller has no relationship with this customer.")
    }

    pub(crate) fn subscription_not_found() -> Self {
        Self::not_found(20003, "There is no subscription with this id.")
    }

    pub(crate) fn cart_not_found() -> Self {
        Self::not_found(800_008, "The cart can't be retrieved.")
    }

    pub(crate) fn unknown_address() -> Self {
        Self::not_found(1000, "There is no resource at this address.")
    }

    pub(crate) fn enum_not_parsable(member: impl Into<String>) -> Self {
        Self { data: vec![member.into()], ..Self::bad_request(900_126, "The value is not one of the enum.") }
    }
}
