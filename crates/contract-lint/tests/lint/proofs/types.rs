//! Schemas, compositions, members and names.

use super::Shows::{Code, Ignores, NoCode, Panics, Rejects, Twice};
use super::{check, with_paths, with_schemas};

#[test]
fn schemas() {
    let member = |schema: &str| with_schemas(&format!("A: {{type: object, properties: {{a: {schema}}}}}"));
    for (rule, contract, shows) in [
        ("missing-type", member("{minimum: 0}"), Panics("invalid (or unexpected) schema")),
        ("missing-type", member("{nullable: true, minimum: 0}"), Code("Vec<::serde_json::Value>")),
        ("misplaced-keyword", member("{type: string, minimum: 3}"), Ignores(", minimum: 3")),
        ("array-items", member("{type: array}"), Code("Vec<::serde_json::Value>")),
        ("empty-list", member("{allOf: []}"), Panics("empty array of schemas")),
        ("empty-list", with_schemas("A: {oneOf: []}"), Code("pub enum A {}")),
        ("not-keyword", member("{not: {type: string}}"), Panics("unhandled not schema")),
        (
            "not-keyword",
            with_schemas("A: {type: object, properties: {lost: {type: string}}, not: {required: [lost]}}"),
            NoCode("pub lost"),
        ),
        (
            "nullable-component",
            with_schemas("A: {nullable: true, oneOf: [{type: integer}, {type: string}]}"),
            Twice("A"),
        ),
        ("converted-format", member("{type: number, format: decimal, x-unit: EUR}"), Code("Option<f64>")),
        ("converted-format", member("{type: string, format: date-time, x-note: 1}"), Code("::chrono::DateTime")),
        ("bad-pattern", member("{type: string, pattern: '['}"), Rejects("invalid pattern")),
        ("float-format", member("{type: number, format: float}"), Code("Option<f32>")),
        (
            "money-in-union",
            with_schemas("A: {oneOf: [{type: number, format: decimal}, {type: string}]}"),
            Code("#[serde(untagged)] pub enum A { Decimal(crate::Converted)"),
        ),
        ("default-mismatch", member("{type: integer, maximum: 5, default: 7}"), Rejects("does not conform")),
        ("default-mismatch", member("{type: string, default: 1}"), Panics("could not be rendered")),
        ("member-default", member("{type: string, default: monthly}"), Code("#[serde(default = \"defaults::a_a\")]")),
        ("enum-values", member("{type: integer, enum: [a]}"), Rejects("does not conform")),
        ("enum-values", with_schemas("A: {type: string, enum: [a, null]}"), Twice("A")),
        ("enum-values", member("{enum: [a, 1]}"), Panics("multiple implied types")),
        ("enum-clash", with_schemas("A: {type: string, enum: [USD, usd]}"), Panics("unique variant names")),
        ("enum-clash", with_schemas("A: {type: string, enum: ['', x]}"), Panics("unique variant names")),
    ] {
        check(rule, &contract, &shows);
    }
}

#[test]
fn unions() {
    for (rule, contract, shows) in [
        (
            "any-of",
            with_schemas("A: {anyOf: [{type: string, format: uuid}, {type: string}]}"),
            Code("#[serde(flatten, skip_serializing_if = \"::std::option::Option::is_none\")] pub subtype_0"),
        ),
        (
            "mixed-composition",
            with_schemas("A: {oneOf: [{type: string}], anyOf: [{type: string}]}"),
            Panics("any_of.is_none()"),
        ),
        (
            "all-of-conflict",
            with_schemas(
                "A: {allOf: [{type: object, properties: {lost: {type: string}}}, {type: object, properties: {lost: {type: integer}}}]}",
            ),
            NoCode("pub lost"),
        ),
        (
            "all-of-conflict",
            with_schemas(
                "A: {allOf: [{type: object, additionalProperties: false, properties: {a: {type: string}}}, {type: object, properties: {lost: {type: string}}}]}",
            ),
            NoCode("pub lost"),
        ),
        ("all-of-conflict", with_schemas("A: {allOf: [{type: string}, {type: integer}]}"), Code("pub enum A {}")),
        (
            "discriminator",
            with_schemas(
                "A: {oneOf: [{$ref: '#/components/schemas/B'}, {$ref: '#/components/schemas/C'}], discriminator: {propertyName: kind}}, B: {type: object, required: [kind], properties: {kind: {type: string}}}, C: {type: object, required: [kind], properties: {kind: {type: string}}}",
            ),
            Ignores(", discriminator: {propertyName: kind}"),
        ),
        (
            "ambiguous-union",
            with_schemas(
                "A: {oneOf: [{$ref: '#/components/schemas/B'}, {$ref: '#/components/schemas/C'}]}, B: {type: object, properties: {b: {type: string}}}, C: {type: object, required: [c], properties: {c: {type: string}}}",
            ),
            Code("#[serde(untagged)] pub enum A { B(B), C(C), }"),
        ),
    ] {
        check(rule, &contract, &shows);
    }
}

#[test]
fn members_and_names() {
    let in_response = |schemas: &str| {
        with_paths(
            "{/a: {get: {operationId: op, responses: {'200': {description: Yes., content: {application/json: {schema: {$ref: '#/components/schemas/A'}}}}}}}}",
            &format!("{{schemas: {{{schemas}}}}}"),
        )
    };
    let asked = |schemas: &str| {
        with_paths(
            "{/a: {post: {operationId: op, requestBody: {required: true, content: {application/json: {schema: {$ref: '#/components/schemas/A'}}}}, responses: {'200': {description: Yes.}}}}}",
            &format!("{{schemas: {{{schemas}}}}}"),
        )
    };
    for (rule, contract, shows) in [
        (
            "member-clash",
            with_schemas("A: {type: object, properties: {fooBar: {type: string}, foo_bar: {type: string}}}"),
            Twice("foo_bar"),
        ),
        (
            "member-clash",
            with_schemas("A: {type: object, properties: {extra: {type: string}}, additionalProperties: {}}"),
            Twice("extra"),
        ),
        (
            "required-unknown",
            with_schemas("A: {type: object, required: [ghost], properties: {a: {type: string}}}"),
            Code("pub ghost: ::serde_json::Value"),
        ),
        (
            "closed-answer",
            in_response("A: {type: object, additionalProperties: false, properties: {a: {type: string}}}"),
            Code("#[serde(deny_unknown_fields)]"),
        ),
        (
            "extra-members",
            with_schemas("A: {type: object, additionalProperties: true, properties: {a: {type: string}}}"),
            NoCode("flatten"),
        ),
        (
            "read-only-in-request",
            asked("A: {type: object, properties: {a: {type: string, readOnly: true}}}"),
            Ignores(", readOnly: true"),
        ),
        (
            "write-only-in-answer",
            in_response("A: {type: object, properties: {a: {type: string, writeOnly: true}}}"),
            Ignores(", writeOnly: true"),
        ),
        (
            // `Default::default()` is then this type's, which has no such function.
            "reserved-schema-name",
            with_schemas("Default: {type: object, properties: {a: {type: string}}}"),
            Code("Default::default()"),
        ),
        (
            "type-name-clash",
            with_schemas(
                "OrderLine: {type: object, properties: {a: {type: string}}}, order_line: {type: object, properties: {b: {type: string}}}",
            ),
            Twice("OrderLine"),
        ),
        (
            "type-name-clash",
            with_schemas(
                "A: {type: object, properties: {p: {title: T, type: object, properties: {kept: {type: string}}}, q: {title: T, type: object, properties: {lost: {type: string}}}}}",
            ),
            NoCode("pub lost"),
        ),
        (
            "type-name-clash",
            with_paths(
                "{/a: {get: {operationId: op, responses: {'200': {description: Yes., content: {application/json: {schema: {type: object, properties: {lost: {type: string}}}}}}}}}}",
                "{schemas: {OpResponse: {type: object, properties: {kept: {type: string}}}}}",
            ),
            NoCode("pub lost"),
        ),
    ] {
        check(rule, &contract, &shows);
    }
}
