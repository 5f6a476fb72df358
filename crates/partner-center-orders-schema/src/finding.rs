//! What is wrong with a payload that is sound JSON.

use std::fmt;

use serde::Serialize;

use crate::escaped::Escaped;

/// A place in the source text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[non_exhaustive]
pub struct Location {
    /// Bytes before it, from the very start of the text; a byte order mark counts.
    pub offset: usize,
    /// The line, from 1. Lines end with a line feed.
    pub line: usize,
    /// The column, from 1, in characters (Unicode scalar values); a byte order mark doesn't count.
    pub column: usize,
}

/// What kind of finding it is; the codes are stable, for machines to match on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Code {
    /// A value of another kind than the contract has there, such as a text in place of a number.
    WrongType,
    /// `null` where the contract demands a value.
    NullValue,
    /// A member that has to be there isn't.
    MissingMember,
    /// A member that the contract doesn't know. Strict reading only.
    UnknownMember,
    /// A member in a request that only the service sets. Strict reading only.
    ReadOnlyMember,
    /// The same member twice; readers differ in which one they take. In requests names are the same in any letter case.
    DuplicateMember,
    /// A value that the contract doesn't list, or lists in another letter case. For open lists in strict reading only.
    UnknownValue,
    /// A number below or above the contract's bounds.
    OutOfBounds,
    /// A number beyond the range of a double, which readers turn into infinity or refuse.
    NumberTooLarge,
    /// A text with fewer or more characters than the contract has it.
    TextLength,
    /// An array with fewer or more items than the contract has it.
    ItemCount,
    /// A text that is no date. In answers in strict reading only.
    UnreadableDate,
    /// A date without an offset, which names no moment. Strict reading only.
    DateWithoutOffset,
    /// A text that holds half a character (`\ud83d` alone), which many readers can't hold.
    LoneSurrogate,
}

impl Code {
    /// The code as text: `missing_member`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::WrongType => "wrong_type",
            Self::NullValue => "null_value",
            Self::MissingMember => "missing_member",
            Self::UnknownMember => "unknown_member",
            Self::ReadOnlyMember => "read_only_member",
            Self::DuplicateMember => "duplicate_member",
            Self::UnknownValue => "unknown_value",
            Self::OutOfBounds => "out_of_bounds",
            Self::NumberTooLarge => "number_too_large",
            Self::TextLength => "text_length",
            Self::ItemCount => "item_count",
            Self::UnreadableDate => "unreadable_date",
            Self::DateWithoutOffset => "date_without_offset",
            Self::LoneSurrogate => "lone_surrogate",
        }
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One thing that is wrong, and where.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Finding {
    /// What kind of finding it is.
    pub code: Code,
    /// The JSON pointer of the value; for a missing member, of where it should stand.
    pub pointer: String,
    /// The pointer with `*` for each place in an array, so that the same finding on many items is one.
    pub pattern: String,
    /// Where in the text; nothing for a value that was never text. A missing member's place is that of its object.
    pub place: Option<Location>,
    /// How many bytes of the text it is about, from that place on; 0 without a place.
    pub length: usize,
    /// The schema that rules there: the innermost one with a name.
    pub schema: &'static str,
    /// What the contract has there.
    pub expected: String,
    /// What stands there; a long value is cut short.
    pub found: String,
    /// What the contract says about it.
    pub description: Option<&'static str>,
    /// What was likely meant.
    pub suggestion: Option<String>,
}

/// One line, control characters escaped: `3:17 /lineItems/0/quantity: expected an integer, found "5" (wrong_type); write 5 without quotes`.
impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(place) = self.place {
            write!(f, "{}:{} ", place.line, place.column)?;
        }
        let pointer = if self.pointer.is_empty() { "(the whole)" } else { &self.pointer };
        write!(f, "{}: expected {}, found {} ({})", Escaped(pointer), self.expected, Escaped(&self.found), self.code)?;
        match &self.suggestion {
            Some(suggestion) => write!(f, "; {}", Escaped(suggestion)),
            None => Ok(()),
        }
    }
}

/// All findings about one payload, in the order of their places.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Report {
    /// The findings.
    pub findings: Vec<Finding>,
    /// How many more there are than were kept.
    pub more: usize,
}

impl Report {
    /// Whether there is nothing to report.
    pub fn is_valid(&self) -> bool {
        self.findings.is_empty() && self.more == 0
    }
}

/// One line for each finding.
impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, finding) in self.findings.iter().enumerate() {
            if at > 0 {
                writeln!(f)?;
            }
            write!(f, "{finding}")?;
        }
        if self.more > 0 {
            write!(f, "\nand {} more", self.more)?;
        }
        Ok(())
    }
}
