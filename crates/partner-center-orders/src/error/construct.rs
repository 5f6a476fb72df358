//! Construction of errors from what a generated call returns.

use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::StatusCode;
use http::header::HeaderMap;
use partner_center_orders_api::RetryClass;
use partner_center_orders_api::runtime::{
    DecodeError, Error as ApiError, InvalidResponse, TransportError, TransportErrorKind, decode,
};
use partner_center_orders_api::types::Fault;
use partner_center_orders_api::wire::FaultCode;
use serde::de::IgnoredAny;

use super::kind::{CHECK_BASE_ADDRESS, Malformed};
use super::{Candidate, Details, Error, ErrorKind, PendingWrite, Scheduled, ServiceIds};
use crate::activation::responds_with_links;
use crate::retry_after::retry_after;
use crate::scheduled::ScheduledChanges;
use crate::transport::CallState;

impl Error {
    fn new(kind: ErrorKind) -> Self {
        Self(Box::new(Details {
            kind,
            request: None,
            operation: None,
            message: None,
            remedy: None,
            status: None,
            fault: None,
            body: Bytes::new(),
            ids: None,
            service_ids: ServiceIds::default(),
            retry_after: None,
            attempts: 0,
            pending_write: None,
            candidates: Vec::new(),
            scheduled: None,
            element: None,
            source: None,
        }))
    }

    /// An error of this crate's own, with a message without a full stop.
    pub(crate) fn own(kind: ErrorKind, message: impl Into<String>) -> Self {
        let mut error = Self::new(kind);
        error.0.message = Some(message.into());
        error
    }

    /// The error of a generated call.
    pub(crate) fn of_call(error: ApiError<Fault>, state: &CallState) -> Self {
        let now = state.shared.clock.now();
        let mut this = match error {
            ApiError::InvalidRequest(problem) => Self::own(ErrorKind::InvalidRequest, problem),
            ApiError::Transport(error) => Self::of_transport(error),
            ApiError::ErrorResponse(response) => {
                let (status, body) = (response.status(), response.raw_body().cloned().unwrap_or_default());
                let headers = response.headers().clone();
                Self::of_error_response(status, &headers, Some(response.into_inner()), body, now)
            }
            ApiError::InvalidResponse(response) => Self::of_invalid_response(*response, now),
            ApiError::UnexpectedResponse(response) => {
                Self::of_response(ErrorKind::UnexpectedStatus, response.status(), response.headers(), Bytes::new())
            }
            other => {
                let mut error = Self::own(ErrorKind::Other, other.to_string());
                error.0.status = other.status();
                error
            }
        };
        this.complete(state);
        this
    }

    /// An element of a list that can't be decoded.
    pub(crate) fn of_invalid_element(error: DecodeError, state: &CallState) -> Self {
        Self::of_malformed(error, Malformed::Element).during(state)
    }

    /// A list that can't be decoded apart from its elements.
    pub(crate) fn of_invalid_list(error: DecodeError, state: &CallState) -> Self {
        Self::of_malformed(error, Malformed::Member).during(state)
    }

    fn of_malformed(error: DecodeError, malformed: Malformed) -> Self {
        let mut this = Self::new(ErrorKind::InvalidResponse);
        this.0.remedy = Some(malformed.remedy());
        this.0.source = Some(Box::new(error));
        this
    }

    /// Adds the state of the call.
    pub(crate) fn during(mut self, state: &CallState) -> Self {
        self.complete(state);
        self
    }

    /// Adds the request's name.
    pub(crate) fn of_request(mut self, name: Option<&'static str>) -> Self {
        self.0.request = name;
        self
    }

    /// Adds the position of a list's element.
    pub(crate) fn at_element(mut self, index: usize) -> Self {
        self.0.element.get_or_insert(index);
        self
    }

    /// Adds the delay before the next attempt.
    pub(crate) fn with_retry_after(mut self, delay: Duration) -> Self {
        self.0.retry_after = Some(delay);
        self
    }

    /// Adds a write whose outcome is unknown.
    pub(crate) fn leaving(mut self, pending_write: PendingWrite) -> Self {
        self.0.pending_write = Some(pending_write);
        self
    }

    /// Adds what may be the write's effect.
    pub(crate) fn with_candidates(mut self, candidates: Vec<Candidate>) -> Self {
        self.0.candidates = candidates;
        self
    }

    /// Adds what was scheduled for the subscription before a change that may have taken place.
    pub(crate) fn with_scheduled_changes(mut self, changes: Option<ScheduledChanges>) -> Self {
        let changes = changes.filter(|_| self.is_outcome_unknown());
        self.0.scheduled = changes.map(|changes| Box::new(Scheduled { changes, is_after_change: false }));
        self
    }

    /// Makes the error of a write that schedules again what the change deleted the error of the whole call. The change took
    /// place, so there is nothing to resume, and the kind of this error isn't the call's.
    pub(crate) fn after_change(mut self, changes: ScheduledChanges) -> Self {
        self.0.scheduled = Some(Box::new(Scheduled { changes, is_after_change: true }));
        self.0.pending_write = None;
        if self.0.message.is_none() && self.0.status.is_none() && self.credential_error().is_none() {
            self.0.message = Some(self.0.kind.words().to_owned());
        }
        self.0.kind = ErrorKind::Other;
        self
    }

    fn complete(&mut self, state: &CallState) {
        let details = &mut *self.0;
        details.operation = Some(state.operation);
        if responds_with_links(state.operation)
            && let Some(problem) = details.source.as_ref().and_then(|source| source.downcast_ref::<DecodeError>())
        {
            details.source = Some(Box::new(HiddenProblem { line: problem.line(), column: problem.column() }));
        }
        details.ids = Some(state.ids);
        details.attempts = state.attempts();
        if self.leaves_pending(state) {
            self.0.pending_write = Some(PendingWrite::of(state));
        }
    }

    /// Whether a write was sent and nothing settles its outcome.
    fn leaves_pending(&self, state: &CallState) -> bool {
        if state.operation.retry_class() == RetryClass::Read || state.attempts() == 0 {
            return false;
        }
        self.0.kind == ErrorKind::InvalidResponse
            || self.is_unreadable_success()
            || (state.is_outcome_unknown() && !self.settles_open())
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
        let mut this = Self::new(kind);
        this.0.retry_after = error.retry_after();
        this.0.source = Some(Box::new(error));
        this
    }

    fn of_error_response(
        status: StatusCode,
        headers: &HeaderMap,
        fault: Option<Fault>,
        body: Bytes,
        now: SystemTime,
    ) -> Self {
        let code = fault.as_ref().and_then(|fault| fault.code.as_ref());
        let is_unknown_path = status == StatusCode::NOT_FOUND && code.is_none();
        let kind = if is_unknown_path {
            ErrorKind::UnexpectedStatus
        } else {
            ErrorKind::of_error_response(status, code.and_then(FaultCode::error_code))
        };
        let mut this = Self::of_response(kind, status, headers, body);
        this.0.remedy = is_unknown_path.then_some(CHECK_BASE_ADDRESS);
        this.0.fault = fault.map(Box::new);
        this.0.retry_after = retry_after(headers, now);
        this
    }

    fn of_invalid_response(response: InvalidResponse, now: SystemTime) -> Self {
        let InvalidResponse { status, headers, body, error, .. } = response;
        if !status.is_success() {
            return Self::of_error_response(status, &headers, None, body, now);
        }
        // The service can reject with a success (400072 is documented so).
        let fault = decode::<Fault>(&body).ok().filter(|fault| fault.code.is_some() && fault.description.is_some());
        if fault.is_some() {
            return Self::of_error_response(status, &headers, fault, body, now);
        }
        let malformed = if decode::<IgnoredAny>(&body).is_err() {
            Malformed::Syntax
        } else if error.path().starts_with("items[") {
            Malformed::Element
        } else {
            Malformed::Member
        };
        let mut this = Self::of_response(ErrorKind::InvalidResponse, status, &headers, body);
        this.0.remedy = Some(malformed.remedy());
        this.0.source = Some(Box::new(error));
        this
    }

    fn of_response(kind: ErrorKind, status: StatusCode, headers: &HeaderMap, body: Bytes) -> Self {
        let mut this = Self::new(kind);
        this.0.status = Some(status);
        this.0.body = body;
        this.0.service_ids = ServiceIds::of(headers);
        this
    }
}

/// In place of a decoding error whose text may repeat a secret of the body.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("the body can't be read at line {line}, column {column}")]
struct HiddenProblem {
    line: usize,
    column: usize,
}
