//! Rules on paths and operations.

use std::collections::HashMap;

use contract::load::{Entry, Node};
use contract::naming::{pascal, snake};
use contract::operations::is_method;
use contract::source::Span;

use super::context::Context;
use super::rule::Findings;

pub(super) fn missing_operation_id(context: &Context<'_>, findings: &mut Findings<'_>) {
    for operation in &context.operations {
        if operation.node().get("operationId").is_none() {
            findings.add(operation.entry.key.span, format!("{} has no `operationId`", operation.title()));
        }
    }
}

pub(super) fn duplicate_operation_id(context: &Context<'_>, findings: &mut Findings<'_>) {
    let mut taken: HashMap<String, (&str, Span)> = HashMap::new();
    for operation in &context.operations {
        let Some(id) = operation.id() else { continue };
        let method = snake(id);
        // The builder's name drops what distinguishes `get_order1` and `get_order_1`.
        match taken.get(&pascal(&method)) {
            None => {
                taken.insert(pascal(&method), (id, operation.span()));
            }
            Some((first, position)) if *first == id => {
                findings.add_pair(operation.span(), format!("another operation is called `{id}` already"), *position);
            }
            Some((first, position)) => findings.add_pair(
                operation.span(),
                format!("`{id}` and `{first}` are one name in Rust, `{}`", pascal(&method)),
                *position,
            ),
        }
    }
}

/// Methods that the generated client has already.
const RESERVED_METHODS: [&str; 2] = ["new", "clone"];
/// Types that share a module with the builders in the generated code.
const RESERVED_TYPES: [&str; 12] = [
    "ByteStream",
    "Client",
    "Error",
    "Future",
    "Into",
    "Operation",
    "Option",
    "Request",
    "ResponseValue",
    "Result",
    "Send",
    "String",
];

pub(super) fn reserved_operation_id(context: &Context<'_>, findings: &mut Findings<'_>) {
    for operation in &context.operations {
        let Some(id) = operation.id() else { continue };
        let (method, builder) = (snake(id), pascal(&snake(id)));
        if RESERVED_METHODS.contains(&method.as_str()) {
            findings.add(operation.span(), format!("the client has a method `{method}` of its own"));
        } else if RESERVED_TYPES.contains(&builder.as_str()) {
            findings.add(operation.span(), format!("the client needs the name `{builder}` for something else"));
        } else if !id.contains(|letter: char| letter.is_ascii_alphanumeric()) {
            findings.add(operation.span(), "this id holds nothing to make a method's name of");
        }
    }
}

pub(super) fn unsupported_method(context: &Context<'_>, findings: &mut Findings<'_>) {
    for operation in context.operations.iter().filter(|operation| matches!(operation.method(), "options" | "trace")) {
        findings.add(
            operation.entry.key.span,
            format!("the HTTP client has no method for {}", operation.method().to_ascii_uppercase()),
        );
    }
}

pub(super) fn path_template(context: &Context<'_>, findings: &mut Findings<'_>) {
    let mut shapes: HashMap<String, &Entry> = HashMap::new();
    let paths = context.root.get("paths").map_or_else(|| [].iter(), Node::entries);
    for path in paths.filter(|path| !path.key.text.starts_with("x-")) {
        let template = path.key.text.as_str();
        if !template.starts_with('/') {
            findings
                .add(path.key.span, format!("the path `{template}` doesn't begin with `/` and is silently left out"));
            continue;
        }
        if template.contains("//") {
            findings.add(path.key.span, "two slashes in a row become one in the generated code");
        }
        if template.contains(['?', '#']) {
            findings.add_with(
                path.key.span,
                "a path ends before `?` and `#`",
                "declare what comes after `?` as query parameters",
            );
        }
        match template_names(template) {
            Err(message) => findings.add(path.key.span, message),
            Ok(names) => {
                if let Some(name) = names.iter().enumerate().find(|(at, name)| names[..*at].contains(name)) {
                    findings.add(path.key.span, format!("`{{{}}}` appears twice in this path", name.1));
                }
                let shape =
                    names.iter().fold(template.to_owned(), |shape, name| shape.replace(&format!("{{{name}}}"), "{}"));
                match shapes.get(&shape) {
                    None => {
                        shapes.insert(shape, path);
                    }
                    Some(first) => findings.add_pair(
                        path.key.span,
                        format!("`{}` is the same path with other names", first.key.text),
                        first.key.span,
                    ),
                }
            }
        }
    }
}

/// The parameters in a path template, or what is wrong with it.
pub(super) fn template_names(template: &str) -> Result<Vec<&str>, String> {
    let mut names = Vec::new();
    let mut rest = template;
    while let Some(open) = rest.find(['{', '}']) {
        let Some(inner) = rest[open..].strip_prefix('{') else {
            return Err("a `}` without its `{`".to_owned());
        };
        let Some(close) = inner.find('}') else {
            return Err("a `{` without its `}`".to_owned());
        };
        let name = &inner[..close];
        if name.is_empty() || name.contains(['/', '{']) {
            return Err(format!("`{{{name}}}` is not a parameter"));
        }
        names.push(name);
        rest = &inner[close + 1..];
    }
    Ok(names)
}

pub(super) fn operation_servers(context: &Context<'_>, findings: &mut Findings<'_>) {
    let paths = context.root.get("paths").map_or_else(|| [].iter(), Node::entries);
    for path in paths {
        let operations = path.value.entries().filter(|entry| is_method(&entry.key.text));
        for holder in [path].into_iter().chain(operations) {
            if let Some(servers) = holder.value.entry("servers") {
                findings.add(servers.key.span, "servers of a single path or operation are silently ignored");
            }
        }
    }
}

pub(super) fn deprecated(context: &Context<'_>, findings: &mut Findings<'_>) {
    use super::grammar::Kind;
    for kind in [Kind::Operation, Kind::Parameter, Kind::Schema] {
        for site in context.of_kind(kind) {
            if let Some(entry) = site.node.entry("deprecated").filter(|entry| entry.value.as_bool() == Some(true)) {
                findings.add(
                    entry.key.span,
                    format!("that {} is deprecated doesn't show in the generated code", kind.object().title),
                );
            }
        }
    }
}

/// Extensions of other projects that change what progenitor generates.
const FOREIGN: [&str; 3] = ["x-dropshot-pagination", "x-dropshot-websocket", "x-rust-type"];

pub(super) fn foreign_extension(context: &Context<'_>, findings: &mut Findings<'_>) {
    use super::grammar::Kind;
    for kind in [Kind::Operation, Kind::Schema] {
        for site in context.of_kind(kind) {
            for entry in site.node.entries().filter(|entry| FOREIGN.contains(&entry.key.text.as_str())) {
                findings.add(entry.key.span, format!("`{}` changes what is generated", entry.key.text));
            }
        }
    }
}
