//! The catalogue: every rule with its words.

use super::{Context, Findings, Rule, document, operations, references, responses};
use crate::diagnostic::Severity;
use crate::load;

/// A rule that holds for every contract.
const fn rule(
    name: &'static str,
    check: fn(&Context<'_>, &mut Findings<'_>),
    summary: &'static str,
    why: &'static str,
    remedy: &'static str,
) -> Rule {
    Rule { name, summary, why, remedy, severity: Severity::Error, convention: false, check }
}

/// Every rule.
pub const RULES: &[Rule] = &[
    // The text.
    rule(
        load::SYNTAX,
        document::judged_while_reading,
        "The file is UTF-8 and YAML.",
        "Nothing can be read from it otherwise.",
        "mend the text at this place, or just before it",
    ),
    rule(
        load::SUBSET,
        document::judged_while_reading,
        "The YAML says no more than JSON can: one document, text as keys, no tags, no merge keys, finite numbers, and aliases and nesting within bounds.",
        "Tools disagree on everything beyond, so that each would read another contract.",
        "write it in plain YAML",
    ),
    rule(
        load::DUPLICATE_KEY,
        document::judged_while_reading,
        "No key stands twice in one object.",
        "One of the two is lost in silence, and which one depends on the tool.",
        "keep one of the two",
    ),
    // The outer form.
    rule(
        "openapi-version",
        document::openapi_version,
        "The contract is OpenAPI 3.0.",
        "progenitor rejects every other version, and the model that it reads into can't hold a contract of 3.1.",
        "write `openapi: 3.0.3`",
    ),
    rule(
        "missing-key",
        document::missing_key,
        "Every object has the keys that the specification requires.",
        "The model can't be read; its own error has no place.",
        "add the key",
    ),
    rule(
        "unknown-key",
        document::unknown_key,
        "Every key is one that the specification knows, or begins with `x-`.",
        "A misspelt key is skipped in silence: with `requred` nothing is required any more.",
        "take it out, or begin it with `x-`",
    ),
    rule(
        "wrong-kind",
        document::wrong_kind,
        "Every value is of the JSON kind that its key takes.",
        "The model can't be read; its own error has no place.",
        "write it as the specification has it",
    ),
    rule(
        "unknown-word",
        document::unknown_word,
        "`in`, `style` and the type of a security scheme are words of the specification.",
        "The model can't be read; its own error has no place.",
        "write one of the words that the specification knows",
    ),
    rule(
        "schema-type",
        document::schema_type,
        "`type` is one of the six types of OpenAPI 3.0.",
        "progenitor panics on an unknown type, and the model can't hold a list of types.",
        "write one type",
    ),
    rule(
        document::MODEL,
        document::judged_while_reading,
        "The document fits the model of OpenAPI that the generator reads into.",
        "Nothing can be generated otherwise. Mostly another rule says it first, with a better place.",
        "compare it with the specification of OpenAPI 3.0.3",
    ),
    // References.
    rule(
        "dangling-reference",
        references::dangling_reference,
        "Every `$ref` leads to something.",
        "progenitor panics (`key … is missing`) or fails without naming the place.",
        "define what it names, or mend the name",
    ),
    rule(
        "external-reference",
        references::external_reference,
        "Every `$ref` stays in the file.",
        "progenitor panics: external references are not supported.",
        "copy the target under `components` and refer to it there",
    ),
    rule(
        "path-item-reference",
        references::path_item_reference,
        "No path item stands behind a `$ref`.",
        "progenitor rejects it.",
        "write the path item out",
    ),
    rule(
        "reference-target",
        references::reference_target,
        "Every `$ref` leads to a component of the kind that is wanted.",
        "progenitor looks only at the last part of the name and at the section that it expects: it panics, or takes another thing of that name in silence.",
        "name the target under `components` and refer to it there",
    ),
    rule(
        "reference-cycle",
        references::reference_cycle,
        "No chain of `$ref` leads back to itself.",
        "There is nothing at its end, and progenitor follows it until the stack is used up.",
        "let one of them be a definition",
    ),
    rule(
        "reference-siblings",
        references::reference_siblings,
        "Nothing stands beside `$ref`.",
        "OpenAPI 3.0 ignores it, and so does the generator: a `nullable: true` there has no effect.",
        "wrap the reference, `allOf: [{$ref: …}]`, and put the others beside `allOf`",
    ),
    // Paths and operations.
    rule(
        "path-template",
        operations::path_template,
        "Paths begin with `/`, have matching braces, and differ in more than their parameters' names.",
        "A path without `/` is left out in silence, doubled slashes are merged, and progenitor rejects unmatched braces.",
        "mend the path",
    ),
    rule(
        "missing-operation-id",
        operations::missing_operation_id,
        "Every operation has an `operationId`.",
        "It is the method's name; progenitor rejects a contract without it.",
        "give the operation an id such as `get_order`",
    ),
    rule(
        "duplicate-operation-id",
        operations::duplicate_operation_id,
        "No two operations have one id, nor ids that are one name in Rust.",
        "progenitor rejects the same id, and generates two methods of one name for `getOrder` and `get_order`, which don't compile.",
        "rename one of the two",
    ),
    rule(
        "reserved-operation-id",
        operations::reserved_operation_id,
        "No operation is called like a method that the generated client has already.",
        "The generated code doesn't compile, or calls the wrong one.",
        "choose another id",
    ),
    rule(
        "unsupported-method",
        operations::unsupported_method,
        "No operation uses OPTIONS or TRACE.",
        "The generated code calls methods that reqwest doesn't have, and doesn't compile.",
        "leave the operation out and write it by hand on the same seam",
    ),
    rule(
        "operation-servers",
        operations::operation_servers,
        "Servers are named for the whole contract only.",
        "The generated client has one base address; others are ignored in silence.",
        "put the address under the contract's own `servers`",
    ),
    rule(
        "unknown-security-scheme",
        operations::unknown_security_scheme,
        "Every security requirement names a security scheme of the contract.",
        "A misspelt one asks for a sign-in that nobody can describe.",
        "define it under `components/securitySchemes`, or mend the name",
    ),
    // Responses.
    rule(
        "default-response",
        responses::default_response,
        "No operation has a `default` response.",
        "progenitor takes it for a success and an error at once, and panics where the two differ.",
        "name the statuses that mean success, and `4XX` and `5XX` for refusals",
    ),
    rule(
        "success-conflict",
        responses::success_conflict,
        "All successes of an operation have one body: the same schema, or none.",
        "progenitor panics on two success types (`response_types.len() <= 1`).",
        "give both the same schema, or leave one of them out",
    ),
    rule(
        "error-conflict",
        responses::error_conflict,
        "All refusals of an operation have one JSON schema.",
        "progenitor takes one error type per operation; the generator puts all refusals under `4XX` and `5XX` with the first schema.",
        "make one schema that covers every shape of refusal",
    ),
    rule(
        "json-without-schema",
        responses::json_without_schema,
        "A JSON answer has a schema.",
        "progenitor panics.",
        "give it a schema; `{}` if it may be anything",
    ),
];
