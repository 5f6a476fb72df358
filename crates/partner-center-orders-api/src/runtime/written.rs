//! Writing of objects.

use serde::ser::{Serialize, SerializeMap, Serializer};

use super::Extra;

/// The members of an object while it is written.
pub(crate) struct WrittenMembers<'a, S: Serializer> {
    map: S::SerializeMap,
    extra: &'a Extra,
    /// The names that were written, if there are unknown members, which might have one of them.
    names: Vec<&'static str>,
}

impl<'a, S: Serializer> WrittenMembers<'a, S> {
    /// Begins an object whose unknown members these are.
    pub(crate) fn new(serializer: S, extra: &'a Extra) -> Result<Self, S::Error> {
        Ok(Self { map: serializer.serialize_map(None)?, extra, names: Vec::new() })
    }

    #[inline]
    pub(crate) fn required<T: Serialize>(&mut self, name: &'static str, value: &T) -> Result<(), S::Error> {
        if !self.extra.is_empty() {
            self.names.push(name);
        }
        self.map.serialize_entry(name, value)
    }

    /// Writes a member if it is there.
    #[inline]
    pub(crate) fn optional<T: Serialize>(&mut self, name: &'static str, value: &Option<T>) -> Result<(), S::Error> {
        match value {
            Some(value) => self.required(name, value),
            None => Ok(()),
        }
    }

    /// Writes the unknown members, except for those whose names were written, and ends the object.
    pub(crate) fn end(mut self) -> Result<S::Ok, S::Error> {
        if !self.extra.is_empty() {
            self.extra.write::<S>(&mut self.map, |name| self.names.contains(&name))?;
        }
        self.map.end()
    }
}
