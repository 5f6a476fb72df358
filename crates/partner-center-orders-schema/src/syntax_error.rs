//! What is wrong with a text that is no JSON, and what likely happened to it.

use std::fmt;

use serde::Serialize;

use crate::cursor::Wanted;
use crate::escaped::Escaped;
use crate::finding::Location;
use crate::places::Places;

/// What kind of damage it is; the codes are stable, for machines to match on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum SyntaxErrorKind {
    /// There is nothing in it.
    Empty,
    /// Its bytes are no UTF-8.
    NotUtf8,
    /// It is something else altogether: HTML, a form, an HTTP message, compressed.
    NotJson,
    /// It ends too early.
    CutOff,
    /// It nests deeper than allowed.
    TooDeep,
    /// Something follows the end of the value.
    TextBehind,
    /// A comment.
    Comment,
    /// A comma before a closing bracket, or two in a row.
    StrayComma,
    /// A comma is missing between two members or items.
    MissingComma,
    /// The colon between a name and its value is missing.
    MissingColon,
    /// Typographic or single quotes in place of `"`.
    WrongQuotes,
    /// A name or a text without quotes.
    MissingQuotes,
    /// A placeholder of documentation: `...`, `<string>`, `{...}`.
    Placeholder,
    /// A bracket that doesn't belong there.
    WrongBracket,
    /// A backslash before a character that it doesn't go with.
    WrongEscape,
    /// A line break or another control character within a text.
    RawControl,
    /// A number that isn't written as JSON has it.
    WrongNumber,
    /// A blank that only looks like one, such as U+00A0.
    WrongBlank,
    /// Anything else.
    Unexpected,
    /// A value in memory that JSON has no way to write.
    Unwritable,
}

impl SyntaxErrorKind {
    /// The code as text: `stray_comma`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::NotUtf8 => "not_utf8",
            Self::NotJson => "not_json",
            Self::CutOff => "cut_off",
            Self::TooDeep => "too_deep",
            Self::TextBehind => "text_behind",
            Self::Comment => "comment",
            Self::StrayComma => "stray_comma",
            Self::MissingComma => "missing_comma",
            Self::MissingColon => "missing_colon",
            Self::WrongQuotes => "wrong_quotes",
            Self::MissingQuotes => "missing_quotes",
            Self::Placeholder => "placeholder",
            Self::WrongBracket => "wrong_bracket",
            Self::WrongEscape => "wrong_escape",
            Self::RawControl => "raw_control",
            Self::WrongNumber => "wrong_number",
            Self::WrongBlank => "wrong_blank",
            Self::Unexpected => "unexpected",
            Self::Unwritable => "unwritable",
        }
    }
}

impl fmt::Display for SyntaxErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A payload that can't be judged: where its text stops being JSON, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct SyntaxError {
    /// What kind of damage it is.
    pub kind: SyntaxErrorKind,
    /// Where it is.
    pub place: Location,
    /// How many bytes of the text it is about, from that place on.
    pub length: usize,
    /// What is wrong.
    pub message: String,
    /// What likely happened, or what to do.
    pub hint: Option<String>,
}

impl std::error::Error for SyntaxError {}

/// One line, control characters escaped: `3:1 a comma before the closing bracket (stray_comma); take it out`.
impl fmt::Display for SyntaxError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{} {} ({})", self.place.line, self.place.column, Escaped(&self.message), self.kind)?;
        match &self.hint {
            Some(hint) => write!(f, "; {}", Escaped(hint)),
            None => Ok(()),
        }
    }
}

/// The bytes are no UTF-8 from `at` on.
pub(crate) fn not_utf8(payload: &[u8], at: usize) -> SyntaxError {
    let hint = match payload {
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => "it is UTF-16: write it as UTF-8",
        [0x1f, 0x8b, ..] => "it is compressed with gzip: take the compression off first",
        _ => "it was likely written in another encoding: write it as UTF-8",
    };
    SyntaxError {
        kind: SyntaxErrorKind::NotUtf8,
        place: Places::new(payload).at(at),
        length: 1,
        message: format!("byte 0x{:02x} is no UTF-8 here", payload.get(at).copied().unwrap_or(0)),
        hint: Some(hint.to_owned()),
    }
}

/// The value can't be written as JSON.
pub(crate) fn unwritable(error: &serde_json::Error) -> SyntaxError {
    without_text(SyntaxErrorKind::Unwritable, format!("the value can't be written as JSON: {error}"))
}

/// The value nests deeper than this.
pub(crate) fn too_deep(depth: usize) -> SyntaxError {
    without_text(SyntaxErrorKind::TooDeep, deeper_than(depth))
}

fn deeper_than(depth: usize) -> String {
    format!("arrays and objects nest deeper than {depth} levels")
}

/// The damage of a value that was never text.
fn without_text(kind: SyntaxErrorKind, message: String) -> SyntaxError {
    SyntaxError { kind, place: Location { offset: 0, line: 1, column: 1 }, length: 0, message, hint: None }
}

/// What is wrong at the place where a reader stopped, who wanted something else there.
pub(crate) fn diagnose(payload: &[u8], at: usize, wanted: Wanted, depth: usize) -> SyntaxError {
    let text = String::from_utf8_lossy(payload);
    let scene = Scene { text: &text, at, wanted, depth };
    let said = scene.foreign().or_else(|| scene.usual()).unwrap_or_else(|| scene.unexpected());
    SyntaxError {
        kind: said.kind,
        place: Places::new(payload).at(said.at),
        length: said.length,
        message: said.message,
        hint: said.hint,
    }
}

/// What is said of a damage, before its place is worked out.
struct Said {
    kind: SyntaxErrorKind,
    at: usize,
    length: usize,
    message: String,
    hint: Option<String>,
}

/// The place of the damage and what is around it.
struct Scene<'t> {
    text: &'t str,
    at: usize,
    wanted: Wanted,
    depth: usize,
}

impl<'t> Scene<'t> {
    fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn say(&self, kind: SyntaxErrorKind, length: usize, message: impl Into<String>) -> Said {
        Said { kind, at: self.at, length, message: message.into(), hint: None }
    }

    /// The place behind which only blanks stand before the damage, and the byte before it.
    fn before(&self) -> (usize, u8) {
        let before = self.text.get(..self.at).unwrap_or_default().trim_end();
        (before.len(), before.bytes().last().unwrap_or(0))
    }

    /// Texts that were never meant as JSON.
    fn foreign(&self) -> Option<Said> {
        let body = self.text.strip_prefix('\u{feff}').unwrap_or(self.text);
        let body = body.trim_start();
        let whole = Scene { at: self.text.len() - body.len(), ..*self };
        if body.is_empty() {
            let said = whole.say(SyntaxErrorKind::Empty, 0, "there is nothing here");
            return Some(said.hint("a payload is expected, at least `{}`"));
        }
        if body.bytes().take(4).any(|byte| byte == 0) {
            let said = whole.say(SyntaxErrorKind::NotJson, 1, "this is UTF-16, or no text at all, not JSON");
            return Some(said.hint("write it as UTF-8"));
        }
        // Only a text that fails at its very beginning can be foreign.
        if self.at > whole.at + 1 || !matches!(self.wanted, Wanted::Value | Wanted::Digit | Wanted::EndOfText) {
            return None;
        }
        let lower: String = body.chars().take(16).collect::<String>().to_ascii_lowercase();
        let (what, hint) = if is_html(body) {
            ("an HTML page", "a gateway or a sign-in page answered in place of the service")
        } else if is_xml(body) {
            ("XML", "ask for `application/json`")
        } else if lower.starts_with("http/") || is_request_line(body) {
            ("an HTTP message", "take off everything before the body")
        } else if is_header_line(body) {
            ("a message with headers", "take off everything before the body")
        } else if lower.starts_with("--") {
            ("a multipart form", "judge its JSON part by itself, as `AttachmentMetadata`")
        } else if is_form(body) {
            ("a form", "the service's orders are sent and answered as JSON")
        } else {
            return None;
        };
        Some(whole.say(SyntaxErrorKind::NotJson, 1, format!("this is {what}, not JSON")).hint(hint))
    }

    /// What usually happens to JSON that people write, copy or cut.
    fn usual(&self) -> Option<Said> {
        if self.wanted == Wanted::FewerLevels {
            return Some(self.say(SyntaxErrorKind::TooDeep, 1, deeper_than(self.depth)));
        }
        let rest = self.rest();
        if rest.is_empty() {
            return Some(self.cut_off());
        }
        match self.wanted {
            Wanted::InText => return Some(self.in_text()),
            Wanted::Escape => return Some(self.escape()),
            Wanted::Digit => return Some(self.number()),
            _ => {}
        }
        self.by_next_character().or_else(|| self.by_what_was_wanted())
    }

    fn cut_off(&self) -> Said {
        let open = open_brackets(self.text);
        let place = |at: usize| {
            let place = Places::new(self.text.as_bytes()).at(at);
            format!("line {}, column {}", place.line, place.column)
        };
        let message = match (self.wanted, open.last()) {
            (Wanted::InText | Wanted::Escape, _) => "the payload ends within a text".to_owned(),
            (_, Some((b'[', at))) => format!("the payload ends within the array that begins at {}", place(*at)),
            (_, Some((_, at))) => format!("the payload ends within the object that begins at {}", place(*at)),
            _ => "the payload ends too early".to_owned(),
        };
        let closing: String = open.iter().rev().map(|(open, _)| if *open == b'[' { ']' } else { '}' }).collect();
        let said = self.say(SyntaxErrorKind::CutOff, 0, message);
        match closing.len() {
            0 => said.hint("it was cut off"),
            1..=8 => said.hint(format!("it was cut off; `{closing}` is missing at least")),
            count => said.hint(format!("it was cut off; {count} closing brackets are missing at least")),
        }
    }

    fn in_text(&self) -> Said {
        let opened = open_text(self.text, self.at).unwrap_or(self.at);
        let inside = self.text.get(opened..self.at).unwrap_or_default();
        if let Some((offset, quote)) = inside.char_indices().rev().find(|(_, letter)| is_typographic(*letter)) {
            let here = Scene { at: opened + offset, ..*self };
            return here.typographic(quote);
        }
        let control = self.rest().chars().next().unwrap_or_default();
        let said = self.say(
            SyntaxErrorKind::RawControl,
            control.len_utf8(),
            match control {
                '\n' | '\r' => "a line break within a text".to_owned(),
                '\t' => "a tab within a text".to_owned(),
                other => format!("the control character U+{:04X} within a text", u32::from(other)),
            },
        );
        match control {
            '\n' | '\r' => said.hint("the closing quote is likely missing; a line break itself is written `\\n`"),
            '\t' => said.hint("write `\\t`"),
            _ => said.hint("control characters are written as escapes, `\\u001f`"),
        }
    }

    fn typographic(&self, quote: char) -> Said {
        self.say(SyntaxErrorKind::WrongQuotes, quote.len_utf8(), format!("the typographic quote {quote}"))
            .hint("a word processor put it there: write `\"`")
    }

    fn escape(&self) -> Said {
        let escape: String = self.rest().chars().take(2).collect();
        let said = self.say(SyntaxErrorKind::WrongEscape, escape.len(), format!("`{escape}` is no escape of JSON"));
        if escape.eq_ignore_ascii_case("\\u") {
            said.hint("four hexadecimal digits belong behind `\\u`")
        } else {
            said.hint("write a backslash itself as `\\\\`")
        }
    }

    fn number(&self) -> Said {
        let said = self.say(SyntaxErrorKind::WrongNumber, 1, "this is no number of JSON");
        let rest = self.rest();
        if rest.starts_with("Infinity") {
            said.hint("JSON has no such number: leave the member out")
        } else if rest.starts_with('0') {
            said.hint("a number doesn't begin with 0; if it is an id, write it in quotes")
        } else {
            said.hint("a digit belongs here")
        }
    }

    /// What the character at the damage gives away.
    fn by_next_character(&self) -> Option<Said> {
        let rest = self.rest();
        let first = rest.chars().next()?;
        let said = match first {
            '/' if rest.starts_with("//") || rest.starts_with("/*") => {
                let end = if rest.starts_with("//") { rest.find('\n') } else { rest.find("*/").map(|at| at + 2) };
                let length = end.unwrap_or(rest.len());
                self.say(SyntaxErrorKind::Comment, length, "a comment").hint("JSON has no comments: take it out")
            }
            '#' => self.say(SyntaxErrorKind::Comment, 1, "a comment").hint("JSON has no comments: take it out"),
            quote if is_typographic(quote) => self.typographic(quote),
            '\'' | '`' => self
                .say(SyntaxErrorKind::WrongQuotes, 1, format!("the quote {first}"))
                .hint("texts and names of JSON stand between `\"`"),
            '<' => self
                .say(SyntaxErrorKind::Placeholder, rest.find('>').map_or(1, |at| at + 1), "a placeholder")
                .hint("put a value in its place"),
            '.' if rest[1..].starts_with(|next: char| next.is_ascii_digit()) => self
                .say(SyntaxErrorKind::WrongNumber, 1, "a number that begins with its point")
                .hint("write a 0 before it"),
            '.' | '…' => self
                .say(SyntaxErrorKind::Placeholder, rest.len() - rest.trim_start_matches(first).len(), "an ellipsis")
                .hint("something was left out here: put it in"),
            '?' if self.at == 0 && rest[1..].trim_start().starts_with(['{', '[']) => self
                .say(SyntaxErrorKind::Unexpected, 1, "a question mark before the payload")
                .hint("a byte order mark was read in a wrong encoding: take it out"),
            '\u{feff}' => self
                .say(SyntaxErrorKind::WrongBlank, first.len_utf8(), "a byte order mark where none belongs")
                .hint("one may stand at the very beginning: take this one out"),
            _ if first.is_whitespace() || is_invisible(first) => self
                .say(
                    SyntaxErrorKind::WrongBlank,
                    first.len_utf8(),
                    format!("the blank U+{:04X}, which is none to JSON", u32::from(first)),
                )
                .hint("it came along with a copied text: write an ordinary blank"),
            _ => return None,
        };
        Some(said)
    }

    /// What follows from what should have stood there.
    fn by_what_was_wanted(&self) -> Option<Said> {
        let rest = self.rest();
        let first = rest.chars().next()?;
        let (before, last) = self.before();
        let comma = |at: usize, message: &str| Said {
            kind: SyntaxErrorKind::StrayComma,
            at,
            length: 1,
            message: message.to_owned(),
            hint: Some("take it out".to_owned()),
        };
        match (self.wanted, first) {
            (Wanted::Name | Wanted::Value, '}' | ']') if last == b',' => {
                Some(comma(before - 1, "a comma before the closing bracket"))
            }
            (Wanted::Name | Wanted::Value | Wanted::NameOrEnd, ',') => {
                Some(comma(self.at, "a comma with nothing before it"))
            }
            (Wanted::Value, '}' | ']' | ':') => Some(
                self.say(SyntaxErrorKind::Unexpected, 1, "a value is missing before this").hint("put the value in"),
            ),
            (Wanted::NameOrEnd | Wanted::Name, '{' | '[') => Some(
                self.say(SyntaxErrorKind::WrongBracket, 1, format!("`{first}` where the name of a member belongs"))
                    .hint("the bracket before it is likely one too many"),
            ),
            (Wanted::NameOrEnd | Wanted::Name, _) if starts_word(first) => Some(
                self.say(SyntaxErrorKind::MissingQuotes, word_length(rest), "a name without quotes")
                    .hint(format!("write \"{}\"", &rest[..word_length(rest)])),
            ),
            (Wanted::CommaInObject | Wanted::CommaInArray, '}' | ']') => Some(self.bracket_mismatch(first)),
            (Wanted::CommaInObject | Wanted::CommaInArray, '"' | '{' | '[' | '-' | '0'..='9' | 't' | 'f' | 'n') => {
                Some(
                    self.say(SyntaxErrorKind::MissingComma, 1, "a comma is missing before this")
                        .hint("or a quote within the text before it is not written as `\\\"`"),
                )
            }
            (Wanted::CommaInObject | Wanted::CommaInArray, ';') => Some(
                self.say(SyntaxErrorKind::MissingComma, 1, "`;` where a comma belongs")
                    .hint("members and items are parted by `,`"),
            ),
            (Wanted::CommaInObject | Wanted::CommaInArray, _)
                if before == self.at && last.is_ascii_digit() && starts_word(first) =>
            {
                Some(
                    self.say(
                        SyntaxErrorKind::WrongNumber,
                        word_length(rest),
                        "this doesn't belong to a number of JSON",
                    )
                    .hint("JSON has decimal numbers only; anything else is written as a text, in quotes"),
                )
            }
            (Wanted::CommaInObject | Wanted::CommaInArray, _) if last == b'"' && starts_word(first) => Some(
                self.say(SyntaxErrorKind::WrongQuotes, word_length(rest), "a word behind the end of a text")
                    .hint("a quote before it is missing, or stands within a text and is not written as `\\\"`"),
            ),
            (Wanted::Colon, '=') => Some(
                self.say(SyntaxErrorKind::MissingColon, 1, "`=` where a colon belongs")
                    .hint("a name and its value are joined by `:`"),
            ),
            (Wanted::Colon, _) => Some(
                self.say(SyntaxErrorKind::MissingColon, first.len_utf8(), "a colon is missing before this")
                    .hint("a name and its value are joined by `:`"),
            ),
            (Wanted::EndOfText, '{' | '[') => Some(
                self.say(SyntaxErrorKind::TextBehind, 1, "another value behind the end of the payload")
                    .hint("a stream of payloads, one on each line, is judged line by line"),
            ),
            (Wanted::EndOfText, ':') => Some(
                self.say(SyntaxErrorKind::WrongBracket, 1, "a name and its value outside of an object")
                    .hint("the `{` at the beginning is missing"),
            ),
            (Wanted::EndOfText, _) => Some(
                self.say(SyntaxErrorKind::TextBehind, first.len_utf8(), "text behind the end of the payload")
                    .hint("a bracket was likely closed too early, or something came along when it was copied"),
            ),
            (Wanted::Value, '+') => {
                Some(self.say(SyntaxErrorKind::WrongNumber, 1, "a number with a plus sign").hint("leave the sign out"))
            }
            (Wanted::Value, _) if starts_word(first) => Some(self.bare_word(&rest[..word_length(rest)])),
            _ => None,
        }
    }

    fn bracket_mismatch(&self, closing: char) -> Said {
        let (open, wanted) = if closing == '}' { ("array", ']') } else { ("object", '}') };
        self.say(SyntaxErrorKind::WrongBracket, 1, format!("`{closing}` closes an {open}"))
            .hint(format!("`{wanted}` is missing before it"))
    }

    fn bare_word(&self, word: &str) -> Said {
        let length = word.len();
        match word {
            "True" | "TRUE" | "False" | "FALSE" | "None" | "NULL" | "Null" | "undefined" | "nil" => {
                let meant = match word.as_bytes()[0] {
                    b'T' => "true",
                    b'F' => "false",
                    _ => "null",
                };
                self.say(SyntaxErrorKind::MissingQuotes, length, format!("`{word}` is no word of JSON"))
                    .hint(format!("write `{meant}`"))
            }
            "NaN" | "Infinity" | "inf" | "nan" => self
                .say(SyntaxErrorKind::WrongNumber, length, format!("`{word}` is no number of JSON"))
                .hint("JSON has no such number: leave the member out"),
            _ => self
                .say(SyntaxErrorKind::MissingQuotes, length, "a text without quotes")
                .hint(format!("write \"{word}\" if it is meant as text")),
        }
    }

    fn unexpected(&self) -> Said {
        let first = self.rest().chars().next().unwrap_or_default();
        let wanted = match self.wanted {
            Wanted::Value => "a value",
            Wanted::NameOrEnd => "a name or `}`",
            Wanted::Name => "a name",
            Wanted::Colon => "a colon",
            Wanted::CommaInObject => "a comma or `}`",
            Wanted::CommaInArray => "a comma or `]`",
            Wanted::EndOfText => "the end",
            Wanted::InText | Wanted::Escape => "the rest of a text",
            Wanted::Digit => "a digit",
            Wanted::FewerLevels => "fewer levels",
        };
        self.say(SyntaxErrorKind::Unexpected, first.len_utf8(), format!("`{first}` where {wanted} belongs"))
    }
}

impl Said {
    fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

fn is_request_line(body: &str) -> bool {
    let mut words = body.lines().next().unwrap_or_default().split(' ');
    let method = words.next().is_some_and(|word| matches!(word, "GET" | "POST" | "PUT" | "PATCH" | "DELETE"));
    method && words.next_back().is_some_and(|word| word.starts_with("HTTP/"))
}

/// `Content-Type: application/json`, as a header or before a part of a form.
fn is_header_line(body: &str) -> bool {
    let name = body.lines().next().and_then(|line| line.split_once(": ")).map_or("", |(name, _)| name);
    name.contains('-') && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

/// So many bytes at the beginning of a page tell what it is.
const BEGINNING: usize = 1024;

fn is_html(body: &str) -> bool {
    let beginning = body.as_bytes()[..body.len().min(BEGINNING)].to_ascii_lowercase();
    let marks: [&[u8]; 4] = [b"<!doctype html", b"<html", b"<head", b"<body"];
    body.starts_with('<') && marks.iter().any(|mark| beginning.windows(mark.len()).any(|part| part == *mark))
}

/// A prologue, or an element that is closed again; `<your order>` alone is a placeholder.
fn is_xml(body: &str) -> bool {
    body.starts_with("<?xml") || (body.starts_with('<') && (body.contains("</") || body.trim_end().ends_with("/>")))
}

/// `grant_type=client_credentials&scope=…`
fn is_form(body: &str) -> bool {
    let body = body.trim_end();
    let fields = body.split('&').all(|field| {
        let name = field.split_once('=').map_or("", |(name, _)| name);
        !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-.%+[]".contains(&byte))
    });
    fields && !body.contains(|letter: char| letter.is_whitespace() || matches!(letter, '"' | '{'))
}

fn is_typographic(letter: char) -> bool {
    matches!(letter, '\u{2018}'..='\u{201f}')
}

fn starts_word(letter: char) -> bool {
    letter.is_alphabetic() || matches!(letter, '_' | '$')
}

fn word_length(text: &str) -> usize {
    text.find(|letter: char| !(letter.is_alphanumeric() || matches!(letter, '_' | '$' | '-'))).unwrap_or(text.len())
}

/// Characters without width, other than those that count as blanks.
fn is_invisible(letter: char) -> bool {
    matches!(letter, '\u{feff}' | '\u{200b}'..='\u{200f}' | '\u{2060}')
}

/// The brackets that are open at the end of a text that is JSON up to there, with their places.
fn open_brackets(text: &str) -> Vec<(u8, usize)> {
    let mut open = Vec::new();
    outside_texts(text, |at, byte| match byte {
        b'{' | b'[' => open.push((byte, at)),
        b'}' | b']' => drop(open.pop()),
        _ => {}
    });
    open
}

/// Where the text that is open at `end` begins, behind its quote.
fn open_text(text: &str, end: usize) -> Option<usize> {
    outside_texts(text.get(..end)?, |_, _| {}).map(|quote| quote + 1)
}

/// Visits every byte outside of texts; gives the quote of the one that is open at the end.
fn outside_texts(text: &str, mut visit: impl FnMut(usize, u8)) -> Option<usize> {
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
