use partner_center_orders_api::wire::NumberOrText;
use proptest::prelude::*;
use rust_decimal::Decimal;

use crate::rewritten;

fn read(json: &str) -> NumberOrText {
    serde_json::from_str(json).unwrap()
}

#[test]
fn it_is_written_as_received() {
    for json in
        ["1", "1.0", "-0", "1e400", "18446744073709551615", "12345678901234567890123", "\"1\"", "\"\"", "\"a\\n\""]
    {
        assert_eq!(rewritten::<NumberOrText>(json), json);
    }
}

#[test]
fn both_forms_have_a_value() {
    for json in ["20000", "\"20000\"", "20000.0", "2e4"] {
        assert_eq!(read(json).as_i64(), Some(20_000), "{json}");
        assert_eq!(read(json).decimal(), Some(Decimal::from(20_000)), "{json}");
    }
}

#[test]
fn other_texts_have_no_value() {
    for json in ["0.5", "1e400", "9223372036854775808", "\"x\"", "\"\"", "\"inf\""] {
        assert_eq!(read(json).as_i64(), None, "{json}");
    }
    for json in ["1e400", "\"inf\"", "\"NaN\"", "\"1e\""] {
        assert_eq!(read(json).decimal(), None, "{json}");
    }
}

#[test]
fn equality_is_that_of_the_written_form() {
    assert_eq!(read("1"), read("1"));
    assert_ne!(read("1"), read("\"1\""));
    assert_ne!(read("1"), read("1.0"));
}

#[test]
fn conversions_choose_the_form() {
    assert!(NumberOrText::from("1.5").is_text());
    assert!(!NumberOrText::from(7).is_text());
    assert_eq!(NumberOrText::from(Decimal::new(150, 2)), read("1.50"));
}

#[test]
fn other_kinds_are_rejected_by_name() {
    for (json, found) in [("false", "a boolean"), ("null", "null"), ("{}", "an object"), ("[]", "an array")] {
        let error = serde_json::from_str::<NumberOrText>(json).unwrap_err().to_string();
        assert!(error.contains(found) && error.contains("expected a number"), "{error}");
    }
}

proptest! {
    #![proptest_config(crate::property(256))]

    #[test]
    fn any_text_is_kept(text in any::<String>()) {
        let json = serde_json::to_string(&text).unwrap();
        let value = read(&json);
        prop_assert!(value.is_text());
        prop_assert_eq!(value.as_text(), text.as_str());
        prop_assert_eq!(serde_json::to_string(&value).unwrap(), json);
    }

    #[test]
    fn any_whole_number_is_kept(number in any::<i64>()) {
        let value = read(&number.to_string());
        prop_assert_eq!(value.as_i64(), Some(number));
        prop_assert_eq!(value, NumberOrText::from(number));
    }

    #[test]
    fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
        let _ = serde_json::from_slice::<NumberOrText>(&bytes).map(|value| (value.as_i64(), value.decimal()));
    }
}
