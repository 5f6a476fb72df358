//! Which errors are the last word on a write.

use http::StatusCode;
use partner_center_orders_api::{ErrorCode, Operation, RetryClass};

use super::{Error, ErrorKind};

impl Error {
    /// Whether the error settles a write that was resumed. Everything else, such as a failed look at what came of it, leaves
    /// it as open as it was.
    pub(crate) fn settles_resumed(&self) -> bool {
        if self.0.kind == ErrorKind::NotApplied {
            return true;
        }
        let is_about_write = self.0.operation.is_some_and(|operation| operation.retry_class() != RetryClass::Read);
        // The id may have been used for a body in other words.
        is_about_write && self.code() != Some(ErrorCode::InvalidInput) && self.settles_open()
    }

    /// Whether the error says that the write had no effect, though an earlier attempt may have had one: see
    /// `settled_table.md`, which a test holds against this.
    pub(crate) fn settles_open(&self) -> bool {
        // An earlier attempt may be the very reason for these.
        let may_follow_from_effect = matches!(
            self.code(),
            Some(
                ErrorCode::CartAlreadySubmitted
                    | ErrorCode::CartInUse
                    | ErrorCode::EtagStale
                    | ErrorCode::OrderInProgress
                    | ErrorCode::OrderNotCancellable
            )
        );
        self.rejects_write()
            && !may_follow_from_effect
            && (self.0.operation != Some(Operation::CheckoutCart) || self.is_about_carts_content())
    }

    /// Whether the service rejected the write and says why. Statuses that are about something else than what was asked for
    /// don't: the token, the rate, a state that an earlier attempt may have led to.
    fn rejects_write(&self) -> bool {
        let Some(status) = self.0.status else { return false };
        // A response that can't be read may say that an earlier attempt took place.
        let says_why = self.0.fault.as_ref().is_some_and(|fault| fault.code.is_some());
        says_why
            && (status.is_success() || status.is_client_error())
            && !matches!(
                status,
                StatusCode::UNAUTHORIZED
                    | StatusCode::REQUEST_TIMEOUT
                    | StatusCode::CONFLICT
                    | StatusCode::PRECONDITION_FAILED
                    | StatusCode::TOO_MANY_REQUESTS
            )
    }

    /// Whether the service names something in the cart that can't be bought. It looks at that only if the cart can still be
    /// checked out. Limits, credit and stock don't count: an earlier attempt may have used them up.
    fn is_about_carts_content(&self) -> bool {
        self.0.status == Some(StatusCode::BAD_REQUEST)
            && matches!(
                self.code(),
                Some(
                    ErrorCode::CartItemErrors
                        | ErrorCode::AddOnParentMismatch
                        | ErrorCode::OfferNotInCountry
                        | ErrorCode::CatalogItemIdMissing
                        | ErrorCode::AttestationRequired
                        | ErrorCode::PartnerAttestationMissing
                )
            )
    }

    /// Whether a response with a body came in which the service says no, or a status that says so.
    pub(crate) fn is_rejection(&self) -> bool {
        self.0.status.is_some_and(|status| {
            status.is_client_error() || status.is_redirection() || (status.is_success() && self.0.fault.is_some())
        })
    }
}
