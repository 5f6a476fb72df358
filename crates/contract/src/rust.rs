//! What the generator makes of a part of the contract: the names and types of the Rust API.
//!
//! This follows `lower`, `generate` and `polish` without running them, so that each difference can be given its own
//! effect. `cargo xtask diff-accuracy` measures whether it follows them correctly.

use std::collections::{BTreeMap, BTreeSet};

use crate::load::Document;
use crate::naming::{pascal, snake, variant_name};
use crate::operations::is_method;
use crate::site::{SCHEMAS, Site};
use crate::transport_headers::is_transport_header;

/// More structs than a usable contract has.
const MOST_STRUCTS: usize = 100_000;

/// The name of a field, setter or method.
pub fn field_name(name: &str) -> String {
    snake(name)
}

/// A schema with its words and flags, and, behind `allOf` of one, the schema with its structure.
#[derive(Clone)]
pub struct Schema<'a> {
    /// The schema itself.
    pub outer: Site<'a>,
    /// The schema with its structure.
    pub core: Site<'a>,
}

impl<'a> Schema<'a> {
    /// Of the schema at this position.
    pub fn new(outer: &Site<'a>) -> Self {
        let mut core = outer.clone();
        while let Some(inner) = only_part(&core) {
            core = inner;
        }
        Self { outer: outer.clone(), core }
    }

    /// A flag of this very position, which a schema behind a reference doesn't have.
    pub fn flag(&self, key: &str) -> bool {
        self.outer.flag(key) || self.core.flag(key)
    }
}

/// The only part of an `allOf`, which is equivalent to the schema around it.
fn only_part<'a>(site: &Site<'a>) -> Option<Site<'a>> {
    let parts: Vec<Site<'a>> = site.get("allOf")?.elements().collect();
    let is_nullable_reference =
        site.flag("nullable") && matches!(parts.as_slice(), [part] if part.node.get("$ref").is_some());
    // OpenAPI wants a type next to `nullable`; next to a reference it adds nothing.
    let alone = (is_nullable_reference || site.node.get("type").is_none())
        && !["properties", "enum", "oneOf", "anyOf", "items"].iter().any(|key| site.node.get(key).is_some());
    match <[Site<'a>; 1]>::try_from(parts) {
        Ok([part]) if alone => Some(part),
        _ => None,
    }
}

/// Whether a schema without a name becomes a map without known members.
fn has_members(site: &Site<'_>) -> bool {
    site.node.get("properties").is_some_and(|properties| properties.entries().next().is_some())
        || site.node.get("allOf").is_some()
}

/// The type for a value of the schema, without regard to whether it may be absent; `name` is what a type of its own
/// would be called.
pub fn type_of(site: &Site<'_>, name: &str) -> String {
    let Schema { core, .. } = Schema::new(site);
    if let Some(component) = core.schema_reference() {
        return component_type(Site::schema(core.document, component).as_ref(), component);
    }
    // A reference to anything else gives no type, and may lead back to here; lint rejects it.
    if core.reference().is_some() {
        return "Value".to_owned();
    }
    // An inner schema's type is called by its title, if it has one.
    let own = || format!("types::{}", pascal(core.text("title").unwrap_or(name)));
    if core.node.get("enum").is_some() || core.node.get("oneOf").is_some() || core.node.get("anyOf").is_some() {
        return own();
    }
    let format = core.text("format");
    match core.text("type") {
        Some("string") => string_type(format).to_owned(),
        Some("integer") => match format {
            Some(format @ ("int8" | "int16" | "int32" | "uint8" | "uint16" | "uint32" | "uint64")) => {
                format.replace("uint", "u").replace("int", "i")
            }
            _ => "i64".to_owned(),
        },
        Some("number") => match format {
            Some("decimal") => "Money".to_owned(),
            Some("float") => "f32".to_owned(),
            _ => "f64".to_owned(),
        },
        Some("boolean") => "bool".to_owned(),
        Some("array") => {
            let item = core.get("items").map_or_else(
                || "Value".to_owned(),
                |items| optional(type_of(&items, &format!("{name}Item")), is_nullable(&items)),
            );
            format!("Vec<{item}>")
        }
        Some("object") | None if has_members(&core) => own(),
        Some("object") => map_type(&core, name),
        _ => "Value".to_owned(),
    }
}

fn string_type(format: Option<&str>) -> &'static str {
    match format {
        Some("date-time") => "Timestamp",
        Some("date") => "NaiveDate",
        Some("uuid") => "Uuid",
        Some("ip") => "IpAddr",
        Some("ipv4") => "Ipv4Addr",
        Some("ipv6") => "Ipv6Addr",
        _ => "String",
    }
}

fn map_type(core: &Site<'_>, name: &str) -> String {
    match core.get("additionalProperties") {
        Some(value) if value.node.entries().next().is_some() => {
            let kind = optional(type_of(&value, &format!("{name}Value")), is_nullable(&value));
            format!("BTreeMap<String, {kind}>")
        }
        _ => "Map<String, Value>".to_owned(),
    }
}

fn optional(kind: String, is_optional: bool) -> String {
    if is_optional { format!("Option<{kind}>") } else { kind }
}

/// Whether null is allowed at this very position.
fn is_nullable(site: &Site<'_>) -> bool {
    Schema::new(site).flag("nullable")
}

/// The type that a named schema becomes.
pub fn component_type(schema: Option<&Site<'_>>, name: &str) -> String {
    if let Some(wire) = schema.and_then(|schema| schema.text("x-rust-wire")) {
        return format!("wire::{wire}");
    }
    if schema.is_some_and(is_open_enum) {
        return format!("enums::{name}");
    }
    format!("types::{}", pascal(name))
}

/// Whether the schema is an enum that takes values which the contract doesn't know.
pub fn is_open_enum(site: &Site<'_>) -> bool {
    site.node.get("enum").is_some() && site.flag("x-extensible-enum")
}

/// The form of the type that a named schema becomes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Definition {
    /// Written by hand; the schema only names it.
    Wire,
    /// Fields with their types.
    Struct(BTreeMap<String, String>),
    /// Variants, of an enum that takes other values too or not.
    Enum {
        /// Whether it takes other values too.
        open: bool,
        /// The names of its variants.
        variants: BTreeSet<String>,
    },
    /// One of several types.
    Union,
    /// A type around another one.
    Newtype(String),
}

impl Definition {
    /// Of the named schema at this position.
    pub fn of(site: &Site<'_>, name: &str) -> Self {
        let Schema { core, .. } = Schema::new(site);
        if site.text("x-rust-wire").is_some() {
            Self::Wire
        } else if core.node.get("enum").is_some() {
            let open = is_open_enum(&core);
            let variant = |value: &str| if open { variant_name(value) } else { pascal(value) };
            Self::Enum { open, variants: core.texts("enum").into_iter().map(variant).collect() }
        } else if core.node.get("oneOf").is_some() || core.node.get("anyOf").is_some() {
            Self::Union
        } else if core.reference().is_none() && has_members(&core) {
            Self::Struct(fields(&core, name))
        } else {
            Self::Newtype(type_of(site, name))
        }
    }

    /// What kind of type it is, in words.
    pub fn kind(&self) -> String {
        match self {
            Self::Wire => "a type written by hand".to_owned(),
            Self::Struct(_) => "a struct".to_owned(),
            Self::Enum { open: true, .. } => "an open enum".to_owned(),
            Self::Enum { open: false, .. } => "a closed enum".to_owned(),
            Self::Union => "an enum of several types".to_owned(),
            Self::Newtype(inner) => format!("a type around `{inner}`"),
        }
    }

    /// Whether it is a struct that demands nothing, which has a `Default`.
    pub fn has_default(&self) -> bool {
        matches!(self, Self::Struct(fields) if fields.values().all(|kind| kind.starts_with("Option<")))
    }
}

/// A member of an object.
pub struct Member<'a> {
    /// Its name on the wire.
    pub name: &'a str,
    /// Its schema.
    pub site: Site<'a>,
    /// Its position in the list of required members, if it is one of them.
    pub required: Option<usize>,
}

/// The members of an object in the order of the contract: its own, then those of its parts.
pub fn members<'a>(site: &Site<'a>) -> Vec<Member<'a>> {
    let mut found: Vec<(&'a str, Site<'a>)> = Vec::new();
    let mut names = BTreeSet::new();
    let mut required: BTreeMap<&str, usize> = BTreeMap::new();
    let mut open = vec![site.resolved()];
    let mut seen = BTreeSet::new();
    while let Some(part) = open.pop() {
        if !seen.insert(part.pointer.clone()) {
            continue;
        }
        for name in part.texts("required") {
            let next = required.len();
            required.entry(name).or_insert(next);
        }
        let own = part.get("properties").into_iter().flat_map(|members| members.entries().collect::<Vec<_>>());
        found.extend(own.filter(|(name, _)| names.insert(*name)));
        let mut parts: Vec<Site<'a>> =
            part.get("allOf").into_iter().flat_map(|parts| parts.elements().collect::<Vec<_>>()).collect();
        parts.reverse();
        open.extend(parts.into_iter().map(|part| part.resolved()));
    }
    found.into_iter().map(|(name, site)| Member { name, site, required: required.get(name).copied() }).collect()
}

/// The fields of the struct that an object becomes.
pub fn fields(site: &Site<'_>, name: &str) -> BTreeMap<String, String> {
    members(site)
        .into_iter()
        .map(|member| {
            let kind = member_type(&member.site, member.required.is_some(), name, member.name);
            (field_name(member.name), kind)
        })
        .collect()
}

/// The arguments of a struct's constructor: the members that must be there, in the order of the list of required ones, each
/// with its type.
pub fn arguments<'a>(site: &Site<'a>, name: &str) -> Vec<(Member<'a>, String)> {
    let typed = members(site).into_iter().map(|member| {
        let kind = member_type(&member.site, member.required.is_some(), name, member.name);
        (member, kind)
    });
    let mut arguments: Vec<_> = typed.filter(|(_, kind)| !kind.starts_with("Option<")).collect();
    arguments.sort_by_key(|(member, _)| member.required.unwrap_or(usize::MAX));
    arguments
}

/// The type of a field.
pub fn member_type(site: &Site<'_>, required: bool, of: &str, member: &str) -> String {
    let kind = type_of(site, &format!("{of}-{member}"));
    let filled_in = !required && site.node.get("default").is_some();
    optional(kind, is_nullable(site) || !(required || filled_in))
}

/// The objects that become structs, by the names of these: named schemas, and what has no name inside of them and of
/// operations.
pub fn structs(document: &Document) -> BTreeMap<String, Site<'_>> {
    let mut structs = Structs::default();
    for (name, schema) in Site::at(document, SCHEMAS).iter().flat_map(Site::entries) {
        if schema.text("x-rust-wire").is_none() && schema.reference().is_none() {
            structs.named(&schema, pascal(name));
        }
    }
    for (_, path) in Site::root(document).get("paths").iter().flat_map(Site::entries) {
        for (_, operation) in path.entries().filter(|(key, _)| is_method(key)) {
            let id = operation.text("operationId").unwrap_or_default();
            let body = operation.get("requestBody").into_iter().map(|body| (body, "body"));
            let responses = operation.get("responses");
            let responses = responses.iter().flat_map(Site::entries).map(|(_, response)| (response, "response"));
            for (holder, kind) in body.chain(responses) {
                for (_, media) in holder.resolved().get("content").iter().flat_map(Site::entries) {
                    if let Some(schema) = media.get("schema") {
                        structs.unnamed(&schema, &format!("{id}-{kind}"));
                    }
                }
            }
        }
    }
    structs.found
}

/// A walk over schemas that have no name of their own.
#[derive(Default)]
struct Structs<'a> {
    found: BTreeMap<String, Site<'a>>,
    /// The pointers of the schemas around the one that is looked at: those that refer to each other would go on without end.
    around: Vec<String>,
}

impl<'a> Structs<'a> {
    /// A schema without a name of its own, which is called by its title or else by where it is.
    fn unnamed(&mut self, site: &Site<'a>, suggested: &str) {
        let Schema { core, .. } = Schema::new(site);
        if core.reference().is_none() && core.text("x-rust-wire").is_none() {
            self.named(&core, pascal(core.text("title").unwrap_or(suggested)));
        }
    }

    fn named(&mut self, site: &Site<'a>, name: String) {
        let Schema { core, .. } = Schema::new(site);
        if self.around.contains(&core.pointer) || self.found.len() >= MOST_STRUCTS {
            return;
        }
        self.around.push(core.pointer.clone());
        for member in members(&core) {
            self.unnamed(&member.site, &format!("{name}-{}", member.name));
        }
        for (key, suffix) in [("items", "Item"), ("additionalProperties", "Value")] {
            if let Some(inner) = core.get(key) {
                self.unnamed(&inner, &format!("{name}{suffix}"));
            }
        }
        for branches in ["oneOf", "anyOf"].iter().filter_map(|key| core.get(key)) {
            for (position, branch) in branches.elements().enumerate() {
                self.unnamed(&branch, &format!("{name}-Variant{position}"));
            }
        }
        self.around.pop();
        if has_members(&core) {
            self.found.entry(name).or_insert(core);
        }
    }
}

/// Whether the generated client holds the operation; one with a multipart body is written by hand.
pub fn is_generated(operation: &Site<'_>) -> bool {
    let body = operation.get("requestBody").map(|body| body.resolved());
    let content = body.and_then(|body| body.get("content"));
    content.is_none_or(|content| content.node.get("multipart/form-data").is_none())
}

/// Whether the generated client leaves the parameter to the transport.
pub fn is_left_to_transport(parameter: &Site<'_>) -> bool {
    parameter.text("in") == Some("header") && parameter.text("name").is_some_and(is_transport_header)
}

/// The type of a parameter's value.
pub fn parameter_type(parameter: &Site<'_>, operation: &str) -> String {
    let name = parameter.text("name").unwrap_or_default();
    parameter
        .get("schema")
        .map_or_else(|| "Value".to_owned(), |schema| type_of(&schema, &format!("{operation}-{name}")))
}

/// The type of the body of a request or a response.
pub fn content_type_of(holder: &Site<'_>, name: &str) -> String {
    let Some(content) = holder.resolved().get("content") else {
        return "()".to_owned();
    };
    match content.entries().find(|(media, _)| *media == "application/json") {
        Some((_, media)) => media.get("schema").map_or_else(|| "Value".to_owned(), |schema| type_of(&schema, name)),
        None => "ByteStream".to_owned(),
    }
}

/// The types that a call returns: on success, and on an error response.
pub fn outcome_types(operation: &Site<'_>, id: &str) -> [String; 2] {
    let responses: Vec<(&str, Site<'_>)> =
        operation.get("responses").into_iter().flat_map(|responses| responses.entries().collect::<Vec<_>>()).collect();
    let of_kind = |wanted: fn(&str) -> bool| {
        let mut of_kind: Vec<_> = responses.iter().filter(|(status, _)| wanted(status)).collect();
        of_kind.sort_by_key(|(status, _)| *status);
        of_kind
    };
    let has_body = |response: &Site<'_>| response.resolved().node.get("content").is_some();
    let pick = |of_kind: &[&(&str, Site<'_>)]| {
        let with_body = of_kind.iter().find(|(_, response)| has_body(response));
        with_body
            .or(of_kind.first())
            .map_or_else(|| "()".to_owned(), |(_, response)| content_type_of(response, &format!("{id}-response")))
    };
    let successes = of_kind(|status| status.starts_with('2'));
    let mut success = pick(&successes);
    let (accepted, others): (Vec<_>, Vec<_>) = successes.into_iter().partition(|(status, _)| *status == "202");
    if success != "()" && others.iter().any(|(_, response)| !has_body(response)) {
        success = format!("Option<{success}>");
    }
    if !accepted.is_empty() && success != "ByteStream" {
        success = format!("Success<{success}>");
    }
    [success, pick(&of_kind(|status| !status.starts_with('2')))]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::load;

    const SCHEMAS: &str = "{ components: { schemas: {
        Base: { type: object, required: [c], properties: { c: {}, a: {} } },
        Order: { type: object, required: [z, b], properties: { z: {}, b: { title: phase of it, properties: { x: {} } } },
            allOf: [{ $ref: '#/components/schemas/Base' }, { properties: { lines: { type: array, items: { properties: { n: {} } } } } }] },
        Moon: { x-rust-wire: Moon, properties: { x: {} } },
    } } }";

    #[test]
    fn members_come_in_the_order_of_the_contract() {
        let document = load::parse("contract.yaml", SCHEMAS).unwrap();
        let order = Site::schema(&document, "Order").unwrap();
        let found: Vec<_> = members(&order).into_iter().map(|member| (member.name, member.required)).collect();
        assert_eq!(found, [("z", Some(0)), ("b", Some(1)), ("c", Some(2)), ("a", None), ("lines", None)]);
    }

    #[test]
    fn arguments_stand_in_the_order_in_which_they_are_required() {
        let text = "{ components: { schemas: { Order: {
            required: [z, gone, b, a],
            properties: { a: { type: string, nullable: true }, b: { type: integer, format: int32 }, c: {}, z: { type: string } },
        } } } }";
        let document = load::parse("contract.yaml", text).unwrap();
        let order = Site::schema(&document, "Order").unwrap();
        let found: Vec<_> = arguments(&order, "Order").into_iter().map(|(member, kind)| (member.name, kind)).collect();
        assert_eq!(found, [("z", "String".to_owned()), ("b", "i32".to_owned())]);
    }

    #[test]
    fn the_type_of_a_success_has_its_forms() {
        let body = "{ description: '', content: { application/json: { schema: { type: string } } } }";
        let nothing = "{ description: '' }";
        for (responses, expected) in [
            (format!("'200': {body}"), "String"),
            (format!("'200': {body}, '202': {nothing}"), "Success<String>"),
            (format!("'200': {body}, '204': {nothing}"), "Option<String>"),
            (format!("'200': {body}, '202': {nothing}, '204': {nothing}"), "Success<Option<String>>"),
            (format!("'202': {nothing}"), "Success<()>"),
        ] {
            let text = format!("{{ paths: {{ /a: {{ get: {{ responses: {{ {responses} }} }} }} }} }}");
            let document = load::parse("contract.yaml", &text).unwrap();
            let operation = Site::at(&document, "/paths/~1a/get").unwrap();
            assert_eq!(outcome_types(&operation, "a")[0], expected, "{text}");
        }
    }

    #[test]
    fn schemas_that_hold_each_other_have_an_end() {
        let text = "{ components: { schemas: {
            A: { properties: { x: { allOf: [{ $ref: '#/components/schemas/A' }, { properties: { y: {} } }] } } },
        } } }";
        let document = load::parse("contract.yaml", text).unwrap();
        let names: Vec<String> = structs(&document).into_keys().collect();
        assert_eq!(names, ["A", "AX"]);
    }

    #[test]
    fn structs_are_found_where_they_have_no_name_of_their_own() {
        let document = load::parse("contract.yaml", SCHEMAS).unwrap();
        let names: Vec<String> = structs(&document).into_keys().collect();
        assert_eq!(names, ["Base", "Order", "OrderLinesItem", "PhaseOfIt"]);
    }
}
