//! Text from outside, such as a contract's or the name of a file, made safe for a terminal and a log. The crates that are written from
//! the contract have functions of their own for it, as neither side depends on the other.

use std::borrow::Cow;
use std::fmt::{self, Display, Write};

/// Shows a value with its control characters escaped, as `\u{1b}`: line breaks, terminal commands, and marks that turn the
/// direction of text. Everything else stays as it is.
///
/// ```
/// use contract::escaped::Escaped;
///
/// assert_eq!(Escaped("a\u{1b}[2J\n\u{202e}b").to_string(), "a\\u{1b}[2J\\u{a}\\u{202e}b");
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Escaped<T>(pub T);

/// As [`Escaped`], for text of several lines: line ends and tabs stay.
///
/// ```
/// use contract::escaped::EscapedLines;
///
/// assert_eq!(EscapedLines("a\u{1b}[2J\n\u{202e}b").to_string(), "a\\u{1b}[2J\n\\u{202e}b");
/// ```
#[derive(Clone, Copy, Debug)]
pub struct EscapedLines<T>(pub T);

impl<T: Display> Display for Escaped<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(Escaping { out: f, keeps: "" }, "{}", self.0)
    }
}

impl<T: Display> Display for EscapedLines<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(Escaping { out: f, keeps: "\n\t" }, "{}", self.0)
    }
}

struct Escaping<'a, 'f> {
    out: &'a mut fmt::Formatter<'f>,
    keeps: &'static str,
}

impl Write for Escaping<'_, '_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let mut rest = text;
        let is_escaped = |letter| is_control(letter) && !self.keeps.contains(letter);
        while let Some((at, control)) = rest.char_indices().find(|(_, letter)| is_escaped(*letter)) {
            self.out.write_str(&rest[..at])?;
            write!(self.out, "{}", control.escape_unicode())?;
            rest = &rest[at + control.len_utf8()..];
        }
        self.out.write_str(rest)
    }
}

/// The same JSON with all control characters escaped: `serde_json` escapes those of ASCII, save DEL, and no others.
pub fn in_json(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        if letter >= '\u{7f}' && is_control(letter) {
            // All of them lie in the first plane, where one escape is enough. Writing to a string can't fail.
            let _ = write!(out, "\\u{:04x}", u32::from(letter));
        } else {
            out.push(letter);
        }
    }
    out
}

/// Text with each control character replaced by one that shows, in as many bytes, so that offsets stay. Line ends and tabs stay.
pub fn in_place(text: &str) -> Cow<'_, str> {
    let is_kept = |at: usize, letter: char| match letter {
        '\n' | '\t' => true,
        '\r' => text[at + 1..].starts_with('\n'),
        _ => !is_control(letter),
    };
    if text.char_indices().all(|(at, letter)| is_kept(at, letter)) {
        return Cow::Borrowed(text);
    }
    let shown = |(at, letter): (usize, char)| match letter.len_utf8() {
        _ if is_kept(at, letter) => letter,
        1 => '?',
        2 => '¿',
        _ => char::REPLACEMENT_CHARACTER,
    };
    Cow::Owned(text.char_indices().map(shown).collect())
}

/// Whether a terminal or an editor obeys the character instead of showing it: C0, DEL, C1, line and paragraph separator, marks of
/// direction (Unicode's `Bidi_Control`).
pub fn is_control(letter: char) -> bool {
    letter.is_control()
        || matches!(
            letter,
            '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_means_the_same_without_control_characters() {
        let value = serde_json::json!({"a\u{9b}": "\u{1b}[2J\u{7f}\u{202e}日\n"});
        let text = in_json(&serde_json::to_string(&value).unwrap());
        assert!(!text.contains(is_control), "{text:?}");
        assert_eq!(serde_json::from_str::<serde_json::Value>(&text).unwrap(), value);
    }

    #[test]
    fn text_without_control_characters_has_the_same_offsets() {
        let text = "a\u{1b}b\r\nc\rd\t\u{9b}\u{202e}é";
        let shown = in_place(text);
        assert_eq!(shown, "a?b\r\nc?d\t¿\u{fffd}é");
        assert_eq!(shown.len(), text.len());
    }
}
