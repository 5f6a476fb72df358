//! A node of the contract together with the way to it.

use serde::Serialize;

use crate::load::{Document, MAX_REFERENCES, Node};
use crate::pointer::{escaped, unescaped};

/// The pointer of the schemas.
pub const SCHEMAS: &str = "/components/schemas";
const SCHEMA_REFERENCE: &str = "#/components/schemas/";

/// A location in a contract.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct Location {
    /// The file, as people name it.
    pub file: String,
    /// JSON pointer.
    pub pointer: String,
    /// Line, from 1.
    pub line: usize,
    /// Whether the changed part is there; otherwise this is the part that contains its location.
    pub present: bool,
}

/// A node of a contract, with the way to it.
#[derive(Clone, Debug)]
pub struct Site<'a> {
    /// The document.
    pub document: &'a Document,
    /// The node.
    pub node: &'a Node,
    /// The JSON pointer.
    pub pointer: String,
    /// The line, from 1.
    pub line: usize,
}

impl<'a> Site<'a> {
    /// The whole of a document.
    pub fn root(document: &'a Document) -> Self {
        Self { document, node: document.tree(), pointer: String::new(), line: 1 }
    }

    /// The value at a JSON pointer.
    pub fn at(document: &'a Document, pointer: &str) -> Option<Self> {
        let (parent, key) = pointer.rsplit_once('/')?;
        let key = unescaped(key);
        let parent = document.pointer(parent)?;
        let (node, line) = match parent.entry(&key) {
            Some(entry) => (&entry.value, entry.key.span.line),
            None => parent.elements().nth(key.parse().ok()?).map(|node| (node, node.span.line))?,
        };
        Some(Self { document, node, pointer: pointer.to_owned(), line })
    }

    /// The schema of that name.
    pub fn schema(document: &'a Document, name: &str) -> Option<Self> {
        Self::at(document, &format!("{SCHEMAS}/{}", escaped(name)))
    }

    /// The value under a key.
    pub fn get(&self, key: &str) -> Option<Self> {
        let entry = self.node.entry(key)?;
        Some(Self {
            document: self.document,
            node: &entry.value,
            pointer: format!("{}/{}", self.pointer, escaped(key)),
            line: entry.key.span.line,
        })
    }

    /// All entries of an object.
    pub fn entries(&self) -> impl Iterator<Item = (&'a str, Self)> {
        let Self { document, node, pointer, .. } = self.clone();
        node.entries().map(move |entry| {
            let key = entry.key.text.as_str();
            let pointer = format!("{pointer}/{}", escaped(key));
            (key, Self { document, node: &entry.value, pointer, line: entry.key.span.line })
        })
    }

    /// All elements of a list.
    pub fn elements(&self) -> impl Iterator<Item = Self> {
        let Self { document, node, pointer, .. } = self.clone();
        node.elements().enumerate().map(move |(index, node)| Self {
            document,
            node,
            pointer: format!("{pointer}/{index}"),
            line: node.entries().next().map_or(node.span.line, |first| first.key.span.line),
        })
    }

    /// The text under a key.
    pub fn text(&self, key: &str) -> Option<&'a str> {
        self.node.get(key)?.as_str()
    }

    /// Whether the value under a key is `true`.
    pub fn flag(&self, key: &str) -> bool {
        self.node.get(key).and_then(Node::as_bool) == Some(true)
    }

    /// The texts of the list under a key.
    pub fn texts(&self, key: &str) -> Vec<&'a str> {
        self.node.get(key).into_iter().flat_map(Node::elements).filter_map(Node::as_str).collect()
    }

    /// The target of a `$ref` at this location.
    pub fn reference(&self) -> Option<&'a str> {
        self.text("$ref")
    }

    /// The name of the schema that a `$ref` at this location leads to.
    pub fn schema_reference(&self) -> Option<&'a str> {
        self.reference()?.strip_prefix(SCHEMA_REFERENCE).filter(|name| !name.contains('/'))
    }

    /// The value behind all references.
    #[must_use]
    pub fn resolved(&self) -> Self {
        let mut site = self.clone();
        for _ in 0..MAX_REFERENCES {
            let Some(target) = site.reference().and_then(|target| target.strip_prefix('#')) else { break };
            let Some(next) = Self::at(self.document, target) else { break };
            site = next;
        }
        site
    }

    /// This location, as that of the changed part.
    pub fn location(&self) -> Location {
        let file = self.document.name().to_owned();
        Location { file, pointer: self.pointer.clone(), line: self.line, present: true }
    }

    /// This location, as that of the part that contains something absent.
    pub fn around(&self) -> Location {
        Location { present: false, ..self.location() }
    }
}
