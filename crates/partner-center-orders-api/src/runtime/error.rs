//! The errors of generated calls.

use std::borrow::Cow;
use std::fmt;

use bytes::Bytes;
use reqwest::StatusCode;
use reqwest::header::HeaderMap;

use super::{DecodeError, Escaped, RawResponse, ResponseValue, TransportError};

/// A generated call failed. `E` is the type of the contract's error responses.
#[derive(Debug)]
#[non_exhaustive]
pub enum Error<E = ()> {
    /// Nothing was sent: a parameter is missing or wrong.
    InvalidRequest(String),
    /// The transport failed: no response came, or an incomplete one.
    Transport(TransportError),
    /// An error response came, in a form that the contract knows.
    ErrorResponse(Box<ResponseValue<E>>),
    /// A response came whose body doesn't conform to the contract: a gateway's page, an empty body, or a payload of another
    /// shape. After a write, the service may well have acted.
    InvalidResponse(Box<InvalidResponse>),
    /// A response came with a status outside the contract, such as a redirect.
    UnexpectedResponse(Box<RawResponse>),
}

/// A response whose body can't be read, with everything that was received. `Debug` shows neither headers nor body.
#[non_exhaustive]
pub struct InvalidResponse {
    /// The HTTP status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body as received.
    pub body: Bytes,
    /// The reason and the position of the failure to decode it.
    pub error: DecodeError,
}

impl InvalidResponse {
    pub(crate) fn new(status: StatusCode, headers: HeaderMap, body: Bytes, error: DecodeError) -> Self {
        Self { status, headers, body, error }
    }

    /// The body as text, with replacement characters for invalid UTF-8.
    pub fn text(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(&self.body)
    }
}

impl fmt::Debug for InvalidResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InvalidResponse")
            .field("status", &self.status)
            .field("body_length", &self.body.len())
            .field("error", &self.error)
            .finish_non_exhaustive()
    }
}

impl<E> Error<E> {
    /// The HTTP status, if a response came, though its body may be incomplete.
    pub fn status(&self) -> Option<StatusCode> {
        match self {
            Self::InvalidRequest(_) => None,
            Self::Transport(error) => error.status(),
            Self::ErrorResponse(response) => Some(response.status()),
            Self::InvalidResponse(response) => Some(response.status),
            Self::UnexpectedResponse(response) => Some(response.status()),
        }
    }

    /// The headers, if a response came, though its body may be incomplete.
    pub fn headers(&self) -> Option<&HeaderMap> {
        match self {
            Self::InvalidRequest(_) => None,
            Self::Transport(error) => error.headers(),
            Self::ErrorResponse(response) => Some(response.headers()),
            Self::InvalidResponse(response) => Some(&response.headers),
            Self::UnexpectedResponse(response) => Some(response.headers()),
        }
    }
}

impl<E> fmt::Display for Error<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InvalidRequest(problem) => write!(f, "the request was not sent: {}", Escaped(problem)),
            Self::Transport(error) => error.fmt(f),
            Self::ErrorResponse(response) => write!(f, "the service responded with {}", response.status()),
            Self::InvalidResponse(response) => {
                write!(f, "the body of the response with {} is invalid", response.status)
            }
            Self::UnexpectedResponse(response) => {
                write!(f, "unexpected response: the contract has no {}", response.status())
            }
        }
    }
}

impl<E: fmt::Debug> std::error::Error for Error<E> {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            // `Display` shows the transport's error, so the cause is the one of that.
            Self::Transport(error) => error.source(),
            Self::InvalidResponse(response) => Some(&response.error),
            Self::InvalidRequest(_) | Self::ErrorResponse(_) | Self::UnexpectedResponse(_) => None,
        }
    }
}

impl<E> From<TransportError> for Error<E> {
    fn from(error: TransportError) -> Self {
        Self::Transport(error)
    }
}
