//! Takes a collection's JSON apart while it arrives.

use partner_center_orders_api::runtime::{DecodeError, Payload, decode_first, decode_payload};

const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// The text of a collection, read element by element.
///
/// Only what arrived last is kept, with the beginning of an element that goes on in what arrives next, and the rest of the
/// collection, which is small: everything but the content of `items`.
///
/// An element is decoded where it lies. Where that fails, it is gone through byte by byte to find its end, which may
/// have yet to arrive: once, however small the pieces are in which it does.
#[derive(Debug)]
pub(super) struct Elements {
    arrived: Arrived,
    /// The beginning of a letter that `arrived` stops in.
    incomplete: Vec<u8>,
    /// What lies before this in `arrived` is done with.
    at: usize,
    /// How far `arrived` has been looked at from there; that much belongs to the element that is just arriving.
    seen: usize,
    rest: Vec<u8>,
    depth: usize,
    text: Text,
    place: Place,
    /// Where in `rest` the last text of the outermost object lies: a name, if a colon follows.
    last_text: std::ops::Range<usize>,
    /// Whether the name `items` has come.
    had_items: bool,
    at_start: bool,
    limit: usize,
}

#[derive(Debug)]
enum Arrived {
    Text(String),
    /// There is something in it that is no UTF-8.
    NoText(Vec<u8>),
}

impl Arrived {
    fn bytes(&self) -> &[u8] {
        match self {
            Self::Text(text) => text.as_bytes(),
            Self::NoText(bytes) => bytes,
        }
    }

    /// The object that lies there, and its length, if it is there whole and simple to read.
    fn decode_at<T: Payload>(&self, at: usize) -> Option<(T, usize)> {
        match self {
            Self::Text(text) => decode_first(text.get(at..)?),
            Self::NoText(_) => None,
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
    #[error("the collection has `items` twice")]
    Repeated,
}

impl Elements {
    /// Reads elements, and refuses those longer than `limit` bytes.
    pub(super) fn new(limit: usize) -> Self {
        Self {
            arrived: Arrived::Text(String::new()),
            incomplete: Vec::new(),
            at: 0,
            seen: 0,
            rest: Vec::new(),
            depth: 0,
            text: Text::Outside,
            place: Place::Rest,
            last_text: 0..0,
            had_items: false,
            at_start: true,
            limit,
        }
    }

    /// Adds what has arrived.
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
            Arrived::NoText(bytes) => {
                bytes.drain(..done);
                bytes.extend_from_slice(chunk);
            }
        }
    }

    /// Adds text, but for a letter whose other half is still to come.
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
                    // Which element it is in shows when that is decoded.
                    let mut bytes = std::mem::take(text).into_bytes();
                    bytes.extend_from_slice(rest);
                    self.arrived = Arrived::NoText(bytes);
                }
            }
        }
    }

    /// The next element, if it is complete.
    pub(super) fn next<T: Payload>(&mut self) -> Result<Option<Result<T, DecodeError>>, BrokenText> {
        if self.at_start {
            let arrived = self.arrived.bytes();
            if arrived.len() < BYTE_ORDER_MARK.len() && BYTE_ORDER_MARK.starts_with(arrived) {
                return Ok(None);
            }
            if arrived.starts_with(BYTE_ORDER_MARK) {
                self.at = BYTE_ORDER_MARK.len();
            }
            self.at_start = false;
        }
        while let Some(&byte) = self.ahead().first() {
            let ahead = self.ahead().len();
            if self.place == Place::Between
                && let Some((element, length)) = self.arrived.decode_at(self.at)
            {
                self.at += length;
                return Ok(Some(Ok(element)));
            }
            if let Some(length) = self.look_at(byte)? {
                debug_assert!(length > 0, "an element has a first byte");
                let end = self.at + length;
                let element = decode_payload(self.arrived.bytes().get(self.at..end).unwrap_or_default());
                self.at = end;
                self.seen = 0;
                return Ok(Some(element));
            }
            debug_assert!(self.ahead().len() < ahead, "no byte is looked at twice");
        }
        if self.arrived.bytes().len() - self.at > self.limit || self.rest.len() > self.limit {
            return Err(BrokenText::TooLong);
        }
        Ok(None)
    }

    /// What has arrived and was not looked at yet.
    fn ahead(&self) -> &[u8] {
        self.arrived.bytes().get(self.at + self.seen..).unwrap_or_default()
    }

    /// The collection without its elements, after everything has arrived.
    pub(super) fn into_rest(mut self) -> Result<Vec<u8>, BrokenText> {
        self.rest.append(&mut self.incomplete);
        if self.depth == 0 && self.place == Place::Rest { Ok(self.rest) } else { Err(BrokenText::Truncated) }
    }

    /// Looks at the next byte, and at those behind it that belong to the same element; gives the length of the element
    /// that ends there.
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
                    self.seen += 1;
                    self.step(byte)?;
                }
                _ => {
                    self.place = Place::Scalar;
                    self.seen += 1;
                }
            },
            Place::Element => return Ok(self.element()),
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

    /// Goes on through an element that has begun; gives its length if it ends in what has arrived.
    fn element(&mut self) -> Option<usize> {
        let arrived = self.arrived.bytes().get(self.at..).unwrap_or_default();
        while let Some((&byte, behind)) = arrived.get(self.seen..).and_then(<[u8]>::split_first) {
            self.seen += 1;
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
                self.seen += plain.unwrap_or(behind.len());
            }
            // The elements lie in an array in an object.
            if self.depth == 2 && self.text == Text::Outside {
                self.place = Place::Between;
                return Some(self.seen);
            }
        }
        None
    }

    /// A byte of what surrounds the elements.
    fn surrounding(&mut self, byte: u8) -> Result<(), BrokenText> {
        let was_text = self.text != Text::Outside;
        self.step(byte)?;
        if self.depth == 1 {
            match (was_text, self.text) {
                (false, Text::Inside) => {
                    let start = self.rest.len() + 1;
                    self.last_text = start..start;
                }
                (true, Text::Outside) => self.last_text.end = self.rest.len(),
                (false, Text::Outside) if byte == b':' && self.last_text_is_items() => {
                    if std::mem::replace(&mut self.had_items, true) {
                        return Err(BrokenText::Repeated);
                    }
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

    /// Whether the last text of the outermost object is `items`, in whatever way it is written.
    fn last_text_is_items(&self) -> bool {
        let Some(text) = self.rest.get(self.last_text.clone()) else { return false };
        if !text.contains(&b'\\') {
            return text == b"items";
        }
        let quoted = self.rest.get(self.last_text.start - 1..=self.last_text.end).unwrap_or_default();
        serde_json::from_slice::<String>(quoted).is_ok_and(|text| text == "items")
    }

    fn drop_byte(&mut self) {
        self.at += 1;
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
    use serde_json::Value;

    use super::*;

    /// The elements and the rest of a text that arrives in chunks of that size.
    fn cut(text: impl AsRef<[u8]>, chunk: usize) -> Result<(Vec<String>, String), BrokenText> {
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
    fn a_collection_is_cut_wherever_its_chunks_end() {
        let text = "\u{feff}{\"totalCount\": 2, \"items\" : [ {\"a\":\"]}\\\"[{\",\"items\":[1,{}]} ,\n{} , 7, null,\"x,]\", [1] ], \"links\":{\"items\":[3]}}\n";
        for chunk in 1..text.len() {
            let (elements, rest) = cut(text, chunk).unwrap();
            assert_eq!(elements, ["{\"a\":\"]}\\\"[{\",\"items\":[1,{}]}", "{}", "7", "null", "\"x,]\"", "[1]"]);
            assert_eq!(rest, "{\"totalCount\": 2, \"items\" : [], \"links\":{\"items\":[3]}}\n");
        }
    }

    #[test]
    fn letters_may_arrive_in_halves() {
        let text = "{\"items\":[{\"a\":\"€€€\"},\"€\",{\"é\":1}],\"ü\":\"€\"}";
        for chunk in 1..text.len() {
            let (elements, rest) = cut(text, chunk).unwrap();
            assert_eq!(elements, ["{\"a\":\"€€€\"}", "\"€\"", "{\"é\":1}"]);
            assert_eq!(rest, "{\"items\":[],\"ü\":\"€\"}");
        }
    }

    #[test]
    fn what_is_no_utf_8_spoils_its_element_only() {
        let text = b"{\"items\":[{\"a\":1},{\"a\":\"\xff\"},{\"a\":2},{\"a\":\"\xe2\x82\"},{\"a\":3}]}";
        for chunk in 1..text.len() {
            let (elements, rest) = cut(text, chunk).unwrap();
            assert_eq!(elements.len(), 5);
            for (element, expected) in elements.iter().zip(["{\"a\":1}", "UTF-8", "{\"a\":2}", "UTF-8", "{\"a\":3}"]) {
                assert!(element.contains(expected), "{element} at chunks of {chunk}");
            }
            assert_eq!(rest, "{\"items\":[]}");
        }
    }

    #[test]
    fn half_a_letter_at_the_end_is_not_dropped() {
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
            assert_eq!(cut(text, 3), Ok((vec![], text.to_owned())));
        }
    }

    #[test]
    fn items_may_be_written_with_escapes_and_come_once() {
        let text = r#"{"\u0069tems":[1],"\\items":[2],"x":{"items":[3]},"y":"items"}"#;
        for chunk in 1..text.len() {
            let (elements, rest) = cut(text, chunk).unwrap();
            assert_eq!(elements, ["1"]);
            assert_eq!(rest, r#"{"\u0069tems":[],"\\items":[2],"x":{"items":[3]},"y":"items"}"#);
        }
        for text in [r#"{"items":[],"items":[]}"#, r#"{"items":null,"i\u0074ems":[1]}"#] {
            assert_eq!(cut(text, 3), Err(BrokenText::Repeated), "{text}");
        }
    }

    #[test]
    fn a_text_that_ends_in_the_middle_is_told() {
        for text in ["{\"items\":[{}", "{\"items\":[{\"a\"", "{\"items\":[1", "{\"items\":[]", "{"] {
            assert_eq!(cut(text, 4), Err(BrokenText::Truncated), "{text}");
        }
    }

    #[test]
    fn an_element_that_nests_too_deep_costs_only_itself() {
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
    fn an_endless_element_is_given_up() {
        let text = format!("{{\"items\":[\"{}", "x".repeat(2000));
        assert_eq!(cut(&text, 100), Err(BrokenText::TooLong));
    }

    #[test]
    fn only_what_is_kept_counts_towards_the_limit() {
        let text = format!("{{\"items\":[{}]}}", vec!["{\"a\":1}"; 500].join(","));
        assert_eq!(cut(&text, text.len()).unwrap().0.len(), 500);

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
    fn too_many_closing_brackets_are_no_json() {
        assert_eq!(cut("{}}", 1), Err(BrokenText::NoJson));
    }
}
