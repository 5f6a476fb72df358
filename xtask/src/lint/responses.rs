//! Rules on responses.

use super::Findings;
use super::context::{Context, is_json};
use crate::load::{Entry, Node};

pub(super) fn default_response(context: &Context<'_>, findings: &mut Findings<'_>) {
    for operation in &context.operations {
        if let Some(entry) = operation.node().get("responses").and_then(|responses| responses.entry("default")) {
            findings.add(entry.key.span, format!("{} has a `default` response", operation.title()));
        }
    }
}

pub(super) fn success_conflict(context: &Context<'_>, findings: &mut Findings<'_>) {
    for operation in &context.operations {
        let answers = context.answers(operation);
        let mut successes = answers.iter().filter(|answer| answer.is_success());
        let Some(first) = successes.next() else { continue };
        for other in successes {
            if !same_body(first.content().as_slice(), other.content().as_slice()) {
                findings.add_pair(
                    other.entry.key.span,
                    format!(
                        "{} answers {} with another body than {}",
                        operation.title(),
                        other.status(),
                        first.status()
                    ),
                    first.entry.key.span,
                );
            }
        }
    }
}

fn same_body(left: &[Entry], right: &[Entry]) -> bool {
    let schema = |content: &[Entry]| {
        let json = content.iter().find(|media| is_json(&media.key.text))?;
        json.value.get("schema").cloned()
    };
    match (schema(left), schema(right)) {
        (Some(left), Some(right)) => left.same_value(&right),
        (None, None) => left.is_empty() == right.is_empty(),
        _ => false,
    }
}

pub(super) fn json_without_schema(context: &Context<'_>, findings: &mut Findings<'_>) {
    for operation in &context.operations {
        for answer in context.answers(operation) {
            for media in
                answer.content().filter(|media| is_json(&media.key.text) && media.value.get("schema").is_none())
            {
                findings.add(media.key.span, "a JSON answer without a schema");
            }
        }
    }
}

/// The JSON schemas of the error answers of an operation must be one and the same.
pub(super) fn error_conflict(context: &Context<'_>, findings: &mut Findings<'_>) {
    for operation in &context.operations {
        let answers = context.answers(operation);
        let mut schemas = answers
            .iter()
            .filter(|answer| answer.is_error())
            .filter_map(|answer| Some((answer, answer.json_schema()?)));
        let Some((first, schema)) = schemas.next() else { continue };
        for (other, _) in schemas.filter(|(_, other)| !Node::same_value(schema, other)) {
            findings.add_pair(
                other.entry.key.span,
                format!(
                    "{} refuses with {} in another form than with {}",
                    operation.title(),
                    other.status(),
                    first.status()
                ),
                first.entry.key.span,
            );
        }
    }
}
