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
                model::MODEL,
                document::judged_while_reading,
                "The document fits the model of OpenAPI that the generator reads into.",
                "Nothing can be generated otherwise. Mostly another rule says it first, with a better place.",
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
        ],
    },
];
