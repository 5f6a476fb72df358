//! The catalogue: every rule with its words.

mod bodies;
mod calls;
mod conventions;
mod outer_form;
mod types;

use crate::rule::Rule;

/// The rules by what they are about. They are asked in this order.
const PARTS: [&[Rule]; 5] = [outer_form::RULES, calls::RULES, bodies::RULES, types::RULES, conventions::RULES];

/// Every rule.
pub const RULES: &[Rule] = &joined();

const COUNT: usize = {
    let (mut count, mut part) = (0, 0);
    while part < PARTS.len() {
        count += PARTS[part].len();
        part += 1;
    }
    count
};

const fn joined() -> [Rule; COUNT] {
    let mut all = [PARTS[0][0]; COUNT];
    let (mut place, mut part) = (0, 0);
    while part < PARTS.len() {
        let mut rule = 0;
        while rule < PARTS[part].len() {
            all[place] = PARTS[part][rule];
            place += 1;
            rule += 1;
        }
        part += 1;
    }
    all
}
