//! Splits a collection's JSON into its elements while it arrives.

use partner_center_orders_api::runtime::{DecodeError, Payload, decode_first, decode_payload};

const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// The text of a collection, read element by element.
///
/// It keeps the last chunk only, the beginning of an element that continues in the next chunk, and the rest of the collection,
/// which is small: everything but the content of `items`.
///
/// An element is decoded in place. Where that fails, its end is searched byte by byte and may be in a later chunk: each byte
/// is read once, however small the chunks are.
#[derive(Debug)]
pub(super) struct Elements {
    arrived: Arrived,
    /// The first bytes of a character that the last chunk ended in.
    incomplete: Vec<u8>,
    /// The part of `arrived` before this index has been processed.
    at: usize,
    /// The number of bytes from there that are known to belong to the current element.
    scanned: usize,
    rest: Vec<u8>,
    depth: usize,
    text: Text,
    location: Location,
    /// The range in `rest` of the last text of the outermost object: a name, if a colon follows.
    last_text: std::ops::Range<usize>,
    /// Whether the name `items` that has occurred was the exact one.
    had_items: Option<bool>,
    at_start: bool,
    limit: usize,
}

#[derive(Debug)]
enum Arrived {
    Text(String),
    /// Contains invalid UTF-8.
    Bytes(Vec<u8>),
}

impl Arrived {
    fn bytes(&self) -> &[u8] {
        match self {
            Self::Text(text) => text.as_bytes(),
            Self::Bytes(bytes) => bytes,
        }
    }

    /// The object at this index and its length, if it is complete and the fast path can decode it.
    fn decode_at<T: Payload>(&self, at: usize) -> Option<(T, usize)> {
        match self {
            Self::Text(text) => decode_first(text.get(at..)?),
            Self::Bytes(_) => None,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Text {
    Outside,
    Inside,
    Escaped,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Location {
    /// In the rest.
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

/// The text is not that of a collection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum InvalidText {
    #[error("an element, or the rest of the list, is longer than the limit")]
    TooLong,
    #[error("the text is not JSON")]
    Syntax,
    #[error("the text is truncated")]
    Truncated,
    #[error("the collection has `items` twice")]
    Repeated,
}

impl Elements {
    /// Reads elements of up to `limit` bytes.
    pub(super) fn new(limit: usize) -> Self {
        Self {
            arrived: Arrived::Text(String::new()),
            incomplete: Vec::new(),
            at: 0,
            scanned: 0,
            rest: Vec::new(),
            depth: 0,
            text: Text::Outside,
            location: Location::Rest,
            last_text: 0..0,
            had_items: None,
            at_start: true,
            limit,
        }
    }

    /// Adds a chunk.
    pub(super) fn push(&mut self, chunk: &[u8]) {
        let done = std::mem::take(&mut self.at);
        match &mut self.arrived {
            Arrived::Text(text) => {
                text.drain(..done);
                if self.incomplete.is_empty() {
                    self.push_text(chunk);
                } else {
                    let mut joined = std::mem::take(&mut self.incomplete);
                    joined.extend_from_slice(chunk);
                    self.push_text(&joined);
                }
            }
            Arrived::Bytes(bytes) => {
                bytes.drain(..done);
                bytes.extend_from_slice(chunk);
            }
        }
    }

    /// Adds text, but for an incomplete character at its end.
    fn push_text(&mut self, bytes: &[u8]) {
        let Arrived::Text(text) = &mut self.arrived else { return };
        match std::str::from_utf8(bytes) {
            Ok(more) => text.push_str(more),
            Err(error) => {
                let (valid, rest) = bytes.split_at(error.valid_up_to());
                text.push_str(std::str::from_utf8(valid).unwrap_or_default());
                if error.error_len().is_none() {
                    self.incomplete = rest.to_vec();
                } else {
                    // Decoding the element that contains it will fail.
                    let mut bytes = std::mem::take(text).into_bytes();
                    bytes.extend_from_slice(rest);
                    self.arrived = Arrived::Bytes(bytes);
                }
            }
        }
    }

    /// The next element, if it is complete.
    pub(super) fn next<T: Payload>(&mut self) -> Result<Option<Result<T, DecodeError>>, InvalidText> {
        if self.at_start {
            let arrived = self.arrived.bytes();
            if BYTE_ORDER_MARK.starts_with(arrived) {
                return Ok(None);
            }
            if arrived.starts_with(BYTE_ORDER_MARK) {
                self.at = BYTE_ORDER_MARK.len();
            }
            self.at_start = false;
        }
        while let Some(&byte) = self.ahead().first() {
            let ahead = self.ahead().len();
            if self.location == Location::Between
                && let Some((element, length)) = self.arrived.decode_at(self.at)
            {
                self.at += length;
                return Ok(Some(Ok(element)));
            }
            if let Some(length) = self.scan(byte)? {
                debug_assert!(length > 0, "an element has a first byte");
                let end = self.at + length;
                let element = decode_payload(self.arrived.bytes().get(self.at..end).unwrap_or_default());
                self.at = end;
                self.scanned = 0;
                return Ok(Some(element));
            }
            debug_assert!(self.ahead().len() < ahead, "no byte is scanned twice");
        }
        if self.arrived.bytes().len() - self.at > self.limit || self.rest.len() > self.limit {
            return Err(InvalidText::TooLong);
        }
        Ok(None)
    }

    /// The bytes that were not scanned yet.
    fn ahead(&self) -> &[u8] {
        self.arrived.bytes().get(self.at + self.scanned..).unwrap_or_default()
    }

    /// The collection without its elements, after everything has arrived.
    pub(super) fn into_rest(mut self) -> Result<Vec<u8>, InvalidText> {
        self.rest.append(&mut self.incomplete);
        if self.depth == 0 && self.location == Location::Rest { Ok(self.rest) } else { Err(InvalidText::Truncated) }
    }

    /// Scans the next byte, and those after it that belong to the same element; returns the length of the element if it ends
    /// there.
    fn scan(&mut self, byte: u8) -> Result<Option<usize>, InvalidText> {
        match self.location {
            Location::Rest | Location::BeforeItems => self.surrounding(byte)?,
            Location::Between => match byte {
                b' ' | b'\t' | b'\r' | b'\n' | b',' => self.drop_byte(),
                b']' => {
                    self.location = Location::Rest;
                    self.surrounding(byte)?;
                }
                b'{' | b'[' | b'"' => {
                    self.location = Location::Element;
                    self.scanned += 1;
                    self.step(byte)?;
                }
                _ => {
                    self.location = Location::Scalar;
                    self.scanned += 1;
                }
            },
            Location::Element => return Ok(self.element()),
            Location::Scalar => {
                if matches!(byte, b',' | b']' | b' ' | b'\t' | b'\r' | b'\n') {
                    self.location = Location::Between;
                    return Ok(Some(self.scanned));
                }
                self.scanned += 1;
            }
        }
        Ok(None)
    }

    /// Scans the current element further; returns its length if it ends in the last chunk.
    fn element(&mut self) -> Option<usize> {
        let arrived = self.arrived.bytes().get(self.at..).unwrap_or_default();
        while let Some((&byte, behind)) = arrived.get(self.scanned..).and_then(<[u8]>::split_first) {
            self.scanned += 1;
            match (self.text, byte) {
                (Text::Outside, b'"') | (Text::Escaped, _) => self.text = Text::Inside,
                (Text::Outside, b'{' | b'[') => self.depth += 1,
                (Text::Outside, b'}' | b']') => self.depth -= 1,
                (Text::Inside, b'"') => self.text = Text::Outside,
                (Text::Inside, b'\\') => self.text = Text::Escaped,
                _ => {}
            }
            if self.text == Text::Inside {
                // Most of a list is text.
                let plain = behind.iter().position(|byte| matches!(byte, b'"' | b'\\'));
                self.scanned += plain.unwrap_or(behind.len());
            }
            // The elements are in an array in an object.
            if self.depth == 2 && self.text == Text::Outside {
                self.location = Location::Between;
                return Some(self.scanned);
            }
        }
        None
    }

    /// Scans a byte outside of the elements.
    fn surrounding(&mut self, byte: u8) -> Result<(), InvalidText> {
        let was_text = self.text != Text::Outside;
        self.step(byte)?;
        if self.depth == 1 {
            match (was_text, self.text) {
                (false, Text::Inside) => {
                    let start = self.rest.len() + 1;
                    self.last_text = start..start;
                }
                (true, Text::Outside) => self.last_text.end = self.rest.len(),
                (false, Text::Outside) if byte == b':' => match (self.had_items, self.named_items()) {
                    (_, None) | (Some(true), Some(false)) => self.location = Location::Rest,
                    (None, found) => {
                        self.had_items = found;
                        self.location = Location::BeforeItems;
                    }
                    (Some(_), Some(_)) => return Err(InvalidText::Repeated),
                },
                (false, Text::Outside) if !byte.is_ascii_whitespace() => self.location = Location::Rest,
                _ => {}
            }
        }
        if self.location == Location::BeforeItems && self.depth == 2 {
            self.location = if byte == b'[' { Location::Between } else { Location::Rest };
        }
        self.rest.push(byte);
        self.drop_byte();
        Ok(())
    }

    /// Whether the last text of the outermost object, with or without escapes, is exactly `items`; `None` if it isn't in any
    /// letter case.
    fn named_items(&self) -> Option<bool> {
        let text = self.rest.get(self.last_text.clone())?;
        let is_exact = |text: &[u8]| text.eq_ignore_ascii_case(b"items").then_some(text == b"items");
        if !text.contains(&b'\\') {
            return is_exact(text);
        }
        let quoted = self.rest.get(self.last_text.start - 1..=self.last_text.end)?;
        is_exact(serde_json::from_slice::<String>(quoted).ok()?.as_bytes())
    }

    fn drop_byte(&mut self) {
        self.at += 1;
    }

    /// Keeps track of texts and of the nesting depth.
    fn step(&mut self, byte: u8) -> Result<(), InvalidText> {
        self.text = match (self.text, byte) {
            (Text::Outside, b'"') => Text::Inside,
            (Text::Outside, _) => {
                match byte {
                    b'{' | b'[' => self.depth += 1,
                    b'}' | b']' => self.depth = self.depth.checked_sub(1).ok_or(InvalidText::Syntax)?,
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
    use serde_json::Value;

    use super::*;

    /// The elements and the rest of a text that arrives in chunks of that size.
    fn split(text: impl AsRef<[u8]>, chunk: usize) -> Result<(Vec<String>, String), InvalidText> {
        let mut elements = Elements::new(1024);
        let mut found = Vec::new();
        for chunk in text.as_ref().chunks(chunk) {
            elements.push(chunk);
            while let Some(element) = elements.next::<Value>()? {
                found.push(element.map_or_else(|error| error.to_string(), |element| element.to_string()));
            }
        }
        Ok((found, String::from_utf8(elements.into_rest()?).unwrap()))
    }

    #[test]
    fn a_collection_is_split_wherever_its_chunks_end() {
        let text = "\u{feff}{\"totalCount\": 2, \"items\" : [ {\"a\":\"]}\\\"[{\",\"items\":[1,{}]} ,\n{} , 7, null,\"x,]\", [1] ], \"links\":{\"items\":[3]}}\n";
        for chunk in 1..text.len() {
            let (elements, rest) = split(text, chunk).unwrap();
            assert_eq!(elements, ["{\"a\":\"]}\\\"[{\",\"items\":[1,{}]}", "{}", "7", "null", "\"x,]\"", "[1]"]);
            assert_eq!(rest, "{\"totalCount\": 2, \"items\" : [], \"links\":{\"items\":[3]}}\n");
        }
    }

    #[test]
    fn characters_may_arrive_in_parts() {
        let text = "{\"items\":[{\"a\":\"€€€\"},\"€\",{\"é\":1}],\"ü\":\"€\"}";
        for chunk in 1..text.len() {
            let (elements, rest) = split(text, chunk).unwrap();
            assert_eq!(elements, ["{\"a\":\"€€€\"}", "\"€\"", "{\"é\":1}"]);
            assert_eq!(rest, "{\"items\":[],\"ü\":\"€\"}");
        }
    }

    #[test]
    fn invalid_utf_8_affects_its_element_only() {
        let text = b"{\"items\":[{\"a\":1},{\"a\":\"\xff\"},{\"a\":2},{\"a\":\"\xe2\x82\"},{\"a\":3}]}";
        for chunk in 1..text.len() {
            let (elements, rest) = split(text, chunk).unwrap();
            assert_eq!(elements.len(), 5);
            for (element, expected) in elements.iter().zip(["{\"a\":1}", "UTF-8", "{\"a\":2}", "UTF-8", "{\"a\":3}"]) {
                assert!(element.contains(expected), "{element} at chunks of {chunk}");
            }
            assert_eq!(rest, "{\"items\":[]}");
        }
    }

    #[test]
    fn an_incomplete_character_at_the_end_is_not_dropped() {
        let mut elements = Elements::new(1024);
        elements.push(b"{}\xe2");
        assert!(elements.next::<Value>().unwrap().is_none());
        assert_eq!(elements.into_rest(), Ok(b"{}\xe2".to_vec()));
    }

    #[test]
    fn a_text_without_items_is_all_rest() {
        for text in
            ["{\"code\":1}", "[]", "{\"items\":null}", "{\"items\":{\"a\":[1]}}", "{\"x\":\"items\",\"y\":[1]}", ""]
        {
            assert_eq!(split(text, 3), Ok((vec![], text.to_owned())));
        }
    }

    #[test]
    fn items_may_be_written_with_escapes_or_in_upper_case_and_come_once() {
        let text = r#"{"\u0069tems":[1],"\\items":[2],"x":{"items":[3]},"y":"items"}"#;
        for chunk in 1..text.len() {
            let (elements, rest) = split(text, chunk).unwrap();
            assert_eq!(elements, ["1"]);
            assert_eq!(rest, r#"{"\u0069tems":[],"\\items":[2],"x":{"items":[3]},"y":"items"}"#);
        }
        for text in [r#"{"Items":[1],"Item":[2]}"#, r#"{"items":[1],"Items":[2]}"#] {
            assert_eq!(split(text, 5).unwrap().0, ["1"], "{text}");
        }
        for text in [r#"{"items":[],"items":[]}"#, r#"{"items":null,"i\u0074ems":[1]}"#, r#"{"Items":[],"items":[]}"#] {
            assert_eq!(split(text, 3), Err(InvalidText::Repeated), "{text}");
        }
    }

    #[test]
    fn a_truncated_text_is_an_error() {
        for text in ["{\"items\":[{}", "{\"items\":[{\"a\"", "{\"items\":[1", "{\"items\":[]", "{"] {
            assert_eq!(split(text, 4), Err(InvalidText::Truncated), "{text}");
        }
    }

    #[test]
    fn an_element_that_nests_too_deep_affects_only_itself() {
        let work = || {
            let text = format!("{{\"items\":[1,{}{},2],\"totalCount\":3}}", "[".repeat(50_000), "]".repeat(50_000));
            for chunk in [1, 1000, text.len()] {
                let mut elements = Elements::new(1 << 20);
                let mut found = Vec::new();
                for chunk in text.as_bytes().chunks(chunk) {
                    elements.push(chunk);
                    while let Some(element) = elements.next::<Value>().unwrap() {
                        found.push(element.map_err(|error| error.problem().to_owned()));
                    }
                }
                let too_deep = "arrays and objects nest deeper than 127 levels".to_owned();
                assert_eq!(found, [Ok(1.into()), Err(too_deep), Ok(2.into())]);
                assert_eq!(elements.into_rest(), Ok(b"{\"items\":[],\"totalCount\":3}".to_vec()));
            }
        };
        std::thread::Builder::new().stack_size(2 << 20).spawn(work).unwrap().join().unwrap();
    }

    #[test]
    fn an_element_without_end_is_an_error() {
        let text = format!("{{\"items\":[\"{}", "x".repeat(2000));
        assert_eq!(split(&text, 100), Err(InvalidText::TooLong));
    }

    #[test]
    fn only_what_is_kept_counts_towards_the_limit() {
        let text = format!("{{\"items\":[{}]}}", vec!["{\"a\":1}"; 500].join(","));
        assert_eq!(split(&text, text.len()).unwrap().0.len(), 500);

        for begun in ["{\"items\":[", ""] {
            for (length, is_too_long) in [(1024, false), (1025, true)] {
                let mut elements = Elements::new(1024);
                elements.push(begun.as_bytes());
                assert!(elements.next::<Value>().unwrap().is_none());
                elements.push(format!("\"{}", "x".repeat(length - 1)).as_bytes());
                assert_eq!(elements.next::<Value>().is_err(), is_too_long, "{length} bytes behind {begun:?}");
            }
        }
    }

    #[test]
    fn too_many_closing_brackets_are_a_syntax_error() {
        assert_eq!(split("{}}", 1), Err(InvalidText::Syntax));
    }
}
