//! Rules on request bodies.

use contract::load::{Entry, Node};

use super::context::{Context, inner_span, is_json};
use super::grammar::Kind;
use super::parameters::{FORM, is_typed};
use super::rule::Findings;

/// The media types of every request body but multipart ones, which a lowering takes out with their operations.
fn media<'a>(context: &Context<'a>) -> impl Iterator<Item = &'a Entry> {
    let contents: Vec<&'a Node> =
        context.of_kind(Kind::RequestBody).filter_map(|site| site.node.get("content")).collect();
    contents.into_iter().filter(|content| !is_multipart(content)).flat_map(Node::entries)
}

fn is_multipart(content: &Node) -> bool {
    content.entries().any(|media| media.key.text.starts_with("multipart/form-data"))
}

/// A media type without its parameters.
fn essence(media_type: &str) -> &str {
    media_type.split(';').next().unwrap_or_default()
}

pub(super) fn optional_body(context: &Context<'_>, findings: &mut Findings<'_>) {
    for site in context.of_kind(Kind::RequestBody) {
        match site.node.entry("required") {
            Some(entry) if entry.value.as_bool() == Some(false) => {
                findings.add(entry.value_span(), "an optional body is always required in the generated code");
            }
            Some(_) => {}
            None => findings
                .add(site.span(), "this body is not marked as required, and the generated code always requires it"),
        }
    }
}

pub(super) fn body_media_type(context: &Context<'_>, findings: &mut Findings<'_>) {
    const SUPPORTED: [&str; 5] =
        ["application/json", "application/octet-stream", FORM, "text/plain", "text/x-markdown"];
    for media in media(context) {
        if !SUPPORTED.contains(&essence(&media.key.text)) {
            findings.add(media.key.span, format!("a request body of `{}` is not supported", media.key.text));
        }
    }
}

pub(super) fn several_body_media_types(context: &Context<'_>, findings: &mut Findings<'_>) {
    for site in context.of_kind(Kind::RequestBody) {
        let Some(entry) = site.node.entry("content") else { continue };
        let mut media = entry.value.entries();
        match media.len() {
            0 => findings.add_with(
                entry.key.span,
                "this body has no media type and is silently left out",
                "name its media type, or take the body out",
            ),
            1 => {}
            number => {
                let (first, second) = (media.next(), media.next());
                let position = second.map_or(entry.key.span, |second| second.key.span);
                let first = first.map_or(entry.key.span, |first| first.key.span);
                findings.add_pair(position, format!("this body has {number} media types"), first);
            }
        }
    }
}

pub(super) fn body_without_schema(context: &Context<'_>, findings: &mut Findings<'_>) {
    for media in media(context).filter(|media| media.value.get("schema").is_none()) {
        findings.add(media.key.span, format!("a request body of `{}` without a schema", media.key.text));
    }
}

pub(super) fn raw_body_schema(context: &Context<'_>, findings: &mut Findings<'_>) {
    for media in media(context) {
        let wanted = match essence(&media.key.text) {
            "application/octet-stream" => Some("binary"),
            "text/plain" | "text/x-markdown" => None,
            _ => continue,
        };
        let Some(entry) = media.value.entry("schema") else { continue };
        let Some(schema) = context.resolve(&entry.value) else { continue };
        let plain = schema.get("type").and_then(Node::as_str) == Some("string")
            && schema.get("format").and_then(Node::as_str) == wanted
            && ["nullable", "discriminator", "default", "pattern", "enum", "minLength", "maxLength"]
                .iter()
                .all(|keyword| schema.get(keyword).is_none());
        if !plain {
            let schema = match wanted {
                Some(format) => format!("`{{type: string, format: {format}}}`"),
                None => "`{type: string}`".to_owned(),
            };
            findings.add_with(
                entry.key.span,
                format!("a body of `{}` has no other schema than {schema}", media.key.text),
                format!("write {schema}, and put the rest in the description"),
            );
        }
    }
}

/// JSON bodies in either direction, and forms.
pub(super) fn body_encoding(context: &Context<'_>, findings: &mut Findings<'_>) {
    for site in context.of_kind(Kind::MediaType) {
        let holder = context.parent(site);
        let typed = match holder.map(|holder| holder.kind) {
            Some(Kind::RequestBody) => site.name().is_some_and(is_typed),
            Some(Kind::Response) => site.name().is_some_and(is_json),
            _ => false,
        };
        if let Some(entry) = site.node.entry("encoding").filter(|entry| typed && entry.value.entries().len() > 0) {
            findings.add(entry.key.span, "`encoding` has no meaning outside of multipart bodies");
        }
    }
}

pub(super) fn nullable_body(context: &Context<'_>, findings: &mut Findings<'_>) {
    for media in media(context).filter(|media| is_typed(&media.key.text)) {
        let Some(entry) = media.value.entry("schema") else { continue };
        let nullable = context.resolve(&entry.value).and_then(|schema| schema.entry("nullable"));
        if let Some(nullable) = nullable.filter(|nullable| nullable.value.as_bool() == Some(true)) {
            findings.add(nullable.key.span, "a request body can't be null");
        }
    }
}

pub(super) fn form_body(context: &Context<'_>, findings: &mut Findings<'_>) {
    for media in media(context).filter(|media| essence(&media.key.text) == FORM) {
        let Some(schema) = media.value.get("schema") else { continue };
        match context.json_type(schema) {
            Some("object") | None => {}
            Some(other) => {
                findings.add(inner_span(schema), format!("a form is an object, and this is of type {other}"));
            }
        }
        for member in context.members(schema) {
            if let Some(kind @ ("object" | "array")) = context.json_type(&member.value) {
                findings.add(member.key.span, format!("`{}` is an {kind}, which a form can't hold", member.key.text));
            }
        }
    }
}

pub(super) fn body_on_read(context: &Context<'_>, findings: &mut Findings<'_>) {
    for operation in
        context.operations.iter().filter(|operation| matches!(operation.method(), "get" | "head" | "delete"))
    {
        if let Some(entry) = operation.node().entry("requestBody") {
            findings.add(
                entry.key.span,
                format!("{} sends a body with {}", operation.title(), operation.method().to_ascii_uppercase()),
            );
        }
    }
}
