//! Subscriptions: reading, changes, activation, registration.

use http::StatusCode;
use http::header::LOCATION;
use serde::Serialize;
use serde_json::json;

use super::call::{Call, CustomerContext};
use super::collection::Collection;
use super::orders::read_cycle;
use crate::catalog::ItemKind;
use crate::clock::delta;
use crate::error_response::ErrorResponse;
use crate::settings::Environment;
use crate::state::orders::Attributes;
use crate::state::subscriptions::{Registration, SubscriptionRecord};
use crate::state::{Customer, State};
use crate::wire::members::{Members, parse};
use crate::wire::response::BufferedResponse;

/// How long a registration takes. Documented only as not immediate.
const REGISTRATION_TIME: chrono::TimeDelta = chrono::TimeDelta::seconds(5);

/// The documented limit of a sandbox.
const SANDBOX_LICENCES: i32 = 25;

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
    let items: Vec<_> =
        context.customer.subscriptions.iter().filter(is_wanted).map(|record| &record.subscription).collect();
    // The samples of this collection have no links.
    Ok(BufferedResponse::json(StatusCode::OK, &Collection::new(items)))
}

pub(super) fn get(context: &CustomerContext<'_>, call: &Call<'_>) -> Result<BufferedResponse, ErrorResponse> {
    let record = find_here(context.customer, call)?;
    Ok(BufferedResponse::json(StatusCode::OK, &record.subscription))
}

fn find_here<'a>(customer: &'a Customer, call: &Call<'_>) -> Result<&'a SubscriptionRecord, ErrorResponse> {
    customer.subscriptions.get(call.parameter(1)).ok_or_else(ErrorResponse::subscription_not_found)
}

/// Handles a link of 2015, `/subscriptions?key=`.
pub(super) fn find(state: &State, call: &Call<'_>) -> Result<BufferedResponse, ErrorResponse> {
    let key = call.query.get("key").ok_or_else(ErrorResponse::unknown_address)?;
    let mut all = state.customers.values().flat_map(|customer| customer.subscriptions.iter());
    let record =
        all.find(|record| record.key.as_deref() == Some(key)).ok_or_else(ErrorResponse::subscription_not_found)?;
    Ok(BufferedResponse::json(StatusCode::OK, &record.subscription))
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

/// The requested changes of a subscription.
#[derive(Default)]
struct Change {
    status: Option<&'static str>,
    quantity: Option<i32>,
    friendly_name: Option<String>,
    auto_renew: Option<bool>,
    partner: Option<String>,
    next_term: Option<serde_json::Value>,
}

pub(super) fn update(context: &mut CustomerContext<'_>, call: &Call<'_>) -> Result<BufferedResponse, ErrorResponse> {
    let body = parse(call.body)?;
    let body = Members::of_body(&body)?;
    let record = find_here(context.customer, call)?;
    let etag = record.subscription.attributes.as_ref().and_then(|attributes| attributes.etag.as_deref());
    call.check_etag(etag)?;
    check_common_members(&body)?;
    if body.text("id")?.is_some_and(|id| !id.eq_ignore_ascii_case(&record.subscription.id)) {
        return Err(ErrorResponse::invalid("id", "The id is not that of the subscription."));
    }
    let change = change(record, &body)?;
    let catalog_maximum = context
        .catalog
        .find(record.subscription.offer_id.as_deref().unwrap_or_default())
        .map_or(i32::MAX, |item| item.maximum);
    check(record, call, &change, catalog_maximum)?;
    let is_change = change.status.is_some()
        || change.quantity.is_some()
        || change.friendly_name.is_some()
        || change.auto_renew.is_some()
        || change.partner.is_some()
        || change.next_term.is_some();
    let id = record.subscription.id.clone();
    let Some(record) = context.customer.subscriptions.get_mut(&id) else {
        return Err(ErrorResponse::subscription_not_found());
    };
    if is_change {
        apply(record, call, change);
        context.effects.count("subscriptionsChanged");
    }
    Ok(BufferedResponse::json(StatusCode::OK, &record.subscription))
}

/// Returns the differences between body and subscription. Members that the service sets itself are ignored.
fn change(record: &SubscriptionRecord, body: &Members<'_>) -> Result<Change, ErrorResponse> {
    const STATUSES: [&str; 6] = ["none", "active", "pending", "suspended", "expired", "deleted"];
    let subscription = &record.subscription;
    let status = match body.text("status")? {
        None => None,
        Some(text) => {
            let known = STATUSES.into_iter().find(|status| status.eq_ignore_ascii_case(text));
            Some(known.ok_or_else(|| ErrorResponse::enum_not_parsable("status"))?)
        }
    };
    if let Some(cycle) = read_cycle(body)?.filter(|cycle| *cycle != "unknown") {
        let current = subscription.billing_cycle.as_deref().and_then(super::billing_cycle::read);
        if current.is_some_and(|current| current != cycle) {
            return Err(match record.kind {
                ItemKind::Licence | ItemKind::Azure => {
                    ErrorResponse::bad_request(2054, "The billing cycle is changed through the order.")
                }
                _ => ErrorResponse::bad_request(800_097, "The billing cycle of this subscription can't be changed."),
            });
        }
    }
    let text = |name, current: &Option<String>| -> Result<Option<String>, ErrorResponse> {
        Ok(body.text(name)?.filter(|text| current.as_deref() != Some(*text)).map(str::to_owned))
    };
    let next_term = body.object("scheduledNextTermInstructions")?.is_some();
    Ok(Change {
        status: status.filter(|status| *status != subscription.status),
        quantity: body.integer("quantity")?.filter(|quantity| *quantity != subscription.quantity),
        friendly_name: text("friendlyName", &subscription.friendly_name)?,
        auto_renew: body.boolean("autoRenewEnabled")?.filter(|renew| *renew != subscription.auto_renew_enabled),
        partner: text("partnerId", &subscription.partner_id)?,
        next_term: body
            .get("scheduledNextTermInstructions")
            .filter(|given| next_term && subscription.scheduled_next_term_instructions.as_ref() != Some(given))
            .cloned(),
    })
}

/// Checks that a change is allowed.
fn check(record: &SubscriptionRecord, call: &Call<'_>, change: &Change, maximum: i32) -> Result<(), ErrorResponse> {
    let current = record.subscription.status.as_str();
    let anything = change.status.is_some() || change.quantity.is_some() || change.auto_renew.is_some();
    if current == "deleted" && (anything || change.friendly_name.is_some()) {
        return Err(ErrorResponse::bad_request(2011, "A deleted subscription can't be changed."));
    }
    if let Some(status) = change.status {
        check_status(record, call, status)?;
    }
    if let Some(quantity) = change.quantity {
        if current == "suspended" || change.status == Some("suspended") {
            return Err(ErrorResponse::bad_request(
                2001,
                "The quantity can't change while the subscription is suspended.",
            ));
        }
        if current == "pending" {
            return Err(ErrorResponse::bad_request(800_081, "The subscription must be activated first."));
        }
        if quantity < 1 || quantity > maximum {
            return Err(ErrorResponse::bad_request(2002, "The quantity is outside what the offer allows."));
        }
        if call.settings.environment == Environment::Sandbox && quantity > SANDBOX_LICENCES {
            return Err(ErrorResponse::bad_request(800_018, "A sandbox allows 25 licences per subscription."));
        }
        if record.kind == ItemKind::Azure || record.kind == ItemKind::AzurePlan {
            return Err(ErrorResponse::bad_request(800_095, "The quantity of this subscription can't be changed."));
        }
        let closed = record.cancellable_until.is_some_and(|until| call.now > until);
        if closed && quantity < record.subscription.quantity {
            return Err(ErrorResponse::bad_request(800_090, "The quantity can no longer be lowered."));
        }
    }
    Ok(())
}

/// Checks a change of the status: legacy subscriptions are suspended and resumed, others are deleted within their window.
fn check_status(record: &SubscriptionRecord, call: &Call<'_>, status: &str) -> Result<(), ErrorResponse> {
    let legacy = record.kind.is_legacy();
    match (record.subscription.status.as_str(), status) {
        ("active", "suspended") | ("suspended", "active") if legacy => Ok(()),
        ("active" | "pending" | "suspended", "deleted") if !legacy => match record.cancellable_until {
            Some(until) if call.now > until => {
                Err(ErrorResponse::bad_request(900_117, "The cancellation window has passed."))
            }
            _ => Ok(()),
        },
        _ => Err(ErrorResponse::bad_request(800_040, "The status can't be changed in this way.")),
    }
}

fn apply(record: &mut SubscriptionRecord, call: &Call<'_>, change: Change) {
    let subscription = &mut record.subscription;
    if let Some(status) = change.status {
        subscription.set_status(status);
        if status == "deleted" {
            subscription.auto_renew_enabled = false;
        }
    }
    if let Some(quantity) = change.quantity {
        subscription.quantity = quantity;
        // Provisioning is pending while licences change (documented).
        record.provisioned_at = call.now + delta(call.settings.provisioning_time);
    }
    if change.friendly_name.is_some() {
        subscription.friendly_name = change.friendly_name;
    }
    if let Some(renew) = change.auto_renew {
        subscription.auto_renew_enabled = renew;
    }
    if change.partner.is_some() {
        subscription.partner_id = change.partner;
    }
    if change.next_term.is_some() {
        subscription.scheduled_next_term_instructions = change.next_term;
    }
    record.bump_version();
}

/// Checks the types of the members that the service sets itself. Their values are ignored.
fn check_common_members(body: &Members<'_>) -> Result<(), ErrorResponse> {
    for name in [
        "orderId",
        "entitlementId",
        "offerId",
        "offerName",
        "publisherName",
        "unitType",
        "parentSubscriptionId",
        "billingType",
        "contractType",
        "termDuration",
        "renewalTermDuration",
    ] {
        body.text(name)?;
    }
    for name in ["creationDate", "effectiveStartDate", "commitmentEndDate", "cancellationAllowedUntilDate"] {
        body.date(name)?;
    }
    for name in ["isMicrosoftProduct", "hasPurchasableAddons", "isTrial"] {
        body.boolean(name)?;
    }
    body.check_links_and_attributes()?;
    if let Some(product_type) = body.object("productType")? {
        product_type.text("id")?;
        product_type.text("displayName")?;
    }
    for name in ["actions", "suspensionReasons"] {
        body.texts(name)?;
    }
    for option in body.objects("refundOptions")?.into_iter().flatten() {
        option.text("type")?;
        option.date("expiresAt")?;
    }
    Ok(())
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
