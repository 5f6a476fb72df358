//! The forms that the successes of an operation have: with a body or without, done or accepted.

use std::marker::PhantomData;

use bytes::Bytes;
use reqwest::StatusCode;
use reqwest::header::{HeaderMap, LOCATION};

use super::decode::decode_boxed;
use super::{Accepted, DecodeError, Payload, Success};

/// How a success is read.
pub(crate) trait Form {
    /// The result.
    type Value;

    /// Reads a success that has arrived.
    fn read(status: StatusCode, headers: &HeaderMap, body: &Bytes) -> Result<Box<Self::Value>, DecodeError>;
}

/// A body that is always there.
pub(crate) struct Body<T>(PhantomData<T>);

impl<T: Payload> Form for Body<T> {
    type Value = T;

    fn read(_: StatusCode, _: &HeaderMap, body: &Bytes) -> Result<Box<T>, DecodeError> {
        decode_boxed(body)
    }
}

/// A body that may be missing.
pub(crate) struct OptionalBody<T>(PhantomData<T>);

impl<T: Payload> Form for OptionalBody<T> {
    type Value = Option<T>;

    fn read(_: StatusCode, _: &HeaderMap, body: &Bytes) -> Result<Box<Option<T>>, DecodeError> {
        match decode_boxed(body) {
            Ok(value) => Ok(Box::new(Some(*value))),
            Err(error) if error.is_empty_body() => Ok(Box::new(None)),
            Err(error) => Err(error),
        }
    }
}

/// No body; if there is one, it is ignored.
#[allow(dead_code, reason = "used by contracts whose only successes are without a body, one of them 202")]
pub(crate) struct NoBody;

impl Form for NoBody {
    type Value = ();

    fn read(_: StatusCode, _: &HeaderMap, _: &Bytes) -> Result<Box<()>, DecodeError> {
        Ok(Box::new(()))
    }
}

/// Any of those, or 202: then the body may be missing or of another shape, which is no error, since the request is accepted.
pub(crate) struct MayBeAccepted<F>(PhantomData<F>);

impl<F: Form> Form for MayBeAccepted<F> {
    type Value = Success<F::Value>;

    fn read(status: StatusCode, headers: &HeaderMap, body: &Bytes) -> Result<Box<Self::Value>, DecodeError> {
        if status != StatusCode::ACCEPTED {
            return Ok(Box::new(Success::Done(*F::read(status, headers, body)?)));
        }
        let location = headers.get(LOCATION).map(|value| String::from_utf8_lossy(value.as_bytes()).into());
        let value = if body.is_empty() { None } else { F::read(status, headers, body).ok() };
        Ok(Box::new(Success::Accepted(Accepted::new(location, value, body.clone()))))
    }
}
