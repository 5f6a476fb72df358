//! How serde reads the contract's types, member by member, whatever the format.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserialize, Error, IgnoredAny, MapAccess, Visitor};

use super::member_name::MemberName;
use super::{Extra, KeptMembers, Payload, Whole};

/// A type of the contract, as it is read member by member.
pub(crate) trait FromMembers: Payload {
    /// Its name, for errors.
    const NAME: &'static str;
    /// The names of the members that must be there. The position of each is that of its bit.
    const REQUIRED: &'static [&'static str];

    /// Takes the value of a member, if the type has one of that name.
    fn take<'de, A: MapAccess<'de>>(&mut self, name: &str, value: &mut MemberValue<'_, A>) -> Result<bool, A::Error>;

    /// Where members are kept that it has no name for.
    fn extra(&mut self) -> Option<&mut Extra>;
}

/// The value of the member whose name was read.
pub(crate) struct MemberValue<'a, A> {
    members: &'a mut A,
    /// Which required members were there.
    found: u64,
}

impl<'de, A: MapAccess<'de>> MemberValue<'_, A> {
    /// Takes the value of a member that may be absent; `null` is the same as that.
    pub(crate) fn optional<T: Deserialize<'de>>(&mut self, member: &mut Option<T>) -> Result<bool, A::Error> {
        *member = self.members.next_value()?;
        Ok(true)
    }

    /// Takes the value of a member that must be there.
    pub(crate) fn required<T: Deserialize<'de>>(&mut self, bit: usize, member: &mut T) -> Result<bool, A::Error> {
        *member = self.members.next_value()?;
        self.found |= 1 << bit;
        Ok(true)
    }

    /// As [`required`](Self::required), for a member that must not come twice.
    pub(crate) fn once<T: Deserialize<'de>>(
        &mut self,
        bit: usize,
        name: &'static str,
        member: &mut T,
    ) -> Result<bool, A::Error> {
        let found = self.found;
        self.required(bit, member)?;
        if self.found == found { Err(Error::duplicate_field(name)) } else { Ok(true) }
    }

    /// As [`optional`](Self::optional), for a whole number.
    pub(crate) fn optional_whole<T: TryFrom<i64>>(&mut self, member: &mut Option<T>) -> Result<bool, A::Error> {
        *member = self.members.next_value::<Option<Whole<T>>>()?.map(|whole| whole.0);
        Ok(true)
    }

    /// As [`required`](Self::required), for a whole number.
    pub(crate) fn required_whole<T: TryFrom<i64>>(&mut self, bit: usize, member: &mut T) -> Result<bool, A::Error> {
        *member = self.members.next_value::<Whole<T>>()?.0;
        self.found |= 1 << bit;
        Ok(true)
    }
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

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<T, A::Error> {
        let mut read = T::empty();
        let mut unknown = KeptMembers::default();
        let mut found = 0;
        while let Some(name) = members.next_key::<MemberName<'de>>()? {
            let mut value = MemberValue { members: &mut members, found };
            let taken = read.take(name.as_str(), &mut value)?;
            found = value.found;
            if taken {
                continue;
            }
            if read.extra().is_some() {
                unknown.read(name.as_str(), &mut members)?;
            } else {
                members.next_value::<IgnoredAny>()?;
            }
        }
        if let Some(extra) = read.extra() {
            *extra = unknown.into();
        }
        let missing = T::REQUIRED.iter().enumerate().find(|(bit, _)| found & (1 << bit) == 0);
        missing.map_or(Ok(read), |(_, name)| Err(Error::missing_field(name)))
    }
}
