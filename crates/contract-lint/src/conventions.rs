//! The conventions of this project's own contract.

use std::path::{Component, Path};

use contract::load::{Entry, Node};

use super::context::{Context, OPEN_ENUM, Operation, WIRE_TYPE, is_json};
use super::forms::SENT_BACK_AS;
use super::grammar::Kind;
use super::members::{CRITICAL, SAME_TYPED};
use super::nearest::nearest;
use super::rule::Findings;

/// The values for how an operation may be repeated: see [`retry_class`].
const RETRY: &str = "x-retry";
/// Which authentication an operation takes: see [`sign_in`].
const SIGN_IN: &str = "x-auth";

pub(super) fn operation_id_case(context: &Context<'_>, findings: &mut Findings<'_>) {
    for operation in &context.operations {
        let Some(id) = operation.id() else { continue };
        let is_snake = id.starts_with(|first: char| first.is_ascii_lowercase())
            && id.chars().all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '_')
            && !id.ends_with('_')
            && !id.contains("__");
        if !is_snake {
            let help = format!("write `{}`", contract::naming::snake(id));
            findings.add_with(operation.span(), format!("`{id}` is not in snake_case"), help);
        }
    }
}

pub(super) fn operation_tag(context: &Context<'_>, findings: &mut Findings<'_>) {
    let known: Vec<&str> = context
        .root
        .get("tags")
        .map_or_else(|| [].iter(), Node::elements)
        .filter_map(|tag| tag.get("name")?.as_str())
        .collect();
    for operation in &context.operations {
        let Some(entry) = operation.node().entry("tags") else {
            findings.add(operation.span(), format!("{} has no tag", operation.title()));
            continue;
        };
        match entry.value.as_seq() {
            Some([tag]) => {
                let name = tag.as_str().unwrap_or_default();
                if !known.contains(&name) {
                    let help = match nearest(name, known.iter().copied()) {
                        Some(near) => format!("did you mean `{near}`?"),
                        None => "describe the tag under the contract's own `tags`".to_owned(),
                    };
                    findings.add_with(tag.span, format!("there is no tag `{name}`"), help);
                }
            }
            Some(tags) => {
                findings.add(entry.key.span, format!("{} has {} tags, not one", operation.title(), tags.len()));
            }
            None => {}
        }
    }
}

pub(super) fn retry_class(context: &Context<'_>, findings: &mut Findings<'_>) {
    const CLASSES: [&str; 4] = ["read", "idempotent-write", "keyed-write", "once"];
    for operation in &context.operations {
        let Some(entry) = operation.node().entry(RETRY) else {
            findings.add(operation.span(), format!("{} doesn't declare whether it may be repeated", operation.title()));
            continue;
        };
        let class = entry.value.as_str().unwrap_or_default();
        let reads = matches!(operation.method(), "get" | "head");
        if !CLASSES.contains(&class) {
            let shown =
                entry.value.as_str().map_or_else(|| entry.value.kind().to_owned(), |class| format!("`{class}`"));
            findings.add(entry.value_span(), format!("{shown} is not a retry class"));
        } else if reads != (class == "read") {
            findings.add_with(
                entry.value_span(),
                format!("`{class}` doesn't go with {}", operation.method().to_ascii_uppercase()),
                "GET is `read`, and nothing else is",
            );
        }
    }
}

pub(super) fn sign_in(context: &Context<'_>, findings: &mut Findings<'_>) {
    for operation in &context.operations {
        let Some(entry) = operation.node().entry(SIGN_IN) else {
            findings
                .add(operation.span(), format!("{} doesn't declare which authentication it takes", operation.title()));
            continue;
        };
        let Some(elements) = entry.value.as_seq().filter(|elements| !elements.is_empty()) else {
            findings.add(entry.value_span(), format!("`{SIGN_IN}` is not a list of kinds of authentication"));
            continue;
        };
        for (position, element) in elements.iter().enumerate() {
            match element.as_str() {
                Some("app" | "user") if elements[..position].iter().any(|earlier| earlier.same_value(element)) => {
                    findings.add(element.span, "this kind of authentication is listed twice");
                }
                Some("app" | "user") => {}
                _ => findings.add(element.span, "unknown kind of authentication"),
            }
        }
    }
}

fn is_described(context: &Context<'_>, node: &Node) -> bool {
    let described = |node: &Node| {
        node.get("description").and_then(Node::as_str).is_some_and(|description| !description.trim().is_empty())
    };
    described(node)
        || node
            .get("$ref")
            .and_then(Node::as_str)
            .and_then(|target| context.document.pointer(target.strip_prefix('#')?))
            .is_some_and(described)
}

pub(super) fn missing_description(context: &Context<'_>, findings: &mut Findings<'_>) {
    for operation in &context.operations {
        if !is_described(context, operation.node()) {
            findings.add(operation.span(), format!("{} has no description", operation.title()));
        }
    }
    for site in &context.objects {
        let what = match (site.kind, site.field) {
            (Kind::Parameter, _) => "this parameter",
            (Kind::Response, _) => "this response",
            (Kind::Schema, "properties") => "this member",
            (Kind::Schema, _) if context.is_component(site) => "this schema",
            _ => continue,
        };
        if !is_described(context, site.node) {
            let position =
                site.node.entry("name").filter(|_| site.entry.is_none()).map_or(site.span(), Entry::value_span);
            findings.add(position, format!("{what} has no description"));
        }
    }
}

/// The JSON media types that an operation's examples belong to: of its body, and of its successes.
fn json_bodies<'a>(context: &Context<'a>, operation: &Operation<'a>) -> (Vec<&'a Entry>, Vec<&'a Entry>) {
    let json = |holder: &'a Node| {
        let media = holder.get("content").map_or_else(|| [].iter(), Node::entries);
        media.filter(|media| is_json(&media.key.text)).collect::<Vec<_>>()
    };
    let request = context.request_body(operation).map(json).unwrap_or_default();
    let responses = context.responses(operation).into_iter().filter(super::context::Response::is_success);
    (request, responses.flat_map(|response| json(response.node)).collect())
}

pub(super) fn missing_example(context: &Context<'_>, findings: &mut Findings<'_>) {
    for operation in &context.operations {
        let (request, response) = json_bodies(context, operation);
        for (bodies, direction) in [(request, "request"), (response, "response")] {
            let has_example = |media: &&Entry| {
                media.value.get("example").is_some()
                    || media.value.get("examples").is_some_and(|examples| examples.entries().len() > 0)
            };
            if let Some(first) = bodies.first().filter(|_| !bodies.iter().any(has_example)) {
                findings.add(first.key.span, format!("{} has no example of its {direction}", operation.title()));
            }
        }
    }
}

pub(super) fn example_file(context: &Context<'_>, findings: &mut Findings<'_>) {
    for site in context.of_kind(Kind::Example) {
        let Some(entry) = site.node.entry("externalValue") else { continue };
        let Some(value) = entry.value.as_str() else { continue };
        let path = Path::new(value);
        if value.contains("://") || !path.components().all(|part| matches!(part, Component::Normal(_))) {
            findings.add(entry.value_span(), format!("`{value}` is not in the folder of the contract"));
            continue;
        }
        let Some(folder) = context.document.folder() else { continue };
        let of_json = context.parent(site).is_some_and(|media| media.name().is_some_and(is_json));
        match contract::files::read(&folder.join(path)) {
            Err(error) => findings.add(entry.value_span(), format!("can't read `{value}`: {error}")),
            Ok(bytes) if of_json => {
                if let Err(error) = serde_json::from_slice::<serde::de::IgnoredAny>(&bytes) {
                    findings.add_with(entry.value_span(), format!("`{value}` is not JSON: {error}"), "fix the file");
                }
            }
            Ok(_) => {}
        }
    }
}

pub(super) fn version_in_server(context: &Context<'_>, findings: &mut Findings<'_>) {
    for server in context.root.get("servers").map_or_else(|| [].iter(), Node::elements) {
        let Some(url) = server.entry("url") else { continue };
        if let Some(text) = url.value.as_str().filter(|text| !text.ends_with("/v1")) {
            findings.add(url.value_span(), format!("the address `{text}` doesn't end in `/v1`"));
        }
    }
    for path in context.root.get("paths").map_or_else(|| [].iter(), Node::entries) {
        if path.key.text == "/v1" || path.key.text.starts_with("/v1/") {
            findings.add(path.key.span, "this path begins with `/v1`");
        }
    }
}

pub(super) fn strict_format(context: &Context<'_>, findings: &mut Findings<'_>) {
    const STRICT: [&str; 5] = ["uuid", "date", "ip", "ipv4", "ipv6"];
    for site in
        context.generated().filter(|site| context.read.contains(site.node) || context.written.contains(site.node))
    {
        let Some(entry) = site.node.entry("format") else { continue };
        if let Some(format) = entry.value.as_str().filter(|format| STRICT.contains(format)) {
            findings.add(entry.value_span(), format!("`format: {format}` in a body"));
        }
    }
}

pub(super) fn named_body(context: &Context<'_>, findings: &mut Findings<'_>) {
    for site in context.of_kind(Kind::MediaType).filter(|site| site.name().is_some_and(is_json)) {
        let Some(schema) = site.node.entry("schema") else { continue };
        if schema.value.as_map().is_some() && schema.value.get("$ref").is_none() {
            findings.add(schema.key.span, "the schema of this body has no name");
        }
    }
}

/// What the generator reads, with the object in which it reads it.
const EXTENSIONS: &[(&str, Kind)] = &[
    (RETRY, Kind::Operation),
    (SIGN_IN, Kind::Operation),
    (OPEN_ENUM, Kind::Schema),
    (WIRE_TYPE, Kind::Schema),
    (SENT_BACK_AS, Kind::Schema),
    (SAME_TYPED, Kind::Schema),
    (CRITICAL, Kind::Schema),
];

pub(super) fn unknown_extension(context: &Context<'_>, findings: &mut Findings<'_>) {
    for site in &context.objects {
        // Keys of these objects are names of things.
        if site.kind.object().others.is_some() && !matches!(site.kind, Kind::Paths | Kind::Responses) {
            continue;
        }
        for entry in site.node.entries().filter(|entry| entry.key.text.starts_with("x-")) {
            let key = entry.key.text.as_str();
            match EXTENSIONS.iter().find(|(known, _)| *known == key) {
                Some((_, kind)) if *kind == site.kind => {}
                Some((_, kind)) => findings.add_with(
                    entry.key.span,
                    format!("`{key}` has no meaning in {}", site.kind.object().title),
                    format!("put it in {}", kind.object().title),
                ),
                None => {
                    let help = match nearest(key, EXTENSIONS.iter().map(|(known, _)| *known)) {
                        Some(near) => format!("did you mean `{near}`?"),
                        None => "remove it, or add support for it to the generator and to this rule".to_owned(),
                    };
                    findings.add_with(entry.key.span, format!("`{key}` is not read by the generator"), help);
                }
            }
        }
    }
}

pub(super) fn wire_type(context: &Context<'_>, findings: &mut Findings<'_>) {
    for site in context.schemas() {
        let Some(entry) = site.node.entry(WIRE_TYPE) else { continue };
        let is_type = |name: &str| {
            name.starts_with(|first: char| first.is_ascii_uppercase())
                && name.chars().all(|letter| letter.is_ascii_alphanumeric())
        };
        if !entry.value.as_str().is_some_and(is_type) {
            findings.add_with(entry.value_span(), "this is not the name of a type", "name a type of the `wire` module");
        } else if !context.is_component(site) {
            findings.add(entry.key.span, "only a named schema can be replaced by a wire type");
        }
    }
}
