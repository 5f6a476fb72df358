//! Standard output, and the exit codes of the validating commands. What makes text harmless is also in `contract`, on which no
//! published crate depends.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::process::ExitCode;

use partner_center_orders_schema::is_control;
use serde::Serialize;

/// The input is valid.
pub(crate) const VALID: u8 = 0;
/// There are findings.
pub(crate) const FINDINGS: u8 = 1;
/// The input can't be used.
pub(crate) const UNUSABLE: u8 = 2;

/// Writes text to standard output; a closed pipe is an error, not a panic.
pub(crate) fn print(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()
}

/// Writes text to standard output and returns this exit code. A closed pipe is ignored; any other failure, such as a full disk,
/// is reported and gives [`UNUSABLE`].
pub(crate) fn finish(text: &str, code: u8) -> ExitCode {
    exit_code(print(text), code)
}

/// Returns this exit code unless the output failed.
pub(crate) fn exit_code(printed: io::Result<()>, code: u8) -> ExitCode {
    match printed {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            eprintln!("can't write to standard output: {error}");
            ExitCode::from(UNUSABLE)
        }
        _ => ExitCode::from(code),
    }
}

/// Writes a value as JSON and returns this exit code, even if the reader has gone.
pub(crate) fn print_json<T: Serialize>(value: &T, code: u8) -> ExitCode {
    match serde_json::to_string_pretty(value) {
        Ok(text) => finish(&(escaped_json(&text) + "\n"), code),
        Err(error) => {
            eprintln!("the result can't be written as JSON: {error}");
            ExitCode::from(UNUSABLE)
        }
    }
}

/// Escapes all control characters in JSON: `serde_json` escapes only those of ASCII without DEL.
pub(crate) fn escaped_json(text: &str) -> Cow<'_, str> {
    let is_unescaped = |letter: char| letter >= '\u{7f}' && is_control(letter);
    if !text.contains(is_unescaped) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        if is_unescaped(letter) {
            // All of them are in the basic plane, where one escape is enough. Writing into a String can't fail.
            let _ = write!(out, "\\u{:04x}", u32::from(letter));
        } else {
            out.push(letter);
        }
    }
    Cow::Owned(out)
}

/// Replaces each control character in untrusted text with a visible one of as many bytes, so that offsets are unchanged. Line ends
/// and tabs are kept.
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
    fn escaped_json_has_the_same_value() {
        let value = serde_json::json!({"a\u{9b}": "\u{1b}[2J\u{7f}\u{202e}日\n"});
        let text = serde_json::to_string_pretty(&value).unwrap();
        let escaped = escaped_json(&text);
        assert!(escaped.chars().all(|letter| letter == '\n' || !is_control(letter)), "{escaped:?}");
        assert_eq!(serde_json::from_str::<serde_json::Value>(&escaped).unwrap(), value);
    }

    #[test]
    fn harmless_text_has_the_same_offsets() {
        let text = "a\u{1b}b\r\nc\rd\t\u{9b}\u{202e}é";
        let shown = harmless(text);
        assert_eq!(shown, "a?b\r\nc?d\t¿\u{fffd}é");
        assert_eq!(shown.len(), text.len());
    }
}
