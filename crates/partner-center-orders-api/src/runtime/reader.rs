//! Reads JSON text into the contract's types without going by way of serde, where that is simple.
//!
//! What it takes, it reads as `serde_json` would. What is unusual in it, it hands to `serde_json` value by value; what it
//! doesn't take, it refuses, and the caller reads the whole text with `serde_json`, whose verdict and words count.

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;
use serde_json::{Map, Number, Value};

/// The text is not for this reader.
#[derive(Clone, Copy, Debug)]
pub struct Refused;

/// What a body can be read as without going by way of serde, whose `Deserialize` it agrees with.
pub trait Payload: DeserializeOwned {
    /// Reads the value at the reader's place.
    ///
    /// # Errors
    /// When the value is for serde to judge.
    fn read(reader: &mut Reader<'_>) -> Result<Self, Refused>;
}

/// What is unknown may lie this deep before `serde_json`, which gives up at 128, judges the whole text.
const DEEPEST: usize = 64;

/// A place in JSON text.
#[derive(Debug)]
pub struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Reader<'a> {
    pub(crate) fn whole<T: Payload>(text: &'a str) -> Result<T, Refused> {
        let mut reader = Self { text, at: 0 };
        let value = T::read(&mut reader)?;
        if reader.blank() == 0 && reader.at >= text.len() { Ok(value) } else { Err(Refused) }
    }

    /// The byte at the cursor; 0, which begins nothing, at the end.
    #[inline]
    fn peek(&self) -> u8 {
        self.text.as_bytes().get(self.at).copied().unwrap_or(0)
    }

    /// Steps over white space and gives the byte behind it.
    #[inline]
    fn blank(&mut self) -> u8 {
        loop {
            let byte = self.peek();
            if byte > b' ' || !matches!(byte, b' ' | b'\n' | b'\r' | b'\t') {
                return byte;
            }
            self.at += 1;
        }
    }

    #[inline]
    fn take(&mut self, byte: u8) -> Result<(), Refused> {
        if self.blank() == byte {
            self.at += 1;
            return Ok(());
        }
        Err(Refused)
    }

    /// Steps over a word, and says whether it was there.
    #[inline]
    fn word(&mut self, word: &str) -> bool {
        let found = self.text.as_bytes().get(self.at..).is_some_and(|rest| rest.starts_with(word.as_bytes()));
        if found {
            self.at += word.len();
        }
        found
    }

    /// Begins an object; says whether it has members.
    #[inline]
    pub(crate) fn object(&mut self) -> Result<bool, Refused> {
        self.take(b'{')?;
        let empty = self.blank() == b'}';
        self.at += usize::from(empty);
        Ok(!empty)
    }

    /// Goes behind a member; says whether another one follows.
    #[inline]
    pub(crate) fn more(&mut self) -> Result<bool, Refused> {
        match self.blank() {
            b',' => {
                self.at += 1;
                Ok(true)
            }
            b'}' => {
                self.at += 1;
                Ok(false)
            }
            _ => Err(Refused),
        }
    }

    /// The name of a member, and its colon.
    #[inline]
    pub(crate) fn name(&mut self) -> Result<&'a str, Refused> {
        self.blank();
        // Nobody writes names with escapes; serde_json knows what to make of them.
        let name = self.plain_text()?.ok_or(Refused)?;
        self.take(b':')?;
        Ok(name)
    }

    /// Text without escapes; none, with the cursor where it was, for text with escapes.
    #[inline]
    pub(crate) fn plain_text(&mut self) -> Result<Option<&'a str>, Refused> {
        if self.peek() != b'"' {
            return Err(Refused);
        }
        let start = self.at + 1;
        let bytes = self.text.as_bytes();
        let mut at = start;
        while let Some(chunk) = bytes.get(at..).and_then(<[u8]>::first_chunk::<8>) {
            let specials = specials(u64::from_le_bytes(*chunk));
            if specials != 0 {
                at += (specials.trailing_zeros() / 8) as usize;
                break;
            }
            at += 8;
        }
        loop {
            match bytes.get(at) {
                Some(b'"') => {
                    self.at = at + 1;
                    return self.text.get(start..at).map(Some).ok_or(Refused);
                }
                Some(b'\\') => return Ok(None),
                Some(0x20..) => at += 1,
                _ => return Err(Refused),
            }
        }
    }

    /// A value made of text.
    #[inline]
    pub(crate) fn text<T>(&mut self, make: impl FnOnce(&str) -> T) -> Result<T, Refused> {
        self.blank();
        match self.plain_text()? {
            Some(text) => Ok(make(text)),
            None => self.with_serde::<String>().map(|text| make(&text)),
        }
    }

    /// A number as it is written, and whether it is a whole one.
    fn number(&mut self) -> Result<(&'a str, bool), Refused> {
        let start = self.at;
        self.at += usize::from(self.peek() == b'-');
        let first = self.peek();
        if self.digits()? > 1 && first == b'0' {
            return Err(Refused);
        }
        let mut whole = true;
        if self.peek() == b'.' {
            whole = false;
            self.at += 1;
            self.digits()?;
        }
        if matches!(self.peek(), b'e' | b'E') {
            whole = false;
            self.at += 1;
            self.at += usize::from(matches!(self.peek(), b'+' | b'-'));
            self.digits()?;
        }
        Ok((&self.text[start..self.at], whole))
    }

    fn digits(&mut self) -> Result<usize, Refused> {
        let start = self.at;
        while self.peek().is_ascii_digit() {
            self.at += 1;
        }
        if self.at == start { Err(Refused) } else { Ok(self.at - start) }
    }

    /// Steps over a number or text; gives its token.
    pub(crate) fn scalar(&mut self) -> Result<&'a str, Refused> {
        match self.blank() {
            b'"' => {
                let start = self.at;
                match self.plain_text()? {
                    Some(_) => Ok(&self.text[start..self.at]),
                    // What is behind an escape may be damaged; serde_json has a look.
                    None => self.with_serde::<String>().map(|_| &self.text[start..self.at]),
                }
            }
            _ => self.number().map(|(token, _)| token),
        }
    }

    /// Has `serde_json` read the value at the cursor.
    pub(crate) fn with_serde<T: DeserializeOwned>(&mut self) -> Result<T, Refused> {
        self.blank();
        let start = self.at;
        let end = self.end_of_value()?;
        let value = serde_json::from_str(self.text.get(start..end).ok_or(Refused)?).map_err(|_| Refused)?;
        self.at = end;
        Ok(value)
    }

    /// Where the value at the cursor ends, if it is JSON.
    fn end_of_value(&self) -> Result<usize, Refused> {
        let mut at = self.at;
        let mut depth = 0;
        let bytes = self.text.as_bytes();
        loop {
            match bytes.get(at).ok_or(Refused)? {
                b'"' => {
                    at += 1;
                    loop {
                        match bytes.get(at).ok_or(Refused)? {
                            b'"' => break,
                            b'\\' => at += 2,
                            _ => at += 1,
                        }
                    }
                }
                b'{' | b'[' => depth += 1,
                b'}' | b']' | b',' if depth == 0 => return Ok(at),
                b'}' | b']' => depth -= 1,
                _ => {
                    let ends = |byte: Option<&u8>| matches!(byte, None | Some(b',' | b'}' | b']'));
                    at += 1;
                    if depth == 0 && ends(bytes.get(at)) {
                        return Ok(at);
                    }
                    continue;
                }
            }
            at += 1;
            if depth == 0 {
                return Ok(at);
            }
            if depth > DEEPEST {
                return Err(Refused);
            }
        }
    }
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

impl Payload for String {
    #[inline]
    fn read(reader: &mut Reader<'_>) -> Result<Self, Refused> {
        reader.text(str::to_owned)
    }
}

impl Payload for bool {
    #[inline]
    fn read(reader: &mut Reader<'_>) -> Result<Self, Refused> {
        match reader.blank() {
            b't' if reader.word("true") => Ok(true),
            b'f' if reader.word("false") => Ok(false),
            _ => Err(Refused),
        }
    }
}

impl<T: Payload> Payload for Option<T> {
    #[inline]
    fn read(reader: &mut Reader<'_>) -> Result<Self, Refused> {
        if reader.blank() == b'n' {
            return if reader.word("null") { Ok(None) } else { Err(Refused) };
        }
        T::read(reader).map(Some)
    }
}

impl<T: Payload> Payload for Vec<T> {
    fn read(reader: &mut Reader<'_>) -> Result<Self, Refused> {
        reader.take(b'[')?;
        let mut elements = Vec::new();
        if reader.blank() == b']' {
            reader.at += 1;
            return Ok(elements);
        }
        loop {
            elements.push(T::read(reader)?);
            match reader.blank() {
                b',' => reader.at += 1,
                b']' => {
                    reader.at += 1;
                    return Ok(elements);
                }
                _ => return Err(Refused),
            }
        }
    }
}

impl<T: Payload> Payload for BTreeMap<String, T> {
    fn read(reader: &mut Reader<'_>) -> Result<Self, Refused> {
        let mut map = Self::new();
        let mut more = reader.object()?;
        while more {
            let name = reader.name()?;
            map.insert(name.to_owned(), T::read(reader)?);
            more = reader.more()?;
        }
        Ok(map)
    }
}

impl Payload for Map<String, Value> {
    fn read(reader: &mut Reader<'_>) -> Result<Self, Refused> {
        reader.with_serde()
    }
}

impl Payload for Value {
    /// Reads the simple values of unknown members; nested ones are for `serde_json`.
    fn read(reader: &mut Reader<'_>) -> Result<Self, Refused> {
        match reader.blank() {
            b'"' => String::read(reader).map(Self::String),
            b't' | b'f' => bool::read(reader).map(Self::Bool),
            b'n' if reader.word("null") => Ok(Self::Null),
            b'[' | b'{' => reader.with_serde(),
            _ => {
                let (token, whole) = reader.number()?;
                match token.parse::<u64>() {
                    Ok(number) if whole => Ok(Self::Number(Number::from(number))),
                    _ => serde_json::from_str(token).map_err(|_| Refused),
                }
            }
        }
    }
}

/// Whole numbers, which may be written as `1.0`.
macro_rules! whole {
    ($($integer:ty),*) => {$(
        impl Payload for $integer {
            #[inline]
            fn read(reader: &mut Reader<'_>) -> Result<Self, Refused> {
                reader.blank();
                let (token, whole) = reader.number()?;
                if whole {
                    return token.parse().map_err(|_| Refused);
                }
                serde_json::from_str::<crate::members::Whole<$integer>>(token).map(|whole| whole.0).map_err(|_| Refused)
            }
        }
    )*};
}
whole!(i32, i64);

/// Types that serde reads value by value.
macro_rules! with_serde {
    ($($type:ty),*) => {$(
        impl Payload for $type {
            fn read(reader: &mut Reader<'_>) -> Result<Self, Refused> {
                reader.with_serde()
            }
        }
    )*};
}
with_serde!(f64, uuid::Uuid);
