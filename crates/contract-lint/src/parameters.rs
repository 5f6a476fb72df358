//! Rules on parameters.

use std::collections::HashMap;

use contract::load::{Entry, Node};
use contract::naming::snake;
use contract::operations::is_method;
use contract::source::Span;

use super::context::{Context, Declared, is_json};
use super::grammar::Kind;
use super::operations::template_names;
use super::rule::Findings;

pub(super) fn undeclared_path_parameter(context: &Context<'_>, findings: &mut Findings<'_>) {
    for operation in &context.operations {
        let Ok(names) = template_names(&operation.path.key.text) else { continue };
        let declared = context.parameters(operation);
        for name in names {
            let is_declared =
                declared.iter().any(|declared| declared.location() == Some("path") && declared.name() == Some(name));
            if !is_declared {
                let position = context.document.source().inner(operation.path.key.span, &format!("{{{name}}}"));
                findings.add(position, format!("{} declares no path parameter `{name}`", operation.title()));
            }
        }
    }
}

pub(super) fn unused_path_parameter(context: &Context<'_>, findings: &mut Findings<'_>) {
    for operation in &context.operations {
        let Ok(names) = template_names(&operation.path.key.text) else { continue };
        for declared in context.parameters(operation) {
            let Some(name) = declared.name() else { continue };
            if declared.location() == Some("path") && !names.contains(&name) {
                findings.add(
                    declared.span(),
                    format!("`{name}` is a path parameter, and `{}` has no `{{{name}}}`", operation.path.key.text),
                );
            }
        }
    }
}

pub(super) fn path_parameter_required(context: &Context<'_>, findings: &mut Findings<'_>) {
    for site in context.of_kind(Kind::Parameter) {
        let required = site.node.get("required").and_then(Node::as_bool);
        if text(site.node, "in") == Some("path") && required != Some(true) {
            let position =
                site.node.entry("required").map_or_else(|| name_span(site.node, site.span()), Entry::value_span);
            findings.add(position, format!("the path parameter `{}` is not required", name(site.node)));
        }
    }
}

fn text<'a>(node: &'a Node, key: &str) -> Option<&'a str> {
    node.get(key)?.as_str()
}

fn name(parameter: &Node) -> &str {
    text(parameter, "name").unwrap_or("?")
}

fn name_span(parameter: &Node, otherwise: Span) -> Span {
    parameter.entry("name").map_or(otherwise, Entry::value_span)
}

/// All parameters of an operation, and those of its path, share one namespace in the generated code.
pub(super) fn duplicate_parameter(context: &Context<'_>, findings: &mut Findings<'_>) {
    let paths = context.root.get("paths").map_or_else(|| [].iter(), Node::entries);
    for path in paths {
        let operations = path.value.entries().filter(|entry| is_method(&entry.key.text));
        for holder in [path].into_iter().chain(operations) {
            twice_in_one_list(&context.declared(&holder.value), findings);
        }
    }
    for operation in &context.operations {
        one_name_in_rust(&context.parameters(operation), findings);
    }
}

fn twice_in_one_list<'a>(declared: &[Declared<'a>], findings: &mut Findings<'_>) {
    let mut taken: HashMap<(&str, &str), Declared<'a>> = HashMap::new();
    for parameter in declared {
        let (Some(name), Some(position)) = (parameter.name(), parameter.location()) else { continue };
        match taken.get(&(name, position)) {
            None => {
                taken.insert((name, position), *parameter);
            }
            Some(first) => findings.add_pair(
                parameter.span(),
                format!("the {position} parameter `{name}` is declared already"),
                first.span(),
            ),
        }
    }
}

fn one_name_in_rust<'a>(declared: &[Declared<'a>], findings: &mut Findings<'_>) {
    let mut taken: HashMap<String, Declared<'a>> = HashMap::new();
    for parameter in declared {
        let (Some(name), Some(position)) = (parameter.name(), parameter.location()) else { continue };
        let argument = snake(name);
        match taken.get(&argument) {
            None => {
                taken.insert(argument, *parameter);
            }
            Some(first) if first.name() == Some(name) && first.location() == Some(position) => {}
            Some(first) if first.name() == Some(name) => findings.add_pair(
                parameter.span(),
                format!(
                    "`{name}` is a {} parameter already; the generator distinguishes parameters by name alone",
                    first.location().unwrap_or_default()
                ),
                first.span(),
            ),
            Some(first) => findings.add_pair(
                parameter.span(),
                format!("`{name}` and `{}` are one name in Rust, `{argument}`", first.name().unwrap_or_default()),
                first.span(),
            ),
        }
    }
}

/// Names that the builder of an operation or its mock has for itself.
const RESERVED: [&str; 5] = ["new", "send", "stream", "request", "into_inner"];

pub(super) fn reserved_parameter(context: &Context<'_>, findings: &mut Findings<'_>) {
    for operation in &context.operations {
        let has_body = context.request_body(operation).is_some();
        for declared in context.parameters(operation) {
            let Some(name) = declared.name() else { continue };
            let argument = snake(name);
            if RESERVED.contains(&argument.as_str()) || (has_body && argument == "body") {
                findings.add(declared.span(), format!("{} has a `{argument}` of its own", operation.title()));
            }
        }
    }
}

pub(super) fn parameter_style(context: &Context<'_>, findings: &mut Findings<'_>) {
    for site in context.of_kind(Kind::Parameter) {
        let Some(entry) = site.node.entry("style") else { continue };
        let (Some(position), Some(style)) = (text(site.node, "in"), entry.value.as_str()) else { continue };
        let supported = if matches!(position, "query" | "cookie") { "form" } else { "simple" };
        if style != supported {
            findings.add_with(
                entry.value_span(),
                format!("the style `{style}` of the {position} parameter `{}` is not supported", name(site.node)),
                format!("remove `style`; `{supported}` is what {position} parameters have"),
            );
        }
    }
}

pub(super) fn parameter_content(context: &Context<'_>, findings: &mut Findings<'_>) {
    for site in context.of_kind(Kind::Parameter) {
        if let Some(entry) = site.node.entry("content") {
            findings.add(entry.key.span, format!("`{}` is described by `content`", name(site.node)));
        }
    }
}

pub(super) fn cookie_parameter(context: &Context<'_>, findings: &mut Findings<'_>) {
    for site in context.of_kind(Kind::Parameter) {
        if let Some(entry) = site.node.entry("in").filter(|entry| entry.value.as_str() == Some("cookie")) {
            findings.add(entry.value_span(), format!("`{}` is a cookie", name(site.node)));
        }
    }
}

/// The schema of a parameter, with the position to point at.
fn schemas<'c, 'a>(context: &'c Context<'a>) -> impl Iterator<Item = (&'a Node, &'a Node, Span)> + use<'c, 'a> {
    context.of_kind(Kind::Parameter).filter_map(|site| {
        let entry = site.node.entry("schema")?;
        let written = entry.value.entry("$ref").or_else(|| entry.value.entry("type"));
        let position = written.map_or(entry.key.span, Entry::value_span);
        Some((site.node, context.resolve(&entry.value)?, position))
    })
}

pub(super) fn array_parameter(context: &Context<'_>, findings: &mut Findings<'_>) {
    for (parameter, schema, position) in schemas(context) {
        if context.json_type(schema) == Some("array") {
            findings.add(position, format!("the {} parameter `{}` is an array", travels(parameter), name(parameter)));
        }
    }
}

pub(super) fn object_parameter(context: &Context<'_>, findings: &mut Findings<'_>) {
    for (parameter, schema, position) in schemas(context) {
        if context.json_type(schema) == Some("object") {
            findings.add(position, format!("the {} parameter `{}` is an object", travels(parameter), name(parameter)));
        }
    }
}

pub(super) fn union_parameter(context: &Context<'_>, findings: &mut Findings<'_>) {
    for (parameter, schema, position) in schemas(context) {
        let branches = ["oneOf", "anyOf"].iter().filter_map(|keyword| schema.get(keyword)).flat_map(Node::elements);
        for branch in branches {
            let Some(kind) = context.json_type(branch).filter(|kind| matches!(*kind, "array" | "object")) else {
                continue;
            };
            findings
                .add(position, format!("the {} parameter `{}` may be an {kind}", travels(parameter), name(parameter)));
        }
    }
}

fn travels(parameter: &Node) -> &str {
    text(parameter, "in").unwrap_or("?")
}

pub(super) fn nullable_parameter(context: &Context<'_>, findings: &mut Findings<'_>) {
    for (parameter, schema, position) in schemas(context) {
        if schema.get("nullable").and_then(Node::as_bool) == Some(true) {
            findings.add(position, format!("the {} parameter `{}` may be null", travels(parameter), name(parameter)));
        }
    }
}

pub(super) fn parameter_encoding(context: &Context<'_>, findings: &mut Findings<'_>) {
    for site in context.of_kind(Kind::Parameter) {
        for (key, ignored) in [("explode", false), ("allowReserved", true), ("allowEmptyValue", true)] {
            let Some(entry) = site.node.entry(key).filter(|entry| entry.value.as_bool() == Some(ignored)) else {
                continue;
            };
            findings.add(entry.key.span, format!("`{key}: {ignored}` of `{}` is silently ignored", name(site.node)));
        }
    }
}

pub(super) fn header_name(context: &Context<'_>, findings: &mut Findings<'_>) {
    for site in context.of_kind(Kind::Parameter).filter(|site| text(site.node, "in") == Some("header")) {
        let name = name(site.node);
        let position = name_span(site.node, site.span());
        let is_token = !name.is_empty()
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte));
        if !is_token {
            findings.add_with(
                position,
                if name.is_empty() {
                    "this header has no name".to_owned()
                } else {
                    format!("`{name}` is not a valid name of a header")
                },
                "write letters, digits and hyphens, such as `If-Match`",
            );
        } else if ["accept", "content-type", "authorization"].contains(&name.to_ascii_lowercase().as_str()) {
            findings.add_with(
                position,
                format!("the header `{name}` follows from the rest of the contract"),
                "remove the parameter: media types declare what is accepted and sent, and the security schemes how callers authenticate",
            );
        }
    }
}

/// The media type in which a form is written.
pub(super) const FORM: &str = "application/x-www-form-urlencoded";

/// Whether a body of this media type is generated from its schema.
pub(super) fn is_typed(media_type: &str) -> bool {
    is_json(media_type) || media_type == FORM || media_type.starts_with("application/x-www-form-urlencoded;")
}
