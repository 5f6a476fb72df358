//! The rules are there for a reason: what progenitor does with the constructs that they forbid.
//!
//! When a new version of progenitor handles one of them, its row fails here, and the rule can go.

mod calls;
mod types;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Once;

use contract::load;
use contract_lint::{Scope, to_openapi};
use progenitor::{GenerationSettings, Generator, InterfaceStyle, TagStyle, TypeImpl};
use quote::ToTokens as _;
use schemars08::schema::{InstanceType, SchemaObject};
use test_support::program::one_test;

use crate::support::report_of;

/// What progenitor makes of a contract.
enum Outcome {
    Rejected(String),
    Panicked(String),
    Generated(String),
}

/// What is to be seen in an outcome.
enum Shows {
    /// An error with this text.
    Rejects(&'static str),
    /// A panic with this text.
    Panics(&'static str),
    /// Code in which this name appears twice where it may appear once.
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
    let model = match to_openapi(&document) {
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

/// The names that appear twice among the fields of a structure, the items of a module, or the methods of a type.
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
    let report = report_of("contract.yaml", contract, Scope::Generation);
    assert!(report.iter().any(|finding| finding.rule == rule), "{rule} finds nothing in:\n{contract}\n{report}");
    let code = match (generate(contract), shows) {
        (Outcome::Rejected(error), Rejects(text)) => {
            assert!(error.contains(text), "{rule}: {error}");
            return;
        }
        (Outcome::Panicked(message), Panics(text)) => {
            assert!(message.contains(text), "{rule}: {message}");
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

/// Set for the process that is meant to end badly.
const DOOMED: &str = "XTASK_TEST_ALL_OF_RECURSION";

#[test]
fn an_all_of_that_leads_back_to_itself_ends_the_process() {
    let contract = with_schemas("A: {allOf: [{$ref: '#/components/schemas/A'}, {type: object}]}");
    if std::env::var_os(DOOMED).is_some() {
        generate(&contract);
        return;
    }
    let report = report_of("contract.yaml", &contract, Scope::Generation);
    assert!(report.iter().any(|finding| finding.rule == "recursive-composition"), "{report}");
    let outcome = one_test("proofs::an_all_of_that_leads_back_to_itself_ends_the_process")
        .arg("--nocapture")
        // What a large stack or another language would change is not tested.
        .env_clear()
        .env(DOOMED, "1")
        .output()
        .expect("the test can be run again");
    assert!(!outcome.status.success());
    assert!(String::from_utf8_lossy(&outcome.stderr).contains("overflowed its stack"));
}
