//! The contract's text, and positions in it.

use std::sync::Arc;

/// A position in the text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// Byte offset of the first character.
    pub offset: usize,
    /// Length in bytes; 0 where a position has no extent of its own, as a block mapping.
    pub length: usize,
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
}

/// The text of one contract under the name that messages use for it.
#[derive(Clone, Debug)]
pub struct Source {
    name: Arc<str>,
    text: Arc<str>,
    /// Byte offset of each line's first character.
    lines: Arc<[usize]>,
}

impl Source {
    /// Takes a text and finds its lines.
    pub fn new(name: &str, text: &str) -> Self {
        let bytes = text.as_bytes();
        let mut lines = vec![0];
        for (offset, byte) in bytes.iter().enumerate() {
            let ends_line = match byte {
                b'\n' => true,
                // A lone carriage return ends a line in YAML; before a line feed it is part of that line's end.
                b'\r' => bytes.get(offset + 1) != Some(&b'\n'),
                _ => false,
            };
            if ends_line {
                lines.push(offset + 1);
            }
        }
        Self { name: name.into(), text: text.into(), lines: lines.into() }
    }

    /// The name that messages show, mostly a path.
    pub fn name(&self) -> &Arc<str> {
        &self.name
    }

    /// The whole text.
    pub fn text(&self) -> &Arc<str> {
        &self.text
    }

    /// The position of a part of the text at a position; the whole, where the part is written in another way.
    pub fn inner(&self, whole: Span, part: &str) -> Span {
        let written = self.text.get(whole.offset..whole.offset + whole.length).unwrap_or_default();
        written.find(part).map_or(whole, |start| self.span(whole.offset + start, part.len()))
    }

    /// The position of `length` bytes from `offset` on, moved back to the start of a character where it falls inside one.
    pub fn span(&self, offset: usize, length: usize) -> Span {
        let start = self.text.floor_char_boundary_compat(offset);
        let end = self.text.floor_char_boundary_compat(start.saturating_add(length));
        let line = self.lines.partition_point(|first| *first <= start);
        let first = self.lines[line - 1];
        let column = self.text[first..start].chars().count() + 1;
        Span { offset: start, length: end.saturating_sub(start), line, column }
    }
}

/// `str::floor_char_boundary`, which is younger than this workspace's minimum Rust version.
trait FloorCharBoundary {
    fn floor_char_boundary_compat(&self, offset: usize) -> usize;
}

impl FloorCharBoundary for str {
    fn floor_char_boundary_compat(&self, offset: usize) -> usize {
        let mut offset = offset.min(self.len());
        while !self.is_char_boundary(offset) {
            offset -= 1;
        }
        offset
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters_not_bytes() {
        let source = Source::new("x", "a: é\nüb: c");
        let position = source.span("a: é\nü".len(), 1);
        assert_eq!((position.line, position.column, position.offset), (2, 2, 8));
    }

    #[test]
    fn every_kind_of_line_end_counts_once() {
        let source = Source::new("x", "a\r\nb\rc\nd");
        let line_of = |offset| source.span(offset, 0).line;
        assert_eq!([line_of(0), line_of(3), line_of(5), line_of(7)], [1, 2, 3, 4]);
    }

    #[test]
    fn a_position_beyond_the_end_is_the_end() {
        assert_eq!(Source::new("x", "ab").span(99, 5), Span { offset: 2, length: 0, line: 1, column: 3 });
    }
}
