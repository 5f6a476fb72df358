//! The decision after an attempt: whether its outcome ends the call.

use http::StatusCode;
use partner_center_orders_api::runtime::{TransportError, TransportErrorKind};
use partner_center_orders_api::{ErrorCode, RetryClass};

use crate::identity::CredentialError;
use crate::retry_policy::RetryWrites;

/// The next step after an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Decision {
    /// The call ends with its outcome.
    End,
    /// The token is renewed, and the request is sent once more.
    Renew,
    /// The request may be sent again after a delay.
    Retry,
}

/// Whether a request of that class may be sent again if it may have had an effect.
fn may_repeat(class: RetryClass, writes: RetryWrites) -> bool {
    match class {
        RetryClass::Read | RetryClass::IdempotentWrite => true,
        RetryClass::KeyedWrite => writes == RetryWrites::SameId,
        _ => false,
    }
}

/// Decides after a response.
pub(super) fn on_response(
    status: StatusCode,
    code: Option<ErrorCode>,
    class: RetryClass,
    writes: RetryWrites,
) -> Decision {
    match status {
        StatusCode::UNAUTHORIZED if renewal_helps(code) => Decision::Renew,
        StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_MANY_REQUESTS if may_repeat(class, writes) => Decision::Retry,
        _ if status.is_server_error() && may_repeat(class, writes) => Decision::Retry,
        _ => Decision::End,
    }
}

/// Decides after an attempt without a response.
pub(super) fn on_failure(error: &TransportError, class: RetryClass, writes: RetryWrites) -> Decision {
    let may_retry = match error.kind() {
        TransportErrorKind::Credential => is_transient_credential_error(error),
        TransportErrorKind::Connect => true,
        TransportErrorKind::Timeout | TransportErrorKind::Interrupted => {
            !error.maybe_sent() || may_repeat(class, writes)
        }
        _ => false,
    };
    if may_retry { Decision::Retry } else { Decision::End }
}

/// Whether it is unknown after such a response if the service acted. A redirect may be the response to a request that was
/// carried out.
pub(super) fn leaves_outcome_unknown(status: StatusCode) -> bool {
    status.is_redirection() || status.is_server_error() || status == StatusCode::REQUEST_TIMEOUT
}

/// A new token doesn't help against missing multi-factor authentication or a wrong audience.
fn renewal_helps(code: Option<ErrorCode>) -> bool {
    !matches!(code, Some(ErrorCode::MfaRequired | ErrorCode::MfaRequiredOld | ErrorCode::AudienceRetired))
}

fn is_transient_credential_error(error: &TransportError) -> bool {
    use std::error::Error;
    error.source().and_then(|source| source.downcast_ref()).is_some_and(CredentialError::is_transient)
}
