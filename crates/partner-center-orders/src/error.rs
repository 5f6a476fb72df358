//! What a call can end with instead of an answer.

use std::error::Error as StdError;
use std::fmt;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::StatusCode;
use http::header::HeaderMap;
use partner_center_orders_api::runtime::{
    DecodeError, Error as ApiError, TransportError, TransportErrorKind, UnreadableResponse, decode,
};
use partner_center_orders_api::types::Fault;
use partner_center_orders_api::{ErrorCode, Operation, RetryClass};
use uuid::Uuid;

use crate::activation::answers_with_links;
use crate::identity::CredentialError;
use crate::transport::{CallRecord, Ids, retry_after};

/// Why a call gave no answer.
///
/// Its `Display` is one line for whoever reads the log: the operation, status and code, what they mean, what to do, both
/// ids. [`kind`](Self::kind) and the predicates are for programs.
///
/// ```
/// use partner_center_orders::{Error, PartnerCenter};
///
/// # async fn example(partner: PartnerCenter, customer_id: uuid::Uuid) -> Result<(), Error> {
/// match partner.customer(customer_id).orders().get("5cf72f146967").await {
///     Ok(order) => println!("{} lines", order.line_items.len()),
///     Err(error) if error.is_not_found() => println!("there is no such order"),
///     Err(error) if error.is_no_relationship() => println!("the customer has left"),
///     Err(error) => return Err(error),
/// }
/// # Ok(()) }
/// ```
pub struct Error(Box<Details>);

struct Details {
    kind: ErrorKind,
    operation: Option<Operation>,
    what: Option<String>,
    status: Option<StatusCode>,
    fault: Option<Box<Fault>>,
    body: Bytes,
    ids: Option<Ids>,
    answered_ids: AnsweredIds,
    retry_after: Option<Duration>,
    attempts: u32,
    unfinished: Option<Unfinished>,
    element: Option<usize>,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

/// The ids that an answer carried; they can differ from those that were sent (documented samples).
#[derive(Clone, Debug, Default)]
pub(crate) struct AnsweredIds {
    pub(crate) request: Option<String>,
    pub(crate) correlation: Option<String>,
}

impl AnsweredIds {
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let text = |name| headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
        Self { request: text("ms-requestid"), correlation: text("ms-correlationid") }
    }
}

/// What kind of error it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The call was not made: what it was given can't be sent.
    InvalidRequest,
    /// No token was to be had: see [`Error::credential_error`].
    SignIn,
    /// No connection came about.
    Connect,
    /// There was no answer in time.
    Timeout,
    /// The connection broke before the whole answer was there.
    Interrupted,
    /// Too many requests: the service said so, or the client's own pace left no room before the deadline.
    Throttled,
    /// 401: the service doesn't take the token.
    Unauthorized,
    /// 401 with 900421 or 10001: the user did not sign in with multi-factor authentication.
    MfaRequired,
    /// 401 with 900420: the token is for an audience that was retired.
    AudienceRetired,
    /// 403: the caller may not do this.
    Forbidden,
    /// 20002: the partner has no relationship with the customer.
    NoRelationship,
    /// 404: there is no such thing.
    NotFound,
    /// 409.
    Conflict,
    /// 409 with 800060 or 800064: another request for the same thing is under way. Wait, then read what came of it.
    InProgress,
    /// 412, or 400 with 2055: what was to be changed was changed meanwhile. Read it again.
    Stale,
    /// Any other refusal of a request that the service understood.
    Refused,
    /// 5xx: the service failed.
    Service,
    /// An answer came that can't be read.
    UnreadableAnswer,
    /// An answer longer than the limit.
    TooLarge,
    /// A status that no contract foresees, such as a redirect.
    UnexpectedStatus,
    /// A carried-out step didn't lead where it should; the message says how.
    Other,
}

/// A write of which nobody knows whether it took place, and what it takes to ask again safely.
///
/// Both members can be written down, to go on in another process. To be able to after a crash, choose the id beforehand
/// ([`Call::request_id`](crate::Call::request_id)) and write down id and time before calling.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Unfinished {
    /// The id under which the write was sent, by which the service knows it again.
    pub request_id: Uuid,
    /// When it was sent first.
    pub first_sent_at: SystemTime,
}

impl Unfinished {
    /// A write under that id that was first sent at that time.
    pub fn new(request_id: Uuid, first_sent_at: SystemTime) -> Self {
        Self { request_id, first_sent_at }
    }
}

/// What an error is told about the call that it ends.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CallContext {
    pub(crate) operation: Operation,
    pub(crate) ids: Ids,
    pub(crate) record: CallRecord,
    pub(crate) begun_at: SystemTime,
    pub(crate) now: SystemTime,
}

impl Error {
    /// The kind of error.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The operation that failed.
    pub fn operation(&self) -> Option<Operation> {
        self.0.operation
    }

    /// The HTTP status, where an answer came.
    pub fn status(&self) -> Option<StatusCode> {
        self.0.status
    }

    /// The service's code for the error, with its meaning and hint.
    pub fn code(&self) -> Option<ErrorCode> {
        self.0.fault.as_ref()?.code.as_ref()?.error_code()
    }

    /// The service's own words.
    pub fn description(&self) -> Option<&str> {
        let fault = self.0.fault.as_ref()?;
        fault.description.as_deref().or(fault.message.as_deref())
    }

    /// What is known to help.
    pub fn hint(&self) -> Option<&'static str> {
        self.code().and_then(|code| code.hint_with(self.0.status.map(|status| status.as_u16()))).or(self.remedy())
    }

    /// The refusal as the service wrote it.
    pub fn fault(&self) -> Option<&Fault> {
        self.0.fault.as_deref()
    }

    /// The body of the answer as received; empty where there was none.
    pub fn raw_body(&self) -> &Bytes {
        &self.0.body
    }

    /// The `MS-RequestId` that was sent, the same with every attempt.
    pub fn request_id(&self) -> Option<Uuid> {
        self.0.ids.map(|ids| ids.request)
    }

    /// The `MS-CorrelationId` that was sent.
    pub fn correlation_id(&self) -> Option<Uuid> {
        self.0.ids.map(|ids| ids.correlation)
    }

    /// The `MS-RequestId` of the answer, which can differ from the one sent. Support asks for it.
    pub fn answered_request_id(&self) -> Option<&str> {
        self.0.answered_ids.request.as_deref()
    }

    /// The `MS-CorrelationId` of the answer.
    pub fn answered_correlation_id(&self) -> Option<&str> {
        self.0.answered_ids.correlation.as_deref()
    }

    /// How long the service, or the pace that it asks for, wants callers to wait.
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// How many requests were sent.
    pub fn attempts(&self) -> u32 {
        self.0.attempts
    }

    /// Why there was no token.
    pub fn credential_error(&self) -> Option<&CredentialError> {
        self.source()?.source()?.downcast_ref()
    }

    /// For a write that may have taken place: what it takes to ask again safely.
    ///
    /// Hand it to `resume` of the same call with the same arguments.
    pub fn unfinished(&self) -> Option<Unfinished> {
        self.0.unfinished
    }

    /// Whether it is a write that may have taken place, though no final answer says so.
    pub fn is_outcome_unknown(&self) -> bool {
        self.0.unfinished.is_some()
    }

    /// Of an error while a list was read as a stream: which element it kept from being read, counted from 0.
    pub fn element_index(&self) -> Option<usize> {
        self.0.element
    }

    /// Whether the service demands that the subscription is cancelled, not its order (800063, 800077): see
    /// [`Subscriptions::cancel`](crate::Subscriptions::cancel).
    pub fn is_cancelled_by_subscription(&self) -> bool {
        matches!(self.code(), Some(ErrorCode::CancelBySubscription | ErrorCode::SeatSaasCancelBySubscription))
    }

    /// Whether there is no such thing.
    pub fn is_not_found(&self) -> bool {
        self.0.kind == ErrorKind::NotFound
    }

    /// Whether there were too many requests.
    pub fn is_throttled(&self) -> bool {
        self.0.kind == ErrorKind::Throttled
    }

    /// Whether the user has to sign in with multi-factor authentication, by the service's or by the sign-in's word.
    pub fn is_mfa_required(&self) -> bool {
        use crate::identity::CredentialErrorKind::InteractionRequired;
        self.0.kind == ErrorKind::MfaRequired
            || self.credential_error().is_some_and(|error| error.kind() == InteractionRequired)
    }

    /// Whether the partner has no relationship with the customer, who may have left.
    pub fn is_no_relationship(&self) -> bool {
        self.0.kind == ErrorKind::NoRelationship
    }

    /// Whether another request for the same thing is under way.
    pub fn is_in_progress(&self) -> bool {
        self.0.kind == ErrorKind::InProgress
    }

    /// Whether what was to be changed was changed meanwhile.
    pub fn is_stale(&self) -> bool {
        self.0.kind == ErrorKind::Stale
    }

    /// Whether there was no answer in time.
    pub fn is_timeout(&self) -> bool {
        self.0.kind == ErrorKind::Timeout
    }

    /// Whether no token was to be had, or the service refused it.
    pub fn is_sign_in(&self) -> bool {
        matches!(
            self.0.kind,
            ErrorKind::SignIn | ErrorKind::Unauthorized | ErrorKind::MfaRequired | ErrorKind::AudienceRetired
        )
    }

    fn remedy(&self) -> Option<&'static str> {
        Some(match self.0.kind {
            ErrorKind::Connect => "Check the network, the proxy and the base address.",
            ErrorKind::Timeout => "Try again later, or allow more time.",
            ErrorKind::Interrupted => "Try again.",
            ErrorKind::Throttled => "Call less often; what is shared by all is the pace of the partner's tenant.",
            ErrorKind::Unauthorized => "Check whom the credential signs in, and for which cloud.",
            ErrorKind::MfaRequired => {
                "Sign the user in with multi-factor authentication and take the refresh token from there."
            }
            ErrorKind::AudienceRetired => {
                "Ask for tokens for https://api.partnercenter.microsoft.com; graph.windows.net is retired."
            }
            ErrorKind::Forbidden => "Check the caller's role and the app's permissions.",
            ErrorKind::InProgress => "Wait some minutes, then read what became of it; don't send it again.",
            ErrorKind::Stale => "Read it again and repeat the change on what you read.",
            ErrorKind::Service => "Try again later; if it lasts, give both ids to support.",
            ErrorKind::UnreadableAnswer => {
                "See the raw body; something between here and the service may have answered."
            }
            ErrorKind::TooLarge => "Raise the limit for bodies, or read the list as a stream.",
            ErrorKind::UnexpectedStatus => "Check the base address: redirects are not followed.",
            _ => return None,
        })
    }

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
            unfinished: None,
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
            ApiError::UnreadableResponse(response) => Self::of_unreadable(*response, context.now),
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
        let mut this = Self::bare(ErrorKind::UnreadableAnswer);
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

    /// The same error of a write that is still unfinished.
    pub(crate) fn leaving(mut self, unfinished: Unfinished) -> Self {
        self.0.unfinished = Some(unfinished);
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
            self.0.unfinished = Some(Unfinished::new(context.ids.request, context.begun_at));
        }
    }

    /// Whether a write may have taken place: it was sent, and the last word on it is none.
    fn leaves_open(&self, context: CallContext) -> bool {
        if context.operation.retry_class() == RetryClass::Read || context.record.attempts == 0 {
            return false;
        }
        let settled_by_refusal =
            self.0.status.is_some_and(|status| status.is_client_error() && status != StatusCode::REQUEST_TIMEOUT);
        match self.0.kind {
            ErrorKind::UnreadableAnswer => true,
            // Another request for the same thing: perhaps an earlier attempt of this very call.
            ErrorKind::InProgress => context.record.is_left_open(),
            ErrorKind::Unauthorized | ErrorKind::MfaRequired | ErrorKind::AudienceRetired | ErrorKind::Throttled => {
                context.record.is_left_open()
            }
            _ if self.code() == Some(ErrorCode::CartAlreadySubmitted) => context.record.is_left_open(),
            _ => !settled_by_refusal && (context.record.is_left_open() || self.is_success_status()),
        }
    }

    fn is_success_status(&self) -> bool {
        // A fault in the body of a success is a refusal all the same.
        self.0.status.is_some_and(|status| status.is_success()) && self.0.fault.is_none()
    }

    fn of_transport(error: TransportError) -> Self {
        let kind = match error.kind() {
            TransportErrorKind::Credential => ErrorKind::SignIn,
            TransportErrorKind::Request => ErrorKind::InvalidRequest,
            TransportErrorKind::Connect => ErrorKind::Connect,
            TransportErrorKind::Timeout => ErrorKind::Timeout,
            TransportErrorKind::Interrupted => ErrorKind::Interrupted,
            TransportErrorKind::TooLarge => ErrorKind::TooLarge,
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
        let mut this = Self::of_answer(kind_of(status, code), status, headers, body);
        this.0.fault = fault.map(Box::new);
        this.0.retry_after = retry_after(headers, now);
        this
    }

    fn of_unreadable(response: UnreadableResponse, now: SystemTime) -> Self {
        let UnreadableResponse { status, headers, body, error, .. } = response;
        if !status.is_success() {
            return Self::of_refusal(status, &headers, None, body, now);
        }
        // The service can refuse with a success (400072 is documented so).
        let fault = decode::<Fault>(&body).ok().filter(|fault| fault.code.is_some() && fault.description.is_some());
        if fault.is_some() {
            return Self::of_refusal(status, &headers, fault, body, now);
        }
        let mut this = Self::of_answer(ErrorKind::UnreadableAnswer, status, &headers, body);
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

fn kind_of(status: StatusCode, code: Option<ErrorCode>) -> ErrorKind {
    match code {
        Some(ErrorCode::MfaRequired | ErrorCode::MfaRequiredOld) => return ErrorKind::MfaRequired,
        Some(ErrorCode::AudienceRetired) => return ErrorKind::AudienceRetired,
        Some(ErrorCode::NoRelationship) => return ErrorKind::NoRelationship,
        Some(ErrorCode::OrderInProgress | ErrorCode::CartInUse) => return ErrorKind::InProgress,
        Some(ErrorCode::EtagStale) => return ErrorKind::Stale,
        _ => {}
    }
    match status {
        StatusCode::UNAUTHORIZED => ErrorKind::Unauthorized,
        StatusCode::FORBIDDEN => ErrorKind::Forbidden,
        StatusCode::NOT_FOUND => ErrorKind::NotFound,
        StatusCode::REQUEST_TIMEOUT => ErrorKind::Timeout,
        StatusCode::CONFLICT => ErrorKind::Conflict,
        StatusCode::PRECONDITION_FAILED => ErrorKind::Stale,
        StatusCode::TOO_MANY_REQUESTS => ErrorKind::Throttled,
        _ if status.is_server_error() => ErrorKind::Service,
        _ => ErrorKind::Refused,
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let details = &*self.0;
        match details.operation {
            Some(operation) => write!(f, "{operation} failed: ")?,
            None => f.write_str("failed: ")?,
        }
        if let Some(element) = details.element {
            write!(f, "element {element}: ")?;
        }
        self.write_cause(f)?;
        if let Some(wait) = details.retry_after {
            write!(f, " Wait {} s.", wait.as_secs_f32().ceil())?;
        }
        if details.kind != ErrorKind::SignIn
            && let Some(hint) = self.hint()
        {
            write!(f, " {hint}")?;
        }
        if details.unfinished.is_some() {
            f.write_str(" Whether the write took place is not known: resume it with this request id.")?;
        }
        if let Some(ids) = details.ids {
            write!(f, " (request id {}, correlation id {}", ids.request, ids.correlation)?;
            if details.attempts > 1 {
                write!(f, ", {} attempts", details.attempts)?;
            }
            f.write_str(")")?;
        }
        Ok(())
    }
}

impl Error {
    fn write_cause(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let details = &*self.0;
        if let Some(what) = &details.what {
            return write!(f, "{}.", OneLine(what));
        }
        if let Some(error) = self.credential_error() {
            return write!(f, "{error}.");
        }
        let Some(status) = details.status else {
            return match &details.source {
                Some(source) => write!(f, "{}.", Causes(&**source)),
                None => write!(f, "{:?}.", details.kind),
            };
        };
        write!(f, "{status}")?;
        if let Some(code) = details.fault.as_ref().and_then(|fault| fault.code.as_ref()) {
            write!(f, ", code {code}")?;
        }
        let meaning = self.code().and_then(|code| code.meaning_with(Some(status.as_u16())));
        match (meaning, self.description(), &details.source) {
            (Some(meaning), ..) => write!(f, ": {meaning}"),
            (None, Some(description), _) => write!(f, ": {}", OneLine(description)),
            (None, None, Some(source)) => write!(f, ": {}.", Causes(&**source)),
            (None, None, None) => f.write_str("."),
        }
    }
}

/// A foreign text on one line, and no longer than a line should be.
struct OneLine<'a>(&'a str);

impl fmt::Display for OneLine<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const LONGEST: usize = 300;
        let words = self.0.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty());
        let mut length = 0;
        for word in words {
            let separator = if length == 0 { "" } else { " " };
            length += separator.len() + word.len();
            if length > LONGEST {
                return write!(f, "{separator}…");
            }
            write!(f, "{separator}{word}")?;
        }
        Ok(())
    }
}

/// An error with its causes, on one line.
struct Causes<'a>(&'a (dyn StdError + 'static));

impl fmt::Display for Causes<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", OneLine(&self.0.to_string()))?;
        let mut next = self.0.source();
        while let Some(cause) = next {
            write!(f, ": {}", OneLine(&cause.to_string()))?;
            next = cause.source();
        }
        Ok(())
    }
}

impl fmt::Debug for Error {
    /// The raw body is left out: read it with [`Error::raw_body`].
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error")
            .field("kind", &self.0.kind)
            .field("message", &self.to_string())
            .field("source", &self.0.source)
            .finish_non_exhaustive()
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source.as_deref().map(|source| source as _)
    }
}
