//! The contract as rules look at it: its objects by kind, its operations, and what references lead to.

mod parts;

use std::collections::HashSet;

use contract::load::{Document, Entry, MAX_REFERENCES, Node, Value};
use contract::operations::is_method;

pub(crate) use self::parts::{Declared, Fault, Operation, Reference, Response, SpecObject, inner_span, is_json};
use super::grammar::{Kind, Shape};

/// Marks a schema that a hand-written wire type replaces.
pub(super) const WIRE_TYPE: &str = "x-rust-wire";
/// Marks an enum whose list may grow at any time.
pub(super) const OPEN_ENUM: &str = "x-extensible-enum";

/// The contract as rules look at it.
pub struct Context<'a> {
    /// The contract.
    pub document: &'a Document,
    /// Its tree.
    pub root: &'a Node,
    /// All objects, outer before inner, in the order of the text.
    pub objects: Vec<SpecObject<'a>>,
    /// All references.
    pub references: Vec<Reference<'a>>,
    /// What is wrong with the outer form.
    pub faults: Vec<Fault<'a>>,
    /// All operations.
    pub operations: Vec<Operation<'a>>,
    /// The schemas that a body of a response is read by.
    pub read: Reached,
    /// The schemas that a body of a request is written by.
    pub written: Reached,
}

impl<'a> Context<'a> {
    /// Looks a contract through once.
    pub fn new(document: &'a Document) -> Self {
        let root = document.tree();
        let mut context = Self {
            document,
            root,
            objects: Vec::new(),
            references: Vec::new(),
            faults: Vec::new(),
            operations: Vec::new(),
            read: Reached::default(),
            written: Reached::default(),
        };
        context.object(SpecObject {
            kind: Kind::Root,
            node: root,
            entry: None,
            parent: None,
            field: "",
            replaced: false,
        });
        let paths = root.get("paths").map_or_else(|| [].iter(), Node::entries);
        context.operations = paths
            .filter(|path| path.key.text.starts_with('/'))
            .flat_map(|path| {
                let operations = path.value.entries().filter(|entry| is_method(&entry.key.text));
                operations.map(move |entry| Operation { path, entry })
            })
            .collect();
        let bodies = |holders: Vec<&'a Node>| -> Vec<&'a Node> {
            let media = holders.into_iter().filter_map(|holder| holder.get("content")).flat_map(Node::entries);
            media.filter_map(|media| media.value.get("schema")).collect()
        };
        let operations = &context.operations;
        let responses =
            operations.iter().flat_map(|operation| context.responses(operation)).map(|response| response.node);
        let requests = operations.iter().filter_map(|operation| context.request_body(operation));
        let (read, written) = (bodies(responses.collect()), bodies(requests.collect()));
        context.read = context.reachable(read);
        context.written = context.reachable(written);
        context
    }

    fn object(&mut self, mut site: SpecObject<'a>) {
        let position = self.objects.len();
        let around = site.parent.and_then(|parent| self.objects.get(parent));
        site.replaced = around.is_some_and(|around| around.replaced)
            || (site.kind == Kind::Schema && site.node.get(WIRE_TYPE).is_some());
        self.objects.push(site);
        let SpecObject { kind, node, .. } = site;
        let object = kind.object();
        let Value::Map(mapping) = &node.value else {
            self.faults.push(Fault::WrongKind(kind, Shape::Object(kind), site.entry, node));
            return;
        };
        if object.referable
            && let Some(entry) = mapping.entry("$ref")
        {
            if entry.value.as_str().is_none() {
                self.faults.push(Fault::WrongKind(kind, Shape::Text, Some(entry), &entry.value));
            }
            self.references.push(Reference { kind, node, entry });
            return;
        }
        for name in object.required {
            if !mapping.contains(name) {
                self.faults.push(Fault::Missing(kind, name, site.span()));
            }
        }
        for entry in mapping {
            let key = entry.key.text.as_str();
            if key.starts_with("x-") {
                continue;
            }
            match object.shape(key) {
                None => self.faults.push(Fault::UnknownKey(kind, entry)),
                Some(shape) => self.field(kind, shape, entry, position),
            }
        }
    }

    fn field(&mut self, kind: Kind, shape: Shape, entry: &'a Entry, parent: usize) {
        let node = &entry.value;
        let field = entry.key.text.as_str();
        let texts = |node: &Node| node.as_seq().is_some_and(|texts| texts.iter().all(|text| text.as_str().is_some()));
        let matches = match shape {
            // An object is checked when it is visited itself.
            Shape::Any | Shape::Object(_) => true,
            Shape::Text | Shape::Word(_) => node.as_str().is_some(),
            Shape::Bool => node.as_bool().is_some(),
            Shape::Count => matches!(node.value, Value::Int(0..=4_294_967_295)),
            Shape::Number => node.as_f64().is_some(),
            Shape::Texts => texts(node),
            Shape::List | Shape::Objects(_) => node.as_seq().is_some(),
            Shape::Map(_) | Shape::AnyMap => node.as_map().is_some(),
            Shape::TextMap => node.as_map().is_some() && node.entries().all(|entry| entry.value.as_str().is_some()),
            Shape::BoolOrSchema => node.as_bool().is_some() || node.as_map().is_some(),
        };
        if !matches {
            self.faults.push(Fault::WrongKind(kind, shape, Some(entry), node));
            return;
        }
        let at = |kind, node, entry| SpecObject { kind, node, entry, parent: Some(parent), field, replaced: false };
        match shape {
            Shape::Word(words) if !node.as_str().is_some_and(|word| words.contains(&word)) => {
                self.faults.push(Fault::UnknownWord(words, entry));
            }
            Shape::Object(kind) => self.object(at(kind, node, Some(entry))),
            Shape::BoolOrSchema if node.as_map().is_some() => self.object(at(Kind::Schema, node, Some(entry))),
            Shape::Objects(kind) => {
                for element in node.elements() {
                    self.object(at(kind, element, None));
                }
            }
            Shape::Map(kind) => {
                for inner in node.entries() {
                    // Names may begin with `x-` here; they are not extensions.
                    self.object(at(kind, &inner.value, Some(inner)));
                }
            }
            _ => {}
        }
    }

    /// All objects of a kind, but for references.
    pub fn of_kind(&self, kind: Kind) -> impl Iterator<Item = &SpecObject<'a>> {
        self.objects.iter().filter(move |site| {
            site.kind == kind
                && site.node.as_map().is_some()
                && !(kind.object().referable && site.node.get("$ref").is_some())
        })
    }

    /// All schemas, but for references.
    pub fn schemas(&self) -> impl Iterator<Item = &SpecObject<'a>> {
        self.of_kind(Kind::Schema)
    }

    /// The schemas that types are generated from: all but those that a hand-written wire type replaces.
    pub fn generated(&self) -> impl Iterator<Item = &SpecObject<'a>> {
        self.schemas().filter(|site| !site.replaced)
    }

    /// Whether an object has a name of its own under `components`.
    pub fn is_component(&self, site: &SpecObject<'a>) -> bool {
        self.parent(site).is_some_and(|parent| parent.kind == Kind::Components)
    }

    /// The JSON type that a schema asks for, where it is given.
    pub fn json_type(&self, schema: &'a Node) -> Option<&'a str> {
        self.json_type_within(schema, MAX_REFERENCES)
    }

    fn json_type_within(&self, schema: &'a Node, limit: usize) -> Option<&'a str> {
        let limit = limit.checked_sub(1)?;
        let schema = self.resolve(schema)?;
        let own = schema.get("type").and_then(Node::as_str);
        own.or_else(|| {
            let mut branches = schema.get("allOf")?.elements();
            branches.find_map(|branch| self.json_type_within(branch, limit))
        })
    }

    /// The members that a schema names, those of its `allOf` branches included.
    pub fn members(&self, schema: &'a Node) -> Vec<&'a Entry> {
        let mut members = Vec::new();
        let mut seen = Reached::default();
        let mut open = vec![schema];
        while let Some(node) = open.pop() {
            let Some(node) = self.resolve(node) else { continue };
            if seen.insert(node) {
                members.extend(node.get("properties").map_or_else(|| [].iter(), Node::entries));
                open.extend(node.get("allOf").map_or_else(|| [].iter(), Node::elements).rev());
            }
        }
        members
    }

    /// The names of the members that a schema requires, those of its `allOf` branches included.
    pub fn required(&self, schema: &'a Node) -> HashSet<&'a str> {
        let mut names = HashSet::new();
        let mut seen = Reached::default();
        let mut open = vec![schema];
        while let Some(node) = open.pop() {
            let Some(node) = self.resolve(node) else { continue };
            if seen.insert(node) {
                let required = node.get("required").map_or_else(|| [].iter(), Node::elements);
                names.extend(required.filter_map(Node::as_str));
                open.extend(node.get("allOf").map_or_else(|| [].iter(), Node::elements));
            }
        }
        names
    }

    /// The object around another one.
    pub fn parent(&self, site: &SpecObject<'a>) -> Option<&SpecObject<'a>> {
        site.parent.and_then(|position| self.objects.get(position))
    }

    /// Follows references to what they lead to; `None` if they lead nowhere or in a circle.
    pub fn resolve(&self, node: &'a Node) -> Option<&'a Node> {
        self.document.resolve(node)
    }

    /// The parameters that a path item or an operation declares, behind their references.
    pub fn declared(&self, holder: &'a Node) -> Vec<Declared<'a>> {
        let elements = holder.get("parameters").map_or_else(|| [].iter(), Node::elements);
        elements.filter_map(|element| Some(Declared { element, node: self.resolve(element)? })).collect()
    }

    /// The parameters that hold for an operation: its own, and those of its path that it doesn't override.
    pub fn parameters(&self, operation: &Operation<'a>) -> Vec<Declared<'a>> {
        let own = self.declared(operation.node());
        let identity = |declared: &Declared<'a>| (declared.name(), declared.location());
        let overridden: HashSet<_> = own.iter().map(identity).collect();
        let mut all = self.declared(&operation.path.value);
        all.retain(|declared| !overridden.contains(&identity(declared)));
        all.extend(own);
        all
    }

    /// The request body of an operation, behind any reference.
    pub fn request_body(&self, operation: &Operation<'a>) -> Option<&'a Node> {
        self.resolve(operation.node().get("requestBody")?)
    }

    /// The responses of an operation, behind their references.
    pub fn responses(&self, operation: &Operation<'a>) -> Vec<Response<'a>> {
        let responses = operation.node().get("responses").map_or_else(|| [].iter(), Node::entries);
        responses
            .filter(|entry| !entry.key.text.starts_with("x-"))
            .filter_map(|entry| Some(Response { entry, node: self.resolve(&entry.value)? }))
            .collect()
    }

    /// The schemas that can be met on the way from these, themselves included, behind all references.
    pub fn reachable(&self, starts: impl IntoIterator<Item = &'a Node>) -> Reached {
        let mut reached = Reached::default();
        let mut open: Vec<&'a Node> = starts.into_iter().collect();
        while let Some(node) = open.pop() {
            let Some(schema) = self.resolve(node) else { continue };
            if reached.insert(schema) {
                open.extend(subschemas(schema).into_iter().map(|(_, inner)| inner));
            }
        }
        reached
    }
}

/// A set of schemas, distinguished by their address in memory: equal schemas at different positions are different.
#[derive(Debug, Default)]
pub struct Reached(HashSet<*const Node>);

impl Reached {
    /// Adds a schema; `false` if it was in the set already.
    pub fn insert(&mut self, schema: &Node) -> bool {
        self.0.insert(std::ptr::from_ref(schema))
    }

    /// Whether a schema is in the set.
    pub fn contains(&self, schema: &Node) -> bool {
        self.0.contains(&std::ptr::from_ref(schema))
    }
}

/// The schemas directly inside a schema, each with the keyword that holds it.
pub(super) fn subschemas(schema: &Node) -> Vec<(&'static str, &Node)> {
    let mut inner = Vec::new();
    if let Some(properties) = schema.get("properties") {
        inner.extend(properties.entries().map(|entry| ("properties", &entry.value)));
    }
    for keyword in ["items", "not", "additionalProperties"] {
        inner.extend(schema.get(keyword).filter(|value| value.as_map().is_some()).map(|value| (keyword, value)));
    }
    for keyword in ["allOf", "oneOf", "anyOf"] {
        if let Some(branches) = schema.get(keyword) {
            inner.extend(branches.elements().map(|branch| (keyword, branch)));
        }
    }
    inner
}
