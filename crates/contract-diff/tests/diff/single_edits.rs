//! One edit at a time: the same one is judged by the way that its place travels.

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

/// The edit, in the schema that requests hold or in the one that answers hold.
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

/// Holds the wire verdict of an edit of a schema against what it should be in requests, in answers.
fn judged(edit: &Edit, in_requests: Verdict, in_answers: Verdict) {
    for (way, direction, expected) in
        [("In", Direction::Request, in_requests), ("Out", Direction::Response, in_answers)]
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
fn judged_once(edit: Edit, expected: Verdict) {
    let said = format!("{edit:?}");
    let comparison = after(&[edit]);
    assert_eq!(comparison.wire_verdict(), expected, "{said}: {:?}", comparison.changes);
}

fn at(rest: &str) -> String {
    format!("{OPERATION}{rest}")
}

#[test]
fn members_come_and_go() {
    judged(&set("properties/more", json!({ "type": "string" })), Minor, Minor);
    judged(&remove("properties/text"), Major, Major);
    judged(&set("@Part/properties/more", json!({ "type": "string" })), Minor, Minor);
    judged(&set("additionalProperties", json!(false)), Major, Minor);
}

#[test]
fn who_must_send_is_bound_and_who_reads_is_promised() {
    judged(&set("required/-", json!("text")), Major, Minor);
    judged(&remove("required/0"), Minor, Major);
    judged(&set("properties/text/nullable", json!(true)), Minor, Major);
    judged(&remove("properties/nothing/nullable"), Major, Minor);
}

#[test]
fn types_and_formats() {
    judged(&set("properties/number/type", json!("string")), Major, Major);
    judged(&set("properties/list/items/type", json!("integer")), Major, Major);
    judged(&set("properties/map/additionalProperties/type", json!("integer")), Major, Major);
    judged(&set("properties/must/format", json!("uuid")), Major, Minor);
    judged(&remove("properties/day/format"), Minor, Major);
    judged(&set("properties/number/format", json!("int64")), Minor, Major);
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
        judged(&edit, Minor, Major);
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
        judged(&edit, Major, Minor);
    }
    judged(&set("properties/text/pattern", json!("^b")), Major, Major);
}

#[test]
fn values_of_closed_and_open_enums() {
    judged(&set("@Closed/enum/-", json!("c")), Minor, Major);
    judged(&remove("@Closed/enum/1"), Major, Minor);
    judged(&set("@Open/enum/-", json!("c")), Minor, Minor);
    judged(&remove("@Open/enum/1"), Major, Minor);
    judged(&set("@Closed/x-extensible-enum", json!(true)), Minor, Major);
    judged(&remove("@Open/x-extensible-enum"), Major, Minor);
}

#[test]
fn branches_of_alternatives() {
    judged(&set("properties/either/oneOf/-", json!({ "type": "boolean" })), Minor, Major);
    judged(&remove("properties/either/oneOf/1"), Major, Minor);
}

#[test]
fn defaults_deprecations_and_words() {
    judged(&set("properties/flag/default", json!(false)), Major, Major);
    judged(&remove("properties/flag/default"), Major, Major);
    judged(&set("properties/must/default", json!("a")), Minor, Minor);
    judged(&set("properties/must/deprecated", json!(true)), Minor, Minor);
    judged(&set("properties/text/description", json!("Another text.")), Patch, Patch);
    judged(&set("properties/text/example", json!("ab")), Patch, Patch);
    judged(&set("properties/text/readOnly", json!(true)), Major, Patch);
    judged(&set("properties/text/writeOnly", json!(true)), Patch, Major);
}

#[test]
fn parameters() {
    judged_once(set(&at("/parameters/1/required"), json!(true)), Major);
    judged_once(set(&at("/parameters/1/schema/default"), json!(4)), Major);
    judged_once(set(&at("/parameters/1/schema/maximum"), json!(4)), Major);
    judged_once(set(&at("/parameters/1/schema/maximum"), json!(14)), Minor);
    judged_once(set(&at("/parameters/2/schema/items/type"), json!("integer")), Major);
    judged_once(set(&at("/parameters/2/explode"), json!(false)), Major);
    judged_once(set(&at("/parameters/2/style"), json!("spaceDelimited")), Major);
    judged_once(set(&at("/parameters/3/deprecated"), json!(true)), Minor);
    judged_once(remove(&at("/parameters/3")), Major);
    judged_once(
        set(&at("/parameters/-"), json!({ "name": "more", "in": "query", "schema": { "type": "string" } })),
        Minor,
    );
}

#[test]
fn bodies_answers_and_headers() {
    judged_once(set(&at("/requestBody/required"), json!(false)), Minor);
    judged_once(remove(&at("/requestBody")), Major);
    judged_once(set(&at("/responses/409"), json!({ "description": "A conflict." })), Minor);
    judged_once(set(&at("/responses/202"), json!({ "description": "Later." })), Major);
    judged_once(remove(&at("/responses/200/content")), Major);
    judged_once(remove(&at("/responses/200/headers/Colour")), Major);
    judged_once(set(&at("/responses/200/headers/Colour/required"), json!(false)), Major);
    judged_once(set(&at("/responses/200/headers/Colour/schema/type"), json!("string")), Major);
    judged_once(set(&at("/responses/200/headers/More"), json!({ "schema": { "type": "string" } })), Minor);
}

#[test]
fn operations_security_and_servers() {
    judged_once(set(&at("/deprecated"), json!(true)), Minor);
    judged_once(set(&at("/summary"), json!("Makes a thing.")), Patch);
    judged_once(set(&at("/security"), json!([{ "key": [] }])), Major);
    judged_once(set(&at("/security"), json!([{ "key": [] }, {}])), Minor);
    judged_once(set("/security", json!([{ "key": [] }])), Major);
    judged_once(set("/servers", json!([{ "url": "https://things.example" }])), Minor);
    judged_once(rename("/paths/~1things~1{id}", "/objects/{id}"), Major);
    judged_once(rename(OPERATION, "put"), Major);
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
        judged_once(edit, Nothing);
    }
}
