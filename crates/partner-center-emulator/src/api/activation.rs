//! Activation links of other publishers' products. They are secrets.

use http::StatusCode;
use serde::Serialize;

use super::call::{Call, CustomerContext};
use super::collection::Collection;
use crate::error_response::ErrorResponse;
use crate::settings::Environment;
use crate::state::State;
use crate::state::orders::Link;
use crate::state::subscriptions::SubscriptionRecord;
use crate::wire::response::BufferedResponse;

/// The path of activation links.
pub(crate) const PATH: &str = "activate";

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ActivationLink {
    line_item_number: i32,
    link: Link,
}

pub(super) fn of_order(context: &CustomerContext<'_>, call: &Call<'_>) -> Result<BufferedResponse, ErrorResponse> {
    let path = format!("/customers/{}/orders/{}/activationlinks", context.customer.id, call.parameter(1));
    of_lines(context, call, |_| true, path)
}

pub(super) fn of_line(context: &CustomerContext<'_>, call: &Call<'_>) -> Result<BufferedResponse, ErrorResponse> {
    let number: i32 = call
        .parameter(2)
        .parse()
        .ok()
        .filter(|number| *number >= 0)
        .ok_or_else(|| ErrorResponse::invalid("lineItemNumber", "The line number must be a number from 0."))?;
    let record = context.customer.orders.get(call.parameter(1)).ok_or_else(ErrorResponse::order_not_found)?;
    if !record.order.line_items.iter().any(|line| line.line_item_number == number) {
        return Err(ErrorResponse::not_found(1000, "The order has no such line."));
    }
    let order = call.parameter(1);
    let path = format!("/customers/{}/orders/{order}/lineitems/{number}/activationlinks", context.customer.id);
    of_lines(context, call, |line| line == number, path)
}

fn of_lines(
    context: &CustomerContext<'_>,
    call: &Call<'_>,
    wanted: impl Fn(i32) -> bool,
    path: String,
) -> Result<BufferedResponse, ErrorResponse> {
    let record = context.customer.orders.get(call.parameter(1)).ok_or_else(ErrorResponse::order_not_found)?;
    let lines = record.order.line_items.iter().filter(|line| wanted(line.line_item_number));
    let items = lines.filter_map(|line| {
        let subscription = context.customer.subscriptions.get(line.subscription_id.as_deref()?)?;
        link(subscription, line.line_item_number, call)
    });
    Ok(BufferedResponse::json(StatusCode::OK, &Collection::new(items.collect()).with_self(path)))
}

pub(super) fn of_subscription(
    context: &CustomerContext<'_>,
    call: &Call<'_>,
) -> Result<BufferedResponse, ErrorResponse> {
    let record =
        context.customer.subscriptions.get(call.parameter(1)).ok_or_else(ErrorResponse::subscription_not_found)?;
    let links = link(record, record.line, call).into_iter().collect();
    let path = format!("/customers/{}/subscriptions/{}/activationlinks", context.customer.id, record.subscription.id);
    Ok(BufferedResponse::json(StatusCode::OK, &Collection::new(links).with_self(path)))
}

/// In production the link leads to the emulator, which activates the subscription as the publisher would; in a sandbox it
/// is a dummy (documented).
fn link(record: &SubscriptionRecord, line: i32, call: &Call<'_>) -> Option<ActivationLink> {
    let token = record.activation_token.as_deref()?;
    let uri = match call.settings.environment {
        Environment::Production => format!("{}/{PATH}?token={token}", call.origin),
        Environment::Sandbox => format!("https://sandbox.example/{PATH}?token={token}"),
    };
    Some(ActivationLink { line_item_number: line, link: Link::get(uri) })
}

/// Follows an activation link. Returns whether there is one with this token.
pub(crate) fn visit(state: &mut State, token: &str) -> bool {
    for customer in state.customers.values_mut() {
        let ids: Vec<String> = customer
            .subscriptions
            .iter()
            .filter(|record| record.activation_token.as_deref() == Some(token))
            .map(|record| record.subscription.id.clone())
            .collect();
        let Some(record) = ids.first().and_then(|id| customer.subscriptions.get_mut(id)) else { continue };
        if record.subscription.status == "pending" {
            record.subscription.set_status("active");
            record.bump_version();
            state.effects.count("subscriptionsActivated");
        }
        return true;
    }
    false
}
