use std::fmt;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::digest::{SHA256, digest};
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::Mutex;
use url::Url;

use super::token_request::{Form, Tokens};
use super::{
    AccessToken, Credential, CredentialContext, CredentialError, CredentialErrorKind, RefreshToken, StoreError,
    TokenStore,
};
use crate::BoxFuture;
use crate::clock::{RandomSource, SystemRandomSource};
use crate::cloud::Cloud;

/// The first half of signing in with a browser: the address for the user, with PKCE (RFC 7636).
///
/// ```
/// use partner_center_orders::Cloud;
/// use partner_center_orders::identity::{AuthorizationRequest, CredentialError};
///
/// # fn example(redirected_to: &str) -> Result<(), CredentialError> {
/// let request =
///     AuthorizationRequest::new(&Cloud::global(), "contoso.onmicrosoft.com", "14a7…", "http://localhost:8400/signed-in")?;
/// println!("open {}", request.url());
/// // The browser returns to the redirect address, with the code in its query.
/// let credential = request.complete(redirected_to)?.client_secret("~sEcReT");
/// # Ok(()) }
/// ```
#[derive(Debug)]
pub struct AuthorizationRequest {
    url: Url,
    tenant: String,
    client_id: String,
    redirect_uri: String,
    state: String,
    verifier: SecretString,
}

impl AuthorizationRequest {
    /// Asks a user to let the app with this id act on their behalf, and to return to `redirect_uri`, which must be registered
    /// for the app.
    ///
    /// # Errors
    ///
    /// When the tenant is neither an id nor a domain.
    pub fn new(
        cloud: &Cloud,
        tenant: impl Into<String>,
        client_id: impl Into<String>,
        redirect_uri: impl Into<String>,
    ) -> Result<Self, CredentialError> {
        Self::with_random_source(cloud, tenant, client_id, redirect_uri, &SystemRandomSource)
    }

    /// As [`new`](Self::new), with another source of random numbers. They must not be predictable.
    ///
    /// # Errors
    ///
    /// As for [`new`](Self::new).
    pub fn with_random_source(
        cloud: &Cloud,
        tenant: impl Into<String>,
        client_id: impl Into<String>,
        redirect_uri: impl Into<String>,
        random_source: &dyn RandomSource,
    ) -> Result<Self, CredentialError> {
        let (tenant, client_id, redirect_uri) = (tenant.into(), client_id.into(), redirect_uri.into());
        let verifier = random_text(random_source);
        let state = random_text(random_source);
        let mut url = super::credential_context::tenant_url(cloud, &tenant, super::TokenEndpoint::V2, "authorize")?;
        url.query_pairs_mut()
            .append_pair("client_id", &client_id)
            .append_pair("response_type", "code")
            .append_pair("redirect_uri", &redirect_uri)
            .append_pair("response_mode", "query")
            .append_pair("scope", &format!("{} offline_access", super::credential_context::default_scope(cloud)))
            .append_pair("state", &state)
            .append_pair("code_challenge", &URL_SAFE_NO_PAD.encode(digest(&SHA256, verifier.as_bytes())))
            .append_pair("code_challenge_method", "S256");
        Ok(Self { url, tenant, client_id, redirect_uri, state, verifier: verifier.into() })
    }

    /// The page that the user opens.
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// Takes the response: the whole address to which the browser was redirected.
    ///
    /// # Errors
    ///
    /// When the response belongs to another request, or says that the user declined.
    pub fn complete(self, redirected_to: &str) -> Result<AuthorizationCode, CredentialError> {
        let invalid = |message| CredentialError::new(CredentialErrorKind::InvalidResponse, message);
        let response = Url::parse(redirected_to).map_err(|_| invalid("the address of the redirect is invalid"))?;
        let parameter = |name| response.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned());
        if parameter("state").as_deref() != Some(self.state.as_str()) {
            return Err(invalid("the response belongs to another request to sign in"));
        }
        if let Some(error) = parameter("error") {
            let description = parameter("error_description").unwrap_or(error);
            return Err(CredentialError::new(CredentialErrorKind::Declined, description));
        }
        let Some(code) = parameter("code").filter(|code| !code.is_empty()) else {
            return Err(invalid("the response holds no code"));
        };
        Ok(AuthorizationCode {
            session: RefreshToken::starting_with(self.tenant, self.client_id, None),
            code: Mutex::new(Some(Code {
                text: code.into(),
                verifier: self.verifier,
                redirect_uri: self.redirect_uri,
            })),
        })
    }
}

/// 256 random bits as text, as PKCE requires.
fn random_text(random_source: &dyn RandomSource) -> String {
    let mut bytes = [0; 32];
    for chunk in bytes.chunks_exact_mut(8) {
        chunk.copy_from_slice(&random_source.next_u64().to_be_bytes());
    }
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Authenticates an app with a user who signed in with a browser.
///
/// The code is redeemed with the first call; from then on it works as [`RefreshToken`].
pub struct AuthorizationCode {
    session: RefreshToken,
    code: Mutex<Option<Code>>,
}

struct Code {
    text: SecretString,
    verifier: SecretString,
    redirect_uri: String,
}

impl AuthorizationCode {
    /// Sets the app's secret; a public client has none.
    #[must_use]
    pub fn client_secret(mut self, secret: impl Into<SecretString>) -> Self {
        self.session = self.session.client_secret(secret);
        self
    }

    /// Saves refresh tokens in this store, so that the next process can start with [`RefreshToken::from_store`].
    #[must_use]
    pub fn store(mut self, store: impl TokenStore + 'static) -> Self {
        self.session = self.session.store(store);
        self
    }

    /// Sets the time limit for loading or saving a token; after that, the store counts as failed. By default 10 seconds.
    #[must_use]
    pub fn store_timeout(mut self, time: Duration) -> Self {
        self.session = self.session.store_timeout(time);
        self
    }

    /// Calls the function each time that the store fails.
    #[must_use]
    pub fn on_store_failure(mut self, report: impl Fn(&StoreError) + Send + Sync + 'static) -> Self {
        self.session = self.session.on_store_failure(report);
        self
    }

    async fn redeem(&self, context: &CredentialContext, code: &Code) -> Result<Tokens, CredentialError> {
        let app = self.session.app();
        let mut form: Form = app.form(context, "authorization_code")?;
        form.secret("code", code.text.expose_secret());
        form.secret("code_verifier", code.verifier.expose_secret());
        form.field("redirect_uri", &code.redirect_uri);
        app.user_scope(context, &mut form);
        form.token(context).await
    }
}

impl Credential for AuthorizationCode {
    fn access_token<'a>(
        &'a self,
        context: &'a CredentialContext,
    ) -> BoxFuture<'a, Result<AccessToken, CredentialError>> {
        Box::pin(async move {
            let mut code = self.code.lock().await;
            if let Some(unused) = &*code {
                let tokens = self.redeem(context, unused).await?;
                // A code can be redeemed once; until that succeeds, it may be tried again. From here on the refresh token
                // is used, even if this future is dropped while the store saves it.
                *code = None;
                return Ok(self.session.adopt(tokens).await);
            }
            self.session.access_token(context).await
        })
    }

    fn tenant(&self) -> Option<&str> {
        Credential::tenant(&self.session)
    }
}

impl fmt::Debug for AuthorizationCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AuthorizationCode").field("session", &self.session).finish_non_exhaustive()
    }
}
