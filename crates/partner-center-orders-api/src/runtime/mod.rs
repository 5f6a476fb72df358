//! The runtime of the generated client: the seam between a call and the transport that sends it.
//!
//! A generated builder states the parts of its request. They become a [`reqwest::Request`], which goes with its
//! [`OperationInfo`] to the client's [`SharedTransport`], and from there to a [`Transport`], which sends it, perhaps several
//! times, and returns a [`RawResponse`] or a [`TransportError`] that reaches the caller unchanged. [`HttpTransport`] is the
//! simplest transport: one attempt.

mod byte_stream;
mod decode;
mod error;
mod escaped;
mod extra;
pub(crate) mod form;
mod http_transport;
mod member_name;
pub(crate) mod members;
mod object;
mod operation;
mod path;
mod payload;
mod query;
mod raw;
mod raw_response;
mod read;
mod reader;
mod receive;
mod request;
mod response;
pub(crate) mod shown;
mod success;
#[cfg(feature = "rustls")]
mod tls;
mod transport;
mod transport_error;
mod whole;
pub(crate) mod written;

pub use byte_stream::ByteStream;
pub use decode::{DecodeError, decode, decode_first, decode_payload};
pub use error::{Error, InvalidResponse};
pub use escaped::Escaped;
pub(crate) use extra::KeptMembers;
pub use extra::{Extra, ExtraIter, ExtraValue};
pub use http_transport::HttpTransport;
pub(crate) use object::{Members, Name, Names};
pub use operation::{BodyKind, OperationInfo};
pub use path::{InvalidSegment, encode_path};
pub use payload::Payload;
pub(crate) use raw::{Append, Raw};
pub use raw_response::RawResponse;
pub(crate) use read::ReadMembers;
pub use reader::{Reader, Rejected};
pub(crate) use request::Request;
pub use response::ResponseValue;
pub use success::{Accepted, Success};
#[cfg(feature = "rustls")]
pub use tls::{TlsError, TlsSettings};
pub use transport::{CallOptions, SharedTransport, Transport, TransportFuture};
pub use transport_error::{TransportError, TransportErrorKind};
use whole::Whole;
