//! The error of a payload that is not JSON.

use std::fmt;

use serde::Serialize;

use crate::escaped::Escaped;
use crate::finding::Location;

/// The kind of a syntax error; its codes are stable, for programs to match on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum SyntaxErrorKind {
    /// The payload is empty.
    Empty,
    /// The bytes are not UTF-8.
    NotUtf8,
    /// The payload has another format: HTML, XML, a form, an HTTP message.
    NotJson,
    /// The payload ends too early.
    CutOff,
    /// Arrays and objects nest deeper than allowed.
    TooDeep,
    /// Something follows the end of the payload.
    TrailingText,
    /// A comment.
    Comment,
    /// A placeholder of documentation: `...`, `<string>`, `{...}`.
    Placeholder,
    /// A comma or colon is missing, or a comma is superfluous.
    WrongSeparator,
    /// A bracket is missing, superfluous, or of the wrong kind.
    WrongBracket,
    /// Quotes are missing, or other quotes than `"` are used.
    WrongQuotes,
    /// A string contains an invalid escape or an unescaped control character.
    WrongString,
    /// A number is not written as JSON requires.
    WrongNumber,
    /// Anything else that JSON doesn't allow.
    Unexpected,
    /// A value in memory can't be written as JSON.
    Unwritable,
}

impl SyntaxErrorKind {
    /// Returns the code as text: `wrong_separator`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::NotUtf8 => "not_utf8",
            Self::NotJson => "not_json",
            Self::CutOff => "cut_off",
            Self::TooDeep => "too_deep",
            Self::TrailingText => "trailing_text",
            Self::Comment => "comment",
            Self::Placeholder => "placeholder",
            Self::WrongSeparator => "wrong_separator",
            Self::WrongBracket => "wrong_bracket",
            Self::WrongQuotes => "wrong_quotes",
            Self::WrongString => "wrong_string",
            Self::WrongNumber => "wrong_number",
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

/// A payload can't be validated: where its text stops being JSON, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct SyntaxError {
    /// The kind of error.
    pub kind: SyntaxErrorKind,
    /// The location of the error.
    pub location: Location,
    /// The number of bytes concerned, from that location on.
    pub length: usize,
    /// A description of the error.
    pub message: String,
    /// The likely cause, or the remedy.
    pub hint: Option<String>,
}

impl std::error::Error for SyntaxError {}

/// One line, control characters escaped: `3:1 trailing comma (wrong_separator); delete it`.
impl fmt::Display for SyntaxError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{} {} ({})", self.location.line, self.location.column, Escaped(&self.message), self.kind)?;
        match &self.hint {
            Some(hint) => write!(f, "; {}", Escaped(hint)),
            None => Ok(()),
        }
    }
}
