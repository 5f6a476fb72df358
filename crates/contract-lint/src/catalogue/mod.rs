//! The catalogue: every rule with its texts.

mod bodies;
mod calls;
mod conventions;
mod outer_form;
mod types;

use crate::rule::{Rule, Section};

/// The sections, by what they are about. Their rules are checked in this order.
const PARTS: [&[Section]; 5] =
    [outer_form::SECTIONS, calls::SECTIONS, bodies::SECTIONS, types::SECTIONS, conventions::SECTIONS];

/// Every section, in the order of its rules.
pub(crate) fn sections() -> impl Iterator<Item = &'static Section> {
    PARTS.into_iter().flatten()
}

/// Every rule, in the order in which they are checked.
pub fn rules() -> impl Iterator<Item = &'static Rule> {
    sections().flat_map(|section| section.rules)
}
