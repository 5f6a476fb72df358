use std::fmt;

use secrecy::{ExposeSecret, SecretString};

#[cfg(feature = "client-certificate")]
use super::Certificate;
use super::token_request::Form;
use super::{AccessToken, CredentialContext, CredentialError, TokenEndpoint};

/// An app registration: its tenant, its id, and how it proves its identity.
#[derive(Clone)]
pub(super) struct App {
    pub(super) tenant: String,
    pub(super) client_id: String,
    pub(super) proof: Proof,
    pub(super) endpoint: TokenEndpoint,
}

/// How an app proves its identity.
#[derive(Clone)]
pub(super) enum Proof {
    /// A public client has no proof.
    None,
    Secret(SecretString),
    #[cfg(feature = "client-certificate")]
    Certificate(std::sync::Arc<Certificate>),
}

impl App {
    pub(super) fn new(tenant: impl Into<String>, client_id: impl Into<String>, proof: Proof) -> Self {
        Self { tenant: tenant.into(), client_id: client_id.into(), proof, endpoint: TokenEndpoint::default() }
    }

    /// A token request with the app's id and proof.
    pub(super) fn form(&self, context: &CredentialContext, grant: &'static str) -> Result<Form, CredentialError> {
        let url = context.tenant_url(&self.tenant, self.endpoint, "token")?;
        let mut form = Form::to(url);
        form.field("grant_type", grant);
        form.field("client_id", &self.client_id);
        match &self.proof {
            Proof::None => {}
            Proof::Secret(secret) => form.secret("client_secret", secret.expose_secret()),
            #[cfg(feature = "client-certificate")]
            Proof::Certificate(certificate) => {
                let assertion = certificate.assertion(context, &self.client_id, form.url())?;
                form.field("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer");
                form.secret("client_assertion", &assertion);
            }
        }
        Ok(form)
    }

    /// Requests a token for the app alone.
    pub(super) async fn app_only_token(&self, context: &CredentialContext) -> Result<AccessToken, CredentialError> {
        let mut form = self.form(context, "client_credentials")?;
        match self.endpoint {
            TokenEndpoint::V2 => form.field("scope", &context.default_scope()),
            TokenEndpoint::V1 => form.field("resource", context.cloud.resource()),
        }
        Ok(form.token(context).await?.access_token)
    }

    /// Adds the scope of an app with a user: a token for the service, and a refresh token.
    pub(super) fn user_scope(&self, context: &CredentialContext, form: &mut Form) {
        match self.endpoint {
            // Without `offline_access` there is no refresh token (documented).
            TokenEndpoint::V2 => form.field("scope", &format!("{} offline_access", context.default_scope())),
            TokenEndpoint::V1 => {
                form.field("resource", context.cloud.resource());
                form.field("scope", "openid");
            }
        }
    }
}

impl fmt::Debug for App {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("App")
            .field("tenant", &self.tenant)
            .field("client_id", &self.client_id)
            .field("endpoint", &self.endpoint)
            .finish_non_exhaustive()
    }
}
