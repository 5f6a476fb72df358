use secrecy::SecretString;

use super::app::{App, Proof};
use super::{AccessToken, Credential, CredentialContext, CredentialError, TokenEndpoint};
use crate::BoxFuture;

/// Authenticates an app with its secret.
///
/// Enough for most operations; reading the provisioning status is documented for an app with a user only.
///
/// ```
/// use partner_center_orders::identity::{ClientSecret, TokenEndpoint};
///
/// let credential = ClientSecret::new("contoso.onmicrosoft.com", "14a7…", "~sEcReT").endpoint(TokenEndpoint::V1);
/// assert!(!format!("{credential:?}").contains("sEcReT"));
/// ```
#[derive(Clone, Debug)]
pub struct ClientSecret {
    app: App,
}

impl ClientSecret {
    /// The app with this id in the partner's tenant (its id or domain), and the value of its secret.
    pub fn new(tenant: impl Into<String>, client_id: impl Into<String>, secret: impl Into<SecretString>) -> Self {
        Self { app: App::new(tenant, client_id, Proof::Secret(secret.into())) }
    }

    /// Sets the token endpoint; by default [`TokenEndpoint::V2`].
    #[must_use]
    pub fn endpoint(mut self, endpoint: TokenEndpoint) -> Self {
        self.app.endpoint = endpoint;
        self
    }
}

impl Credential for ClientSecret {
    fn access_token<'a>(
        &'a self,
        context: &'a CredentialContext,
    ) -> BoxFuture<'a, Result<AccessToken, CredentialError>> {
        Box::pin(self.app.app_only_token(context))
    }
    fn tenant(&self) -> Option<&str> {
        Some(&self.app.tenant)
    }
}
