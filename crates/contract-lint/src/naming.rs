//! Rules on the names of generated types.

use std::collections::HashMap;

use contract::load::{Entry, Node};
use contract::naming::pascal;
use contract::source::Span;

use super::context::{Context, is_json};
use super::grammar::Kind;
use super::rule::Findings;

/// Names in the generated code that a type of the contract would clash with.
const RESERVED: [&str; 10] =
    ["Default", "Err", "Into", "IntoIterator", "None", "Ok", "Option", "Some", "String", "Vec"];

pub(super) fn reserved_schema_name(context: &Context<'_>, findings: &mut Findings<'_>) {
    for entry in components(context, "schemas") {
        let name = pascal(&entry.key.text);
        if RESERVED.contains(&name.as_str()) {
            findings.add(entry.key.span, format!("the generated code needs the name `{name}` for something else"));
        }
    }
}

pub(super) fn component_name(context: &Context<'_>, findings: &mut Findings<'_>) {
    let sections = context.of_kind(Kind::Components).flat_map(|site| site.node.entries());
    for entry in
        sections.filter(|section| !section.key.text.starts_with("x-")).flat_map(|section| section.value.entries())
    {
        let name = &entry.key.text;
        let allowed = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '.' | '-' | '_');
        if name.is_empty() || !name.chars().all(allowed) {
            findings.add(entry.key.span, format!("`{name}` is not a valid name of a component"));
        }
    }
}

fn components<'a>(context: &Context<'a>, section: &str) -> std::slice::Iter<'a, Entry> {
    let components = context.root.get("components").and_then(|components| components.get(section));
    components.map_or_else(|| [].iter(), Node::entries)
}

/// A type that the generator will name.
struct Named<'a> {
    name: String,
    schema: &'a Node,
    position: Span,
    component: bool,
}

pub(super) fn type_name_clash(context: &Context<'_>, findings: &mut Findings<'_>) {
    let mut all = Vec::new();
    for entry in components(context, "schemas") {
        let name = pascal(&entry.key.text);
        if entry.value.as_map().is_some() {
            all.push(Named { name: name.clone(), schema: &entry.value, position: entry.key.span, component: true });
        }
        inner(&name, &entry.value, &mut all);
    }
    for operation in &context.operations {
        let Some(id) = operation.id() else { continue };
        for declared in context.parameters(operation) {
            if let (Some(name), Some(schema)) = (declared.name(), declared.node.entry("schema")) {
                named(&pascal(&format!("{id}-{name}")), schema.key.span, &schema.value, &mut all);
            }
        }
        let body = context.request_body(operation).into_iter().map(|body| (body, "body"));
        let responses = context.responses(operation);
        for (holder, suffix) in body.chain(responses.iter().map(|response| (response.node, "response"))) {
            let media = holder.get("content").map_or_else(|| [].iter(), Node::entries);
            for media in media.filter(|media| is_json(&media.key.text)) {
                if let Some(schema) = media.value.entry("schema") {
                    named(&pascal(&format!("{id}-{suffix}")), schema.key.span, &schema.value, &mut all);
                }
            }
        }
    }
    report(&mut all, findings);
}

fn report(all: &mut [Named<'_>], findings: &mut Findings<'_>) {
    // Components keep their names; what clashes with one is what has to give way.
    all.sort_by_key(|named| (!named.component, named.position));
    let mut taken: HashMap<&str, &Named<'_>> = HashMap::new();
    for named in all.iter() {
        match taken.get(named.name.as_str()) {
            None => {
                taken.insert(&named.name, named);
            }
            Some(first) if std::ptr::eq(first.schema, named.schema) => {}
            Some(first) if !named.component && first.schema.same_value(named.schema) => {}
            Some(first) => findings.add_pair(
                named.position,
                format!("two different schemas would be one type in Rust, `{}`", named.name),
                first.position,
            ),
        }
    }
}

/// Takes a schema without a name of its own under the name that the generator will give it.
fn named<'a>(suggested: &str, position: Span, schema: &'a Node, all: &mut Vec<Named<'a>>) {
    if schema.get("$ref").is_some() || schema.get(super::context::WIRE_TYPE).is_some() {
        return;
    }
    let name = schema.get("title").and_then(Node::as_str).map_or_else(|| suggested.to_owned(), pascal);
    if makes_type(schema) {
        all.push(Named { name: name.clone(), schema, position, component: false });
    }
    inner(&name, schema, all);
}

/// Whether a schema becomes a type, rather than one that Rust has already.
fn makes_type(schema: &Node) -> bool {
    let filled = |keyword: &str| {
        schema.get(keyword).is_some_and(|value| value.entries().len() > 0 || value.elements().len() > 0)
    };
    filled("properties")
        || filled("enum")
        || ["oneOf", "anyOf", "allOf"]
            .iter()
            .any(|keyword| schema.get(keyword).is_some_and(|list| list.elements().len() > 1))
}

fn inner<'a>(name: &str, schema: &'a Node, all: &mut Vec<Named<'a>>) {
    if schema.get(super::context::WIRE_TYPE).is_some() {
        return;
    }
    for property in schema.get("properties").map_or_else(|| [].iter(), Node::entries) {
        named(&pascal(&format!("{name}_{}", property.key.text)), property.key.span, &property.value, all);
    }
    if let Some(items) = schema.entry("items") {
        named(&pascal(&format!("{name}_item")), items.key.span, &items.value, all);
    }
    if let Some(values) = schema.entry("additionalProperties").filter(|values| values.value.as_map().is_some()) {
        named(&format!("{name}Value"), values.key.span, &values.value, all);
    }
    for (position, branch) in schema.get("oneOf").map_or_else(|| [].iter(), Node::elements).enumerate() {
        named(&pascal(&format!("{name}_Variant{position}")), super::context::inner_span(branch), branch, all);
    }
}
