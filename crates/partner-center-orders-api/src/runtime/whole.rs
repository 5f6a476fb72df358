//! Whole numbers, as serde reads them.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserialize, Deserializer, Error, Unexpected, Visitor};

/// A whole number, which may be written as `1.0`: JSON Schema, and services written in other languages, treat both alike.
pub(crate) struct Whole<T>(pub(crate) T);

impl<'de, T: TryFrom<i64>> Deserialize<'de> for Whole<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Number<T>(PhantomData<T>);

        impl<T: TryFrom<i64>> Visitor<'_> for Number<T> {
            type Value = Whole<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(std::any::type_name::<T>())
            }

            fn visit_i64<E: Error>(self, number: i64) -> Result<Self::Value, E> {
                T::try_from(number).map(Whole).map_err(|_| E::invalid_value(Unexpected::Signed(number), &self))
            }

            fn visit_u64<E: Error>(self, number: u64) -> Result<Self::Value, E> {
                let whole = i64::try_from(number).ok().and_then(|number| T::try_from(number).ok());
                whole.map(Whole).ok_or_else(|| E::invalid_value(Unexpected::Unsigned(number), &self))
            }

            fn visit_f64<E: Error>(self, number: f64) -> Result<Self::Value, E> {
                let whole = (number.fract() == 0.0).then(|| format!("{number:.0}").parse::<i64>().ok()).flatten();
                whole
                    .and_then(|number| T::try_from(number).ok())
                    .map(Whole)
                    .ok_or_else(|| E::invalid_type(Unexpected::Float(number), &self))
            }
        }

        deserializer.deserialize_i64(Number(PhantomData))
    }
}
