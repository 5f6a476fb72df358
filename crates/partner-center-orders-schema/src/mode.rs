//! The direction of a payload, and how strictly it is validated.

use std::fmt;

/// The direction in which a payload is sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Direction {
    /// From a client to the service.
    ///
    /// Member names and enum values match in any letter case, as the service matches them (documented). `null` for an
    /// optional member counts as absent: the .NET SDK writes every empty member. Members that only the service sets are
    /// not required.
    Request,
    /// From the service to a client.
    #[default]
    Response,
}

/// How payloads are validated that contain what the contract doesn't list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Strictness {
    /// Accepts what a tolerant reader can take without loss.
    #[default]
    Lenient,
    /// Reports unknown members and enum values, and every other departure from the letter of the contract.
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

/// Direction and strictness together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Mode {
    pub(crate) direction: Direction,
    pub(crate) strictness: Strictness,
}

impl Mode {
    pub(crate) fn request(self) -> bool {
        self.direction == Direction::Request
    }

    pub(crate) fn strict(self) -> bool {
        self.strictness == Strictness::Strict
    }

    /// Whether `null` counts as absent for an optional member for which the contract doesn't allow it.
    pub(crate) fn null_is_absent(self) -> bool {
        self.request() || !self.strict()
    }
}
