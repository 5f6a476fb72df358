//! What a difference asks of the next version, and why.

use std::fmt;

use serde::Serialize;

/// What a change asks of the next version.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// Nothing.
    #[default]
    None,
    /// A new patch: what was written for the old contract stays as it is.
    Patch,
    /// A new minor version: there is more than before.
    Minor,
    /// A new major version: what was written for the old contract may fail.
    Major,
}

impl Verdict {
    /// The word for it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Patch => "patch",
            Self::Minor => "minor",
            Self::Major => "major",
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.word())
    }
}

/// Which way a part of the contract travels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// No message carries it.
    #[default]
    None,
    /// From the client to the service.
    Request,
    /// From the service to the client.
    Response,
    /// Both ways.
    Both,
}

impl Direction {
    /// From whether requests and responses carry it.
    pub const fn new(request: bool, response: bool) -> Self {
        match (request, response) {
            (false, false) => Self::None,
            (true, false) => Self::Request,
            (false, true) => Self::Response,
            (true, true) => Self::Both,
        }
    }

    /// Whether requests carry it.
    pub const fn in_requests(self) -> bool {
        matches!(self, Self::Request | Self::Both)
    }

    /// Whether responses carry it.
    pub const fn in_responses(self) -> bool {
        matches!(self, Self::Response | Self::Both)
    }

    /// The same without the way from the client to the service.
    #[must_use]
    pub const fn without_requests(self) -> Self {
        Self::new(false, self.in_responses())
    }

    /// The same without the way from the service to the client.
    #[must_use]
    pub const fn without_responses(self) -> Self {
        Self::new(self.in_requests(), false)
    }
}

/// What a change does to the messages that the contract allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Shift {
    /// The same messages, in other words.
    Words,
    /// More than before, but of a kind that every reader has to expect: members and enum values that it doesn't know,
    /// another error response.
    Foreseen,
    /// More than before.
    Wider,
    /// Less than before.
    Narrower,
    /// Others than before.
    Different,
}

impl Shift {
    /// For those who send: what was valid must stay valid.
    const fn to_service(self) -> (Verdict, &'static str) {
        match self {
            Self::Words => (Verdict::Patch, "requests stay as they are"),
            Self::Foreseen | Self::Wider => (Verdict::Minor, "requests may hold more; those of before stay valid"),
            Self::Narrower => (Verdict::Major, "requests that were valid may be rejected"),
            Self::Different => (Verdict::Major, "requests as they were are no longer valid"),
        }
    }

    /// For those who read: what they receive must be what the contract let them expect.
    const fn to_client(self) -> (Verdict, &'static str) {
        match self {
            Self::Words => (Verdict::Patch, "responses stay as they are"),
            Self::Foreseen => (Verdict::Minor, "responses may hold more, of a kind that every reader has to expect"),
            Self::Wider => (Verdict::Major, "responses may hold what readers could rely on not to meet"),
            Self::Narrower => (Verdict::Minor, "responses promise more; readers may rely on it from now on"),
            Self::Different => (Verdict::Major, "responses no longer hold what readers look for"),
        }
    }
}

/// What a change does in one respect, with its verdict.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct Effect {
    /// The verdict.
    pub verdict: Verdict,
    /// What happens, in words.
    pub effect: String,
}

impl Effect {
    /// An effect.
    pub fn new(verdict: Verdict, effect: impl Into<String>) -> Self {
        Self { verdict, effect: effect.into() }
    }
}

/// What a change does to messages, each way, and words that fit better than the general ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct OnWire {
    request: (Shift, Option<&'static str>),
    response: (Shift, Option<&'static str>),
}

impl OnWire {
    /// The same both ways.
    pub(super) const fn both(shift: Shift) -> Self {
        Self { request: (shift, None), response: (shift, None) }
    }

    /// Another shift for requests than for responses.
    pub(super) const fn each(request: Shift, response: Shift) -> Self {
        Self { request: (request, None), response: (response, None) }
    }

    /// The same, described in other words.
    #[must_use]
    pub(super) const fn described(self, request: &'static str, response: &'static str) -> Self {
        Self { request: (self.request.0, Some(request)), response: (self.response.0, Some(response)) }
    }

    /// The effect for what travels that way.
    pub(super) fn effect(self, direction: Direction) -> Effect {
        if self == Self::both(Shift::Words) {
            return Effect::new(Verdict::Patch, "the same messages as before");
        }
        let (to_service, words_to_service) = self.request.0.to_service();
        let (to_client, words_to_client) = self.response.0.to_client();
        let request = self.request.1.unwrap_or(words_to_service);
        let response = self.response.1.unwrap_or(words_to_client);
        match direction {
            Direction::None => Effect::new(Verdict::Patch, "no operation carries it"),
            Direction::Request => Effect::new(to_service, request),
            Direction::Response => Effect::new(to_client, response),
            Direction::Both if request == response => Effect::new(to_service.max(to_client), request),
            Direction::Both => Effect::new(to_service.max(to_client), format!("{request}; {response}")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn widening_frees_the_sender_and_burdens_the_reader() {
        let verdict = |shift, direction| OnWire::both(shift).effect(direction).verdict;
        assert_eq!(verdict(Shift::Wider, Direction::Request), Verdict::Minor);
        assert_eq!(verdict(Shift::Wider, Direction::Response), Verdict::Major);
        assert_eq!(verdict(Shift::Narrower, Direction::Request), Verdict::Major);
        assert_eq!(verdict(Shift::Narrower, Direction::Response), Verdict::Minor);
        assert_eq!(verdict(Shift::Narrower, Direction::Both), Verdict::Major);
        assert_eq!(verdict(Shift::Foreseen, Direction::Both), Verdict::Minor);
        assert_eq!(verdict(Shift::Different, Direction::None), Verdict::Patch);
    }
}
