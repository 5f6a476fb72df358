//! Untrusted text, made safe for a terminal and a log. The client has the same for itself, as neither crate depends on the other.

use std::fmt::{self, Display, Write};

/// Displays a value with its control characters escaped, as `\u{1b}`: line breaks, terminal commands, and marks that change the
/// direction of text. Everything else is unchanged.
///
/// ```
/// use partner_center_orders_schema::Escaped;
///
/// assert_eq!(Escaped("a\u{1b}[2J\u{202e}b").to_string(), "a\\u{1b}[2J\\u{202e}b");
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Escaped<T>(pub T);

impl<T: Display> Display for Escaped<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(EscapingWriter(f), "{}", self.0)
    }
}

struct EscapingWriter<'a, 'f>(&'a mut fmt::Formatter<'f>);

impl Write for EscapingWriter<'_, '_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let mut rest = text;
        while let Some((at, control)) = rest.char_indices().find(|(_, letter)| is_control(*letter)) {
            self.0.write_str(&rest[..at])?;
            write!(self.0, "{}", control.escape_unicode())?;
            rest = &rest[at + control.len_utf8()..];
        }
        self.0.write_str(rest)
    }
}

/// Whether a terminal or an editor interprets the character instead of displaying it: C0, DEL, C1, line and paragraph separator,
/// and marks of direction (Unicode's `Bidi_Control`).
///
/// ```
/// use partner_center_orders_schema::is_control;
///
/// assert!(is_control('\u{1b}') && is_control('\u{202e}') && !is_control('日'));
/// ```
pub fn is_control(letter: char) -> bool {
    letter.is_control()
        || matches!(
            letter,
            '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
        )
}

#[cfg(test)]
mod tests {
    use super::Escaped;

    #[test]
    fn only_control_characters_are_escaped() {
        for (text, shown) in [
            ("", ""),
            ("äöü 日本 👩\u{200d}💻", "äöü 日本 👩\u{200d}💻"),
            ("a\r\nb\tc\0", "a\\u{d}\\u{a}b\\u{9}c\\u{0}"),
            ("\u{7f}\u{9b}31m", "\\u{7f}\\u{9b}31m"),
            ("\u{61c}\u{200e}\u{200f}", "\\u{61c}\\u{200e}\\u{200f}"),
            ("\u{202a}x\u{202e}", "\\u{202a}x\\u{202e}"),
            ("\u{2066}\u{2069}\u{2028}", "\\u{2066}\\u{2069}\\u{2028}"),
        ] {
            assert_eq!(Escaped(text).to_string(), shown);
        }
    }
}
