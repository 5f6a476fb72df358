//! Lines and columns of byte offsets.

use crate::finding::Location;

/// The byte order mark that the service writes before its JSON (recorded 2019).
pub(crate) const BOM: &[u8] = b"\xef\xbb\xbf";

/// Turns ascending offsets into locations, in one pass over the text.
pub(crate) struct Locator<'a> {
    text: &'a [u8],
    done: usize,
    line: usize,
    column: usize,
}

impl<'a> Locator<'a> {
    pub(crate) fn new(text: &'a [u8]) -> Self {
        let done = if text.starts_with(BOM) { BOM.len() } else { 0 };
        Self { text, done, line: 1, column: 1 }
    }

    /// Returns the location of an offset, which must not be less than the one before.
    pub(crate) fn locate(&mut self, offset: usize) -> Location {
        let until = offset.min(self.text.len());
        for byte in self.text.get(self.done..until).unwrap_or_default() {
            match byte {
                b'\n' => {
                    self.line += 1;
                    self.column = 1;
                }
                // Continuation bytes of a character.
                0x80..=0xbf => {}
                _ => self.column += 1,
            }
        }
        self.done = self.done.max(until);
        Location { offset, line: self.line, column: self.column }
    }
}
