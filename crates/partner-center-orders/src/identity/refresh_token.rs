use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use partner_center_orders_api::runtime::Escaped;
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::Mutex;

use super::app::{App, Proof};
use super::token_request::Granted;
use super::{
    AccessToken, Credential, CredentialContext, CredentialError, CredentialErrorKind, StoreError, TokenEndpoint,
    TokenStore,
};
use crate::BoxFuture;

/// How long a store may take if nobody says. Our choice: callers wait for it.
const STORE_TIMEOUT: Duration = Duration::from_secs(10);

/// Signs an app in with a user, by a refresh token that the user's consent gave (Secure Application Model).
///
/// Each renewal gives a new refresh token, which replaces the one before: in memory, and in the [`TokenStore`] if there is
/// one. Without a store the newest is lost with the process, and the first one serves again at the next start, as long as
/// it lives.
///
/// ```
/// use partner_center_orders::identity::{MemoryTokenStore, RefreshToken};
///
/// let credential = RefreshToken::new("contoso.onmicrosoft.com", "14a7…", "0.AQ…")
///     .client_secret("~sEcReT")
///     .store(MemoryTokenStore::default())
///     .on_store_failure(|error| eprintln!("the refresh token was not saved: {error}"));
/// ```
pub struct RefreshToken {
    app: App,
    store: Option<Arc<dyn TokenStore>>,
    store_timeout: Duration,
    on_store_failure: Option<Arc<Report>>,
    state: Mutex<State>,
}

/// Is told of a failing store.
type Report = dyn Fn(&StoreError) + Send + Sync;

#[derive(Default)]
struct State {
    token: Option<SecretString>,
    /// Whether the store was asked for what an earlier process saved.
    asked_store: bool,
    /// Whether the token still has to reach the store.
    unsaved: bool,
}

impl RefreshToken {
    /// The app of that id in the partner's tenant (its id or domain), and the refresh token to begin with.
    ///
    /// A token that the store holds comes first, as it is newer.
    pub fn new(
        tenant: impl Into<String>,
        client_id: impl Into<String>,
        refresh_token: impl Into<SecretString>,
    ) -> Self {
        Self::starting_with(tenant.into(), client_id.into(), Some(refresh_token.into()))
    }

    /// The app of that id, and the refresh token that the store holds.
    pub fn from_store(
        tenant: impl Into<String>,
        client_id: impl Into<String>,
        store: impl TokenStore + 'static,
    ) -> Self {
        Self::starting_with(tenant.into(), client_id.into(), None).store(store)
    }

    pub(super) fn starting_with(tenant: String, client_id: String, token: Option<SecretString>) -> Self {
        Self {
            app: App::new(tenant, client_id, Proof::None),
            store: None,
            store_timeout: STORE_TIMEOUT,
            on_store_failure: None,
            state: Mutex::new(State { token, ..State::default() }),
        }
    }

    /// The app's secret; a public client has none.
    #[must_use]
    pub fn client_secret(mut self, secret: impl Into<SecretString>) -> Self {
        self.app.proof = Proof::Secret(secret.into());
        self
    }

    /// The app's certificate, in place of a secret.
    #[cfg(feature = "client-certificate")]
    #[must_use]
    pub fn client_certificate(mut self, certificate: super::Certificate) -> Self {
        self.app.proof = Proof::Certificate(Arc::new(certificate));
        self
    }

    /// Asks that endpoint; by default [`TokenEndpoint::V2`].
    #[must_use]
    pub fn endpoint(mut self, endpoint: TokenEndpoint) -> Self {
        self.app.endpoint = endpoint;
        self
    }

    /// Keeps refresh tokens there.
    #[must_use]
    pub fn store(mut self, store: impl TokenStore + 'static) -> Self {
        self.store = Some(Arc::new(store));
        self
    }

    /// How long the store may take to load or to save a token; then it counts as failed. By default 10 seconds.
    #[must_use]
    pub fn store_timeout(mut self, time: Duration) -> Self {
        self.store_timeout = time;
        self
    }

    /// Is told each time that the store fails. The failure is also an event of `tracing`, at level error.
    #[must_use]
    pub fn on_store_failure(mut self, report: impl Fn(&StoreError) + Send + Sync + 'static) -> Self {
        self.on_store_failure = Some(Arc::new(report));
        self
    }

    #[cfg(any(feature = "device-code", feature = "authorization-code"))]
    pub(super) fn app(&self) -> &App {
        &self.app
    }

    /// Renews with the token at hand; none if there is no token at all.
    pub(super) async fn renew(&self, sign_in: &CredentialContext) -> Result<Option<AccessToken>, CredentialError> {
        let mut state = self.state.lock().await;
        self.load(&mut state, sign_in.token_limit).await?;
        let Some(token) = state.token.clone() else { return Ok(None) };
        if state.unsaved {
            self.save(&mut state).await;
        }
        let mut form = self.app.form(sign_in, "refresh_token")?;
        form.secret("refresh_token", token.expose_secret());
        self.app.user_scope(sign_in, &mut form);
        let granted = form.token(sign_in).await?;
        Ok(Some(self.keep(&mut state, granted).await))
    }

    /// Takes up what a sign-in by the user gave.
    #[cfg(any(feature = "device-code", feature = "authorization-code"))]
    pub(super) async fn adopt(&self, granted: Granted) -> AccessToken {
        let mut state = self.state.lock().await;
        self.keep(&mut state, granted).await
    }

    async fn keep(&self, state: &mut State, granted: Granted) -> AccessToken {
        if let Some(newer) = granted.refresh_token {
            let known = state.token.as_ref().is_some_and(|token| token.expose_secret() == newer.expose_secret());
            if !known {
                state.token = Some(newer);
                state.unsaved = true;
                self.save(state).await;
            }
        }
        granted.access_token
    }

    async fn load(&self, state: &mut State, limit: usize) -> Result<(), CredentialError> {
        let Some(store) = self.store.as_ref().filter(|_| !state.asked_store) else { return Ok(()) };
        let saved = self.in_time(store.load()).await.and_then(|saved| match saved {
            Some(token) if token.expose_secret().len() > limit => {
                Err(format!("the refresh token in it is longer than {limit} bytes").into())
            }
            saved => Ok(saved),
        });
        match saved {
            Ok(saved) => {
                state.asked_store = true;
                if saved.is_some() {
                    state.token = saved;
                }
                Ok(())
            }
            Err(error) if state.token.is_some() => {
                self.report(&error);
                Ok(())
            }
            Err(error) => {
                let what = format!("the token store could not be read: {error}");
                Err(CredentialError::caused(CredentialErrorKind::Store, what, error))
            }
        }
    }

    /// Offers the token to the store; what it refuses is offered again before the next renewal.
    async fn save(&self, state: &mut State) {
        let (Some(store), Some(token)) = (&self.store, &state.token) else {
            state.unsaved = false;
            return;
        };
        match self.in_time(store.save(token)).await {
            Ok(()) => state.unsaved = false,
            Err(error) => self.report(&error),
        }
    }

    async fn in_time<T>(&self, access: BoxFuture<'_, Result<T, StoreError>>) -> Result<T, StoreError> {
        let outcome = tokio::time::timeout(self.store_timeout, access).await;
        outcome.unwrap_or_else(|_| {
            Err(format!("the token store took longer than {} seconds", self.store_timeout.as_secs_f64()).into())
        })
    }

    fn report(&self, error: &StoreError) {
        tracing::error!(error = %Escaped(error), "the token store failed; the refresh token is kept in memory");
        if let Some(report) = &self.on_store_failure {
            report(error);
        }
    }
}

impl Credential for RefreshToken {
    fn access_token<'a>(
        &'a self,
        sign_in: &'a CredentialContext,
    ) -> BoxFuture<'a, Result<AccessToken, CredentialError>> {
        Box::pin(async move {
            self.renew(sign_in).await?.ok_or_else(|| {
                CredentialError::new(CredentialErrorKind::Configuration, "the token store holds no refresh token")
            })
        })
    }

    fn tenant(&self) -> Option<&str> {
        Some(&self.app.tenant)
    }
}

impl fmt::Debug for RefreshToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RefreshToken").field("app", &self.app).field("store", &self.store).finish_non_exhaustive()
    }
}
