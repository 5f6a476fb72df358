//! Reading of objects, whose members usually come in the order in which the contract lists them.

use super::{Extra, Payload, Reader, Rejected};

/// The name of a member as compact text has it, from after its first quote to its colon.
#[derive(Debug)]
pub(crate) struct Name {
    text: &'static str,
    /// The first bytes, as many as fit, and a mask of those that are part of the name.
    head: u64,
    mask: u64,
    /// The last bytes of a longer text.
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

impl Name {
    /// Whether a name differs from it in letter case only.
    fn is_variant(&self, name: &str) -> bool {
        self.text.len() == name.len() + 2 && self.text.as_bytes()[..name.len()].eq_ignore_ascii_case(name.as_bytes())
    }
}

/// The names of an object's members, in the order in which they usually come; at most 64.
#[derive(Debug)]
pub(crate) struct Names {
    all: &'static [Name],
    /// A bit for each beginning of a name, so that most unknown names need no search.
    beginnings: u64,
    /// The same for names in any letter case.
    folded: u128,
}

impl Names {
    pub(crate) const fn new(names: &'static [Name]) -> Self {
        let (mut beginnings, mut folded, mut at) = (0, 0, 0);
        while at < names.len() {
            // A name of one letter is shorter than the bytes that are compared.
            beginnings |= if names[at].text.len() < 4 { u64::MAX } else { beginning(names[at].head) };
            let text = names[at].text.as_bytes();
            folded |= if text.len() > 2 { fold(text, text.len() - 2) } else { 0 };
            at += 1;
        }
        Self { all: names, beginnings, folded }
    }

    /// Whether a name differs from one of them in letter case only.
    fn have_variant(&self, name: &str) -> bool {
        !name.is_empty()
            && self.folded & fold(name.as_bytes(), name.len()) != 0
            && self.all.iter().any(|known| known.is_variant(name))
    }

    /// The index of the name that `ahead`, whose first bytes are `head`, begins with; indices from `expected` on come first.
    fn find(&self, expected: usize, head: u64, ahead: &[u8]) -> Option<usize> {
        if self.beginnings & beginning(head) == 0 {
            return None;
        }
        let (before, behind) = self.all.split_at(expected);
        match behind.iter().position(|name| name.begins(head, ahead)) {
            Some(index) => Some(expected + index),
            None => before.iter().position(|name| name.begins(head, ahead)),
        }
    }
}

/// One of 64 bits, by the first four bytes.
const fn beginning(head: u64) -> u64 {
    #[expect(clippy::cast_possible_truncation, reason = "the first four")]
    let first = head as u32;
    1 << (first.wrapping_mul(0x9E37_79B1) >> 26)
}

/// One of 128 bits, by the length of a name and its first and last letter, whatever their case.
const fn fold(name: &[u8], length: usize) -> u128 {
    let letters = (name[0] | 0x20) as usize + 3 * (name[length - 1] | 0x20) as usize;
    1 << ((7 * length + letters) % 128)
}

/// The members of an object that were read so far.
#[derive(Debug)]
pub(crate) struct Members {
    names: &'static Names,
    /// The index of the name that should come next.
    expected: usize,
    /// A bit for the index of each member that was read.
    seen: u64,
    /// Where the reader keeps the unknown members of this object.
    kept: usize,
}

impl Members {
    #[inline]
    pub(crate) const fn new(names: &'static Names, reader: &Reader<'_>) -> Self {
        Self { names, expected: 0, seen: 0, kept: reader.kept.len() }
    }

    /// Checks that the members of these bits were read.
    #[inline]
    pub(crate) const fn have(&self, needed: u64) -> Result<(), Rejected> {
        if self.seen & needed == needed { Ok(()) } else { Err(Rejected) }
    }
}

impl Reader<'_> {
    /// Returns the index of the name at the cursor, or the number of names if it is unknown, and steps over it and its colon.
    #[inline]
    pub(crate) fn member(&mut self, members: &mut Members) -> Result<usize, Rejected> {
        let names = members.names;
        let index = match (names.all.get(members.expected), self.quoted()) {
            (Some(name), Some((head, ahead))) if name.begins(head, ahead) => {
                self.step(1 + name.text.len());
                members.expected
            }
            _ => self.other_member(names, members.expected)?,
        };
        if index < names.all.len() {
            let bit = 1 << index;
            // A value is filled once; if a member comes twice, serde finds the last one, which counts.
            if members.seen & bit != 0 {
                return Err(Rejected);
            }
            members.seen |= bit;
            members.expected = index + 1;
        }
        Ok(index)
    }

    /// The text after the quote at the cursor, and its first bytes.
    #[inline]
    fn quoted(&self) -> Option<(u64, &[u8])> {
        let ahead = self.ahead().strip_prefix(b"\"")?;
        Some((u64::from_le_bytes(*ahead.first_chunk()?), ahead))
    }

    /// Does the same as [`member`](Self::member) for any name but the expected one.
    #[inline(never)]
    fn other_member(&mut self, names: &Names, expected: usize) -> Result<usize, Rejected> {
        self.blank();
        if let Some((head, ahead)) = self.quoted()
            && let Some(index) = names.find(expected, head, ahead)
        {
            self.step(1 + names.all[index].text.len());
            return Ok(index);
        }
        let start = self.at;
        let name = self.plain_text()?.ok_or(Rejected)?;
        // A compact name has been compared already, unless the text is about to end.
        let compared = self.peek() == b':' && self.ahead().len() >= 8;
        self.take(b':')?;
        if !compared
            && let Some(index) = names.all.iter().position(|known| known.text.strip_suffix("\":") == Some(name))
        {
            return Ok(index);
        }
        // serde decides about a name in another letter case, which counts unless the exact one comes, too.
        if names.have_variant(name) {
            return Err(Rejected);
        }
        self.unknown = (name, start);
        Ok(names.all.len())
    }

    /// Keeps the member whose name was just read and is unknown.
    pub(crate) fn unknown(&mut self) -> Result<(), Rejected> {
        let (name, start) = self.unknown;
        let value = self.raw()?;
        // Most members have no blanks before their values.
        match self.text.get(start..self.at) {
            Some(member) if member.len() == name.len() + value.len() + 3 => self.kept.push_str(member),
            _ => self.kept.extend(["\"", name, "\":", value]),
        }
        self.kept.push(',');
        Ok(())
    }

    /// Fills the optional member whose name was just read. A value of another type is kept among the unknown members, under that
    /// name.
    #[inline]
    pub(crate) fn lenient<T: Payload>(&mut self, members: &Members, value: &mut Option<T>) -> Result<(), Rejected> {
        let start = self.here();
        if value.fill(self).is_ok() {
            return Ok(());
        }
        self.go_back(start);
        *value = None;
        self.misfit(members, value)
    }

    /// Reads with serde what this reader rejects, or keeps it.
    #[cold]
    fn misfit<T: Payload>(&mut self, members: &Members, value: &mut Option<T>) -> Result<(), Rejected> {
        let name = members.expected.checked_sub(1).and_then(|index| members.names.all.get(index)).ok_or(Rejected)?;
        let text = self.raw()?;
        match serde_json::from_str(text) {
            Ok(read) => *value = read,
            Err(_) => self.kept.extend(["\"", name.text, text, ","]),
        }
        Ok(())
    }

    /// Moves the unknown members of an object, which has ended, to where they belong.
    #[inline]
    pub(crate) fn move_unknown(&mut self, members: &Members, extra: &mut Extra) {
        if self.kept.len() > members.kept {
            self.move_kept(members.kept, extra);
        }
    }

    #[inline(never)]
    fn move_kept(&mut self, start: usize, extra: &mut Extra) {
        let end = self.kept.len() - 1;
        *extra = Extra::of_checked(self.kept.get(start..end).unwrap_or_default());
        self.kept.truncate(start);
    }
}
