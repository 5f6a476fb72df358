//! Query parameters.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_encode};

/// The characters that a query is written with escapes for, as browsers write forms.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'*').remove(b'-').remove(b'.').remove(b'_');

/// Appends a name or a value to a query.
pub(super) fn escape(text: &str, query: &mut String) {
    // An escape is a piece of its own, so this is a blank and nothing else.
    query.extend(percent_encode(text.as_bytes(), ESCAPED).map(|piece| if piece == "%20" { "+" } else { piece }));
}
