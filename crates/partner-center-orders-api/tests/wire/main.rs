//! The wire types through their public interface: what is read is kept, and written the same again.

#![allow(clippy::unwrap_used, reason = "a test may fail")]

mod codes;
mod money;
mod number_or_text;
mod open_enum;
#[cfg(feature = "schemars")]
mod schema;
mod timestamp;

use std::hash::{DefaultHasher, Hash, Hasher};

use proptest::test_runner::{Config, RngSeed};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Reads a JSON text as a `T` and writes it again.
fn rewritten<T: DeserializeOwned + Serialize>(json: &str) -> String {
    let value: T = serde_json::from_str(json).unwrap();
    serde_json::to_string(&value).unwrap()
}

fn hash_of(value: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

/// The inputs of a property: as many cases, the same in every run. Fuzz targets look for new ones.
fn property(cases: u32) -> Config {
    Config { cases, rng_seed: RngSeed::Fixed(20_180_313), ..Config::default() }
}
