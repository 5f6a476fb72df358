//! Purchases: what lines of orders and carts have in common, and whether they can be ordered.

use serde_json::{Map, Value};

use super::call::{Call, CustomerContext};
use crate::catalog::{CatalogItem, ItemKind};
use crate::error_response::ErrorResponse;
use crate::settings::{Environment, PartnerKind, ReservationSubscription, UnknownItems};
use crate::state::Customer;
use crate::wire::dates;
use crate::wire::members::Members;

/// A purchase: a line of an order or of a cart's order group.
#[derive(Clone, Debug)]
pub(super) struct Purchase {
    pub(super) item: CatalogItem,
    /// The item's id as the client wrote it.
    pub(super) offer_id: String,
    pub(super) friendly_name: Option<String>,
    pub(super) quantity: i32,
    pub(super) term_duration: Option<String>,
    pub(super) custom_term_end_date: Option<String>,
    pub(super) promotion_id: Option<String>,
    pub(super) partner: Option<String>,
    pub(super) further_partners: Option<Vec<String>>,
    pub(super) context: Option<Map<String, Value>>,
    pub(super) renews_to: Option<Map<String, Value>>,
    pub(super) attestation: Option<bool>,
    pub(super) parent: Parent,
    /// The members that the emulator doesn't know.
    pub(super) extra: Map<String, Value>,
}

/// The parent of an add-on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Parent {
    /// No parent: the purchase is not an add-on.
    None,
    /// A subscription of the customer.
    Subscription(String),
    /// The subscription that another line of the same order becomes.
    Line(usize),
}

impl Purchase {
    /// Reads the members that lines of orders and carts have in common, and keeps those that are not `known`.
    pub(super) fn read(
        line: &Members<'_>,
        item: CatalogItem,
        offer_id: &str,
        quantity: i32,
        known: &[&str],
    ) -> Result<Self, ErrorResponse> {
        let term_duration = line.text("termDuration")?.map(str::to_owned);
        if let Some(term) = term_duration.as_deref().filter(|term| !term.is_empty())
            && dates::after_term(chrono::DateTime::UNIX_EPOCH, term).is_none()
        {
            return Err(line.invalid("termDuration", "The term must be an ISO 8601 duration such as P1Y."));
        }
        line.check_links_and_attributes()?;
        if let Some(pricing) = line.object("pricing")? {
            for price in ["listPrice", "discountedPrice", "proratedPrice", "price", "extendedPrice"] {
                pricing.number(price)?;
            }
        }
        if let Some(commitment) = line.object("purchaseCommitment")? {
            commitment.amount("amount")?;
            commitment.text("currency")?;
            commitment.text("grain")?;
        }
        Ok(Self {
            item,
            offer_id: offer_id.to_owned(),
            friendly_name: line.text("friendlyName")?.map(str::to_owned),
            quantity,
            term_duration,
            custom_term_end_date: line.date("customTermEndDate")?.map(str::to_owned),
            promotion_id: line.text("promotionId")?.map(str::to_owned),
            partner: line.text("partnerIdOnRecord")?.map(str::to_owned),
            further_partners: line.texts("additionalPartnerIdsOnRecord")?,
            context: line.text_map("provisioningContext")?,
            renews_to: renews_to(line)?,
            attestation: line.boolean("attestationAccepted")?,
            parent: Parent::None,
            extra: line.others(known),
        })
    }

    /// Returns the term of the order line.
    pub(super) fn shown_term(&self, call: &Call<'_>) -> Option<String> {
        self.term_duration.clone().or_else(|| match self.item.kind {
            ItemKind::Software => match call.settings.software_term {
                crate::settings::SoftwareTerm::Empty => Some(String::new()),
                crate::settings::SoftwareTerm::Absent => None,
            },
            ItemKind::Reservation => {
                let duration = self.context.as_ref().and_then(|context| context.get("duration"))?.as_str()?;
                Some(if duration.starts_with('3') { "P3Y" } else { "P1Y" }.to_owned())
            }
            ItemKind::NewCommerce => Some("P1Y".to_owned()),
            ItemKind::Saas => Some("P1M".to_owned()),
            ItemKind::Licence | ItemKind::Azure | ItemKind::AzurePlan => None,
        })
    }
}

fn renews_to(line: &Members<'_>) -> Result<Option<Map<String, Value>>, ErrorResponse> {
    let Some(renews_to) = line.object("renewsTo")? else { return Ok(None) };
    renews_to.text("termDuration")?;
    Ok(Some(renews_to.all()))
}

/// Returns the item with this id, if the emulator sells it.
pub(super) fn item(context: &CustomerContext<'_>, call: &Call<'_>, id: &str) -> Option<CatalogItem> {
    match call.settings.unknown_items {
        UnknownItems::Sold => context.catalog.find_or_derive(id),
        UnknownItems::Refused => context.catalog.find(id).cloned(),
    }
}

/// The reason why an item can't be ordered: the code of the cart line's error, and the error response of an order.
pub(super) struct Problem {
    pub(super) line_error: u32,
    pub(super) error: ErrorResponse,
}

/// Returns the first problem of a purchase.
pub(super) fn problem(context: &CustomerContext<'_>, call: &Call<'_>, purchase: &Purchase) -> Option<Problem> {
    let bad = |line_error, code, why: &'static str| {
        Some(Problem { line_error, error: ErrorResponse::bad_request(code, why) })
    };
    let item = &purchase.item;
    match item.line_error {
        None => {}
        Some(10003) => return bad(10003, 800_010, "There is no inventory for this item."),
        Some(10002) => return bad(10002, 800_017, "This quantity of the item is not available."),
        Some(code) => return bad(code, 800_002, "This item can't be ordered."),
    }
    if item.needs_attestation && purchase.attestation != Some(true) {
        return bad(10012, 900_203, "The item's attestation must be accepted.");
    }
    if purchase.quantity > item.maximum {
        return bad(10015, 2002, "The quantity is larger than the item allows.");
    }
    if purchase.custom_term_end_date.is_some() && item.kind != ItemKind::NewCommerce {
        return bad(10016, 2000, "The item can't have an end date of its own.");
    }
    if let Some(end) = purchase.custom_term_end_date.as_deref().and_then(dates::read) {
        let term_end = dates::after_term(call.now, purchase.term_duration.as_deref().unwrap_or("P1Y"));
        if end <= call.now || term_end.is_some_and(|term_end| end > term_end) {
            return bad(10017, 2000, "The end date lies outside the term.");
        }
    }
    if call.settings.environment == Environment::Sandbox
        && purchase.item.kind.has_subscription()
        && purchase.quantity > SANDBOX_LICENCES
    {
        return bad(10009, 800_018, "A sandbox allows 25 licences per subscription.");
    }
    if item.kind == ItemKind::Reservation
        && call.settings.reservation_subscription == ReservationSubscription::Registered
    {
        return unregistered(context.customer, call, purchase);
    }
    None
}

/// Returns the problem of a reservation's subscription.
fn unregistered(customer: &Customer, call: &Call<'_>, purchase: &Purchase) -> Option<Problem> {
    let named = purchase.context.as_ref().and_then(|context| context.get("subscriptionId")).and_then(Value::as_str);
    let found = named.and_then(|id| customer.subscriptions.get(id));
    let (line_error, code, why) = match found {
        None => (10007, 800_021, "The subscription is not valid."),
        Some(record) if record.kind != ItemKind::Azure => {
            (10007, 800_011, "The subscription is not an Azure subscription.")
        }
        Some(record) if record.subscription.status != "active" => (10007, 800_012, "The subscription is not active."),
        Some(record) if !record.registration.is_done(call.now) => {
            (10011, 800_030, "The subscription is not registered.")
        }
        Some(_) => return None,
    };
    Some(Problem { line_error, error: ErrorResponse::bad_request(code, why) })
}

/// The documented limits of a sandbox.
const SANDBOX_LICENCES: i32 = 25;
const SANDBOX_SUBSCRIPTIONS: usize = 5;
const SANDBOX_RESERVATIONS: usize = 2;

/// Returns the error of an injected fault for an order of these purchases.
pub(super) fn order_fault(call: &Call<'_>, purchases: &[Purchase]) -> Option<ErrorResponse> {
    let contains = |item: &String| purchases.iter().any(|purchase| purchase.offer_id.eq_ignore_ascii_case(item));
    let fault = call.order_faults.iter().find(|fault| fault.item.as_ref().is_none_or(contains))?;
    Some(ErrorResponse::bad_request(fault.code, fault.description.clone()))
}

/// Returns the problem of an order as a whole.
pub(super) fn order_problem(
    context: &CustomerContext<'_>,
    call: &Call<'_>,
    purchases: &[Purchase],
    attestation: Option<bool>,
) -> Option<ErrorResponse> {
    if let Some(code) = purchases.iter().find_map(|purchase| purchase.item.order_error) {
        return Some(ErrorResponse::bad_request(code, "Orders with this item fail, by the catalog."));
    }
    let has_reseller = purchases.iter().any(|purchase| purchase.partner.is_some());
    if call.settings.partner_kind == PartnerKind::IndirectProvider && has_reseller && attestation != Some(true) {
        return Some(ErrorResponse::bad_request(900_206, "The reseller on record must be attested."));
    }
    if call.settings.environment == Environment::Sandbox {
        return sandbox_limit(context.customer, call, purchases);
    }
    None
}

fn sandbox_limit(customer: &Customer, call: &Call<'_>, purchases: &[Purchase]) -> Option<ErrorResponse> {
    let new = |is: &dyn Fn(ItemKind) -> bool| purchases.iter().filter(|purchase| is(purchase.item.kind)).count();
    let existing = |is: &dyn Fn(ItemKind) -> bool| {
        customer
            .subscriptions
            .iter()
            .filter(|record| is(record.kind) && !matches!(record.subscription.status.as_str(), "deleted" | "expired"))
            .count()
    };
    let plans = match call.settings.partner_kind {
        PartnerKind::Direct => 1,
        PartnerKind::IndirectProvider => 3,
    };
    let is_plan = |kind| kind == ItemKind::AzurePlan;
    if new(&is_plan) > 0 && existing(&is_plan) + new(&is_plan) > plans {
        return Some(ErrorResponse::bad_request(900_116, "The sandbox can't have more Azure plans."));
    }
    let new_subscriptions = new(&ItemKind::has_subscription);
    if new_subscriptions > 0 && existing(&ItemKind::has_subscription) + new_subscriptions > SANDBOX_SUBSCRIPTIONS {
        return Some(ErrorResponse::bad_request(800_018, "A sandbox allows 5 subscriptions per customer."));
    }
    let is_reservation = |kind| kind == ItemKind::Reservation;
    let new_reservations = new(&is_reservation);
    let reservations = customer.orders.iter().flat_map(|record| &record.order.line_items).filter(|line| {
        line.quantity > 0 && crate::catalog::kind_by_format(&line.offer_id) == Some(ItemKind::Reservation)
    });
    if new_reservations > 0 && reservations.count() + new_reservations > SANDBOX_RESERVATIONS {
        return Some(ErrorResponse::bad_request(800_018, "A sandbox allows 2 reservations per customer."));
    }
    None
}
