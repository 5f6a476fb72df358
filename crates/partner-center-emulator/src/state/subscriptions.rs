//! Subscriptions: records, and their form on the wire.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::orders::{Attributes, Link, Links, Order, OrderLine, catalog_links, etag};
use crate::catalog::{CatalogItem, ItemKind};
use crate::clock::delta;
use crate::settings::Settings;
use crate::wire::dates;

/// A subscription as the service writes it. Members without a field are kept in `extra`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Subscription {
    pub(crate) id: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) entitlement_id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) offer_id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) offer_name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) friendly_name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) product_type: Option<Value>,
    pub(crate) quantity: i32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) unit_type: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) has_purchasable_addons: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) parent_subscription_id: Option<String>,
    pub(crate) creation_date: String,
    pub(crate) effective_start_date: String,
    pub(crate) commitment_end_date: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) commitment_end_date_time: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) cancellation_allowed_until_date: Option<String>,
    pub(crate) status: String,
    pub(crate) auto_renew_enabled: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) is_trial: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) billing_type: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) billing_cycle: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) term_duration: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) renewal_term_duration: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) refund_options: Option<Vec<Value>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) scheduled_next_term_instructions: Option<Value>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) next_charge_instructions: Option<Value>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) is_microsoft_product: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) contract_type: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) partner_id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) attention_needed: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) action_taken: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) links: Option<Links>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) publisher_name: Option<String>,
    /// The licences that can be given back. It follows from the record, so that it is right at any time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) refundable_quantity: Option<RefundableQuantity>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) order_id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) attributes: Option<Attributes>,
    #[serde(flatten)]
    pub(crate) extra: Map<String, Value>,
}

/// The licences that can be given back now.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RefundableQuantity {
    total_quantity: i64,
    details: Vec<RefundableDetail>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct RefundableDetail {
    quantity: i32,
    allowed_until_date_time: String,
}

impl Subscription {
    /// The members of requests that the emulator knows. It keeps all others in `extra`.
    pub(crate) const MEMBERS: &[&str] = &[
        "id",
        "entitlementId",
        "offerId",
        "offerName",
        "friendlyName",
        "productType",
        "quantity",
        "unitType",
        "hasPurchasableAddons",
        "parentSubscriptionId",
        "creationDate",
        "effectiveStartDate",
        "commitmentEndDate",
        "commitmentEndDateTime",
        "billingCycleEndDate",
        "billingCycleEndDateTime",
        "cancellationAllowedUntilDate",
        "status",
        "autoRenewEnabled",
        "isTrial",
        "billingType",
        "billingCycle",
        "termDuration",
        "renewalTermDuration",
        "refundOptions",
        "scheduledNextTermInstructions",
        "nextChargeInstructions",
        "isMicrosoftProduct",
        "partnerId",
        "attentionNeeded",
        "actionTaken",
        "contractType",
        "links",
        "publisherName",
        "refundableQuantity",
        "promotionId",
        "migratedFromSubscriptionId",
        "productOrderId",
        "lineItems",
        "consumptionType",
        "actions",
        "suspensionReasons",
        "orderId",
        "attributes",
    ];

    pub(crate) fn set_status(&mut self, status: &str) {
        status.clone_into(&mut self.status);
    }

    /// Marks it as deleted: it is not renewed, and what was scheduled doesn't happen.
    pub(crate) fn delete(&mut self) {
        self.set_status("deleted");
        self.auto_renew_enabled = false;
        self.delete_schedules();
    }

    pub(crate) fn delete_schedules(&mut self) {
        self.scheduled_next_term_instructions = None;
        self.next_charge_instructions = None;
    }
}

/// A subscription and what the emulator keeps in addition.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SubscriptionRecord {
    pub(crate) subscription: Subscription,
    pub(crate) kind: ItemKind,
    /// The number of its line in the order.
    pub(crate) line: i32,
    /// The key of a link of 2015.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) key: Option<String>,
    /// The time at which its provisioning is done.
    pub(crate) provisioned_at: DateTime<Utc>,
    /// The end of the cancellation window, if it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) cancellable_until: Option<DateTime<Utc>>,
    /// The new-commerce licences that can be given back for a time, in the order in which they were added.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    refundable: Vec<Refundable>,
    #[serde(default)]
    pub(crate) registration: Registration,
    /// The secret in its activation link, if it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) activation_token: Option<String>,
    #[serde(default = "super::orders::first_version")]
    pub(crate) version: u64,
}

/// Licences that can be given back for a time.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct Refundable {
    quantity: i32,
    until: DateTime<Utc>,
}

/// Whether a subscription is registered for reservations.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Registration {
    #[default]
    NotRegistered,
    /// Requested; done at this time.
    Requested { done_at: DateTime<Utc> },
}

impl Registration {
    pub(crate) fn is_done(&self, now: DateTime<Utc>) -> bool {
        matches!(self, Self::Requested { done_at } if *done_at <= now)
    }
}

/// The origin of a new subscription.
pub(crate) struct Origin<'a> {
    pub(crate) order: &'a Order,
    pub(crate) line: &'a OrderLine,
    pub(crate) item: &'a CatalogItem,
    pub(crate) parent: Option<&'a str>,
    pub(crate) country: &'a str,
    pub(crate) at: DateTime<Utc>,
    pub(crate) settings: &'a Settings,
}

impl SubscriptionRecord {
    /// Returns the subscription of a line.
    pub(crate) fn new(id: &str, origin: &Origin<'_>) -> Self {
        let Origin { order, line, item, at, settings, .. } = *origin;
        let kind = item.kind;
        let legacy = kind.is_legacy();
        let term = line.term_duration.clone().filter(|term| !term.is_empty());
        let window = delta(settings.subscription_cancellation_window);
        let cancellable_until = (!legacy && kind != ItemKind::AzurePlan).then_some(at + window);
        let ends = commitment_end(origin, term.as_deref());
        let has_end_of_day = kind == ItemKind::NewCommerce;
        let is_microsoft_product = kind != ItemKind::Saas;
        let subscription = Subscription {
            id: id.to_owned(),
            entitlement_id: None,
            offer_id: Some(line.offer_id.clone()),
            offer_name: Some(item.title.clone()),
            friendly_name: Some(line.friendly_name.clone().unwrap_or_else(|| item.title.clone())),
            product_type: (!legacy).then(|| product_type(kind)),
            quantity: line.quantity,
            unit_type: Some(unit_type(kind).to_owned()),
            has_purchasable_addons: (!legacy).then_some(false),
            parent_subscription_id: origin.parent.map(str::to_owned),
            creation_date: dates::modern(at),
            effective_start_date: if legacy { dates::midnight(at) } else { dates::modern(at) },
            commitment_end_date_time: dates::read(&ends).filter(|_| has_end_of_day).map(dates::end_of_day),
            commitment_end_date: ends,
            cancellation_allowed_until_date: cancellable_until.map(dates::modern),
            status: if kind == ItemKind::Saas { "pending" } else { "active" }.to_owned(),
            auto_renew_enabled: kind == ItemKind::Licence || kind == ItemKind::NewCommerce,
            is_trial: Some(false),
            billing_type: Some(if unit_type(kind) == "Usage-based" { "usage" } else { "license" }.to_owned()),
            billing_cycle: order.billing_cycle.clone().or_else(|| Some(kind.default_billing_cycle().to_owned())),
            renewal_term_duration: term.as_ref().map(|_| String::new()),
            term_duration: term,
            refund_options: cancellable_until.map(|_| refund_options(at, at + window)),
            scheduled_next_term_instructions: None,
            next_charge_instructions: None,
            is_microsoft_product: (!legacy).then_some(is_microsoft_product),
            contract_type: Some("subscription".to_owned()),
            partner_id: line.partner_id_on_record.clone(),
            attention_needed: kind.is_new_commerce().then_some(false),
            action_taken: kind.is_new_commerce().then_some(false),
            links: Some(links(id, origin)),
            publisher_name: (!legacy).then(|| publisher(is_microsoft_product).to_owned()),
            refundable_quantity: None,
            order_id: Some(if legacy { order.id.to_uppercase() } else { order.id.clone() }),
            attributes: Some(Attributes {
                etag: legacy.then(|| etag(id, 1)),
                object_type: Some("Subscription".to_owned()),
            }),
            extra: Map::new(),
        };
        let mut record = Self {
            subscription,
            kind,
            line: line.line_item_number,
            key: None,
            provisioned_at: at,
            cancellable_until,
            refundable: Vec::new(),
            registration: Registration::default(),
            activation_token: None,
            version: 1,
        };
        record.follow_quantity(0, at, window);
        record
    }

    /// Returns the subscription for a response.
    pub(crate) fn shown(&self, now: DateTime<Utc>) -> Subscription {
        let mut subscription = self.subscription.clone();
        if self.kind == ItemKind::NewCommerce {
            let details: Vec<_> = self
                .refundable_now(now)
                .map(|refundable| RefundableDetail {
                    quantity: refundable.quantity,
                    allowed_until_date_time: dates::modern(refundable.until),
                })
                .collect();
            let total_quantity = details.iter().map(|detail| i64::from(detail.quantity)).sum();
            subscription.refundable_quantity = Some(RefundableQuantity { total_quantity, details });
        }
        subscription
    }

    /// Whether this many licences can be given back now.
    pub(crate) fn can_give_back(&self, licences: i32, now: DateTime<Utc>) -> bool {
        if self.kind == ItemKind::NewCommerce {
            self.refundable_now(now).map(|refundable| i64::from(refundable.quantity)).sum::<i64>()
                >= i64::from(licences)
        } else {
            self.cancellable_until.is_none_or(|until| now <= until)
        }
    }

    fn refundable_now(&self, now: DateTime<Utc>) -> impl Iterator<Item = &Refundable> {
        let is_deleted = self.subscription.status == "deleted";
        self.refundable.iter().filter(move |refundable| !is_deleted && now <= refundable.until)
    }

    /// Follows a change of the quantity: new licences can be given back until their window ends; of those that can be, the
    /// ones with the least time left are given back first.
    pub(crate) fn follow_quantity(&mut self, before: i32, now: DateTime<Utc>, window: TimeDelta) {
        if self.kind != ItemKind::NewCommerce {
            return;
        }
        self.refundable.retain(|refundable| now <= refundable.until);
        let added = self.subscription.quantity.saturating_sub(before);
        if added > 0 {
            self.refundable.push(Refundable { quantity: added, until: now + window });
        }
        let mut given_back = added.saturating_neg();
        for refundable in &mut self.refundable {
            let taken = given_back.min(refundable.quantity).max(0);
            refundable.quantity -= taken;
            given_back -= taken;
        }
        self.refundable.retain(|refundable| refundable.quantity > 0);
    }

    pub(crate) fn bump_version(&mut self) {
        self.version += 1;
        let etag = etag(&self.subscription.id, self.version);
        if let Some(current) = self.subscription.attributes.as_mut().and_then(|attributes| attributes.etag.as_mut()) {
            *current = etag;
        }
    }
}

/// Returns the end of the first term. On new-commerce and marketplace subscriptions it is the term's last day, on others
/// the day after.
fn commitment_end(origin: &Origin<'_>, term: Option<&str>) -> String {
    let at = origin.at;
    if matches!(origin.item.kind, ItemKind::Azure | ItemKind::AzurePlan) {
        return format!("9999-12-{}T00:00:00Z", at.format("%d"));
    }
    if let Some(end) = &origin.line.custom_term_end_date {
        return end.clone();
    }
    let end = dates::after_term(at, term.unwrap_or("P1Y")).unwrap_or(at + TimeDelta::days(365));
    let last_day = end - TimeDelta::days(1);
    match origin.item.kind {
        ItemKind::NewCommerce => dates::midnight(last_day),
        // With a time of day (documented sample).
        ItemKind::Saas => dates::modern(last_day),
        _ => dates::midnight(end),
    }
}

fn publisher(is_microsoft: bool) -> &'static str {
    if is_microsoft { "Microsoft Corporation" } else { "Another publisher" }
}

fn unit_type(kind: ItemKind) -> &'static str {
    match kind {
        ItemKind::Azure | ItemKind::AzurePlan => "Usage-based",
        ItemKind::Licence | ItemKind::NewCommerce => "Licenses",
        _ => "License(s)",
    }
}

fn product_type(kind: ItemKind) -> Value {
    match kind {
        ItemKind::AzurePlan => json!({"id": "Azure", "displayName": "Azure"}),
        ItemKind::Saas => json!({"id": "SaaS", "displayName": "SaaS"}),
        _ => json!({"id": "OnlineServicesNCE", "displayName": "OnlineServicesNCE"}),
    }
}

/// Returns the refund options: the full price for a day, then a part of it until the window closes.
fn refund_options(from: DateTime<Utc>, until: DateTime<Utc>) -> Vec<Value> {
    let first_day = (from + TimeDelta::days(1)).min(until);
    vec![
        json!({"type": "Full", "expiresAt": dates::modern(first_day)}),
        json!({"type": "Partial", "expiresAt": dates::modern(until)}),
    ]
}

fn links(id: &str, origin: &Origin<'_>) -> Links {
    let customer = &origin.order.reference_customer_id;
    let subscription = |id: &str| format!("/customers/{customer}/subscriptions/{id}");
    let mut links = if origin.item.kind.is_legacy() {
        let offer = format!("/offers/{}?country={}", origin.line.offer_id, origin.country);
        Links::from([("offer".to_owned(), Link::get(offer))])
    } else {
        catalog_links(origin.item, origin.country)
    };
    if let Some(parent) = origin.parent {
        links.insert("parentSubscription".into(), Link::get(subscription(parent)));
    }
    if origin.item.kind == ItemKind::Saas {
        links.insert("activationLinks".into(), Link::get(format!("{}/activationlinks", subscription(id))));
    }
    links.insert("self".into(), Link::get(subscription(id)));
    links
}
