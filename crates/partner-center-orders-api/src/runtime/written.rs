//! Writing of objects.

use serde::ser::{Serialize, SerializeMap, Serializer};

use super::Extra;

/// The most members that an object usually has.
const USUAL: usize = 32;

/// The members of an object while it is written.
pub(crate) struct WrittenMembers<'a, S: Serializer> {
    map: S::SerializeMap,
    extra: &'a Extra,
    /// The names that were written, if there are unknown members, which might have one of them.
    names: Option<Vec<&'static str>>,
}

impl<'a, S: Serializer> WrittenMembers<'a, S> {
    /// Begins an object whose unknown members these are.
    pub(crate) fn new(serializer: S, extra: &'a Extra) -> Result<Self, S::Error> {
        let names = (!extra.is_empty()).then(|| Vec::with_capacity(USUAL));
        Ok(Self { map: serializer.serialize_map(None)?, extra, names })
    }

    #[inline]
    pub(crate) fn required<T: Serialize>(&mut self, name: &'static str, value: &T) -> Result<(), S::Error> {
        if let Some(names) = &mut self.names {
            names.push(name);
        }
        self.map.serialize_entry(name, value)
    }

    /// Writes a member if it is there.
    #[inline]
    pub(crate) fn optional<T: Serialize>(&mut self, name: &'static str, value: Option<&T>) -> Result<(), S::Error> {
        match value {
            Some(value) => self.required(name, value),
            None => Ok(()),
        }
    }

    /// Writes the unknown members, except for those whose names were written, and ends the object.
    pub(crate) fn end(mut self) -> Result<S::Ok, S::Error> {
        if let Some(names) = self.names {
            self.extra.write::<S>(&mut self.map, |name| names.contains(&name))?;
        }
        self.map.end()
    }
}
