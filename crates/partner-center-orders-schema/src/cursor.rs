//! Reads JSON text token by token, without building anything.

use std::borrow::Cow;

/// Why reading stopped before the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stop {
    /// A finding was all that was asked for.
    Refused,
    /// The text is no JSON at the cursor, where this should have stood.
    Damaged(Wanted),
}

/// What should have stood where the text is damaged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wanted {
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
    /// Nothing more.
    EndOfText,
    /// The closing quote of a text, or any character that may stand in one.
    InText,
    /// What may follow a backslash.
    Escape,
    /// A digit.
    Digit,
    /// Fewer levels of nesting.
    FewerLevels,
}

/// A text or a name as it stands between its quotes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Text<'a> {
    /// Where the opening quote stands.
    pub(crate) start: usize,
    pub(crate) raw: &'a [u8],
    /// Whether there is a backslash in it.
    pub(crate) escaped: bool,
    /// Whether an escape stands for half a character.
    pub(crate) lone_surrogate: bool,
}

impl<'a> Text<'a> {
    /// The place behind the closing quote.
    pub(crate) fn end(&self) -> usize {
        self.start + self.raw.len() + 2
    }

    /// The text with its escapes resolved; half characters become U+FFFD.
    pub(crate) fn decoded(&self) -> Cow<'a, str> {
        let raw = String::from_utf8_lossy(self.raw);
        if self.escaped { Cow::Owned(unescape(&raw)) } else { raw }
    }

    /// As [`decoded`](Self::decoded), in bytes.
    pub(crate) fn bytes(&self) -> Cow<'a, [u8]> {
        if !self.escaped {
            return Cow::Borrowed(self.raw);
        }
        Cow::Owned(self.decoded().into_owned().into_bytes())
    }
}

/// A name that was read already.
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

/// The four hexadecimal digits that these bytes begin with.
fn hex(bytes: &[u8]) -> Option<u32> {
    let digits = bytes.first_chunk::<4>()?;
    digits.iter().try_fold(0, |value, digit| Some(value << 4 | char::from(*digit).to_digit(16)?))
}

/// A number as it is written.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Number<'a> {
    pub(crate) start: usize,
    pub(crate) raw: &'a [u8],
    /// Its value, where it is written as a whole number of at most 18 digits.
    pub(crate) small: Option<i64>,
}

const ONES: u64 = 0x0101_0101_0101_0101;
const HIGH: u64 = 0x8080_8080_8080_8080;

/// The high bit of each byte that ends a plain stretch of text: quote, backslash, control character.
///
/// Only the lowest bit that is set can be relied on.
const fn specials(word: u64) -> u64 {
    let quote = word ^ (ONES * b'"' as u64);
    let backslash = word ^ (ONES * b'\\' as u64);
    let quote = quote.wrapping_sub(ONES) & !quote;
    let backslash = backslash.wrapping_sub(ONES) & !backslash;
    let control = word.wrapping_sub(ONES * 0x20) & !word;
    (quote | backslash | control) & HIGH
}

/// A place in JSON text.
pub(crate) struct Cursor<'a> {
    bytes: &'a [u8],
    pub(crate) at: usize,
}

impl<'a> Cursor<'a> {
    /// Begins at `at`; the bytes must be UTF-8.
    pub(crate) fn new(bytes: &'a [u8], at: usize) -> Self {
        Self { bytes, at }
    }

    /// The next byte; 0, which no JSON holds, at the end.
    #[inline]
    pub(crate) fn peek(&self) -> u8 {
        self.bytes.get(self.at).copied().unwrap_or(0)
    }

    /// Whether nothing is left.
    pub(crate) fn at_end(&self) -> bool {
        self.at >= self.bytes.len()
    }

    /// The source between two places.
    pub(crate) fn source(&self, start: usize, end: usize) -> &'a [u8] {
        self.bytes.get(start..end).unwrap_or_default()
    }

    /// Steps over white space and gives the byte behind it.
    #[inline]
    pub(crate) fn blank(&mut self) -> u8 {
        loop {
            let byte = self.peek();
            if byte > b' ' || !matches!(byte, b' ' | b'\n' | b'\r' | b'\t') {
                return byte;
            }
            self.at += 1;
        }
    }

    /// Steps over one of JSON's three words.
    pub(crate) fn word(&mut self, word: &'static [u8]) -> Result<(), Stop> {
        if self.bytes.get(self.at..).is_some_and(|rest| rest.starts_with(word)) {
            self.at += word.len();
            return Ok(());
        }
        Err(Stop::Damaged(Wanted::Value))
    }

    /// Steps over a text; the cursor stands on its opening quote.
    #[inline]
    pub(crate) fn text(&mut self) -> Result<Text<'a>, Stop> {
        let start = self.at;
        let mut text = Text { start, raw: &[], escaped: false, lone_surrogate: false };
        self.at += 1;
        loop {
            self.plain_stretch();
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
                _ => return Err(Stop::Damaged(Wanted::InText)),
            }
        }
    }

    /// Goes to the next quote, backslash or control character, or to the end.
    #[inline]
    fn plain_stretch(&mut self) {
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

    /// Steps over an escape; says whether it stands for half a character.
    fn escape(&mut self) -> Result<bool, Stop> {
        let kind = self.bytes.get(self.at + 1).copied().unwrap_or(0);
        match kind {
            b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => {
                self.at += 2;
                Ok(false)
            }
            b'u' => {
                let unit = self.unit().ok_or(Stop::Damaged(Wanted::Escape))?;
                self.at += 6;
                match unit {
                    0xd800..=0xdbff => match self.unit() {
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
            _ => Err(Stop::Damaged(Wanted::Escape)),
        }
    }

    /// The UTF-16 unit of the `\uXXXX` at the cursor.
    fn unit(&self) -> Option<u32> {
        self.bytes.get(self.at..)?.strip_prefix(b"\\u").and_then(hex)
    }

    /// Steps over a number; the cursor stands on its sign or first digit.
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
            return Err(Stop::Damaged(Wanted::Digit));
        }
        if count > 1 && self.bytes.get(digits) == Some(&b'0') {
            self.at = digits;
            return Err(Stop::Damaged(Wanted::Digit));
        }
        let mut whole = count <= 18;
        if self.peek() == b'.' {
            whole = false;
            self.at += 1;
            self.digits()?;
        }
        if matches!(self.peek(), b'e' | b'E') {
            whole = false;
            self.at += 1;
            if matches!(self.peek(), b'+' | b'-') {
                self.at += 1;
            }
            self.digits()?;
        }
        // Longer ones may have wrapped around to a value that has no opposite.
        let small = whole.then(|| if negative { -value } else { value });
        Ok(Number { start, raw: self.source(start, self.at), small })
    }

    fn digits(&mut self) -> Result<(), Stop> {
        if !self.peek().is_ascii_digit() {
            return Err(Stop::Damaged(Wanted::Digit));
        }
        while self.peek().is_ascii_digit() {
            self.at += 1;
        }
        Ok(())
    }
}
