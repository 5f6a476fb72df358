//! Comparison of JSON texts by their values.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::number::Exact;
use super::{members, unescaped};
use crate::runtime::reader::{Reader, Rejected};

/// Whether two JSON texts have the same value: numbers are compared by their exact values, and objects without regard to the
/// order of their members, of which the last of each name counts.
pub(in crate::runtime) fn equal(one: &str, other: &str) -> bool {
    one == other || Tree::of(one) == Tree::of(other)
}

#[derive(PartialEq)]
enum Tree<'a> {
    Word(&'a str),
    Number(Exact<'a>),
    Text(Result<Cow<'a, str>, &'a str>),
    Array(Vec<Tree<'a>>),
    Object(BTreeMap<Result<Cow<'a, str>, &'a str>, Tree<'a>>),
}

impl<'a> Tree<'a> {
    fn of(text: &'a str) -> Self {
        // Texts are checked before they get here.
        Self::read(&mut Reader::unlimited(text)).unwrap_or(Self::Word(text))
    }

    fn read(reader: &mut Reader<'a>) -> Result<Self, Rejected> {
        match reader.blank() {
            b'"' => reader.raw().map(|token| Self::Text(unescaped(token))),
            b'{' => {
                let members = members(reader)?.into_iter();
                Ok(Self::Object(members.map(|(name, value)| (unescaped(name), Self::of(value))).collect()))
            }
            b'[' => {
                let mut elements = Vec::new();
                reader.array(|reader| {
                    elements.push(Self::read(reader)?);
                    Ok(())
                })?;
                Ok(Self::Array(elements))
            }
            b't' | b'f' | b'n' => reader.raw().map(Self::Word),
            _ => reader.raw().map(|spelling| Self::Number(Exact::of(spelling))),
        }
    }
}
