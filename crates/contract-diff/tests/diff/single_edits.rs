//! One edit at a time: the verdict on the same one depends on the direction in which its location travels.

use contract::edit::{self, Edit};
use contract_diff::Verdict::{self, Major, Minor, None as Nothing, Patch};
use contract_diff::{Comparison, Direction};
use serde_json::{Value, json};

use super::{difference, fixture};

const BOTH_WAYS: &str = include_str!("../fixtures/both-ways.yaml");
const OPERATION: &str = "/paths/~1things~1{id}/post";

fn set(pointer: &str, value: Value) -> Edit {
    Edit::Set(pointer.to_owned(), value)
}

fn remove(pointer: &str) -> Edit {
    Edit::Remove(pointer.to_owned())
}

fn rename(pointer: &str, name: &str) -> Edit {
    Edit::Rename(pointer.to_owned(), name.to_owned())
}

fn after(edits: &[Edit]) -> Comparison {
    let before = fixture(BOTH_WAYS);
    let mut now = before.clone();
    edit::apply(&mut now, edits).unwrap();
    difference(&before, &now).unwrap()
}

/// The edit, in the schema that requests hold or in the one that responses hold.
fn one_way(edit: &Edit, way: &str) -> Edit {
    let placed = |pointer: &String| match pointer.strip_prefix('@') {
        Some(rest) => {
            let (schema, rest) = rest.split_once('/').unwrap_or((rest, ""));
            format!("/components/schemas/{schema}{way}/{rest}")
        }
        None => format!("/components/schemas/{way}/{pointer}"),
    };
    match edit {
        Edit::Set(pointer, value) => Edit::Set(placed(pointer), value.clone()),
        Edit::Remove(pointer) => Edit::Remove(placed(pointer)),
        Edit::Rename(pointer, name) => Edit::Rename(placed(pointer), name.clone()),
        Edit::Replace(from, to) => Edit::Replace(from.clone(), to.clone()),
    }
}

/// Compares the wire verdict of an edit of a schema with what it should be in requests, in responses.
fn expect_verdicts(edit: &Edit, in_requests: Verdict, in_responses: Verdict) {
    for (way, direction, expected) in
        [("In", Direction::Request, in_requests), ("Out", Direction::Response, in_responses)]
    {
        let comparison = after(&[one_way(edit, way)]);
        assert_eq!(comparison.changes.len(), 1, "{edit:?} {way}: {:?}", comparison.changes);
        let change = &comparison.changes[0];
        assert_eq!(change.wire.verdict, expected, "{edit:?} {way}: {change:?}");
        assert_eq!(change.direction, direction, "{edit:?} {way}");
        assert!(change.operations.contains("make_thing"), "{edit:?} {way}");
        assert!(change.old.line > 1 && change.new.line > 1, "{edit:?} {way}: {change:?}");
    }
}

/// Holds the wire verdict of an edit of the operation against what it should be.
fn expect_verdict(edit: Edit, expected: Verdict) {
    let shown = format!("{edit:?}");
    let comparison = after(&[edit]);
    assert_eq!(comparison.wire_verdict(), expected, "{shown}: {:?}", comparison.changes);
}

fn at(rest: &str) -> String {
    format!("{OPERATION}{rest}")
}

#[test]
fn members_come_and_go() {
    expect_verdicts(&set("properties/more", json!({ "type": "string" })), Minor, Minor);
    expect_verdicts(&remove("properties/text"), Major, Major);
    expect_verdicts(&set("@Part/properties/more", json!({ "type": "string" })), Minor, Minor);
    expect_verdicts(&set("additionalProperties", json!(false)), Major, Minor);
}

#[test]
fn who_must_send_is_bound_and_who_reads_is_promised() {
    expect_verdicts(&set("required/-", json!("text")), Major, Minor);
    expect_verdicts(&remove("required/0"), Minor, Major);
    expect_verdicts(&set("properties/text/nullable", json!(true)), Minor, Major);
    expect_verdicts(&remove("properties/nothing/nullable"), Major, Minor);
}

#[test]
fn types_and_formats() {
    expect_verdicts(&set("properties/number/type", json!("string")), Major, Major);
    expect_verdicts(&set("properties/list/items/type", json!("integer")), Major, Major);
    expect_verdicts(&set("properties/map/additionalProperties/type", json!("integer")), Major, Major);
    expect_verdicts(&set("properties/must/format", json!("uuid")), Major, Minor);
    expect_verdicts(&remove("properties/day/format"), Minor, Major);
    expect_verdicts(&set("properties/number/format", json!("int64")), Minor, Major);
}

#[test]
fn bounds_loosened() {
    for edit in [
        set("properties/number/maximum", json!(7)),
        remove("properties/number/maximum"),
        set("properties/number/minimum", json!(0)),
        remove("properties/number/multipleOf"),
        set("properties/number/multipleOf", json!(1)),
        set("properties/text/maxLength", json!(9)),
        remove("properties/text/pattern"),
        set("properties/list/minItems", json!(0)),
        remove("properties/list/maxItems"),
    ] {
        expect_verdicts(&edit, Minor, Major);
    }
}

#[test]
fn bounds_tightened() {
    for edit in [
        set("properties/number/maximum", json!(3)),
        set("properties/number/exclusiveMaximum", json!(true)),
        set("properties/number/multipleOf", json!(4)),
        set("properties/text/minLength", json!(3)),
        set("properties/must/maxLength", json!(3)),
        set("properties/list/maxItems", json!(3)),
        set("properties/list/uniqueItems", json!(true)),
    ] {
        expect_verdicts(&edit, Major, Minor);
    }
    expect_verdicts(&set("properties/text/pattern", json!("^b")), Major, Major);
}

#[test]
fn values_of_closed_and_open_enums() {
    expect_verdicts(&set("@Closed/enum/-", json!("c")), Minor, Major);
    expect_verdicts(&remove("@Closed/enum/1"), Major, Minor);
    expect_verdicts(&set("@Open/enum/-", json!("c")), Minor, Minor);
    expect_verdicts(&remove("@Open/enum/1"), Major, Minor);
    expect_verdicts(&set("@Closed/x-extensible-enum", json!(true)), Minor, Major);
    expect_verdicts(&remove("@Open/x-extensible-enum"), Major, Minor);
}

#[test]
fn a_member_that_has_to_be_readable() {
    expect_verdicts(&set("properties/text/x-critical", json!(true)), Patch, Patch);
    let critical = after(&[set("/components/schemas/Out/properties/text/x-critical", json!(true))]);
    assert_eq!(critical.changes[0].rust.verdict, Patch, "{critical:?}");
    assert!(critical.changes[0].rust.effect.contains("fails the response"), "{critical:?}");
}

#[test]
fn branches_of_alternatives() {
    expect_verdicts(&set("properties/either/oneOf/-", json!({ "type": "boolean" })), Minor, Major);
    expect_verdicts(&remove("properties/either/oneOf/1"), Major, Minor);
}

#[test]
fn defaults_deprecations_and_words() {
    expect_verdicts(&set("properties/flag/default", json!(false)), Major, Major);
    expect_verdicts(&remove("properties/flag/default"), Major, Major);
    expect_verdicts(&set("properties/must/default", json!("a")), Minor, Minor);
    expect_verdicts(&set("properties/must/deprecated", json!(true)), Minor, Minor);
    expect_verdicts(&set("properties/text/description", json!("Another text.")), Patch, Patch);
    expect_verdicts(&set("properties/text/example", json!("ab")), Patch, Patch);
    expect_verdicts(&set("properties/text/readOnly", json!(true)), Major, Patch);
    expect_verdicts(&set("properties/text/writeOnly", json!(true)), Patch, Major);
}

#[test]
fn parameters() {
    expect_verdict(set(&at("/parameters/1/required"), json!(true)), Major);
    expect_verdict(set(&at("/parameters/1/schema/default"), json!(4)), Major);
    expect_verdict(set(&at("/parameters/1/schema/maximum"), json!(4)), Major);
    expect_verdict(set(&at("/parameters/1/schema/maximum"), json!(14)), Minor);
    expect_verdict(set(&at("/parameters/2/schema/items/type"), json!("integer")), Major);
    expect_verdict(set(&at("/parameters/2/explode"), json!(false)), Major);
    expect_verdict(set(&at("/parameters/2/style"), json!("spaceDelimited")), Major);
    expect_verdict(set(&at("/parameters/3/deprecated"), json!(true)), Minor);
    expect_verdict(remove(&at("/parameters/3")), Major);
    expect_verdict(
        set(&at("/parameters/-"), json!({ "name": "more", "in": "query", "schema": { "type": "string" } })),
        Minor,
    );
}

/// An operation whose parameters are these, after those of its path, which has one.
fn with_parameters(names: &[(&str, &str, bool)]) -> Vec<Edit> {
    let parameters = names.iter().map(|(location, name, required)| {
        json!({ "in": location, "name": name, "required": required, "schema": { "type": "string" } })
    });
    let id = json!({ "in": "path", "name": "id", "required": true, "schema": { "type": "string" } });
    vec![set(&at("/parameters"), std::iter::once(id).chain(parameters).collect())]
}

#[test]
fn only_the_order_of_arguments_matters_in_rust() {
    let between = |before: &[(&str, &str, bool)], now: &[(&str, &str, bool)]| {
        let [before, now] = [before, now].map(|names| {
            let mut contract = fixture(BOTH_WAYS);
            edit::apply(&mut contract, &with_parameters(names)).unwrap();
            contract
        });
        difference(&before, &now).unwrap()
    };
    let swapped =
        between(&[("query", "a", true), ("header", "b", true)], &[("header", "b", true), ("query", "a", true)]);
    let kinds: Vec<&str> = swapped.changes.iter().map(|change| change.kind).collect();
    assert_eq!(kinds, ["arguments-reordered"]);
    assert_eq!((swapped.changes[0].wire.verdict, swapped.changes[0].rust.verdict), (Patch, Major));

    let optional =
        between(&[("query", "a", false), ("query", "b", true)], &[("query", "b", true), ("query", "a", false)]);
    assert!(optional.changes.is_empty(), "{:?}", optional.changes);
}

#[test]
fn what_is_required_is_an_argument_in_rust() {
    let rust = |edit: Edit| after(&[edit]).changes.iter().map(|change| change.rust.verdict).max();
    let more = |required: bool| {
        set(
            &at("/parameters/-"),
            json!({ "name": "more", "in": "query", "required": required, "schema": { "type": "string" } }),
        )
    };
    assert_eq!(rust(more(false)), Some(Minor));
    assert_eq!(rust(more(true)), Some(Major));
    assert_eq!(rust(set(&at("/parameters/1/required"), json!(true))), Some(Major));
    assert_eq!(rust(remove(&at("/requestBody"))), Some(Major));
}

#[test]
fn what_is_required_is_an_argument_of_the_constructor() {
    let rust = |edits: &[Edit]| after(edits).changes.iter().map(|change| change.rust.verdict).max();
    let schema = |rest: &str| format!("/components/schemas/Out{rest}");
    let more = set(&schema("/properties/more"), json!({ "type": "string" }));
    assert_eq!(rust(std::slice::from_ref(&more)), Some(Minor));
    assert_eq!(rust(&[more, set(&schema("/required/-"), json!("more"))]), Some(Major));
    assert_eq!(rust(&[set(&schema("/required/-"), json!("number"))]), Some(Major));
    assert_eq!(rust(&[remove(&schema("/required/0"))]), Some(Major));
    // One that may be null is not required.
    assert_eq!(rust(&[set(&schema("/required"), json!(["must", "nothing"]))]), Some(Patch));
}

#[test]
fn required_members_that_move_are_reported_where_they_are_arguments() {
    let mut before = fixture(BOTH_WAYS);
    let required = |names: Value| set("/components/schemas/Out/required", names);
    edit::apply(&mut before, &[required(json!(["must", "nothing", "number"]))]).unwrap();
    let after = |names: Value| {
        let mut now = before.clone();
        edit::apply(&mut now, &[required(names)]).unwrap();
        difference(&before, &now).unwrap()
    };

    let moved = after(json!(["number", "must", "nothing"]));
    let kinds: Vec<&str> = moved.changes.iter().map(|change| change.kind).collect();
    assert_eq!(kinds, ["arguments-reordered"]);
    assert_eq!((moved.changes[0].wire.verdict, moved.changes[0].rust.verdict), (Patch, Major));
    assert!(moved.changes[0].rust.effect.contains("`types::Out::new()` takes `number`, `must`"), "{moved:?}");

    let optional = after(json!(["nothing", "must", "number"]));
    assert!(optional.changes.is_empty(), "{:?}", optional.changes);
}

#[test]
fn bodies_responses_and_headers() {
    expect_verdict(set(&at("/requestBody/required"), json!(false)), Minor);
    expect_verdict(remove(&at("/requestBody")), Major);
    expect_verdict(set(&at("/responses/409"), json!({ "description": "A conflict." })), Minor);
    expect_verdict(set(&at("/responses/202"), json!({ "description": "Later." })), Major);
    expect_verdict(remove(&at("/responses/200/content")), Major);
    expect_verdict(remove(&at("/responses/200/headers/Colour")), Major);
    expect_verdict(set(&at("/responses/200/headers/Colour/required"), json!(false)), Major);
    expect_verdict(set(&at("/responses/200/headers/Colour/schema/type"), json!("string")), Major);
    expect_verdict(set(&at("/responses/200/headers/More"), json!({ "schema": { "type": "string" } })), Minor);
}

#[test]
fn another_form_of_success_changes_what_a_call_returns() {
    let nothing = || json!({ "description": "Later." });
    for (status, kind, wire) in [
        ("202", "Success<types::Out>", "before the work is done (202)"),
        ("204", "Option<types::Out>", "without a body"),
    ] {
        let comparison = after(&[set(&at(&format!("/responses/{status}")), nothing())]);
        let [change] = comparison.changes.as_slice() else { panic!("{comparison:?}") };
        assert_eq!((change.kind, change.wire.verdict, change.rust.verdict), ("response-added", Major, Major));
        assert!(change.wire.effect.contains(wire), "{change:?}");
        let now = format!("is no longer `types::Out` but `{kind}`");
        assert!(change.rust.effect.contains(&now), "{change:?}");
    }
}

#[test]
fn operations_security_and_servers() {
    expect_verdict(set(&at("/deprecated"), json!(true)), Minor);
    expect_verdict(set(&at("/summary"), json!("Makes a thing.")), Patch);
    expect_verdict(set(&at("/security"), json!([{ "key": [] }])), Major);
    expect_verdict(set(&at("/security"), json!([{ "key": [] }, {}])), Minor);
    expect_verdict(set("/security", json!([{ "key": [] }])), Major);
    expect_verdict(set("/servers", json!([{ "url": "https://things.example" }])), Minor);
    expect_verdict(rename("/paths/~1things~1{id}", "/objects/{id}"), Major);
    expect_verdict(rename(OPERATION, "put"), Major);
}

#[test]
fn a_new_name_is_none_on_the_wire_and_a_great_one_in_rust() {
    let operation = after(&[set(&at("/operationId"), json!("create_thing"))]);
    let target = |name: &str| format!("#/components/schemas/{name}");
    let schema = after(&[rename("/components/schemas/Out", "Thing"), Edit::Replace(target("Out"), target("Thing"))]);
    for (comparison, kind) in [(operation, "operation-renamed"), (schema, "schema-renamed")] {
        assert_eq!(comparison.changes.len(), 1, "{:?}", comparison.changes);
        let change = &comparison.changes[0];
        assert_eq!((change.kind, change.wire.verdict, change.rust.verdict), (kind, Patch, Major));
    }
}

#[test]
fn what_holds_anyway_may_be_said_or_not() {
    for edit in [
        set(&at("/parameters/1/required"), json!(false)),
        set(&at("/parameters/1/deprecated"), json!(false)),
        set(&at("/parameters/2/style"), json!("form")),
        set(&at("/parameters/2/explode"), json!(true)),
        set(&at("/parameters/3/style"), json!("simple")),
        set(&at("/deprecated"), json!(false)),
        set("/components/schemas/Out/additionalProperties", json!(true)),
        set("/components/schemas/Out/properties/text/nullable", json!(false)),
        set("/components/schemas/Out/properties/must/minLength", json!(0)),
        set("/components/schemas/Out/properties/text/readOnly", json!(false)),
        set("/components/schemas/Out/properties/number/exclusiveMaximum", json!(false)),
        set("/components/schemas/OpenOut/enum", json!(["b", "a"])),
        set("/security", json!([])),
    ] {
        expect_verdict(edit, Nothing);
    }
}
