//! Path segments and queries.

use percent_encoding::percent_decode_str;

/// Returns the segments of a path, each decoded separately, so that an encoded slash stays in its segment.
///
/// A trailing slash is ignored, since some of the service's own links have one. `None` if a segment is malformed.
pub(crate) fn segments(path: &str) -> Option<Vec<String>> {
    let path = path.strip_prefix('/')?;
    let path = path.strip_suffix('/').unwrap_or(path);
    path.split('/').map(decode).collect()
}

fn decode(segment: &str) -> Option<String> {
    let mut rest = segment.as_bytes();
    while let Some(position) = rest.iter().position(|byte| *byte == b'%') {
        let digits = rest.get(position + 1..position + 3)?;
        if !digits.iter().all(u8::is_ascii_hexdigit) {
            return None;
        }
        rest = &rest[position + 3..];
    }
    let decoded = percent_decode_str(segment).decode_utf8().ok()?;
    (!decoded.chars().any(char::is_control)).then(|| decoded.into_owned())
}

/// A query or form, with case-insensitive names.
#[derive(Clone, Debug, Default)]
pub(crate) struct Pairs(Vec<(String, String)>);

impl Pairs {
    pub(crate) fn read(bytes: &[u8]) -> Self {
        Self(form_urlencoded::parse(bytes).into_owned().collect())
    }

    /// Returns the last value of this name.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().rev().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn segments_are_decoded_one_by_one() {
        assert_eq!(segments("/v1/a%2Fb/c%20d/").unwrap(), ["v1", "a/b", "c d"]);
    }

    #[test]
    fn malformed_segments_are_rejected() {
        for path in ["/a%", "/a%4", "/a%zz", "/%ff", "/a%00b", "/%0d%0a", "no/slash"] {
            assert_eq!(segments(path), None, "{path}");
        }
    }

    #[test]
    fn names_of_a_query_are_case_insensitive() {
        let query = Pairs::read(b"Include_Price=True&billingType=one+time");
        assert_eq!((query.get("include_price"), query.get("BILLINGTYPE")), (Some("True"), Some("one time")));
    }
}
