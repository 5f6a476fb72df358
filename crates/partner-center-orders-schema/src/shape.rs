//! The compiled form of the contract's schemas: statics, walked in parallel to a payload.

/// A set of kinds of JSON values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Kinds(u8);

impl Kinds {
    pub(crate) const NULL: Self = Self(1);
    pub(crate) const BOOLEAN: Self = Self(1 << 1);
    /// Integers, however they are written: `1`, `1.0`, `10e-1`.
    pub(crate) const INTEGER: Self = Self(1 << 2);
    pub(crate) const NUMBER: Self = Self(1 << 3);
    pub(crate) const TEXT: Self = Self(1 << 4);
    pub(crate) const ARRAY: Self = Self(1 << 5);
    pub(crate) const OBJECT: Self = Self(1 << 6);
    pub(crate) const ANY: Self = Self(0x7f);

    pub(crate) const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub(crate) const fn allow(self, kind: Self) -> bool {
        self.0 & kind.0 != 0
    }

    /// Returns a text such as `an integer or a string`.
    pub(crate) fn describe(self) -> String {
        const NAMES: [(Kinds, &str); 7] = [
            (Kinds::OBJECT, "an object"),
            (Kinds::ARRAY, "an array"),
            (Kinds::NUMBER, "a number"),
            (Kinds::INTEGER, "an integer"),
            (Kinds::TEXT, "a string"),
            (Kinds::BOOLEAN, "true or false"),
            (Kinds::NULL, "null"),
        ];
        if self == Self::ANY {
            return "any value".to_owned();
        }
        let names: Vec<&str> = NAMES.iter().filter(|(kind, _)| self.allow(*kind)).map(|(_, name)| *name).collect();
        names.join(" or ")
    }
}

/// The rules for a value.
#[derive(Debug)]
pub(crate) struct Shape {
    /// The schema's name; empty for an inline schema.
    pub(crate) name: &'static str,
    pub(crate) title: &'static str,
    pub(crate) description: &'static str,
    pub(crate) kinds: Kinds,
    pub(crate) text: Option<TextRule>,
    pub(crate) number: Option<Bounds>,
    pub(crate) items: Option<Items>,
    pub(crate) members: Option<Members>,
    /// The quick acceptance of parsed responses.
    pub(crate) quick: Option<Quick>,
}

/// Generated code that accepts most valid responses; the walk decides about the others.
#[derive(Debug)]
pub(crate) struct Quick {
    pub(crate) lenient: Accept,
    pub(crate) strict: Accept,
}

type Accept = fn(&serde_json::Map<String, serde_json::Value>) -> bool;

impl Shape {
    /// Creates a shape that only restricts the kind.
    pub(crate) const fn of(kinds: Kinds) -> Self {
        Self {
            name: "",
            title: "",
            description: "",
            kinds,
            text: None,
            number: None,
            items: None,
            members: None,
            quick: None,
        }
    }
}

/// A position for a value: its shape, and what applies to the position itself.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Slot {
    pub(crate) shape: &'static Shape,
    pub(crate) description: &'static str,
    pub(crate) nullable: bool,
    pub(crate) read_only: bool,
}

impl Slot {
    pub(crate) const fn new(shape: &'static Shape, description: &'static str) -> Self {
        Self { shape, description, nullable: false, read_only: false }
    }

    pub(crate) const fn nullable(self) -> Self {
        Self { nullable: true, ..self }
    }

    pub(crate) const fn read_only(self) -> Self {
        Self { read_only: true, ..self }
    }

    /// Returns the description of the position, or else of the shape.
    pub(crate) fn about(&self) -> Option<&'static str> {
        [self.description, self.shape.description].into_iter().find(|text| !text.is_empty())
    }
}

/// The rules for a string.
#[derive(Debug)]
pub(crate) struct TextRule {
    /// It is a date with time.
    pub(crate) date: bool,
    /// The listed values; empty if any value is allowed.
    pub(crate) values: &'static [&'static str],
    /// Whether the service may add values.
    pub(crate) open: bool,
    /// The least number of characters.
    pub(crate) least: usize,
    /// The greatest number of characters.
    pub(crate) most: usize,
}

/// The bounds of a number, both inclusive.
#[derive(Debug)]
pub(crate) struct Bounds {
    pub(crate) least: i64,
    pub(crate) most: i64,
}

/// The items of an array.
#[derive(Debug)]
pub(crate) struct Items {
    pub(crate) slot: Slot,
    pub(crate) least: usize,
    pub(crate) most: usize,
}

/// A named member of an object.
#[derive(Debug)]
pub(crate) struct Member {
    pub(crate) name: &'static str,
    ends: Ends,
    pub(crate) slot: Slot,
}

impl Member {
    pub(crate) const fn new(name: &'static str, slot: Slot) -> Self {
        Self { name, ends: Ends::of(name.as_bytes()), slot }
    }
}

impl Member {
    #[inline]
    fn is(&self, name: &[u8], ends: Ends) -> bool {
        self.ends == ends && self.name.len() == name.len() && (name.len() <= 16 || self.name.as_bytes() == name)
    }
}

/// The first and the last bytes of a name; together with the length they determine a name of up to 16 bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Ends {
    head: u64,
    tail: u64,
}

impl Ends {
    #[inline]
    const fn of(name: &[u8]) -> Self {
        let length = name.len();
        let (head, tail) = if let (Some(head), Some(tail)) = (name.first_chunk::<8>(), name.last_chunk::<8>()) {
            (u64::from_le_bytes(*head), u64::from_le_bytes(*tail))
        } else if let (Some(head), Some(tail)) = (name.first_chunk::<4>(), name.last_chunk::<4>()) {
            (u32::from_le_bytes(*head) as u64, u32::from_le_bytes(*tail) as u64)
        } else if let [first, ..] = name {
            (*first as u64 | (name[length / 2] as u64) << 8, name[length - 1] as u64)
        } else {
            (0, 0)
        };
        Self { head, tail }
    }

    /// Returns a hash key that ignores letter case. The generator's `key` computes the same.
    const fn key(self, length: usize) -> u64 {
        const FOLD: u64 = 0x2020_2020_2020_2020;
        (self.head | FOLD) ^ (self.tail | FOLD).rotate_left(29) ^ length as u64
    }
}

/// The rule for members that are not listed.
#[derive(Debug)]
pub(crate) enum Others {
    /// The contract doesn't know them.
    Unknown,
    /// They may hold any value.
    Anything,
    /// They are the entries of a map.
    Each(Slot),
}

/// The members of an object, at most 64.
#[derive(Debug)]
pub(crate) struct Members {
    pub(crate) list: &'static [Member],
    pub(crate) lookup: Lookup,
    /// One bit for each member of `list` that is required in responses.
    pub(crate) required_in_responses: u64,
    /// One bit for each member of `list` that is required in requests.
    pub(crate) required_in_requests: u64,
    pub(crate) others: Others,
}

impl Members {
    /// Returns the member with this name, and its index in `list`.
    ///
    /// The member at `next` is compared first.
    #[inline]
    pub(crate) fn find(&self, name: &[u8], any_case: bool, next: usize) -> Option<(usize, &'static Member)> {
        let ends = Ends::of(name);
        match self.list.get(next) {
            Some(member) if member.is(name, ends) => Some((next, member)),
            _ => self.look_up(ends, name, any_case),
        }
    }

    fn look_up(&self, ends: Ends, name: &[u8], any_case: bool) -> Option<(usize, &'static Member)> {
        let index = self.lookup.index(ends.key(name.len()));
        let member = self.list.get(index)?;
        let same = member.is(name, ends) || (any_case && member.name.as_bytes().eq_ignore_ascii_case(name));
        same.then_some((index, member))
    }
}

/// A perfect hash table, computed by the generator: from a name's key to the index in the list.
#[derive(Debug)]
pub(crate) struct Lookup {
    pub(crate) multiplier: u64,
    pub(crate) shift: u32,
    /// The index by slot; 255 for none.
    pub(crate) slots: &'static [u8],
}

impl Lookup {
    /// Returns the only index that a name with this key can have; one beyond every list if there is none.
    #[inline]
    fn index(&self, key: u64) -> usize {
        let slot = key.wrapping_mul(self.multiplier) >> self.shift;
        usize::try_from(slot).ok().and_then(|slot| self.slots.get(slot)).copied().map_or(usize::MAX, usize::from)
    }
}

#[cfg(test)]
mod tests {
    use crate::generated::SHAPES;

    #[test]
    fn every_member_is_found_by_its_name_in_any_case() {
        let mut members = 0;
        for shape in SHAPES {
            let Some(known) = &shape.members else { continue };
            for (index, member) in known.list.iter().enumerate() {
                members += 1;
                let index_of = |name: &str| known.find(name.as_bytes(), true, 0).map(|(index, _)| index);
                let exact = known.find(member.name.as_bytes(), false, index).map(|(index, _)| index);
                assert_eq!(exact, Some(index), "{}.{}", shape.name, member.name);
                let upper_case = member.name.to_ascii_uppercase();
                assert_eq!(index_of(&upper_case), Some(index), "{}.{upper_case}", shape.name);
            }
            assert!(known.find(b"", true, 0).is_none());
            assert!(known.find(b"no such member", true, 0).is_none());
        }
        assert!(members > 100, "only {members} members");
    }
}
