use partner_center_orders_api::enums::OrderStatus;
use proptest::prelude::*;

use crate::rewritten;

#[test]
fn a_known_value_is_read_in_any_case_and_written_as_in_the_contract() {
    for json in ["\"completed\"", "\"Completed\"", "\"COMPLETED\""] {
        assert_eq!(serde_json::from_str::<OrderStatus>(json).unwrap(), OrderStatus::Completed);
        assert_eq!(rewritten::<OrderStatus>(json), "\"completed\"");
    }
}

#[test]
fn an_unknown_value_is_written_as_received() {
    for json in ["\"teleported\"", "\"Tele_Ported\"", "\"\"", "7", "-7", "18446744073709551615", "0.5"] {
        assert_eq!(rewritten::<OrderStatus>(json), json);
    }
}

proptest! {
    #![proptest_config(crate::property(256))]

    #[test]
    fn any_text_is_a_value(text in any::<String>()) {
        let status: OrderStatus = serde_json::from_str(&serde_json::to_string(&text).unwrap()).unwrap();
        prop_assert!(status.as_str().eq_ignore_ascii_case(&text));
    }
}
