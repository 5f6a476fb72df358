//! The runtime of the generated client: the seam between a call and the transport that sends it.
//!
//! A generated builder makes a [`reqwest::Request`] and passes it, with its [`OperationInfo`], to the client's
//! [`SharedTransport`], and that to a [`Transport`], which sends it, perhaps several times, and returns a [`RawResponse`] or
//! a [`TransportError`] that reaches the caller unchanged. [`HttpTransport`] is the simplest transport: one attempt.

mod byte_stream;
mod decode;
mod error;
mod escaped;
mod extra;
mod hooks;
mod http_transport;
mod object;
mod operation;
mod path;
mod payload;
mod query;
mod raw;
mod raw_response;
mod read;
mod reader;
mod response;
#[cfg(feature = "rustls")]
mod tls;
mod transport;
mod transport_error;
mod written;

pub use byte_stream::ByteStream;
pub use decode::{DecodeError, decode, decode_first, decode_payload};
pub use error::{Error, InvalidResponse};
pub use escaped::Escaped;
pub(crate) use extra::KeptMembers;
pub use extra::{Extra, ExtraIter, ExtraValue};
pub use hooks::{ClientHooks, ClientInfo};
pub use http_transport::HttpTransport;
pub(crate) use object::{Members, Name, Names};
pub use operation::{BodyKind, OperationInfo};
pub use path::{InvalidSegment, encode_path};
pub use payload::Payload;
pub use query::QueryParam;
pub(crate) use raw::{Append, Raw};
pub use raw_response::RawResponse;
pub(crate) use read::ReadMembers;
pub use reader::{Reader, Rejected};
pub use response::ResponseValue;
#[cfg(feature = "rustls")]
pub use tls::{TlsError, TlsSettings};
pub use transport::{CallOptions, SharedTransport, Transport, TransportFuture};
pub use transport_error::{TransportError, TransportErrorKind};
pub(crate) use written::{MemberSink, Object, write_object};
