//! Writing of objects.

use std::convert::Infallible;

use serde::ser::{Serialize, SerializeMap, Serializer};

use super::Extra;

/// A type of the contract, as it is written.
pub(crate) trait Object {
    /// Writes the members that are there.
    fn write_members<S: MemberSink>(&self, to: &mut S) -> Result<(), S::Error>;

    /// The members that the contract doesn't know.
    fn extra(&self) -> &Extra;
}

/// Takes the members of an object.
pub(crate) trait MemberSink {
    type Error;

    fn put<T: Serialize>(&mut self, name: &'static str, value: &T) -> Result<(), Self::Error>;

    /// Takes a member if it is there.
    #[inline]
    fn put_some<T: Serialize>(&mut self, name: &'static str, value: Option<&T>) -> Result<(), Self::Error> {
        value.map_or(Ok(()), |value| self.put(name, value))
    }
}

/// Writes an object, and its unknown members except for those whose names it has written.
#[inline]
pub(crate) fn write_object<S: Serializer>(object: &impl Object, serializer: S) -> Result<S::Ok, S::Error> {
    let mut map = Map(serializer.serialize_map(None)?);
    object.write_members(&mut map)?;
    if !object.extra().is_empty() {
        object.extra().write::<S>(&mut map.0, |name| {
            let mut search = Search { name, is_found: false };
            let Ok(()) = object.write_members(&mut search);
            search.is_found
        })?;
    }
    map.0.end()
}

/// Implements `Serialize` for a type of the contract.
macro_rules! serialize {
    ($name:ident) => {
        impl ::serde::Serialize for $name {
            fn serialize<S: ::serde::Serializer>(&self, serializer: S) -> ::std::result::Result<S::Ok, S::Error> {
                crate::runtime::written::write_object(self, serializer)
            }
        }
    };
}
pub(crate) use serialize;

struct Map<M>(M);

impl<M: SerializeMap> MemberSink for Map<M> {
    type Error = M::Error;

    #[inline]
    fn put<T: Serialize>(&mut self, name: &'static str, value: &T) -> Result<(), M::Error> {
        self.0.serialize_entry(name, value)
    }
}

/// Looks for a name, and reads no value.
struct Search<'a> {
    name: &'a str,
    is_found: bool,
}

impl MemberSink for Search<'_> {
    type Error = Infallible;

    #[inline]
    fn put<T: Serialize>(&mut self, name: &'static str, _: &T) -> Result<(), Infallible> {
        self.is_found |= name == self.name;
        Ok(())
    }
}
