//! Rules on responses.

use contract::load::Entry;

use super::context::{Context, is_json};
use super::grammar::Kind;
use super::rule::Findings;

pub(super) fn default_response(context: &Context<'_>, findings: &mut Findings<'_>) {
    for operation in &context.operations {
        if let Some(entry) = operation.node().get("responses").and_then(|responses| responses.entry("default")) {
            findings.add(entry.key.span, format!("{} has a `default` response", operation.title()));
        }
    }
}

pub(super) fn success_conflict(context: &Context<'_>, findings: &mut Findings<'_>) {
    for operation in &context.operations {
        let responses = context.responses(operation);
        let mut successes = responses.iter().filter(|response| response.is_success());
        let Some(first) = successes.next() else { continue };
        // Compared with the first one that has a body: those without one are forms of their own.
        let mut earlier = first;
        for other in successes {
            if !go_together(earlier.content().as_slice(), other.content().as_slice()) {
                let (title, status, earlier_status) = (operation.title(), other.status(), earlier.status());
                let message = format!("{title} responds to {status} with another body than {earlier_status}");
                findings.add_pair(other.entry.key.span, message, earlier.entry.key.span);
            }
            if earlier.content().as_slice().is_empty() {
                earlier = other;
            }
        }
    }
}

/// Whether two successes of an operation can be distinguished or have the same body. Next to a JSON body there may be none; next
/// to a stream of bytes nothing shows whether there is one.
fn go_together(left: &[Entry], right: &[Entry]) -> bool {
    let schema = |content: &[Entry]| {
        let json = content.iter().find(|media| is_json(&media.key.text))?;
        json.value.get("schema").cloned()
    };
    match (schema(left), schema(right)) {
        (Some(left), Some(right)) => left.same_value(&right),
        (None, None) => left.is_empty() == right.is_empty(),
        (Some(_), None) => right.is_empty(),
        (None, Some(_)) => left.is_empty(),
    }
}

pub(super) fn json_without_schema(context: &Context<'_>, findings: &mut Findings<'_>) {
    for operation in &context.operations {
        for response in context.responses(operation) {
            for media in
                response.content().filter(|media| is_json(&media.key.text) && media.value.get("schema").is_none())
            {
                findings.add(media.key.span, "a JSON response without a schema");
            }
        }
    }
}

/// The JSON schemas of the error responses of an operation must be one and the same.
pub(super) fn error_conflict(context: &Context<'_>, findings: &mut Findings<'_>) {
    for operation in &context.operations {
        let responses = context.responses(operation);
        let mut schemas = responses
            .iter()
            .filter(|response| response.is_error())
            .filter_map(|response| Some((response, response.json_schema()?)));
        let Some((first, schema)) = schemas.next() else { continue };
        for (other, _) in schemas.filter(|(_, other)| !schema.same_value(other)) {
            let (title, status, earlier) = (operation.title(), other.status(), first.status());
            let message = format!("{title} has another schema for the error response {status} than for {earlier}");
            findings.add_pair(other.entry.key.span, message, first.entry.key.span);
        }
    }
}

pub(super) fn status_code(context: &Context<'_>, findings: &mut Findings<'_>) {
    for operation in &context.operations {
        let Some(responses) = operation.node().get("responses") else { continue };
        for entry in responses.entries() {
            let status = entry.key.text.as_str();
            // `default` has a rule of its own.
            if status == "default" || status.starts_with("x-") {
                continue;
            }
            match status.as_bytes() {
                [b'1'..=b'5', b'X', b'X'] | [b'1'..=b'5', b'0'..=b'9', b'0'..=b'9'] => {}
                [b'1'..=b'5', b'x' | b'X', b'x' | b'X'] => findings.add_with(
                    entry.key.span,
                    format!("`{status}` is not a status"),
                    format!("write `{}`", status.to_ascii_uppercase()),
                ),
                _ => findings.add(entry.key.span, format!("`{status}` is not a status and is silently left out")),
            }
        }
    }
}

pub(super) fn ignored_response(context: &Context<'_>, findings: &mut Findings<'_>) {
    for operation in &context.operations {
        for response in context.responses(operation) {
            if response.is_of_class('1') || response.is_of_class('3') {
                findings.add(
                    response.entry.key.span,
                    format!("the response {} of {} is silently ignored", response.status(), operation.title()),
                );
            }
        }
    }
}

pub(super) fn no_success_response(context: &Context<'_>, findings: &mut Findings<'_>) {
    for operation in &context.operations {
        let Some(entry) = operation.node().entry("responses") else { continue };
        let responses = context.responses(operation);
        if !responses.iter().any(|response| response.is_success() || response.status() == "default") {
            findings.add(entry.key.span, format!("{} names no status that means success", operation.title()));
        }
    }
}

/// What a caller gets as bytes: everything but JSON.
const BYTES: &str = "application/octet-stream";

pub(super) fn response_media_type(context: &Context<'_>, findings: &mut Findings<'_>) {
    for site in context.of_kind(Kind::Response) {
        let Some(bodies) = site.node.get("content") else { continue };
        for media in bodies.entries().filter(|media| !is_json(&media.key.text) && media.key.text != BYTES) {
            let media_type = &media.key.text;
            let help = if media_type.eq_ignore_ascii_case("application/json") {
                "write it in small letters, `application/json`"
            } else if media_type.contains("json") {
                "write `application/json` if the service accepts that too; else take the body as `application/octet-stream` and decode it by hand"
            } else {
                "write `application/octet-stream` if bytes are what the caller should get, and name the real type in the description"
            };
            findings.add_with(media.key.span, format!("a response of `{media_type}` silently becomes bytes"), help);
        }
    }
}

pub(super) fn several_response_media_types(context: &Context<'_>, findings: &mut Findings<'_>) {
    for site in context.of_kind(Kind::Response) {
        let Some(bodies) = site.node.get("content") else { continue };
        let mut media = bodies.entries();
        if let (Some(first), Some(second)) = (media.next(), media.next()) {
            findings.add_pair(
                second.key.span,
                "this response has several media types, and only one of them is read",
                first.key.span,
            );
        }
    }
}
