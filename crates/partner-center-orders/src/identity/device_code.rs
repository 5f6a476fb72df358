use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use partner_center_orders_api::runtime::decode;
use partner_center_orders_api::wire::NumberOrText;
use secrecy::SecretString;
use serde::Deserialize;
use tokio::time::Instant;

use super::token_request::{Form, Tokens};
use super::{
    AccessToken, Credential, CredentialContext, CredentialError, CredentialErrorKind, RefreshToken, StoreError,
    TokenStore,
};
use crate::BoxFuture;

/// The polling interval if the identity platform sets none (RFC 8628).
const INTERVAL: Duration = Duration::from_secs(5);

/// The longest wait for a user, whatever the code's lifetime. Our choice.
const MAX_WAIT: Duration = Duration::from_secs(60 * 60);

/// The time for token requests and the store in addition. Our choice.
const LEEWAY: Duration = Duration::from_secs(5 * 60);

/// Authenticates an app with a user who opens a page on any device and enters a code there (RFC 8628).
///
/// The user is asked if there is no refresh token yet, or none that is still valid; otherwise it works as [`RefreshToken`].
/// Calls wait for the user as long as their deadline allows, so sign in first, with
/// [`PartnerCenter::sign_in`](crate::PartnerCenter::sign_in).
///
/// ```
/// use partner_center_orders::identity::{DeviceCode, MemoryTokenStore};
///
/// let credential = DeviceCode::new("contoso.onmicrosoft.com", "14a7…", |prompt| {
///     eprintln!("open {} and enter {}", prompt.verification_uri, prompt.user_code);
/// })
/// .store(MemoryTokenStore::default());
/// ```
pub struct DeviceCode {
    session: RefreshToken,
    prompt: Arc<dyn Fn(&DeviceCodePrompt) + Send + Sync>,
}

/// The instructions for the user.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct DeviceCodePrompt {
    /// The page to open.
    pub verification_uri: String,
    /// The code to enter there.
    pub user_code: String,
    /// How long the code is valid, at most an hour: the client waits no longer.
    pub expires_in: Duration,
    /// The identity platform's own instructions, in its language.
    pub message: Option<String>,
}

#[derive(Deserialize)]
struct DeviceAuthorization {
    device_code: String,
    user_code: String,
    verification_uri: String,
    expires_in: NumberOrText,
    interval: Option<NumberOrText>,
    message: Option<String>,
}

impl DeviceCode {
    /// The app with this id, a public client, in the partner's tenant; `prompt` shows the instructions to the user.
    pub fn new(
        tenant: impl Into<String>,
        client_id: impl Into<String>,
        prompt: impl Fn(&DeviceCodePrompt) + Send + Sync + 'static,
    ) -> Self {
        let session = RefreshToken::starting_with(tenant.into(), client_id.into(), None);
        Self { session, prompt: Arc::new(prompt) }
    }

    /// Saves refresh tokens in this store, so that the next process doesn't ask the user again.
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

    async fn ask(&self, context: &CredentialContext) -> Result<AccessToken, CredentialError> {
        let app = self.session.app();
        let mut form = Form::to(context.tenant_url(&app.tenant, app.endpoint, "devicecode")?);
        form.field("client_id", &app.client_id);
        app.user_scope(context, &mut form);
        let response = form.post(context).await?;
        let authorization: DeviceAuthorization = decode(&response.body).map_err(|_| {
            CredentialError::new(
                CredentialErrorKind::InvalidResponse,
                "the identity platform returned no code for the user",
            )
        })?;
        let expires_in = seconds(&authorization.expires_in).unwrap_or_default().min(MAX_WAIT);
        let interval =
            authorization.interval.as_ref().and_then(seconds).unwrap_or(INTERVAL).max(Duration::from_secs(1));
        let started_at = Instant::now();
        (self.prompt)(&DeviceCodePrompt {
            verification_uri: authorization.verification_uri,
            user_code: authorization.user_code,
            expires_in,
            message: authorization.message,
        });
        let tokens = self.wait(context, &authorization.device_code.into(), interval, (started_at, expires_in)).await?;
        Ok(self.session.adopt(tokens).await)
    }

    /// Polls until the user has signed in.
    async fn wait(
        &self,
        context: &CredentialContext,
        code: &SecretString,
        mut interval: Duration,
        (started_at, expires_in): (Instant, Duration),
    ) -> Result<Tokens, CredentialError> {
        use secrecy::ExposeSecret;
        let mut pause = interval;
        while started_at.elapsed().saturating_add(pause) <= expires_in {
            tokio::time::sleep(pause).await;
            let mut form = self.session.app().form(context, "urn:ietf:params:oauth:grant-type:device_code")?;
            form.secret("device_code", code.expose_secret());
            match form.token(context).await {
                Ok(tokens) => return Ok(tokens),
                Err(error) => {
                    match error.oauth_error() {
                        Some("authorization_pending") => {}
                        Some("slow_down") => interval = interval.saturating_add(INTERVAL),
                        _ if error.is_transient() => {}
                        _ => return Err(error),
                    }
                    pause = interval.max(error.retry_after().unwrap_or_default());
                }
            }
        }
        Err(CredentialError::new(CredentialErrorKind::Declined, "the user did not sign in before the code expired"))
    }
}

fn seconds(number: &NumberOrText) -> Option<Duration> {
    number.as_i64().and_then(|seconds| u64::try_from(seconds).ok()).map(Duration::from_secs)
}

impl Credential for DeviceCode {
    fn access_token<'a>(
        &'a self,
        context: &'a CredentialContext,
    ) -> BoxFuture<'a, Result<AccessToken, CredentialError>> {
        use CredentialErrorKind::{GrantRejected, InteractionRequired};
        Box::pin(async move {
            match self.session.renew(context).await {
                Ok(Some(token)) => Ok(token),
                Ok(None) => self.ask(context).await,
                Err(error) if matches!(error.kind(), GrantRejected | InteractionRequired) => self.ask(context).await,
                Err(error) => Err(error),
            }
        })
    }

    fn tenant(&self) -> Option<&str> {
        Credential::tenant(&self.session)
    }

    /// Longer than any token request: it waits for the user.
    fn time_limit(&self) -> Option<Duration> {
        Some(MAX_WAIT + LEEWAY)
    }
}

impl fmt::Debug for DeviceCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DeviceCode").field("session", &self.session).finish_non_exhaustive()
    }
}
