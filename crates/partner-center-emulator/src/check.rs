//! The debug mode: every answer is held against the contract by somebody who knows it.

/// An answer of an operation of the contract, before any fault spoils it.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct CheckedResponse<'a> {
    /// The operation's id.
    pub operation: &'a str,
    /// The method.
    pub method: &'a str,
    /// The address below `/v1`, with names in braces for what varies.
    pub path: &'a str,
    /// The status.
    pub status: u16,
    /// The content type, if there is one.
    pub content_type: Option<&'a str>,
    /// The body without byte order mark.
    pub body: &'a [u8],
}

/// Judges answers. Closures of the same shape do.
///
/// What it finds is kept: see [`Emulator::violations`](crate::Emulator::violations).
pub trait ResponseCheck: Send + Sync {
    /// Judges one answer.
    ///
    /// # Errors
    ///
    /// Says what is wrong with it.
    fn check(&self, response: &CheckedResponse<'_>) -> Result<(), String>;
}

impl<F> ResponseCheck for F
where
    F: Fn(&CheckedResponse<'_>) -> Result<(), String> + Send + Sync,
{
    fn check(&self, response: &CheckedResponse<'_>) -> Result<(), String> {
        self(response)
    }
}
