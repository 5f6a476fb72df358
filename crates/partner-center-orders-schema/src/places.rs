//! From byte offsets to lines and columns.

use crate::finding::Location;

/// The byte order mark that the service writes before its JSON (recorded 2019).
pub(crate) const BOM: &[u8] = b"\xef\xbb\xbf";

/// Turns growing offsets into places, in one pass over the text.
pub(crate) struct Places<'a> {
    text: &'a [u8],
    done: usize,
    line: usize,
    column: usize,
}

impl<'a> Places<'a> {
    pub(crate) fn new(text: &'a [u8]) -> Self {
        let done = if text.starts_with(BOM) { BOM.len() } else { 0 };
        Self { text, done, line: 1, column: 1 }
    }

    /// The place of an offset that is not before the last one asked for.
    pub(crate) fn at(&mut self, offset: usize) -> Location {
        let until = offset.min(self.text.len());
        for byte in self.text.get(self.done..until).unwrap_or_default() {
            match byte {
                b'\n' => {
                    self.line += 1;
                    self.column = 1;
                }
                // The later bytes of a character.
                0x80..=0xbf => {}
                _ => self.column += 1,
            }
        }
        self.done = self.done.max(until);
        Location { offset, line: self.line, column: self.column }
    }
}
