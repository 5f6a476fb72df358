//! Changes of orders: cancellation, add-ons and billing cycle, distinguished by the body.

use http::StatusCode;
use serde_json::Value;

use super::call::{Call, CustomerContext};
use super::lines::{self, Parent, Purchase};
use super::orders::{check_common_members, check_numbers, offered, read_cycle, retired_status, sort_by_number, status};
use super::place_order::{self, Generation};
use crate::catalog::{CatalogItem, ItemKind};
use crate::clock::delta;
use crate::error_response::ErrorResponse;
use crate::settings::{Capitals, Environment, ProductionCancellation, SandboxCancellation};
use crate::state::Keyed as _;
use crate::state::orders::{Order, OrderLine, OrderRecord};
use crate::wire::members::{Members, merge, parse};
use crate::wire::response::BufferedResponse;

/// Documented: a sandbox rejects cancellations of older orders.
const SANDBOX_AGE: chrono::TimeDelta = chrono::TimeDelta::days(60);

pub(super) fn update(context: &mut CustomerContext<'_>, call: &Call<'_>) -> Result<BufferedResponse, ErrorResponse> {
    let body = parse(call.body)?;
    let body = Members::of_body(&body)?;
    let record = context.customer.orders.get(call.parameter(1)).ok_or_else(ErrorResponse::order_not_found)?;
    let etag = record.order.attributes.as_ref().and_then(|attributes| attributes.etag.as_deref());
    call.check_etag(etag)?;
    check_common_members(&body)?;
    if body.text("id")?.is_some_and(|id| OrderRecord::key(id) != OrderRecord::key(&record.order.id)) {
        return Err(ErrorResponse::invalid("id", "The id is not that of the order."));
    }
    let lines = body.objects("lineItems")?.unwrap_or_default();
    let is_cancellation = status(&body)? == Some("cancelled") && record.order.status.as_deref() != Some("cancelled");
    let is_changed =
        if is_cancellation { cancel(context, call, &lines)? } else { change(context, call, &body, &lines)? };
    let Some(record) = context.customer.orders.get_mut(call.parameter(1)) else {
        return Err(ErrorResponse::order_not_found());
    };
    if keep_others(&mut record.order, &body, &lines) && !is_changed {
        record.bump_version();
    }
    let mut order = record.shown_after_writing();
    if is_cancellation {
        order.status.clone_from(&record.order.status);
        if call.settings.environment == Environment::Sandbox {
            // The sandbox's response has no links (documented sample).
            order.links = None;
        }
    }
    Ok(BufferedResponse::json(StatusCode::OK, &order))
}

/// Makes the change of a body that doesn't cancel. Returns whether there is one.
fn change(
    context: &mut CustomerContext<'_>,
    call: &Call<'_>,
    body: &Members<'_>,
    lines: &[Members<'_>],
) -> Result<bool, ErrorResponse> {
    let record = context.customer.orders.get(call.parameter(1)).ok_or_else(ErrorResponse::order_not_found)?;
    match status(body)? {
        Some("unknown") | None => {}
        Some(status) if record.order.status.as_deref() == Some(status) => {}
        Some("none") => return Err(retired_status()),
        Some(_) => return Err(ErrorResponse::invalid("status", "The only status that can be set is cancelled.")),
    }
    let mut add_ons = Vec::new();
    for line in lines {
        if is_add_on(line, &record.order)? {
            add_ons.push(*line);
        }
    }
    if !add_ons.is_empty() {
        return add(context, call, &add_ons);
    }
    let current = record.order.billing_cycle.as_deref().and_then(super::billing_cycle::read);
    match read_cycle(body)? {
        Some(cycle) if cycle != "unknown" && current != Some(cycle) => change_cycle(context, call, cycle, lines),
        _ => check_unchanged(record, lines),
    }
}

/// Keeps the members that the emulator doesn't know, of the order and of the lines that the body names. Returns whether
/// one of them is new or has another value.
fn keep_others(order: &mut Order, body: &Members<'_>, lines: &[Members<'_>]) -> bool {
    let mut is_changed = merge(&mut order.extra, body.others(Order::MEMBERS));
    for line in lines {
        // Those of an add-on were kept when its line was added.
        if is_add_on(line, order).unwrap_or(true) {
            continue;
        }
        let Ok(number) = existing(line, order).map(|known| known.line_item_number) else { continue };
        let known = order.line_items.iter_mut().find(|known| known.line_item_number == number);
        if let Some(known) = known {
            is_changed |= merge(&mut known.extra, line.others(OrderLine::MEMBERS));
        }
    }
    is_changed
}

/// Whether the line is a new add-on: it names a parent and is not in the order.
fn is_add_on(line: &Members<'_>, order: &Order) -> Result<bool, ErrorResponse> {
    let has_parent = line.text("parentSubscriptionId")?.is_some_and(|parent| !parent.is_empty());
    let subscription = line.text("subscriptionId")?;
    let exists = subscription.is_some() && existing(line, order).is_ok_and(|known| known.subscription_id.is_some());
    Ok(has_parent && !exists)
}

/// Returns the order's line that a line of the body names, by number and offer.
fn existing<'a>(line: &Members<'_>, order: &'a Order) -> Result<&'a OrderLine, ErrorResponse> {
    let number = line.required_integer("lineItemNumber")?;
    let offer = line.required_text("offerId")?;
    order
        .line_items
        .iter()
        .find(|known| known.line_item_number == number && known.offer_id.eq_ignore_ascii_case(offer))
        .ok_or_else(|| line.invalid("lineItemNumber", "The order has no such line."))
}

/// Checks that the lines are as they were read, read-only members included. Returns that nothing changes.
fn check_unchanged(record: &OrderRecord, lines: &[Members<'_>]) -> Result<bool, ErrorResponse> {
    for line in lines {
        let known = serde_json::to_value(existing(line, &record.order)?).unwrap_or_default();
        for member in [
            "quantity",
            "friendlyName",
            "termDuration",
            "customTermEndDate",
            "promotionId",
            "partnerIdOnRecord",
            "additionalPartnerIdsOnRecord",
            "provisioningContext",
            "renewsTo",
            "attestationAccepted",
            "purchaseCommitment",
        ] {
            if line.get(member).is_some_and(|value| !is_same(value, known.get(member))) {
                return Err(ErrorResponse {
                    data: vec![line.name(member)],
                    ..ErrorResponse::bad_request(900_141, "An order's lines can't be changed in this way.")
                });
            }
        }
    }
    Ok(false)
}

/// Whether two values are equal. Member names are compared case-insensitively.
fn is_same(given: &Value, known: Option<&Value>) -> bool {
    let Some(known) = known else { return is_empty_value(given) };
    match (given, known) {
        (Value::Object(given), Value::Object(known)) => {
            given.iter().all(|(key, value)| {
                let own = known.iter().find(|(name, _)| name.eq_ignore_ascii_case(key)).map(|(_, value)| value);
                value.is_null() || is_same(value, own)
            }) && known.keys().all(|name| given.keys().any(|key| key.eq_ignore_ascii_case(name)))
        }
        _ => given == known,
    }
}

/// Whether the value means that there is none.
fn is_empty_value(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(members) => members.values().all(Value::is_null),
        Value::Bool(_) | Value::Number(_) => false,
    }
}

fn cancel(context: &mut CustomerContext<'_>, call: &Call<'_>, lines: &[Members<'_>]) -> Result<bool, ErrorResponse> {
    let record = context.customer.orders.get(call.parameter(1)).ok_or_else(ErrorResponse::order_not_found)?;
    let chosen: Vec<i32> = if lines.is_empty() {
        record.order.line_items.iter().filter(|line| line.quantity > 0).map(|line| line.line_item_number).collect()
    } else {
        lines
            .iter()
            .map(|line| existing(line, &record.order).map(|known| known.line_item_number))
            .collect::<Result<_, _>>()?
    };
    let is_chosen = |line: &&OrderLine| chosen.contains(&line.line_item_number);
    let kind = |line: &OrderLine| context.catalog.find_or_derive(&line.offer_id).map(|item| item.kind);
    let kinds: Vec<_> = record.order.line_items.iter().filter(is_chosen).filter_map(kind).collect();
    let age = call.now - record.placed_at;
    match call.settings.environment {
        Environment::Production => {
            if let Some(kind) = kinds.iter().find(|kind| **kind != ItemKind::Software) {
                return Err(not_in_production(call, *kind));
            }
            if age > delta(call.settings.software_cancellation_window) {
                return Err(ErrorResponse::bad_request(900_117, "The cancellation window has passed."));
            }
        }
        Environment::Sandbox => {
            let is_cancellable =
                |kind: &ItemKind| matches!(kind, ItemKind::Software | ItemKind::Reservation | ItemKind::Saas);
            if !kinds.iter().all(is_cancellable) {
                return Err(by_subscription());
            }
            if age > SANDBOX_AGE {
                return Err(ErrorResponse::bad_request(800_061, "The order is too old to be cancelled."));
            }
        }
    }
    let is_gone = |line: &OrderLine| line.quantity == 0;
    if chosen.is_empty() || record.order.line_items.iter().filter(is_chosen).any(is_gone) {
        return Err(ErrorResponse::bad_request(800_061, "The order is already cancelled."));
    }
    cancel_lines(context, call, &chosen)
}

fn not_in_production(call: &Call<'_>, kind: ItemKind) -> ErrorResponse {
    match (call.settings.production_cancellation, kind) {
        (ProductionCancellation::ByKind, ItemKind::Saas) => {
            ErrorResponse::forbidden(800_077, "Seat-based SaaS is cancelled through its subscription.")
        }
        (ProductionCancellation::ByKind, kind) if kind.has_subscription() => by_subscription(),
        _ => ErrorResponse::forbidden(800_019, "In production only software can be cancelled through the order."),
    }
}

fn by_subscription() -> ErrorResponse {
    ErrorResponse::bad_request(800_063, "The order is cancelled by suspending its subscriptions.")
}

/// Cancels lines and deletes their subscriptions.
fn cancel_lines(context: &mut CustomerContext<'_>, call: &Call<'_>, chosen: &[i32]) -> Result<bool, ErrorResponse> {
    let sandbox = call.settings.environment == Environment::Sandbox;
    let keeps_quantities = sandbox && call.settings.sandbox_cancellation == SandboxCancellation::Completed;
    let Some(record) = context.customer.orders.get_mut(call.parameter(1)) else {
        return Err(ErrorResponse::order_not_found());
    };
    for line in record.order.line_items.iter_mut().filter(|line| chosen.contains(&line.line_item_number)) {
        let subscription = line.subscription_id.as_deref();
        if let Some(subscription) = subscription.and_then(|id| context.customer.subscriptions.get_mut(id)) {
            subscription.subscription.delete();
            subscription.bump_version();
        }
        if !keeps_quantities {
            line.quantity = 0;
        }
    }
    let all_gone = record.order.line_items.iter().all(|line| line.quantity == 0);
    record.order.status = Some(if all_gone { "cancelled" } else { "completed" }.to_owned());
    record.bump_version();
    context.effects.count("ordersCancelled");
    Ok(true)
}

fn add(context: &mut CustomerContext<'_>, call: &Call<'_>, lines: &[Members<'_>]) -> Result<bool, ErrorResponse> {
    let numbers = lines.iter().map(|line| line.required_integer("lineItemNumber")).collect::<Result<Vec<_>, _>>()?;
    let mut purchases = lines.iter().map(|line| add_on(context, call, line)).collect::<Result<Vec<_>, _>>()?;
    check_numbers(&numbers)?;
    sort_by_number(&mut purchases, &numbers);
    for (item, purchase) in &purchases {
        if let Some(problem) = lines::problem(context, call, purchase) {
            return Err(problem.error);
        }
        check_parent(context, call, item, purchase)?;
    }
    let Some(mut record) = context.customer.orders.get(call.parameter(1)).cloned() else {
        return Err(ErrorResponse::order_not_found());
    };
    let generation = Generation::of(purchases[0].0.kind);
    let country = context.customer.country.clone();
    for (item, purchase) in &purchases {
        let index = record.order.line_items.len();
        let number = i32::try_from(index).unwrap_or(i32::MAX);
        record.order.line_items.push(place_order::line(call, purchase, number, &country, record.is_legacy()));
        record.parents.resize(index, None);
        record.parents.push(match &purchase.parent {
            Parent::Subscription(id) => Some(id.clone()),
            Parent::None | Parent::Line(_) => None,
        });
        let id = place_order::subscription_id(context.random, generation);
        place_order::provision_line(context, call, &mut record, index, item, &id);
    }
    record.bump_version();
    context.effects.count("addOnsPlaced");
    context.customer.orders.put(record);
    Ok(true)
}

fn add_on(
    context: &CustomerContext<'_>,
    call: &Call<'_>,
    line: &Members<'_>,
) -> Result<(CatalogItem, Purchase), ErrorResponse> {
    let offer = line.required_text("offerId")?;
    let quantity = line.required_integer("quantity")?;
    let item = offered(context, call, line, offer, quantity)?;
    let mut purchase = Purchase::read(line, item.clone(), offer, quantity, OrderLine::MEMBERS)?;
    purchase.parent = Parent::Subscription(line.required_text("parentSubscriptionId")?.to_owned());
    Ok((item, purchase))
}

/// Checks that the parent is an active subscription of this order, of the same generation.
fn check_parent(
    context: &CustomerContext<'_>,
    call: &Call<'_>,
    item: &CatalogItem,
    purchase: &Purchase,
) -> Result<(), ErrorResponse> {
    let mismatch = || ErrorResponse::bad_request(800_029, "The add-on doesn't belong to the parent that was named.");
    let Parent::Subscription(id) = &purchase.parent else { return Ok(()) };
    let record = context.customer.orders.get(call.parameter(1)).ok_or_else(ErrorResponse::order_not_found)?;
    let is_here = record
        .order
        .line_items
        .iter()
        .any(|line| line.subscription_id.as_deref().is_some_and(|known| known.eq_ignore_ascii_case(id)));
    let parent = context.customer.subscriptions.get(id).filter(|_| is_here).ok_or_else(mismatch)?;
    if Generation::of(parent.kind) != Generation::of(item.kind) || !item.kind.has_subscription() {
        return Err(mismatch());
    }
    if parent.subscription.status != "active" {
        return Err(ErrorResponse::conflict(27009, "The parent subscription is not active."));
    }
    Ok(())
}

fn change_cycle(
    context: &mut CustomerContext<'_>,
    call: &Call<'_>,
    cycle: &'static str,
    lines: &[Members<'_>],
) -> Result<bool, ErrorResponse> {
    let record = context.customer.orders.get(call.parameter(1)).ok_or_else(ErrorResponse::order_not_found)?;
    let is_licence = |line: &OrderLine| {
        context.catalog.find_or_derive(&line.offer_id).is_some_and(|item| item.kind == ItemKind::Licence)
    };
    if !record.order.line_items.iter().all(is_licence) || !matches!(cycle, "monthly" | "annual") {
        return Err(ErrorResponse::bad_request(6001, "An offer of the order doesn't support this billing cycle."));
    }
    if lines.is_empty() {
        return Err(ErrorResponse::invalid(
            "lineItems",
            "A change of the billing cycle requires the lines of the order.",
        ));
    }
    for line in lines {
        let known = existing(line, &record.order)?;
        let subscription = line.required_text("subscriptionId")?;
        if !known.subscription_id.as_deref().is_some_and(|known| known.eq_ignore_ascii_case(subscription)) {
            return Err(line.invalid("subscriptionId", "The line has another subscription."));
        }
        if line.required_integer("quantity")? != known.quantity {
            return Err(line.invalid("quantity", "The line has another quantity."));
        }
    }
    let ids: Vec<String> = record.order.line_items.iter().filter_map(|line| line.subscription_id.clone()).collect();
    let is_active = |id: &String| {
        context.customer.subscriptions.get(id).is_some_and(|record| record.subscription.status == "active")
    };
    if !ids.iter().all(is_active) {
        return Err(ErrorResponse::bad_request(6000, "A subscription of the order is not active."));
    }
    for id in &ids {
        if let Some(subscription) = context.customer.subscriptions.get_mut(id) {
            subscription.subscription.billing_cycle = Some(cycle.to_owned());
            subscription.bump_version();
        }
    }
    let spelling = match call.settings.changed_billing_cycle {
        Capitals::None => cycle.to_owned(),
        Capitals::First => cycle[..1].to_uppercase() + &cycle[1..],
    };
    let Some(record) = context.customer.orders.get_mut(call.parameter(1)) else {
        return Err(ErrorResponse::order_not_found());
    };
    record.order.billing_cycle = Some(spelling);
    record.bump_version();
    context.effects.count("billingCyclesChanged");
    Ok(true)
}
