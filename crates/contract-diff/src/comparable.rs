//! One of the two contracts: its tree with positions, its operations, and what each schema is carried by.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use contract::diagnostic::Report;
use contract::load::{Document, Value};
use contract::operations::is_method;
use contract::site::Site;

use crate::verdict::Direction;

/// Reports what is wrong with a contract that has no meaning to compare, such as `contract_lint::comparable`; else nothing.
pub type Check = fn(&Document) -> Report;

/// A contract that can be compared.
#[derive(Debug)]
pub struct Contract {
    title: String,
    document: Document,
    error_codes: Option<String>,
    operations: Vec<Operation>,
    usage: HashMap<String, Usage>,
}

/// An operation of a contract.
#[derive(Clone, Debug)]
pub(super) struct Operation {
    /// `operationId`, or method and path where it has none.
    pub id: String,
    /// The method, in capital letters.
    pub method: String,
    /// The path template.
    pub path: String,
    /// The JSON pointer.
    pub pointer: String,
}

impl Operation {
    /// The path without the names of its parameters, which no message holds.
    pub(super) fn anonymous_path(&self) -> String {
        let mut path = String::new();
        let mut inside = false;
        for letter in self.path.chars() {
            match letter {
                '{' => inside = true,
                '}' => {
                    inside = false;
                    path.push_str("{}");
                }
                _ if inside => {}
                _ => path.push(letter),
            }
        }
        path
    }
}

/// What carries a schema: operations, as indices of the list of all, each way.
#[derive(Clone, Debug, Default)]
struct Usage {
    requests: BTreeSet<usize>,
    responses: BTreeSet<usize>,
}

/// Which operations carry something, and which way.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Carrier {
    pub operations: BTreeSet<String>,
    pub direction: Direction,
}

impl Carrier {
    pub(super) fn of(operation: &str, direction: Direction) -> Self {
        Self { operations: BTreeSet::from([operation.to_owned()]), direction }
    }

    pub(super) fn and(mut self, other: Self) -> Self {
        self.direction = Direction::new(
            self.direction.in_requests() || other.direction.in_requests(),
            self.direction.in_responses() || other.direction.in_responses(),
        );
        self.operations.extend(other.operations);
        self
    }
}

impl Contract {
    /// Takes a document that can be compared; `title` is what people call it.
    ///
    /// # Errors
    /// When the document is not a contract: not OpenAPI 3.0, or with references that lead nowhere.
    pub fn new(
        title: impl Into<String>,
        document: Document,
        error_codes: Option<String>,
        check: Check,
    ) -> Result<Self, Report> {
        let report = check(&document);
        if !report.is_empty() {
            return Err(report);
        }
        let mut contract =
            Self { title: title.into(), document, error_codes, operations: Vec::new(), usage: HashMap::new() };
        contract.operations = contract.find_operations();
        contract.usage = contract.find_usage();
        Ok(contract)
    }

    /// What people call it.
    pub fn title(&self) -> &str {
        &self.title
    }

    /// The table of error codes that belongs to it, if there is one.
    pub(super) fn error_codes(&self) -> Option<&str> {
        self.error_codes.as_deref()
    }

    pub(super) fn operations(&self) -> &[Operation] {
        &self.operations
    }

    pub(super) fn root(&self) -> Site<'_> {
        Site::root(&self.document)
    }

    /// The value at a JSON pointer.
    pub(super) fn at(&self, pointer: &str) -> Option<Site<'_>> {
        Site::at(&self.document, pointer)
    }

    /// The components of a section, by name.
    pub(super) fn components(&self, section: &str) -> BTreeMap<&str, Site<'_>> {
        self.at(&format!("/components/{section}")).map(|section| section.entries().collect()).unwrap_or_default()
    }

    /// What carries the schema of that name.
    pub(super) fn carrier(&self, schema: &str) -> Carrier {
        let Some(usage) = self.usage.get(schema) else {
            return Carrier::default();
        };
        let operations =
            usage.requests.union(&usage.responses).map(|index| self.operations[*index].id.clone()).collect();
        Carrier { operations, direction: Direction::new(!usage.requests.is_empty(), !usage.responses.is_empty()) }
    }

    fn find_operations(&self) -> Vec<Operation> {
        let mut operations = Vec::new();
        for (path, item) in self.at("/paths").into_iter().flat_map(|paths| paths.entries().collect::<Vec<_>>()) {
            for (key, operation) in item.entries().filter(|(key, _)| is_method(key)) {
                let method = key.to_ascii_uppercase();
                let id = operation.text("operationId").map_or_else(|| format!("{method} {path}"), str::to_owned);
                operations.push(Operation { id, method, path: path.to_owned(), pointer: operation.pointer });
            }
        }
        operations
    }

    fn find_usage(&self) -> HashMap<String, Usage> {
        let edges: HashMap<&str, Vec<Edge<'_>>> = self
            .components("schemas")
            .into_iter()
            .map(|(name, schema)| {
                let mut found = Vec::new();
                references_in(&schema, Edge::default(), &mut found, &mut HashSet::new());
                (name, found)
            })
            .collect();
        let mut usage: HashMap<String, Usage> = HashMap::new();
        for (index, operation) in self.operations.iter().enumerate() {
            for (direction, starts) in self.carried_by(operation) {
                for name in reachable(&edges, starts, direction) {
                    let usage = usage.entry(name.to_owned()).or_default();
                    let carriers =
                        if direction == Direction::Request { &mut usage.requests } else { &mut usage.responses };
                    carriers.insert(index);
                }
            }
        }
        usage
    }

    /// The schemas that an operation names itself, each way.
    fn carried_by(&self, operation: &Operation) -> [(Direction, Vec<Edge<'_>>); 2] {
        let (mut requests, mut received) = (Vec::new(), Vec::new());
        let Some(site) = self.at(&operation.pointer) else {
            return [(Direction::Request, requests), (Direction::Response, received)];
        };
        let item = operation.pointer.rsplit_once('/').and_then(|(item, _)| self.at(item));
        let shared = item.and_then(|item| item.get("parameters"));
        for part in shared.into_iter().chain(site.get("parameters")).chain(site.get("requestBody")) {
            references_in(&part, Edge::default(), &mut requests, &mut HashSet::new());
        }
        if let Some(responses) = site.get("responses") {
            references_in(&responses, Edge::default(), &mut received, &mut HashSet::new());
        }
        [(Direction::Request, requests), (Direction::Response, received)]
    }
}

/// A reference from somewhere to a schema, and whether it is read or written only.
#[derive(Clone, Copy, Debug, Default)]
struct Edge<'a> {
    schema: &'a str,
    read_only: bool,
    write_only: bool,
}

/// Collects the references to schemas in a part of a contract, behind references to anything else.
fn references_in<'a>(site: &Site<'a>, way: Edge<'a>, found: &mut Vec<Edge<'a>>, seen: &mut HashSet<String>) {
    if let Some(schema) = site.schema_reference() {
        found.push(Edge { schema, ..way });
        return;
    }
    if site.reference().is_some() {
        let target = site.resolved();
        if target.reference().is_none() && seen.insert(target.pointer.clone()) {
            references_in(&target, way, found, seen);
        }
        return;
    }
    let way = Edge {
        read_only: way.read_only || site.flag("readOnly"),
        write_only: way.write_only || site.flag("writeOnly"),
        ..way
    };
    match &site.node.value {
        Value::Map(_) => {
            for (key, inner) in site.entries() {
                // Payloads are not part of the contract's structure.
                if !matches!(key, "example" | "examples" | "default" | "enum") && !key.starts_with("x-") {
                    references_in(&inner, way, found, seen);
                }
            }
        }
        Value::Seq(_) => {
            for inner in site.elements() {
                references_in(&inner, way, found, seen);
            }
        }
        _ => {}
    }
}

/// All schemas that can be reached, without the ways that don't lead in this direction.
fn reachable<'a>(
    edges: &HashMap<&'a str, Vec<Edge<'a>>>,
    starts: Vec<Edge<'a>>,
    direction: Direction,
) -> HashSet<&'a str> {
    let mut reached = HashSet::new();
    let mut open = starts;
    while let Some(edge) = open.pop() {
        let closed = if direction == Direction::Request { edge.read_only } else { edge.write_only };
        if !closed && reached.insert(edge.schema) {
            open.extend(edges.get(edge.schema).into_iter().flatten().copied());
        }
    }
    reached
}

#[cfg(test)]
mod tests {
    use contract::load;

    use super::*;

    const TEXT: &str = "
openapi: 3.0.3
info: {title: T, version: '1'}
paths:
  /a/{id}/b/{other}:
    parameters:
      - {name: id, in: path, required: true, schema: {type: string}}
      - {name: other, in: path, required: true, schema: {type: string}}
    post:
      operationId: make
      requestBody: {required: true, content: {application/json: {schema: {$ref: '#/components/schemas/Written'}}}}
      responses:
        '200': {$ref: '#/components/responses/Read'}
components:
  responses:
    Read: {description: d, content: {application/json: {schema: {$ref: '#/components/schemas/Read'}}}}
  schemas:
    Written:
      type: object
      properties:
        a: {allOf: [{$ref: '#/components/schemas/Shared'}]}
        b: {readOnly: true, allOf: [{$ref: '#/components/schemas/OnlyRead'}]}
    Read: {type: object, properties: {a: {$ref: '#/components/schemas/Shared'}}}
    Shared: {type: object, properties: {again: {$ref: '#/components/schemas/Shared'}}}
    OnlyRead: {type: object}
";

    fn contract(text: &str) -> Result<Contract, Report> {
        Contract::new("test", load::parse("contract.yaml", text)?, None, contract_lint::comparable)
    }

    #[test]
    fn a_schema_knows_which_way_it_travels() {
        let contract = contract(TEXT).unwrap();
        let direction = |name| contract.carrier(name).direction;
        assert_eq!(direction("Written"), Direction::Request);
        assert_eq!(direction("Read"), Direction::Response);
        assert_eq!(direction("Shared"), Direction::Both);
        assert_eq!(direction("OnlyRead"), Direction::None, "a member that is only read travels in no request");
        assert_eq!(contract.carrier("Shared").operations, BTreeSet::from(["make".to_owned()]));
    }

    #[test]
    fn names_of_path_parameters_are_no_part_of_the_address() {
        assert_eq!(contract(TEXT).unwrap().operations()[0].anonymous_path(), "/a/{}/b/{}");
    }

    #[test]
    fn locations_are_lines_of_keys() {
        let contract = contract(TEXT).unwrap();
        let line = |pointer| contract.at(pointer).map(|site| site.line);
        assert_eq!(line("/components/schemas/Written/properties"), Some(20));
        assert_eq!(line("/components/schemas/Written/properties/b"), Some(22));
        assert_eq!(line("/paths/~1a~1{id}~1b~1{other}/parameters/1/name"), Some(8));
    }

    #[test]
    fn what_has_no_meaning_is_rejected_with_its_location() {
        let report = contract(&TEXT.replace("schemas/OnlyRead'", "schemas/Missing'")).unwrap_err();
        assert_eq!(
            report.iter().map(|finding| (finding.rule, finding.line)).collect::<Vec<_>>(),
            [("dangling-reference", 22)]
        );
        assert!(contract("swagger: '2.0'\n").is_err());
    }
}
