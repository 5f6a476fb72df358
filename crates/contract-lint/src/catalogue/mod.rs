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

/// Every rule.
pub const RULES: &[Rule] = &joined();

/// Every section, in the order of its rules.
pub(crate) fn sections() -> impl Iterator<Item = &'static Section> {
    PARTS.into_iter().flatten()
}

const COUNT: usize = {
    let (mut count, mut part) = (0, 0);
    while part < PARTS.len() {
        let mut section = 0;
        while section < PARTS[part].len() {
            count += PARTS[part][section].rules.len();
            section += 1;
        }
        part += 1;
    }
    count
};

const fn joined() -> [Rule; COUNT] {
    let mut all = [PARTS[0][0].rules[0]; COUNT];
    let (mut count, mut part) = (0, 0);
    while part < PARTS.len() {
        let mut section = 0;
        while section < PARTS[part].len() {
            let rules = PARTS[part][section].rules;
            let mut rule = 0;
            while rule < rules.len() {
                all[count] = rules[rule];
                count += 1;
                rule += 1;
            }
            section += 1;
        }
        part += 1;
    }
    all
}
