//! Findings in valid JSON: code, pointer, line, column and suggestion.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

use partner_center_orders_schema::{Code, Finding, Limits, Operation, Schema, Validator};

const ORDER: Validator = Validator::new(Schema::ORDER);
const LINK: Validator = Validator::new(Schema::LINK);

fn findings(validator: Validator, text: &str) -> Vec<Finding> {
    let report = validator.validate(text.as_bytes()).unwrap_or_else(|error| panic!("{text}: {error}"));
    assert_eq!(validator.is_valid(text.as_bytes()), report.is_valid(), "{text}: {report}");
    report.findings
}

/// Returns the only finding.
#[track_caller]
fn finding(validator: Validator, text: &str) -> Finding {
    let findings = findings(validator, text);
    let [finding] = findings.as_slice() else { panic!("{text}: {findings:#?}") };
    finding.clone()
}

#[track_caller]
fn assert_finding(validator: Validator, text: &str, code: Code, pointer: &str, location: (usize, usize)) -> Finding {
    let finding = finding(validator, text);
    let found = finding.location.map(|location| (location.line, location.column));
    assert_eq!((finding.code, finding.pointer.as_str(), found), (code, pointer, Some(location)), "{text}: {finding}");
    finding
}

#[track_caller]
fn assert_valid(validator: Validator, text: &str) {
    let findings = findings(validator, text);
    assert!(findings.is_empty(), "{text}: {findings:#?}");
}

/// Returns a response with all required members, and these.
fn order_with(members: &str) -> String {
    format!(
        "{{\"id\":\"1\",\"referenceCustomerId\":\"2\",\"creationDate\":\"2018-03-15T17:15:02Z\",\"lineItems\":[]{members}}}"
    )
}

/// Returns a request for an order with one line, which has these members, too.
fn request_with(members: &str) -> String {
    format!("{{\"lineItems\":[{{\"lineItemNumber\":0,\"offerId\":\"a\",\"quantity\":1{members}}}]}}")
}

#[test]
fn json_written_as_a_string_is_recognized() {
    let text = serde_json::to_string(&order_with(&format!(",\"unknown\":\"{}\"", "a".repeat(300)))).unwrap();
    let whole = assert_finding(ORDER, &text, Code::WrongType, "", (1, 1));
    assert!(whole.suggestion.unwrap().contains("JSON written as a string"));
    let order = order_with(",\"links\":\"none\"");
    assert_eq!(assert_finding(ORDER, &order, Code::WrongType, "/links", (1, 98)).suggestion, None);
}

#[test]
fn findings_are_sorted_by_location() {
    let text = "{\n  \"lineItems\": [\n    { \"quantity\": \"1\" }\n  ],\n  \"id\": 5\n}";
    let found: Vec<(String, Code, usize, usize)> = findings(ORDER, text)
        .into_iter()
        .map(|finding| {
            (finding.pointer, finding.code, finding.location.unwrap().line, finding.location.unwrap().column)
        })
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
fn a_finding_has_the_description_of_the_contract() {
    let found = assert_finding(ORDER, &order_with(",\"currencyCode\":840"), Code::WrongType, "/currencyCode", (1, 105));
    assert_eq!((found.expected.as_str(), found.found.as_str(), found.length), ("a string", "840", 3));
    assert_eq!(found.schema, "Order");
    assert!(found.description.unwrap().contains("ISO 4217"), "{found:?}");
    assert_eq!(
        found.to_string(),
        "1:105 /currencyCode: expected a string, found 840 (wrong_type); write \"840\", in quotes"
    );
}

#[test]
fn a_pattern_is_the_same_for_all_items() {
    let text = order_with("").replace("[]", "[{\"lineItemNumber\":0,\"offerId\":\"a\",\"quantity\":-1}]");
    let found = finding(ORDER, &text);
    assert_eq!((found.pointer.as_str(), found.pattern.as_str()), ("/lineItems/0/quantity", "/lineItems/*/quantity"));
    assert_eq!(found.schema, "OrderLineItem");
}

#[test]
fn pointers_escape_special_characters() {
    let text = request_with(",\"provisioningContext\":{\"a/b~c\":1}");
    let found = finding(ORDER.request(), &text);
    assert_eq!(found.pointer, "/lineItems/0/provisioningContext/a~1b~0c");
}

#[test]
fn wrong_types_have_suggestions() {
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
    assert_eq!(found.suggestion.as_deref(), Some("write it in brackets, as an array of one item"));
}

#[test]
fn unknown_members_are_findings_only_if_strict() {
    let text = order_with(",\"surprise\":{\"a\":[1]}");
    assert_valid(ORDER, &text);
    let found = assert_finding(ORDER.strict(), &text, Code::UnknownMember, "/surprise", (1, 90));
    assert_eq!((found.found.as_str(), found.expected.as_str()), ("`surprise`", "a member of Order"));
    assert_eq!(found.suggestion, None);
    // Maps and open objects have no unknown members.
    assert_valid(ORDER.request().strict(), &request_with(",\"provisioningContext\":{\"anything\":\"goes\"}"));
    assert_valid(Validator::new(Schema::FAULT).strict(), "{\"data\":{\"anything\":[1,null]}}");
}

#[test]
fn misspelt_names_are_suggested() {
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
    let similar = finding(ORDER.strict(), &order_with(",\"status\":\"canceled\""));
    assert_eq!(similar.suggestion.as_deref(), Some("did you mean \"cancelled\"?"));
}

#[test]
fn letter_case_of_values_counts_in_responses_only() {
    let response = order_with(",\"billingCycle\":\"Annual\"");
    assert_valid(ORDER, &response);
    let found = assert_finding(ORDER.strict(), &response, Code::UnknownValue, "/billingCycle", (1, 105));
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
    let response = order_with("").replace("lineItems", "LineItems");
    let found = assert_finding(ORDER, &response, Code::MissingMember, "/lineItems", (1, 1));
    assert_eq!(found.suggestion.as_deref(), Some("`LineItems` is likely meant to be `lineItems`"));
}

#[test]
fn requests_are_validated_against_the_write_form() {
    assert_eq!(ORDER.request().schema(), Schema::NEW_ORDER);
    assert_eq!(Validator::new(Schema::CART).request().schema(), Schema::NEW_CART);
    assert_eq!(Validator::new(Schema::SUBSCRIPTION).request().schema(), Schema::SUBSCRIPTION_PATCH);
    assert_eq!(Validator::new(Schema::ORDER_PATCH).request().schema(), Schema::ORDER_PATCH);
    assert_eq!(ORDER.request().response().schema(), Schema::ORDER);
    assert_eq!(Validator::named("Order (partial)").unwrap().request().schema(), Schema::ORDER_PATCH);
}

#[test]
fn read_only_members_are_findings_in_strict_requests() {
    let text = format!("{{\"totalPrice\":1,{}", &request_with("")[1..]);
    assert_valid(ORDER.request(), &text);
    let found = assert_finding(ORDER.request().strict(), &text, Code::ReadOnlyMember, "/totalPrice", (1, 2));
    assert_eq!(found.suggestion.as_deref(), Some("leave it out: the service sets it"));
    // A collection has no write form; its read-only members are marked.
    let collection = Validator::new(Schema::ORDER_COLLECTION).request();
    let text = "{\"items\":[],\"totalCount\":0}";
    assert_valid(collection, text);
    assert_finding(collection.strict(), text, Code::ReadOnlyMember, "/totalCount", (1, 26));
    assert_valid(collection.strict(), "{\"items\":[],\"totalCount\":null}");
}

#[test]
fn null_is_absent_except_in_strict_responses() {
    let text = order_with(",\"alternateId\":null");
    assert_valid(ORDER, &text);
    let found = assert_finding(ORDER.strict(), &text, Code::NullValue, "/alternateId", (1, 104));
    assert_eq!((found.expected.as_str(), found.found.as_str()), ("a string", "null"));
    assert_valid(ORDER.request().strict(), &request_with(",\"friendlyName\":null"));
    // Required members, items of arrays and entries of maps are never null.
    let required = request_with("").replace("\"a\"", "null");
    assert_finding(ORDER.request(), &required, Code::NullValue, "/lineItems/0/offerId", (1, 45));
    let entry = request_with(",\"provisioningContext\":{\"scope\":null}");
    assert_finding(ORDER.request(), &entry, Code::NullValue, "/lineItems/0/provisioningContext/scope", (1, 93));
    let items = order_with("").replace("[]", "[null]");
    assert_finding(ORDER, &items, Code::NullValue, "/lineItems/0", (1, 88));
}

#[test]
fn duplicate_members_are_findings() {
    let text = order_with(",\"id\":\"9\"");
    let found = assert_finding(ORDER, &text, Code::DuplicateMember, "/id", (1, 90));
    assert_eq!(found.found, "\"id\" again");
    assert_finding(ORDER, &order_with(",\"a\":1,\"b\":2,\"a\":3"), Code::DuplicateMember, "/a", (1, 102));
    assert_finding(ORDER, &order_with(",\"i\\u0064\":\"9\""), Code::DuplicateMember, "/id", (1, 90));
    assert_finding(ORDER, &order_with(",\"a\":1,\"\\u0061\":3"), Code::DuplicateMember, "/a", (1, 96));
    // Letter case distinguishes members of a response, but not of a request.
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
fn duplicates_among_many_members_are_findings() {
    let members: String =
        (0..5_000).flat_map(|at| [",\"m".to_owned(), at.to_string(), "\":".to_owned(), at.to_string()]).collect();
    assert_valid(ORDER, &order_with(&members));
    let found = finding(ORDER, &order_with(&format!("{members},\"m4321\":0")));
    assert_eq!((found.code, found.pointer.as_str()), (Code::DuplicateMember, "/m4321"));
}

#[test]
fn numbers_are_checked_against_bounds() {
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
    // Unknown members must be readable, too.
    assert_finding(ORDER, &order_with(",\"new\":[-1e400]"), Code::NumberTooLarge, "/new/0", (1, 97));
    assert_valid(ORDER, &order_with(",\"totalPrice\":123456789012345678901234567890.12"));
}

#[test]
fn lone_surrogates_are_findings_everywhere() {
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
fn dates_are_validated_by_direction_and_strictness() {
    let created = |date: &str| order_with("").replace("2018-03-15T17:15:02Z", date);
    let malformed = created("2015-10-08T10: 42: 36.54-07: 00");
    assert_valid(ORDER, &malformed);
    let found = assert_finding(ORDER.strict(), &malformed, Code::UnreadableDate, "/creationDate", (1, 52));
    assert_eq!(found.suggestion.as_deref(), Some("write it without spaces: \"2015-10-08T10:42:36.54-07:00\""));
    let local = created("0001-01-01T00:00:00");
    assert_valid(ORDER, &local);
    assert_finding(ORDER.strict(), &local, Code::DateWithoutOffset, "/creationDate", (1, 52));

    let request = |date: &str| request_with(&format!(",\"customTermEndDate\":\"{date}\""));
    assert_valid(ORDER.request(), &request("2018-03-15T17:15:02"));
    let location = (1, 82);
    let pointer = "/lineItems/0/customTermEndDate";
    assert_finding(
        ORDER.request().strict(),
        &request("2018-03-15T17:15:02"),
        Code::DateWithoutOffset,
        pointer,
        location,
    );
    assert_finding(ORDER.request(), &request("tomorrow"), Code::UnreadableDate, pointer, location);
}

#[test]
fn lengths_count_characters_and_items() {
    let fault = Validator::new(Schema::FAULT);
    assert_valid(fault, &format!("{{\"description\":\"{}\"}}", "é".repeat(1024)));
    let long = format!("{{\"description\":\"{}\"}}", "é".repeat(1025));
    let found = assert_finding(fault, &long, Code::TextLength, "/description", (1, 16));
    assert_eq!(found.expected, "at most 1024 characters");
    assert!(found.found.chars().count() < 70, "a long value is shortened: {}", found.found);
    let found = assert_finding(ORDER.request(), "{\"lineItems\":[]}", Code::ItemCount, "/lineItems", (1, 14));
    assert_eq!((found.expected.as_str(), found.found.as_str()), ("at least 1 item", "0 items"));
}

#[test]
fn a_code_may_be_a_number_or_a_string() {
    let fault = Validator::new(Schema::FAULT).strict();
    assert_valid(fault, "{\"code\":20002}");
    assert_valid(fault, "{\"code\":\"20002\"}");
    let found = assert_finding(fault, "{\"code\":true}", Code::WrongType, "/code", (1, 9));
    assert_eq!(found.expected, "an integer or a string");
}

#[test]
fn a_payload_of_another_type_is_one_finding() {
    let found = assert_finding(ORDER, "[1, 2]", Code::WrongType, "", (1, 1));
    assert_eq!((found.expected.as_str(), found.found.as_str(), found.length), ("an object", "an array", 6));
    assert_eq!(found.to_string(), "1:1 (the whole): expected an object, found an array (wrong_type)");
    assert_finding(ORDER, " null ", Code::NullValue, "", (1, 2));
}

#[test]
fn lines_and_columns_are_those_of_an_editor() {
    let text = "\u{feff}{\r\n\t\"é日\": \"\u{1f600}\", \"uri\": 1,\r\n\"method\": \"GET\"}";
    let found = finding(LINK, text);
    let location = found.location.unwrap();
    assert_eq!((location.line, location.column), (2, 20));
    assert_eq!(&text[location.offset..location.offset + found.length], "1");
}

#[test]
fn findings_about_a_value_have_no_location() {
    let value = serde_json::json!({ "uri": 1, "method": "GET" });
    let report = LINK.validate_value(&value).unwrap();
    assert!(!LINK.is_valid_value(&value));
    assert_eq!(report.findings.len(), 1);
    assert_eq!(
        (report.findings[0].pointer.as_str(), report.findings[0].location, report.findings[0].length),
        ("/uri", None, 0)
    );
    assert_eq!(report.to_string(), "/uri: expected a string, found 1 (wrong_type); write \"1\", in quotes");
}

#[test]
fn findings_beyond_the_limit_are_counted() {
    let items = vec!["null"; 50].join(",");
    let text = order_with("").replace("[]", &format!("[{items}]"));
    let mut limits = Limits::default();
    limits.findings = 10;
    let report = ORDER.limits(limits).validate(text.as_bytes()).unwrap();
    assert_eq!((report.findings.len(), report.omitted, report.is_valid()), (10, 40, false));
    assert!(report.is_truncated() && !ORDER.validate(text.as_bytes()).unwrap().is_truncated());
    assert!(report.to_string().ends_with("and 40 more"), "{report}");
}

#[test]
fn codes_are_the_same_in_text_and_in_json() {
    let text = order_with(",\"id\":\"9\"");
    let report = ORDER.validate(text.as_bytes()).unwrap();
    let json = serde_json::to_value(&report).unwrap();
    assert_eq!(json["findings"][0]["code"], Code::DuplicateMember.as_str());
    assert_eq!(json["findings"][0]["location"]["line"], 1);
}

#[test]
fn a_finding_displays_no_control_characters() {
    let escaped = r"a\u001b[2J\u009b31m\u202eb";
    let text = order_with(&format!(r#","{escaped}":1,"status":{{"{escaped}":1}},"billingCycle":"{escaped}""#));
    let report = ORDER.strict().validate(text.as_bytes()).unwrap();
    for shown in report.findings.iter().map(ToString::to_string).chain([report.to_string().replace('\n', " ")]) {
        assert!(!shown.contains(partner_center_orders_schema::is_control), "{shown:?}");
    }
    let shown = report.to_string();
    assert!(shown.contains("a\\u{1b}[2J\\u{9b}31m\\u{202e}b"), "{shown}");
    assert!(report.findings.iter().any(|finding| finding.pointer.contains('\u{1b}')), "fields are not escaped");
}

#[test]
fn a_change_that_is_not_the_whole_subscription_resets_members() {
    const RENEWAL: &str = "/autoRenewEnabled";
    const NEXT_TERM: &str = "/scheduledNextTermInstructions";
    const NEXT_CHARGE: &str = "/nextChargeInstructions";
    let operation = Operation::named("update_subscription").unwrap();
    let validator = Validator::of_request(operation).unwrap();
    let whole = r#""id":"1","quantity":2,"status":"active""#;
    for (text, expected) in [
        ("{}".to_owned(), vec![RENEWAL, NEXT_TERM, NEXT_CHARGE]),
        (format!("{{{whole}}}"), vec![RENEWAL, NEXT_TERM, NEXT_CHARGE]),
        (format!("{{{whole},\"autoRenewEnabled\":null}}"), vec![RENEWAL, NEXT_TERM, NEXT_CHARGE]),
        (format!("{{{whole},\"autoRenewEnabled\":false}}"), vec![]),
        (format!("{{{},\"AutoRenewEnabled\":true}}", whole.to_uppercase().replace("ACTIVE", "active")), vec![]),
        (r#"{"quantity":2,"autoRenewEnabled":true}"#.to_owned(), vec![NEXT_TERM, NEXT_CHARGE]),
        (r#"{"quantity":2,"autoRenewEnabled":true,"nextChargeInstructions":{}}"#.to_owned(), vec![NEXT_TERM]),
    ] {
        for text in [text.clone(), format!("\u{feff}\n {text}")] {
            let findings = findings(validator, &text);
            let pointers: Vec<_> = findings.iter().map(|finding| finding.pointer.as_str()).collect();
            assert_eq!(pointers, expected, "{text}");
            for finding in findings {
                assert_eq!(finding.code, Code::ResetByOmission);
                let location = finding.location.unwrap();
                assert_eq!(text.as_bytes()[location.offset], b'{', "{text}");
                assert!(finding.description.is_some());
            }
        }
        let value = serde_json::from_str(&text).unwrap();
        let found = validator.validate_value(&value).unwrap().findings;
        assert_eq!(found.len(), expected.len(), "{text}");
        assert!(found.iter().all(|finding| finding.location.is_none()));
        assert_eq!(validator.is_valid_value(&value), expected.is_empty());
        // The schema alone, and responses, have no such rule.
        assert_valid(Validator::new(Schema::SUBSCRIPTION_PATCH).request(), &text);
    }
    let wrong = findings(validator, "[]");
    assert_eq!(wrong.len(), 1, "{wrong:?}");
    assert_eq!(wrong[0].code, Code::WrongType);
    let mut limits = Limits::default();
    limits.findings = 2;
    let report = validator.limits(limits).validate(b"{}").unwrap();
    assert_eq!((report.findings.len(), report.omitted), (2, 1));
    assert!(Validator::of_request(Operation::named("get_order").unwrap()).is_none());
}
