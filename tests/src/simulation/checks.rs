//! The promises, held against the emulator's state after a run.

use partner_center_orders::Uuid;
use serde_json::Value;

use super::ledger::{Effect, KeptCart, Reported, mark};
use super::process::World;

/// The faults after which a cart was rightly read without a member, or with another value.
const ALTERING: [&str; 2] = ["nulls", "unknownEnum"];

/// The emulator's state, as its scenario has it.
pub(super) struct State(pub(super) Value);

impl State {
    fn customer(&self, id: Uuid) -> &Value {
        let customers = self.0["customers"].as_array();
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

    fn broken_promise(&self, effect: &Effect, reported: Reported) -> Option<String> {
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

    fn lost_members(&self, kept: &KeptCart) -> Option<String> {
        let lines = &self.customer(kept.customer)["carts"][&kept.cart]["lines"];
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
    let seen = world.wire.seen();
    let mut broken: Vec<String> = ledger.violations.iter().chain(seen.violations()).cloned().collect();
    broken.extend(ledger.entries.iter().filter_map(|(effect, reported)| state.broken_promise(effect, *reported)));
    let open = seen.exchanges_open();
    if open > 0 {
        broken.push(format!("{open} connections were left behind"));
    }
    let most = seen.most_in_a_minute();
    let allowed = usize::try_from(world.plan.per_minute).unwrap_or(usize::MAX);
    if most > allowed {
        broken.push(format!("{most} requests were sent within a minute, where {allowed} are allowed"));
    }
    if !faults.iter().any(|fault| ALTERING.contains(fault)) {
        broken.extend(ledger.carts.iter().filter_map(|kept| state.lost_members(kept)));
    }
    broken
}
