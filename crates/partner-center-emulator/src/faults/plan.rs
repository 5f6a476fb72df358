//! The planned faults.

use serde::Serialize;
use uuid::Uuid;

use super::fault::Fault;
use super::kind::FaultKind;
use crate::random::Random;

/// The planned faults, and how often each was applied.
#[derive(Debug)]
pub(crate) struct Plan {
    rules: Vec<Rule>,
    next_id: u64,
    random: Random,
}

/// A planned fault.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Rule {
    pub(crate) id: u64,
    fault: Fault,
    /// How many requests it matched.
    #[serde(rename = "fitted")]
    matched: u32,
    /// How many requests it was applied to.
    #[serde(rename = "met")]
    applied: u32,
}

/// The request that planned faults are matched with.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Target<'a> {
    pub(crate) operation: &'a str,
    pub(crate) customer: Option<Uuid>,
    pub(crate) path: &'a str,
}

impl Plan {
    pub(crate) fn new(random: Random) -> Self {
        Self { rules: Vec::new(), next_id: 1, random }
    }

    pub(crate) fn add(&mut self, fault: Fault) -> u64 {
        let id = self.next_id;
        self.next_id += 1;
        self.rules.push(Rule { id, fault, matched: 0, applied: 0 });
        id
    }

    pub(crate) fn remove(&mut self, id: u64) -> bool {
        let before = self.rules.len();
        self.rules.retain(|rule| rule.id != id);
        self.rules.len() < before
    }

    pub(crate) fn clear(&mut self) {
        self.rules.clear();
    }

    pub(crate) fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// Returns the faults that apply to this request, in the order in which they were planned.
    pub(crate) fn draw(&mut self, target: &Target<'_>) -> Vec<FaultKind> {
        let mut drawn = Vec::new();
        for rule in &mut self.rules {
            if rule.applies_to(target, &mut self.random) {
                drawn.push(rule.fault.kind.clone());
            }
        }
        drawn
    }
}

impl Rule {
    fn applies_to(&mut self, target: &Target<'_>, random: &mut Random) -> bool {
        let scope = &self.fault.scope;
        let matches = scope.operation.as_ref().is_none_or(|operation| operation.eq_ignore_ascii_case(target.operation))
            && (scope.customer.is_none() || scope.customer == target.customer)
            && scope.path.as_ref().is_none_or(|part| target.path.contains(part.as_str()));
        if !matches || scope.times.is_some_and(|times| self.applied >= times) {
            return false;
        }
        self.matched = self.matched.saturating_add(1);
        if self.matched <= scope.skip || !random.chance(scope.chance) {
            return false;
        }
        self.applied = self.applied.saturating_add(1);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(operation: &str) -> Target<'_> {
        Target { operation, customer: None, path: "/v1/customers/c/orders" }
    }

    fn plan(fault: Fault) -> Plan {
        let mut plan = Plan::new(Random::new(1));
        plan.add(fault);
        plan
    }

    #[test]
    fn a_fault_skips_requests_applies_and_ends() {
        let mut plan = plan(Fault::new(FaultKind::Garble).on("get_order").skip(1).times(2));
        let applied: Vec<_> = (0..5).map(|_| plan.draw(&target("get_order")).len()).collect();
        assert_eq!(applied, [0, 1, 1, 0, 0]);
    }

    #[test]
    fn a_fault_does_not_apply_to_other_operations() {
        let mut plan = plan(Fault::new(FaultKind::Garble).on("get_order"));
        assert!(plan.draw(&target("list_orders")).is_empty());
    }

    #[test]
    fn chance_follows_the_seed() {
        let draws = || {
            let mut plan = plan(Fault::new(FaultKind::Garble).chance(0.5));
            (0..50).map(|_| plan.draw(&target("get_order")).len()).collect::<Vec<_>>()
        };
        assert_eq!(draws(), draws());
        assert!((10..40).contains(&draws().iter().sum::<usize>()));
    }
}
