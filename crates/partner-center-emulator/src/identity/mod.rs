//! The sign-in service: tokens, the endpoints that give them out, and what the API asks of them.

pub(crate) mod assertion;
pub(crate) mod endpoints;
pub(crate) mod jwt;
pub(crate) mod tokens;
