//! What the generated validators could only judge by half.

use contract::bundle::{Reading, bundle};
use contract::load::{Document, Entry};
use contract::pointer::unescaped;
use contract::shapes;
use contract::source::Span;

use super::context::Context;
use super::rule::Findings;

/// Asks what the emitter goes by, so that both can't disagree. What another rule told is wrong is not told again.
pub(super) fn validator_form(context: &Context<'_>, findings: &mut Findings<'_>) {
    let contract = context.document.to_json();
    let [response, request] = [Reading::Response, Reading::Request].map(|reading| bundle(&contract, reading, ""));
    for refused in shapes::refusals(&response, &request) {
        let place = place(context.document, &refused.pointer);
        if !findings.is_told(place) {
            findings.add(place, format!("the validator has no form for {}", refused.what));
        }
    }
}

/// The key at a pointer, or the nearest one around it that there is.
pub(super) fn place(document: &Document, pointer: &str) -> Span {
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
