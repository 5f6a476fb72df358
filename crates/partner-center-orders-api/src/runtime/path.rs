//! Path parameters.

use std::borrow::Cow;

use percent_encoding::{AsciiSet, CONTROLS, percent_encode};

use super::Escaped;

/// The characters that a path segment can't contain (RFC 3986), and `%`, which would be read as an escape.
pub(super) const ESCAPED: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b'/')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'[')
    .add(b'\\')
    .add(b']')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');

/// An id that would address another resource.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("invalid id `{}`: `.`, `..` and an empty text would address another resource", Escaped(.0))]
pub struct InvalidSegment(String);

impl InvalidSegment {
    pub(super) fn new(segment: &str) -> Self {
        Self(segment.to_owned())
    }
}

/// Whether resolving the URL would remove the segment. Escaping makes no other text into one of these.
pub(super) fn addresses_another(segment: &str) -> bool {
    matches!(segment, "" | "." | "..")
}

/// Escapes one segment of a path.
///
/// # Errors
/// For `.`, `..` and the empty text, which resolving the URL would remove.
///
/// ```
/// use partner_center_orders_api::runtime::encode_path;
///
/// assert_eq!(encode_path("a/b").unwrap(), "a%2Fb");
/// assert!(encode_path("..").is_err());
/// ```
pub fn encode_path(segment: &str) -> Result<Cow<'_, str>, InvalidSegment> {
    if addresses_another(segment) {
        return Err(InvalidSegment::new(segment));
    }
    Ok(percent_encode(segment.as_bytes(), ESCAPED).into())
}
