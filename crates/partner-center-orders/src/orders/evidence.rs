//! Evidence that something that was found is the effect of one write.

use std::time::{Duration, SystemTime};

use partner_center_orders_api::types::{NewOrder, Order, OrderLineItemPatch, OrderPatch};

use crate::agree::{agrees, all_matched};
use crate::error::Candidate;
use crate::{Error, ErrorKind};

/// An order that was created longer than this before a write is not its effect. The clocks of service and client may differ;
/// how far can be measured only in part. Our choice.
const CLOCKS_APART: Duration = Duration::from_secs(60 * 60);

/// The caller's declarations about a create, so that its effect can be distinguished from another's.
///
/// That an order is the same in all members is no evidence: another write may have placed it. A further source of evidence,
/// such as an audit record with the write's correlation id, belongs here, in place of [`Evidence::is_named`].
#[derive(Clone, Debug, Default)]
pub(crate) struct Evidence {
    /// A friendly name that only lines of this write have.
    pub(crate) unique_name: Option<String>,
    /// Orders that are known to be another write's.
    pub(crate) not_orders: Vec<String>,
    /// Lines of the order that are known to be another write's.
    pub(crate) not_lines: Vec<i32>,
}

/// The result of a look for the effect of a create.
#[derive(Debug)]
pub(crate) enum Found<T> {
    /// The effect of this write.
    Ours(T),
    /// Orders or lines that may be its effect, or another write's.
    Candidates(Vec<Candidate>),
    /// Nothing that can be it.
    Nothing,
}

impl Evidence {
    /// # Errors
    /// When the name that is declared unique isn't in any of the lines that are sent.
    pub(crate) fn check<'a>(&self, mut sent: impl Iterator<Item = Option<&'a str>>) -> Result<(), Error> {
        match self.unique_name.as_deref() {
            Some(name) if !sent.any(|sent| sent == Some(name)) => {
                let what = format!("no line has the friendly name that was declared unique: {name}");
                Err(Error::own(ErrorKind::InvalidRequest, what))
            }
            _ => Ok(()),
        }
    }

    /// Whether a line has exactly the name that is unique to this write.
    fn is_named<'a>(&self, mut found: impl Iterator<Item = Option<&'a str>>) -> bool {
        self.unique_name.as_deref().is_some_and(|name| found.any(|found| found == Some(name)))
    }

    /// Finds the order that was placed at that time, if this machine's clock is so far ahead of the service's.
    pub(crate) fn find_order(
        &self,
        new: &NewOrder,
        listed: Vec<Order>,
        first_sent_at: SystemTime,
        ahead: Duration,
    ) -> Found<Order> {
        let mut ours = Vec::new();
        let mut candidates = Vec::new();
        let not_ours = |order: &Order| self.not_orders.iter().any(|id| id.eq_ignore_ascii_case(&order.id));
        for order in listed.into_iter().filter(|order| !not_ours(order)) {
            let is_before = order.creation_date.instant().is_some_and(|created| {
                SystemTime::from(created).checked_add(CLOCKS_APART + ahead).is_some_and(|latest| latest < first_sent_at)
            });
            // Lines may have been added since.
            let matches = currencies_agree(new, &order)
                && all_matched(new.line_items.len(), order.line_items.len(), |sent, found| {
                    agrees(&new.line_items[sent], &order.line_items[found])
                });
            let is_named = self.is_named(order.line_items.iter().map(|line| line.friendly_name.as_deref()));
            if is_named && matches && !is_before {
                ours.push(order);
            } else if is_named || (matches && !is_before) {
                candidates.push((is_named, candidate(new, order)));
            }
        }
        let contested = ours.len() > 1 || candidates.iter().any(|(is_named, _)| *is_named);
        match ours.pop() {
            Some(order) if !contested => Found::Ours(order),
            last => {
                let named = last.into_iter().chain(ours).map(|order| candidate(new, order));
                let candidates: Vec<_> = named.chain(candidates.into_iter().map(|(_, candidate)| candidate)).collect();
                if candidates.is_empty() { Found::Nothing } else { Found::Candidates(candidates) }
            }
        }
    }

    /// Finds the lines of these add-ons.
    fn find_add_ons(&self, add_ons: &[&OrderLineItemPatch], order: &Order) -> Found<()> {
        let lines: Vec<_> =
            order.line_items.iter().filter(|line| !self.not_lines.contains(&line.line_item_number)).collect();
        let agree = |sent: usize, found: usize| agrees(add_ons[sent], lines[found]);
        let is_named = self.is_named(lines.iter().map(|line| line.friendly_name.as_deref()));
        let matches = all_matched(add_ons.len(), lines.len(), agree);
        if is_named && matches {
            return Found::Ours(());
        }
        if !is_named && !matches {
            return Found::Nothing;
        }
        let like = |index: &usize| (0..add_ons.len()).any(|sent| agree(sent, *index));
        let named = |index: &usize| self.is_named(std::iter::once(lines[*index].friendly_name.as_deref()));
        let line_items = (0..lines.len()).filter(|index| like(index) || named(index));
        Found::Candidates(vec![Candidate {
            order_id: order.id.clone(),
            creation_date: Some(order.creation_date.clone()),
            line_items: line_items.map(|index| lines[index].clone()).collect(),
            attachments: Vec::new(),
        }])
    }
}

fn currencies_agree(new: &NewOrder, order: &Order) -> bool {
    match (&new.currency_code, &order.currency_code) {
        (Some(sent), Some(found)) => sent.is_empty() || found.is_empty() || sent.eq_ignore_ascii_case(found),
        _ => true,
    }
}

fn candidate(new: &NewOrder, order: Order) -> Candidate {
    let Order { id, creation_date, line_items, .. } = order;
    let matching = line_items.into_iter().filter(|found| new.line_items.iter().any(|sent| agrees(sent, found)));
    Candidate {
        order_id: id,
        creation_date: Some(creation_date),
        line_items: matching.collect(),
        attachments: Vec::new(),
    }
}

/// The part of a patch that an order shows.
#[derive(Debug)]
pub(crate) enum Shows {
    /// It is as requested.
    Change,
    /// It isn't as requested.
    NoChange,
    /// Lines are there that may be those of the patch, or another write's.
    Candidates(Vec<Candidate>),
    /// The patch sets nothing that an order would show.
    Nothing,
}

/// Compares the order with the patch. A status or a billing cycle is as requested whichever call set it; an add-on is a create.
pub(crate) fn shows_patch(order: &Order, patch: &OrderPatch, evidence: &Evidence) -> Shows {
    use partner_center_orders_api::enums::OrderStatus;

    let mut signs = Vec::new();
    if let Some(cycle) = &patch.billing_cycle {
        signs.push(order.billing_cycle.as_ref() == Some(cycle));
    }
    if patch.status == Some(OrderStatus::Cancelled) {
        let named: Vec<_> = patch.line_items_or_empty().iter().map(|line| line.line_item_number).collect();
        let mut lines = order
            .line_items
            .iter()
            .filter(|line| named.is_empty() || named.contains(&line.line_item_number))
            .peekable();
        let lines_are = lines.peek().is_some() && lines.all(|line| line.quantity == 0);
        signs.push(order.status == Some(OrderStatus::Cancelled) || lines_are);
    }
    // An order that was read and is sent back contains its former lines, with their subscriptions.
    let add_ons: Vec<_> = patch
        .line_items_or_empty()
        .iter()
        .filter(|line| line.parent_subscription_id.is_some() && line.subscription_id.is_none())
        .collect();
    let mut candidates = Vec::new();
    if !add_ons.is_empty() {
        match evidence.find_add_ons(&add_ons, order) {
            Found::Ours(()) => signs.push(true),
            Found::Nothing => signs.push(false),
            Found::Candidates(found) => candidates = found,
        }
    }
    if signs.contains(&false) {
        Shows::NoChange
    } else if !candidates.is_empty() {
        Shows::Candidates(candidates)
    } else if signs.is_empty() {
        Shows::Nothing
    } else {
        Shows::Change
    }
}
