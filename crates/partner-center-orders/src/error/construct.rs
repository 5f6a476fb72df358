//! How errors come about.

use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::StatusCode;
use http::header::HeaderMap;
use partner_center_orders_api::runtime::{
    DecodeError, Error as ApiError, InvalidResponse, TransportError, TransportErrorKind, decode,
};
use partner_center_orders_api::types::Fault;
use partner_center_orders_api::{Operation, RetryClass};

use super::{AnsweredIds, Candidate, Details, Error, ErrorKind, PendingWrite};
use crate::activation::answers_with_links;
use crate::transport::{CallRecord, Ids, retry_after};

/// What an error is told about the call that it ends.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CallContext {
    pub(crate) operation: Operation,
    pub(crate) ids: Ids,
    pub(crate) record: CallRecord,
    pub(crate) pending_write: PendingWrite,
    pub(crate) now: SystemTime,
}

impl Error {
    fn bare(kind: ErrorKind) -> Self {
        Self(Box::new(Details {
            kind,
            operation: None,
            what: None,
            status: None,
            fault: None,
            body: Bytes::new(),
            ids: None,
            answered_ids: AnsweredIds::default(),
            retry_after: None,
            attempts: 0,
            pending_write: None,
            candidates: Vec::new(),
            element: None,
            source: None,
        }))
    }

    /// An error of the wrapper's own, said in a sentence.
    pub(crate) fn own(kind: ErrorKind, what: impl Into<String>) -> Self {
        let mut error = Self::bare(kind);
        error.0.what = Some(what.into());
        error
    }

    /// What a generated call ended with.
    pub(crate) fn of_call(error: ApiError<Fault>, context: CallContext) -> Self {
        let mut this = match error {
            ApiError::InvalidRequest(problem) => Self::own(ErrorKind::InvalidRequest, problem),
            ApiError::Transport(error) => Self::of_transport(error),
            ApiError::ErrorResponse(response) => {
                let (status, body) = (response.status(), response.raw_body().cloned().unwrap_or_default());
                let headers = response.headers().clone();
                Self::of_refusal(status, &headers, Some(response.into_inner()), body, context.now)
            }
            ApiError::InvalidResponse(response) => Self::of_unreadable(*response, context.now),
            ApiError::UnexpectedResponse(response) => {
                Self::of_answer(ErrorKind::UnexpectedStatus, response.status(), response.headers(), Bytes::new())
            }
            other => {
                let mut error = Self::own(ErrorKind::Other, other.to_string());
                error.0.status = other.status();
                error
            }
        };
        this.complete(context);
        this
    }

    /// An element of a list that can't be decoded.
    pub(crate) fn of_undecodable(error: DecodeError, context: CallContext) -> Self {
        let mut this = Self::bare(ErrorKind::InvalidResponse);
        this.0.source = Some(Box::new(error));
        this.during(context)
    }

    /// The same error with what is known about the call.
    pub(crate) fn during(mut self, context: CallContext) -> Self {
        self.complete(context);
        self
    }

    /// The same error of a list's element.
    pub(crate) fn at_element(mut self, index: usize) -> Self {
        self.0.element.get_or_insert(index);
        self
    }

    /// The same error, with how long to wait before the next try.
    pub(crate) fn wait(mut self, wait: Duration) -> Self {
        self.0.retry_after = Some(wait);
        self
    }

    /// The same error of a write that is still pending_write.
    pub(crate) fn leaving(mut self, pending_write: PendingWrite) -> Self {
        self.0.pending_write = Some(pending_write);
        self
    }

    /// The same error, with what may be the write's effect.
    pub(crate) fn with_candidates(mut self, candidates: Vec<Candidate>) -> Self {
        self.0.candidates = candidates;
        self
    }

    fn complete(&mut self, context: CallContext) {
        let details = &mut *self.0;
        details.operation = Some(context.operation);
        if answers_with_links(context.operation)
            && let Some(problem) = details.source.as_ref().and_then(|source| source.downcast_ref::<DecodeError>())
        {
            details.source = Some(Box::new(HiddenProblem { line: problem.line(), column: problem.column() }));
        }
        details.ids = Some(context.ids);
        details.attempts = context.record.attempts;
        if self.leaves_open(context) {
            self.0.pending_write = Some(context.pending_write);
        }
    }

    /// Whether a write may have taken place: it was sent, and the last word on it is none.
    fn leaves_open(&self, context: CallContext) -> bool {
        if context.operation.retry_class() == RetryClass::Read || context.record.attempts == 0 {
            return false;
        }
        self.0.kind == ErrorKind::InvalidResponse
            || self.is_unreadable_success()
            || (context.record.is_left_open() && !self.settles_open())
    }

    fn is_unreadable_success(&self) -> bool {
        // A fault in the body of a success is a rejection all the same.
        self.0.status.is_some_and(|status| status.is_success()) && self.0.fault.is_none()
    }

    fn of_transport(error: TransportError) -> Self {
        let kind = match error.kind() {
            TransportErrorKind::Credential => ErrorKind::Authentication,
            TransportErrorKind::Request => ErrorKind::InvalidRequest,
            TransportErrorKind::Connect => ErrorKind::Connect,
            TransportErrorKind::Timeout => ErrorKind::Timeout,
            TransportErrorKind::Interrupted => ErrorKind::Interrupted,
            TransportErrorKind::ResponseTooLarge => ErrorKind::ResponseTooLarge,
            TransportErrorKind::Throttled => ErrorKind::Throttled,
            _ => ErrorKind::Other,
        };
        let mut this = Self::bare(kind);
        this.0.retry_after = error.retry_after();
        this.0.source = Some(Box::new(error));
        this
    }

    fn of_refusal(status: StatusCode, headers: &HeaderMap, fault: Option<Fault>, body: Bytes, now: SystemTime) -> Self {
        let code = fault.as_ref().and_then(|fault| fault.code.as_ref()?.error_code());
        let mut this = Self::of_answer(ErrorKind::of_refusal(status, code), status, headers, body);
        this.0.fault = fault.map(Box::new);
        this.0.retry_after = retry_after(headers, now);
        this
    }

    fn of_unreadable(response: InvalidResponse, now: SystemTime) -> Self {
        let InvalidResponse { status, headers, body, error, .. } = response;
        if !status.is_success() {
            return Self::of_refusal(status, &headers, None, body, now);
        }
        // The service can refuse with a success (400072 is documented so).
        let fault = decode::<Fault>(&body).ok().filter(|fault| fault.code.is_some() && fault.description.is_some());
        if fault.is_some() {
            return Self::of_refusal(status, &headers, fault, body, now);
        }
        let mut this = Self::of_answer(ErrorKind::InvalidResponse, status, &headers, body);
        this.0.source = Some(Box::new(error));
        this
    }

    fn of_answer(kind: ErrorKind, status: StatusCode, headers: &HeaderMap, body: Bytes) -> Self {
        let mut this = Self::bare(kind);
        this.0.status = Some(status);
        this.0.body = body;
        this.0.answered_ids = AnsweredIds::of(headers);
        this
    }
}

/// What can't be read holds secrets, which the problem's own words may repeat.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("the body can't be read at line {line}, column {column}")]
struct HiddenProblem {
    line: usize,
    column: usize,
}
