//! Changes of subscriptions that are accepted (202) and take place later.

use http::StatusCode;
use http::header::LOCATION;

use super::acceptance::Acceptance;
use super::call::{Call, CustomerContext};
use crate::clock::delta;
use crate::error_response::ErrorResponse;
use crate::route::Operation;
use crate::state::subscriptions::{PendingChange, SubscriptionRecord};
use crate::wire::response::BufferedResponse;

/// A change that is to be accepted, before it is made.
pub(super) struct Accepting {
    acceptance: Acceptance,
    before: SubscriptionRecord,
}

/// Begins a call. Changes that are still pending take place before the next write.
pub(super) fn begin(context: &mut CustomerContext<'_>, call: &Call<'_>) -> Option<Accepting> {
    if call.operation.is_write() {
        for id in context.due.take_changes_of(context.customer.id) {
            if let Some(record) = context.customer.subscriptions.get_mut(&id) {
                record.make_pending_change();
            }
        }
    }
    let acceptance = call.acceptance.filter(|_| call.operation == Operation::UpdateSubscription)?;
    let before = context.customer.subscriptions.get(call.parameter(1))?.clone();
    Some(Accepting { acceptance, before })
}

/// Ends a call: puts off a change that was made.
pub(super) fn end(
    accepting: Option<Accepting>,
    context: &mut CustomerContext<'_>,
    call: &Call<'_>,
    response: Result<BufferedResponse, ErrorResponse>,
) -> Result<BufferedResponse, ErrorResponse> {
    let (Some(Accepting { acceptance, before }), Ok(response)) = (accepting, &response) else { return response };
    let customer = context.customer.id;
    let Some(record) = context.customer.subscriptions.get_mut(&before.subscription.id) else {
        return Err(ErrorResponse::subscription_not_found());
    };
    let at = call.now + delta(acceptance.takes);
    let changed = std::mem::replace(record, before);
    record.pending = Some(Box::new(PendingChange { at, record: changed }));
    let id = record.subscription.id.clone();
    context.due.add_change(at, customer, &id);
    let accepted = if acceptance.with_body {
        BufferedResponse { status: StatusCode::ACCEPTED, ..response.clone() }
    } else {
        BufferedResponse::empty(StatusCode::ACCEPTED)
    };
    Ok(accepted.with_text_header(LOCATION, &format!("/customers/{customer}/subscriptions/{id}")))
}
