use http::StatusCode;
use partner_center_orders_api::ErrorCode;

/// What kind of error it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The call was not made: what it was given can't be sent.
    InvalidRequest,
    /// No token was to be had: see [`Error::credential_error`](crate::Error::credential_error).
    Authentication,
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
    PreconditionFailed,
    /// Any other refusal of a request that the service understood.
    Rejected,
    /// 5xx: the service failed.
    ServerError,
    /// An answer came that can't be read.
    InvalidResponse,
    /// An answer longer than the limit.
    ResponseTooLarge,
    /// A status that no contract foresees, such as a redirect.
    UnexpectedStatus,
    /// A resumed write didn't take place, and was not sent again: make it anew, as another call.
    NotApplied,
    /// A carried-out step didn't lead where it should; the message says how.
    Other,
}

impl ErrorKind {
    /// The kind of a refusal.
    pub(super) fn of_refusal(status: StatusCode, code: Option<ErrorCode>) -> Self {
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

    /// What is known to help, where the code says nothing. What only codes lead to, they say themselves.
    pub(super) fn remedy(self) -> Option<&'static str> {
        Some(match self {
            Self::Connect => "Check the network, the proxy and the base address.",
            Self::Timeout => "Try again later, or allow more time.",
            Self::Interrupted => "Try again.",
            Self::Throttled => "Call less often; what is shared by all is the pace of the partner's tenant.",
            Self::Unauthorized => "Check whom the credential signs in, and for which cloud.",
            Self::Forbidden => "Check the caller's role and the app's permissions.",
            Self::InProgress => "Wait some minutes, then read what became of it; don't send it again.",
            Self::PreconditionFailed => "Read it again and repeat the change on what you read.",
            Self::ServerError => "Try again later; if it lasts, give both ids to support.",
            Self::InvalidResponse => "See the raw body; something between here and the service may have answered.",
            Self::ResponseTooLarge => "Raise the limit for bodies, or read the list as a stream.",
            Self::NotApplied => "Make the call anew, without resuming.",
            Self::UnexpectedStatus => "Check the base address: redirects are not followed.",
            _ => return None,
        })
    }
}
