//! What goes to standard output, and the exit codes of the judging commands.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::process::ExitCode;

use partner_center_orders_schema::is_control;
use serde::Serialize;

/// All is well.
pub(crate) const VALID: u8 = 0;
/// There are findings.
pub(crate) const FINDINGS: u8 = 1;
/// The input can't be used.
pub(crate) const UNUSABLE: u8 = 2;

/// Writes text to standard output; a reader that went away is an error, not a panic.
pub(crate) fn print(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()
}

/// Writes text to standard output and ends with this code. A reader that went away has read enough; anything else that keeps
/// the text from being written, such as a full disk, is told, and ends with [`UNUSABLE`].
pub(crate) fn end(text: &str, code: u8) -> ExitCode {
    ending(print(text), code)
}

/// Ends with this code unless the output failed.
pub(crate) fn ending(printed: io::Result<()>, code: u8) -> ExitCode {
    match printed {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            eprintln!("can't write to standard output: {error}");
            ExitCode::from(UNUSABLE)
        }
        _ => ExitCode::from(code),
    }
}

/// Writes a value as JSON and ends with this code, whether or not anybody still reads.
pub(crate) fn print_json<T: Serialize>(value: &T, code: u8) -> ExitCode {
    match serde_json::to_string_pretty(value) {
        Ok(text) => end(&(escaped_json(&text) + "\n"), code),
        Err(error) => {
            eprintln!("the result can't be written as JSON: {error}");
            ExitCode::from(UNUSABLE)
        }
    }
}

/// The same JSON with all control characters escaped: `serde_json` escapes those of ASCII, save DEL, and no others.
pub(crate) fn escaped_json(text: &str) -> Cow<'_, str> {
    let is_bare = |letter: char| letter >= '\u{7f}' && is_control(letter);
    if !text.contains(is_bare) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        if is_bare(letter) {
            // All of them lie in the first plane, where one escape is enough. Writing into a String can't fail.
            let _ = write!(out, "\\u{:04x}", u32::from(letter));
        } else {
            out.push(letter);
        }
    }
    Cow::Owned(out)
}

/// Text from outside with each control character replaced by one that shows, in as many bytes, so that offsets stay. Line ends
/// and tabs stay.
pub(crate) fn harmless(text: &str) -> Cow<'_, str> {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_means_the_same_without_control_characters() {
        let value = serde_json::json!({"a\u{9b}": "\u{1b}[2J\u{7f}\u{202e}日\n"});
        let text = serde_json::to_string_pretty(&value).unwrap();
        let escaped = escaped_json(&text);
        assert!(escaped.chars().all(|letter| letter == '\n' || !is_control(letter)), "{escaped:?}");
        assert_eq!(serde_json::from_str::<serde_json::Value>(&escaped).unwrap(), value);
    }

    #[test]
    fn text_without_control_characters_has_the_same_offsets() {
        let text = "a\u{1b}b\r\nc\rd\t\u{9b}\u{202e}é";
        let shown = harmless(text);
        assert_eq!(shown, "a?b\r\nc?d\t¿\u{fffd}é");
        assert_eq!(shown.len(), text.len());
    }
}
