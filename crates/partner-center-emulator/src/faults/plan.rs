//! The planned faults.

use serde::Serialize;
use uuid::Uuid;

use super::fault::Fault;
use super::kind::FaultKind;
use crate::random::Random;

/// The faults that are planned, with how often each has met requests.
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
    /// How many requests it fitted.
    fitted: u32,
    /// How many requests it met.
    met: u32,
}

/// The request that faults are held against.
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
        self.rules.push(Rule { id, fault, fitted: 0, met: 0 });
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

    /// The faults that meet this request, in the order in which they were planned.
    pub(crate) fn draw(&mut self, target: &Target<'_>) -> Vec<FaultKind> {
        let mut drawn = Vec::new();
        for rule in &mut self.rules {
            if rule.meets(target, &mut self.random) {
                drawn.push(rule.fault.kind.clone());
            }
        }
        drawn
    }
}

impl Rule {
    fn meets(&mut self, target: &Target<'_>, random: &mut Random) -> bool {
        let scope = &self.fault.scope;
        let fits = scope.operation.as_ref().is_none_or(|operation| operation.eq_ignore_ascii_case(target.operation))
            && (scope.customer.is_none() || scope.customer == target.customer)
            && scope.path.as_ref().is_none_or(|part| target.path.contains(part.as_str()));
        if !fits || scope.times.is_some_and(|times| self.met >= times) {
            return false;
        }
        self.fitted = self.fitted.saturating_add(1);
        if self.fitted <= scope.skip || !random.chance(scope.chance) {
            return false;
        }
        self.met = self.met.saturating_add(1);
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
    fn a_fault_skips_meets_and_ends() {
        let mut plan = plan(Fault::new(FaultKind::Garble).on("get_order").skip(1).times(2));
        let met: Vec<_> = (0..5).map(|_| plan.draw(&target("get_order")).len()).collect();
        assert_eq!(met, [0, 1, 1, 0, 0]);
    }

    #[test]
    fn a_fault_leaves_other_operations_alone() {
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
