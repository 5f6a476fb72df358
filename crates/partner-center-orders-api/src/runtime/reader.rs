//! Reads JSON text into the contract's types without serde, as long as that is simple.
//!
//! What it accepts, it reads as `serde_json` would. Single unusual values are read by `serde_json`; everything else is
//! rejected, and the caller reads the whole text with `serde_json`, whose result and error message count.

use serde::de::DeserializeOwned;

/// This reader can't read the text; serde may.
#[derive(Clone, Copy, Debug)]
pub struct Rejected;

/// The deepest nesting of arrays and objects. It is the limit of `serde_json`, which reads the whole text if this reader rejects it,
/// so that both accept the same texts. Everything that walks, prints or drops a decoded value needs stack in proportion.
pub(super) const MAX_DEPTH: usize = 127;

/// A position in JSON text.
#[derive(Debug)]
pub struct Reader<'a> {
    pub(super) text: &'a str,
    pub(super) at: usize,
    /// The number of levels that may still open.
    levels: usize,
    /// The name of the last member that isn't known, and where its quote is.
    pub(super) unknown: (&'a str, usize),
    /// The unknown members of the objects that are open, each followed by a comma.
    pub(super) kept: String,
}

impl<'a> Reader<'a> {
    /// Begins at the start of a text.
    #[inline]
    pub(super) fn new(text: &'a str) -> Self {
        Self::with_levels(text, MAX_DEPTH)
    }

    pub(super) const fn with_levels(text: &'a str, levels: usize) -> Self {
        Self { text, at: 0, levels, unknown: ("", 0), kept: String::new() }
    }

    /// Reads text that was checked when it was received.
    pub(super) const fn unlimited(text: &'a str) -> Self {
        Self::with_levels(text, usize::MAX)
    }

    /// The number of bytes that were read.
    #[inline]
    pub(super) fn position(&self) -> usize {
        self.at
    }

    /// Steps over white space and returns whether nothing follows.
    #[inline]
    pub(super) fn is_at_end(&mut self) -> bool {
        self.blank() == 0 && self.at >= self.text.len()
    }

    /// What [`go_back`](Self::go_back) needs to continue from here once more.
    #[inline]
    pub(super) fn here(&self) -> (usize, usize, usize) {
        (self.at, self.levels, self.kept.len())
    }

    pub(super) fn go_back(&mut self, (at, levels, kept): (usize, usize, usize)) {
        (self.at, self.levels) = (at, levels);
        self.kept.truncate(kept);
    }

    /// The rest of the text.
    #[inline]
    pub(super) fn ahead(&self) -> &'a [u8] {
        self.text.as_bytes().get(self.at..).unwrap_or_default()
    }

    /// The byte at the cursor; at the end 0, with which no value begins.
    #[inline]
    pub(super) fn peek(&self) -> u8 {
        self.text.as_bytes().get(self.at).copied().unwrap_or(0)
    }

    #[inline]
    pub(super) fn step(&mut self, bytes: usize) {
        self.at += bytes;
    }

    /// Steps over white space and returns the byte after it.
    #[inline]
    pub(super) fn blank(&mut self) -> u8 {
        loop {
            let byte = self.peek();
            if byte > b' ' || !matches!(byte, b' ' | b'\n' | b'\r' | b'\t') {
                return byte;
            }
            self.at += 1;
        }
    }

    #[inline]
    pub(super) fn take(&mut self, byte: u8) -> Result<(), Rejected> {
        if self.blank() == byte {
            self.at += 1;
            return Ok(());
        }
        Err(Rejected)
    }

    /// Steps over a word if it is at the cursor, and returns whether it was.
    #[inline]
    pub(super) fn word(&mut self, word: &str) -> bool {
        let found = self.ahead().starts_with(word.as_bytes());
        if found {
            self.at += word.len();
        }
        found
    }

    /// Reads an array, element by element.
    #[inline]
    pub(super) fn array(&mut self, element: impl FnMut(&mut Self) -> Result<(), Rejected>) -> Result<(), Rejected> {
        self.between(b'[', b']', element)
    }

    /// Reads an object, member by member, each from its name on.
    #[inline]
    pub(crate) fn object(&mut self, member: impl FnMut(&mut Self) -> Result<(), Rejected>) -> Result<(), Rejected> {
        self.between(b'{', b'}', member)
    }

    /// Reads the elements between two brackets, separated by commas.
    #[inline]
    fn between(
        &mut self,
        start: u8,
        end: u8,
        mut one: impl FnMut(&mut Self) -> Result<(), Rejected>,
    ) -> Result<(), Rejected> {
        self.take(start)?;
        self.levels = self.levels.checked_sub(1).ok_or(Rejected)?;
        if self.blank() == end {
            self.at += 1;
            self.levels += 1;
            return Ok(());
        }
        loop {
            one(self)?;
            let byte = self.blank();
            self.at += 1;
            if byte == end {
                self.levels += 1;
                return Ok(());
            }
            if byte != b',' {
                return Err(Rejected);
            }
        }
    }

    /// The name of a member, and its colon.
    pub(super) fn name(&mut self) -> Result<&'a str, Rejected> {
        self.blank();
        // Names with escapes are rare; serde_json reads them.
        let name = self.plain_text()?.ok_or(Rejected)?;
        self.take(b':')?;
        Ok(name)
    }

    /// Reads text without escapes. For text with escapes, returns `None` and leaves the cursor where it was.
    #[inline]
    pub(super) fn plain_text(&mut self) -> Result<Option<&'a str>, Rejected> {
        if self.peek() != b'"' {
            return Err(Rejected);
        }
        let start = self.at + 1;
        let bytes = self.text.as_bytes();
        let end = start + plain(bytes.get(start..).unwrap_or_default());
        match bytes.get(end) {
            Some(b'"') => {
                self.at = end + 1;
                self.text.get(start..end).map(Some).ok_or(Rejected)
            }
            Some(b'\\') => Ok(None),
            _ => Err(Rejected),
        }
    }

    /// Reads a value that is made from text.
    #[inline]
    pub(crate) fn text<T>(&mut self, make: impl FnOnce(&str) -> T) -> Result<T, Rejected> {
        self.blank();
        match self.plain_text()? {
            Some(text) => Ok(make(text)),
            None => self.with_serde::<String>().map(|text| make(&text)),
        }
    }

    /// Reads a whole number that is written as one. For anything else, returns `None` and leaves the cursor where it was.
    #[inline]
    pub(super) fn integer(&mut self) -> Option<i64> {
        /// The most digits that certainly fit.
        const MOST: usize = 18;
        let ahead = self.ahead();
        let (negative, digits) = match ahead {
            [b'-', digits @ ..] => (true, digits),
            digits => (false, digits),
        };
        let mut number: i64 = 0;
        let mut count = 0;
        while let Some(digit @ b'0'..=b'9') = digits.get(count) {
            if count == MOST {
                return None;
            }
            number = number * 10 + i64::from(digit - b'0');
            count += 1;
        }
        let leading_zero = digits.first() == Some(&b'0') && (count > 1 || negative);
        if count == 0 || leading_zero || matches!(digits.get(count), Some(b'.' | b'e' | b'E')) {
            return None;
        }
        self.at += count + usize::from(negative);
        Some(if negative { -number } else { number })
    }

    /// Returns the spelling of a number.
    pub(super) fn number(&mut self) -> Result<&'a str, Rejected> {
        let start = self.at;
        self.at += usize::from(self.peek() == b'-');
        let first = self.peek();
        if self.digits()? > 1 && first == b'0' {
            return Err(Rejected);
        }
        if self.peek() == b'.' {
            self.at += 1;
            self.digits()?;
        }
        if matches!(self.peek(), b'e' | b'E') {
            self.at += 1;
            self.at += usize::from(matches!(self.peek(), b'+' | b'-'));
            self.digits()?;
        }
        self.text.get(start..self.at).ok_or(Rejected)
    }

    #[inline]
    fn digits(&mut self) -> Result<usize, Rejected> {
        let start = self.at;
        while self.peek().is_ascii_digit() {
            self.at += 1;
        }
        if self.at == start { Err(Rejected) } else { Ok(self.at - start) }
    }

    /// Steps over a number or text, and returns its token.
    pub(crate) fn scalar(&mut self) -> Result<&'a str, Rejected> {
        if self.blank() != b'"' {
            return self.number();
        }
        let start = self.at;
        if self.plain_text()?.is_none() {
            // The text after an escape may be malformed; serde_json checks it.
            self.with_serde::<String>()?;
        }
        self.text.get(start..self.at).ok_or(Rejected)
    }

    /// Reads the value at the cursor with `serde_json`.
    #[cold]
    pub(crate) fn with_serde<T: DeserializeOwned>(&mut self) -> Result<T, Rejected> {
        self.blank();
        let start = self.at;
        let end = self.end_of_value()?;
        let value = serde_json::from_str(self.text.get(start..end).ok_or(Rejected)?).map_err(|_| Rejected)?;
        self.at = end;
        Ok(value)
    }

    /// Returns the end of the value at the cursor, provided that it is JSON.
    fn end_of_value(&self) -> Result<usize, Rejected> {
        let mut ahead = self.ahead().iter();
        let mut depth = 0;
        while let Some(byte) = ahead.next() {
            let is_over = match byte {
                b'"' => {
                    skip_text(&mut ahead)?;
                    true
                }
                b'{' | b'[' => {
                    depth += 1;
                    false
                }
                b'}' | b']' | b',' if depth == 0 => return Ok(self.text.len() - ahead.len() - 1),
                b'}' | b']' => {
                    depth -= 1;
                    true
                }
                _ => matches!(ahead.as_slice().first(), None | Some(b',' | b'}' | b']')),
            };
            if depth == 0 && is_over {
                return Ok(self.text.len() - ahead.len());
            }
            // `serde_json` starts counting at this value, which is nested already.
            if depth > self.levels {
                return Err(Rejected);
            }
        }
        Err(Rejected)
    }
}

/// Skips the rest of a text.
fn skip_text(ahead: &mut std::slice::Iter<'_, u8>) -> Result<(), Rejected> {
    loop {
        match ahead.next().ok_or(Rejected)? {
            b'"' => return Ok(()),
            b'\\' => drop(ahead.next()),
            _ => {}
        }
    }
}

/// All bits set for a byte that ends plain text: quote, backslash, control character.
#[inline]
fn mark(byte: u8) -> u8 {
    let all = |ends: bool| u8::from(ends).wrapping_neg();
    all(byte == b'"') | all(byte == b'\\') | all(byte < 0x20)
}

/// The length of the plain text at the beginning.
#[inline]
pub(super) fn plain(bytes: &[u8]) -> usize {
    let mut count = 0;
    let mut rest = bytes;
    while let Some((block, behind)) = rest.split_first_chunk::<16>() {
        // Written without a branch, so that the compiler compares the whole block in one step.
        let marked = u128::from_le_bytes(block.map(mark)).trailing_zeros() / 8;
        count += marked as usize;
        if marked < 16 {
            return count;
        }
        rest = behind;
    }
    count + rest.iter().take_while(|byte| mark(**byte) == 0).count()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::Value;

    use super::super::Payload;
    use super::super::payload::whole;
    use super::{Reader, Rejected};
    use crate::wire::{Money, NumberOrText, Timestamp};

    /// Reads a text with this reader only. Elsewhere `serde_json` reads what it rejects, so a mistake that makes it reject
    /// more shows only here.
    fn read<T: Payload>(text: &str) -> Result<T, Rejected> {
        let mut value = T::empty();
        whole(text, &mut value).map(|()| value)
    }

    #[test]
    fn what_is_simple_needs_no_serde() {
        for text in [
            "true",
            "false",
            "null",
            "[]",
            "{}",
            "\t\r\n [ true ,\n false , null ] ",
            r#"{ "a" : [1, -2, {"b": "c", "": []}], "d": {"e": [[], {}]} }"#,
            r#""plain""#,
            r#""more than sixteen bytes of plain text, and grüße""#,
            r#""with \"escapes\\ \u00e9 and\nmore""#,
            "0",
            "7",
            "-7",
            "123456789012345678",
            "1234567890123456789",
            "18446744073709551615",
            "12.5",
            "-0.25",
            "1e5",
            "-1.5E-3",
            "2e+10",
        ] {
            assert_eq!(read::<Value>(text).unwrap(), serde_json::from_str::<Value>(text).unwrap(), "{text}");
        }
    }

    #[test]
    fn types_of_the_contract_need_no_serde() {
        fn reads<T: Payload + PartialEq + std::fmt::Debug>(text: &str) {
            assert_eq!(read::<T>(text).unwrap(), serde_json::from_str::<T>(text).unwrap(), "{text}");
        }
        reads::<bool>("true");
        reads::<bool>(" false");
        reads::<i32>("-12");
        reads::<f64>("2.5");
        reads::<String>(r#""a\tb""#);
        reads::<Option<Vec<i32>>>("[1,2]");
        reads::<Option<i32>>("null");
        reads::<BTreeMap<String, String>>(r#"{"a":"b"}"#);
        reads::<NumberOrText>("12.50");
        reads::<NumberOrText>(r#""12""#);
        reads::<Money>("-0.10");
        reads::<Timestamp>(r#""2018-03-13T22:49:54Z""#);
        assert_eq!(read::<i64>("1.0").unwrap(), 1);
        for text in ["truE", "falsey", "1", ""] {
            assert!(read::<bool>(text).is_err(), "{text}");
        }
    }

    #[test]
    fn what_is_no_json_is_left_to_serde() {
        for text in [
            "",
            " ",
            "tru",
            "falsy",
            "nul",
            "[",
            "[1",
            "[1,]",
            "[1}",
            "[1 2]",
            "{",
            "{\"a\"}",
            "{\"a\":}",
            "{\"a\" 1}",
            "{a:1}",
            "01",
            "-",
            "-01",
            "1.",
            ".5",
            "1e",
            "1e+",
            "+1",
            "\"open",
            "\"\u{1}\"",
            "\"\\x\"",
            "1 2",
            "true false",
            "[]]",
        ] {
            assert!(read::<Value>(text).is_err(), "{text}");
            assert!(serde_json::from_str::<Value>(text).is_err(), "{text}");
        }
    }

    #[test]
    fn the_end_of_a_value_is_found_for_serde() {
        for value in ["1", "-1.5e3", "null", r#""""#, r#""} ] , \" \\""#, "[]", r#"{"a":[1,{"b":"]}"},"\\"],"c":{}}"#] {
            for (before, behind) in [("", ""), ("", ","), (" ", "]"), ("", "}")] {
                let text = format!("{before}{value}{behind}");
                let mut reader = Reader::new(&text);
                let read: Value = reader.with_serde().unwrap();
                assert_eq!(read, serde_json::from_str::<Value>(value).unwrap(), "{text}");
                assert_eq!(reader.at, before.len() + value.len(), "{text}");
            }
        }
        for open in ["", "}", "]", ",", "[", "[1", "{\"a\":", "\"a", "\"a\\", "[1}"] {
            assert!(Reader::new(open).with_serde::<Value>().is_err(), "{open}");
        }
    }

    #[test]
    fn what_serde_reads_counts_from_the_level_on_which_it_lies() {
        for (levels, fits) in [(1, false), (2, true)] {
            let mut reader = Reader { levels, ..Reader::new("[{}]") };
            assert_eq!(reader.with_serde::<Value>().is_ok(), fits, "{levels}");
        }
    }
}
