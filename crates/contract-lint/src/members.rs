//! Rules on the members of objects.

use std::collections::HashMap;

use contract::load::{Entry, Node, Value};
use contract::naming::snake;
use contract::rust;
use contract::site::Site;
use contract::source::Span;

use super::context::{Context, Reached, SpecObject};
use super::rule::Findings;
use super::validator::position;

/// The field in which the generated types keep the members that the contract doesn't know.
const EXTRA: &str = "extra";
/// Marks a member whose value must have its type, or else the response can't be read.
pub(super) const CRITICAL: &str = "x-critical";

pub(super) fn member_clash(context: &Context<'_>, findings: &mut Findings<'_>) {
    for site in context.generated() {
        let mut taken: HashMap<String, &Entry> = HashMap::new();
        for member in context.members(site.node) {
            let (name, field) = (&member.key.text, snake(&member.key.text));
            if field == EXTRA {
                findings.add(member.key.span, format!("`{name}` is the name under which unknown members are kept"));
            }
            match taken.get(&field) {
                None => {
                    taken.insert(field, member);
                }
                Some(first) if first.key.text == *name => {}
                Some(first) => {
                    let (first, second) =
                        if first.key.span <= member.key.span { (*first, member) } else { (member, *first) };
                    findings.add_pair(
                        second.key.span,
                        format!("`{}` and `{}` are one name in Rust, `{field}`", second.key.text, first.key.text),
                        first.key.span,
                    );
                }
            }
        }
    }
}

/// Accepts that required members of one type stand next to each other.
pub(super) const SAME_TYPED: &str = "x-same-typed-arguments";

pub(super) fn same_typed_arguments(context: &Context<'_>, findings: &mut Findings<'_>) {
    for (name, schema) in rust::structs(context.document) {
        let accepted = schema.node.entry(SAME_TYPED);
        let mut alike = false;
        for pair in rust::arguments(&schema, &name).windows(2) {
            let [(first, kind), (second, other)] = pair else { continue };
            alike |= kind == other;
            if kind == other && accepted.is_none() {
                let position = position_in_list(&schema, second.name)
                    .unwrap_or_else(|| position(context.document, &schema.pointer));
                let message =
                    format!("`{}` and `{}` are neighbouring arguments of one type, `{kind}`", first.name, second.name);
                findings.add(position, message);
            }
        }
        if let Some(accepted) = accepted.filter(|_| !alike) {
            findings.add_with(
                accepted.key.span,
                format!("no neighbouring arguments of `{name}` have one type"),
                "remove it",
            );
        }
    }
}

/// The position of a name in the list of required members.
fn position_in_list(schema: &Site<'_>, name: &str) -> Option<Span> {
    schema.node.get("required")?.elements().find(|element| element.as_str() == Some(name)).map(|element| element.span)
}

pub(super) fn required_unknown(context: &Context<'_>, findings: &mut Findings<'_>) {
    for site in context.generated() {
        let Some(required) = site.node.get("required") else { continue };
        let whole = outermost(context, site);
        let known = composed_members(context, whole.node);
        if known.is_empty() && site.node.get("properties").is_none() {
            // A map, or an object that is described in words: nothing to compare with.
            continue;
        }
        for name in required.elements() {
            let Some(text) = name.as_str() else { continue };
            if !known.contains(&text) {
                let message = format!("`{text}` is required, and no property of that name is described");
                match super::nearest::nearest(text, known.iter().copied()) {
                    Some(near) => findings.add_with(name.span, message, format!("did you mean `{near}`?")),
                    None => findings.add(name.span, message),
                }
            }
        }
    }
}

/// The schema that a schema is a branch of, and so on outwards.
fn outermost<'c, 'a>(context: &'c Context<'a>, site: &'c SpecObject<'a>) -> &'c SpecObject<'a> {
    let mut site = site;
    while matches!(site.field, "allOf" | "oneOf" | "anyOf") {
        let Some(parent) = context.parent(site) else { break };
        site = parent;
    }
    site
}

/// The names of all members in a schema and its branches of any kind.
fn composed_members<'a>(context: &Context<'a>, schema: &'a Node) -> Vec<&'a str> {
    let mut names = Vec::new();
    let mut seen = Reached::default();
    let mut open = vec![schema];
    while let Some(node) = open.pop() {
        let Some(schema) = context.resolve(node) else { continue };
        if seen.insert(schema) {
            let properties = schema.get("properties").map_or_else(|| [].iter(), Node::entries);
            names.extend(properties.map(|entry| entry.key.text.as_str()));
            let composed = ["allOf", "oneOf", "anyOf"].iter().filter_map(|keyword| schema.get(keyword));
            open.extend(composed.flat_map(Node::elements));
        }
    }
    names
}

pub(super) fn closed_answer(context: &Context<'_>, findings: &mut Findings<'_>) {
    for site in context.generated().filter(|site| context.read.contains(site.node)) {
        if let Some(entry) = site.node.entry("additionalProperties")
            && entry.value.as_bool() == Some(false)
        {
            findings.add(entry.key.span, "a response with a member that the contract doesn't know would be rejected");
        }
    }
}

pub(super) fn extra_members(context: &Context<'_>, findings: &mut Findings<'_>) {
    for site in context.generated() {
        let has_members = site.node.get("properties").is_some_and(|properties| properties.entries().len() > 0);
        let Some(entry) = site.node.entry("additionalProperties").filter(|_| has_members) else { continue };
        match &entry.value.value {
            Value::Bool(true) => {
                findings.add(entry.key.span, "`additionalProperties: true` silently drops unknown members");
            }
            Value::Map(schema) if !schema.is_empty() => findings.add(
                entry.key.span,
                "next to `properties`, one unknown member of another type costs the whole response",
            ),
            _ => {}
        }
    }
}

pub(super) fn read_only_in_request(context: &Context<'_>, findings: &mut Findings<'_>) {
    marked(context, "readOnly", &context.written, "the service alone sets this, and a request would send it", findings);
}

pub(super) fn write_only_in_answer(context: &Context<'_>, findings: &mut Findings<'_>) {
    marked(
        context,
        "writeOnly",
        &context.read,
        "only callers send this, and a response would be read with it",
        findings,
    );
}

fn marked(context: &Context<'_>, mark: &str, reached: &Reached, message: &str, findings: &mut Findings<'_>) {
    for site in context.schemas().filter(|site| reached.contains(site.node)) {
        if let Some(entry) = site.node.entry(mark).filter(|entry| entry.value.as_bool() == Some(true)) {
            findings.add(entry.key.span, message);
        }
    }
}

pub(super) fn critical_member(context: &Context<'_>, findings: &mut Findings<'_>) {
    for site in context.schemas() {
        let Some(entry) = site.node.entry(CRITICAL) else { continue };
        if entry.value.as_bool() != Some(true) {
            findings.add_with(entry.value_span(), "only `true` has a meaning here", "leave it out for other members");
        } else if site.field != "properties" {
            findings.add(entry.key.span, "this is not a member of an object");
        }
    }
}
