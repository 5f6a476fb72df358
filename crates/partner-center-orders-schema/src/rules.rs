//! What the contract asks of a single value, and how that is put in words.

use crate::date::{self, DateText};
use crate::finding::Code;
use crate::reading::Reading;
use crate::shape::{Shape, TextRule};

/// Whether a value is as it should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fit {
    Fits,
    Fails(Code),
}

/// Judges a text, escapes resolved.
#[inline]
pub(crate) fn text(rule: &TextRule, text: &[u8], reading: Reading) -> Fit {
    if !rule.values.is_empty() && (reading.strict() || !rule.open) {
        // The service reads any letter case (documented); it writes the contract's, but for oddities on record.
        let exact = reading.strict() && !reading.request();
        let known = rule
            .values
            .iter()
            .any(|value| value.as_bytes() == text || (!exact && value.as_bytes().eq_ignore_ascii_case(text)));
        if !known {
            return Fit::Fails(Code::UnknownValue);
        }
    }
    // In an answer an unreadable date costs a tolerant reader nothing but the moment: the text is kept.
    if rule.date && (reading.strict() || reading.request()) {
        match date::read(text) {
            DateText::Complete => {}
            DateText::WithoutOffset if !reading.strict() => {}
            DateText::WithoutOffset => return Fit::Fails(Code::DateWithoutOffset),
            DateText::Unreadable => return Fit::Fails(Code::UnreadableDate),
        }
    }
    if rule.least > 0 || rule.most < text.len() {
        // Every byte but the later ones of a character begins one.
        let characters = text.iter().filter(|byte| !matches!(byte, 0x80..=0xbf)).count();
        if characters < rule.least || characters > rule.most {
            return Fit::Fails(Code::TextLength);
        }
    }
    Fit::Fits
}

/// What should have stood there, in words.
pub(crate) fn expectation(code: Code, shape: &Shape, reading: Reading) -> String {
    match (code, &shape.text, &shape.number) {
        (Code::UnknownValue, Some(rule), _) => {
            let values: Vec<String> = rule.values.iter().map(|value| format!("\"{value}\"")).collect();
            format!("one of {}", values.join(", "))
        }
        (Code::UnreadableDate, ..) if reading.strict() => "a date such as \"2018-03-15T17:15:02Z\"".to_owned(),
        (Code::UnreadableDate, ..) => "a date such as \"2018-03-15T17:15:02Z\", at worst without the offset".to_owned(),
        (Code::DateWithoutOffset, ..) => "a date that ends with `Z` or an offset".to_owned(),
        (Code::TextLength, Some(rule), _) => range_in_words(rule.least, rule.most, "character"),
        (Code::OutOfBounds, _, Some(bounds)) => format!("a number from {} to {}", bounds.least, bounds.most),
        (Code::NumberTooLarge, ..) => "a number that a double can hold".to_owned(),
        (Code::LoneSurrogate, ..) => "text of whole characters".to_owned(),
        (Code::ReadOnlyMember, ..) => "nothing: the service sets this member".to_owned(),
        _ => shape.kinds.in_words(),
    }
}

/// `at least 1 item`, `at most 1024 characters`, `1 to 3 items`.
pub(crate) fn range_in_words(least: usize, most: usize, of: &str) -> String {
    match (least, most) {
        (least, usize::MAX) => format!("at least {}", count_in_words(least, of)),
        (0, most) => format!("at most {}", count_in_words(most, of)),
        (least, most) => format!("{least} to {}", count_in_words(most, of)),
    }
}

/// `1 item`, `2 items`.
pub(crate) fn count_in_words(count: usize, of: &str) -> String {
    if count == 1 { format!("1 {of}") } else { format!("{count} {of}s") }
}
