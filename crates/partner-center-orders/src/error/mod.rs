//! The error of a call.

mod candidate;
mod construct;
mod display;
mod kind;
mod pending_write;
mod settled;

use std::error::Error as StdError;
use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use http::StatusCode;
use http::header::HeaderMap;
use partner_center_orders_api::runtime::{TransportError, TransportErrorKind};
use partner_center_orders_api::types::Fault;
use partner_center_orders_api::{ErrorCode, Operation};
use uuid::Uuid;

pub use self::candidate::Candidate;
pub use self::kind::ErrorKind;
pub use self::pending_write::PendingWrite;
use crate::identity::CredentialError;
use crate::scheduled::ScheduledChanges;
use crate::transport::Ids;

/// The error of a call.
///
/// Its `Display` is one line for a log: the operation, status and code, their meaning, a remedy, both ids. It doesn't repeat
/// what [`source`](std::error::Error::source) returns, such as the HTTP client's error: print the chain to see that too.
/// [`kind`](Self::kind) and the predicates are for programs.
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
    /// The caller's name for the request, where it isn't that of the operation.
    request: Option<&'static str>,
    operation: Option<Operation>,
    message: Option<String>,
    /// A remedy for less than a whole kind.
    remedy: Option<&'static str>,
    status: Option<StatusCode>,
    fault: Option<Box<Fault>>,
    body: Bytes,
    ids: Option<Ids>,
    service_ids: ServiceIds,
    retry_after: Option<Duration>,
    attempts: u32,
    pending_write: Option<PendingWrite>,
    candidates: Vec<Candidate>,
    /// What was scheduled for a subscription that the call changes. Boxed, as it is rare.
    scheduled: Option<Box<Scheduled>>,
    element: Option<usize>,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

/// What was scheduled for a subscription.
struct Scheduled {
    changes: ScheduledChanges,
    /// Whether the change itself took place, and only this wasn't scheduled again.
    is_after_change: bool,
}

/// The ids of a response, which can differ from those that were sent (documented samples).
#[derive(Clone, Debug, Default)]
pub(crate) struct ServiceIds {
    pub(crate) request: Option<String>,
    pub(crate) correlation: Option<String>,
}

impl ServiceIds {
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

    /// The operation that failed. `Display` names the request as it was made: `cancel_order`, though that is an `update_order`.
    pub fn operation(&self) -> Option<Operation> {
        self.0.operation
    }

    /// The HTTP status, if a response came.
    pub fn status(&self) -> Option<StatusCode> {
        self.0.status
    }

    /// The service's code for the error, with its meaning and hint.
    pub fn code(&self) -> Option<ErrorCode> {
        self.0.fault.as_ref()?.code.as_ref()?.error_code()
    }

    /// The service's description of the error.
    pub fn description(&self) -> Option<&str> {
        let fault = self.0.fault.as_ref()?;
        fault.description.as_deref().or(fault.message.as_deref())
    }

    /// The remedy, if one is known.
    pub fn hint(&self) -> Option<&'static str> {
        self.code()
            .and_then(|code| code.hint_with(self.0.status.map(|status| status.as_u16())))
            .or(self.0.remedy)
            .or(self.0.kind.remedy())
    }

    /// The error response as the service wrote it.
    pub fn fault(&self) -> Option<&Fault> {
        self.0.fault.as_deref()
    }

    /// The body of the response as received; empty if there was none.
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

    /// The `MS-RequestId` of the response, which can differ from the one sent. Support asks for it.
    pub fn service_request_id(&self) -> Option<&str> {
        self.0.service_ids.request.as_deref()
    }

    /// The `MS-CorrelationId` of the response.
    pub fn service_correlation_id(&self) -> Option<&str> {
        self.0.service_ids.correlation.as_deref()
    }

    /// The delay that the service, or its rate limit, asks for.
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// The number of requests that were sent.
    pub fn attempts(&self) -> u32 {
        self.0.attempts
    }

    /// The credential's error, if no token was obtained. `Display` contains it.
    pub fn credential_error(&self) -> Option<&CredentialError> {
        self.causes().0?.downcast_ref()
    }

    /// The write that may have taken place, to be resumed safely.
    ///
    /// Pass it to `resume` of the same call with the same arguments.
    pub fn pending_write(&self) -> Option<PendingWrite> {
        self.0.pending_write
    }

    /// The orders that may be the effect of a resumed create, or of another one. Nothing ties them to the write, so the caller
    /// has to decide. Empty if nothing was found, or another error came first.
    pub fn candidates(&self) -> &[Candidate] {
        &self.0.candidates
    }

    /// What was scheduled for the subscription before a change that may have deleted it, and that was to be scheduled again: see
    /// [`reapply_scheduled_changes`](crate::Call::reapply_scheduled_changes).
    pub fn scheduled_changes(&self) -> Option<&ScheduledChanges> {
        self.0.scheduled.as_ref().map(|scheduled| &scheduled.changes)
    }

    /// Whether this is a write that may have taken place, though no final response says so.
    ///
    /// # What settles it
    ///
    #[doc = include_str!("settled_table.md")]
    pub fn is_outcome_unknown(&self) -> bool {
        self.0.pending_write.is_some()
    }

    /// The element of a streamed list that could not be read, counted from 0.
    pub fn element_index(&self) -> Option<usize> {
        self.0.element
    }

    /// Whether the service requires that the subscription is cancelled, not its order (800063, 800077): see
    /// [`Subscriptions::cancel`](crate::Subscriptions::cancel).
    pub fn is_cancelled_by_subscription(&self) -> bool {
        matches!(self.code(), Some(ErrorCode::CancelBySubscription | ErrorCode::SeatSaasCancelBySubscription))
    }

    /// Whether the resource doesn't exist. A 404 without a code doesn't say that: it comes for a wrong base address, too.
    pub fn is_not_found(&self) -> bool {
        self.0.kind == ErrorKind::NotFound
    }

    /// Whether there were too many requests.
    pub fn is_throttled(&self) -> bool {
        self.0.kind == ErrorKind::Throttled
    }

    /// Whether the user has to sign in with multi-factor authentication, as the service or the identity platform requires it.
    pub fn is_mfa_required(&self) -> bool {
        use crate::identity::CredentialErrorKind::InteractionRequired;
        self.0.kind == ErrorKind::MfaRequired
            || self.credential_error().is_some_and(|error| error.kind() == InteractionRequired)
    }

    /// Whether a change of a subscription was not sent, because it would delete what is scheduled for it.
    pub fn is_scheduled_changes(&self) -> bool {
        self.0.kind == ErrorKind::ScheduledChanges
    }

    /// Whether a lower quantity was not sent, because fewer licences can be given back.
    pub fn is_not_refundable(&self) -> bool {
        self.0.kind == ErrorKind::NotRefundable
    }

    /// Whether the partner has no relationship with the customer, who may have left.
    pub fn is_no_relationship(&self) -> bool {
        self.0.kind == ErrorKind::NoRelationship
    }

    /// Whether a resumed write is known not to have taken place.
    pub fn is_not_applied(&self) -> bool {
        self.0.kind == ErrorKind::NotApplied
    }

    /// Whether another request for the same order or cart is being processed.
    pub fn is_in_progress(&self) -> bool {
        self.0.kind == ErrorKind::InProgress
    }

    /// Whether the resource was changed in the meantime.
    pub fn is_precondition_failed(&self) -> bool {
        self.0.kind == ErrorKind::PreconditionFailed
    }

    /// Whether no response came in time.
    pub fn is_timeout(&self) -> bool {
        self.0.kind == ErrorKind::Timeout
    }

    /// Whether no token was obtained, or the service rejected it.
    pub fn is_authentication(&self) -> bool {
        matches!(
            self.0.kind,
            ErrorKind::Authentication | ErrorKind::Unauthorized | ErrorKind::MfaRequired | ErrorKind::AudienceRetired
        )
    }

    /// The cause that is part of the message, and the one behind it, so that a chain of errors says nothing twice.
    fn causes(&self) -> (Option<&(dyn StdError + 'static)>, Option<&(dyn StdError + 'static)>) {
        let Some(source) = self.0.source.as_deref() else { return (None, None) };
        let source: &(dyn StdError + 'static) = source;
        let Some(transport) = source.downcast_ref::<TransportError>() else { return (Some(source), source.source()) };
        match transport.kind() {
            // What went wrong is in the cause only.
            TransportErrorKind::Credential | TransportErrorKind::Request | TransportErrorKind::Other => {
                (transport.source(), transport.source().and_then(StdError::source))
            }
            // The kind says what went wrong.
            _ => (None, transport.source()),
        }
    }
}

impl fmt::Debug for Error {
    /// Leaves out the raw body: see [`Error::raw_body`].
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
        self.causes().1
    }
}
