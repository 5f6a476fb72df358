use partner_center_orders_api::wire::{CartFaultCode, FaultCode};
use partner_center_orders_api::{CartErrorCode, ErrorCode};
use proptest::prelude::*;

use crate::{hash_of, rewritten};

fn fault(json: &str) -> FaultCode {
    serde_json::from_str(json).unwrap()
}

fn cart(json: &str) -> CartFaultCode {
    serde_json::from_str(json).unwrap()
}

#[test]
fn number_and_text_mean_the_same() {
    let forms = ["20000", "\"20000\"", "20000.0"].map(fault);
    for one in &forms {
        assert_eq!(one.error_code(), Some(ErrorCode::from_number(20_000)));
        for other in &forms {
            assert_eq!(one, other);
            assert_eq!(hash_of(one), hash_of(other));
        }
    }
}

#[test]
fn each_is_written_as_received() {
    for json in ["20000", "\"20000\"", "20000.0", "-1", "\"\"", "\"oops\"", "18446744073709551615"] {
        assert_eq!(rewritten::<FaultCode>(json), json);
    }
}

#[test]
fn a_number_without_a_name_is_kept() {
    assert_eq!(fault("123456789").error_code(), Some(ErrorCode::from_number(123_456_789)));
}

#[test]
fn a_text_that_is_not_a_number_has_no_code_and_equals_itself_only() {
    assert_eq!(fault("\"oops\"").error_code(), None);
    assert_eq!(fault("\"oops\""), fault("\"oops\""));
    assert_ne!(fault("\"oops\""), fault("\"ouch\""));
    assert_ne!(fault("\"oops\""), fault("0"));
}

#[test]
fn a_cart_line_names_its_code_or_numbers_it() {
    let forms = ["\"invalid_input\"", "\"InvalidInput\"", "\"INVALID_INPUT\"", "10010", "\"10010\""].map(cart);
    for form in &forms {
        assert_eq!(form.error_code(), Some(CartErrorCode::InvalidInput));
        assert_eq!(form, &forms[0]);
    }
    assert_eq!(rewritten::<CartFaultCode>("\"invalid_input\""), "\"invalid_input\"");
}

#[test]
fn the_sdks_underscore_before_every_capital_is_understood() {
    assert_eq!(
        cart("\"subscription_is_not_enabled_for_r_i\"").error_code(),
        Some(CartErrorCode::SubscriptionIsNotEnabledForRI)
    );
}

#[test]
fn every_name_of_the_table_leads_to_its_number() {
    for code in CartErrorCode::ALL {
        let name = code.name().unwrap();
        assert_eq!(CartFaultCode::from(name).error_code(), Some(*code), "{name}");
    }
}

#[test]
fn it_is_created_from_a_typed_code() {
    assert_eq!(serde_json::to_string(&FaultCode::from(ErrorCode::from_number(20_000))).unwrap(), "20000");
}

#[test]
fn other_kinds_are_rejected_by_name() {
    for json in ["true", "null", "{}", "[]"] {
        let error = serde_json::from_str::<FaultCode>(json).unwrap_err().to_string();
        assert!(error.contains("expected an error code as a number or text"), "{error}");
    }
}

proptest! {
    #![proptest_config(crate::property(256))]

    #[test]
    fn any_number_is_equal_to_its_text(number in any::<i64>()) {
        let (one, other) = (fault(&number.to_string()), fault(&format!("\"{number}\"")));
        prop_assert_eq!(&one, &other);
        prop_assert_eq!(hash_of(&one), hash_of(&other));
        prop_assert_eq!(one.number(), Some(number));
    }

    #[test]
    fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
        let _ = serde_json::from_slice::<CartFaultCode>(&bytes).map(|code| code.error_code());
    }
}
