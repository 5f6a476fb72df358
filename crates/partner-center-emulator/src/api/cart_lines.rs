//! Lines of carts in requests.

use http::StatusCode;
use serde_json::{Map, Value, json};

use super::billing_cycle;
use super::call::{Call, CustomerContext};
use super::lines::{self, Parent, Purchase};
use super::orders::read_cycle;
use crate::catalog::ItemKind;
use crate::error_response::ErrorResponse;
use crate::settings::CodeForm;
use crate::state::carts::{CartLine, LineError, Participant, order_group};
use crate::state::orders::OrderLine;
use crate::state::prices::pricing;
use crate::wire::members::Members;

/// Reads the lines of a cart, numbers them, assigns order groups and determines their errors.
pub(super) fn read(
    context: &CustomerContext<'_>,
    call: &Call<'_>,
    body: &Members<'_>,
) -> Result<Vec<CartLine>, ErrorResponse> {
    let lines = body.objects("lineItems")?.unwrap_or_default();
    if lines.is_empty() {
        return Err(ErrorResponse::invalid("lineItems", "A cart must have at least one line."));
    }
    let mut reader = LineReader { context, call, groups: Vec::new(), used: Vec::new() };
    let mut read = lines.iter().map(|line| reader.line(line, None)).collect::<Result<Vec<_>, _>>()?;
    reader.number(&mut read)?;
    Ok(read)
}

struct LineReader<'a, 'b> {
    context: &'a CustomerContext<'b>,
    call: &'a Call<'a>,
    groups: Vec<(bool, String)>,
    /// The numbers that are in use.
    used: Vec<i32>,
}

/// The placeholder for the number of a line that has none.
const UNNUMBERED: i32 = -1;

impl LineReader<'_, '_> {
    fn line(&mut self, line: &Members<'_>, base: Option<&str>) -> Result<CartLine, ErrorResponse> {
        let item_id = line.text("catalogItemId")?.ok_or_else(|| ErrorResponse {
            data: vec![line.name("catalogItemId")],
            ..ErrorResponse::new(StatusCode::BAD_REQUEST, 900_142, "The catalog item id is missing.")
        })?;
        let quantity = line.required_integer("quantity")?;
        if quantity < 0 {
            return Err(line.invalid("quantity", "The quantity must not be negative."));
        }
        let participants = participants(line)?;
        let cycle = read_cycle(line)?.filter(|cycle| *cycle != "unknown");
        for text in ["currencyCode", "orderGroup", "purchaseSystem"] {
            line.text(text)?;
        }
        if let Some(error) = line.object("error")? {
            error.text("errorDescription")?;
            error.object("additionalInformation")?;
            if error.get("errorCode").is_some_and(|code| !code.is_string() && !code.is_number()) {
                return Err(error.invalid("errorCode", "The value must be a number or a name."));
            }
        }
        let item = lines::item(self.context, self.call, item_id);
        let kind = item.as_ref().map_or(ItemKind::NewCommerce, |item| item.kind);
        let cycle = cycle.unwrap_or(kind.default_billing_cycle());
        let shape = item.clone().unwrap_or_else(|| crate::catalog::CatalogItem::new(item_id, item_id, kind));
        let purchase = Purchase::read(line, shape, item_id, quantity, CartLine::MEMBERS)?;
        billing_cycle::check_against_term(cycle, purchase.term_duration.as_deref(), line)?;
        let group = match base {
            Some(base) => base.to_owned(),
            None => order_group(&purchase.item, cycle, &mut self.groups),
        };
        let add_ons = match line.objects("addonItems")? {
            Some(items) if base.is_some() && !items.is_empty() => {
                return Err(line.invalid("addonItems", "Add-ons can't have add-ons."));
            }
            Some(items) => Some(items.iter().map(|item| self.line(item, Some(&group))).collect::<Result<Vec<_>, _>>()?),
            None => None,
        };
        let error = match item {
            None => Some((10001, "There is no such catalog item.")),
            Some(_) => self.problem(&purchase),
        };
        let term = purchase.shown_term(self.call);
        let pricing = item.as_ref().map(|item| pricing(Some(item), quantity, term.as_deref(), Some(cycle)));
        Ok(CartLine {
            id: number(line)?.unwrap_or(UNNUMBERED),
            catalog_item_id: item_id.to_owned(),
            friendly_name: purchase.friendly_name,
            quantity,
            currency_code: self.context.customer.currency_code.clone(),
            billing_cycle: Some(cycle.to_owned()),
            term_duration: purchase.term_duration,
            promotion_id: purchase.promotion_id,
            participants,
            provisioning_context: purchase.context,
            renews_to: purchase.renews_to,
            custom_term_end_date: purchase.custom_term_end_date,
            attestation_accepted: purchase.attestation,
            order_group: group,
            addon_items: add_ons.filter(|add_ons| !add_ons.is_empty()),
            error: error
                .map(|(code, why)| LineError { error_code: self.code(code), error_description: why.to_owned() }),
            pricing,
            extra: purchase.extra,
        })
    }

    fn problem(&self, purchase: &Purchase) -> Option<(u32, &'static str)> {
        if purchase.quantity == 0 {
            return Some((10010, "The quantity must be at least 1."));
        }
        let named = purchase
            .context
            .as_ref()
            .and_then(|provisioning| provisioning.get("parentSubscriptionId"))
            .and_then(Value::as_str);
        if let Some(parent) = named {
            let found = self.context.customer.subscriptions.get(parent);
            if found.is_none_or(|parent| parent.subscription.status != "active") {
                return Some((10007, "The parent subscription is not valid."));
            }
        }
        let problem = lines::problem(self.context, self.call, purchase)?;
        Some((problem.line_error, description(problem.line_error)))
    }

    fn code(&self, code: u32) -> Value {
        match self.call.settings.cart_error_code {
            CodeForm::Number => json!(code),
            CodeForm::Text => json!(name(code)),
        }
    }

    /// Numbers the lines that have no number, and rejects duplicate numbers.
    fn number(&mut self, lines: &mut [CartLine]) -> Result<(), ErrorResponse> {
        collect_numbers(lines, &mut self.used);
        let mut sorted = self.used.clone();
        sorted.sort_unstable();
        if sorted.windows(2).any(|pair| pair[0] == pair[1]) {
            return Err(ErrorResponse::invalid("lineItems", "Two lines have the same id."));
        }
        let mut next = 0;
        assign_numbers(lines, &mut self.used, &mut next);
        Ok(())
    }
}

fn collect_numbers(lines: &[CartLine], used: &mut Vec<i32>) {
    for line in lines {
        if line.id != UNNUMBERED {
            used.push(line.id);
        }
        collect_numbers(line.addon_items.as_deref().unwrap_or_default(), used);
    }
}

fn assign_numbers(lines: &mut [CartLine], used: &mut Vec<i32>, next: &mut i32) {
    for line in lines {
        if line.id == UNNUMBERED {
            while used.contains(next) {
                *next += 1;
            }
            line.id = *next;
            used.push(*next);
        }
        assign_numbers(line.addon_items.as_deref_mut().unwrap_or_default(), used, next);
    }
}

/// Returns a line's number. Text is accepted, too, as a table of the documentation says.
fn number(line: &Members<'_>) -> Result<Option<i32>, ErrorResponse> {
    let number = match line.get("id") {
        Some(Value::String(text)) => text.parse().ok(),
        None => return Ok(None),
        Some(_) => line.integer("id")?,
    };
    number.filter(|number| *number >= 0).map(Some).ok_or_else(|| line.invalid("id", "The id must be a number from 0."))
}

fn participants(line: &Members<'_>) -> Result<Option<Vec<Participant>>, ErrorResponse> {
    const ROLES: [&str; 4] =
        ["unknown", "transaction_reseller", "additional_transaction_reseller", "consumption_reseller"];
    let Some(given) = line.objects("participants")? else { return Ok(None) };
    let mut participants = Vec::new();
    for participant in given {
        let key = participant.required_text("key")?;
        let letters = |text: &str| text.replace('_', "").to_ascii_lowercase();
        let role = ROLES.into_iter().find(|role| letters(role) == letters(key));
        let role = role.ok_or_else(|| ErrorResponse::enum_not_parsable(participant.name("key")))?;
        participants.push(Participant {
            key: role.to_owned(),
            value: participant.required_text("value")?.to_owned(),
            extra: participant.others(&["key", "value"]),
        });
    }
    Ok(Some(participants))
}

/// Returns the purchases of an order group's lines.
pub(super) fn purchases(context: &CustomerContext<'_>, call: &Call<'_>, lines: &[&CartLine]) -> Vec<Purchase> {
    let mut purchases: Vec<Purchase> = Vec::new();
    for line in lines {
        let base = purchases.len();
        purchases.extend(purchase(context, call, line, None));
        for add_on in line.addon_items.iter().flatten() {
            purchases.extend(purchase(context, call, add_on, Some(base)));
        }
    }
    purchases
}

fn purchase(context: &CustomerContext<'_>, call: &Call<'_>, line: &CartLine, base: Option<usize>) -> Option<Purchase> {
    let item = context.catalog.find_or_derive(&line.catalog_item_id)?;
    let mut partner = None;
    let mut further = Vec::new();
    for participant in line.participants.iter().flatten() {
        match participant.key.as_str() {
            "transaction_reseller" if partner.is_none() => partner = Some(participant.value.clone()),
            "transaction_reseller" | "additional_transaction_reseller" => further.push(participant.value.clone()),
            _ => {}
        }
    }
    let named = line.provisioning_context.as_ref().and_then(|provisioning| provisioning.get("parentSubscriptionId"));
    let parent = match (base, named.and_then(Value::as_str)) {
        (Some(base), _) => Parent::Line(base),
        (None, Some(id)) => Parent::Subscription(id.to_owned()),
        (None, None) => Parent::None,
    };
    Some(Purchase {
        offer_id: line.catalog_item_id.clone(),
        friendly_name: line.friendly_name.clone().filter(|_| call.settings.checkout_keeps_friendly_names),
        quantity: line.quantity,
        term_duration: line.term_duration.clone(),
        custom_term_end_date: line.custom_term_end_date.clone(),
        promotion_id: line.promotion_id.clone(),
        partner,
        further_partners: (!further.is_empty()).then_some(further),
        context: line.provisioning_context.clone(),
        renews_to: line.renews_to.clone(),
        attestation: line.attestation_accepted,
        parent,
        extra: extra_of_order_line(line),
        item,
    })
}

/// Returns the unknown members that a line takes along to its order.
fn extra_of_order_line(line: &CartLine) -> Map<String, Value> {
    // Lines of orders have no purchase system, and members that they know have values of their own.
    let is_taken = |name: &str| name != "purchaseSystem" && !OrderLine::MEMBERS.contains(&name);
    line.extra.iter().filter(|(name, _)| is_taken(name)).map(|(name, value)| (name.clone(), value.clone())).collect()
}

/// Returns the billing cycle of an order group.
pub(super) fn cycle(lines: &[&CartLine]) -> &'static str {
    lines.first().and_then(|line| line.billing_cycle.as_deref()).and_then(billing_cycle::read).unwrap_or("monthly")
}

/// Line errors: code, name (SDK source) and description.
const ERRORS: [(u32, &str, &str); 11] = [
    (10001, "CatalogItemIdIsNotValid", "There is no such catalog item."),
    (10002, "QuotaNotAvailable", "There is no quota left for this item."),
    (10003, "InventoryNotAvailable", "There is no inventory for this item."),
    (10007, "SubscriptionIsNotValid", "The subscription is not valid."),
    (10009, "SandboxLimitExceeded", "The limit of the sandbox is exceeded."),
    (10010, "InvalidInput", "A value of the line is not valid."),
    (10011, "SubscriptionNotRegistered", "The subscription is not registered."),
    (10012, "AttestationNotAccepted", "The item's attestation was not accepted."),
    (10015, "MaxAllowedSeatsPerSubscriptionExceeded", "The item allows fewer licences."),
    (10016, "InvalidCustomTermEndDateProduct", "The item can't have an end date of its own."),
    (10017, "InvalidCustomTermEndDate", "The end date lies outside the term."),
];

fn description(code: u32) -> &'static str {
    ERRORS.into_iter().find(|(known, ..)| *known == code).map_or("The line can't be processed.", |(.., why)| why)
}

/// Returns the name of a code in snake case, as the SDK writes it.
fn name(code: u32) -> String {
    let name = ERRORS
        .into_iter()
        .find(|(known, ..)| *known == code)
        .map_or("UnableToProcessCartLineItem", |(_, name, _)| name);
    let mut snake = String::new();
    for letter in name.chars() {
        if letter.is_ascii_uppercase() && !snake.is_empty() {
            snake.push('_');
        }
        snake.push(letter.to_ascii_lowercase());
    }
    snake
}
