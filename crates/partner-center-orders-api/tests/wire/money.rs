use partner_center_orders_api::types::Pricing;
use partner_center_orders_api::wire::Money;
use proptest::prelude::*;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::{hash_of, rewritten};

fn money(json: &str) -> Money {
    serde_json::from_str(json).unwrap()
}

fn decimal(json: &str) -> Option<String> {
    money(json).decimal().map(|decimal| decimal.normalize().to_string())
}

#[test]
fn numbers_are_exact() {
    let table = [
        ("0", "0"),
        ("19.99", "19.99"),
        ("0.1", "0.1"),
        ("-0.30", "-0.3"),
        ("123456789012345678.12345678", "123456789012345678.12345678"),
        ("79228162514264337593543950335", "79228162514264337593543950335"),
        ("0.0000000000000000000000000001", "0.0000000000000000000000000001"),
        ("1.50000000000000000000000000000000000000", "1.5"),
        ("1e2", "100"),
        ("1.25E+1", "12.5"),
        ("25e-2", "0.25"),
        ("10e-29", "0.0000000000000000000000000001"),
        ("0e5", "0"),
    ];
    for (json, expected) in table {
        assert_eq!(decimal(json).as_deref(), Some(expected), "{json}");
    }
}

#[test]
fn what_no_decimal_can_hold_keeps_its_text() {
    for json in [
        "79228162514264337593543950336",
        "0.00000000000000000000000000001",
        "1.00000000000000000000000000001",
        "1e400",
        "1e-400",
        "1e99999999999999999999999",
        "\"n/a\"",
        "\"\"",
        "\"1,50\"",
        "\"+1\"",
        "\".5\"",
        "\"1_000\"",
        "\"0x10\"",
        "\" 1\"",
    ] {
        assert_eq!(decimal(json), None, "{json}");
        assert_eq!(rewritten::<Money>(json), json);
    }
}

#[test]
fn it_is_written_as_received() {
    for json in [
        "19.90",
        "-0",
        "-0.00",
        "1E2",
        "1e-7",
        "\"19.99\"",
        "\"19.990\"",
        "99999999999999.99",
        "100000000000000000000.5",
    ] {
        assert_eq!(rewritten::<Money>(json), json);
    }
}

#[test]
fn text_has_a_value_too() {
    assert_eq!(decimal("\"19.99\"").as_deref(), Some("19.99"));
    assert!(money("\"19.99\"").is_text());
}

#[test]
fn equality_is_that_of_values() {
    let alike = ["19.9", "19.90", "1.99e1", "\"19.9\""].map(money);
    for one in &alike {
        for other in &alike {
            assert_eq!(one, other);
            assert_eq!(hash_of(one), hash_of(other));
        }
    }
    assert_eq!(money("0"), money("-0.0"));
    assert_eq!(hash_of(&money("0")), hash_of(&money("-0.0")));
    assert_ne!(money("19.9"), money("19.91"));
}

#[test]
fn without_a_value_it_is_that_of_texts() {
    assert_eq!(money("\"n/a\""), money("\"n/a\""));
    assert_eq!(hash_of(&money("\"n/a\"")), hash_of(&money("\"n/a\"")));
    assert_ne!(money("\"n/a\""), money("\"none\""));
    assert_ne!(money("1e400"), money("\"1e400\""));
    assert_ne!(money("1e400"), money("1"));
}

#[test]
fn other_kinds_are_rejected_by_name() {
    for (json, found) in [("true", "a boolean"), ("null", "null"), ("{}", "an object"), ("[1]", "an array")] {
        let error = serde_json::from_str::<Money>(json).unwrap_err().to_string();
        assert!(error.contains(found) && error.contains("expected an amount of money as a number"), "{error}");
    }
}

#[test]
fn every_way_of_decoding_works() {
    assert_eq!(serde_json::from_slice::<Money>(b"19.90").unwrap().to_string(), "19.90");
    assert_eq!(serde_json::from_reader::<_, Money>(&b"19.90"[..]).unwrap().to_string(), "19.90");
    assert_eq!(serde_json::from_value::<Money>(json!(19.99)).unwrap().to_string(), "19.99");
    assert_eq!(serde_json::from_value::<Money>(json!("19.99")).unwrap().to_string(), "19.99");
    assert_eq!(serde_json::to_value(money("19.99")).unwrap(), json!(19.99));
    assert_eq!(serde_json::to_value(money("12")).unwrap(), json!(12));
}

#[test]
fn it_works_next_to_flattened_members() {
    #[derive(Serialize, Deserialize)]
    struct Line {
        price: Money,
        #[serde(skip_serializing_if = "Option::is_none")]
        list: Option<Money>,
        #[serde(flatten)]
        extra: serde_json::Map<String, serde_json::Value>,
    }

    let line = r#"{"price":19.90,"more":{"a":1}}"#;
    assert_eq!(rewritten::<Line>(line), line);
    let from_value: Line = serde_json::from_value(json!({ "list": null, "price": 0.1 })).unwrap();
    assert_eq!((from_value.price.to_string().as_str(), from_value.list), ("0.1", None));
}

#[test]
fn it_works_in_generated_types() {
    let pricing = r#"{"listPrice":19.90,"extendedPrice":99.50,"unknown":[1]}"#;
    assert_eq!(rewritten::<Pricing>(pricing), pricing);
}

#[test]
fn it_is_created_from_numbers() {
    assert_eq!(Money::from(Decimal::new(1990, 2)).to_string(), "19.90");
    assert_eq!(Money::from(-5_i64), "-5.0".parse().unwrap());
    assert_eq!(Money::try_from("19.90").unwrap().to_string(), "19.90");
}

#[test]
fn it_is_not_created_from_anything_else() {
    for text in ["", "n/a", "1,5", "1.", ".5", "01", "+1", "--1", "1e", "1e+", "NaN", "1 "] {
        assert!(text.parse::<Money>().is_err(), "{text}");
    }
}

proptest! {
    #![proptest_config(crate::property(256))]

    #[test]
    fn any_decimal_survives(mantissa in -79_228_162_514_264_337_593_543_950_335_i128..=79_228_162_514_264_337_593_543_950_335, scale in 0_u32..=28) {
        let decimal = Decimal::from_i128_with_scale(mantissa, scale);
        let json = serde_json::to_string(&Money::from(decimal)).unwrap();
        let back: Money = serde_json::from_str(&json).unwrap();
        prop_assert_eq!(back.decimal(), Some(decimal));
        prop_assert_eq!(serde_json::to_string(&back).unwrap(), json);
    }

    #[test]
    fn any_amount_is_written_as_received(json in "-?(0|[1-9][0-9]{0,15})(\\.[0-9]{1,5})?") {
        let money: Money = serde_json::from_str(&json).unwrap();
        prop_assert_eq!(serde_json::to_string(&money).unwrap(), json);
    }

    #[test]
    fn any_number_is_written_as_received(json in "-?(0|[1-9][0-9]{0,40})(\\.[0-9]{1,40})?([eE][+-]?[0-9]{1,4})?") {
        let money: Money = serde_json::from_str(&json).unwrap();
        prop_assert_eq!(serde_json::to_string(&money).unwrap(), json);
    }

    #[test]
    fn the_value_is_that_of_exact_arithmetic(integer in 0_u64..1_000_000, fraction in "[0-9]{0,6}", exponent in -6_i32..6) {
        let point = if fraction.is_empty() { "" } else { "." };
        let money = money(&format!("{integer}{point}{fraction}e{exponent}"));
        let digits: i128 = format!("{integer}{fraction}").parse().unwrap();
        let shift = 6 + exponent + 6 - i32::try_from(fraction.len()).unwrap();
        let expected = Decimal::from_i128_with_scale(digits * 10_i128.pow(u32::try_from(shift).unwrap()), 12);
        prop_assert_eq!(money.decimal(), Some(expected));
    }

    #[test]
    fn equal_amounts_have_equal_hashes(digits in 0_i64..1000, zeros in 0_usize..5) {
        let (one, other) = (money(&format!("{digits}")), money(&format!("{digits}.0{}", "0".repeat(zeros))));
        prop_assert_eq!(&one, &other);
        prop_assert_eq!(hash_of(&one), hash_of(&other));
    }

    #[test]
    fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
        let _ = serde_json::from_slice::<Money>(&bytes).map(|money| serde_json::to_string(&money));
    }
}
