//! The identity platform: tokens, the endpoints that issue them, and their validation by the API.

pub(crate) mod assertion;
mod authorize_endpoint;
mod bounded_map;
pub(crate) mod call;
mod discovery;
pub(crate) mod endpoints;
pub(crate) mod jwt;
pub(crate) mod platform;
pub(crate) mod responses;
mod token_endpoint;
mod token_error;
pub(crate) mod tokens;
