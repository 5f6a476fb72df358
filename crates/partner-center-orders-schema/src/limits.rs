//! How far a payload may go.

/// How deep arrays and objects may nest at most. It is the limit of `serde_json`: what is valid here can be read there.
pub(crate) const MAX_DEPTH: usize = 127;

/// How far a payload may go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// How deep arrays and objects may nest: 127, the limit of `serde_json`, unless set lower. A higher limit counts as 127,
    /// since each level takes some of the stack.
    pub depth: usize,
    /// How many findings are kept; the rest is only counted. 10,000 unless set otherwise.
    pub findings: usize,
}

impl Limits {
    /// The limits that hold unless others are set.
    pub const USUAL: Self = Self { depth: MAX_DEPTH, findings: 10_000 };
}

impl Default for Limits {
    fn default() -> Self {
        Self::USUAL
    }
}
