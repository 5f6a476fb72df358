//! How a payload is read: by whom, and how strictly.

use std::fmt;

/// Which way a payload travels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Direction {
    /// A client sends it to the service.
    ///
    /// Member names and enum values match in any letter case, as the service matches them (documented). `null` for a
    /// member that may be left out counts as leaving it out: the .NET SDK writes out every empty member. Members that
    /// only the service sets are not demanded.
    Request,
    /// The service answers it.
    #[default]
    Response,
}

/// What becomes of things that the contract doesn't list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Strictness {
    /// What a tolerant reader can take without loss passes.
    #[default]
    Lenient,
    /// Unknown members and enum values, and all that departs from the letter of the contract, are findings.
    Strict,
}

impl fmt::Display for Direction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Request => "request",
            Self::Response => "response",
        })
    }
}

impl fmt::Display for Strictness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Lenient => "lenient",
            Self::Strict => "strict",
        })
    }
}

/// Both together, as the walkers ask for them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Reading {
    pub(crate) direction: Direction,
    pub(crate) strictness: Strictness,
}

impl Reading {
    pub(crate) fn request(self) -> bool {
        self.direction == Direction::Request
    }

    pub(crate) fn strict(self) -> bool {
        self.strictness == Strictness::Strict
    }

    /// Whether `null` may stand for a member that may be left out, though the contract doesn't say so.
    pub(crate) fn null_is_absent(self) -> bool {
        self.request() || !self.strict()
    }
}
