//! Errors that settle the outcome of a write.

use http::StatusCode;
use partner_center_orders_api::{ErrorCode, Operation, RetryClass};

use super::{Error, ErrorKind};

impl Error {
    /// Whether the error settles a resumed write. Any other, such as that of a failed read of its effect, leaves the outcome
    /// unknown.
    pub(crate) fn settles_resumed(&self) -> bool {
        let took_place = self.0.scheduled.as_ref().is_some_and(|scheduled| scheduled.is_after_change);
        if self.0.kind == ErrorKind::NotApplied || took_place {
            return true;
        }
        let is_about_write = self.0.operation.is_some_and(|operation| operation.retry_class() != RetryClass::Read);
        // The id may have been used with another body.
        is_about_write && self.code() != Some(ErrorCode::InvalidInput) && self.settles_open()
    }

    /// Whether the error means that the write had no effect, though an earlier attempt may have had one: see
    /// `settled_table.md`, which a test compares with this.
    pub(crate) fn settles_open(&self) -> bool {
        // An earlier attempt may be the reason for these.
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

    /// Whether the service rejected the write with a reason. Statuses about something else than the request don't count: the
    /// token, the rate limit, a state that an earlier attempt may have led to.
    fn rejects_write(&self) -> bool {
        let Some(status) = self.0.status else { return false };
        // A response without a code may mean that an earlier attempt took place.
        let has_reason = self.0.fault.as_ref().is_some_and(|fault| fault.code.is_some());
        has_reason
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

    /// Whether the error is about an item in the cart, which the service checks only if the cart can still be checked out.
    /// Limits, credit and stock don't count: an earlier attempt may have used them up.
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

    /// Whether the service rejected the request, by its status or by a fault in the body.
    pub(crate) fn is_rejection(&self) -> bool {
        self.0.status.is_some_and(|status| {
            status.is_client_error() || status.is_redirection() || (status.is_success() && self.0.fault.is_some())
        })
    }
}
