use super::app::{App, Proof};
use super::{AccessToken, Certificate, Credential, CredentialContext, CredentialError, TokenEndpoint};
use crate::BoxFuture;

/// Authenticates an app with its certificate: a signed assertion in place of a secret.
#[derive(Clone, Debug)]
pub struct ClientCertificate {
    app: App,
}

impl ClientCertificate {
    /// The app with this id in the partner's tenant (its id or domain).
    pub fn new(tenant: impl Into<String>, client_id: impl Into<String>, certificate: Certificate) -> Self {
        Self { app: App::new(tenant, client_id, Proof::Certificate(certificate.into())) }
    }

    /// Sets the token endpoint; by default [`TokenEndpoint::V2`].
    #[must_use]
    pub fn endpoint(mut self, endpoint: TokenEndpoint) -> Self {
        self.app.endpoint = endpoint;
        self
    }
}

impl Credential for ClientCertificate {
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
