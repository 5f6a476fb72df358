//! The requests of generated calls: how they are written and sent, and how their responses are classified.
//!
//! A generated builder states what differs between operations; everything else is here, once, and not generic over them.

use std::fmt::{self, Display, Write};
use std::future::poll_fn;
use std::mem;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use percent_encoding::percent_encode;
use reqwest::header::{ACCEPT, CONTENT_LENGTH, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Body, Method, Url};
use serde::Serialize;

use super::form::{self, Form};
use super::path::{self, InvalidSegment};
use super::query;
use super::raw_response::{Head, Parts};
use super::{
    BodyKind, ByteStream, Error, OperationInfo, Payload, RawResponse, ResponseValue, SharedTransport, TransportError,
    TransportErrorKind, TransportFuture,
};
use crate::{Client, Operation};

const JSON: HeaderValue = HeaderValue::from_static("application/json");
const NOT_PLAIN: &str = "the base address contains a query, a fragment or credentials";

/// Room for the values of a path, which usually are two ids.
const VALUES: usize = 64;

/// The request of a call while its parts are written.
///
/// Path parameters are given in the order of the path. A part that is wrong is reported when the request is sent.
pub(crate) struct Request<'a> {
    client: &'a Client,
    operation: Operation,
    /// The address as far as it is written.
    url: String,
    /// What of the path is still to be written, from a path parameter to the next.
    path: &'static str,
    /// The character before the next query parameter.
    separator: char,
    headers: HeaderMap,
    body: Option<Body>,
    /// The first part that is wrong.
    problem: Option<Failure>,
}

impl<'a> Request<'a> {
    pub(crate) fn new(client: &'a Client, operation: Operation) -> Self {
        let path = operation.path_template();
        let mut url = String::with_capacity(client.base_url.len() + path.len() + VALUES);
        url.push_str(&client.base_url);
        let mut headers = HeaderMap::new();
        if operation.body_kind() == BodyKind::Json {
            headers.insert(ACCEPT, JSON);
        }
        // The rest of the address would become part of a query or a host name, and credentials would be sent with every call.
        let is_plain = !client.base_url.contains(['?', '#', '@']);
        let problem = (!is_plain).then(|| TransportError::with_source(TransportErrorKind::Request, NOT_PLAIN).into());
        Self { client, operation, url, path, separator: '?', headers, body: None, problem }
    }

    /// Writes the value of the next path parameter.
    pub(crate) fn segment(&mut self, value: &dyn Display) {
        let (before, rest) = self.path.split_once('{').unwrap_or((self.path, ""));
        self.url.push_str(before);
        self.path = rest.split_once('}').map_or("", |(_, rest)| rest);
        let start = self.url.len();
        write(&mut self.url, value, |text, url| url.extend(percent_encode(text.as_bytes(), path::ESCAPED)));
        let segment = &self.url[start..];
        if path::addresses_another(segment) {
            let problem = InvalidSegment::new(segment).to_string();
            self.reject(problem);
        }
    }

    /// Writes a query parameter that has a value.
    pub(crate) fn query<T: Display>(&mut self, name: &str, value: Option<&T>) {
        if let Some(value) = value {
            self.query_pair(name, value);
        }
    }

    fn query_pair(&mut self, name: &str, value: &dyn Display) {
        self.end_path();
        self.url.push(mem::replace(&mut self.separator, '&'));
        query::escape(name, &mut self.url);
        self.url.push('=');
        write(&mut self.url, value, query::escape);
    }

    /// Sets a header that has a value.
    pub(crate) fn header<T: Display>(&mut self, name: HeaderName, value: Option<&T>) {
        if let Some(value) = value {
            self.header_line(name, value.to_string());
        }
    }

    fn header_line(&mut self, name: HeaderName, value: String) {
        match HeaderValue::try_from(value) {
            Ok(value) => {
                self.headers.append(name, value);
            }
            Err(_) => {
                self.reject(format!("the value of the header `{name}` contains characters that HTTP doesn't allow"));
            }
        }
    }

    /// Sets a JSON body.
    pub(crate) fn json<T: Serialize>(&mut self, body: &T) {
        match serde_json::to_vec(body) {
            Ok(json) => {
                self.headers.insert(CONTENT_TYPE, JSON);
                self.body(json.into());
            }
            Err(error) => self.reject(format!("the body can't be written: {error}")),
        }
    }

    /// Sets a body of any media type.
    pub(crate) fn body(&mut self, body: Body) {
        self.body = Some(body);
    }

    /// Sends the request once the future is awaited, and decodes the response, whose successes all have a body.
    pub(crate) fn send<T: Payload, E: Payload>(
        self,
    ) -> impl Future<Output = Result<ResponseValue<T>, Error<E>>> + Send + use<'a, T, E> {
        self.send_as::<form::Body<T>, E>()
    }

    /// Sends the request once the future is awaited, and reads the response, whose successes have that form.
    pub(crate) fn send_as<F: Form, E: Payload>(
        self,
    ) -> impl Future<Output = Result<ResponseValue<F::Value>, Error<E>>> + Send + use<'a, F, E> {
        let mut exchange = self.build(BodyKind::Json);
        // No `async` block: it would hold the exchange twice.
        poll_fn(move |context| {
            exchange.poll_whole(context).map(|whole| match whole {
                Ok((head, body)) => ResponseValue::read_as::<F, E>(head, body),
                Err(failure) => Err(failure.into_error()),
            })
        })
    }

    /// Sends the request once the future is awaited, and leaves the response's body to the caller.
    pub(crate) fn stream<E: Payload>(
        self,
    ) -> impl Future<Output = Result<ResponseValue<ByteStream>, Error<E>>> + Send + use<'a, E> {
        let mut exchange = self.build(BodyKind::Stream);
        poll_fn(move |context| {
            exchange.poll_response(context).map(|response| match response {
                Ok(response) => Ok(ResponseValue::stream(response)),
                Err(failure) => Err(failure.into_error()),
            })
        })
    }

    fn end_path(&mut self) {
        debug_assert!(!self.path.contains('{'), "{} lacks a path parameter", self.operation);
        self.url.push_str(mem::take(&mut self.path));
    }

    fn reject(&mut self, problem: String) {
        self.problem.get_or_insert(Failure::Invalid(problem));
    }

    fn build(mut self, body: BodyKind) -> Exchange<'a> {
        self.end_path();
        let Self { client, operation, url, mut headers, body: content, problem, .. } = self;
        let state = match problem.map_or_else(|| address(&url), Err) {
            Ok(url) => {
                let mut request = reqwest::Request::new(operation.method(), url);
                // As the documented checkout has it.
                if content.is_none() && matches!(*request.method(), Method::POST | Method::PUT | Method::PATCH) {
                    headers.insert(CONTENT_LENGTH, HeaderValue::from_static("0"));
                }
                *request.headers_mut() = headers;
                *request.body_mut() = content;
                State::Built(request)
            }
            Err(failure) => State::Rejected(failure),
        };
        Exchange { transport: &client.transport, operation: OperationInfo { operation, body }, state }
    }
}

fn address(url: &str) -> Result<Url, Failure> {
    let problem = match Url::parse(url) {
        Ok(url) if url.has_host() => return Ok(url),
        Ok(_) => "it has no host".to_owned(),
        Err(error) => error.to_string(),
    };
    Err(Failure::Invalid(format!("the base address is invalid: {problem}")))
}

/// Writes a value piece by piece, each escaped.
fn write(url: &mut String, value: &dyn Display, escape: fn(&str, &mut String)) {
    struct Escaping<'a>(&'a mut String, fn(&str, &mut String));
    impl Write for Escaping<'_> {
        fn write_str(&mut self, piece: &str) -> fmt::Result {
            self.1(piece, self.0);
            Ok(())
        }
    }
    // Writing to a string doesn't fail, and neither do the values of parameters.
    let _ = write!(Escaping(url, escape), "{value}");
}

/// A call that is being made.
struct Exchange<'a> {
    transport: &'a SharedTransport,
    operation: OperationInfo,
    state: State<'a>,
}

enum State<'a> {
    Rejected(Failure),
    Built(reqwest::Request),
    Sent(TransportFuture<'a>),
    Arriving(Parts),
    Done,
}

/// The reason why a call has no value, before an error response is decoded.
enum Failure {
    Invalid(String),
    Transport(TransportError),
    ErrorResponse(Box<(Head, Bytes)>),
    Unexpected(Box<RawResponse>),
}

impl From<TransportError> for Failure {
    fn from(error: TransportError) -> Self {
        Self::Transport(error)
    }
}

impl Failure {
    fn into_error<E: Payload>(self) -> Error<E> {
        match self {
            Self::Invalid(problem) => Error::InvalidRequest(problem),
            Self::Transport(error) => Error::Transport(error),
            Self::ErrorResponse(parts) => {
                let (head, body) = *parts;
                ResponseValue::decoded(head, body)
                    .map_or_else(|error| error, |fault| Error::ErrorResponse(Box::new(fault)))
            }
            Self::Unexpected(response) => Error::UnexpectedResponse(response),
        }
    }
}

impl Exchange<'_> {
    /// Returns head and body of a success.
    fn poll_whole(&mut self, context: &mut Context<'_>) -> Poll<Result<(Head, Bytes), Failure>> {
        if !matches!(self.state, State::Arriving(_)) {
            let success = ready!(self.poll_response(context))?;
            self.state = State::Arriving(success.into_parts());
        }
        let parts = ready!(self.poll_parts(context))?;
        Poll::Ready(if parts.0.status.is_success() { Ok(parts) } else { Err(Failure::ErrorResponse(Box::new(parts))) })
    }

    /// Returns a success whose body may still be arriving.
    fn poll_response(&mut self, context: &mut Context<'_>) -> Poll<Result<RawResponse, Failure>> {
        loop {
            match &mut self.state {
                State::Sent(response) => {
                    let response = ready!(response.as_mut().poll(context))?;
                    let status = response.status();
                    if status.is_success() {
                        return Poll::Ready(Ok(response));
                    }
                    if !status.is_client_error() && !status.is_server_error() {
                        return Poll::Ready(Err(Failure::Unexpected(Box::new(response))));
                    }
                    self.state = State::Arriving(response.into_parts());
                }
                State::Arriving(_) => {
                    let parts = ready!(self.poll_parts(context))?;
                    return Poll::Ready(Err(Failure::ErrorResponse(Box::new(parts))));
                }
                state => match mem::replace(state, State::Done) {
                    State::Built(request) => self.state = State::Sent(self.transport.send(request, self.operation)),
                    State::Rejected(failure) => return Poll::Ready(Err(failure)),
                    // Like any future, it is not polled again once it is ready.
                    _ => return Poll::Pending,
                },
            }
        }
    }

    fn poll_parts(&mut self, context: &mut Context<'_>) -> Poll<Result<(Head, Bytes), TransportError>> {
        match &mut self.state {
            State::Arriving(parts) => Pin::new(parts).poll(context),
            _ => Poll::Pending,
        }
    }
}
