//! What holds for any bytes, for the property tests and the fuzzer.

use partner_center_orders_schema::{Code, Schema, SyntaxErrorKind, Validator};

/// Everything that holds for any bytes.
pub(crate) fn check(payload: &[u8]) {
    for schema in [Schema::ORDER, Schema::CART, Schema::FAULT] {
        let validator = Validator::new(schema);
        for validator in [validator, validator.strict(), validator.request(), validator.request().strict()] {
            let verdict = validator.is_valid(payload);
            match validator.validate(payload) {
                Ok(report) => {
                    assert_eq!(verdict, report.is_valid(), "{report}");
                    let offsets: Vec<usize> =
                        report.findings.iter().filter_map(|finding| finding.place).map(|place| place.offset).collect();
                    assert!(offsets.is_sorted(), "{report}");
                    let plain = report
                        .findings
                        .iter()
                        .all(|finding| !matches!(finding.code, Code::LoneSurrogate | Code::NumberTooLarge));
                    let value = serde_json(payload);
                    assert!(!plain || value.is_ok(), "{report}");
                    if let Ok(value) = value {
                        // Of a member that comes twice, a value keeps one.
                        let twice = report.findings.iter().any(|finding| finding.code == Code::DuplicateMember);
                        assert!(twice || validator.is_valid_value(&value) == verdict, "{report}");
                    }
                }
                Err(damage) => {
                    assert!(!verdict, "{damage}");
                    assert!(damage.place.offset + damage.length <= payload.len(), "{damage}");
                    assert!(damage.kind == SyntaxErrorKind::TooDeep || serde_json(payload).is_err(), "{damage}");
                }
            }
        }
    }
}

fn serde_json(payload: &[u8]) -> Result<serde_json::Value, serde_json::Error> {
    serde_json::from_slice(payload.strip_prefix(b"\xef\xbb\xbf").unwrap_or(payload))
}
