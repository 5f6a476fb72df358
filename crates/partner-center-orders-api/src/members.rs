//! Names and values of JSON members while an object is read.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserialize, Deserializer, Error, Unexpected, Visitor};

/// A member's name, borrowed from the input if it contains no escape.
pub(crate) struct MemberName<'de>(Cow<'de, str>);

impl MemberName<'_> {
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl<'de> Deserialize<'de> for MemberName<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Name;

        impl<'de> Visitor<'de> for Name {
            type Value = MemberName<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the name of a member")
            }

            fn visit_borrowed_str<E: Error>(self, name: &'de str) -> Result<Self::Value, E> {
                Ok(MemberName(Cow::Borrowed(name)))
            }

            fn visit_str<E: Error>(self, name: &str) -> Result<Self::Value, E> {
                Ok(MemberName(Cow::Owned(name.to_owned())))
            }

            fn visit_string<E: Error>(self, name: String) -> Result<Self::Value, E> {
                Ok(MemberName(Cow::Owned(name)))
            }
        }

        deserializer.deserialize_identifier(Name)
    }
}

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

/// The value of a member that may be absent, for [`debug`].
#[expect(
    clippy::ref_option,
    reason = "it is called with fields, in generated code, where `as_ref` would be written each time"
)]
pub(crate) fn present<T: fmt::Debug>(value: &Option<T>) -> Option<&dyn fmt::Debug> {
    value.as_ref().map(|value| value as &dyn fmt::Debug)
}

/// Writes the members that are there.
pub(crate) fn debug(
    f: &mut fmt::Formatter<'_>,
    name: &str,
    members: &[(&str, Option<&dyn fmt::Debug>)],
) -> fmt::Result {
    with_present(&mut f.debug_struct(name), members).finish()
}

/// As [`debug`], for a type that has more members than those.
pub(crate) fn debug_in_part(
    f: &mut fmt::Formatter<'_>,
    name: &str,
    members: &[(&str, Option<&dyn fmt::Debug>)],
) -> fmt::Result {
    with_present(&mut f.debug_struct(name), members).finish_non_exhaustive()
}

fn with_present<'s, 'a, 'b>(
    shown: &'s mut fmt::DebugStruct<'a, 'b>,
    members: &[(&str, Option<&dyn fmt::Debug>)],
) -> &'s mut fmt::DebugStruct<'a, 'b> {
    for (name, value) in members {
        if let Some(value) = value {
            shown.field(name, value);
        }
    }
    shown
}
