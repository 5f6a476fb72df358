//! The debug mode: a check of every response against the contract.

/// A response of an operation of the contract, before any fault changes it.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct CheckedResponse<'a> {
    /// The operation's id.
    pub operation: &'a str,
    /// The method.
    pub method: &'a str,
    /// The path below `/v1`, with parameters as names in braces.
    pub path: &'a str,
    /// The status.
    pub status: u16,
    /// The content type, if there is one.
    pub content_type: Option<&'a str>,
    /// The body without byte order mark.
    pub body: &'a [u8],
}

/// Checks responses. Implemented by closures of the same signature.
///
/// Findings are kept: see [`Emulator::violations`](crate::Emulator::violations).
pub trait ResponseCheck: Send + Sync {
    /// Checks one response.
    ///
    /// # Errors
    ///
    /// A description of what is wrong with the response.
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
