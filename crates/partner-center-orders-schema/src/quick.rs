//! The questions that the generated quick acceptance asks of single values.

use serde_json::Value;

use crate::date::{self, DateText};

/// How many values of one schema within each other are accepted quickly. The limit of depth is for the walk over the shapes.
pub(crate) const MOST_LEVELS: usize = 8;

/// Whether this is a whole number within these bounds, written as one.
#[inline]
pub(crate) fn is_within(value: &Value, least: i64, most: i64) -> bool {
    value.as_i64().is_some_and(|number| (least..=most).contains(&number))
}

/// Whether this names a moment.
pub(crate) fn is_date(text: &str) -> bool {
    date::read(text.as_bytes()) == DateText::Complete
}

/// Whether this text has so many characters.
pub(crate) fn has_length(text: &str, least: usize, most: usize) -> bool {
    (least == 0 && text.len() <= most) || (least..=most).contains(&text.chars().count())
}
