//! Rules on `allOf`, `oneOf`, `anyOf` and discriminators.

use std::collections::HashMap;

use contract::load::{Entry, Node};
use contract::source::Span;

use super::context::{Context, Reached, SpecObject, inner_span};
use super::enums::only_value;
use super::rule::Findings;

fn branches<'a>(schema: &'a Node, keyword: &str) -> std::slice::Iter<'a, Node> {
    schema.get(keyword).map_or_else(|| [].iter(), Node::elements)
}

pub(super) fn any_of(context: &Context<'_>, findings: &mut Findings<'_>) {
    for site in context.generated() {
        if let Some(entry) = site.node.entry("anyOf").filter(|entry| entry.value.elements().len() > 1) {
            findings.add(entry.key.span, "`anyOf` lets several branches hold together, which no Rust type can express");
        }
    }
}

pub(super) fn mixed_composition(context: &Context<'_>, findings: &mut Findings<'_>) {
    for site in context.generated() {
        let found: Vec<&Entry> =
            ["oneOf", "anyOf", "allOf"].iter().filter_map(|keyword| site.node.entry(keyword)).collect();
        if let [first, second, ..] = found.as_slice() {
            findings.add_pair(
                second.key.span,
                format!("`{}` next to `{}`", second.key.text, first.key.text),
                first.key.span,
            );
        }
        let union = site.node.entry("oneOf").or_else(|| site.node.entry("anyOf"));
        if let (Some(union), Some(properties)) = (union, site.node.entry("properties")) {
            findings.add_pair(
                union.key.span,
                format!("`{}` next to `properties`", union.key.text),
                properties.key.span,
            );
        }
    }
}

/// A schema that contains itself through compositions alone has no end.
pub(super) fn recursive_composition(context: &Context<'_>, findings: &mut Findings<'_>) {
    for site in context.generated() {
        for keyword in ["allOf", "oneOf", "anyOf"] {
            for branch in branches(site.node, keyword) {
                if leads_back(context, branch, site.node) {
                    findings.add(
                        inner_span(branch),
                        format!("this branch of `{keyword}` leads back to the schema that it is a branch of"),
                    );
                }
            }
        }
    }
}

fn leads_back<'a>(context: &Context<'a>, start: &'a Node, home: &'a Node) -> bool {
    let mut seen = Reached::default();
    let mut open = vec![start];
    while let Some(node) = open.pop() {
        let Some(schema) = context.resolve(node) else { continue };
        if std::ptr::eq(schema, home) {
            return true;
        }
        if seen.insert(schema) {
            open.extend(["allOf", "oneOf", "anyOf"].iter().flat_map(|keyword| branches(schema, keyword)));
        }
    }
    false
}

pub(super) fn all_of_conflict(context: &Context<'_>, findings: &mut Findings<'_>) {
    for site in context.generated().filter(|site| site.node.get("allOf").is_some()) {
        types_conflict(context, site, findings);
        members_conflict(context, site, findings);
        closed_branch(context, site, findings);
    }
}

fn types_conflict<'a>(context: &Context<'a>, site: &SpecObject<'a>, findings: &mut Findings<'_>) {
    let own = site.node.entry("type").map(|entry| (entry.value.as_str(), entry.value_span()));
    let all = own
        .into_iter()
        .chain(branches(site.node, "allOf").map(|branch| (context.json_type(branch), inner_span(branch))))
        .filter_map(|(kind, position)| Some((kind?, position)));
    let mut first: Option<(&str, Span)> = None;
    for (kind, position) in all {
        match first {
            None => first = Some((kind, position)),
            Some((other, other_position)) if !overlap(kind, other) => {
                findings.add_pair(position, format!("no value is of both types {other} and {kind}"), other_position);
            }
            Some(_) => {}
        }
    }
}

fn overlap(left: &str, right: &str) -> bool {
    left == right || matches!((left, right), ("integer", "number") | ("number", "integer"))
}

fn members_conflict<'a>(context: &Context<'a>, site: &SpecObject<'a>, findings: &mut Findings<'_>) {
    let mut taken: HashMap<&str, &'a Entry> = HashMap::new();
    for member in context.members(site.node) {
        let name = member.key.text.as_str();
        let Some(first) = taken.get(name) else {
            taken.insert(name, member);
            continue;
        };
        let (earlier, later) = if first.key.span <= member.key.span { (*first, member) } else { (member, *first) };
        if !agree(context, &earlier.value, &later.value) {
            findings.add_pair(
                later.key.span,
                format!("`{name}` is something else in another branch of `allOf`"),
                earlier.key.span,
            );
        }
    }
}

fn agree<'a>(context: &Context<'a>, left: &'a Node, right: &'a Node) -> bool {
    let (Some(left), Some(right)) = (context.resolve(left), context.resolve(right)) else { return true };
    if std::ptr::eq(left, right) || left.same_value(right) {
        return true;
    }
    if let (Some(left), Some(right)) = (context.json_type(left), context.json_type(right))
        && !overlap(left, right)
    {
        return false;
    }
    let format = |schema: &'a Node| schema.get("format").and_then(Node::as_str);
    if let (Some(left), Some(right)) = (format(left), format(right))
        && left != right
    {
        return false;
    }
    match (left.get("enum"), right.get("enum")) {
        (Some(left), Some(right)) => left.elements().any(|value| right.elements().any(|other| value.same_value(other))),
        _ => true,
    }
}

/// `additionalProperties: false` in one branch forbids the members of all others, which are silently dropped.
fn closed_branch<'a>(context: &Context<'a>, site: &SpecObject<'a>, findings: &mut Findings<'_>) {
    for branch in branches(site.node, "allOf") {
        let Some(schema) = context.resolve(branch) else { continue };
        let closed = schema.get("additionalProperties").and_then(Node::as_bool) == Some(false);
        let own: Vec<&str> = context.members(branch).iter().map(|member| member.key.text.as_str()).collect();
        let shut_out = context.members(site.node).into_iter().find(|member| !own.contains(&member.key.text.as_str()));
        if let Some(member) = shut_out.filter(|_| closed) {
            findings.add(
                inner_span(branch),
                format!("this branch allows no further members, and so shuts out `{}` of another", member.key.text),
            );
        }
    }
}

pub(super) fn discriminator(context: &Context<'_>, findings: &mut Findings<'_>) {
    for site in context.generated() {
        let Some(entry) = site.node.entry("discriminator") else { continue };
        let union: Vec<&Node> = ["oneOf", "anyOf"].iter().flat_map(|keyword| branches(site.node, keyword)).collect();
        if union.is_empty() {
            findings.add_with(
                entry.key.span,
                "a discriminator next to anything but `oneOf` is ignored",
                "list the schemas that it chooses among in a `oneOf`",
            );
            continue;
        }
        let Some(tag) = entry.value.get("propertyName").and_then(Node::as_str) else { continue };
        for branch in union {
            let is_distinguished = context.required(branch).contains(tag)
                && context.members(branch).iter().any(|member| {
                    member.key.text == tag
                        && context.resolve(&member.value).is_some_and(|member| only_value(member).is_some())
                });
            if !is_distinguished {
                findings.add(inner_span(branch), format!("this branch doesn't define its value of `{tag}`"));
            }
        }
    }
}

pub(super) fn ambiguous_union(context: &Context<'_>, findings: &mut Findings<'_>) {
    // Where there is a discriminator, its own rule checks that branches can be distinguished.
    for site in context.generated().filter(|site| site.node.get("discriminator").is_none()) {
        let union: Vec<&Node> = branches(site.node, "oneOf").collect();
        for (position, later) in union.iter().enumerate() {
            if let Some(earlier) = union[..position].iter().find(|earlier| swallows(context, earlier, later)) {
                findings.add_pair(
                    inner_span(later),
                    "an earlier branch takes what is meant for this one",
                    inner_span(earlier),
                );
            }
        }
    }
}

/// Whether everything that a later branch describes is read as the earlier one: branches are tried in their order.
fn swallows<'a>(context: &Context<'a>, earlier: &'a Node, later: &'a Node) -> bool {
    let (Some(earlier), Some(later)) = (context.resolve(earlier), context.resolve(later)) else { return false };
    if std::ptr::eq(earlier, later) {
        return true;
    }
    match (context.json_type(earlier), context.json_type(later)) {
        (Some("object"), Some("object")) => !told_apart(context, earlier, later),
        (Some("string"), Some("string")) => earlier.get("enum").is_none(),
        (Some("number"), Some("integer" | "number"))
        | (Some("integer"), Some("integer"))
        | (Some("boolean"), Some("boolean")) => true,
        (Some("array"), Some("array")) => match (earlier.get("items"), later.get("items")) {
            (Some(earlier), Some(later)) => swallows(context, earlier, later),
            _ => true,
        },
        // A schema without any type takes everything.
        (None, _) => earlier
            .entries()
            .all(|entry| matches!(entry.key.text.as_str(), "description" | "title" | "nullable" | "example")),
        _ => false,
    }
}

/// Whether the earlier of two objects requires something that the later one can't have.
fn told_apart<'a>(context: &Context<'a>, earlier: &'a Node, later: &'a Node) -> bool {
    let (required, of_earlier, of_later) =
        (context.required(earlier), context.members(earlier), context.members(later));
    let find = |members: &[&'a Entry], name: &str| -> Option<&'a Node> {
        context.resolve(&members.iter().find(|member| member.key.text == name)?.value)
    };
    required.iter().any(|name| match (find(&of_earlier, name), find(&of_later, name)) {
        (_, None) => true,
        (Some(left), Some(right)) => !agree(context, left, right),
        (None, Some(_)) => false,
    })
}
