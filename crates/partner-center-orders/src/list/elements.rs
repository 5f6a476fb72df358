//! Takes a collection's JSON apart while it arrives.

use bytes::{Buf, Bytes, BytesMut};

const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// The text of a collection, cut into its elements.
///
/// Only the element that is just arriving is kept, and the rest of the collection, which is small: everything but the
/// content of `items`.
#[derive(Debug)]
pub(super) struct Elements {
    arrived: BytesMut,
    /// How far `arrived` has been looked at; what lies before belongs to the element that is just arriving.
    seen: usize,
    rest: Vec<u8>,
    depth: usize,
    text: Text,
    place: Place,
    /// Where in `rest` the last text of the outermost object lies: a name, if a colon follows.
    last_text: std::ops::Range<usize>,
    at_start: bool,
    limit: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Text {
    Outside,
    Inside,
    Escaped,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// Somewhere in the rest.
    Rest,
    /// After the name `items` of the outermost object.
    BeforeItems,
    /// Between two elements.
    Between,
    /// Within an element that is an object, an array or a text.
    Element,
    /// Within a number, `true`, `false` or `null`.
    Scalar,
}

/// The text can't be that of a collection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum BrokenText {
    #[error("an element, or what surrounds them, is longer than the limit")]
    TooLong,
    #[error("the text is no JSON")]
    NoJson,
    #[error("the text ends in the middle")]
    Truncated,
}

impl Elements {
    /// Cuts, and refuses elements longer than `limit` bytes.
    pub(super) fn new(limit: usize) -> Self {
        Self {
            arrived: BytesMut::new(),
            seen: 0,
            rest: Vec::new(),
            depth: 0,
            text: Text::Outside,
            place: Place::Rest,
            last_text: 0..0,
            at_start: true,
            limit,
        }
    }

    /// Adds what has arrived.
    pub(super) fn push(&mut self, chunk: &[u8]) {
        self.arrived.extend_from_slice(chunk);
    }

    /// The next element's text, if it is complete.
    pub(super) fn next(&mut self) -> Result<Option<Bytes>, BrokenText> {
        if self.at_start {
            if self.arrived.len() < BYTE_ORDER_MARK.len() && BYTE_ORDER_MARK.starts_with(&self.arrived) {
                return Ok(None);
            }
            if self.arrived.starts_with(BYTE_ORDER_MARK) {
                self.arrived.advance(BYTE_ORDER_MARK.len());
            }
            self.at_start = false;
        }
        while let Some(&byte) = self.arrived.get(self.seen) {
            if let Some(length) = self.look_at(byte)? {
                self.seen = 0;
                return Ok(Some(self.arrived.split_to(length).freeze()));
            }
        }
        if self.arrived.len() > self.limit || self.rest.len() > self.limit {
            return Err(BrokenText::TooLong);
        }
        Ok(None)
    }

    /// The collection without its elements, after everything has arrived.
    pub(super) fn into_rest(self) -> Result<Vec<u8>, BrokenText> {
        if self.depth == 0 && self.place == Place::Rest { Ok(self.rest) } else { Err(BrokenText::Truncated) }
    }

    /// Looks at the next byte; gives the length of the element that ends with it.
    fn look_at(&mut self, byte: u8) -> Result<Option<usize>, BrokenText> {
        match self.place {
            Place::Rest | Place::BeforeItems => self.surrounding(byte)?,
            Place::Between => match byte {
                b' ' | b'\t' | b'\r' | b'\n' | b',' => self.drop_byte(),
                b']' => {
                    self.place = Place::Rest;
                    self.surrounding(byte)?;
                }
                b'{' | b'[' | b'"' => {
                    self.place = Place::Element;
                    return self.element(byte);
                }
                _ => {
                    self.place = Place::Scalar;
                    self.seen += 1;
                }
            },
            Place::Element => return self.element(byte),
            Place::Scalar => {
                if matches!(byte, b',' | b']' | b' ' | b'\t' | b'\r' | b'\n') {
                    self.place = Place::Between;
                    return Ok(Some(self.seen));
                }
                self.seen += 1;
            }
        }
        Ok(None)
    }

    fn element(&mut self, byte: u8) -> Result<Option<usize>, BrokenText> {
        self.seen += 1;
        self.step(byte)?;
        // The elements lie in an array in an object.
        if self.depth == 2 && self.text == Text::Outside {
            self.place = Place::Between;
            return Ok(Some(self.seen));
        }
        Ok(None)
    }

    /// A byte of what surrounds the elements.
    fn surrounding(&mut self, byte: u8) -> Result<(), BrokenText> {
        let was_text = self.text != Text::Outside;
        self.step(byte)?;
        if self.depth == 1 {
            match (was_text, self.text) {
                (false, Text::Inside) => self.last_text = self.rest.len() + 1..self.rest.len() + 1,
                (true, Text::Outside) => self.last_text.end = self.rest.len(),
                (false, Text::Outside) if byte == b':' && self.rest.get(self.last_text.clone()) == Some(b"items") => {
                    self.place = Place::BeforeItems;
                }
                (false, Text::Outside) if !byte.is_ascii_whitespace() => self.place = Place::Rest,
                _ => {}
            }
        }
        if self.place == Place::BeforeItems && self.depth == 2 {
            self.place = if byte == b'[' { Place::Between } else { Place::Rest };
        }
        self.rest.push(byte);
        self.drop_byte();
        Ok(())
    }

    fn drop_byte(&mut self) {
        self.arrived.advance(1);
    }

    /// Keeps track of texts and of how deep the byte lies.
    fn step(&mut self, byte: u8) -> Result<(), BrokenText> {
        self.text = match (self.text, byte) {
            (Text::Outside, b'"') => Text::Inside,
            (Text::Outside, _) => {
                match byte {
                    b'{' | b'[' => self.depth += 1,
                    b'}' | b']' => self.depth = self.depth.checked_sub(1).ok_or(BrokenText::NoJson)?,
                    _ => {}
                }
                Text::Outside
            }
            (Text::Inside, b'"') => Text::Outside,
            (Text::Inside, b'\\') => Text::Escaped,
            (Text::Inside | Text::Escaped, _) => Text::Inside,
        };
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The elements and the rest of a text that arrives in chunks of that size.
    fn cut(text: &str, chunk: usize) -> Result<(Vec<String>, String), BrokenText> {
        let mut elements = Elements::new(1024);
        let mut found = Vec::new();
        for chunk in text.as_bytes().chunks(chunk) {
            elements.push(chunk);
            while let Some(element) = elements.next()? {
                found.push(String::from_utf8(element.to_vec()).unwrap());
            }
        }
        Ok((found, String::from_utf8(elements.into_rest()?).unwrap()))
    }

    #[test]
    fn a_collection_is_cut_wherever_its_chunks_end() {
        let text = "\u{feff}{\"totalCount\": 2, \"items\" : [ {\"a\":\"]}\\\"[{\",\"items\":[1,{}]} ,\n{} , 7, null,\"x,]\", [1] ], \"links\":{\"items\":[3]}}\n";
        for chunk in 1..text.len() {
            let (elements, rest) = cut(text, chunk).unwrap();
            assert_eq!(elements, ["{\"a\":\"]}\\\"[{\",\"items\":[1,{}]}", "{}", "7", "null", "\"x,]\"", "[1]"]);
            assert_eq!(rest, "{\"totalCount\": 2, \"items\" : [], \"links\":{\"items\":[3]}}\n");
        }
    }

    #[test]
    fn a_text_without_items_is_all_rest() {
        for text in
            ["{\"code\":1}", "[]", "{\"items\":null}", "{\"items\":{\"a\":[1]}}", "{\"x\":\"items\",\"y\":[1]}", ""]
        {
            assert_eq!(cut(text, 3), Ok((vec![], text.to_owned())));
        }
    }

    #[test]
    fn a_text_that_ends_in_the_middle_is_told() {
        for text in ["{\"items\":[{}", "{\"items\":[{\"a\"", "{\"items\":[1", "{\"items\":[]", "{"] {
            assert_eq!(cut(text, 4), Err(BrokenText::Truncated), "{text}");
        }
    }

    #[test]
    fn an_endless_element_is_given_up() {
        let text = format!("{{\"items\":[\"{}", "x".repeat(2000));
        assert_eq!(cut(&text, 100), Err(BrokenText::TooLong));
    }

    #[test]
    fn too_many_closing_brackets_are_no_json() {
        assert_eq!(cut("{}}", 1), Err(BrokenText::NoJson));
    }
}
