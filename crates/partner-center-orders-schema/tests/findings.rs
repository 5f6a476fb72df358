//! What is found in sound JSON: code, pointer, line and column, and what is suggested.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

use partner_center_orders_schema::{Code, Finding, Limits, Schema, Validator};

const ORDER: Validator = Validator::new(Schema::ORDER);
const LINK: Validator = Validator::new(Schema::LINK);

fn findings(validator: Validator, text: &str) -> Vec<Finding> {
    let report = validator.validate(text.as_bytes()).unwrap_or_else(|damage| panic!("{text}: {damage}"));
    assert_eq!(validator.is_valid(text.as_bytes()), report.is_valid(), "{text}: {report}");
    report.findings
}

/// The only finding.
#[track_caller]
fn finding(validator: Validator, text: &str) -> Finding {
    let findings = findings(validator, text);
    let [finding] = findings.as_slice() else { panic!("{text}: {findings:#?}") };
    finding.clone()
}

#[track_caller]
fn assert_finding(validator: Validator, text: &str, code: Code, pointer: &str, place: (usize, usize)) -> Finding {
    let finding = finding(validator, text);
    let found = finding.place.map(|place| (place.line, place.column));
    assert_eq!((finding.code, finding.pointer.as_str(), found), (code, pointer, Some(place)), "{text}: {finding}");
    finding
}

#[track_caller]
fn assert_valid(validator: Validator, text: &str) {
    let findings = findings(validator, text);
    assert!(findings.is_empty(), "{text}: {findings:#?}");
}

/// An answer with all that is demanded, and this besides.
fn order_with(members: &str) -> String {
    format!(
        "{{\"id\":\"1\",\"referenceCustomerId\":\"2\",\"creationDate\":\"2018-03-15T17:15:02Z\",\"lineItems\":[]{members}}}"
    )
}

/// A request for an order with one line, and this besides in the line.
fn request_with(members: &str) -> String {
    format!("{{\"lineItems\":[{{\"lineItemNumber\":0,\"offerId\":\"a\",\"quantity\":1{members}}}]}}")
}

#[test]
fn json_written_as_text_is_seen_through() {
    let text = serde_json::to_string(&order_with(&format!(",\"unknown\":\"{}\"", "a".repeat(300)))).unwrap();
    let whole = assert_finding(ORDER, &text, Code::WrongType, "", (1, 1));
    assert!(whole.suggestion.unwrap().contains("JSON written as text"));
    let order = order_with(",\"links\":\"none\"");
    assert_eq!(assert_finding(ORDER, &order, Code::WrongType, "/links", (1, 98)).suggestion, None);
}

#[test]
fn all_findings_come_in_the_order_of_their_places() {
    let text = "{\n  \"lineItems\": [\n    { \"quantity\": \"1\" }\n  ],\n  \"id\": 5\n}";
    let found: Vec<(String, Code, usize, usize)> = findings(ORDER, text)
        .into_iter()
        .map(|finding| (finding.pointer, finding.code, finding.place.unwrap().line, finding.place.unwrap().column))
        .collect();
    let expected = [
        ("/creationDate", Code::MissingMember, 1, 1),
        ("/referenceCustomerId", Code::MissingMember, 1, 1),
        ("/lineItems/0/lineItemNumber", Code::MissingMember, 3, 5),
        ("/lineItems/0/offerId", Code::MissingMember, 3, 5),
        ("/lineItems/0/quantity", Code::WrongType, 3, 19),
        ("/id", Code::WrongType, 5, 9),
    ]
    .map(|(pointer, code, line, column)| (pointer.to_owned(), code, line, column));
    assert_eq!(found, expected);
}

#[test]
fn a_finding_says_what_the_contract_says() {
    let found = assert_finding(ORDER, &order_with(",\"currencyCode\":840"), Code::WrongType, "/currencyCode", (1, 105));
    assert_eq!((found.expected.as_str(), found.found.as_str(), found.length), ("text", "840", 3));
    assert_eq!(found.schema, "Order");
    assert!(found.description.unwrap().contains("ISO 4217"), "{found:?}");
    assert_eq!(
        found.to_string(),
        "1:105 /currencyCode: expected text, found 840 (wrong_type); write \"840\", in quotes"
    );
}

#[test]
fn a_pattern_joins_the_items_of_an_array() {
    let text = order_with("").replace("[]", "[{\"lineItemNumber\":0,\"offerId\":\"a\",\"quantity\":-1}]");
    let found = finding(ORDER, &text);
    assert_eq!((found.pointer.as_str(), found.pattern.as_str()), ("/lineItems/0/quantity", "/lineItems/*/quantity"));
    assert_eq!(found.schema, "OrderLineItem");
}

#[test]
fn pointers_escape_what_they_must() {
    let text = request_with(",\"provisioningContext\":{\"a/b~c\":1}");
    let found = finding(ORDER.request(), &text);
    assert_eq!(found.pointer, "/lineItems/0/provisioningContext/a~1b~0c");
}

#[test]
fn wrong_types_suggest_what_was_meant() {
    for (member, value, suggestion) in [
        ("totalPrice", "\"19.99\"", Some("write 19.99 without quotes")),
        ("totalPrice", "\"abc\"", None),
        ("partnerOnRecordAttestationAccepted", "\"True\"", Some("write true without quotes")),
        ("currencyCode", "true", Some("write \"true\", in quotes")),
        ("currencyCode", "[]", None),
    ] {
        let found = finding(ORDER, &order_with(&format!(",\"{member}\":{value}")));
        assert_eq!((found.code, found.suggestion.as_deref()), (Code::WrongType, suggestion), "{member}: {value}");
    }
    let single = order_with("").replace("[]", "{}");
    let found = finding(ORDER, &single);
    assert_eq!(found.suggestion.as_deref(), Some("put it between brackets, as an array of one item"));
}

#[test]
fn unknown_members_are_findings_in_strict_reading_only() {
    let text = order_with(",\"surprise\":{\"a\":[1]}");
    assert_valid(ORDER, &text);
    let found = assert_finding(ORDER.strict(), &text, Code::UnknownMember, "/surprise", (1, 90));
    assert_eq!((found.found.as_str(), found.expected.as_str()), ("`surprise`", "a member of Order"));
    assert_eq!(found.suggestion, None);
    // A map has no unknown members, and what the contract leaves open stays open.
    assert_valid(ORDER.request().strict(), &request_with(",\"provisioningContext\":{\"anything\":\"goes\"}"));
    assert_valid(Validator::new(Schema::FAULT).strict(), "{\"data\":{\"anything\":[1,null]}}");
}

#[test]
fn near_misses_are_named() {
    let cart = Validator::new(Schema::CART).strict();
    let text = "{\"id\":\"1\",\"creationTimeStamp\":\"2018-03-15T17:15:02Z\",\"lineItems\":[{\"id\":0,\"catalogId\":\"a\",\"quantity\":1}]}";
    let suggestions: Vec<_> = findings(cart, text)
        .into_iter()
        .map(|finding| (finding.code, finding.pointer, finding.suggestion.unwrap_or_default()))
        .collect();
    let expected = [
        (Code::UnknownMember, "/creationTimeStamp", "did you mean `creationTimestamp`?"),
        (Code::MissingMember, "/lineItems/0/catalogItemId", "`catalogId` is likely meant to be `catalogItemId`"),
        (Code::UnknownMember, "/lineItems/0/catalogId", "did you mean `catalogItemId`?"),
    ]
    .map(|(code, pointer, suggestion)| (code, pointer.to_owned(), suggestion.to_owned()));
    assert_eq!(suggestions, expected);
}

#[test]
fn listed_values_are_open_unless_strict() {
    let text = order_with(",\"status\":\"shipped\"");
    assert_valid(ORDER, &text);
    let found = assert_finding(ORDER.strict(), &text, Code::UnknownValue, "/status", (1, 99));
    assert!(found.expected.contains("\"completed\""), "{found}");
    let near = finding(ORDER.strict(), &order_with(",\"status\":\"canceled\""));
    assert_eq!(near.suggestion.as_deref(), Some("did you mean \"cancelled\"?"));
}

#[test]
fn letter_case_of_values_counts_in_answers_only() {
    let answer = order_with(",\"billingCycle\":\"Annual\"");
    assert_valid(ORDER, &answer);
    let found = assert_finding(ORDER.strict(), &answer, Code::UnknownValue, "/billingCycle", (1, 105));
    assert_eq!(found.suggestion.as_deref(), Some("did you mean \"annual\"?"));
    let request = format!("{{\"billingCycle\":\"Annual\",{}", &request_with("")[1..]);
    assert_valid(ORDER.request().strict(), &request);
}

#[test]
fn names_match_in_any_case_in_requests_only() {
    let request =
        "{\"LineItems\":[{\"LINEITEMNUMBER\":0,\"OfferId\":\"a\",\"quantity\":1}],\"BillingCycle\":\"Monthly\"}";
    assert_valid(ORDER.request(), request);
    assert_valid(ORDER.request().strict(), request);
    let answer = order_with("").replace("lineItems", "LineItems");
    let found = assert_finding(ORDER, &answer, Code::MissingMember, "/lineItems", (1, 1));
    assert_eq!(found.suggestion.as_deref(), Some("`LineItems` is likely meant to be `lineItems`"));
}

#[test]
fn under_request_reading_a_name_means_the_write_form() {
    assert_eq!(ORDER.request().ruling(), Schema::NEW_ORDER);
    assert_eq!(Validator::new(Schema::CART).request().ruling(), Schema::NEW_CART);
    assert_eq!(Validator::new(Schema::SUBSCRIPTION).request().ruling(), Schema::SUBSCRIPTION_PATCH);
    assert_eq!(Validator::new(Schema::ORDER_PATCH).request().ruling(), Schema::ORDER_PATCH);
    assert_eq!(ORDER.request().response().ruling(), Schema::ORDER);
    assert_eq!(Validator::named("Order (partial)").unwrap().request().ruling(), Schema::ORDER_PATCH);
}

#[test]
fn what_only_the_service_sets_is_refused_in_strict_requests() {
    let text = format!("{{\"totalPrice\":1,{}", &request_with("")[1..]);
    assert_valid(ORDER.request(), &text);
    let found = assert_finding(ORDER.request().strict(), &text, Code::ReadOnlyMember, "/totalPrice", (1, 2));
    assert_eq!(found.suggestion.as_deref(), Some("leave it out: the service sets it"));
    // A collection has no write form; its own read-only members stand for themselves.
    let collection = Validator::new(Schema::ORDER_COLLECTION).request();
    let text = "{\"items\":[],\"totalCount\":0}";
    assert_valid(collection, text);
    assert_finding(collection.strict(), text, Code::ReadOnlyMember, "/totalCount", (1, 26));
    assert_valid(collection.strict(), "{\"items\":[],\"totalCount\":null}");
}

#[test]
fn null_stands_for_an_absent_member_but_in_strict_answers() {
    let text = order_with(",\"alternateId\":null");
    assert_valid(ORDER, &text);
    let found = assert_finding(ORDER.strict(), &text, Code::NullValue, "/alternateId", (1, 104));
    assert_eq!((found.expected.as_str(), found.found.as_str()), ("text", "null"));
    assert_valid(ORDER.request().strict(), &request_with(",\"friendlyName\":null"));
    // What is demanded is not null in any reading, and no item of an array or entry of a map is.
    let nothing = request_with("").replace("\"a\"", "null");
    assert_finding(ORDER.request(), &nothing, Code::NullValue, "/lineItems/0/offerId", (1, 45));
    let entry = request_with(",\"provisioningContext\":{\"scope\":null}");
    assert_finding(ORDER.request(), &entry, Code::NullValue, "/lineItems/0/provisioningContext/scope", (1, 93));
    let items = order_with("").replace("[]", "[null]");
    assert_finding(ORDER, &items, Code::NullValue, "/lineItems/0", (1, 88));
}

#[test]
fn a_member_comes_once() {
    let text = order_with(",\"id\":\"9\"");
    let found = assert_finding(ORDER, &text, Code::DuplicateMember, "/id", (1, 90));
    assert_eq!(found.found, "\"id\" again");
    assert_finding(ORDER, &order_with(",\"a\":1,\"b\":2,\"a\":3"), Code::DuplicateMember, "/a", (1, 102));
    assert_finding(ORDER, &order_with(",\"i\\u0064\":\"9\""), Code::DuplicateMember, "/id", (1, 90));
    assert_finding(ORDER, &order_with(",\"a\":1,\"\\u0061\":3"), Code::DuplicateMember, "/a", (1, 96));
    // Letter case makes another member of an answer, but not of a request.
    assert_valid(ORDER, &order_with(",\"a\":1,\"A\":3,\"ID\":4"));
    let twice = format!("{{\"Id\":null,\"id\":null,{}", &request_with("")[1..]);
    assert_finding(ORDER.request(), &twice, Code::DuplicateMember, "/id", (1, 12));
    assert_finding(
        ORDER.request(),
        "{\"a\":1,\"A\":2,\"lineItems\":[{\"lineItemNumber\":0,\"offerId\":\"a\",\"quantity\":1}]}",
        Code::DuplicateMember,
        "/A",
        (1, 8),
    );
    assert_finding(
        ORDER.request(),
        &request_with(",\"provisioningContext\":{\"a\":\"1\",\"a\":\"2\"}"),
        Code::DuplicateMember,
        "/lineItems/0/provisioningContext/a",
        (1, 93),
    );
}

#[test]
fn many_members_are_told_apart_as_well() {
    let members: String =
        (0..5_000).flat_map(|at| [",\"m".to_owned(), at.to_string(), "\":".to_owned(), at.to_string()]).collect();
    assert_valid(ORDER, &order_with(&members));
    let found = finding(ORDER, &order_with(&format!("{members},\"m4321\":0")));
    assert_eq!((found.code, found.pointer.as_str()), (Code::DuplicateMember, "/m4321"));
}

#[test]
fn numbers_keep_to_their_bounds() {
    for (quantity, code) in [
        ("-1", Code::OutOfBounds),
        ("2147483648", Code::OutOfBounds),
        ("99999999999999999999", Code::OutOfBounds),
        ("-9223372036854775808", Code::OutOfBounds),
        ("1e400", Code::NumberTooLarge),
        ("1.5", Code::WrongType),
    ] {
        let text = request_with("").replace("\"quantity\":1", &format!("\"quantity\":{quantity}"));
        assert_finding(ORDER.request(), &text, code, "/lineItems/0/quantity", (1, 60));
    }
    for quantity in ["0", "2147483647", "3.0", "30e-1", "0.3E1"] {
        assert_valid(ORDER.request(), &request_with("").replace("\"quantity\":1", &format!("\"quantity\":{quantity}")));
    }
    // What nothing is known about has to be readable all the same.
    assert_finding(ORDER, &order_with(",\"new\":[-1e400]"), Code::NumberTooLarge, "/new/0", (1, 97));
    assert_valid(ORDER, &order_with(",\"totalPrice\":123456789012345678901234567890.12"));
}

#[test]
fn half_characters_are_found_wherever_they_are() {
    assert_finding(
        ORDER,
        &order_with(",\"currencySymbol\":\"\\ud83d\""),
        Code::LoneSurrogate,
        "/currencySymbol",
        (1, 107),
    );
    assert_finding(ORDER, &order_with(",\"new\":[\"\\udc00\"]"), Code::LoneSurrogate, "/new/0", (1, 97));
    assert_finding(ORDER, &order_with(",\"\\ud83dx\":1"), Code::LoneSurrogate, "/\u{fffd}x", (1, 90));
    assert_valid(ORDER, &order_with(",\"currencySymbol\":\"\\ud83d\\ude00\""));
}

#[test]
fn dates_are_read_as_far_as_each_reading_needs() {
    let created = |date: &str| order_with("").replace("2018-03-15T17:15:02Z", date);
    let damaged = created("2015-10-08T10: 42: 36.54-07: 00");
    assert_valid(ORDER, &damaged);
    let found = assert_finding(ORDER.strict(), &damaged, Code::UnreadableDate, "/creationDate", (1, 52));
    assert_eq!(found.suggestion.as_deref(), Some("without the blanks, \"2015-10-08T10:42:36.54-07:00\", it is one"));
    let local = created("0001-01-01T00:00:00");
    assert_valid(ORDER, &local);
    assert_finding(ORDER.strict(), &local, Code::DateWithoutOffset, "/creationDate", (1, 52));

    let request = |date: &str| request_with(&format!(",\"customTermEndDate\":\"{date}\""));
    assert_valid(ORDER.request(), &request("2018-03-15T17:15:02"));
    let place = (1, 82);
    let pointer = "/lineItems/0/customTermEndDate";
    assert_finding(ORDER.request().strict(), &request("2018-03-15T17:15:02"), Code::DateWithoutOffset, pointer, place);
    assert_finding(ORDER.request(), &request("tomorrow"), Code::UnreadableDate, pointer, place);
}

#[test]
fn lengths_count_characters_and_items() {
    let fault = Validator::new(Schema::FAULT);
    assert_valid(fault, &format!("{{\"description\":\"{}\"}}", "é".repeat(1024)));
    let long = format!("{{\"description\":\"{}\"}}", "é".repeat(1025));
    let found = assert_finding(fault, &long, Code::TextLength, "/description", (1, 16));
    assert_eq!(found.expected, "at most 1024 characters");
    assert!(found.found.chars().count() < 70, "a long value is cut short: {}", found.found);
    let found = assert_finding(ORDER.request(), "{\"lineItems\":[]}", Code::ItemCount, "/lineItems", (1, 14));
    assert_eq!((found.expected.as_str(), found.found.as_str()), ("at least 1 item", "0 items"));
}

#[test]
fn a_code_may_be_a_number_or_a_text() {
    let fault = Validator::new(Schema::FAULT).strict();
    assert_valid(fault, "{\"code\":20002}");
    assert_valid(fault, "{\"code\":\"20002\"}");
    let found = assert_finding(fault, "{\"code\":true}", Code::WrongType, "/code", (1, 9));
    assert_eq!(found.expected, "an integer or text");
}

#[test]
fn a_payload_of_another_kind_is_one_finding() {
    let found = assert_finding(ORDER, "[1, 2]", Code::WrongType, "", (1, 1));
    assert_eq!((found.expected.as_str(), found.found.as_str(), found.length), ("an object", "an array", 6));
    assert_eq!(found.to_string(), "1:1 (the whole): expected an object, found an array (wrong_type)");
    assert_finding(ORDER, " null ", Code::NullValue, "", (1, 2));
}

#[test]
fn lines_and_columns_are_those_of_an_editor() {
    let text = "\u{feff}{\r\n\t\"é日\": \"\u{1f600}\", \"uri\": 1,\r\n\"method\": \"GET\"}";
    let found = finding(LINK, text);
    let place = found.place.unwrap();
    assert_eq!((place.line, place.column), (2, 20));
    assert_eq!(&text[place.offset..place.offset + found.length], "1");
}

#[test]
fn findings_about_a_value_have_no_place() {
    let value = serde_json::json!({ "uri": 1, "method": "GET" });
    let report = LINK.validate_value(&value).unwrap();
    assert!(!LINK.is_valid_value(&value));
    assert_eq!(report.findings.len(), 1);
    assert_eq!(
        (report.findings[0].pointer.as_str(), report.findings[0].place, report.findings[0].length),
        ("/uri", None, 0)
    );
    assert_eq!(report.to_string(), "/uri: expected text, found 1 (wrong_type); write \"1\", in quotes");
}

#[test]
fn only_so_many_findings_are_kept() {
    let items = vec!["null"; 50].join(",");
    let text = order_with("").replace("[]", &format!("[{items}]"));
    let mut limits = Limits::default();
    limits.findings = 10;
    let report = ORDER.limits(limits).validate(text.as_bytes()).unwrap();
    assert_eq!((report.findings.len(), report.more, report.is_valid()), (10, 40, false));
    assert!(report.to_string().ends_with("and 40 more"), "{report}");
}

#[test]
fn codes_are_the_same_in_text_and_in_json() {
    let text = order_with(",\"id\":\"9\"");
    let report = ORDER.validate(text.as_bytes()).unwrap();
    let json = serde_json::to_value(&report).unwrap();
    assert_eq!(json["findings"][0]["code"], Code::DuplicateMember.as_str());
    assert_eq!(json["findings"][0]["place"]["line"], 1);
}

#[test]
fn a_finding_shows_no_control_characters() {
    let escaped = r"a\u001b[2J\u009b31m\u202eb";
    let text = order_with(&format!(r#","{escaped}":1,"status":{{"{escaped}":1}},"billingCycle":"{escaped}""#));
    let report = ORDER.strict().validate(text.as_bytes()).unwrap();
    for shown in report.findings.iter().map(ToString::to_string).chain([report.to_string().replace('\n', " ")]) {
        assert!(!shown.contains(partner_center_orders_schema::is_control), "{shown:?}");
    }
    let shown = report.to_string();
    assert!(shown.contains("a\\u{1b}[2J\\u{9b}31m\\u{202e}b"), "{shown}");
    assert!(report.findings.iter().any(|finding| finding.pointer.contains('\u{1b}')), "programs get the text as it is");
}
