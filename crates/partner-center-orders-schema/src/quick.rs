//! The checks of single values that the generated quick acceptance calls.

use serde_json::Value;

use crate::date::{self, DateText};

/// The depth of values of one schema within each other that is accepted quickly. Deeper ones are left to the walk over the
/// shapes, which has the limit of depth.
pub(crate) const MOST_LEVELS: usize = 8;

/// Whether a value is an integer within these bounds, written as one.
#[inline]
pub(crate) fn is_within(value: &Value, least: i64, most: i64) -> bool {
    value.as_i64().is_some_and(|number| (least..=most).contains(&number))
}

/// Whether a text is a date with offset.
pub(crate) fn is_date(text: &str) -> bool {
    date::read(text.as_bytes()) == DateText::Complete
}

/// Whether the number of characters is within these bounds.
pub(crate) fn has_length(text: &str, least: usize, most: usize) -> bool {
    (least == 0 && text.len() <= most) || (least..=most).contains(&text.chars().count())
}
