//! A JSON tokenizer that builds no tree.

use std::borrow::Cow;
use std::fmt;

/// The reason why a walk stopped before the end of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stop {
    /// The first finding was enough.
    AtFinding,
    /// The text at the cursor is not JSON; this was expected.
    Syntax(Expected),
}

/// The token that was expected at a syntax error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Expected {
    /// Any value.
    Value,
    /// A name, or the end of an object that has just begun.
    NameOrEnd,
    /// A name, after a comma.
    Name,
    /// The colon after a name.
    Colon,
    /// A comma or the end of an object.
    CommaInObject,
    /// A comma or the end of an array.
    CommaInArray,
    /// The end of the text.
    EndOfText,
    /// The closing quote of a string, or a character that is allowed in one.
    InString,
    /// A valid escape.
    Escape,
    /// A digit.
    Digit,
    /// Fewer levels of nesting.
    LessNesting,
}

impl fmt::Display for Expected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Value => "a value",
            Self::NameOrEnd => "a member name or `}`",
            Self::Name => "a member name",
            Self::Colon => "a colon",
            Self::CommaInObject => "a comma or `}`",
            Self::CommaInArray => "a comma or `]`",
            Self::EndOfText => "the end",
            Self::InString => "the rest of a string",
            Self::Escape => "an escape",
            Self::Digit => "a digit",
            Self::LessNesting => "fewer levels",
        })
    }
}

/// A string or a name, as written between its quotes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Text<'a> {
    /// The offset of the opening quote.
    pub(crate) start: usize,
    pub(crate) raw: &'a [u8],
    /// Whether it contains an escape.
    pub(crate) escaped: bool,
    /// Whether it contains an escaped surrogate without its counterpart.
    pub(crate) lone_surrogate: bool,
}

impl<'a> Text<'a> {
    /// Returns the offset after the closing quote.
    pub(crate) fn end(&self) -> usize {
        self.start + self.raw.len() + 2
    }

    /// Returns the string with its escapes resolved; lone surrogates become U+FFFD.
    pub(crate) fn decoded(&self) -> Cow<'a, str> {
        let raw = String::from_utf8_lossy(self.raw);
        if self.escaped { Cow::Owned(unescape(&raw)) } else { raw }
    }

    /// Returns the same as [`decoded`](Self::decoded), as bytes.
    pub(crate) fn bytes(&self) -> Cow<'a, [u8]> {
        if !self.escaped {
            return Cow::Borrowed(self.raw);
        }
        Cow::Owned(self.decoded().into_owned().into_bytes())
    }
}

/// A decoded name.
impl<'a> From<&'a String> for Text<'a> {
    fn from(name: &'a String) -> Self {
        Self { start: 0, raw: name.as_bytes(), escaped: false, lone_surrogate: false }
    }
}

fn unescape(raw: &str) -> String {
    let mut out = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(at) = rest.find('\\') {
        out.push_str(&rest[..at]);
        let code = rest.as_bytes().get(at + 1).copied().unwrap_or(b'\\');
        rest = rest.get(at + 2..).unwrap_or_default();
        match code {
            b'b' => out.push('\u{8}'),
            b'f' => out.push('\u{c}'),
            b'n' => out.push('\n'),
            b'r' => out.push('\r'),
            b't' => out.push('\t'),
            b'u' => {
                let unit = hex(rest.as_bytes()).unwrap_or(0xfffd);
                rest = rest.get(4..).unwrap_or_default();
                let low = rest.strip_prefix("\\u").and_then(|next| hex(next.as_bytes()));
                match (unit, low) {
                    (0xd800..=0xdbff, Some(low @ 0xdc00..=0xdfff)) => {
                        rest = rest.get(6..).unwrap_or_default();
                        let code = 0x1_0000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
                        out.push(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
                    }
                    _ => out.push(char::from_u32(unit).unwrap_or(char::REPLACEMENT_CHARACTER)),
                }
            }
            other => out.push(char::from(other)),
        }
    }
    out.push_str(rest);
    out
}

/// Returns the value of the four hexadecimal digits at the beginning.
fn hex(bytes: &[u8]) -> Option<u32> {
    let digits = bytes.first_chunk::<4>()?;
    digits.iter().try_fold(0, |value, digit| Some(value << 4 | char::from(*digit).to_digit(16)?))
}

/// A number, as written.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Number<'a> {
    pub(crate) start: usize,
    pub(crate) raw: &'a [u8],
    /// The value of a number that is written as an integer of at most 18 digits.
    pub(crate) small: Option<i64>,
}

const ONES: u64 = 0x0101_0101_0101_0101;
const HIGH: u64 = 0x8080_8080_8080_8080;

/// Returns the high bit of each byte that needs attention in a string: quote, backslash, control character.
///
/// Only the lowest bit that is set is reliable.
const fn specials(word: u64) -> u64 {
    let quote = word ^ (ONES * b'"' as u64);
    let backslash = word ^ (ONES * b'\\' as u64);
    let quote = quote.wrapping_sub(ONES) & !quote;
    let backslash = backslash.wrapping_sub(ONES) & !backslash;
    let control = word.wrapping_sub(ONES * 0x20) & !word;
    (quote | backslash | control) & HIGH
}

/// A position in JSON text.
pub(crate) struct Cursor<'a> {
    bytes: &'a [u8],
    pub(crate) at: usize,
}

impl<'a> Cursor<'a> {
    /// Creates a cursor at this offset; the bytes must be UTF-8.
    pub(crate) fn new(bytes: &'a [u8], at: usize) -> Self {
        Self { bytes, at }
    }

    /// Returns the next byte; at the end 0, which JSON can't contain.
    #[inline]
    pub(crate) fn peek(&self) -> u8 {
        self.bytes.get(self.at).copied().unwrap_or(0)
    }

    /// Whether the end is reached.
    pub(crate) fn at_end(&self) -> bool {
        self.at >= self.bytes.len()
    }

    /// Returns the bytes between two offsets.
    pub(crate) fn source(&self, start: usize, end: usize) -> &'a [u8] {
        self.bytes.get(start..end).unwrap_or_default()
    }

    /// Skips white space; returns the byte after it.
    #[inline]
    pub(crate) fn skip_whitespace(&mut self) -> u8 {
        loop {
            let byte = self.peek();
            if byte > b' ' || !matches!(byte, b' ' | b'\n' | b'\r' | b'\t') {
                return byte;
            }
            self.at += 1;
        }
    }

    /// Skips one of the literals `true`, `false` and `null`.
    pub(crate) fn literal(&mut self, literal: &'static [u8]) -> Result<(), Stop> {
        if self.bytes.get(self.at..).is_some_and(|rest| rest.starts_with(literal)) {
            self.at += literal.len();
            return Ok(());
        }
        Err(Stop::Syntax(Expected::Value))
    }

    /// Reads a string; the cursor is at its opening quote.
    #[inline]
    pub(crate) fn text(&mut self) -> Result<Text<'a>, Stop> {
        let start = self.at;
        let mut text = Text { start, raw: &[], escaped: false, lone_surrogate: false };
        self.at += 1;
        loop {
            self.skip_plain();
            match self.peek() {
                b'"' => {
                    text.raw = self.source(start + 1, self.at);
                    self.at += 1;
                    return Ok(text);
                }
                b'\\' => {
                    text.escaped = true;
                    text.lone_surrogate |= self.escape()?;
                }
                _ => return Err(Stop::Syntax(Expected::InString)),
            }
        }
    }

    /// Skips to the next quote, backslash or control character, or to the end.
    #[inline]
    fn skip_plain(&mut self) {
        while let Some(chunk) = self.bytes.get(self.at..).and_then(<[u8]>::first_chunk::<8>) {
            let specials = specials(u64::from_le_bytes(*chunk));
            if specials != 0 {
                self.at += (specials.trailing_zeros() / 8) as usize;
                return;
            }
            self.at += 8;
        }
        while !matches!(self.peek(), b'"' | b'\\' | 0..=0x1f) {
            self.at += 1;
        }
    }

    /// Skips an escape, a surrogate pair as one; returns whether it is a lone surrogate.
    fn escape(&mut self) -> Result<bool, Stop> {
        let kind = self.bytes.get(self.at + 1).copied().unwrap_or(0);
        match kind {
            b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => {
                self.at += 2;
                Ok(false)
            }
            b'u' => {
                let unit = self.utf16_unit().ok_or(Stop::Syntax(Expected::Escape))?;
                self.at += 6;
                match unit {
                    0xd800..=0xdbff => match self.utf16_unit() {
                        Some(0xdc00..=0xdfff) => {
                            self.at += 6;
                            Ok(false)
                        }
                        _ => Ok(true),
                    },
                    0xdc00..=0xdfff => Ok(true),
                    _ => Ok(false),
                }
            }
            _ => Err(Stop::Syntax(Expected::Escape)),
        }
    }

    /// Returns the UTF-16 unit of the `\uXXXX` at the cursor.
    fn utf16_unit(&self) -> Option<u32> {
        self.bytes.get(self.at..)?.strip_prefix(b"\\u").and_then(hex)
    }

    /// Reads a number; the cursor is at its sign or first digit.
    pub(crate) fn number(&mut self) -> Result<Number<'a>, Stop> {
        let start = self.at;
        let negative = self.peek() == b'-';
        if negative {
            self.at += 1;
        }
        let digits = self.at;
        let mut value: i64 = 0;
        while let digit @ b'0'..=b'9' = self.peek() {
            value = value.wrapping_mul(10).wrapping_add(i64::from(digit - b'0'));
            self.at += 1;
        }
        let count = self.at - digits;
        if count == 0 {
            return Err(Stop::Syntax(Expected::Digit));
        }
        if count > 1 && self.bytes.get(digits) == Some(&b'0') {
            self.at = digits;
            return Err(Stop::Syntax(Expected::Digit));
        }
        let mut is_small = count <= 18;
        if self.peek() == b'.' {
            is_small = false;
            self.at += 1;
            self.digits()?;
        }
        if matches!(self.peek(), b'e' | b'E') {
            is_small = false;
            self.at += 1;
            if matches!(self.peek(), b'+' | b'-') {
                self.at += 1;
            }
            self.digits()?;
        }
        // A longer one may have overflowed to a value that can't be negated.
        let small = is_small.then(|| if negative { -value } else { value });
        Ok(Number { start, raw: self.source(start, self.at), small })
    }

    fn digits(&mut self) -> Result<(), Stop> {
        if !self.peek().is_ascii_digit() {
            return Err(Stop::Syntax(Expected::Digit));
        }
        while self.peek().is_ascii_digit() {
            self.at += 1;
        }
        Ok(())
    }
}
