//! Query parameters.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_encode};

/// The characters that a query is written with escapes for, as browsers write forms.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'*').remove(b'-').remove(b'.').remove(b'_');

/// Appends a name or a value to a query.
pub(super) fn escape(text: &str, query: &mut String) {
    // An escape is a piece of its own, so this is a blank and nothing else.
    query.extend(percent_encode(text.as_bytes(), ESCAPED).map(|piece| if piece == "%20" { "+" } else { piece }));
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::escape;

    proptest! {
        #[test]
        fn any_text_is_escaped_as_in_a_form(text in any::<String>()) {
            let mut url = reqwest::Url::parse("http://127.0.0.1/").unwrap();
            url.query_pairs_mut().append_pair("name", &text);
            let mut query = "name=".to_owned();
            escape(&text, &mut query);
            prop_assert_eq!(url.query(), Some(query.as_str()));
            prop_assert_eq!(reqwest::Url::parse(&format!("http://127.0.0.1/?{query}")).unwrap(), url);
        }
    }
}
