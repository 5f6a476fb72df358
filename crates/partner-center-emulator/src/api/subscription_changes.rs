//! Changes of subscriptions. A PATCH is the whole resource: members that it leaves out are reset (documented).

use http::StatusCode;
use serde_json::Value;

use super::billing_cycle;
use super::call::{Call, CustomerContext};
use super::orders::read_cycle;
use super::subscriptions::find_here;
use crate::catalog::ItemKind;
use crate::clock::delta;
use crate::error_response::ErrorResponse;
use crate::settings::{ClosedWindow, Environment, ImmediateChange, OmittedMembers, ScheduleWithoutRenewal};
use crate::state::subscriptions::{Subscription, SubscriptionRecord};
use crate::wire::members::{Members, parse};
use crate::wire::response::BufferedResponse;

/// The documented limit of a sandbox.
const SANDBOX_LICENCES: i32 = 25;

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
    let mut wanted = wanted(record, &body, call)?;
    let catalog_maximum = context
        .catalog
        .find(record.subscription.offer_id.as_deref().unwrap_or_default())
        .map_or(i32::MAX, |item| item.maximum);
    check(record, call, &wanted, catalog_maximum)?;
    if wanted.status == "deleted" {
        wanted.delete();
    }
    let deletes_schedules = call.settings.immediate_change == ImmediateChange::DeletesSchedules;
    if deletes_schedules && wanted.quantity != record.subscription.quantity {
        wanted.delete_schedules();
    }
    if !wanted.auto_renew_enabled && call.settings.schedule_without_renewal == ScheduleWithoutRenewal::Deleted {
        wanted.scheduled_next_term_instructions = None;
    }
    let id = record.subscription.id.clone();
    let Some(record) = context.customer.subscriptions.get_mut(&id) else {
        return Err(ErrorResponse::subscription_not_found());
    };
    if wanted != record.subscription {
        apply(record, call, wanted);
        context.effects.count("subscriptionsChanged");
    }
    Ok(BufferedResponse::json(StatusCode::OK, &record.shown(call.now)))
}

/// Returns the subscription as the body wants it. Members that the service sets itself are ignored.
fn wanted(record: &SubscriptionRecord, body: &Members<'_>, call: &Call<'_>) -> Result<Subscription, ErrorResponse> {
    let mut wanted = record.subscription.clone();
    if let Some(status) = status(body)? {
        wanted.set_status(status);
    }
    check_cycle(record, body)?;
    if let Some(quantity) = body.integer("quantity")? {
        wanted.quantity = quantity;
    }
    for (name, member) in [("friendlyName", &mut wanted.friendly_name), ("partnerId", &mut wanted.partner_id)] {
        if let Some(text) = body.text(name)? {
            *member = Some(text.to_owned());
        }
    }
    let omitted = call.settings.omitted_members;
    let is_kept = omitted == OmittedMembers::Kept;
    wanted.auto_renew_enabled =
        body.boolean("autoRenewEnabled")?.unwrap_or(is_kept && record.subscription.auto_renew_enabled);
    for (name, member) in [
        ("scheduledNextTermInstructions", &mut wanted.scheduled_next_term_instructions),
        ("nextChargeInstructions", &mut wanted.next_charge_instructions),
    ] {
        let given = instructions(body, name)?;
        if given.is_some() || !is_kept {
            *member = given;
        }
    }
    if omitted == OmittedMembers::AllReset {
        wanted.extra.clear();
    }
    wanted.extra.extend(body.others(Subscription::MEMBERS));
    Ok(wanted)
}

fn status(body: &Members<'_>) -> Result<Option<&'static str>, ErrorResponse> {
    const STATUSES: [&str; 7] = ["none", "active", "pending", "suspended", "expired", "disabled", "deleted"];
    let Some(text) = body.text("status")? else { return Ok(None) };
    let known = STATUSES.into_iter().find(|status| status.eq_ignore_ascii_case(text));
    known.map(Some).ok_or_else(|| ErrorResponse::enum_not_parsable("status"))
}

/// Checks that the billing cycle stays as it is.
fn check_cycle(record: &SubscriptionRecord, body: &Members<'_>) -> Result<(), ErrorResponse> {
    let wanted = read_cycle(body)?.filter(|cycle| *cycle != "unknown");
    let current = record.subscription.billing_cycle.as_deref().and_then(billing_cycle::read);
    match (wanted, current) {
        (Some(wanted), Some(current)) if wanted != current => Err(match record.kind {
            ItemKind::Licence | ItemKind::Azure => {
                ErrorResponse::bad_request(2054, "The billing cycle is changed through the order.")
            }
            _ => ErrorResponse::bad_request(800_097, "The billing cycle of this subscription can't be changed."),
        }),
        _ => Ok(()),
    }
}

/// Returns instructions for the next term or charge, as the service writes them.
fn instructions(body: &Members<'_>, name: &'static str) -> Result<Option<Value>, ErrorResponse> {
    let Some(instructions) = body.object(name)? else { return Ok(None) };
    instructions.integer("quantity")?;
    instructions.date("customTermEndDate")?;
    let mut kept = instructions.all();
    if let Some(product) = instructions.object("product")? {
        for text in ["productId", "skuId", "availabilityId", "promotionId"] {
            product.text(text)?;
        }
        let term = product.text("termDuration")?;
        if let Some(cycle) = read_cycle(&product)? {
            billing_cycle::check_against_term(cycle, term, &product)?;
            if let Some(Value::Object(product)) = kept.get_mut("product") {
                product.insert("billingCycle".to_owned(), cycle.into());
            }
        }
    }
    Ok(Some(Value::Object(kept)))
}

/// Checks that a change is allowed.
fn check(
    record: &SubscriptionRecord,
    call: &Call<'_>,
    wanted: &Subscription,
    maximum: i32,
) -> Result<(), ErrorResponse> {
    let current = &record.subscription;
    if current.status == "deleted" {
        return if wanted == current {
            Ok(())
        } else {
            Err(ErrorResponse::bad_request(2011, "A deleted subscription can't be changed."))
        };
    }
    if wanted.status != current.status {
        check_status(record, call, &wanted.status)?;
    }
    if wanted.quantity != current.quantity {
        check_quantity(record, call, wanted, maximum)?;
    }
    let is_unrenewed = wanted.scheduled_next_term_instructions.is_some()
        && !wanted.auto_renew_enabled
        && wanted.status != "deleted"
        && call.settings.schedule_without_renewal == ScheduleWithoutRenewal::Refused;
    if is_unrenewed {
        return Err(ErrorResponse::invalid(
            "scheduledNextTermInstructions",
            "A change can't be scheduled for the next term while auto-renewal is off.",
        ));
    }
    Ok(())
}

/// Checks a change of the status: legacy and new-commerce subscriptions are suspended and resumed, all but legacy ones
/// are deleted within their window.
fn check_status(record: &SubscriptionRecord, call: &Call<'_>, status: &str) -> Result<(), ErrorResponse> {
    let legacy = record.kind.is_legacy();
    match (record.subscription.status.as_str(), status) {
        ("active", "suspended") | ("suspended", "active") if legacy || record.kind.is_new_commerce() => Ok(()),
        ("active" | "pending" | "suspended", "deleted") if !legacy => match record.cancellable_until {
            Some(until) if call.now > until => {
                let code = match call.settings.closed_cancellation {
                    ClosedWindow::General => 900_117,
                    ClosedWindow::Hours | ClosedWindow::Days => 900_213,
                };
                Err(ErrorResponse::bad_request(code, "The cancellation window has passed."))
            }
            _ => Ok(()),
        },
        _ => Err(ErrorResponse::bad_request(800_040, "The status can't be changed in this way.")),
    }
}

fn check_quantity(
    record: &SubscriptionRecord,
    call: &Call<'_>,
    wanted: &Subscription,
    maximum: i32,
) -> Result<(), ErrorResponse> {
    let current = &record.subscription;
    let quantity = wanted.quantity;
    if current.status == "suspended" || wanted.status == "suspended" {
        return Err(ErrorResponse::bad_request(2001, "The quantity can't change while the subscription is suspended."));
    }
    if current.status == "pending" {
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
    let given_back = current.quantity.saturating_sub(quantity);
    if given_back > 0 && !record.can_give_back(given_back, call.now) {
        let code = match call.settings.closed_reduction {
            ClosedWindow::General => 800_090,
            ClosedWindow::Hours => 900_214,
            ClosedWindow::Days => 900_257,
        };
        return Err(ErrorResponse::bad_request(code, "The quantity can no longer be lowered by so much."));
    }
    Ok(())
}

fn apply(record: &mut SubscriptionRecord, call: &Call<'_>, wanted: Subscription) {
    let before = std::mem::replace(&mut record.subscription, wanted);
    if record.subscription.quantity != before.quantity {
        record.follow_quantity(before.quantity, call.now, delta(call.settings.subscription_cancellation_window));
        // Provisioning is pending while licences change (documented).
        record.provisioned_at = call.now + delta(call.settings.provisioning_time);
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
        "promotionId",
        "migratedFromSubscriptionId",
        "productOrderId",
    ] {
        body.text(name)?;
    }
    for name in [
        "creationDate",
        "effectiveStartDate",
        "commitmentEndDate",
        "commitmentEndDateTime",
        "billingCycleEndDate",
        "billingCycleEndDateTime",
        "cancellationAllowedUntilDate",
        "customTermEndDate",
    ] {
        body.date(name)?;
    }
    for name in ["isMicrosoftProduct", "hasPurchasableAddons", "isTrial", "attentionNeeded", "actionTaken"] {
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
    if let Some(refundable) = body.object("refundableQuantity")? {
        refundable.integer("totalQuantity")?;
        for detail in refundable.objects("details")?.into_iter().flatten() {
            detail.integer("quantity")?;
            detail.date("allowedUntilDateTime")?;
        }
    }
    body.objects("lineItems")?;
    Ok(())
}
