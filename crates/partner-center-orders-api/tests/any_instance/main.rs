//! Everything that users can make survives being written and read; reading never panics, whatever the bytes.

#![allow(clippy::unwrap_used, reason = "a test may fail")]

mod made;
mod types;

use std::collections::BTreeSet;
use std::fmt::Debug;

use partner_center_orders_api::runtime::decode;
use partner_center_orders_api::types as api;
use partner_center_orders_schema::{Schema, Validator};
use proptest::prelude::*;
use proptest::test_runner::{RngSeed, TestRunner};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use made::{Make, Maker};

/// Any instance that users can make.
fn any_instance<T: Make + Debug>() -> impl Strategy<Value = T> {
    Just(()).prop_perturb(|(), random| T::make(&mut Maker::new(random)))
}

fn survives<T: Serialize + DeserializeOwned + Debug + PartialEq>(value: &T) {
    let text = serde_json::to_string(value).unwrap();
    let read: T = decode(text.as_bytes()).unwrap();
    assert_eq!(&read, value);
    assert_eq!(serde_json::to_string(&read).unwrap(), text);
}

/// A payload with the end cut off and one byte replaced.
fn malformed(mut payload: Vec<u8>, cut: usize, at: usize, byte: u8) -> Vec<u8> {
    payload.truncate(cut % (payload.len() + 1));
    let length = payload.len();
    if let Some(hit) = payload.get_mut(at % length.max(1)) {
        *hit = byte;
    }
    payload
}

fn reads_without_panic<T: DeserializeOwned>(payload: &[u8]) {
    let length = payload.len();
    if let Err(error) = decode::<T>(payload) {
        assert!(error.column() <= length + 1, "{error}");
    }
}

macro_rules! properties {
    ($($type:ident)*) => {$(
        #[allow(non_snake_case, reason = "the tests of a type are named after it")]
        mod $type {
            use super::*;

            proptest! {
                #![proptest_config(ProptestConfig {
                    cases: 48,
                    rng_seed: RngSeed::Fixed(20_180_313),
                    ..ProptestConfig::default()
                })]

                #[test]
                fn any_instance_survives(value in any_instance::<api::$type>()) {
                    survives(&value);
                }

                #[test]
                fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..100)) {
                    reads_without_panic::<api::$type>(&bytes);
                }

                #[test]
                fn malformed_input_never_panics(
                    value in any_instance::<api::$type>(), cut: usize, at: usize, byte: u8,
                ) {
                    let payload = serde_json::to_vec(&value).unwrap();
                    reads_without_panic::<api::$type>(&malformed(payload, cut, at, byte));
                }
            }
        }
    )*};
}

types::every_type!(properties);

/// The members that the contract gives a schema.
fn members_of(schema: Schema) -> BTreeSet<String> {
    let bundle = Validator::new(schema).json_schema();
    let members = bundle["$defs"][schema.name()]["properties"].as_object();
    members.into_iter().flat_map(|members| members.keys().cloned()).collect()
}

fn members_made<T: Make + Serialize>() -> BTreeSet<String> {
    let mut maker = Maker::full(TestRunner::deterministic().new_rng());
    let Value::Object(written) = serde_json::to_value(T::make(&mut maker)).unwrap() else { panic!("no object") };
    written.into_iter().map(|(name, _)| name).collect()
}

#[test]
fn no_member_of_the_contract_is_missing_here() {
    macro_rules! compared {
        ($($type:ident)*) => {$(
            let missing: Vec<String> = members_of(Schema::named(stringify!($type)).unwrap())
                .difference(&members_made::<api::$type>())
                .cloned()
                .collect();
            assert!(missing.is_empty(), "{}: {missing:?}", stringify!($type));
        )*};
    }
    types::every_type!(compared);
}

#[test]
fn no_type_of_the_contract_is_missing_here() {
    macro_rules! names {
        ($($type:ident)*) => { BTreeSet::from([$(stringify!($type)),*]) };
    }
    let here: BTreeSet<&str> = types::every_type!(names);
    let objects: BTreeSet<&str> =
        Schema::all().filter(|schema| !members_of(*schema).is_empty()).map(Schema::name).collect();
    assert_eq!(here, objects);
}
