//! Findings: what departs from the contract in a payload that is valid JSON.

use std::fmt;

use serde::Serialize;

use crate::escaped::Escaped;

/// A location in the text of a payload.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[non_exhaustive]
pub struct Location {
    /// The bytes before it, from the start of the text; a byte order mark counts.
    pub offset: usize,
    /// The line, from 1. Lines end with a line feed.
    pub line: usize,
    /// The column, from 1, in characters (Unicode scalar values); a byte order mark doesn't count.
    pub column: usize,
}

/// The kind of a finding; its codes are stable, for programs to match on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Code {
    /// A value has another type than in the contract, such as a string instead of a number.
    WrongType,
    /// `null` where the contract requires a value.
    NullValue,
    /// A required member is missing.
    MissingMember,
    /// A request that has to be the whole of a resource leaves out a member that the service then resets, and is evidently not
    /// the whole. Found by [`Validator::of_request`](crate::Validator::of_request).
    ResetByOmission,
    /// The contract doesn't know the member. Strict validation only.
    UnknownMember,
    /// A request contains a member that only the service sets. Strict validation only.
    ReadOnlyMember,
    /// A member occurs twice; readers differ in which one they take. Names in requests are equal in any letter case.
    DuplicateMember,
    /// The contract doesn't list the value, or lists it in another letter case. Strict validation only, for open lists.
    UnknownValue,
    /// A number is below or above the contract's bounds.
    OutOfBounds,
    /// A number is beyond the range of a double; readers turn it into infinity or reject it.
    NumberTooLarge,
    /// A string has fewer or more characters than the contract allows.
    TextLength,
    /// An array has fewer or more items than the contract allows.
    ItemCount,
    /// A string is not a date. Strict validation only, for responses.
    UnreadableDate,
    /// A date has no offset and so doesn't identify a moment. Strict validation only.
    DateWithoutOffset,
    /// A string contains a lone surrogate (`\ud83d` alone), which many readers can't represent.
    LoneSurrogate,
}

impl Code {
    /// Returns the code as text: `missing_member`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::WrongType => "wrong_type",
            Self::NullValue => "null_value",
            Self::MissingMember => "missing_member",
            Self::ResetByOmission => "reset_by_omission",
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

/// A departure from the contract, and its location.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Finding {
    /// The kind of finding.
    pub code: Code,
    /// The JSON pointer of the value; for a missing member, the pointer that it would have.
    pub pointer: String,
    /// The pointer with `*` for each index of an array, equal for the same finding on many items.
    pub pattern: String,
    /// The location in the text; `None` for a value in memory. A missing member is located at its object.
    pub location: Option<Location>,
    /// The number of bytes concerned, from that location on; 0 without a location.
    pub length: usize,
    /// The innermost named schema that applies to the value.
    pub schema: &'static str,
    /// The value that the contract expects.
    pub expected: String,
    /// The value in the payload; a long one is shortened.
    pub found: String,
    /// The contract's description of the value.
    pub description: Option<&'static str>,
    /// The likely intention.
    pub suggestion: Option<String>,
}

/// One line, control characters escaped: `3:17 /lineItems/0/quantity: expected an integer, found "5" (wrong_type); write 5 without quotes`.
impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(location) = self.location {
            write!(f, "{}:{} ", location.line, location.column)?;
        }
        let pointer = if self.pointer.is_empty() { "(the whole)" } else { &self.pointer };
        write!(f, "{}: expected {}, found {} ({})", Escaped(pointer), self.expected, Escaped(&self.found), self.code)?;
        match &self.suggestion {
            Some(suggestion) => write!(f, "; {}", Escaped(suggestion)),
            None => Ok(()),
        }
    }
}

/// The findings about one payload, by location.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Report {
    /// The findings, at most [`Limits::findings`](crate::Limits::findings).
    pub findings: Vec<Finding>,
    /// The number of findings beyond that limit, which are counted and not kept.
    pub omitted: usize,
}

impl Report {
    /// Whether the payload is valid.
    pub fn is_valid(&self) -> bool {
        self.findings.is_empty() && self.omitted == 0
    }

    /// Whether there are more findings than were kept.
    pub fn is_truncated(&self) -> bool {
        self.omitted > 0
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
        if self.is_truncated() {
            write!(f, "\nand {} more", self.omitted)?;
        }
        Ok(())
    }
}
