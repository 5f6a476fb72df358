//! Objects, whose members mostly come in the order that the contract names them in.

use serde_json::{Map, Value};

use super::{Payload, Reader, Refused};

/// The name of a member as it stands in compact text, from behind its first quote to its colon.
#[derive(Debug)]
pub(crate) struct Name {
    text: &'static str,
    /// The first bytes, as many as fit, and which of them count.
    head: u64,
    mask: u64,
    /// The last bytes of a text that is longer than that.
    tail: u64,
}

impl Name {
    /// `id":` for `id`.
    pub(crate) const fn new(text: &'static str) -> Self {
        let bytes = text.as_bytes();
        let (mut head, mut mask, mut tail, mut at) = (0, 0, 0, 0);
        while at < bytes.len() {
            if at < 8 {
                head |= (bytes[at] as u64) << (8 * at);
                mask |= 0xFF << (8 * at);
            }
            tail = tail >> 8 | (bytes[at] as u64) << 56;
            at += 1;
        }
        Self { text, head, mask, tail }
    }

    /// Whether `ahead`, whose first bytes are `head`, begins with it.
    #[inline]
    fn begins(&self, head: u64, ahead: &[u8]) -> bool {
        if (head ^ self.head) & self.mask != 0 {
            return false;
        }
        let length = self.text.len();
        if length <= 8 {
            return true;
        }
        let tail = ahead.get(length - 8..length).and_then(<[u8]>::first_chunk::<8>);
        tail.is_some_and(|tail| u64::from_le_bytes(*tail) == self.tail)
            && (length <= 16 || ahead.get(8..length - 8) == self.text.as_bytes().get(8..length - 8))
    }
}

/// How far the members of an object have come.
#[derive(Debug)]
pub(crate) struct Members {
    names: &'static [Name],
    /// The place of the name that should come next.
    expected: usize,
    /// A bit for each place that there was a member for.
    seen: u64,
}

impl Members {
    /// An object whose members have these names; at most 64.
    #[inline]
    pub(crate) const fn new(names: &'static [Name]) -> Self {
        Self { names, expected: 0, seen: 0 }
    }

    /// Whether the members of these bits were there.
    #[inline]
    pub(crate) const fn have(&self, needed: u64) -> Result<(), Refused> {
        if self.seen & needed == needed { Ok(()) } else { Err(Refused) }
    }
}

impl Reader<'_> {
    /// The place of the name at the cursor, and steps over it and its colon; as many as there are names where it is unknown.
    #[inline]
    pub(crate) fn member(&mut self, members: &mut Members) -> Result<usize, Refused> {
        let names = members.names;
        let place = match (names.get(members.expected), self.quoted()) {
            (Some(name), Some((head, ahead))) if name.begins(head, ahead) => {
                self.step(1 + name.text.len());
                members.expected
            }
            _ => self.other_member(names, members.expected)?,
        };
        if place < names.len() {
            let bit = 1 << place;
            // A value is filled once; the last of several, which counts, is for serde to find.
            if members.seen & bit != 0 {
                return Err(Refused);
            }
            members.seen |= bit;
            members.expected = place + 1;
        }
        Ok(place)
    }

    /// What lies behind the quote at the cursor, its first bytes apart.
    #[inline]
    fn quoted(&self) -> Option<(u64, &[u8])> {
        let ahead = self.ahead().strip_prefix(b"\"")?;
        Some((u64::from_le_bytes(*ahead.first_chunk()?), ahead))
    }

    /// As [`member`](Self::member), for any name but the one that is expected.
    #[inline(never)]
    fn other_member(&mut self, names: &[Name], expected: usize) -> Result<usize, Refused> {
        self.blank();
        if let Some((head, ahead)) = self.quoted() {
            let (before, behind) = names.split_at(expected);
            let found = match behind.iter().position(|name| name.begins(head, ahead)) {
                Some(place) => Some(expected + place),
                None => before.iter().position(|name| name.begins(head, ahead)),
            };
            if let Some(place) = found {
                self.step(1 + names[place].text.len());
                return Ok(place);
            }
        }
        let name = self.plain_text()?.ok_or(Refused)?;
        // What is written compactly has been compared, unless the text all but ends here.
        let compared = self.peek() == b':' && self.ahead().len() >= 8;
        self.take(b':')?;
        if !compared && let Some(place) = names.iter().position(|known| known.text.strip_suffix("\":") == Some(name)) {
            return Ok(place);
        }
        self.unknown = name;
        Ok(names.len())
    }

    /// Keeps the member whose name was just met and is unknown.
    pub(crate) fn unknown(&mut self, extra: &mut Map<String, Value>) -> Result<(), Refused> {
        let name = self.unknown.to_owned();
        let mut value = Value::Null;
        value.fill(self)?;
        extra.insert(name, value);
        Ok(())
    }
}
