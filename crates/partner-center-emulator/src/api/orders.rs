//! Reading and placing orders.

use http::StatusCode;
use serde::Serialize;

use super::billing_cycle;
use super::call::{Call, CustomerContext};
use super::collection::Collection;
use super::lines::{self, Purchase};
use super::place_order::{self, Generation, NewOrder};
use crate::catalog::{Catalog, CatalogItem};
use crate::error_response::ErrorResponse;
use crate::state::orders::{Order, OrderLine, OrderRecord};
use crate::state::prices::{self, Pricing};
use crate::wire::members::{Members, flag, parse};
use crate::wire::response::BufferedResponse;

pub(super) fn list(context: &CustomerContext<'_>, call: &Call<'_>) -> Result<BufferedResponse, ErrorResponse> {
    let with_prices = wants_prices(call)?;
    let with_system = flag("include_system_purchases", call.query.get("include_system_purchases"))?;
    let cycle = match call.query.get("billingType") {
        None => None,
        Some(text) => Some(billing_cycle::read(text).ok_or_else(|| ErrorResponse::enum_not_parsable("billingType"))?),
    };
    let reseller = call.query.get("indirect_reseller_id");
    let is_wanted = |record: &&OrderRecord| {
        let order = &record.order;
        record.listed_from <= call.now
            && (with_system || !is_system_purchase(order))
            && cycle.is_none_or(|cycle| order.billing_cycle.as_deref().and_then(billing_cycle::read) == Some(cycle))
            && reseller.is_none_or(|reseller| is_sold_through(order, reseller))
    };
    let orders =
        context.customer.orders.iter().filter(is_wanted).map(|record| shown(context, record, with_prices)).collect();
    let collection = Collection::new(orders).with_self(format!("/customers/{}/orders", context.customer.id));
    Ok(BufferedResponse::json(StatusCode::OK, &collection))
}

pub(super) fn get(context: &CustomerContext<'_>, call: &Call<'_>) -> Result<BufferedResponse, ErrorResponse> {
    let with_prices = wants_prices(call)?;
    let record = context.customer.orders.get(call.parameter(1)).ok_or_else(ErrorResponse::order_not_found)?;
    Ok(BufferedResponse::json(StatusCode::OK, &shown(context, record, with_prices)))
}

fn wants_prices(call: &Call<'_>) -> Result<bool, ErrorResponse> {
    let wanted = flag("include_price", call.query.get("include_price"))?;
    if wanted && !call.settings.pricing_access {
        return Err(ErrorResponse::forbidden(800_043, "The caller may not see prices."));
    }
    Ok(wanted)
}

fn shown(context: &CustomerContext<'_>, record: &OrderRecord, with_prices: bool) -> Order {
    let price_of = price_of(context.catalog, &record.order);
    record.shown(if with_prices { Some(&price_of) } else { None })
}

/// Returns the function that prices the lines of an order.
pub(super) fn price_of<'c>(catalog: &'c Catalog, order: &Order) -> impl Fn(&OrderLine) -> Pricing + use<'c> {
    let cycle = order.billing_cycle.as_deref().and_then(billing_cycle::read);
    move |line| {
        let item = catalog.find_or_derive(&line.offer_id);
        prices::pricing(item.as_ref(), line.quantity, line.term_duration.as_deref(), cycle)
    }
}

/// Whether responses have prices that were not requested.
pub(super) fn has_unrequested_prices(call: &Call<'_>) -> bool {
    call.settings.unrequested_prices && call.settings.pricing_access
}

fn is_system_purchase(order: &Order) -> bool {
    matches!(order.transaction_type.as_deref(), Some("SystemPurchase" | "SystemBilling"))
}

fn is_sold_through(order: &Order, reseller: &str) -> bool {
    order.line_items.iter().any(|line| {
        line.partner_id_on_record.as_deref() == Some(reseller)
            || line.additional_partner_ids_on_record.iter().flatten().any(|id| id == reseller)
    })
}

pub(super) fn create(context: &mut CustomerContext<'_>, call: &Call<'_>) -> Result<BufferedResponse, ErrorResponse> {
    let body = parse(call.body)?;
    let body = Members::of_body(&body)?;
    check_common_members(&body)?;
    // Rejected in requests since 2018 (recorded).
    if status(&body)? == Some("none") {
        return Err(retired_status());
    }
    let lines = body.objects("lineItems")?.unwrap_or_default();
    if lines.is_empty() {
        return Err(ErrorResponse::invalid("lineItems", "An order must have at least one line."));
    }
    let numbers = lines.iter().map(|line| line.required_integer("lineItemNumber")).collect::<Result<Vec<_>, _>>()?;
    let mut purchases = lines.iter().map(|line| purchase(context, call, line)).collect::<Result<Vec<_>, _>>()?;
    check_numbers(&numbers)?;
    sort_by_number(&mut purchases, &numbers);
    let generations: Vec<_> = purchases.iter().map(|purchase| Generation::of(purchase.item.kind)).collect();
    if generations.iter().any(|generation| *generation != generations[0]) {
        return Err(ErrorResponse::invalid(
            "lineItems",
            "Items of different generations can't be in one order: use a cart, or an order for each.",
        ));
    }
    if let Some(problem) = purchases.iter().find_map(|purchase| lines::problem(context, call, purchase)) {
        return Err(problem.error);
    }
    let attestation = body.boolean("partnerOnRecordAttestationAccepted")?;
    let error = lines::order_fault(call, &purchases);
    if let Some(error) = error.or_else(|| lines::order_problem(context, call, &purchases, attestation)) {
        return Err(error);
    }
    let billing_cycle = match read_cycle(&body)? {
        None | Some("unknown") => purchases[0].item.kind.default_billing_cycle(),
        Some(cycle) => cycle,
    };
    for purchase in &purchases {
        billing_cycle::check_against_term(billing_cycle, purchase.term_duration.as_deref(), &body)?;
    }
    let new_order = NewOrder {
        purchases,
        billing_cycle: billing_cycle.to_owned(),
        licensed_user: call.licensed_user()?,
        from_cart: false,
        extra: body.others(Order::MEMBERS),
    };
    let mut order = place_order::place(context, call, &new_order).shown_after_writing();
    if has_unrequested_prices(call) && !order.is_legacy() {
        // The sample of a new order has the prices of its lines, but not their sum.
        let price_of = price_of(context.catalog, &order);
        order.add_prices(&price_of);
    }
    Ok(BufferedResponse::json(StatusCode::CREATED, &order))
}

fn purchase(context: &CustomerContext<'_>, call: &Call<'_>, line: &Members<'_>) -> Result<Purchase, ErrorResponse> {
    let offer = line.required_text("offerId")?;
    let quantity = line.required_integer("quantity")?;
    line.text("subscriptionId")?;
    line.object("attributes")?;
    if line.text("parentSubscriptionId")?.is_some_and(|parent| !parent.is_empty()) {
        return Err(line.invalid("parentSubscriptionId", "Add-ons are added to the order of their parent."));
    }
    let item = offered(context, call, line, offer, quantity)?;
    Purchase::read(line, item, offer, quantity, OrderLine::MEMBERS)
}

/// The item that a line of an order names, in a quantity that is one.
pub(super) fn offered(
    context: &CustomerContext<'_>,
    call: &Call<'_>,
    line: &Members<'_>,
    offer: &str,
    quantity: i32,
) -> Result<CatalogItem, ErrorResponse> {
    let item = lines::item(context, call, offer).ok_or_else(|| ErrorResponse {
        data: vec![line.name("offerId")],
        ..ErrorResponse::bad_request(800_004, "The offer id is not valid.")
    })?;
    if quantity < 1 {
        return Err(quantity_out_of_range(line));
    }
    Ok(item)
}

pub(super) fn quantity_out_of_range(line: &Members<'_>) -> ErrorResponse {
    let why = "The quantity is outside what the offer allows.";
    ErrorResponse { data: vec![line.name("quantity")], ..ErrorResponse::bad_request(2002, why) }
}

/// Lines are numbered from 0 without gaps, in any order.
pub(super) fn check_numbers(numbers: &[i32]) -> Result<(), ErrorResponse> {
    let mut sorted = numbers.to_vec();
    sorted.sort_unstable();
    if sorted.iter().zip(0..).all(|(number, wanted)| *number == wanted) {
        Ok(())
    } else {
        Err(ErrorResponse::bad_request(800_071, "The line numbers must run from 0 without gaps."))
    }
}

pub(super) fn sort_by_number<T>(items: &mut Vec<T>, numbers: &[i32]) {
    let mut numbered: Vec<_> = numbers.iter().copied().zip(items.drain(..)).collect();
    numbered.sort_by_key(|(number, _)| *number);
    items.extend(numbered.into_iter().map(|(_, item)| item));
}

/// Checks the types of the members that the service sets itself. Their values are ignored.
pub(super) fn check_common_members(body: &Members<'_>) -> Result<(), ErrorResponse> {
    for name in ["id", "alternateId", "referenceCustomerId", "currencyCode", "currencySymbol", "transactionType"] {
        body.text(name)?;
    }
    body.date("creationDate")?;
    body.check_links_and_attributes()?;
    body.object("client")?;
    body.number("totalPrice")
}

pub(super) fn read_cycle(members: &Members<'_>) -> Result<Option<&'static str>, ErrorResponse> {
    match members.text("billingCycle")? {
        None => Ok(None),
        Some(text) => {
            let cycle = billing_cycle::read(text)
                .ok_or_else(|| ErrorResponse::enum_not_parsable(members.name("billingCycle")))?;
            Ok(Some(cycle))
        }
    }
}

const STATUSES: [&str; 12] = [
    "unknown",
    "completed",
    "pending",
    "cancelled",
    "pending_po_upload",
    "po_upload_complete",
    "po_review_rejected",
    "pending_review",
    "partial_success",
    "suspended",
    "error",
    "none",
];

/// Returns the status of a body, in the service's spelling.
pub(super) fn status(body: &Members<'_>) -> Result<Option<&'static str>, ErrorResponse> {
    let Some(text) = body.text("status")? else { return Ok(None) };
    let letters = |text: &str| text.replace('_', "").to_ascii_lowercase();
    let known = STATUSES.into_iter().find(|status| letters(status) == letters(text));
    known.map(Some).ok_or_else(|| ErrorResponse::enum_not_parsable("status"))
}

pub(super) fn retired_status() -> ErrorResponse {
    ErrorResponse::bad_request(0, "An order can't have the status 'none'.")
}

/// The provisioning status of a line.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct LineStatus {
    line_item_number: i32,
    status: &'static str,
    quantity_provisioning_information: Vec<QuantityStatus>,
    /// Undocumented; 0 in the one sample that has it.
    order_line_item_id: i32,
}

#[derive(Serialize)]
struct QuantityStatus {
    quantity: i32,
    status: &'static str,
}

pub(super) fn provisioning_status(
    context: &CustomerContext<'_>,
    call: &Call<'_>,
) -> Result<BufferedResponse, ErrorResponse> {
    let record = context.customer.orders.get(call.parameter(1)).ok_or_else(ErrorResponse::order_not_found)?;
    let status = fulfilment(record, call);
    let of_line = |line: &OrderLine| {
        let status = if line.quantity == 0 { "unfulfilled" } else { status };
        LineStatus {
            line_item_number: line.line_item_number,
            status,
            quantity_provisioning_information: vec![QuantityStatus { quantity: line.quantity, status }],
            order_line_item_id: 0,
        }
    };
    // The sample of this collection has no links.
    let collection = Collection::new(record.order.line_items.iter().map(of_line).collect());
    Ok(BufferedResponse::json(StatusCode::OK, &collection))
}

/// Returns the fulfilment status: unfulfilled for the first half of the provisioning, then pending.
fn fulfilment(record: &OrderRecord, call: &Call<'_>) -> &'static str {
    match record.provisioned_at {
        Some(done) if call.now < record.placed_at + (done - record.placed_at) / 2 => "unfulfilled",
        Some(_) => "prefulfillmentPending",
        None => match record.order.status.as_deref() {
            Some("pending" | "po_upload_complete") => "prefulfillmentPending",
            Some("completed" | "none") | None => "fulfilled",
            Some(_) => "unfulfilled",
        },
    }
}
