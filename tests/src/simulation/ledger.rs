//! The effects that writes should have, and what the client reported about them.

use std::collections::{BTreeMap, BTreeSet};

use partner_center_orders::Uuid;
use serde_json::Value;

/// The effect that a write should have. Its mark occurs nowhere else in the run, so that the effect can be counted.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Effect {
    /// An order with a line of this quantity, which carries its mark.
    Order { customer: Uuid, quantity: i32 },
    /// An order like others, which only the service can distinguish, by the user that the request named.
    PlainOrder { customer: Uuid, user: String },
    /// A line of this quantity in an existing order.
    AddOn { customer: Uuid, quantity: i32 },
    /// A line like others in an existing order, from which it can't be distinguished.
    PlainAddOn { customer: Uuid, order: String, number: i32 },
    /// A file of this name that belongs to an order.
    File { customer: Uuid, order: String, name: String },
    /// This many seats of a subscription.
    Seats { customer: Uuid, subscription: String, quantity: i32 },
    /// A change to this quantity that is scheduled for a subscription's next term.
    Scheduled { customer: Uuid, subscription: String, quantity: i32 },
    /// A suspended subscription.
    Suspended { customer: Uuid, subscription: String },
    /// A cancelled order.
    Cancelled { customer: Uuid, order: String },
    /// An order group of a cart that another client checks out, too; the user shows which checkout ordered it.
    SharedCart { customer: Uuid, cart: String, group: String, user: String },
}

/// The name of a line that was bought in this quantity.
pub(super) fn mark(quantity: i32) -> String {
    format!("mark {quantity}")
}

/// The user that a request without another mark names.
pub(super) fn user(mark: i32) -> String {
    format!("user-{mark}@kept.example")
}

/// The quantity of purchases without a mark.
pub(super) const PLAIN: i32 = 1;

/// The result that the client reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reported {
    /// It took place.
    Placed,
    /// It didn't, and won't.
    Failed,
    /// The outcome is unknown.
    Unknown {
        /// Whether it was resumed without further faults while the service remembered the request id.
        undisturbed: bool,
    },
}

/// The members that a cart must still have in the end.
#[derive(Clone, Debug)]
pub(super) struct KeptCart {
    pub(super) customer: Uuid,
    pub(super) cart: String,
    /// The lines as they were read first, without what was changed on purpose.
    pub(super) lines: Value,
}

/// An order that was reported as the result of a purchase, and the user that the purchase named.
#[derive(Clone, Debug)]
pub(super) struct Claim {
    pub(super) order: String,
    pub(super) user: String,
}

/// A cart that two clients used at the same time.
#[derive(Clone, Debug)]
pub(super) struct SharedCart {
    pub(super) customer: Uuid,
    pub(super) cart: String,
}

/// The reported result of a checkout.
#[derive(Clone, Debug)]
pub(super) struct CheckoutClaim {
    pub(super) customer: Uuid,
    pub(super) cart: String,
    /// The orders that its order groups became.
    pub(super) orders: Vec<String>,
    /// The order groups that became no order.
    pub(super) failed: Vec<String>,
}

/// Everything that was reported.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    pub(super) entries: BTreeMap<Effect, Reported>,
    pub(super) carts: Vec<KeptCart>,
    pub(super) shared_carts: Vec<SharedCart>,
    /// The orders that were reported as the result of a plain purchase.
    pub(super) claims: Vec<Claim>,
    pub(super) checkouts: Vec<CheckoutClaim>,
    /// The marks of purchases by carts that may be ordered in part while they are active.
    pub(super) in_parts: BTreeSet<i32>,
    /// The promises that were broken during the run.
    pub(super) violations: Vec<String>,
    marks: i32,
    pub(super) calls: usize,
    pub(super) crashes: usize,
    pub(super) resumed: usize,
}

impl Ledger {
    /// Returns a number that nothing else in the run has.
    pub(super) fn mark(&mut self) -> i32 {
        self.marks += 1;
        // The initial orders have quantities of 1.
        1 + self.marks
    }

    pub(super) fn report(&mut self, effect: Effect, reported: Reported) {
        self.entries.insert(effect, reported);
    }

    /// Reports the same of all effects of a write.
    pub(super) fn report_all(&mut self, effects: &[Effect], reported: Reported) {
        self.entries.extend(effects.iter().cloned().map(|effect| (effect, reported)));
    }

    /// Records orders that were reported as the result of a purchase.
    pub(super) fn claim(&mut self, effects: &[Effect], orders: &[String]) {
        for effect in effects {
            if let Effect::PlainOrder { user, .. } = effect {
                self.claims.extend(orders.iter().map(|order| Claim { order: order.clone(), user: user.clone() }));
            }
        }
    }
}
