//! What the generated validators could only check in part.

use contract::bundle::{Direction, bundle};
use contract::load::{Document, Entry};
use contract::pointer::unescaped;
use contract::shapes;
use contract::source::Span;

use super::context::Context;
use super::rule::Findings;

/// Asks the function that the emitter uses, so that both agree. What another rule reported is not reported again.
pub(super) fn validator_form(context: &Context<'_>, findings: &mut Findings<'_>) {
    let contract = context.document.to_json();
    let [response, request] =
        [Direction::Response, Direction::Request].map(|direction| bundle(&contract, direction, ""));
    for unsupported in shapes::errors(&response, &request) {
        let position = position(context.document, &unsupported.pointer);
        if !findings.is_reported(position) {
            findings.add(position, format!("the validator can't check {}", unsupported.what));
        }
    }
}

/// The key at a pointer, or the nearest one around it that there is.
pub(super) fn position(document: &Document, pointer: &str) -> Span {
    let mut pointer = pointer;
    loop {
        let Some((around, token)) = pointer.rsplit_once('/') else { return document.tree().span };
        let key = unescaped(token);
        if let Some(Entry { key, .. }) = document.pointer(around).and_then(|node| node.entry(&key)) {
            return key.span;
        }
        pointer = around;
    }
}
