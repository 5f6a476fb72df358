//! How far a payload may go.

/// The greatest depth of arrays and objects. It is that of `serde_json`, so that it can read what is valid here.
pub(crate) const MAX_DEPTH: usize = 127;

/// Limits of a validation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// The greatest depth of arrays and objects: 127, the limit of `serde_json`, by default. A higher limit counts as 127,
    /// since each level takes some of the stack.
    pub depth: usize,
    /// The number of findings kept: 10,000 by default. Further ones are only counted.
    pub findings: usize,
}

impl Limits {
    pub(crate) const DEFAULT: Self = Self { depth: MAX_DEPTH, findings: 10_000 };
}

impl Default for Limits {
    fn default() -> Self {
        Self::DEFAULT
    }
}
