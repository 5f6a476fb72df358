//! From the contract as people write it to the document that progenitor takes.
//!
//! The contract stays rich: statuses, bounds, defaults, multipart bodies. progenitor takes less. Each lowering is one
//! function that states why it exists, reports what it changed, and fails when nothing is left for it to change, so that
//! none outlives its reason.

mod bodies;
mod parameters;
mod responses;
mod schemas;

use serde_json::{Map, Value};

/// One step from the contract towards progenitor's input.
pub struct Lowering {
    /// The name that `-v` and errors show.
    pub name: &'static str,
    /// Why progenitor can't take the contract as it is.
    pub why: &'static str,
    apply: fn(&mut Value) -> Vec<String>,
}

/// Every lowering, in the order in which they run.
pub const LOWERINGS: &[Lowering] = &[
    Lowering {
        name: "multipart_left_out",
        why: "progenitor rejects multipart bodies; these operations are written by hand on the same transport",
        apply: bodies::leave_multipart_out,
    },
    Lowering {
        name: "transport_headers_dropped",
        why: "ids, locale and tracing headers belong to the transport, not to each call's parameters",
        apply: parameters::drop_transport_headers,
    },
    Lowering {
        name: "parameter_defaults_dropped",
        why: "an absent parameter is left to the service; a default would only be repeated on the wire",
        apply: parameters::drop_parameter_defaults,
    },
    Lowering {
        name: "success_to_range",
        why: "documents disagree on 200 and 201, and a placed order must not be reported as failed over that",
        apply: responses::success_to_range,
    },
    Lowering {
        name: "errors_to_ranges",
        why: "progenitor takes one error type; any error response carries the one fault schema",
        apply: responses::errors_to_ranges,
    },
    Lowering {
        name: "wire_types_reduced",
        why: "a schema with a hand-written wire type needs no structure of its own, and `oneOf` would add an enum",
        apply: schemas::reduce_wire_types,
    },
    Lowering {
        name: "nullable_references_bare",
        why: "OpenAPI wants a `type` next to `nullable`; progenitor would make it a type of its own next to the one referred to",
        apply: schemas::drop_types_next_to_nullable_references,
    },
    Lowering {
        name: "constraints_dropped",
        why: "patterns, lengths and bounds are the validator's: a decoder that enforced them would lose whole pages",
        apply: schemas::drop_constraints,
    },
    Lowering {
        name: "optional_collections_nullable",
        why: "absent and empty must stay different, and the service may send null",
        apply: schemas::make_optional_collections_nullable,
    },
    Lowering {
        name: "unknown_members_kept",
        why: "what the contract does not know must survive reading and writing",
        apply: schemas::keep_unknown_members,
    },
];

/// What a lowering did.
pub struct Applied {
    /// The lowering's name.
    pub name: &'static str,
    /// Why it exists.
    pub why: &'static str,
    /// The parts that it changed, as JSON pointers or names.
    pub changes: Vec<String>,
}

/// A lowering found nothing to change.
#[derive(Debug, thiserror::Error)]
#[error(
    "lowering `{name}` no longer applies to anything in the contract; take it out of crates/contract-codegen/src/lower, or bring back what it was for ({why})"
)]
pub struct NeverApplied {
    name: &'static str,
    why: &'static str,
}

/// Applies every lowering.
///
/// # Errors
/// When one of them changes nothing.
pub fn lower(contract: &Value) -> Result<(Value, Vec<Applied>), NeverApplied> {
    let mut document = contract.clone();
    let mut applied = Vec::new();
    for lowering in LOWERINGS {
        let changes = (lowering.apply)(&mut document);
        if changes.is_empty() {
            return Err(NeverApplied { name: lowering.name, why: lowering.why });
        }
        applied.push(Applied { name: lowering.name, why: lowering.why, changes });
    }
    Ok((document, applied))
}

/// Whether the response of an operation of the lowered document is a collection: a schema with `items` and `totalCount`.
pub fn is_list(lowered: &Value, operation: &Map<String, Value>) -> bool {
    responses::is_list(lowered, operation)
}

/// Whether a success of an operation of the lowered document can be 202 (Accepted).
pub fn may_be_accepted(operation: &Map<String, Value>) -> bool {
    responses::success_is(responses::MAY_BE_ACCEPTED, operation)
}

/// Whether a success of an operation of the lowered document, other than 202, can come without its body.
pub fn body_is_optional(operation: &Map<String, Value>) -> bool {
    responses::success_is(responses::BODY_IS_OPTIONAL, operation)
}
