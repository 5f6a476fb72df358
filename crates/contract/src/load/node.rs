//! The tree that a contract is read into: JSON values with their positions.

use std::collections::HashMap;

use crate::source::Span;

/// A value and its position.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// The value itself.
    pub value: Value,
    /// Where. For a block mapping or sequence: its first character, without extent.
    pub span: Span,
}

/// A YAML value of the core schema, which is a JSON value.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// `null`, `~`, or nothing at all.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// An integer that fits 128 bits.
    Int(i128),
    /// Any other number; always finite.
    Float(f64),
    /// Text.
    String(String),
    /// A sequence.
    Seq(Vec<Node>),
    /// A mapping, in the order of the text.
    Map(Mapping),
}

/// The key of a mapping's entry.
#[derive(Clone, Debug, PartialEq)]
pub struct Key {
    /// The key as text; keys such as `200` are taken as written.
    pub text: String,
    /// Its position.
    pub span: Span,
}

/// One entry of a mapping.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// The key.
    pub key: Key,
    /// The value.
    pub value: Node,
}

impl Entry {
    /// The position to show for this entry's value: the value itself if it has an extent, else the key.
    pub fn value_span(&self) -> Span {
        if self.value.span.length == 0 { self.key.span } else { self.value.span }
    }
}

/// A mapping without duplicate keys.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Mapping {
    entries: Vec<Entry>,
    index: HashMap<String, usize>,
}

/// Up to this many entries a scan is as quick as a hash.
const INDEX_FROM: usize = 12;

impl Mapping {
    /// Adds an entry, or returns its key with the position of the first one if the key is taken.
    pub(super) fn insert(&mut self, entry: Entry) -> Result<(), (Key, Span)> {
        if let Some(first) = self.entry(&entry.key.text) {
            let position = first.key.span;
            return Err((entry.key, position));
        }
        if !self.index.is_empty() {
            self.index.insert(entry.key.text.clone(), self.entries.len());
        }
        self.entries.push(entry);
        if self.index.is_empty() && self.entries.len() >= INDEX_FROM {
            self.index =
                self.entries.iter().enumerate().map(|(position, entry)| (entry.key.text.clone(), position)).collect();
        }
        Ok(())
    }

    /// The entry with this key.
    pub fn entry(&self, key: &str) -> Option<&Entry> {
        if self.index.is_empty() {
            self.entries.iter().find(|entry| entry.key.text == key)
        } else {
            self.index.get(key).map(|position| &self.entries[*position])
        }
    }

    /// The value under this key.
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.entry(key).map(|entry| &entry.value)
    }

    /// Whether there is an entry with this key.
    pub fn contains(&self, key: &str) -> bool {
        self.entry(key).is_some()
    }

    /// All entries, in the order of the text.
    pub fn iter(&self) -> std::slice::Iter<'_, Entry> {
        self.entries.iter()
    }

    /// How many entries there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is no entry.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
}

impl<'a> IntoIterator for &'a Mapping {
    type Item = &'a Entry;
    type IntoIter = std::slice::Iter<'a, Entry>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl Node {
    /// The text, if this is a string.
    pub fn as_str(&self) -> Option<&str> {
        if let Value::String(text) = &self.value { Some(text) } else { None }
    }

    /// The boolean, if this is one.
    pub fn as_bool(&self) -> Option<bool> {
        if let Value::Bool(value) = self.value { Some(value) } else { None }
    }

    /// The number, if this is one.
    #[expect(clippy::cast_precision_loss, reason = "used to compare bounds and defaults, where a rounded value serves")]
    pub fn as_f64(&self) -> Option<f64> {
        match self.value {
            Value::Int(value) => Some(value as f64),
            Value::Float(value) => Some(value),
            _ => None,
        }
    }

    /// The elements, if this is a sequence.
    pub fn as_seq(&self) -> Option<&[Node]> {
        if let Value::Seq(elements) = &self.value { Some(elements) } else { None }
    }

    /// The mapping, if this is one.
    pub fn as_map(&self) -> Option<&Mapping> {
        if let Value::Map(mapping) = &self.value { Some(mapping) } else { None }
    }

    /// The value under a key, if this is a mapping that has it.
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.as_map()?.get(key)
    }

    /// The entry with a key, if this is a mapping that has it.
    pub fn entry(&self, key: &str) -> Option<&Entry> {
        self.as_map()?.entry(key)
    }

    /// The entries; empty if this is not a mapping.
    pub fn entries(&self) -> std::slice::Iter<'_, Entry> {
        self.as_map().map_or_else(|| [].iter(), Mapping::iter)
    }

    /// The elements; empty if this is not a sequence.
    pub fn elements(&self) -> std::slice::Iter<'_, Node> {
        self.as_seq().unwrap_or_default().iter()
    }

    /// What kind of JSON value this is, in words.
    pub fn kind(&self) -> &'static str {
        match self.value {
            Value::Null => "null",
            Value::Bool(_) => "a boolean",
            Value::Int(_) => "an integer",
            Value::Float(_) => "a number",
            Value::String(_) => "a string",
            Value::Seq(_) => "an array",
            Value::Map(_) => "an object",
        }
    }

    /// Whether two nodes hold the same JSON value; positions and the order of members don't count.
    pub fn same_value(&self, other: &Self) -> bool {
        match (&self.value, &other.value) {
            (Value::Seq(left), Value::Seq(right)) => {
                left.len() == right.len() && left.iter().zip(right).all(|(left, right)| left.same_value(right))
            }
            (Value::Map(left), Value::Map(right)) => {
                left.len() == right.len()
                    && left
                        .iter()
                        .all(|entry| right.get(&entry.key.text).is_some_and(|other| entry.value.same_value(other)))
            }
            (Value::Int(_) | Value::Float(_), Value::Int(_) | Value::Float(_)) => self.as_f64() == other.as_f64(),
            (left, right) => left == right,
        }
    }
}
