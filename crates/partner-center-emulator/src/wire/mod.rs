//! Wire formats: bodies, dates, members, paths.

pub(crate) mod body;
pub(crate) mod dates;
pub(crate) mod depth;
pub(crate) mod members;
pub(crate) mod multipart;
pub(crate) mod names;
pub(crate) mod path;
pub(crate) mod response;

/// Serializes bytes as base64 text.
pub(crate) mod base64_bytes {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    use bytes::Bytes;
    use serde::{Deserialize, Deserializer, Serializer, de};

    pub(crate) fn serialize<S: Serializer>(bytes: &Bytes, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&STANDARD.encode(bytes))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Bytes, D::Error> {
        STANDARD.decode(String::deserialize(deserializer)?).map(Bytes::from).map_err(de::Error::custom)
    }
}
