//! Rules on enums.

use std::collections::HashMap;

use contract::load::{Entry, Node, Value};
use contract::naming::pascal;
use contract::source::Span;

use super::context::{Context, OPEN_ENUM, Reached, SpecObject};
use super::rule::Findings;

fn lists<'c, 'a>(context: &'c Context<'a>) -> impl Iterator<Item = (&'c SpecObject<'a>, &'a Entry)> {
    context.generated().filter_map(|site| Some((site, site.node.entry("enum")?)))
}

/// The lists of strings; others have a rule of their own.
fn text_lists<'c, 'a>(context: &'c Context<'a>) -> impl Iterator<Item = (&'c SpecObject<'a>, &'a Entry)> {
    lists(context).filter(|(site, list)| {
        let kind = site.node.get("type").and_then(Node::as_str);
        kind.is_none_or(|kind| kind == "string") && list.value.elements().len() > 0
    })
}

/// The lists that may grow. Not a list of one value that distinguishes the branches of a union.
fn open_lists<'c, 'a>(context: &'c Context<'a>) -> impl Iterator<Item = (&'c SpecObject<'a>, &'a Entry)> {
    let branches = union_branches(context);
    text_lists(context).filter(move |(site, list)| {
        let of_branch = context.parent(site).is_some_and(|around| branches.contains(around.node));
        !(of_branch && site.field == "properties" && list.value.elements().len() == 1)
    })
}

/// The branches of all unions, and what they are composed of.
fn union_branches(context: &Context<'_>) -> Reached {
    let mut reached = Reached::default();
    let unions = context.generated().flat_map(|site| ["oneOf", "anyOf"].map(|keyword| site.node.get(keyword)));
    let mut open: Vec<&Node> = unions.flatten().flat_map(Node::elements).collect();
    while let Some(node) = open.pop() {
        let Some(branch) = context.resolve(node) else { continue };
        if reached.insert(branch) {
            open.extend(branch.get("allOf").map_or_else(|| [].iter(), Node::elements));
        }
    }
    reached
}

pub(super) fn enum_values(context: &Context<'_>, findings: &mut Findings<'_>) {
    for (site, list) in lists(context) {
        match site.node.entry("type") {
            None => findings.add_with(list.key.span, "an enum without a type", "add `type: string`"),
            Some(kind) if kind.value.as_str() == Some("string") => {
                for value in list.value.elements().filter(|value| value.as_str().is_none()) {
                    let help = match value.value {
                        Value::Null => "take null out, and write `nullable: true` where the enum is used",
                        _ => "put the value in quotes",
                    };
                    findings.add_with(value.span, format!("{} among strings", value.kind()), help);
                }
            }
            Some(kind) => findings.add_with(
                list.key.span,
                format!("an enum of type {}", kind.value.as_str().unwrap_or(kind.value.kind())),
                "enums are lists of strings; describe other values in words",
            ),
        }
    }
}

pub(super) fn enum_clash(context: &Context<'_>, findings: &mut Findings<'_>) {
    for (_, list) in lists(context) {
        let mut taken: HashMap<String, (&str, Span)> = HashMap::new();
        for value in list.value.elements() {
            let Some(text) = value.as_str().filter(|text| !text.is_empty()) else { continue };
            let variant = pascal(text);
            match taken.get(&variant) {
                None => {
                    taken.insert(variant, (text, value.span));
                }
                Some((first, position)) if *first == text => {
                    let message = format!("`{text}` is listed twice");
                    findings.add_pair_with(value.span, message, "remove one of the two", *position);
                }
                Some((first, position)) => {
                    let (message, help) = clash(first, text, &variant);
                    findings.add_pair_with(value.span, message, help, *position);
                }
            }
        }
        for value in list.value.elements().filter(|value| value.as_str() == Some("")) {
            findings.add_with(
                value.span,
                "the empty string has no name as a variant",
                "leave it out: an open enum keeps it as an unknown value",
            );
        }
    }
}

/// What is wrong with two values whose variants have the same name, and what to do about it.
fn clash(first: &str, second: &str, variant: &str) -> (String, &'static str) {
    // As the generated enum compares: only the letters of ASCII are read without regard to case.
    if first.eq_ignore_ascii_case(second) {
        (
            format!("`{second}` and `{first}` differ only in letter case"),
            "keep one spelling; open enums are read without regard to letter case",
        )
    } else {
        (
            format!("`{second}` and `{first}` have the same name in Rust, `{variant}`"),
            "list only one of them: an open enum keeps the other as an unknown value",
        )
    }
}

pub(super) fn closed_enum(context: &Context<'_>, findings: &mut Findings<'_>) {
    for (site, list) in open_lists(context) {
        let mark = site.node.entry(OPEN_ENUM);
        match mark {
            Some(mark) if mark.value.as_bool() == Some(true) => {}
            Some(mark) => {
                findings.add_with(mark.value_span(), format!("only `{OPEN_ENUM}: true` opens an enum"), "write `true`");
            }
            None => findings.add(list.key.span, "this enum is closed: one unknown value costs the whole response"),
        }
    }
    for site in context.generated().filter(|site| site.node.get("enum").is_none()) {
        if let Some(mark) = site.node.entry(OPEN_ENUM) {
            findings.add_with(
                mark.key.span,
                format!("`{OPEN_ENUM}` without `enum`"),
                "add the list of known values, or take the mark out",
            );
        }
    }
}

pub(super) fn inline_enum(context: &Context<'_>, findings: &mut Findings<'_>) {
    for (site, list) in open_lists(context) {
        if !context.is_component(site) {
            findings.add(list.key.span, "this enum has no name of its own");
        }
    }
}

/// The only value of a property that distinguishes branches.
pub(super) fn only_value(property: &Node) -> Option<&str> {
    match property.get("enum")?.as_seq()? {
        [only] => only.as_str(),
        _ => None,
    }
}
