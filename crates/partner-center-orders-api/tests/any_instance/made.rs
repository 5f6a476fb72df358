//! Random values of members.

use std::collections::BTreeMap;

use partner_center_orders_api::enums;
use partner_center_orders_api::wire::{CartFaultCode, FaultCode, Money, NumberOrText, Timestamp};
use proptest::prelude::{Rng as _, RngExt as _};
use proptest::test_runner::TestRng;
use rust_decimal::Decimal;
use serde_json::{Map, Number, Value};

/// The deepest nesting of types; beyond that, lists are empty and optional members absent.
const DEPTH: usize = 4;

/// Can be created from a random source.
pub(crate) trait Make {
    fn make(maker: &mut Maker) -> Self;
}

/// The random source, and how deep it is.
pub(crate) struct Maker {
    random: TestRng,
    depth: usize,
    full: bool,
}

impl Maker {
    pub(crate) fn new(random: TestRng) -> Self {
        Self { random, depth: 0, full: false }
    }

    /// Makes instances that have every member.
    pub(crate) fn full(random: TestRng) -> Self {
        Self { random, depth: 0, full: true }
    }

    /// Makes a nested value.
    pub(crate) fn nested<T>(&mut self, make: impl FnOnce(&mut Self) -> T) -> T {
        self.depth += 1;
        let whole = make(self);
        self.depth -= 1;
        whole
    }

    /// Whether an optional member is present this time.
    pub(crate) fn has_option(&mut self) -> bool {
        if self.full { self.depth <= 1 } else { self.depth < DEPTH && self.random.random_bool(0.4) }
    }

    /// Members that the contract doesn't have, some with names that look like those of others. None differs from one in letter
    /// case only: it would be read as that one where that one is absent.
    pub(crate) fn unknown_members(&mut self) -> Map<String, Value> {
        let count = if self.depth > DEPTH { 0 } else { self.below(3) };
        (0..count)
            .map(|_| {
                let odd =
                    ["", "Ids", "I_D", "a/b~c", "odd name", "\u{1F4E6}", "@odata.type", "$ref", "\"", "line items"];
                let name = match self.below(3) {
                    0 => odd[self.below(odd.len())].to_owned(),
                    _ => format!("not in the contract {}", String::make(self)),
                };
                (name, Value::make(self))
            })
            .collect()
    }

    fn below(&mut self, end: usize) -> usize {
        self.random.random_range(0..end)
    }
}

impl Make for bool {
    fn make(maker: &mut Maker) -> Self {
        maker.random.random()
    }
}

impl Make for i32 {
    fn make(maker: &mut Maker) -> Self {
        [0, 1, -1, Self::MAX, Self::MIN, maker.random.random()][maker.below(6)]
    }
}

impl Make for i64 {
    fn make(maker: &mut Maker) -> Self {
        [0, 800_002, 10_001, Self::MAX, Self::MIN, maker.random.random()][maker.below(6)]
    }
}

impl Make for String {
    fn make(maker: &mut Maker) -> Self {
        let texts =
            ["", "MS-AZR-0145P", "null", "\"\\/\u{8}\u{c}\n\r\t\0", "\u{feff}", "\u{2028}é\u{1F600}", "1.0", " "];
        if maker.below(3) == 0 {
            return texts[maker.below(texts.len())].to_owned();
        }
        let length = maker.below(12);
        (0..length).map(|_| maker.random.random::<char>()).collect()
    }
}

impl Make for Timestamp {
    fn make(maker: &mut Maker) -> Self {
        let texts = ["2019-02-01T10:00:00.1234567-08:00", "0001-01-01T00:00:00", "9999-12-04T00:00:00Z"];
        match maker.below(2) {
            0 => Self::unchecked(texts[maker.below(texts.len())]),
            _ => Self::unchecked(String::make(maker)),
        }
    }
}

impl Make for Decimal {
    fn make(maker: &mut Maker) -> Self {
        Self::from_i128_with_scale(i128::from(i64::make(maker)), maker.random.next_u32() % 29)
    }
}

impl Make for Money {
    fn make(maker: &mut Maker) -> Self {
        match maker.below(3) {
            0 => Self::from(i64::make(maker)),
            1 => "19.90".parse().unwrap(),
            _ => Self::from(Decimal::make(maker)),
        }
    }
}

impl Make for NumberOrText {
    fn make(maker: &mut Maker) -> Self {
        match maker.below(3) {
            0 => Self::from(i64::make(maker)),
            1 => Self::from(String::make(maker)),
            _ => Self::from(Decimal::make(maker)),
        }
    }
}

impl Make for FaultCode {
    fn make(maker: &mut Maker) -> Self {
        if bool::make(maker) { Self::from(i64::make(maker)) } else { Self::from(String::make(maker)) }
    }
}

impl Make for CartFaultCode {
    fn make(maker: &mut Maker) -> Self {
        match maker.below(3) {
            0 => Self::from(i64::make(maker)),
            1 => Self::from("catalog_item_id_is_not_valid"),
            _ => Self::from(String::make(maker)),
        }
    }
}

impl<T: Make> Make for Box<T> {
    fn make(maker: &mut Maker) -> Self {
        Self::new(T::make(maker))
    }
}

impl<T: Make> Make for Vec<T> {
    fn make(maker: &mut Maker) -> Self {
        let length = if maker.depth >= DEPTH { 0 } else { maker.below(3) };
        (0..length).map(|_| T::make(maker)).collect()
    }
}

impl<T: Make> Make for BTreeMap<String, T> {
    fn make(maker: &mut Maker) -> Self {
        let length = maker.below(3);
        (0..length).map(|_| (String::make(maker), T::make(maker))).collect()
    }
}

impl Make for Map<String, Value> {
    fn make(maker: &mut Maker) -> Self {
        maker.nested(|maker| (0..maker.below(3)).map(|_| (String::make(maker), Value::make(maker))).collect())
    }
}

impl Make for Value {
    fn make(maker: &mut Maker) -> Self {
        let kinds = if maker.depth > DEPTH { 7 } else { 9 };
        match maker.below(kinds) {
            0 => Self::Null,
            1 => Self::Bool(bool::make(maker)),
            2 => Self::from(i64::make(maker)),
            3 => Self::from(maker.random.random::<u64>()),
            4 => Number::from_f64(f64::from_bits(maker.random.random())).map_or(Self::Null, Self::Number),
            5 | 6 => Self::String(String::make(maker)),
            7 => Self::Array(maker.nested(Vec::make)),
            _ => Self::Object(Map::make(maker)),
        }
    }
}

/// Any value but null, which would be an absent member.
pub(crate) struct Present(Value);

impl Make for Present {
    fn make(maker: &mut Maker) -> Self {
        Self(Some(Value::make(maker)).filter(|value| !value.is_null()).unwrap_or(Value::Bool(true)))
    }
}

impl From<Present> for Value {
    fn from(present: Present) -> Self {
        present.0
    }
}

macro_rules! enums {
    ($($name:ident)*) => {$(
        impl Make for enums::$name {
            fn make(maker: &mut Maker) -> Self {
                match maker.below(3) {
                    0 => Self::from(String::make(maker)),
                    _ => Self::ALL[maker.below(Self::ALL.len())].clone(),
                }
            }
        }
    )*};
}

enums! {
    AttachmentType BillingCycle BillingType CartStatus ContractType FulfillmentStatus OrderLineTransactionType
    OrderRecordType OrderStatus OrderTransactionType ParticipantRole SubscriptionProvisioningState SubscriptionStatus
}
