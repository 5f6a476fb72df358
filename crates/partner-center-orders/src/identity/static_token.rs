use secrecy::SecretString;

use super::{AccessToken, Credential, CredentialContext, CredentialError};
use crate::BoxFuture;

/// A fixed token from another source, for tests and short scripts: it can't be renewed.
///
/// ```
/// use partner_center_orders::identity::StaticToken;
///
/// let credential = StaticToken::new("eyJ0eXAiOiJKV1Qi");
/// assert!(!format!("{credential:?}").contains("eyJ0"));
/// ```
#[derive(Clone, Debug)]
pub struct StaticToken(SecretString);

impl StaticToken {
    /// A credential that always returns this token.
    pub fn new(token: impl Into<SecretString>) -> Self {
        Self(token.into())
    }
}

impl Credential for StaticToken {
    fn access_token<'a>(&'a self, _: &'a CredentialContext) -> BoxFuture<'a, Result<AccessToken, CredentialError>> {
        Box::pin(std::future::ready(Ok(AccessToken::without_expiry(self.0.clone()))))
    }
}
