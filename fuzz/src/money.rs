//! An amount keeps its spelling, and equals other amounts with its value.

use std::hash::{BuildHasher as _, BuildHasherDefault, DefaultHasher};

use partner_center_orders_api::wire::Money;
use rust_decimal::Decimal;
use serde_json::value::RawValue;

fn sound(money: &Money) {
    let json = serde_json::to_string(money).expect("an amount can be written");
    let again: Money = serde_json::from_str(&json).expect("what was written can be read");
    assert_eq!(*money, again);
    assert_eq!(json, serde_json::to_string(&again).expect("it was written before"));
    let hasher = BuildHasherDefault::<DefaultHasher>::default();
    assert_eq!(hasher.hash_one(money), hasher.hash_one(&again));
    if let Some(amount) = money.decimal() {
        let made = Money::from(amount);
        assert_eq!(made.decimal(), Some(amount));
        assert_eq!(made, *money);
        assert_eq!(hasher.hash_one(&made), hasher.hash_one(money));
        assert_eq!(amount.to_string().parse::<Decimal>(), Ok(amount));
    }
}

/// Reads the input as JSON and as text.
pub fn check(input: &[u8]) {
    if let Ok(money) = serde_json::from_slice::<Money>(input) {
        sound(&money);
        let token: &RawValue = serde_json::from_slice(input).expect("it was read before");
        if !money.is_text() {
            assert_eq!(serde_json::to_string(&money).expect("an amount can be written"), token.get());
        }
    }
    let Ok(text) = std::str::from_utf8(input) else { return };
    if let Ok(money) = text.parse::<Money>() {
        assert!(money.decimal().is_some(), "{text}");
        sound(&money);
    }
}
