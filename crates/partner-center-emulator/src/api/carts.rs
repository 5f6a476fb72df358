//! Carts: creation, reading, replacement, checkout.

use chrono::{DateTime, Utc};
use http::StatusCode;
use serde::Serialize;
use serde_json::Map;
use uuid::Uuid;

use super::call::{Call, CustomerContext};
use super::cart_lines;
use super::lines;
use super::orders::{has_unrequested_prices, price_of};
use super::place_order::{self, NewOrder};
use crate::clock::delta;
use crate::error_response::ErrorResponse;
use crate::settings::{CheckoutWithLineErrors, ExpiredCart, RepeatedCheckout};
use crate::state::carts::{Cart, CartLine, CartRecord};
use crate::state::orders::{Attributes, Order};
use crate::wire::members::{Members, parse};
use crate::wire::response::BufferedResponse;

/// Removes carts that expired more than one cart life ago.
fn remove_expired(context: &mut CustomerContext<'_>, call: &Call<'_>) {
    let life = delta(call.settings.cart_life);
    context.customer.carts.retain(|_, cart| cart.expires + life > call.now);
}

pub(super) fn create(context: &mut CustomerContext<'_>, call: &Call<'_>) -> Result<BufferedResponse, ErrorResponse> {
    let body = parse(call.body)?;
    let body = Members::of_body(&body)?;
    check_common_members(&body)?;
    let lines = cart_lines::read(context, call, &body)?;
    let attestation = body.boolean("partnerOnRecordAttestationAccepted")?;
    remove_expired(context, call);
    let cart = CartRecord {
        id: context.random.uuid(),
        created: call.now,
        modified: call.now,
        expires: call.now + delta(call.settings.cart_life),
        modified_by: call.caller.object.clone(),
        lines,
        attestation,
        placed: Vec::new(),
        ordered: false,
        extra: body.others(CartRecord::MEMBERS),
    };
    let response = BufferedResponse::json(StatusCode::CREATED, &shown(&cart, context, call));
    context.customer.carts.insert(cart.id, cart);
    context.effects.count("cartsCreated");
    Ok(response)
}

pub(super) fn get(context: &CustomerContext<'_>, call: &Call<'_>) -> Result<BufferedResponse, ErrorResponse> {
    let cart = find(context, call)?;
    if is_expired(cart, call.now) && call.settings.expired_cart == ExpiredCart::NotFound {
        return Err(ErrorResponse::cart_not_found());
    }
    Ok(BufferedResponse::json(StatusCode::OK, &shown(cart, context, call)))
}

fn shown<'a>(cart: &'a CartRecord, context: &CustomerContext<'_>, call: &Call<'_>) -> Cart<'a> {
    cart.shown(context.customer.id, has_unrequested_prices(call))
}

pub(super) fn replace(context: &mut CustomerContext<'_>, call: &Call<'_>) -> Result<BufferedResponse, ErrorResponse> {
    let body = parse(call.body)?;
    let body = Members::of_body(&body)?;
    let cart = find_open(context, call)?;
    check_common_members(&body)?;
    let (id, created, expires, placed) = (cart.id, cart.created, cart.expires, cart.placed.clone());
    if cart.ordered {
        return Err(already_submitted());
    }
    if body.text("id")?.is_some_and(|given| !given.eq_ignore_ascii_case(&id.to_string())) {
        return Err(ErrorResponse::invalid("id", "The id is not that of the cart."));
    }
    let lines = cart_lines::read(context, call, &body)?;
    let cart = CartRecord {
        id,
        created,
        modified: call.now,
        expires,
        modified_by: call.caller.object.clone(),
        lines,
        attestation: body.boolean("partnerOnRecordAttestationAccepted")?,
        placed,
        ordered: false,
        extra: body.others(CartRecord::MEMBERS),
    };
    let response = BufferedResponse::json(call.settings.replaced_cart.status(), &shown(&cart, context, call));
    context.customer.carts.insert(id, cart);
    context.effects.count("cartsReplaced");
    Ok(response)
}

/// The result of a checkout.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct CheckoutResult {
    orders: Vec<Order>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    order_errors: Vec<OrderError>,
    attributes: Attributes,
}

/// The error of an order group.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct OrderError {
    order_group_id: String,
    code: u32,
    description: String,
}

/// Orders the content of a cart. The body is ignored (the SDK sends the text `success`).
pub(super) fn check_out(context: &mut CustomerContext<'_>, call: &Call<'_>) -> Result<BufferedResponse, ErrorResponse> {
    let licensed_user = call.licensed_user()?;
    let mut cart = find_open(context, call)?.clone();
    if (cart.ordered || !cart.placed.is_empty()) && call.settings.repeated_checkout == RepeatedCheckout::Refused {
        return Err(already_submitted());
    }
    let has_error =
        |line: &CartLine| line.error.is_some() || line.addon_items.iter().flatten().any(|line| line.error.is_some());
    if cart.lines.iter().any(has_error) && call.settings.checkout_with_line_errors == CheckoutWithLineErrors::Refused {
        return Err(ErrorResponse::bad_request(800_009, "One or more items of the cart have an error."));
    }
    let mut errors = Vec::new();
    let mut has_ordered = false;
    let groups: Vec<String> = cart.groups().into_iter().map(str::to_owned).collect();
    for group in groups {
        if cart.placed.iter().any(|(placed, _)| *placed == group) {
            continue;
        }
        let lines: Vec<&CartLine> = cart.lines.iter().filter(|line| line.order_group == group).collect();
        let error = if lines.iter().any(|line| has_error(line)) {
            Some(ErrorResponse::bad_request(800_009, "An item of the order group has an error."))
        } else {
            None
        };
        let purchases = cart_lines::purchases(context, call, &lines);
        let error = error
            .or_else(|| lines::order_fault(call, &purchases))
            .or_else(|| lines::order_problem(context, call, &purchases, cart.attestation));
        if let Some(error) = error {
            let description = error.description.into_owned();
            errors.push(OrderError { order_group_id: group, code: error.code, description });
            continue;
        }
        let new_order = NewOrder {
            billing_cycle: cart_lines::cycle(&lines).to_owned(),
            purchases,
            licensed_user: licensed_user.clone(),
            from_cart: true,
            extra: Map::new(),
        };
        let record = place_order::place(context, call, &new_order);
        let mut order = record.shown(None);
        // Undocumented, but in the samples of checkouts.
        order.record_type = Some(if record.is_legacy() { "Combined" } else { "Single" }.to_owned());
        cart.placed.push((group, order));
        has_ordered = true;
    }
    // Also by a checkout that orders nothing, of a cart whose failed lines were removed.
    cart.ordered |= errors.is_empty() && !cart.placed.is_empty();
    if has_ordered {
        cart.modified = call.now;
        context.effects.count("cartsCheckedOut");
    }
    let result = CheckoutResult {
        orders: cart.placed.iter().map(|(_, order)| priced(order, context, call)).collect(),
        order_errors: errors,
        attributes: Attributes::of("CartCheckoutResult"),
    };
    context.customer.carts.insert(cart.id, cart);
    Ok(BufferedResponse::json(call.settings.checkout.status(), &result))
}

/// Returns an order for the result of a checkout: with prices, unless it is a legacy one.
fn priced(order: &Order, context: &CustomerContext<'_>, call: &Call<'_>) -> Order {
    let mut order = order.clone();
    if has_unrequested_prices(call) && !order.is_legacy() {
        let price_of = price_of(context.catalog, &order);
        order.add_prices(&price_of);
        order.add_total();
    }
    order
}

fn already_submitted() -> ErrorResponse {
    ErrorResponse::bad_request(800_065, "The cart is already checked out.")
}

fn find<'a>(context: &'a CustomerContext<'_>, call: &Call<'_>) -> Result<&'a CartRecord, ErrorResponse> {
    let id = Uuid::try_parse(call.parameter(1)).map_err(|_| ErrorResponse::cart_not_found())?;
    context.customer.carts.get(&id).ok_or_else(ErrorResponse::cart_not_found)
}

/// Returns a cart that can still be changed.
fn find_open<'a>(context: &'a CustomerContext<'_>, call: &Call<'_>) -> Result<&'a CartRecord, ErrorResponse> {
    let cart = find(context, call)?;
    match (is_expired(cart, call.now), call.settings.expired_cart) {
        (false, _) => Ok(cart),
        (true, ExpiredCart::NotFound) => Err(ErrorResponse::cart_not_found()),
        (true, ExpiredCart::Readable) => Err(ErrorResponse::bad_request(800_065, "The cart has expired.")),
    }
}

fn is_expired(cart: &CartRecord, now: DateTime<Utc>) -> bool {
    cart.expires <= now
}

/// Checks the types of the members that the service sets itself. Their values are ignored.
fn check_common_members(body: &Members<'_>) -> Result<(), ErrorResponse> {
    for name in ["id", "lastModifiedUser", "status"] {
        body.text(name)?;
    }
    for name in ["creationTimestamp", "lastModifiedTimestamp", "expirationTimestamp"] {
        body.date(name)?;
    }
    body.check_links_and_attributes()
}
