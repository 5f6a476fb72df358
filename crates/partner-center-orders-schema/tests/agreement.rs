//! Bytes and values, `is_valid` and findings agree: on the examples, and on every change of one member of them.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

mod common;

use partner_center_orders_schema::Schema;

/// Examples of every kind of object, with their schemas.
const SUBJECTS: [(&str, Schema); 9] = [
    ("get_order.response.legacy.json", Schema::ORDER),
    ("get_order.response.new_commerce.json", Schema::ORDER),
    ("list_orders.response.priced.json", Schema::ORDER_COLLECTION),
    ("create_order.request.reservation.json", Schema::NEW_ORDER),
    ("update_order.request.add_on.json", Schema::ORDER_PATCH),
    ("create_cart.response.line_error.json", Schema::CART),
    ("checkout_cart.response.partly_failed.json", Schema::CART_CHECKOUT_RESULT),
    ("get_subscription.response.json", Schema::SUBSCRIPTION),
    ("fault.shape_of_2017.json", Schema::FAULT),
];

#[test]
fn bytes_values_verdicts_and_findings_agree_on_every_mutation() {
    let (mut valid, mut invalid) = (0, 0);
    for (name, schema) in SUBJECTS {
        for mutation in common::mutations(&common::example(name)) {
            let text = serde_json::to_vec_pretty(&mutation.payload).unwrap();
            for (mode, validator) in common::validators(schema) {
                let what = || format!("{name} {mode} {}", mutation.what);
                let by_bytes = validator.is_valid(&text);
                let report = validator.validate(&text).unwrap();
                assert_eq!(validator.is_valid_value(&mutation.payload), by_bytes, "{}: {report}", what());
                assert_eq!(report.is_valid(), by_bytes, "{}: {report}", what());

                let mut about_value = validator.validate_value(&mutation.payload).unwrap();
                let mut about_bytes = report;
                for report in [&mut about_value, &mut about_bytes] {
                    for finding in &mut report.findings {
                        (finding.location, finding.length, finding.found) = (None, 0, String::new());
                    }
                }
                assert_eq!(about_value, about_bytes, "{}", what());
                if by_bytes { valid += 1 } else { invalid += 1 }
            }
        }
    }
    assert!(valid > 2_000 && invalid > 10_000, "too few mutations: {valid} valid, {invalid} invalid");
}

#[test]
fn a_finding_is_located_at_its_value() {
    for (name, schema) in SUBJECTS {
        for mutation in common::thinned(common::mutations(&common::example(name)), 300) {
            let text = serde_json::to_string_pretty(&mutation.payload).unwrap();
            for (_, validator) in common::validators(schema) {
                for finding in validator.validate(text.as_bytes()).unwrap().findings {
                    let location = finding.location.unwrap();
                    let line = text.lines().nth(location.line - 1).unwrap();
                    let here: String = line.chars().skip(location.column - 1).collect();
                    assert!(text[location.offset..].starts_with(here.trim_end()), "{finding}");
                    if finding.code.as_str() != "missing_member" {
                        assert!(mutation.payload.pointer(&finding.pointer).is_some(), "{finding}: no such value");
                    }
                }
            }
        }
    }
}
