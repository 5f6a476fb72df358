//! What a call can end with instead of an answer.

mod candidate;
mod display;
mod kind;
mod making;
mod pending_write;
mod settled;

use std::error::Error as StdError;
use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use http::StatusCode;
use http::header::HeaderMap;
use partner_center_orders_api::types::Fault;
use partner_center_orders_api::{ErrorCode, Operation};
use uuid::Uuid;

pub use self::candidate::Candidate;
pub use self::kind::ErrorKind;
pub use self::pending_write::PendingWrite;
use crate::identity::CredentialError;
use crate::transport::Ids;

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
    pending_write: Option<PendingWrite>,
    candidates: Vec<Candidate>,
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
        self.code()
            .and_then(|code| code.hint_with(self.0.status.map(|status| status.as_u16())))
            .or(self.0.kind.remedy())
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
    pub fn service_request_id(&self) -> Option<&str> {
        self.0.answered_ids.request.as_deref()
    }

    /// The `MS-CorrelationId` of the answer.
    pub fn service_correlation_id(&self) -> Option<&str> {
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
    pub fn pending_write(&self) -> Option<PendingWrite> {
        self.0.pending_write
    }

    /// Of a resumed create: what may be its effect, or another's. Nothing ties it to the write, so that it is for the caller to
    /// decide; empty where nothing was found, or something else went wrong.
    pub fn candidates(&self) -> &[Candidate] {
        &self.0.candidates
    }

    /// Whether it is a write that may have taken place, though no final answer says so.
    ///
    /// # What settles it
    ///
    #[doc = include_str!("settled_table.md")]
    pub fn is_outcome_unknown(&self) -> bool {
        self.0.pending_write.is_some()
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

    /// Whether a resumed write is known not to have taken place.
    pub fn is_not_applied(&self) -> bool {
        self.0.kind == ErrorKind::NotApplied
    }

    /// Whether another request for the same thing is under way.
    pub fn is_in_progress(&self) -> bool {
        self.0.kind == ErrorKind::InProgress
    }

    /// Whether what was to be changed was changed meanwhile.
    pub fn is_precondition_failed(&self) -> bool {
        self.0.kind == ErrorKind::PreconditionFailed
    }

    /// Whether there was no answer in time.
    pub fn is_timeout(&self) -> bool {
        self.0.kind == ErrorKind::Timeout
    }

    /// Whether no token was to be had, or the service refused it.
    pub fn is_authentication(&self) -> bool {
        matches!(
            self.0.kind,
            ErrorKind::Authentication | ErrorKind::Unauthorized | ErrorKind::MfaRequired | ErrorKind::AudienceRetired
        )
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
