//! From a response to its value, or to the error that keeps it.

use std::future::poll_fn;
use std::pin::Pin;

use bytes::Bytes;

use super::form::{Body, Form};
use super::raw_response::Head;
use super::{Error, InvalidResponse, Payload, RawResponse, ResponseValue};

impl<T: Payload> ResponseValue<T> {
    /// Reads and decodes the body.
    ///
    /// # Errors
    /// When the body breaks off, or can't be read as `T`: then the error has status, headers and body.
    pub fn from_response<E>(response: RawResponse) -> impl Future<Output = Result<Self, Error<E>>> {
        let mut parts = response.into_parts();
        // No `async` block: it would hold the response twice.
        poll_fn(move |context| {
            Pin::new(&mut parts).poll(context).map(|parts| {
                let (head, body) = parts.map_err(Error::Transport)?;
                Self::decoded(head, body)
            })
        })
    }

    /// Decodes the body of a response that has arrived.
    pub(super) fn decoded<E>(head: Head, body: Bytes) -> Result<Self, Error<E>> {
        Self::read_as::<Body<T>, E>(head, body)
    }
}

impl<T> ResponseValue<T> {
    /// Reads a response that has arrived and has that form.
    pub(super) fn read_as<F: Form<Value = T>, E>(head: Head, body: Bytes) -> Result<Self, Error<E>> {
        match F::read(head.status, &head.headers, &body) {
            Ok(value) => {
                let raw = (!head.status.is_success()).then_some(body);
                Ok(Self::new(value, head, raw))
            }
            Err(error) => {
                let Head { status, headers, .. } = head;
                Err(Error::InvalidResponse(Box::new(InvalidResponse::new(status, headers, body, error))))
            }
        }
    }
}
