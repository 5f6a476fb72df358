use http::StatusCode;
use partner_center_orders_api::ErrorCode;

/// The kind of an [`Error`](crate::Error).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The request was not sent because an argument is invalid.
    InvalidRequest,
    /// The change was not sent, because it would delete changes that are scheduled for the subscription: see
    /// [`Subscriptions::change`](crate::Subscriptions::change).
    ScheduledChanges,
    /// The change was not sent, because fewer licences can be given back: see
    /// [`Subscriptions::set_quantity`](crate::Subscriptions::set_quantity).
    NotRefundable,
    /// No token was obtained: see [`Error::credential_error`](crate::Error::credential_error).
    Authentication,
    /// No connection was made.
    Connect,
    /// No response came in time.
    Timeout,
    /// The connection broke before the response was complete.
    Interrupted,
    /// Too many requests: the service returned 429, or the client's own rate limit gives no permit before the deadline.
    Throttled,
    /// 401: the service rejected the token.
    Unauthorized,
    /// 401 with 900421 or 10001: the user did not sign in with multi-factor authentication. Since 2026-06 the service checks a
    /// growing share of the calls, so the error can come and go for the same credential; to see it coming, see
    /// [`Customer::check_mfa`](crate::Customer::check_mfa).
    MfaRequired,
    /// 401 with 900420: the token is for an audience that was retired.
    AudienceRetired,
    /// 403: the caller may not do this.
    Forbidden,
    /// 20002: the partner has no relationship with the customer.
    NoRelationship,
    /// 404 with a code: the resource doesn't exist.
    NotFound,
    /// 409: the state of the resource doesn't allow the request.
    Conflict,
    /// 409 with 800060 or 800064: another request for the same order or cart is being processed. Wait, then read the result.
    InProgress,
    /// 412, or 400 with 2055: the resource was changed in the meantime. Read it again.
    PreconditionFailed,
    /// Any other error response to a request that the service understood.
    Rejected,
    /// 5xx: the service failed.
    ServerError,
    /// The response can't be read.
    InvalidResponse,
    /// The response is longer than the limit.
    ResponseTooLarge,
    /// A status that the contract doesn't have, such as a redirect, or a 404 without a code, as for a path that isn't the API's.
    UnexpectedStatus,
    /// A resumed write didn't take place, and was not sent again: make it as a new call.
    NotApplied,
    /// A step succeeded but didn't lead on; the message says why.
    Other,
}

/// The remedy for a 404 without a code: every documented 404 of the service has one.
pub(super) const CHECK_BASE_ADDRESS: &str =
    "Check the base address, which ends with the API's version (`/v1`): a 404 for a missing resource has a code.";

/// What makes a body invalid, which decides on the remedy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Malformed {
    /// It isn't JSON.
    Syntax,
    /// It is JSON, and an element of a list is not as the contract says.
    Element,
    /// It is JSON, and something else is not as the contract says.
    Member,
}

impl Malformed {
    pub(super) fn remedy(self) -> &'static str {
        match self {
            Self::Syntax => "See the raw body: a proxy or gateway may have responded in place of the service.",
            Self::Element => {
                "Read the list as a stream with `skip_invalid_items` to get its other elements; the service may have changed."
            }
            Self::Member => "See the raw body: the service may have changed.",
        }
    }
}

impl ErrorKind {
    /// The kind of an error response.
    pub(super) fn of_error_response(status: StatusCode, code: Option<ErrorCode>) -> Self {
        match code {
            Some(ErrorCode::MfaRequired | ErrorCode::MfaRequiredOld) => return Self::MfaRequired,
            Some(ErrorCode::AudienceRetired) => return Self::AudienceRetired,
            Some(ErrorCode::NoRelationship) => return Self::NoRelationship,
            Some(ErrorCode::OrderInProgress | ErrorCode::CartInUse) => return Self::InProgress,
            Some(ErrorCode::EtagStale) => return Self::PreconditionFailed,
            // The status is 404, but it is a catalog item that is gone, not the cart that the call names.
            Some(ErrorCode::AvailabilityNotFound) => return Self::Rejected,
            _ => {}
        }
        match status {
            StatusCode::UNAUTHORIZED => Self::Unauthorized,
            StatusCode::FORBIDDEN => Self::Forbidden,
            StatusCode::NOT_FOUND => Self::NotFound,
            StatusCode::REQUEST_TIMEOUT => Self::Timeout,
            StatusCode::CONFLICT => Self::Conflict,
            StatusCode::PRECONDITION_FAILED => Self::PreconditionFailed,
            StatusCode::TOO_MANY_REQUESTS => Self::Throttled,
            _ if status.is_server_error() => Self::ServerError,
            _ => Self::Rejected,
        }
    }

    /// The kind in words, for errors that know nothing more exact.
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::InvalidRequest => "the request can't be sent",
            Self::ScheduledChanges => "the subscription has changes scheduled, which this change would delete",
            Self::NotRefundable => "fewer licences can be given back",
            Self::Authentication => "no access token",
            Self::Connect => "no connection to the service",
            Self::Timeout => "no response in time",
            Self::Interrupted => "the connection broke before the response was complete",
            Self::Throttled => "the rate limit gives no permit before the deadline",
            Self::InvalidResponse => "the response can't be read",
            Self::ResponseTooLarge => "the response is longer than the limit",
            _ => "the request failed",
        }
    }

    /// What is known to help, where the code has no hint. Kinds that follow from codes leave that to the code.
    pub(super) fn remedy(self) -> Option<&'static str> {
        Some(match self {
            Self::ScheduledChanges => {
                "Choose `reapply_scheduled_changes` to schedule them again, or `delete_scheduled_changes` to lose them."
            }
            Self::NotRefundable => "Schedule the lower quantity for the next term instead, with `schedule_change`.",
            Self::Connect => "Check the network, the proxy and the base address.",
            Self::Timeout => "Try again later, or allow more time.",
            Self::Interrupted => "Try again.",
            Self::Throttled => "Call less often: all programs of the partner tenant share one rate limit.",
            Self::Unauthorized => "Check the credential's app, user and tenant, and the cloud.",
            Self::Forbidden => "Check the caller's role and the app's permissions.",
            Self::InProgress => "Wait some minutes, then read the result; don't send it again.",
            Self::PreconditionFailed => "Read it again and repeat the change on what you read.",
            Self::ServerError => "Try again later; if it lasts, give both ids to support.",
            Self::InvalidResponse => "See the raw body.",
            Self::ResponseTooLarge => "Raise the limit for bodies, or read the list as a stream.",
            Self::NotApplied => "Make the call anew, without resuming.",
            Self::UnexpectedStatus => "Check the base address: redirects are not followed.",
            _ => return None,
        })
    }
}
