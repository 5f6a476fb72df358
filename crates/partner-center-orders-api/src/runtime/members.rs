//! How serde reads the contract's types, member by member, whatever the format.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{MapAccess, Visitor};

use super::{Extra, Payload, ReadMembers};

/// A type of the contract, as it is read member by member.
pub(crate) trait FromMembers: Payload {
    /// Its name, for errors.
    const NAME: &'static str;
    /// The names of its members, at most 64. The position of each is that of its bit.
    const NAMES: &'static [&'static str];
    /// The bits of those that must be there.
    const NEEDED: u64;

    /// Takes the value of the member with that index.
    fn take<'de, A: MapAccess<'de>>(&mut self, index: usize, members: &mut ReadMembers<'de, A>)
    -> Result<(), A::Error>;

    /// Where members are kept that it has no name for.
    fn extra(&mut self) -> Option<&mut Extra>;
}

/// Implements `Deserialize` for a type that is read by its members.
macro_rules! deserialize {
    ($name:ident) => {
        impl<'de> ::serde::Deserialize<'de> for $name {
            fn deserialize<D: ::serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer.deserialize_map(crate::runtime::members::ByMembers::<Self>::default())
            }
        }
    };
}
pub(crate) use deserialize;

/// Reads a type of the contract by its members.
pub(crate) struct ByMembers<T>(PhantomData<T>);

impl<T> Default for ByMembers<T> {
    fn default() -> Self {
        Self(PhantomData)
    }
}

impl<'de, T: FromMembers> Visitor<'de> for ByMembers<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "an object, {}", T::NAME)
    }

    fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<T, A::Error> {
        let mut read = T::empty();
        let mut members = ReadMembers::new(members, T::NAMES);
        while let Some(index) = members.next()? {
            read.take(index, &mut members)?;
        }
        members.have(T::NEEDED)?;
        if let Some(extra) = read.extra() {
            *extra = members.into_extra();
        }
        Ok(read)
    }
}
