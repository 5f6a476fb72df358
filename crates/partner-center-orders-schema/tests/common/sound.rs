//! Properties that hold for any bytes, for the property tests and the fuzzer.

use partner_center_orders_schema::{Code, Schema, SyntaxErrorKind, Validator};

/// Checks all properties.
pub(crate) fn check(payload: &[u8]) {
    for schema in [Schema::ORDER, Schema::CART, Schema::FAULT] {
        let validator = Validator::new(schema);
        for validator in [validator, validator.strict(), validator.request(), validator.request().strict()] {
            let is_valid = validator.is_valid(payload);
            match validator.validate(payload) {
                Ok(report) => {
                    assert_eq!(is_valid, report.is_valid(), "{report}");
                    let offsets: Vec<usize> = report
                        .findings
                        .iter()
                        .filter_map(|finding| finding.location)
                        .map(|location| location.offset)
                        .collect();
                    assert!(offsets.is_sorted(), "{report}");
                    let plain = report
                        .findings
                        .iter()
                        .all(|finding| !matches!(finding.code, Code::LoneSurrogate | Code::NumberTooLarge));
                    let value = serde_json(payload);
                    assert!(!plain || value.is_ok(), "{report}");
                    if let Ok(value) = value {
                        // A value keeps one of two members with the same name.
                        let twice = report.findings.iter().any(|finding| finding.code == Code::DuplicateMember);
                        assert!(twice || validator.is_valid_value(&value) == is_valid, "{report}");
                    }
                }
                Err(error) => {
                    assert!(!is_valid, "{error}");
                    assert!(error.location.offset + error.length <= payload.len(), "{error}");
                    assert!(error.kind == SyntaxErrorKind::TooDeep || serde_json(payload).is_err(), "{error}");
                }
            }
        }
    }
}

fn serde_json(payload: &[u8]) -> Result<serde_json::Value, serde_json::Error> {
    serde_json::from_slice(payload.strip_prefix(b"\xef\xbb\xbf").unwrap_or(payload))
}
