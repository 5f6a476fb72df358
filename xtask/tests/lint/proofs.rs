//! The rules are there for a reason: what progenitor does with the constructs that they forbid.
//!
//! When a new version of progenitor handles one of them, its row fails here, and the rule can go.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::Command;
use std::sync::Once;

use crate::support::judged;
use progenitor::{GenerationSettings, Generator, InterfaceStyle, TagStyle, TypeImpl};
use quote::ToTokens as _;
use schemars08::schema::{InstanceType, SchemaObject};
use xtask::lint::Scope;
use xtask::load;

/// What progenitor makes of a contract.
enum Outcome {
    Rejected(String),
    Panicked(String),
    Generated(String),
}

/// What is to be seen in an outcome.
enum Shows {
    /// An error that says this.
    Rejects(&'static str),
    /// A panic that says this.
    Panics(&'static str),
    /// Code in which this name stands twice where it may stand once.
    Twice(&'static str),
    /// Code with this in it, white space aside.
    Code(&'static str),
    /// Code without this in it, white space aside.
    NoCode(&'static str),
    /// The same code as for the contract without this.
    Ignores(&'static str),
}

use Shows::{Code, Ignores, NoCode, Panics, Rejects, Twice};

fn settings() -> GenerationSettings {
    let mut settings = GenerationSettings::new();
    settings.with_interface(InterfaceStyle::Builder).with_tag(TagStyle::Merged);
    settings.with_map_type("::std::collections::BTreeMap");
    for (format, kind) in [("date-time", InstanceType::String), ("decimal", InstanceType::Number)] {
        let schema = SchemaObject {
            instance_type: Some(kind.into()),
            format: Some(format.to_owned()),
            ..SchemaObject::default()
        };
        settings.with_conversion(schema, "crate::Converted", [TypeImpl::Display].into_iter());
    }
    settings
}

fn generate(contract: &str) -> Outcome {
    static QUIET: Once = Once::new();
    QUIET.call_once(|| {
        let usual = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            let here = panic.location().is_some_and(|location| location.file().contains("tests/lint"));
            if here {
                usual(panic);
            }
        }));
    });
    let document = load::parse("contract.yaml", contract).unwrap_or_else(|report| panic!("{report}"));
    let model = match document.to_openapi() {
        Ok(model) => model,
        Err(report) => return Outcome::Rejected(report.to_string()),
    };
    let outcome = catch_unwind(AssertUnwindSafe(|| Generator::new(&settings()).generate_tokens(&model)));
    match outcome {
        Ok(Ok(tokens)) => Outcome::Generated(tokens.to_string()),
        Ok(Err(error)) => Outcome::Rejected(error.to_string()),
        Err(panic) => Outcome::Panicked(
            panic
                .downcast_ref::<String>()
                .cloned()
                .or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()))
                .unwrap_or_default(),
        ),
    }
}

fn squeezed(code: &str) -> String {
    code.chars().filter(|letter| !letter.is_whitespace()).collect()
}

/// The names that stand twice among the fields of a structure, the items of a module, or the methods of a type.
fn names_that_stand_twice(code: &str) -> Vec<String> {
    fn note(names: impl IntoIterator<Item = String>, twice: &mut Vec<String>) {
        let mut seen = std::collections::HashSet::new();
        twice.extend(names.into_iter().filter(|name| !seen.insert(name.clone())));
    }
    fn walk(items: &[syn::Item], twice: &mut Vec<String>) {
        let mut types = Vec::new();
        let mut methods = Vec::new();
        for item in items {
            match item {
                syn::Item::Struct(item) => {
                    types.push(item.ident.to_string());
                    note(item.fields.iter().filter_map(|field| Some(field.ident.as_ref()?.to_string())), twice);
                }
                syn::Item::Enum(item) => types.push(item.ident.to_string()),
                syn::Item::Mod(item) => {
                    if let Some((_, inner)) = &item.content {
                        walk(inner, twice);
                    }
                }
                syn::Item::Impl(item) if item.trait_.is_none() => {
                    let of = item.self_ty.to_token_stream().to_string();
                    methods.extend(item.items.iter().filter_map(|method| match method {
                        syn::ImplItem::Fn(method) => Some((of.clone(), method.sig.ident.to_string())),
                        _ => None,
                    }));
                }
                _ => {}
            }
        }
        note(types, twice);
        let mut seen = std::collections::HashSet::new();
        twice.extend(methods.into_iter().filter(|method| !seen.insert(method.clone())).map(|(_, name)| name));
    }
    let file = syn::parse_file(code).expect("progenitor writes Rust");
    let mut twice = Vec::new();
    walk(&file.items, &mut twice);
    twice
}

fn check(rule: &str, contract: &str, shows: &Shows) {
    let report = judged("contract.yaml", contract, Scope::Generation);
    assert!(report.iter().any(|finding| finding.rule == rule), "{rule} finds nothing in:\n{contract}\n{report}");
    let code = match (generate(contract), shows) {
        (Outcome::Rejected(error), Rejects(says)) => {
            assert!(error.contains(says), "{rule}: {error}");
            return;
        }
        (Outcome::Panicked(message), Panics(says)) => {
            assert!(message.contains(says), "{rule}: {message}");
            return;
        }
        (Outcome::Generated(code), _) => code,
        (Outcome::Rejected(error), _) => panic!("{rule}: rejected: {error}\n{contract}"),
        (Outcome::Panicked(message), _) => panic!("{rule}: panicked: {message}\n{contract}"),
    };
    match shows {
        Rejects(_) | Panics(_) => panic!("{rule}: code was generated for:\n{contract}"),
        Twice(name) => {
            let twice = names_that_stand_twice(&code);
            assert!(twice.iter().any(|other| other == name), "{rule}: {twice:?}");
        }
        Code(part) => assert!(squeezed(&code).contains(&squeezed(part)), "{rule}: no `{part}` in:\n{code}"),
        NoCode(part) => assert!(!squeezed(&code).contains(&squeezed(part)), "{rule}: `{part}` in:\n{code}"),
        Ignores(part) => {
            assert!(contract.contains(part), "{rule}: `{part}` is not in the contract");
            let Outcome::Generated(without) = generate(&contract.replace(part, "")) else {
                panic!("{rule}: no code without `{part}`");
            };
            assert_eq!(code, without, "{rule}: `{part}` makes a difference");
        }
    }
}

fn with_paths(paths: &str, components: &str) -> String {
    let components = if components.is_empty() { String::new() } else { format!("components: {components}\n") };
    format!("openapi: 3.0.3\ninfo: {{title: Orders, version: '1'}}\npaths: {paths}\n{components}")
}

fn with_schemas(schemas: &str) -> String {
    with_paths("{}", &format!("{{schemas: {{{schemas}}}}}"))
}

fn with_parameter(parameters: &str) -> String {
    let responses = "responses: {'200': {description: Yes.}}";
    with_paths(&format!("{{/a: {{get: {{operationId: op, parameters: [{parameters}], {responses}}}}}}}"), "")
}

fn with_body(body: &str) -> String {
    let responses = "responses: {'200': {description: Yes.}}";
    with_paths(&format!("{{/a: {{post: {{operationId: op, requestBody: {{{body}}}, {responses}}}}}}}"), "")
}

fn with_responses(responses: &str) -> String {
    with_paths(&format!("{{/a: {{get: {{operationId: op, responses: {{{responses}}}}}}}}}"), "")
}

#[test]
fn references() {
    for (rule, contract, shows) in [
        (
            "dangling-reference",
            with_schemas("X: {type: object, properties: {a: {$ref: '#/components/schemas/Y'}}}"),
            Panics("is missing"),
        ),
        (
            "external-reference",
            with_schemas("X: {type: object, properties: {a: {$ref: 'other.yaml#/Y'}}}"),
            Panics("external references are not supported"),
        ),
        (
            "path-item-reference",
            with_paths(
                "{/a: {$ref: '#/paths/~1b'}, /b: {get: {operationId: op, responses: {'200': {description: Yes.}}}}}",
                "",
            ),
            Rejects("uses reference, unsupported"),
        ),
        (
            "reference-target",
            with_schemas(
                "X: {type: object, properties: {a: {$ref: '#/components/schemas/Y/properties/b'}}}, Y: {type: object, properties: {b: {type: string}}}",
            ),
            Panics("is missing"),
        ),
        (
            // The parameter of the same name is taken instead.
            "reference-target",
            with_paths(
                "{/a: {get: {operationId: op, parameters: [{$ref: '#/components/schemas/X'}], responses: {'200': {description: Yes.}}}}}",
                "{schemas: {X: {type: string}}, parameters: {X: {name: taken, in: query, schema: {type: string}}}}",
            ),
            Code("pub fn taken<V>"),
        ),
        (
            "reference-siblings",
            with_schemas(
                "X: {type: object, required: [a], properties: {a: {$ref: '#/components/schemas/Y', nullable: true}}}, Y: {type: object, properties: {b: {type: string}}}",
            ),
            Ignores(", nullable: true"),
        ),
    ] {
        check(rule, &contract, &shows);
    }
}

#[test]
fn operations() {
    let two = |first: &str, second: &str| {
        let operation = |id: &str| format!("{{operationId: {id}, responses: {{'200': {{description: Yes.}}}}}}");
        with_paths(&format!("{{/a: {{get: {}, put: {}}}}}", operation(first), operation(second)), "")
    };
    let one = |path: &str, method: &str, rest: &str| {
        with_paths(&format!("{{'{path}': {{{method}: {{{rest} responses: {{'200': {{description: Yes.}}}}}}}}}}"), "")
    };
    for (rule, contract, shows) in [
        ("path-template", one("/a/{b", "get", "operationId: op,"), Rejects("unterminated parameter")),
        ("path-template", one("a", "get", "operationId: op,"), NoCode("struct Op")),
        ("path-template", one("/a//b", "get", "operationId: op,"), Code("{}/a/b")),
        ("missing-operation-id", one("/a", "get", ""), Rejects("missing operation ID")),
        ("duplicate-operation-id", two("same", "same"), Rejects("duplicate operation ID")),
        ("duplicate-operation-id", two("getOrder", "get_order"), Twice("get_order")),
        ("duplicate-operation-id", two("get_order1", "get_order_1"), Twice("GetOrder1")),
        ("reserved-operation-id", one("/a", "get", "operationId: new,"), Twice("new")),
        ("reserved-operation-id", one("/a", "get", "operationId: error,"), Code("pub struct Error<'a>")),
        ("unsupported-method", one("/a", "options", "operationId: op,"), Code(".options(url)")),
        (
            "operation-servers",
            one("/a", "get", "operationId: op, servers: [{url: https://old.example.com}],"),
            Ignores(" servers: [{url: https://old.example.com}],"),
        ),
        ("foreign-extension", one("/a", "get", "operationId: op, x-dropshot-websocket: {},"), Rejects("dropshot")),
        ("deprecated-ignored", one("/a", "get", "operationId: op, deprecated: true,"), Ignores(" deprecated: true,")),
    ] {
        check(rule, &contract, &shows);
    }
}

#[test]
fn parameters() {
    let in_path = |path: &str, parameters: &str| {
        let responses = "responses: {'200': {description: Yes.}}";
        with_paths(&format!("{{'{path}': {{get: {{operationId: op, parameters: [{parameters}], {responses}}}}}}}"), "")
    };
    for (rule, contract, shows) in [
        ("undeclared-path-parameter", in_path("/a/{x}", ""), Panics("missing path name mapping")),
        (
            "unused-path-parameter",
            in_path(
                "/a/{y}",
                "{name: x, in: path, required: true, schema: {type: string}}, {name: y, in: path, required: true, schema: {type: string}}",
            ),
            Panics("x missing from path"),
        ),
        (
            "path-parameter-required",
            in_path("/a/{x}", "{name: x, in: path, schema: {type: string}}"),
            Panics("parameter_data.required"),
        ),
        (
            "duplicate-parameter",
            with_parameter(
                "{name: fooBar, in: query, schema: {type: string}}, {name: foo_bar, in: query, schema: {type: string}}",
            ),
            Twice("foo_bar"),
        ),
        (
            "duplicate-parameter",
            with_parameter(
                "{name: x, in: query, schema: {type: string}}, {name: x, in: header, schema: {type: string}}",
            ),
            Ignores("{name: x, in: query, schema: {type: string}}, "),
        ),
        ("reserved-parameter", with_parameter("{name: send, in: query, schema: {type: string}}"), Twice("send")),
        (
            "parameter-style",
            with_parameter("{name: x, in: query, style: deepObject, schema: {type: object}}"),
            Rejects("unsupported style"),
        ),
        (
            "parameter-style",
            with_parameter("{name: x, in: header, style: form, schema: {type: string}}"),
            Rejects("unknown variant `form`"),
        ),
        (
            "parameter-content",
            with_parameter("{name: x, in: query, content: {application/json: {schema: {type: string}}}}"),
            Rejects("unexpected content"),
        ),
        (
            "cookie-parameter",
            with_parameter("{name: x, in: cookie, schema: {type: string}}"),
            Rejects("cookie parameters are not supported"),
        ),
        (
            // A `Vec` has no `to_string`.
            "array-parameter",
            in_path("/a/{x}", "{name: x, in: path, required: true, schema: {type: array, items: {type: string}}}"),
            Code("encode_path(&x.to_string())"),
        ),
        (
            "object-parameter",
            with_parameter("{name: x, in: query, schema: {type: object, properties: {a: {type: string}}}}"),
            Panics("unreachable"),
        ),
        (
            // The parameter is required, and the builder starts without it.
            "nullable-parameter",
            with_parameter("{name: x, in: query, required: true, schema: {type: string, nullable: true}}"),
            Code("x: Ok(None)"),
        ),
        (
            "parameter-encoding",
            with_parameter("{name: x, in: query, allowReserved: true, schema: {type: string}}"),
            Ignores(" allowReserved: true,"),
        ),
        (
            "parameter-encoding",
            with_parameter("{name: x, in: query, explode: false, schema: {type: array, items: {type: string}}}"),
            Ignores(" explode: false,"),
        ),
        (
            // `append` panics at run time on a name that is none.
            "header-name",
            with_parameter("{name: Request Id, in: header, schema: {type: string}}"),
            Code("header_map.append(\"Request Id\""),
        ),
    ] {
        check(rule, &contract, &shows);
    }
}

#[test]
fn bodies() {
    for (rule, contract, shows) in [
        (
            "optional-body",
            with_body("required: false, content: {application/json: {schema: {type: string}}}"),
            Ignores("required: false, "),
        ),
        (
            "body-media-type",
            with_body("required: true, content: {application/merge-patch+json: {schema: {type: string}}}"),
            Rejects("unexpected content type"),
        ),
        (
            "several-body-media-types",
            with_body(
                "required: true, content: {application/json: {schema: {}}, text/plain: {schema: {type: string}}}",
            ),
            Panics("more media types than expected"),
        ),
        (
            "several-body-media-types",
            with_body("required: true, content: {}"),
            Ignores(" requestBody: {required: true, content: {}},"),
        ),
        (
            "body-without-schema",
            with_body("required: true, content: {application/json: {}}"),
            Rejects("No schema specified for request body"),
        ),
        (
            "raw-body-schema",
            with_body("required: true, content: {application/octet-stream: {schema: {type: string}}}"),
            Rejects("invalid schema for application/octet-stream"),
        ),
        (
            "raw-body-schema",
            with_body("required: true, content: {text/plain: {schema: {type: string, maxLength: 3}}}"),
            Rejects("invalid schema for text/plain"),
        ),
        (
            "body-encoding",
            with_body(
                "required: true, content: {application/json: {schema: {}, encoding: {a: {contentType: text/plain}}}}",
            ),
            Panics("media type encoding not empty"),
        ),
        (
            // The form's writer refuses a list when the request is made.
            "form-body",
            with_body(
                "required: true, content: {application/x-www-form-urlencoded: {schema: {type: object, properties: {a: {type: array, items: {type: string}}}}}}",
            ),
            Code("pub a: ::std::vec::Vec<::std::string::String>"),
        ),
        (
            "body-on-read",
            with_paths(
                "{/a: {get: {operationId: op, requestBody: {required: true, content: {application/json: {schema: {type: string}}}}, responses: {'200': {description: Yes.}}}}}",
                "",
            ),
            Code(".get(url).json(&body)"),
        ),
    ] {
        check(rule, &contract, &shows);
    }
}

#[test]
fn responses() {
    let json =
        |schema: &str| format!("{{description: Yes., content: {{application/json: {{schema: {{type: {schema}}}}}}}}}");
    let (number, text) = (json("integer"), json("string"));
    for (rule, contract, shows) in [
        (
            "default-response",
            with_responses(&format!("'200': {number}, default: {text}")),
            Panics("response_types.len() <= 1"),
        ),
        (
            "status-code",
            with_responses("'200': {description: Yes.}, oops: {description: No.}"),
            Ignores(", oops: {description: No.}"),
        ),
        (
            "status-code",
            with_responses("'200': {description: Yes.}, '20': {description: No.}"),
            Ignores(", '20': {description: No.}"),
        ),
        ("no-success-response", with_responses("'404': {description: No.}"), Code("ResponseValue<ByteStream>")),
        (
            "ignored-response",
            with_responses("'200': {description: Yes.}, '304': {description: Same.}"),
            Ignores(", '304': {description: Same.}"),
        ),
        (
            "success-conflict",
            with_responses(&format!("'200': {number}, '204': {{description: Nothing.}}")),
            Panics("response_types.len() <= 1"),
        ),
        (
            "success-conflict",
            with_responses(&format!("'200': {number}, '202': {text}")),
            Panics("response_types.len() <= 1"),
        ),
        (
            "error-conflict",
            with_responses(&format!("'200': {{description: Yes.}}, '400': {number}, '404': {text}")),
            Panics("response_types.len() <= 1"),
        ),
        (
            "response-media-type",
            with_responses("'200': {description: Yes., content: {application/problem+json: {schema: {type: string}}}}"),
            Code("ResponseValue<ByteStream>"),
        ),
        (
            "several-response-media-types",
            with_responses(
                "'200': {description: Yes., content: {application/json: {schema: {type: string}}, text/plain: {schema: {type: string}}}}",
            ),
            Ignores(", text/plain: {schema: {type: string}}"),
        ),
        (
            "json-without-schema",
            with_responses("'200': {description: Yes., content: {application/json: {}}}"),
            Panics("no schema"),
        ),
    ] {
        check(rule, &contract, &shows);
    }
}

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
    let answered = |schemas: &str| {
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
            answered("A: {type: object, additionalProperties: false, properties: {a: {type: string}}}"),
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
            answered("A: {type: object, properties: {a: {type: string, writeOnly: true}}}"),
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

/// Set for the process that is meant to end badly.
const DOOMED: &str = "XTASK_TEST_ALL_OF_RECURSION";

#[test]
fn an_all_of_that_leads_back_to_itself_ends_the_process() {
    let contract = with_schemas("A: {allOf: [{$ref: '#/components/schemas/A'}, {type: object}]}");
    if std::env::var_os(DOOMED).is_some() {
        generate(&contract);
        return;
    }
    let report = judged("contract.yaml", &contract, Scope::Generation);
    assert!(report.iter().any(|finding| finding.rule == "recursive-composition"), "{report}");
    let this_test = std::env::current_exe().expect("the test knows where it lies");
    let outcome = Command::new(this_test)
        .args(["--exact", "proofs::an_all_of_that_leads_back_to_itself_ends_the_process", "--nocapture"])
        // What a large stack or another language would change is not tested.
        .env_clear()
        .env(DOOMED, "1")
        .output()
        .expect("the test can be run again");
    assert!(!outcome.status.success());
    assert!(String::from_utf8_lossy(&outcome.stderr).contains("overflowed its stack"));
}
