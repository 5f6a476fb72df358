//! The names of one object that the contract doesn't list, for noticing duplicates.

use std::borrow::Cow;
use std::collections::HashSet;

use crate::cursor::Text;

/// The number of names that are compared one by one before a set is built.
const FEW: usize = 12;

/// The names seen so far.
pub(crate) struct Names<'a> {
    any_case: bool,
    count: usize,
    few: [Text<'a>; FEW],
    many: HashSet<Cow<'a, [u8]>>,
}

impl<'a> Names<'a> {
    pub(crate) fn new(any_case: bool) -> Self {
        let none = Text { start: 0, raw: &[], escaped: false, lone_surrogate: false };
        Self { any_case, count: 0, few: [none; FEW], many: HashSet::new() }
    }

    /// Adds a name; returns whether it was there before.
    pub(crate) fn repeats(&mut self, name: &Text<'a>) -> bool {
        if self.count < FEW {
            let seen = &self.few[..self.count];
            if seen.iter().any(|other| are_equal(other, name, self.any_case)) {
                return true;
            }
            self.few[self.count] = *name;
            self.count += 1;
            return false;
        }
        if self.many.is_empty() {
            self.many.extend(self.few.iter().map(|name| key(name, self.any_case)));
        }
        !self.many.insert(key(name, self.any_case))
    }
}

fn key<'a>(name: &Text<'a>, any_case: bool) -> Cow<'a, [u8]> {
    let mut key = name.bytes();
    if any_case && key.iter().any(u8::is_ascii_uppercase) {
        key.to_mut().make_ascii_lowercase();
    }
    key
}

fn are_equal(one: &Text<'_>, other: &Text<'_>, any_case: bool) -> bool {
    if one.escaped || other.escaped {
        let (one, other) = (one.bytes(), other.bytes());
        return one == other || (any_case && one.eq_ignore_ascii_case(&other));
    }
    one.raw == other.raw || (any_case && one.raw.eq_ignore_ascii_case(other.raw))
}
