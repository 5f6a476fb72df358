//! Rules on a single schema.

use contract::load::{Entry, Node, Value};

use super::context::{Context, Reached, SpecObject, subschemas};
use super::grammar::Kind;
use super::members::CRITICAL;
use super::rule::Findings;

/// Keywords, with the types that they have a meaning for.
const KEYWORD_TYPES: &[(&str, &[&str])] = &[
    ("properties", &["object"]),
    ("additionalProperties", &["object"]),
    ("required", &["object"]),
    ("minProperties", &["object"]),
    ("maxProperties", &["object"]),
    ("items", &["array"]),
    ("minItems", &["array"]),
    ("maxItems", &["array"]),
    ("uniqueItems", &["array"]),
    ("minLength", &["string"]),
    ("maxLength", &["string"]),
    ("pattern", &["string"]),
    ("minimum", &["integer", "number"]),
    ("maximum", &["integer", "number"]),
    ("exclusiveMinimum", &["integer", "number"]),
    ("exclusiveMaximum", &["integer", "number"]),
    ("multipleOf", &["integer", "number"]),
    ("format", &["string", "integer", "number"]),
];

fn is_composed(schema: &Node) -> bool {
    ["allOf", "oneOf", "anyOf"].iter().any(|keyword| schema.get(keyword).is_some())
}

pub(super) fn missing_type(context: &Context<'_>, findings: &mut Findings<'_>) {
    for site in context.generated().filter(|site| site.node.get("type").is_none()) {
        // Next to or inside `allOf`, `oneOf` and `anyOf`, the type may come from a branch.
        let in_branch = matches!(site.field, "allOf" | "oneOf" | "anyOf" | "not");
        if is_composed(site.node) || in_branch {
            continue;
        }
        let keyword = KEYWORD_TYPES.iter().find_map(|(keyword, types)| Some((site.node.entry(keyword)?, types)));
        if let Some((entry, types)) = keyword {
            let help = match types {
                [one] => format!("add `type: {one}`"),
                _ => format!("add the `type`: {}", types.join(" or ")),
            };
            findings.add_with(entry.key.span, format!("`{}` without a `type`", entry.key.text), help);
        }
    }
}

pub(super) fn misplaced_keyword(context: &Context<'_>, findings: &mut Findings<'_>) {
    for site in context.generated() {
        let Some(kind) = site.node.get("type").and_then(Node::as_str) else { continue };
        for (keyword, types) in KEYWORD_TYPES.iter().filter(|(_, types)| !types.contains(&kind)) {
            // `required: true` is of the wrong kind before it is misplaced.
            let wanted = |entry: &&Entry| *keyword != "required" || entry.value.as_seq().is_some();
            if let Some(entry) = site.node.entry(keyword).filter(wanted) {
                findings.add_with(
                    entry.key.span,
                    format!("`{keyword}` has no meaning for the type {kind}"),
                    format!("remove it, or write `type: {}`", types.join("` or `type: ")),
                );
            }
        }
    }
}

pub(super) fn array_items(context: &Context<'_>, findings: &mut Findings<'_>) {
    for site in context.generated() {
        let Some(entry) = site.node.entry("type").filter(|entry| entry.value.as_str() == Some("array")) else {
            continue;
        };
        if site.node.get("items").is_none() {
            findings.add(entry.value_span(), "an array without `items`");
        }
    }
}

pub(super) fn empty_list(context: &Context<'_>, findings: &mut Findings<'_>) {
    for site in context.generated() {
        for keyword in ["allOf", "oneOf", "anyOf", "enum"] {
            let empty = |entry: &&Entry| entry.value.as_seq().is_some_and(<[Node]>::is_empty);
            if let Some(entry) = site.node.entry(keyword).filter(empty) {
                findings.add(entry.key.span, format!("`{keyword}` holds nothing"));
            }
        }
    }
}

pub(super) fn not_keyword(context: &Context<'_>, findings: &mut Findings<'_>) {
    for site in context.generated() {
        if let Some(entry) = site.node.entry("not") {
            findings.add(entry.key.span, "`not` is not supported");
        }
    }
}

pub(super) fn nullable_component(context: &Context<'_>, findings: &mut Findings<'_>) {
    for site in context.generated().filter(|site| context.is_component(site)) {
        if let Some(entry) = site.node.entry("nullable").filter(|entry| entry.value.as_bool() == Some(true)) {
            findings.add(entry.key.span, format!("the component `{}` may be null", site.name().unwrap_or_default()));
        }
    }
}

/// Formats that a hand-written type replaces, with the type that they need. The generator knows such a schema by
/// having nothing else in it that counts.
const CONVERTED: [(&str, &str, &str); 2] = [("decimal", "number", "money"), ("date-time", "string", "a date")];

pub(super) fn converted_format(context: &Context<'_>, findings: &mut Findings<'_>) {
    for site in context.generated() {
        let format = site.node.get("format").and_then(Node::as_str);
        let Some((format, wanted, meaning)) = CONVERTED.iter().find(|(known, _, _)| Some(*known) == format) else {
            continue;
        };
        match site.node.entry("type") {
            Some(entry) if entry.value.as_str() != Some(wanted) => findings.add_with(
                entry.value_span(),
                format!("`format: {format}` of another type than {wanted} is no {}", meaning.trim_start_matches("a ")),
                format!("write `type: {wanted}`"),
            ),
            _ => {}
        }
        // Lowering takes that one off.
        let others = site.node.entries().filter(|entry| entry.key.text != CRITICAL);
        for entry in others.filter(|entry| entry.key.text == "enum" || entry.key.text.starts_with("x-")) {
            findings.add_with(
                entry.key.span,
                format!("`{}` keeps this from being read as {meaning}", entry.key.text),
                "remove it; the type and the format must be alone",
            );
        }
    }
}

pub(super) fn float_format(context: &Context<'_>, findings: &mut Findings<'_>) {
    for site in context.generated() {
        if let Some(entry) = site.node.entry("format").filter(|entry| entry.value.as_str() == Some("float")) {
            findings.add(entry.value_span(), "`float` keeps about seven digits of a number");
        }
    }
}

/// The innermost things that only survive where their JSON text is kept: money, and what hand-written types read.
fn keeps_its_text(schema: &Node) -> bool {
    schema.get("format").and_then(Node::as_str) == Some("decimal") || schema.get(super::context::WIRE_TYPE).is_some()
}

pub(super) fn money_in_union(context: &Context<'_>, findings: &mut Findings<'_>) {
    for site in context.generated() {
        for keyword in ["oneOf", "anyOf"] {
            let Some(union) = site.node.entry(keyword).filter(|union| union.value.elements().len() > 1) else {
                continue;
            };
            for branch in union.value.elements() {
                if holds_text_keeper(context, branch) {
                    findings.add(
                        super::context::inner_span(branch),
                        format!("a branch of `{keyword}` holds money, or another value that keeps its JSON text"),
                    );
                }
            }
        }
    }
}

fn holds_text_keeper<'a>(context: &Context<'a>, start: &'a Node) -> bool {
    let mut seen = Reached::default();
    let mut open = vec![start];
    while let Some(node) = open.pop() {
        let Some(schema) = context.resolve(node) else { continue };
        if keeps_its_text(schema) {
            return true;
        }
        if seen.insert(schema) {
            open.extend(subschemas(schema).into_iter().map(|(_, inner)| inner));
        }
    }
    false
}

pub(super) fn default_mismatch(context: &Context<'_>, findings: &mut Findings<'_>) {
    for site in context.generated() {
        let Some(entry) = site.node.entry("default") else { continue };
        if let Err(reason) = conforms(context, site.node, &entry.value) {
            findings.add(entry.value_span(), format!("the default doesn't match its own schema: {reason}"));
        }
    }
}

/// Whether a value is one that a schema allows, without regard to its formats.
fn conforms<'a>(context: &Context<'a>, schema: &'a Node, value: &Node) -> Result<(), String> {
    let Some(schema) = context.resolve(schema) else { return Ok(()) };
    if value.value == Value::Null {
        let nullable = schema.get("nullable").and_then(Node::as_bool) == Some(true) || schema.get("type").is_none();
        return if nullable { Ok(()) } else { Err("it is null".to_owned()) };
    }
    if let Some(kind) = schema.get("type").and_then(Node::as_str) {
        let matches = match kind {
            "string" => matches!(value.value, Value::String(_)),
            "integer" => matches!(value.value, Value::Int(_)),
            "number" => value.as_f64().is_some(),
            "boolean" => matches!(value.value, Value::Bool(_)),
            "array" => matches!(value.value, Value::Seq(_)),
            "object" => matches!(value.value, Value::Map(_)),
            _ => true,
        };
        if !matches {
            return Err(format!("it is {}, and the type is {kind}", value.kind()));
        }
    }
    if let Some(list) = schema.get("enum")
        && !list.elements().any(|allowed| allowed.same_value(value))
    {
        return Err("it is not one of the values in `enum`".to_owned());
    }
    in_bounds(schema, value)?;
    if let (Some(items), Some(elements)) = (schema.get("items"), value.as_seq()) {
        elements.iter().try_for_each(|element| conforms(context, items, element))?;
    }
    for entry in value.entries() {
        if let Some(property) = schema.get("properties").and_then(|properties| properties.get(&entry.key.text)) {
            conforms(context, property, &entry.value).map_err(|reason| format!("`{}`: {reason}", entry.key.text))?;
        }
    }
    schema
        .get("allOf")
        .map_or_else(|| [].iter(), Node::elements)
        .try_for_each(|branch| conforms(context, branch, value))
}

fn in_bounds(schema: &Node, value: &Node) -> Result<(), String> {
    let bound = |keyword| schema.get(keyword).and_then(Node::as_f64);
    if let Some(number) = value.as_f64() {
        if bound("minimum").is_some_and(|minimum| number < minimum) {
            return Err("it is below `minimum`".to_owned());
        }
        if bound("maximum").is_some_and(|maximum| number > maximum) {
            return Err("it is above `maximum`".to_owned());
        }
        let range = match schema.get("format").and_then(Node::as_str) {
            Some("int32") => f64::from(i32::MIN)..=f64::from(i32::MAX),
            _ => f64::MIN..=f64::MAX,
        };
        if !range.contains(&number) {
            return Err("it is too large for its format".to_owned());
        }
    }
    if let Some(text) = value.as_str() {
        #[expect(clippy::cast_precision_loss, reason = "no default is longer than 2^52 characters")]
        let length = text.chars().count() as f64;
        if bound("minLength").is_some_and(|least| length < least)
            || bound("maxLength").is_some_and(|most| length > most)
        {
            return Err("its length is out of bounds".to_owned());
        }
    }
    Ok(())
}

pub(super) fn member_default(context: &Context<'_>, findings: &mut Findings<'_>) {
    for site in context.generated().filter(|site| !of_parameter(context, site)) {
        if let Some(entry) = site.node.entry("default") {
            findings.add(
                entry.key.span,
                "this default is filled in when a value is read, and then written as if it had been there",
            );
        }
    }
}

/// Whether a schema describes a parameter or a header as a whole; its default is documentation.
fn of_parameter(context: &Context<'_>, site: &SpecObject<'_>) -> bool {
    context.parent(site).is_some_and(|parent| matches!(parent.kind, Kind::Parameter | Kind::Header))
}

pub(super) fn bad_pattern(context: &Context<'_>, findings: &mut Findings<'_>) {
    for site in context.schemas() {
        let Some(entry) = site.node.entry("pattern") else { continue };
        if let Some(Err(error)) = entry.value.as_str().map(regress::Regex::new) {
            findings.add(entry.value_span(), format!("invalid regular expression: {error}"));
        }
    }
}
