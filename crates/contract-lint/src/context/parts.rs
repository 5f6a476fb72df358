//! What a contract consists of: its objects, references, operations, parameters and responses, each with where to point for it.

use contract::load::{Entry, Node};
use contract::source::Span;

use crate::grammar::{Kind, Shape};

/// An object of the contract.
#[derive(Clone, Copy, Debug)]
pub struct SpecObject<'a> {
    /// What it is.
    pub kind: Kind,
    /// The object, or the `$ref` that replaces it.
    pub node: &'a Node,
    /// The entry that holds it; none for the elements of a list and the root.
    pub entry: Option<&'a Entry>,
    /// The object around it, as an index of [`Context::objects`].
    pub parent: Option<usize>,
    /// The field of the object around it under which it hangs, `properties` for instance.
    pub field: &'a str,
    /// Whether it is, or lies inside, a schema that a hand-written wire type replaces.
    pub replaced: bool,
}

impl SpecObject<'_> {
    /// Where to point for the object as a whole.
    pub fn span(&self) -> Span {
        match self.entry {
            Some(entry) => entry.key.span,
            None => inner_span(self.node),
        }
    }

    /// Its key, if it has one.
    pub fn name(&self) -> Option<&str> {
        self.entry.map(|entry| entry.key.text.as_str())
    }
}

/// Where to point for a value: for a block mapping, its first key.
pub(crate) fn inner_span(node: &Node) -> Span {
    if node.span.length > 0 {
        return node.span;
    }
    node.entries().next().map_or(node.span, |first| first.key.span)
}

/// What is wrong with the outer form of an object.
#[derive(Clone, Copy, Debug)]
pub enum Fault<'a> {
    /// A key that the specification doesn't know.
    UnknownKey(Kind, &'a Entry),
    /// A value of the wrong JSON kind, with the entry that holds it, if one does.
    WrongKind(Kind, Shape, Option<&'a Entry>, &'a Node),
    /// A word that the field doesn't allow.
    UnknownWord(&'static [&'static str], &'a Entry),
    /// A field that the object must have, and the object's position.
    Missing(Kind, &'static str, Span),
}

/// A `$ref`.
#[derive(Clone, Copy, Debug)]
pub struct Reference<'a> {
    /// What its end must be.
    pub kind: Kind,
    /// The object that holds it.
    pub node: &'a Node,
    /// The `$ref` itself.
    pub entry: &'a Entry,
}

impl<'a> Reference<'a> {
    /// Where it leads, if it is text.
    pub fn target(&self) -> Option<&'a str> {
        self.entry.value.as_str()
    }
}

/// An operation, with the path around it.
#[derive(Clone, Copy, Debug)]
pub struct Operation<'a> {
    /// The path template.
    pub path: &'a Entry,
    /// The method and the operation object.
    pub entry: &'a Entry,
}

impl<'a> Operation<'a> {
    /// The operation object.
    pub fn node(&self) -> &'a Node {
        &self.entry.value
    }

    /// The method, in small letters.
    pub fn method(&self) -> &'a str {
        &self.entry.key.text
    }

    /// The `operationId`, if it is text.
    pub fn id(&self) -> Option<&'a str> {
        self.node().get("operationId")?.as_str()
    }

    /// Where to point for the operation as a whole: its id, or else its method.
    pub fn span(&self) -> Span {
        self.node().entry("operationId").map_or(self.entry.key.span, Entry::value_span)
    }

    /// What messages call it.
    pub fn title(&self) -> String {
        match self.id() {
            Some(id) => format!("`{id}`"),
            None => format!("`{} {}`", self.method().to_ascii_uppercase(), self.path.key.text),
        }
    }
}

/// A parameter as an operation or path declares it.
#[derive(Clone, Copy, Debug)]
pub struct Declared<'a> {
    /// The element of the list: the parameter, or a reference to one.
    pub element: &'a Node,
    /// The parameter itself.
    pub node: &'a Node,
}

impl<'a> Declared<'a> {
    /// The parameter's name.
    pub fn name(&self) -> Option<&'a str> {
        self.node.get("name")?.as_str()
    }

    /// Where it travels: `path`, `query`, `header`, `cookie`.
    pub fn location(&self) -> Option<&'a str> {
        self.node.get("in")?.as_str()
    }

    /// Where to point in the list that declares it.
    pub fn span(&self) -> Span {
        match self.element.entry("$ref").or_else(|| self.element.entry("name")) {
            Some(entry) => entry.value_span(),
            None => inner_span(self.element),
        }
    }
}

/// A response of an operation.
#[derive(Clone, Copy, Debug)]
pub struct Response<'a> {
    /// The status and the value under it.
    pub entry: &'a Entry,
    /// The response, behind any reference.
    pub node: &'a Node,
}

impl<'a> Response<'a> {
    /// The status: `200`, `4XX`, `default`.
    pub fn status(&self) -> &'a str {
        &self.entry.key.text
    }

    /// Whether this is a success.
    pub fn is_success(&self) -> bool {
        self.is_of_class('2')
    }

    /// Whether this is an error response.
    pub fn is_error(&self) -> bool {
        self.is_of_class('4') || self.is_of_class('5')
    }

    /// Whether the status begins with a digit and is one at all.
    pub fn is_of_class(&self, class: char) -> bool {
        self.status().len() == 3 && self.status().starts_with(class)
    }

    /// The media types of its body.
    pub fn content(&self) -> std::slice::Iter<'a, Entry> {
        self.node.get("content").map_or_else(|| [].iter(), Node::entries)
    }

    /// The schema of its JSON body.
    pub fn json_schema(&self) -> Option<&'a Node> {
        self.content().find(|media| is_json(&media.key.text))?.value.get("schema")
    }
}

/// Whether a media type is the one that the generated code reads as JSON.
pub(crate) fn is_json(media_type: &str) -> bool {
    media_type == "application/json" || media_type.starts_with("application/json;")
}
