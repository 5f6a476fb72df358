//! Values of another type than the contract has, and names in another letter case.

use std::fmt::Debug;

use partner_center_orders_api::runtime::{Payload, decode, decode_first, decode_payload};
use partner_center_orders_api::types::{
    Cart, CartCheckoutResult, Order, OrderCollection, OrderLineItem, OrderPatch, RenewsTo, Subscription,
};
use partner_center_orders_api::wire::Timestamp;
use partner_center_orders_schema::{Schema, Validator};
use serde::Serialize;
use serde_json::json;

const LINE: &str = r#"{"lineItemNumber":0,"offerId":"o","quantity":1}"#;

fn line(member: &str) -> String {
    LINE.replacen('}', &format!(",{member}}}"), 1)
}

fn order(members: &str) -> String {
    format!(r#"{{"id":"1","creationDate":"2018","lineItems":[{LINE}],"referenceCustomerId":"c"{members}}}"#)
}

/// Reads with both readers, which agree.
#[track_caller]
fn read<T: Payload + PartialEq + Debug + Serialize>(text: &str) -> T {
    let own = decode_payload::<T>(text.as_bytes()).unwrap();
    let by_serde = decode::<T>(text.as_bytes()).unwrap();
    assert_eq!(own, by_serde);
    assert_eq!(serde_json::to_string(&own).unwrap(), serde_json::to_string(&by_serde).unwrap());
    own
}

#[track_caller]
fn error<T: Payload + Debug>(text: &str) -> String {
    let error = decode_payload::<T>(text.as_bytes()).unwrap_err().to_string();
    assert_eq!(error, decode::<T>(text.as_bytes()).unwrap_err().to_string());
    error
}

#[test]
fn a_value_of_another_type_does_not_cost_the_page() {
    let odd = [
        line(r#""renewsTo":[{"termDuration":"P1Y" }]"#),
        line(r#""attestationAccepted":"yes""#),
        line(r#""customTermEndDate":1.50"#),
        line(r#""provisioningContext":{"a":"b","c":7}"#),
        line(r#""links":{"sku":{"uri":5}}"#),
        line(r#""additionalPartnerIdsOnRecord":[1,"2"]"#),
    ];
    for (line, name) in odd.iter().zip([
        "renewsTo",
        "attestationAccepted",
        "customTermEndDate",
        "provisioningContext",
        "links",
        "additionalPartnerIdsOnRecord",
    ]) {
        let text = format!(r#"{{"totalCount":1,"items":[{},{}]}}"#, order(""), order("").replace(LINE, line));
        let list: OrderCollection = read(&text);
        assert_eq!(list.items.len(), 2);
        assert!(list.items[0].line_items[0].extra.is_empty());
        let read = &list.items[1].line_items[0];
        if name == "links" {
            // The innermost member that may be absent is what is left out.
            let links = read.links.as_ref().unwrap();
            assert!(links.sku.is_none() && read.extra.is_empty());
            assert_eq!(links.extra.get("sku").unwrap(), json!({ "uri": 5 }));
        } else {
            assert!(read.extra.get(name).is_some(), "{name}");
        }
        let written = serde_json::to_string(read).unwrap();
        assert_eq!(written, *line);
        assert!(decode_first::<OrderCollection>(&format!("{text},")).is_some(), "{name} needs no second reading");
    }
}

#[test]
fn what_was_set_aside_goes_back_as_it_came_unless_the_member_was_set() {
    let text = order(r#","client":"console  ","billingCycle":[ 1.0 ]"#);
    let mut patch = OrderPatch::from(read::<Order>(&text));
    assert!(serde_json::to_string(&patch).unwrap().ends_with(r#","client":"console  ","billingCycle":[ 1.0 ]}"#));
    patch.billing_cycle = Some("monthly".into());
    let written = serde_json::to_string(&patch).unwrap();
    assert_eq!(written.matches("billingCycle").count(), 1, "{written}");
    assert!(written.contains(r#""billingCycle":"monthly""#), "{written}");
    assert_eq!(patch.extra.get("billingCycle").unwrap(), json!([1]));
}

#[test]
fn a_critical_value_of_another_type_is_an_error() {
    let problem = error::<Order>(&order(r#","totalPrice":{"amount":1}"#));
    assert!(problem.contains("`totalPrice`"), "{problem}");
    let problem = error::<Order>(&order(r#","status":[]"#));
    assert!(problem.contains("`status`"), "{problem}");
    let problem = error::<OrderLineItem>(&line(r#""pricing":{"listPrice":true}"#));
    assert!(problem.contains("`pricing.listPrice`"), "{problem}");
    let problem = error::<CartCheckoutResult>(r#"{"orders":[],"orderErrors":{"code":1}}"#);
    assert!(problem.contains("`orderErrors`"), "{problem}");
    let problem = error::<Cart>(
        r#"{"id":"1","lineItems":[{"id":0,"catalogItemId":"x","quantity":1,"addonItems":[{"id":1,"catalogItemId":"y","quantity":"2"}]}]}"#,
    );
    assert!(problem.contains("`lineItems[0].addonItems[0].quantity`"), "{problem}");
    let problem = error::<Subscription>(
        r#"{"id":"1","quantity":1,"status":"active","scheduledNextTermInstructions":{"quantity":"two"}}"#,
    );
    assert!(problem.contains("`scheduledNextTermInstructions.quantity`"), "{problem}");
}

#[test]
fn a_required_value_of_another_type_is_an_error() {
    let problem = error::<Order>(&order("").replace("\"c\"", "[]"));
    assert!(problem.contains("`referenceCustomerId`"), "{problem}");
}

#[test]
fn the_last_of_several_values_counts_whatever_its_type() {
    let fits = r#""renewsTo":{"termDuration":"P1Y"}"#;
    let odd = r#""renewsTo":5"#;
    let read_line = |members: &str| read::<OrderLineItem>(&line(members));
    let last_fits = read_line(&format!("{odd},{fits}"));
    assert!(last_fits.renews_to.is_some() && last_fits.extra.is_empty());
    let last_odd = read_line(&format!("{fits},{odd}"));
    assert!(last_odd.renews_to.is_none());
    assert_eq!(last_odd.extra.get("renewsTo").unwrap(), json!(5));
}

#[test]
fn syntax_errors_and_deep_nesting_stay_errors() {
    for value in ["[1,}", "tru", "\"\\x\"", "{\"termDuration\" 1}"] {
        error::<OrderLineItem>(&line(&format!("\"renewsTo\":{value}")));
    }
    let deep = format!("\"renewsTo\":{}{}", "[".repeat(127), "]".repeat(127));
    assert!(error::<OrderLineItem>(&line(&deep)).contains("nest deeper than 127 levels"));
}

#[test]
fn the_validator_reports_it() {
    let text = order(r#","client":"console""#);
    assert!(read::<Order>(&text).client.is_none());
    let validator = Validator::new(Schema::named("Order").unwrap()).response();
    for validator in [validator.strict(), validator.lenient()] {
        assert!(!validator.is_valid(text.as_bytes()));
        assert!(validator.validate(text.as_bytes()).unwrap().findings.iter().any(|found| found.pointer == "/client"));
    }
}

#[test]
fn other_formats_set_values_aside_as_well() {
    let line: OrderLineItem = serde_norway::from_str(
        "lineItemNumber: 0\nofferId: o\nquantity: 1\nrenewsTo: [P1Y]\nfriendlyName: plain\ncustomTermEndDate: \"2030\"\n",
    )
    .unwrap();
    assert_eq!(line.extra.get("renewsTo").unwrap(), json!(["P1Y"]));
    assert_eq!(line.friendly_name.as_deref(), Some("plain"));
    assert_eq!(line.custom_term_end_date, Some(Timestamp::unchecked("2030")));
}

/// The same text with names that begin in upper case.
fn pascal(text: &str) -> String {
    let mut out = String::new();
    let mut letters = text.chars().peekable();
    let mut is_name = false;
    while let Some(letter) = letters.next() {
        if letter == '"' && matches!(out.chars().last(), Some('{' | ',')) {
            is_name = true;
        }
        out.push(letter);
        if is_name && letter == '"' {
            out.extend(letters.next().map(|first| first.to_ascii_uppercase()));
        }
        is_name = false;
    }
    out
}

#[test]
fn names_match_in_any_letter_case() {
    let text = order(r#","currencyCode":"EUR","totalPrice":1.50,"links":{"self":{"uri":"/","method":"GET"}}"#);
    let upper = pascal(&text);
    assert!(upper.contains(r#""LineItems":[{"LineItemNumber":0"#), "{upper}");
    assert_eq!(
        serde_json::to_string(&read::<Order>(&upper)).unwrap(),
        serde_json::to_string(&read::<Order>(&text)).unwrap()
    );
    let list = pascal(&format!(r#"{{"totalCount":1,"items":[{text}]}}"#));
    assert_eq!(read::<OrderCollection>(&list).items, [read::<Order>(&text)]);
    let shouted: RenewsTo = read(r#"{"TERMDURATION":"P1M"}"#);
    assert_eq!(shouted.term_duration.as_deref(), Some("P1M"));
}

#[test]
fn the_exact_name_counts_before_and_after_another_case() {
    for text in [r#"{"TermDuration":"P1Y","termDuration":"P1M"}"#, r#"{"termDuration":"P1M","TermDuration":"P1Y"}"#] {
        let renews_to: RenewsTo = read(text);
        assert_eq!(renews_to.term_duration.as_deref(), Some("P1M"));
        assert_eq!(renews_to.extra.get("TermDuration").unwrap(), json!("P1Y"));
    }
    let first = r#"{"termDuration":"P1M","a":1,"TERMDURATION":"P3Y","b":2}"#;
    assert_eq!(serde_json::to_string(&read::<RenewsTo>(first)).unwrap(), first);
    let renews_to: RenewsTo = read(r#"{"TermDuration":"P1Y","TERMDURATION":"P3Y"}"#);
    assert_eq!(renews_to.term_duration.as_deref(), Some("P3Y"));
    assert_eq!(serde_json::to_string(&renews_to.extra).unwrap(), r#"{"TermDuration":"P1Y"}"#);
}

#[test]
fn a_value_under_a_name_in_another_case_must_fit_as_well() {
    let order = order("").replace("lineItems", "LineItems").replace("\"quantity\":1", "\"Quantity\":\"one\"");
    let problem = error::<Order>(&order);
    assert!(problem.contains("invalid type: text, expected i32"), "{problem}");
    let renews_to: RenewsTo = read(r#"{"TermDuration":5}"#);
    assert_eq!(renews_to.extra.get("termDuration").unwrap(), json!(5));
}
