//! Subscriptions: reading, activation, registration.

use http::StatusCode;
use http::header::LOCATION;
use serde::Serialize;
use serde_json::json;

use super::call::{Call, CustomerContext};
use super::collection::Collection;
use crate::catalog::ItemKind;
use crate::clock::delta;
use crate::error_response::ErrorResponse;
use crate::settings::Environment;
use crate::state::orders::Attributes;
use crate::state::subscriptions::{Registration, SubscriptionRecord};
use crate::state::{Customer, State};
use crate::wire::response::BufferedResponse;

/// How long a registration takes. Documented only as not immediate.
const REGISTRATION_TIME: chrono::TimeDelta = chrono::TimeDelta::seconds(5);

pub(super) fn list(context: &CustomerContext<'_>, call: &Call<'_>) -> Result<BufferedResponse, ErrorResponse> {
    let order = call.query.get("order_id");
    let reseller = call.query.get("mpn_id");
    if order.is_some_and(str::is_empty) {
        return Err(ErrorResponse::invalid("order_id", "The order id is empty."));
    }
    if order.is_some_and(|order| context.customer.orders.get(order).is_none()) {
        return Err(ErrorResponse::order_not_found());
    }
    let is_wanted = |record: &&SubscriptionRecord| {
        let subscription = &record.subscription;
        let of_order = |order: &str| subscription.order_id.as_deref().is_some_and(|id| id.eq_ignore_ascii_case(order));
        order.is_none_or(of_order)
            && reseller.is_none_or(|reseller| subscription.partner_id.as_deref() == Some(reseller))
    };
    let records = context.customer.subscriptions.iter().filter(is_wanted);
    let items: Vec<_> = records.map(|record| record.shown(call.now)).collect();
    // The samples of this collection have no links.
    Ok(BufferedResponse::json(StatusCode::OK, &Collection::new(items)))
}

pub(super) fn get(context: &CustomerContext<'_>, call: &Call<'_>) -> Result<BufferedResponse, ErrorResponse> {
    let record = find_here(context.customer, call)?;
    Ok(BufferedResponse::json(StatusCode::OK, &record.shown(call.now)))
}

pub(super) fn find_here<'a>(customer: &'a Customer, call: &Call<'_>) -> Result<&'a SubscriptionRecord, ErrorResponse> {
    customer.subscriptions.get(call.parameter(1)).ok_or_else(ErrorResponse::subscription_not_found)
}

/// Handles a link of 2015, `/subscriptions?key=`.
pub(super) fn find(state: &State, call: &Call<'_>) -> Result<BufferedResponse, ErrorResponse> {
    let key = call.query.get("key").ok_or_else(ErrorResponse::unknown_address)?;
    let mut all = state.customers.values().flat_map(|customer| customer.subscriptions.iter());
    let record =
        all.find(|record| record.key.as_deref() == Some(key)).ok_or_else(ErrorResponse::subscription_not_found)?;
    Ok(BufferedResponse::json(StatusCode::OK, &record.shown(call.now)))
}

/// Handles a link without the customer.
pub(super) fn find_provisioning_status(state: &State, call: &Call<'_>) -> Result<BufferedResponse, ErrorResponse> {
    let found = state.customers.values().find_map(|customer| customer.subscriptions.get(call.parameter(0)));
    let record = found.ok_or_else(ErrorResponse::subscription_not_found)?;
    Ok(BufferedResponse::json(StatusCode::OK, &status_of(record, call)))
}

/// The provisioning status of a subscription.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ProvisioningStatus<'a> {
    sku_id: String,
    status: &'static str,
    quantity: i32,
    end_date: &'a str,
    attributes: Attributes,
}

pub(super) fn provisioning_status(
    context: &CustomerContext<'_>,
    call: &Call<'_>,
) -> Result<BufferedResponse, ErrorResponse> {
    let record = find_here(context.customer, call)?;
    Ok(BufferedResponse::json(StatusCode::OK, &status_of(record, call)))
}

fn status_of<'a>(record: &'a SubscriptionRecord, call: &Call<'_>) -> ProvisioningStatus<'a> {
    let settled = record.provisioned_at + delta(call.settings.provisioning_status_lag);
    let offer = record.subscription.offer_id.as_deref().unwrap_or_default();
    ProvisioningStatus {
        sku_id: crate::catalog::service_sku(offer),
        status: if call.now < settled { "pending" } else { "success" },
        quantity: record.subscription.quantity,
        end_date: &record.subscription.commitment_end_date,
        attributes: Attributes::of("SubscriptionProvisioningStatus"),
    }
}

/// Activates a subscription in a sandbox, without the publisher's page.
pub(super) fn activate(context: &mut CustomerContext<'_>, call: &Call<'_>) -> Result<BufferedResponse, ErrorResponse> {
    let record = find_here(context.customer, call)?;
    if call.settings.environment == Environment::Production {
        return Err(ErrorResponse::bad_request(900_127, "Subscriptions can be activated in a sandbox only."));
    }
    if record.kind != ItemKind::Saas {
        return Err(ErrorResponse::bad_request(
            800_042,
            "Only subscriptions to other publishers' products are activated.",
        ));
    }
    if record.subscription.status != "pending" {
        return Err(ErrorResponse::bad_request(800_041, "The subscription is already active."));
    }
    let id = record.subscription.id.clone();
    if let Some(record) = context.customer.subscriptions.get_mut(&id) {
        record.subscription.set_status("active");
        record.bump_version();
    }
    context.effects.count("subscriptionsActivated");
    Ok(BufferedResponse::json(StatusCode::OK, &json!({"subscriptionId": id, "status": "Success"})))
}

/// Registers an Azure subscription for reservations.
pub(super) fn register(context: &mut CustomerContext<'_>, call: &Call<'_>) -> Result<BufferedResponse, ErrorResponse> {
    let record = find_here(context.customer, call)?;
    if record.kind != ItemKind::Azure {
        return Err(ErrorResponse::bad_request(800_011, "The subscription is not an Azure subscription."));
    }
    if record.subscription.status != "active" {
        return Err(ErrorResponse::bad_request(800_012, "The subscription is not active."));
    }
    let id = record.subscription.id.clone();
    if let Some(record) = context.customer.subscriptions.get_mut(&id)
        && record.registration == Registration::NotRegistered
    {
        record.registration = Registration::Requested { done_at: call.now + REGISTRATION_TIME };
        context.effects.count("subscriptionsRegistered");
    }
    let location = format!("/customers/{}/subscriptions/{id}/registrationstatus", context.customer.id);
    Ok(BufferedResponse::empty(StatusCode::ACCEPTED).with_text_header(LOCATION, &location))
}

pub(super) fn registration_status(
    context: &CustomerContext<'_>,
    call: &Call<'_>,
) -> Result<BufferedResponse, ErrorResponse> {
    let record = find_here(context.customer, call)?;
    let status = match record.registration {
        Registration::NotRegistered => "NotRegistered",
        Registration::Requested { done_at } if call.now < done_at => "Registering",
        Registration::Requested { .. } => "Registered",
    };
    let body = json!({
        "subscriptionId": record.subscription.id,
        "status": status,
        "attributes": {"objectType": "SubscriptionRegistrationStatus"},
    });
    Ok(BufferedResponse::json(StatusCode::OK, &body))
}
