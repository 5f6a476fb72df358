//! What lint passes, the generator takes; what the generator would refuse without a place, lint refuses with one.

use std::path::Path;

use serde_json::{Value, json};
use xtask::edit::{self, Edit};
use xtask::lint::{Scope, lint};
use xtask::pipeline;
use xtask::truth::Source;
use xtask::{diagnostic, load};

fn source() -> Source {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace is around this package");
    Source::of(root).expect("the contract can be read")
}

fn edited(source: &Source, pointer: &str, value: Value) -> Source {
    let mut edited = source.clone();
    let pointer = format!("/components/schemas/{pointer}");
    edit::apply(&mut edited.contract, &[Edit::Set(pointer, value)]).expect("the edit has a place");
    edited
}

fn judged(source: &Source) -> diagnostic::Report {
    let document = load::parse("contract.yaml", &edit::to_yaml(&source.contract)).expect("the contract is YAML");
    lint(&document, Scope::Project)
}

#[test]
fn what_the_generator_would_refuse_is_found_where_it_stands() {
    let source = source();
    for (pointer, value, rule, said) in [
        ("Link/properties/uri/pattern", json!("^http"), "validator-form", "`pattern`"),
        ("Order/properties/lineItems/uniqueItems", json!(true), "validator-form", "`uniqueItems`"),
        ("OrderLineItem/properties/quantity/multipleOf", json!(5), "validator-form", "`multipleOf`"),
        ("Pricing/properties/price/minimum", json!(0.5), "validator-form", "`minimum: 0.5`"),
        ("NewOrder/additionalProperties", json!(false), "validator-form", "an object that takes no other members"),
        (
            "Order/properties/links/allOf/-",
            json!({ "type": "object", "properties": {} }),
            "validator-form",
            "an `allOf` of several schemas",
        ),
        // Where a type written by hand stands in, nobody but the validators reads the schema.
        ("NumberOrText/not", json!({ "type": "boolean" }), "validator-form", "`not`"),
        ("NumberOrText/enum", json!([1, 2]), "validator-form", "`enum`"),
        (
            "Moon",
            json!({ "$ref": "#/components/schemas/Link" }),
            "validator-form",
            "a named schema that is only a `$ref`",
        ),
        (
            "Order/properties/currencyCode/type",
            json!("integer"),
            "sent-back-as",
            "`currencyCode` is read as integer and sent back as string",
        ),
        ("OrderPatch/required", json!(["status"]), "sent-back-as", "`status` must be sent back"),
    ] {
        let mut edited = edited(&source, pointer, value);
        if pointer == "OrderPatch/required" {
            // One that may be null may be left out, too.
            let nullable = "/components/schemas/OrderPatch/properties/status/nullable".to_owned();
            edit::apply(&mut edited.contract, &[Edit::Remove(nullable)]).expect("it may be null");
        }
        let report = judged(&edited);
        let found: Vec<_> = report.iter().filter(|finding| finding.rule == rule).collect();
        let [finding] = found.as_slice() else { panic!("{pointer}: {report}") };
        assert!(finding.message.contains(said), "{pointer}: {report}");
        assert!(finding.line > 1, "{pointer}: {report}");
        assert!(pipeline::run(&edited.contract, &edited.order, &edited.error_codes).is_err(), "{pointer}: generated");
    }
}

#[test]
fn bounds_of_whole_numbers_are_judged_however_they_are_written() {
    let source = source();
    let quantity = "NewOrderLineItem/properties/quantity";
    for (keyword, value) in [("exclusiveMinimum", json!(true)), ("minimum", json!(0.5)), ("maximum", json!(9.5))] {
        let edited = edited(&source, &format!("{quantity}/{keyword}"), value);
        let report = judged(&edited);
        assert!(!report.has_errors(), "{keyword}: {report}");
        assert!(pipeline::run(&edited.contract, &edited.order, &edited.error_codes).is_ok(), "{keyword}: refused");
    }
}

#[test]
fn what_other_rules_tell_is_told_once() {
    let source = source();
    for (pointer, value, rule) in [
        ("Order/properties/moon", json!({ "$ref": "#/components/schemas/Moon" }), "dangling-reference"),
        ("Order/properties/currencyCode/not", json!({ "type": "boolean" }), "not-keyword"),
        ("OrderStatus/enum/-", json!(1), "enum-values"),
        ("Order/properties/currencyCode/enum", json!([1]), "enum-values"),
    ] {
        let report = judged(&edited(&source, pointer, value));
        assert!(report.iter().any(|finding| finding.rule == rule), "{pointer}: {report}");
        assert!(!report.iter().any(|finding| finding.rule == "validator-form"), "{pointer}: {report}");
    }
}
