use std::fmt;

use secrecy::{ExposeSecret, SecretString};

#[cfg(feature = "client-certificate")]
use super::Certificate;
use super::token_request::Form;
use super::{AccessToken, CredentialContext, CredentialError, TokenEndpoint};

/// An app registration: in which tenant, under which id, and how it proves to be itself.
#[derive(Clone)]
pub(super) struct App {
    pub(super) tenant: String,
    pub(super) client_id: String,
    pub(super) proof: Proof,
    pub(super) endpoint: TokenEndpoint,
}

/// How an app proves to be itself.
#[derive(Clone)]
pub(super) enum Proof {
    /// A public client has nothing to prove.
    None,
    Secret(SecretString),
    #[cfg(feature = "client-certificate")]
    Certificate(std::sync::Arc<Certificate>),
}

impl App {
    pub(super) fn new(tenant: impl Into<String>, client_id: impl Into<String>, proof: Proof) -> Self {
        Self { tenant: tenant.into(), client_id: client_id.into(), proof, endpoint: TokenEndpoint::default() }
    }

    /// A token request with the app's id and proof in it.
    pub(super) fn form(&self, sign_in: &CredentialContext, grant: &'static str) -> Result<Form, CredentialError> {
        let url = sign_in.tenant_url(&self.tenant, self.endpoint, "token")?;
        let mut form = Form::to(url);
        form.field("grant_type", grant);
        form.field("client_id", &self.client_id);
        match &self.proof {
            Proof::None => {}
            Proof::Secret(secret) => form.secret("client_secret", secret.expose_secret()),
            #[cfg(feature = "client-certificate")]
            Proof::Certificate(certificate) => {
                let assertion = certificate.assertion(sign_in, &self.client_id, form.url())?;
                form.field("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer");
                form.secret("client_assertion", &assertion);
            }
        }
        Ok(form)
    }

    /// A token for the app alone.
    pub(super) async fn app_only_token(&self, sign_in: &CredentialContext) -> Result<AccessToken, CredentialError> {
        let mut form = self.form(sign_in, "client_credentials")?;
        match self.endpoint {
            TokenEndpoint::V2 => form.field("scope", &sign_in.default_scope()),
            TokenEndpoint::V1 => form.field("resource", sign_in.cloud.resource()),
        }
        Ok(form.token(sign_in).await?.access_token)
    }

    /// What an app with a user asks for: a token for the service, and a refresh token.
    pub(super) fn user_scope(&self, sign_in: &CredentialContext, form: &mut Form) {
        match self.endpoint {
            // Without `offline_access` there is no refresh token (documented).
            TokenEndpoint::V2 => form.field("scope", &format!("{} offline_access", sign_in.default_scope())),
            TokenEndpoint::V1 => {
                form.field("resource", sign_in.cloud.resource());
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
