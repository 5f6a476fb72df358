//! The text, the outer form, and references.

use contract::load;

use crate::rule::{Section, rule};
use crate::{document, model, references};

pub(super) const SECTIONS: &[Section] = &[
    Section {
        title: "The text",
        rules: &[
            rule(
                load::SYNTAX,
                document::checked_while_parsing,
                "The file is UTF-8 and YAML.",
                "Nothing can be read from it otherwise.",
                "fix the text at this position, or just before it",
            ),
            rule(
                load::SUBSET,
                document::checked_while_parsing,
                "The YAML holds no more than JSON can: one document, text as keys, no tags, no merge keys, finite numbers, and aliases and nesting within bounds.",
                "Tools disagree on everything beyond, so that each would read another contract.",
                "write it in plain YAML",
            ),
            rule(
                load::DUPLICATE_KEY,
                document::checked_while_parsing,
                "No object has duplicate keys.",
                "One of the two is silently lost, and which one depends on the tool.",
                "keep one of the two",
            ),
        ],
    },
    Section {
        title: "The outer form",
        rules: &[
            rule(
                "openapi-version",
                document::openapi_version,
                "The contract is OpenAPI 3.0.",
                "progenitor rejects every other version, and the model that it reads into can't hold a contract of 3.1.",
                "write `openapi: 3.0.3`",
            ),
            rule(
                "version-characters",
                document::version_characters,
                "The contract's version is printable ASCII without spaces.",
                "It is sent in a header by what is generated; another one panics when a request is made.",
                "write something like `1.2.0`",
            ),
            rule(
                "missing-key",
                document::missing_key,
                "Every object has the keys that the specification requires.",
                "The model can't be read; its own error has no position.",
                "add the key",
            ),
            rule(
                "unknown-key",
                document::unknown_key,
                "Every key is one that the specification knows, or begins with `x-`.",
                "A misspelt key is silently skipped: with `requred` nothing is required any more.",
                "remove it, or begin it with `x-`",
            ),
            rule(
                "wrong-kind",
                document::wrong_kind,
                "Every value is of the JSON kind that its key takes.",
                "The model can't be read; its own error has no position.",
                "write it as the specification has it",
            ),
            rule(
                "unknown-word",
                document::unknown_word,
                "`in`, `style` and the type of a security scheme are words of the specification.",
                "The model can't be read; its own error has no position.",
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
                model::MODEL,
                document::checked_while_parsing,
                "The document matches the model of OpenAPI that the generator reads into.",
                "Nothing can be generated otherwise. Usually another rule reports it first, at a better position.",
                "compare it with the specification of OpenAPI 3.0.3",
            ),
        ],
    },
    Section {
        title: "References",
        rules: &[
            rule(
                "dangling-reference",
                references::dangling_reference,
                "Every `$ref` leads to something.",
                "progenitor panics (`key … is missing`) or fails without naming the position.",
                "define what it names, or fix the name",
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
                "No path item is a `$ref`.",
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
                "`$ref` has no keys next to it.",
                "OpenAPI 3.0 ignores it, and so does the generator: a `nullable: true` there has no effect.",
                "wrap the reference, `allOf: [{$ref: …}]`, and put the others next to `allOf`",
            ),
        ],
    },
];
