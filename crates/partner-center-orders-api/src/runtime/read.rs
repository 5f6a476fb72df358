//! Reading of objects with serde, whatever the format.

use std::marker::PhantomData;

use serde::de::{DeserializeOwned, Error, MapAccess};

use super::member_name::MemberName;
use super::raw::Append;
use super::{Extra, KeptMembers, Whole};

/// The members of an object while serde reads it.
///
/// A name matches in any letter case, as the service reads them itself, if no member has the exact name.
pub(crate) struct ReadMembers<'de, A> {
    members: A,
    names: &'static [&'static str],
    /// The index of the member whose value is next.
    current: usize,
    /// Its text, if it was read before.
    text: Option<String>,
    /// A bit for the index of each member that came.
    seen: u64,
    /// Whether the current one came before.
    is_repeated: bool,
    /// A bit for each whose value has had another type.
    misfits: u64,
    /// A bit for each of these whose last value fits.
    stale: u64,
    /// The members whose names match in another letter case only, with their indices. They are kept as unknown ones until the
    /// object ends.
    variants: Vec<(usize, String)>,
    unknown: KeptMembers,
    /// The text of the last value that was read as text.
    scratch: String,
    input: PhantomData<&'de ()>,
}

impl<'de, A: MapAccess<'de>> ReadMembers<'de, A> {
    /// Reads members with these names, at most 64.
    pub(crate) fn new(members: A, names: &'static [&'static str]) -> Self {
        Self {
            members,
            names,
            current: 0,
            text: None,
            seen: 0,
            is_repeated: false,
            misfits: 0,
            stale: 0,
            variants: Vec::new(),
            unknown: KeptMembers::default(),
            scratch: String::new(),
            input: PhantomData,
        }
    }

    /// Returns the index of the next known member, and keeps the unknown ones before it.
    pub(crate) fn next(&mut self) -> Result<Option<usize>, A::Error> {
        while let Some(name) = self.members.next_key::<MemberName<'de>>()? {
            let name = name.as_str();
            if let Some(index) = self.names.iter().position(|known| *known == name) {
                self.is_repeated = self.seen & (1 << index) != 0;
                self.seen |= 1 << index;
                self.current = index;
                return Ok(Some(index));
            }
            if let Some(index) = self.names.iter().position(|known| known.eq_ignore_ascii_case(name)) {
                self.variants.push((index, name.to_owned()));
            }
            self.unknown.read(name, &mut self.members)?;
        }
        Ok(self.next_variant())
    }

    /// The next member that has a name in another letter case only. The last of these counts.
    fn next_variant(&mut self) -> Option<usize> {
        while let Some((index, name)) = self.variants.pop() {
            if self.seen & (1 << index) == 0
                && let Some(text) = self.unknown.take(&name)
            {
                self.current = index;
                self.seen |= 1 << index;
                self.is_repeated = false;
                self.text = Some(text);
                return Some(index);
            }
        }
        None
    }

    /// Reads the value.
    pub(crate) fn read<T: DeserializeOwned>(&mut self, value: &mut T) -> Result<(), A::Error> {
        *value = match self.text.take() {
            Some(text) => serde_json::from_str(&text).map_err(|error| A::Error::custom(without_position(&error)))?,
            None => self.members.next_value()?,
        };
        Ok(())
    }

    /// Reads a whole number.
    pub(crate) fn whole<T: TryFrom<i64> + Default>(&mut self, value: &mut T) -> Result<(), A::Error> {
        let mut whole = Whole(T::default());
        self.read(&mut whole)?;
        *value = whole.0;
        Ok(())
    }

    /// Reads a whole number, if it is there.
    pub(crate) fn optional_whole<T: TryFrom<i64>>(&mut self, value: &mut Option<T>) -> Result<(), A::Error> {
        let mut whole = None::<Whole<T>>;
        self.read(&mut whole)?;
        *value = whole.map(|whole| whole.0);
        Ok(())
    }

    /// Reads a value that must not come twice, except in another letter case after the exact one.
    pub(crate) fn once<T: DeserializeOwned>(&mut self, value: &mut T) -> Result<(), A::Error> {
        if self.is_repeated || self.variants.iter().any(|(index, _)| *index == self.current) {
            return Err(A::Error::duplicate_field(self.names[self.current]));
        }
        self.read(value)
    }

    /// Reads the value, or keeps it among the unknown members if it is of another type.
    pub(crate) fn lenient<T: DeserializeOwned>(&mut self, value: &mut Option<T>) -> Result<(), A::Error> {
        self.lenient_from(value, |text| serde_json::from_str(text))
    }

    /// The same for a whole number.
    pub(crate) fn lenient_whole<T: TryFrom<i64>>(&mut self, value: &mut Option<T>) -> Result<(), A::Error> {
        self.lenient_from(value, |text| {
            serde_json::from_str::<Option<Whole<T>>>(text).map(|whole| whole.map(|whole| whole.0))
        })
    }

    fn lenient_from<T>(
        &mut self,
        value: &mut Option<T>,
        read: impl FnOnce(&str) -> serde_json::Result<Option<T>>,
    ) -> Result<(), A::Error> {
        let mut text = std::mem::take(&mut self.scratch);
        if let Some(variant) = self.text.take() {
            text = variant;
        } else {
            text.clear();
            self.members.next_value_seed(Append::to(&mut text))?;
        }
        let bit = 1 << self.current;
        if let Ok(read) = read(&text) {
            *value = read;
            // The last of several members counts.
            self.stale |= self.misfits & bit;
        } else {
            *value = None;
            self.unknown.push(self.names[self.current], &text);
            self.misfits |= bit;
            self.stale &= !bit;
        }
        self.scratch = text;
        Ok(())
    }

    /// Checks that the members of these bits came.
    pub(crate) fn have(&self, needed: u64) -> Result<(), A::Error> {
        match (needed & !self.seen).trailing_zeros() {
            u64::BITS => Ok(()),
            missing => Err(A::Error::missing_field(self.names[missing as usize])),
        }
    }

    /// The members that are unknown, or have a value of another type.
    pub(crate) fn into_extra(self) -> Extra {
        let mut extra = Extra::from(self.unknown);
        if self.stale != 0 {
            for (_, name) in self.names.iter().enumerate().filter(|(index, _)| self.stale & (1 << index) != 0) {
                extra.remove(name);
            }
        }
        extra
    }
}

/// The message of an error in a part of the text, whose positions say nothing about the whole.
fn without_position(error: &serde_json::Error) -> String {
    let message = error.to_string();
    let position = format!(" at line {} column {}", error.line(), error.column());
    message.strip_suffix(&position).unwrap_or(&message).to_owned()
}
