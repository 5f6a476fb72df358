//! The promises, held against the emulator's state after a run.

use std::collections::BTreeMap;

use partner_center_orders::Uuid;
use serde_json::Value;

use super::ledger::{Claim, Effect, KeptCart, Ledger, Reported, SharedCart, mark};
use super::plan::ClientPlan;
use super::process::World;
use super::tasks::ADD_ON;
use super::wire::Seen;

/// The faults after which a cart was rightly read without a member, or with another value.
const ALTERING: [&str; 2] = ["nulls", "unknownEnum"];

/// The emulator's state, as its scenario has it.
pub(super) struct State {
    pub(super) scenario: Value,
    /// The user whom each order's request named, by order.
    pub(super) users: BTreeMap<String, String>,
}

impl State {
    fn customer(&self, id: Uuid) -> &Value {
        let customers = self.scenario["customers"].as_array();
        customers.into_iter().flatten().find(|customer| customer["id"] == id.to_string()).unwrap_or(&Value::Null)
    }

    /// The records of a customer's orders.
    fn orders(&self, id: Uuid) -> impl Iterator<Item = &Value> {
        self.customer(id)["orders"].as_array().into_iter().flatten()
    }

    fn lines(&self, id: Uuid) -> impl Iterator<Item = &Value> {
        self.orders(id).flat_map(|record| record["order"]["lineItems"].as_array().into_iter().flatten())
    }

    /// How often an effect is found.
    fn times(&self, effect: &Effect) -> usize {
        match effect {
            Effect::Order { customer, quantity } | Effect::AddOn { customer, quantity } => {
                self.lines(*customer).filter(|line| line["friendlyName"] == mark(*quantity)).count()
            }
            Effect::PlainOrder { user, .. } | Effect::SharedCart { user, .. } => {
                self.users.values().filter(|named| *named == user).count()
            }
            // Counted together with others of its order.
            Effect::PlainAddOn { .. } => 0,
            Effect::File { customer, order, name } => self
                .orders(*customer)
                .filter(|record| record["order"]["id"] == order.as_str())
                .flat_map(|record| record["attachments"].as_array().into_iter().flatten())
                .filter(|attachment| attachment["fileName"] == name.as_str())
                .count(),
            Effect::Seats { customer, subscription, quantity } => {
                let subscriptions = self.customer(*customer)["subscriptions"].as_array();
                let subscriptions = subscriptions.into_iter().flatten().map(|record| &record["subscription"]);
                subscriptions
                    .filter(|found| found["id"] == subscription.as_str() && found["quantity"] == *quantity)
                    .count()
            }
            Effect::Cancelled { customer, order } => self
                .orders(*customer)
                .map(|record| &record["order"])
                .filter(|found| found["id"] == order.as_str() && found["status"] == "cancelled")
                .count(),
        }
    }

    /// Whether an order was taken for what came of another purchase than its own.
    fn false_claim(&self, claim: &Claim) -> Option<String> {
        let named = self.users.get(&claim.order);
        (named != Some(&claim.user)).then(|| {
            format!("order {} was reported as what {} bought, and is that of {named:?}", claim.order, claim.user)
        })
    }

    /// Plain add-ons of one order are alike, so they are counted together.
    fn miscounted_add_ons(&self, entries: &BTreeMap<Effect, Reported>) -> Vec<String> {
        let mut counts: BTreeMap<(Uuid, &str), (usize, usize, bool)> = BTreeMap::new();
        for (effect, reported) in entries {
            if let Effect::PlainAddOn { customer, order, .. } = effect {
                let (placed, unknown, undisturbed) = counts.entry((*customer, order.as_str())).or_default();
                *placed += usize::from(*reported == Reported::Placed);
                *unknown += usize::from(matches!(reported, Reported::Unknown { .. }));
                *undisturbed |= *reported == Reported::Unknown { undisturbed: true };
            }
        }
        counts
            .into_iter()
            .filter_map(|((customer, order), (placed, unknown, undisturbed))| {
                let records = self.orders(customer).filter(|record| record["order"]["id"] == order);
                let lines = records.flat_map(|record| record["order"]["lineItems"].as_array().into_iter().flatten());
                let marked = |line: &&Value| line["friendlyName"].as_str().is_some_and(|name| name.starts_with("mark "));
                let of_add_on = |line: &&Value| line["offerId"].as_str() == Some(ADD_ON);
                let times = lines.filter(of_add_on).filter(|line| !marked(line)).count();
                let is_kept = (placed..=placed + unknown).contains(&times) && !undisturbed;
                (!is_kept).then(|| {
                    format!(
                        "PlainAddOn of order {order}, of which {placed} were reported as Placed and {unknown} as unknown, \
                         is there {times} times"
                    )
                })
            })
            .collect()
    }

    fn broken_promise(&self, effect: &Effect, reported: Reported) -> Option<String> {
        match effect {
            Effect::PlainAddOn { .. } => return None,
            Effect::SharedCart { .. } => return self.broken_promise_of_shared(effect, reported),
            _ => {}
        }
        let times = self.times(effect);
        let is_kept = match reported {
            Reported::Placed => times == 1,
            Reported::Failed => times == 0,
            Reported::Unknown { undisturbed: false } => times <= 1,
            // Nothing stood in the way of an answer.
            Reported::Unknown { undisturbed: true } => false,
        };
        (!is_kept).then(|| format!("{effect:?} was reported as {reported:?}, and is there {times} times"))
    }

    fn cart(&self, customer: Uuid, cart: &str) -> &Value {
        &self.customer(customer)["carts"][cart]
    }

    /// Of a cart that two clients checked out, each hears that it is ordered, or that its own checkout had no effect.
    fn broken_promise_of_shared(&self, effect: &Effect, reported: Reported) -> Option<String> {
        let Effect::SharedCart { customer, cart, .. } = effect else { return None };
        let is_ordered = self.cart(*customer, cart)["ordered"] == true;
        let times = self.times(effect);
        let is_kept = match reported {
            Reported::Placed => is_ordered,
            Reported::Failed => times == 0,
            Reported::Unknown { undisturbed } => times <= 1 && !undisturbed,
        };
        (!is_kept).then(|| {
            let state = if is_ordered { "ordered" } else { "not ordered" };
            format!("{effect:?} was reported as {reported:?}; the cart is {state}, {times} times by that checkout")
        })
    }

    /// A cart is ordered once, whoever checks it out and however often.
    fn ordered_twice(&self, shared: &SharedCart, ledger: &Ledger) -> Option<String> {
        let users = ledger.entries.keys().filter_map(|effect| match effect {
            Effect::SharedCart { cart, user, .. } if *cart == shared.cart => Some(user),
            _ => None,
        });
        let times: usize = users.map(|user| self.users.values().filter(|named| *named == user).count()).sum();
        let is_ordered = self.cart(shared.customer, &shared.cart)["ordered"] == true;
        (times != usize::from(is_ordered))
            .then(|| format!("cart {} was ordered {times} times, and is ordered: {is_ordered}", shared.cart))
    }

    fn lost_members(&self, kept: &KeptCart) -> Option<String> {
        let lines = &self.cart(kept.customer, &kept.cart)["lines"];
        let pairs = kept.lines.as_array()?.iter().zip(lines.as_array()?);
        for (wanted, found) in pairs {
            for (name, value) in wanted.as_object()? {
                if found.get(name) != Some(value) {
                    return Some(format!(
                        "a change of cart {} lost `{name}` ({value} became {})",
                        kept.cart, found[name]
                    ));
                }
            }
        }
        None
    }
}

/// What of the promises was not kept; `faults` are the names of those that met a cart.
pub(super) fn broken_promises(world: &World, state: &State, faults: &[&str]) -> Vec<String> {
    let ledger = world.ledger();
    let mut broken = ledger.violations.clone();
    for (wire, client) in world.wires.iter().zip(&world.plan.clients) {
        broken.extend(broken_on_the_way(&wire.seen(), client));
    }
    broken.extend(ledger.entries.iter().filter_map(|(effect, reported)| state.broken_promise(effect, *reported)));
    broken.extend(state.miscounted_add_ons(&ledger.entries));
    broken.extend(ledger.claims.iter().filter_map(|claim| state.false_claim(claim)));
    broken.extend(ledger.shared_carts.iter().filter_map(|shared| state.ordered_twice(shared, &ledger)));
    if !faults.iter().any(|fault| ALTERING.contains(fault)) {
        broken.extend(ledger.carts.iter().filter_map(|kept| state.lost_members(kept)));
    }
    broken
}

/// What one client did that no client may do.
fn broken_on_the_way(seen: &Seen, client: &ClientPlan) -> Vec<String> {
    let mut broken = seen.violations().to_vec();
    let open = seen.exchanges_open();
    if open > 0 {
        broken.push(format!("{open} connections were left behind"));
    }
    let most = seen.most_in_a_minute();
    let allowed = usize::try_from(client.per_minute).unwrap_or(usize::MAX);
    if most > allowed {
        broken.push(format!("{most} requests were sent within a minute, where {allowed} are allowed"));
    }
    broken
}
