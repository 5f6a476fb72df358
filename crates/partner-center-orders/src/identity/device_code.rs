use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use partner_center_orders_api::runtime::decode;
use partner_center_orders_api::wire::NumberOrText;
use secrecy::SecretString;
use serde::Deserialize;
use tokio::time::Instant;

use super::token_request::{Form, Granted};
use super::{
    AccessToken, Credential, CredentialContext, CredentialError, CredentialErrorKind, RefreshToken, StoreError,
    TokenStore,
};
use crate::BoxFuture;

/// The time between two questions, where the sign-in service names none (RFC 8628).
const INTERVAL: Duration = Duration::from_secs(5);

/// The longest wait for a user, whatever the life of the code. Our choice.
const LONGEST_WAIT: Duration = Duration::from_secs(60 * 60);

/// What token requests and the store may take in addition. Our choice.
const LEEWAY: Duration = Duration::from_secs(5 * 60);

/// Signs an app in with a user who opens a page on any device and types a code there (RFC 8628).
///
/// The user is asked when there is no refresh token yet, or none that is still good; otherwise it works as
/// [`RefreshToken`]. Whoever calls while the user is asked waits as long as their deadline allows; so sign in first, with
/// [`PartnerCenter::sign_in`](crate::PartnerCenter::sign_in).
///
/// ```
/// use partner_center_orders::identity::{DeviceCode, MemoryTokenStore};
///
/// let credential = DeviceCode::new("contoso.onmicrosoft.com", "14a7…", |prompt| {
///     eprintln!("open {} and type {}", prompt.verification_uri, prompt.user_code);
/// })
/// .store(MemoryTokenStore::default());
/// ```
pub struct DeviceCode {
    session: RefreshToken,
    prompt: Arc<dyn Fn(&DeviceCodePrompt) + Send + Sync>,
}

/// What the user is to do.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct DeviceCodePrompt {
    /// The page to open.
    pub verification_uri: String,
    /// The code to type there.
    pub user_code: String,
    /// How long the code is good for, at most an hour: nobody waits longer.
    pub expires_in: Duration,
    /// The sign-in service's own sentence about it, in its language.
    pub message: Option<String>,
}

#[derive(Deserialize)]
struct Started {
    device_code: String,
    user_code: String,
    verification_uri: String,
    expires_in: NumberOrText,
    interval: Option<NumberOrText>,
    message: Option<String>,
}

impl DeviceCode {
    /// The app of that id, a public client, in the partner's tenant; `prompt` tells the user what to do.
    pub fn new(
        tenant: impl Into<String>,
        client_id: impl Into<String>,
        prompt: impl Fn(&DeviceCodePrompt) + Send + Sync + 'static,
    ) -> Self {
        let session = RefreshToken::starting_with(tenant.into(), client_id.into(), None);
        Self { session, prompt: Arc::new(prompt) }
    }

    /// Keeps refresh tokens there, so that the user isn't asked again by the next process.
    #[must_use]
    pub fn store(mut self, store: impl TokenStore + 'static) -> Self {
        self.session = self.session.store(store);
        self
    }

    /// How long the store may take to load or to save a token; then it counts as failed. By default 10 seconds.
    #[must_use]
    pub fn store_timeout(mut self, time: Duration) -> Self {
        self.session = self.session.store_timeout(time);
        self
    }

    /// Is told each time that the store fails.
    #[must_use]
    pub fn on_store_failure(mut self, report: impl Fn(&StoreError) + Send + Sync + 'static) -> Self {
        self.session = self.session.on_store_failure(report);
        self
    }

    async fn ask(&self, sign_in: &CredentialContext) -> Result<AccessToken, CredentialError> {
        let app = self.session.app();
        let mut form = Form::to(sign_in.tenant_url(&app.tenant, app.endpoint, "devicecode")?);
        form.field("client_id", &app.client_id);
        app.user_scope(sign_in, &mut form);
        let answer = form.post(sign_in).await?;
        let started: Started = decode(&answer.body).map_err(|_| {
            CredentialError::new(CredentialErrorKind::InvalidResponse, "the sign-in service gave no code for the user")
        })?;
        let expires_in = seconds(&started.expires_in).unwrap_or_default().min(LONGEST_WAIT);
        let interval = started.interval.as_ref().and_then(seconds).unwrap_or(INTERVAL).max(Duration::from_secs(1));
        let begun = Instant::now();
        (self.prompt)(&DeviceCodePrompt {
            verification_uri: started.verification_uri,
            user_code: started.user_code,
            expires_in,
            message: started.message,
        });
        let granted = self.wait(sign_in, &started.device_code.into(), interval, (begun, expires_in)).await?;
        Ok(self.session.adopt(granted).await)
    }

    /// Asks again and again whether the user is done.
    async fn wait(
        &self,
        sign_in: &CredentialContext,
        code: &SecretString,
        mut interval: Duration,
        (begun, expires_in): (Instant, Duration),
    ) -> Result<Granted, CredentialError> {
        use secrecy::ExposeSecret;
        let mut pause = interval;
        while begun.elapsed().saturating_add(pause) <= expires_in {
            tokio::time::sleep(pause).await;
            let mut form = self.session.app().form(sign_in, "urn:ietf:params:oauth:grant-type:device_code")?;
            form.secret("device_code", code.expose_secret());
            match form.token(sign_in).await {
                Ok(granted) => return Ok(granted),
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
        Err(CredentialError::new(CredentialErrorKind::Declined, "the user did not sign in before the code ended"))
    }
}

fn seconds(number: &NumberOrText) -> Option<Duration> {
    number.as_i64().and_then(|seconds| u64::try_from(seconds).ok()).map(Duration::from_secs)
}

impl Credential for DeviceCode {
    fn access_token<'a>(
        &'a self,
        sign_in: &'a CredentialContext,
    ) -> BoxFuture<'a, Result<AccessToken, CredentialError>> {
        use CredentialErrorKind::{GrantRejected, InteractionRequired};
        Box::pin(async move {
            match self.session.renew(sign_in).await {
                Ok(Some(token)) => Ok(token),
                Ok(None) => self.ask(sign_in).await,
                Err(error) if matches!(error.kind(), GrantRejected | InteractionRequired) => self.ask(sign_in).await,
                Err(error) => Err(error),
            }
        })
    }

    fn tenant(&self) -> Option<&str> {
        Credential::tenant(&self.session)
    }

    /// The user's time comes first.
    fn time_limit(&self) -> Option<Duration> {
        Some(LONGEST_WAIT + LEEWAY)
    }
}

impl fmt::Debug for DeviceCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DeviceCode").field("session", &self.session).finish_non_exhaustive()
    }
}
