//! The tokens of JSON pointers (RFC 6901). Nearly all of them are the keys themselves.

use std::borrow::Cow;

/// The token for a key.
pub fn escaped(key: &str) -> Cow<'_, str> {
    if key.contains(['~', '/']) { Cow::Owned(key.replace('~', "~0").replace('/', "~1")) } else { Cow::Borrowed(key) }
}

/// The key that a token encodes.
pub fn unescaped(token: &str) -> Cow<'_, str> {
    if token.contains('~') { Cow::Owned(token.replace("~1", "/").replace("~0", "~")) } else { Cow::Borrowed(token) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_lead_back_to_their_keys() {
        for (key, token) in [("id", "id"), ("/a/{b}", "~1a~1{b}"), ("x~y", "x~0y"), ("~1", "~01"), ("", "")] {
            assert_eq!((escaped(key), unescaped(token)), (token.into(), key.into()));
        }
    }
}
