//! What an attempt's outcome means for the call.

use http::StatusCode;
use partner_center_orders_api::runtime::{TransportError, TransportErrorKind};
use partner_center_orders_api::{ErrorCode, RetryClass};

use crate::identity::CredentialError;
use crate::retry_policy::RetryWrites;

/// What follows an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Decision {
    /// The call ends with it.
    Ends,
    /// The token is renewed, and the request goes out once more.
    Renew,
    /// It may be repeated after a wait.
    Again,
}

/// Whether a request of that class may go out again when it is not known that it had no effect.
fn may_repeat(class: RetryClass, writes: RetryWrites) -> bool {
    match class {
        RetryClass::Read | RetryClass::IdempotentWrite => true,
        RetryClass::KeyedWrite => writes == RetryWrites::SameId,
        _ => false,
    }
}

/// What follows a response.
pub(super) fn on_response(
    status: StatusCode,
    code: Option<ErrorCode>,
    class: RetryClass,
    writes: RetryWrites,
) -> Decision {
    match status {
        StatusCode::UNAUTHORIZED if renewal_helps(code) => Decision::Renew,
        StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_MANY_REQUESTS if may_repeat(class, writes) => Decision::Again,
        _ if status.is_server_error() && may_repeat(class, writes) => Decision::Again,
        _ => Decision::Ends,
    }
}

/// What follows an attempt without a response.
pub(super) fn on_failure(error: &TransportError, class: RetryClass, writes: RetryWrites) -> Decision {
    let again = match error.kind() {
        TransportErrorKind::Credential => is_transient_credential_error(error),
        TransportErrorKind::Connect => true,
        TransportErrorKind::Timeout | TransportErrorKind::Interrupted => {
            !error.maybe_sent() || may_repeat(class, writes)
        }
        _ => false,
    };
    if again { Decision::Again } else { Decision::Ends }
}

/// Whether a response leaves open if the service acted. A redirect may be the response to a form that was taken.
pub(super) fn leaves_open(status: StatusCode) -> bool {
    status.is_redirection() || status.is_server_error() || status == StatusCode::REQUEST_TIMEOUT
}

/// A token that lacks multi-factor authentication or has the wrong audience is no better when it is new.
fn renewal_helps(code: Option<ErrorCode>) -> bool {
    !matches!(code, Some(ErrorCode::MfaRequired | ErrorCode::MfaRequiredOld | ErrorCode::AudienceRetired))
}

fn is_transient_credential_error(error: &TransportError) -> bool {
    use std::error::Error;
    error.source().and_then(|source| source.downcast_ref()).is_some_and(CredentialError::is_transient)
}
