//! The check of the promises against the emulator's state after a run.

use std::collections::{BTreeMap, BTreeSet};

use partner_center_orders::Uuid;
use serde_json::Value;

use super::ledger::{CheckoutClaim, Claim, Effect, KeptCart, Ledger, Reported, SharedCart, mark};
use super::offers::ADD_ON;
use super::plan::ClientPlan;
use super::process::World;
use super::seen::Seen;

/// The faults after which a cart may have been read without a member, with another value, or with a member that it doesn't have.
const ALTERING: [&str; 3] = ["nulls", "unknownEnum", "unknownMember"];

/// The emulator's state, as its scenario has it.
pub(super) struct State {
    pub(super) scenario: Value,
    /// The user that each order's request named, by order.
    pub(super) users: BTreeMap<String, String>,
}

/// A cart and the orders that it became.
struct CheckedOut<'a> {
    is_ordered: bool,
    /// The groups that its lines are in.
    groups: BTreeSet<&'a str>,
    /// The groups that became orders, by order.
    placed: BTreeMap<&'a str, &'a str>,
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

    /// The subscription with this id.
    fn subscriptions(&self, customer: Uuid, id: &str) -> impl Iterator<Item = &Value> {
        let records = self.customer(customer)["subscriptions"].as_array();
        records.into_iter().flatten().map(|record| &record["subscription"]).filter(move |found| found["id"] == id)
    }

    /// Counts an effect.
    fn times(&self, effect: &Effect) -> usize {
        match effect {
            Effect::Order { customer, quantity } | Effect::AddOn { customer, quantity } => {
                self.lines(*customer).filter(|line| line["friendlyName"] == mark(*quantity)).count()
            }
            Effect::PlainOrder { user, .. } => self.users.values().filter(|named| *named == user).count(),
            // Counted together with others of its order, or in its cart.
            Effect::PlainAddOn { .. } | Effect::SharedCart { .. } => 0,
            Effect::File { customer, order, name } => self
                .orders(*customer)
                .filter(|record| record["order"]["id"] == order.as_str())
                .flat_map(|record| record["attachments"].as_array().into_iter().flatten())
                .filter(|attachment| attachment["fileName"] == name.as_str())
                .count(),
            Effect::Seats { customer, subscription, quantity } => {
                self.subscriptions(*customer, subscription).filter(|found| found["quantity"] == *quantity).count()
            }
            Effect::Scheduled { customer, subscription, quantity } => self
                .subscriptions(*customer, subscription)
                .filter(|found| found["scheduledNextTermInstructions"]["quantity"] == *quantity)
                .count(),
            Effect::Suspended { customer, subscription } => {
                self.subscriptions(*customer, subscription).filter(|found| found["status"] == "suspended").count()
            }
            Effect::Cancelled { customer, order } => self
                .orders(*customer)
                .map(|record| &record["order"])
                .filter(|found| found["id"] == order.as_str() && found["status"] == "cancelled")
                .count(),
        }
    }

    /// The broken promise if an order was reported as the result of another purchase.
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
            // Nothing prevented a response.
            Reported::Unknown { undisturbed: true } => false,
        };
        (!is_kept).then(|| format!("{effect:?} was reported as {reported:?}, and is there {times} times"))
    }

    fn cart(&self, customer: Uuid, cart: &str) -> &Value {
        &self.customer(customer)["carts"][cart]
    }

    /// The orders that a cart became.
    fn checked_out(&self, customer: Uuid, cart: &str) -> CheckedOut<'_> {
        let cart = self.cart(customer, cart);
        let lines = cart["lines"].as_array().into_iter().flatten();
        let placed = cart["placed"].as_array().into_iter().flatten();
        CheckedOut {
            is_ordered: cart["ordered"] == true,
            groups: lines.filter_map(|line| line["orderGroup"].as_str()).collect(),
            placed: placed.filter_map(|pair| Some((pair[1]["id"].as_str()?, pair[0].as_str()?))).collect(),
        }
    }

    /// If two clients check out a cart, each gets the result that it is ordered, or that its own checkout had no effect.
    fn broken_promise_of_shared(&self, effect: &Effect, reported: Reported) -> Option<String> {
        let Effect::SharedCart { customer, cart, group, user } = effect else { return None };
        let CheckedOut { is_ordered, groups, placed } = self.checked_out(*customer, cart);
        let of_group = || placed.iter().filter(|(_, placed)| *placed == group);
        let own = of_group().filter(|(order, _)| self.users.get(**order) == Some(user)).count();
        // A line that the other client removed isn't ordered.
        let is_gone = !groups.contains(group.as_str());
        let is_kept = match reported {
            Reported::Placed => of_group().count() == 1 || (is_ordered && is_gone),
            Reported::Failed => own == 0,
            // If a cart is ordered in part, it can stay unknown which part.
            Reported::Unknown { .. } => own <= 1,
        };
        (!is_kept).then(|| {
            format!(
                "{effect:?} was reported as {reported:?}, and ordered {own} times by that checkout; of the cart, which is \
                 ordered: {is_ordered}, {placed:?} are placed"
            )
        })
    }

    /// Each order group of a cart is ordered once, whichever client checks it out and however often.
    fn ordered_twice(&self, shared: &SharedCart, ledger: &Ledger) -> Option<String> {
        let users = ledger.entries.keys().filter_map(|effect| match effect {
            Effect::SharedCart { cart, user, .. } if *cart == shared.cart => Some(user),
            _ => None,
        });
        let users: BTreeSet<_> = users.collect();
        let ordered = self.users.values().filter(|named| users.contains(named)).count();
        let placed = self.checked_out(shared.customer, &shared.cart).placed;
        let groups: BTreeSet<_> = placed.values().collect();
        (ordered != placed.len() || groups.len() != placed.len())
            .then(|| format!("cart {} was ordered {ordered} times, of which {placed:?} count", shared.cart))
    }

    /// The orders that a checkout was reported to have led to are those of the cart, one for each group that didn't fail.
    fn false_checkout(&self, claim: &CheckoutClaim, ledger: &Ledger) -> Option<String> {
        let CheckedOut { groups, placed, .. } = self.checked_out(claim.customer, &claim.cart);
        let of_orders: Option<BTreeSet<&str>> =
            claim.orders.iter().map(|order| placed.get(order.as_str()).copied()).collect();
        let failed: BTreeSet<&str> = claim.failed.iter().map(String::as_str).collect();
        // If another client changes a cart, its groups aren't known.
        let is_shared = ledger.shared_carts.iter().any(|shared| shared.cart == claim.cart);
        let is_kept = of_orders.is_some_and(|of_orders| {
            let is_each_once = of_orders.len() == claim.orders.len() && failed.len() == claim.failed.len();
            let is_all = is_shared || of_orders.union(&failed).eq(&groups);
            is_each_once && of_orders.is_disjoint(&failed) && is_all
        });
        (!is_kept).then(|| {
            format!(
                "of cart {}, groups {failed:?} were reported as failed and orders {:?} as placed; it has groups {groups:?}, \
                 of which {placed:?} are placed",
                claim.cart, claim.orders
            )
        })
    }

    fn lost_members(&self, kept: &KeptCart) -> Option<String> {
        let lines = &self.cart(kept.customer, &kept.cart)["lines"];
        let pairs = kept.lines.as_array()?.iter().zip(lines.as_array()?);
        for (wanted, found) in pairs {
            // Prices follow the quantity.
            for (name, value) in wanted.as_object()?.iter().filter(|(name, _)| *name != "pricing") {
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

/// The broken promises; `faults` are the names of those that met a cart.
pub(super) fn broken_promises(world: &World, state: &State, faults: &[&str]) -> Vec<String> {
    let ledger = world.ledger();
    let mut broken = ledger.violations.clone();
    for (wire, client) in world.wires.iter().zip(&world.plan.clients) {
        broken.extend(broken_on_the_way(&wire.seen(), client));
    }
    broken.extend(ledger.entries.iter().filter_map(|(effect, reported)| state.broken_promise(effect, *reported)));
    broken.extend(state.miscounted_add_ons(&ledger.entries));
    broken.extend(ledger.claims.iter().filter_map(|claim| state.false_claim(claim)));
    broken.extend(ledger.checkouts.iter().filter_map(|claim| state.false_checkout(claim, &ledger)));
    broken.extend(ledger.shared_carts.iter().filter_map(|shared| state.ordered_twice(shared, &ledger)));
    if !faults.iter().any(|fault| ALTERING.contains(fault)) {
        broken.extend(ledger.carts.iter().filter_map(|kept| state.lost_members(kept)));
    }
    broken
}

/// The promises that one client broke during the run.
fn broken_on_the_way(seen: &Seen, client: &ClientPlan) -> Vec<String> {
    let mut broken = seen.violations().to_vec();
    let open = seen.open_requests();
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
