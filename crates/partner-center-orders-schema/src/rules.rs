//! The rules for a single value, and their descriptions.

use crate::date::{self, DateText};
use crate::finding::Code;
use crate::mode::Mode;
use crate::shape::{Shape, TextRule};

/// Validates a string, escapes resolved.
///
/// # Errors
/// Returns the code of the first rule that the string breaks.
#[inline]
pub(crate) fn text(rule: &TextRule, text: &[u8], mode: Mode) -> Result<(), Code> {
    if !rule.values.is_empty() && (mode.strict() || !rule.open) {
        // The service reads any letter case (documented) and, with few recorded exceptions, writes the contract's.
        let exact = mode.strict() && !mode.request();
        let known = rule
            .values
            .iter()
            .any(|value| value.as_bytes() == text || (!exact && value.as_bytes().eq_ignore_ascii_case(text)));
        if !known {
            return Err(Code::UnknownValue);
        }
    }
    // A tolerant reader of a response keeps the text of an unreadable date and loses nothing but the moment.
    if rule.date && (mode.strict() || mode.request()) {
        match date::read(text) {
            DateText::Complete => {}
            DateText::WithoutOffset if !mode.strict() => {}
            DateText::WithoutOffset => return Err(Code::DateWithoutOffset),
            DateText::Unreadable => return Err(Code::UnreadableDate),
        }
    }
    if rule.least > 0 || rule.most < text.len() {
        // Every byte but a continuation byte begins a character.
        let characters = text.iter().filter(|byte| !matches!(byte, 0x80..=0xbf)).count();
        if characters < rule.least || characters > rule.most {
            return Err(Code::TextLength);
        }
    }
    Ok(())
}

/// Describes the value that was expected.
pub(crate) fn expectation(code: Code, shape: &Shape, mode: Mode) -> String {
    match (code, &shape.text, &shape.number) {
        (Code::UnknownValue, Some(rule), _) => {
            let values: Vec<String> = rule.values.iter().map(|value| format!("\"{value}\"")).collect();
            format!("one of {}", values.join(", "))
        }
        (Code::UnreadableDate, ..) if mode.strict() => "a date such as \"2018-03-15T17:15:02Z\"".to_owned(),
        (Code::UnreadableDate, ..) => "a date such as \"2018-03-15T17:15:02Z\", with or without the offset".to_owned(),
        (Code::DateWithoutOffset, ..) => "a date that ends with `Z` or an offset".to_owned(),
        (Code::TextLength, Some(rule), _) => describe_range(rule.least, rule.most, "character"),
        (Code::OutOfBounds, _, Some(bounds)) => format!("a number from {} to {}", bounds.least, bounds.most),
        (Code::NumberTooLarge, ..) => "a number in the range of a double".to_owned(),
        (Code::LoneSurrogate, ..) => "a string without lone surrogates".to_owned(),
        (Code::ReadOnlyMember, ..) => "nothing: the service sets this member".to_owned(),
        _ => shape.kinds.describe(),
    }
}

/// Returns a text such as `at least 1 item`, `at most 1024 characters`, `1 to 3 items`.
pub(crate) fn describe_range(least: usize, most: usize, of: &str) -> String {
    match (least, most) {
        (least, usize::MAX) => format!("at least {}", describe_count(least, of)),
        (0, most) => format!("at most {}", describe_count(most, of)),
        (least, most) => format!("{least} to {}", describe_count(most, of)),
    }
}

/// Returns a text such as `1 item`, `2 items`.
pub(crate) fn describe_count(count: usize, of: &str) -> String {
    if count == 1 { format!("1 {of}") } else { format!("{count} {of}s") }
}
