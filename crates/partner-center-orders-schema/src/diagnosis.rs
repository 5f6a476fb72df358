//! Finds the likely cause of a syntax error.

use std::borrow::Cow;

use crate::cursor::Expected;
use crate::finding::Location;
use crate::locator::Locator;
use crate::syntax_error::{SyntaxError, SyntaxErrorKind as Kind};

/// Returns the error of bytes that are not UTF-8 from `at` on.
pub(crate) fn not_utf8(payload: &[u8], at: usize) -> SyntaxError {
    let hint = match payload {
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => "this is UTF-16: convert it to UTF-8",
        [0x1f, 0x8b, ..] => "this is compressed with gzip: decompress it first",
        _ => "it was likely written in another encoding: convert it to UTF-8",
    };
    let message = format!("invalid UTF-8: byte 0x{:02x}", payload.get(at).copied().unwrap_or(0));
    Cause::new(Kind::NotUtf8, at, 1, message, hint).locate(payload)
}

/// Returns the error of a value that can't be written as JSON.
pub(crate) fn unwritable(error: &serde_json::Error) -> SyntaxError {
    Cause::new(Kind::Unwritable, 0, 0, format!("the value can't be written as JSON: {error}"), "").locate(b"")
}

/// Returns the error of a value that nests deeper than this.
pub(crate) fn too_deep(depth: usize) -> SyntaxError {
    Cause::new(Kind::TooDeep, 0, 0, deeper_than(depth), "").locate(b"")
}

fn deeper_than(depth: usize) -> String {
    format!("arrays and objects nest deeper than {depth} levels")
}

/// Returns the error of a payload in which something other than the expected token begins at `at`.
pub(crate) fn diagnose(payload: &[u8], at: usize, expected: Expected, depth: usize) -> SyntaxError {
    let text = String::from_utf8_lossy(payload);
    let position = Position { text: &text, at, expected };
    if expected == Expected::LessNesting {
        return Cause::new(Kind::TooDeep, at, 1, deeper_than(depth), "").locate(payload);
    }
    position.other_format().unwrap_or_else(|| position.mistake()).locate(payload)
}

type Text = Cow<'static, str>;

/// The likely cause of a syntax error.
struct Cause {
    kind: Kind,
    at: usize,
    length: usize,
    message: Text,
    /// Empty if there is none.
    hint: Text,
}

impl Cause {
    fn new(kind: Kind, at: usize, length: usize, message: impl Into<Text>, hint: impl Into<Text>) -> Self {
        Self { kind, at, length, message: message.into(), hint: hint.into() }
    }

    fn locate(self, payload: &[u8]) -> SyntaxError {
        SyntaxError {
            kind: self.kind,
            location: Locator::new(payload).locate(self.at),
            length: self.length,
            message: self.message.into_owned(),
            hint: Some(self.hint.into_owned()).filter(|hint| !hint.is_empty()),
        }
    }
}

/// The position of the first token that JSON doesn't allow.
struct Position<'t> {
    text: &'t str,
    at: usize,
    expected: Expected,
}

impl<'t> Position<'t> {
    fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// Recognizes payloads that were never meant as JSON.
    fn other_format(&self) -> Option<Cause> {
        let body = self.text.strip_prefix('\u{feff}').unwrap_or(self.text).trim_start();
        let start = self.text.len() - body.len();
        if body.is_empty() {
            return Some(Cause::new(Kind::Empty, start, 0, "the payload is empty", "expected at least `{}`"));
        }
        if body.bytes().take(4).any(|byte| byte == 0) {
            let message = "this is UTF-16 or binary data, not JSON";
            return Some(Cause::new(Kind::NotJson, start, 1, message, "convert it to UTF-8"));
        }
        // Another format fails at its beginning.
        if self.at > start + 1 || !matches!(self.expected, Expected::Value | Expected::Digit | Expected::EndOfText) {
            return None;
        }
        let (format, hint) = if is_html(body) {
            ("an HTML page", "a gateway or a sign-in page responded instead of the service")
        } else if is_xml(body) {
            ("XML", "request `application/json`")
        } else if is_http(body) {
            ("an HTTP message or a multipart body with headers", "validate only the JSON in it")
        } else if is_form(body) {
            ("a form", "orders are sent and returned as JSON")
        } else {
            return None;
        };
        Some(Cause::new(Kind::NotJson, start, 1, format!("this is {format}, not JSON"), hint))
    }

    /// Recognizes common mistakes in JSON that was written, copied or cut by hand.
    fn mistake(&self) -> Cause {
        match self.expected {
            _ if self.rest().is_empty() => self.cut_off(),
            Expected::InString => self.in_string(),
            Expected::Escape => self.escape(),
            Expected::Digit => self.number(),
            _ => self.by_next_character().or_else(|| self.by_expectation()).unwrap_or_else(|| self.unexpected()),
        }
    }

    fn cut_off(&self) -> Cause {
        let open = open_brackets(self.text);
        let message = match (self.expected, open.last()) {
            (Expected::InString | Expected::Escape, _) => "the payload ends inside a string".to_owned(),
            (_, Some((bracket, at))) => {
                let container = if *bracket == b'[' { "array" } else { "object" };
                let Location { line, column, .. } = Locator::new(self.text.as_bytes()).locate(*at);
                format!("the payload ends inside the {container} that begins at line {line}, column {column}")
            }
            _ => "the payload ends too early".to_owned(),
        };
        let closing: String = open.iter().rev().map(|(open, _)| if *open == b'[' { ']' } else { '}' }).collect();
        let hint = match closing.len() {
            0 => "the payload was cut off".to_owned(),
            1..=8 => format!("the payload was cut off: at least `{closing}` is missing"),
            count => format!("the payload was cut off: at least {count} closing brackets are missing"),
        };
        Cause::new(Kind::CutOff, self.at, 0, message, hint)
    }

    fn in_string(&self) -> Cause {
        let opened = outside_strings(self.text.get(..self.at).unwrap_or_default(), |_, _| {}).unwrap_or(self.at);
        let inside = self.text.get(opened..self.at).unwrap_or_default();
        if let Some((offset, quote)) = inside.char_indices().rev().find(|(_, letter)| is_typographic(*letter)) {
            return wrong_quote(opened + offset, quote);
        }
        let control = self.rest().chars().next().unwrap_or_default();
        let (name, hint) = match control {
            '\n' | '\r' => ("line break".into(), "the closing quote is likely missing; write a line break as `\\n`"),
            '\t' => ("tab".into(), "write `\\t`"),
            _ => (format!("control character U+{:04X}", u32::from(control)), "write it as an escape, `\\u001f`"),
        };
        Cause::new(Kind::WrongString, self.at, control.len_utf8(), format!("{name} inside a string"), hint)
    }

    fn escape(&self) -> Cause {
        let escape: String = self.rest().chars().take(2).collect();
        let hint = match escape.as_str() {
            "\\u" => "`\\u` needs four hexadecimal digits",
            _ => "write a backslash as `\\\\`",
        };
        Cause::new(Kind::WrongString, self.at, escape.len(), format!("invalid escape `{escape}`"), hint)
    }

    fn number(&self) -> Cause {
        let hint = match self.rest().bytes().next() {
            Some(b'I' | b'N') => "JSON has no such number: leave the member out",
            Some(b'0') => "a number doesn't begin with 0; write an id as a string, in quotes",
            _ => "expected a digit",
        };
        Cause::new(Kind::WrongNumber, self.at, 1, "invalid number", hint)
    }

    /// Recognizes mistakes by the character at the position alone.
    fn by_next_character(&self) -> Option<Cause> {
        let (rest, at) = (self.rest(), self.at);
        let first = rest.chars().next()?;
        let comment = |length| Cause::new(Kind::Comment, at, length, "comment", "JSON has no comments: delete it");
        Some(match first {
            '/' if rest.starts_with("//") => comment(rest.find('\n').unwrap_or(rest.len())),
            '/' if rest.starts_with("/*") => comment(rest.find("*/").map_or(rest.len(), |end| end + 2)),
            '#' => comment(1),
            '\'' | '`' => wrong_quote(at, first),
            _ if is_typographic(first) => wrong_quote(at, first),
            '<' => {
                let length = rest.find('>').map_or(1, |end| end + 1);
                Cause::new(Kind::Placeholder, at, length, "placeholder", "replace it with a value")
            }
            '.' if rest[1..].starts_with(|next: char| next.is_ascii_digit()) => {
                Cause::new(Kind::WrongNumber, at, 1, "number without a digit before its point", "write a 0 before it")
            }
            '.' | '…' => {
                let length = rest.len() - rest.trim_start_matches(first).len();
                Cause::new(Kind::Placeholder, at, length, "ellipsis", "something was left out here: add it")
            }
            '?' if at == 0 && rest[1..].trim_start().starts_with(['{', '[']) => {
                let hint = "a byte order mark was read in a wrong encoding: delete it";
                Cause::new(Kind::Unexpected, at, 1, "question mark before the payload", hint)
            }
            _ if first.is_whitespace() || is_invisible(first) => {
                let message = format!("invisible character U+{:04X}", u32::from(first));
                let hint = "it was likely copied along: delete it, or write an ordinary space";
                Cause::new(Kind::Unexpected, at, first.len_utf8(), message, hint)
            }
            _ => return None,
        })
    }

    /// Recognizes mistakes by what was expected instead of the character at the position.
    fn by_expectation(&self) -> Option<Cause> {
        use Expected::{Colon, CommaInArray, CommaInObject, EndOfText, Name, NameOrEnd, Value};

        let rest = self.rest();
        let first = rest.chars().next()?;
        let cause = |kind, length, message: &str, hint: &str| {
            Some(Cause::new(kind, self.at, length, message.to_owned(), hint.to_owned()))
        };
        let before = self.text.get(..self.at).unwrap_or_default().trim_end();
        let last = before.bytes().last().unwrap_or(0);
        let word = &rest[..rest.find(|letter| !continues_word(letter)).unwrap_or(rest.len())];
        let is_word = first.is_alphabetic() || matches!(first, '_' | '$');
        match (self.expected, first) {
            (Name | Value, '}' | ']') if last == b',' => {
                Some(Cause::new(Kind::WrongSeparator, before.len() - 1, 1, "trailing comma", "delete it"))
            }
            (Name | Value | NameOrEnd, ',') => cause(Kind::WrongSeparator, 1, "superfluous comma", "delete it"),
            (Value, '}' | ']' | ':') => cause(Kind::Unexpected, 1, "missing value", "write a value before this"),
            (NameOrEnd | Name, '{' | '[') => {
                let hint = "the bracket before it is likely superfluous";
                cause(Kind::WrongBracket, 1, &format!("expected a member name, found `{first}`"), hint)
            }
            (NameOrEnd | Name, _) if is_word => {
                cause(Kind::WrongQuotes, word.len(), "member name without quotes", &format!("write \"{word}\""))
            }
            (CommaInObject | CommaInArray, '}' | ']') => {
                let (container, closing) = if first == '}' { ("an array", ']') } else { ("an object", '}') };
                let hint = format!("write `{closing}` before it");
                cause(Kind::WrongBracket, 1, &format!("`{first}` closes {container}"), &hint)
            }
            (CommaInObject | CommaInArray, ';') => {
                cause(Kind::WrongSeparator, 1, "`;` instead of a comma", "separate members and items with `,`")
            }
            (CommaInObject | CommaInArray, '"' | '{' | '[' | '-' | '0'..='9' | 't' | 'f' | 'n') => {
                let hint = "write a comma before this; if it belongs to a string, write the quote in it as `\\\"`";
                cause(Kind::WrongSeparator, 1, "missing comma", hint)
            }
            (CommaInObject | CommaInArray, _) if is_word && before.len() == self.at && last.is_ascii_digit() => {
                let hint = "JSON numbers are decimal; write anything else as a string, in quotes";
                cause(Kind::WrongNumber, word.len(), "invalid number", hint)
            }
            (CommaInObject | CommaInArray, _) if is_word && last == b'"' => {
                let hint = "a quote is missing before this, or a quote in a string is not written as `\\\"`";
                cause(Kind::WrongQuotes, word.len(), "word after the end of a string", hint)
            }
            (Colon, _) => {
                let hint = "separate a name and its value with `:`";
                cause(Kind::WrongSeparator, first.len_utf8(), &format!("expected a colon, found `{first}`"), hint)
            }
            (EndOfText, '{' | '[') => {
                let hint = "validate a stream of payloads line by line";
                cause(Kind::TrailingText, 1, "another value after the end of the payload", hint)
            }
            (EndOfText, ':') => {
                cause(Kind::WrongBracket, 1, "member outside of an object", "write `{` at the beginning")
            }
            (EndOfText, _) => {
                let hint = "a bracket likely closes too early, or the text was copied along";
                cause(Kind::TrailingText, first.len_utf8(), "text after the end of the payload", hint)
            }
            (Value, '+') => cause(Kind::WrongNumber, 1, "number with a plus sign", "delete the sign"),
            (Value, _) if is_word => Some(self.bare_word(word)),
            _ => None,
        }
    }

    fn bare_word(&self, word: &str) -> Cause {
        let (kind, message, hint) = match word.to_ascii_lowercase().as_str() {
            literal @ ("true" | "false" | "null") => {
                (Kind::Unexpected, format!("invalid literal `{word}`"), format!("write `{literal}`"))
            }
            "none" | "nil" | "undefined" => {
                (Kind::Unexpected, format!("invalid literal `{word}`"), "write `null`".to_owned())
            }
            "nan" | "inf" | "infinity" => {
                let hint = "JSON has no such number: leave the member out";
                (Kind::WrongNumber, format!("invalid number `{word}`"), hint.to_owned())
            }
            _ => (Kind::WrongQuotes, "string without quotes".to_owned(), format!("write \"{word}\"")),
        };
        Cause::new(kind, self.at, word.len(), message, hint)
    }

    fn unexpected(&self) -> Cause {
        let first = self.rest().chars().next().unwrap_or_default();
        let message = format!("expected {}, found `{first}`", self.expected);
        Cause::new(Kind::Unexpected, self.at, first.len_utf8(), message, "")
    }
}

fn wrong_quote(at: usize, quote: char) -> Cause {
    Cause::new(Kind::WrongQuotes, at, quote.len_utf8(), format!("wrong quote {quote}"), "write `\"`")
}

/// The first bytes of an HTML page that are searched for a tag; comments may come before it.
const BEGINNING: usize = 1024;

fn is_html(body: &str) -> bool {
    let beginning = body.as_bytes()[..body.len().min(BEGINNING)].to_ascii_lowercase();
    let beginning = String::from_utf8_lossy(&beginning);
    body.starts_with('<') && ["<!doctype html", "<html", "<head", "<body"].iter().any(|tag| beginning.contains(tag))
}

/// Whether this is a prologue or an element with an end; `<your order>` alone is a placeholder.
fn is_xml(body: &str) -> bool {
    body.starts_with("<?xml") || (body.starts_with('<') && (body.contains("</") || body.trim_end().ends_with("/>")))
}

/// Whether the first line is a request line, a status line, a header or a multipart boundary.
fn is_http(body: &str) -> bool {
    let line = body.lines().next().unwrap_or_default();
    let header = line.split_once(": ").map_or("", |(name, _)| name);
    let is_header = header.contains('-') && header.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    let is_request = line.starts_with(|letter: char| letter.is_ascii_uppercase()) && line.contains(" HTTP/");
    let is_status = line.get(..5).is_some_and(|start| start.eq_ignore_ascii_case("HTTP/"));
    is_header || is_request || is_status || line.starts_with("--")
}

/// Whether this looks like `grant_type=client_credentials&scope=…`.
fn is_form(body: &str) -> bool {
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.%+[]".contains(&byte);
    let has_name =
        |field: &str| field.split_once('=').is_some_and(|(name, _)| !name.is_empty() && name.bytes().all(is_name));
    let body = body.trim_end();
    body.split('&').all(has_name)
        && !body.contains(|letter: char| letter.is_whitespace() || matches!(letter, '"' | '{'))
}

fn is_typographic(letter: char) -> bool {
    matches!(letter, '\u{2018}'..='\u{201f}')
}

fn continues_word(letter: char) -> bool {
    letter.is_alphanumeric() || matches!(letter, '_' | '$' | '-')
}

/// Whether a character has no width, without being white space to Unicode.
fn is_invisible(letter: char) -> bool {
    matches!(letter, '\u{feff}' | '\u{200b}'..='\u{200f}' | '\u{2060}')
}

/// Returns the brackets that are open at the end of a text that is valid JSON up to there, with their offsets.
fn open_brackets(text: &str) -> Vec<(u8, usize)> {
    let mut open = Vec::new();
    outside_strings(text, |at, byte| match byte {
        b'{' | b'[' => open.push((byte, at)),
        b'}' | b']' => drop(open.pop()),
        _ => {}
    });
    open
}

/// Visits every byte outside of strings; returns the offset of the opening quote of a string that is open at the end.
fn outside_strings(text: &str, mut visit: impl FnMut(usize, u8)) -> Option<usize> {
    let mut open = None;
    let mut bytes = text.bytes().enumerate();
    while let Some((at, byte)) = bytes.next() {
        match (byte, open) {
            (b'\\', Some(_)) => drop(bytes.next()),
            (b'"', Some(_)) => open = None,
            (b'"', None) => open = Some(at),
            (_, Some(_)) => {}
            (_, None) => visit(at, byte),
        }
    }
    open
}
