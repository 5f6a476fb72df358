//! Headers that the contract lists as parameters although no caller sets them.

/// Headers that the transport sets from the options of a call; see `runtime::CallOptions`.
const TRANSPORT_HEADERS: [&str; 6] =
    ["ms-requestid", "ms-correlationid", "x-locale", "ms-contract-version", "ms-partnercenter-application", "ms-cv"];

/// Whether the transport sets the header of that name.
pub fn is_transport_header(name: &str) -> bool {
    TRANSPORT_HEADERS.contains(&name.to_ascii_lowercase().as_str())
}
