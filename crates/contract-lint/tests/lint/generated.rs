//! What lint accepts, the generator accepts; what the generator would reject without a position, lint rejects with one.

use std::path::Path;

use contract::edit::{self, Edit};
use contract::{diagnostic, load};
use contract_codegen::pipeline;
use contract_codegen::source::Source;
use contract_lint::{Scope, lint};
use serde_json::{Value, json};

fn source() -> Source {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).expect("the workspace is around this package");
    Source::of(root).expect("the contract can be read")
}

fn edited(source: &Source, pointer: &str, value: Value) -> Source {
    let mut edited = source.clone();
    let pointer = format!("/components/schemas/{pointer}");
    edit::apply(&mut edited.contract, &[Edit::Set(pointer, value)]).expect("the edit's position exists");
    edited
}

fn report_of(source: &Source) -> diagnostic::Report {
    let document = load::parse("contract.yaml", &edit::to_yaml(&source.contract)).expect("the contract is YAML");
    lint(&document, Scope::Project)
}

#[test]
fn what_the_generator_would_reject_is_found_with_its_position() {
    let source = source();
    for (pointer, value, rule, message) in [
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
        // Where a type written by hand replaces it, only the validators read the schema.
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
            "`currencyCode` is read as `Option<i64>` and sent back as `Option<String>`",
        ),
        ("OrderPatch/required", json!(["status"]), "sent-back-as", "`status` must be sent back"),
    ] {
        let mut edited = edited(&source, pointer, value);
        if pointer == "OrderPatch/required" {
            // One that may be null may be left out, too; that is why the type is there.
            let status = "/components/schemas/OrderPatch/properties/status";
            let edits = ["nullable", "type"].map(|key| Edit::Remove(format!("{status}/{key}")));
            edit::apply(&mut edited.contract, &edits).expect("it may be null");
        }
        let report = report_of(&edited);
        let found: Vec<_> = report.iter().filter(|finding| finding.rule == rule).collect();
        let [finding] = found.as_slice() else { panic!("{pointer}: {report}") };
        assert!(finding.message.contains(message), "{pointer}: {report}");
        assert!(finding.line > 1, "{pointer}: {report}");
        assert!(pipeline::run(&edited.contract, &edited.order, &edited.error_codes).is_err(), "{pointer}: generated");
    }
}

#[test]
fn bounds_of_whole_numbers_are_checked_in_any_spelling() {
    let source = source();
    let quantity = "NewOrderLineItem/properties/quantity";
    for (keyword, value) in [("exclusiveMinimum", json!(true)), ("minimum", json!(0.5)), ("maximum", json!(9.5))] {
        let edited = edited(&source, &format!("{quantity}/{keyword}"), value);
        let report = report_of(&edited);
        assert!(!report.has_errors(), "{keyword}: {report}");
        assert!(pipeline::run(&edited.contract, &edited.order, &edited.error_codes).is_ok(), "{keyword}: rejected");
    }
}

#[test]
fn what_other_rules_report_is_reported_once() {
    let source = source();
    for (pointer, value, rule) in [
        ("Order/properties/moon", json!({ "$ref": "#/components/schemas/Moon" }), "dangling-reference"),
        ("Order/properties/currencyCode/not", json!({ "type": "boolean" }), "not-keyword"),
        ("OrderStatus/enum/-", json!(1), "enum-values"),
        ("Order/properties/currencyCode/enum", json!([1]), "enum-values"),
    ] {
        let report = report_of(&edited(&source, pointer, value));
        assert!(report.iter().any(|finding| finding.rule == rule), "{pointer}: {report}");
        assert!(!report.iter().any(|finding| finding.rule == "validator-form"), "{pointer}: {report}");
    }
}

#[test]
fn a_member_fits_the_form_that_is_sent_back_where_the_generator_can_move_it() {
    let source = source();
    let line = |form: &str| json!({ "$ref": format!("#/components/schemas/{form}") });
    let list = |form: &str| json!({ "type": "array", "items": line(form) });
    let nullable = |form: &str| json!({ "type": "object", "nullable": true, "allOf": [line(form)] });
    let with_gaps = |form: &str| json!({ "type": "array", "items": nullable(form) });
    let texts = |nullable: bool| json!({ "type": "array", "items": { "type": "string", "nullable": nullable } });
    let map = |form: &str| json!({ "type": "object", "additionalProperties": line(form) });
    let plain = |kind: &str| json!({ "type": kind });
    let of_format = |kind: &str, format: &str| json!({ "type": kind, "format": format });
    let mut wrong = Vec::new();
    for (read, written, matches) in [
        (plain("integer"), of_format("integer", "int64"), true),
        (plain("integer"), of_format("integer", "int32"), false),
        (plain("string"), of_format("string", "uri"), true),
        (plain("string"), of_format("string", "date-time"), false),
        (plain("number"), of_format("number", "double"), true),
        (plain("boolean"), json!({ "type": "boolean", "default": false }), false),
        (nullable("OrderLineItem"), nullable("OrderLineItemPatch"), true),
        (list("OrderLineItem"), list("OrderLineItemPatch"), true),
        (list("OrderLineItem"), list("Link"), false),
        (with_gaps("OrderLineItem"), with_gaps("OrderLineItemPatch"), false),
        (texts(true), texts(true), true),
        (texts(false), texts(true), false),
        (map("Link"), map("Link"), true),
        (map("OrderLineItem"), map("OrderLineItemPatch"), false),
    ] {
        let mut both = source.clone();
        for (form, mut member) in [("Order", read.clone()), ("OrderPatch", written.clone())] {
            if member.get("$ref").is_none() {
                member["description"] = json!("The moon over the order.");
            }
            both = edited(&both, &format!("{form}/properties/moon"), member);
        }
        let report = report_of(&both);
        let rejected = report.iter().any(|finding| finding.rule == "sent-back-as");
        let generated = pipeline::run(&both.contract, &both.order, &both.error_codes);
        if [!rejected, !report.has_errors(), generated.is_ok()] != [matches; 3] {
            let generated = generated.err().map(|error| error.to_string());
            wrong.push(format!("{read} -> {written}: {report}\n{generated:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn only_what_has_members_is_sent_back_in_another_form() {
    let edited = edited(&source(), "BillingCycle/x-sent-back-as", json!("OrderPatch"));
    let report = report_of(&edited);
    assert!(report.iter().any(|finding| finding.rule == "sent-back-as"), "{report}");
    assert!(pipeline::run(&edited.contract, &edited.order, &edited.error_codes).is_err());
}
