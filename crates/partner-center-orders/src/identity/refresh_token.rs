use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use partner_center_orders_api::runtime::Escaped;
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::Mutex;

use super::app::{App, Proof};
use super::token_request::Tokens;
use super::{
    AccessToken, Credential, CredentialContext, CredentialError, CredentialErrorKind, StoreError, TokenEndpoint,
    TokenStore,
};
use crate::BoxFuture;

/// The default time limit of a store. Our choice: callers wait for it.
const STORE_TIMEOUT: Duration = Duration::from_secs(10);

/// Authenticates an app with a user, by a refresh token from the user's consent (Secure Application Model).
///
/// Each renewal returns a new refresh token, which replaces the one before: in memory, and in the [`TokenStore`] if there is
/// one. Without a store the newest is lost with the process, and the next start begins with the first one again, as long as
/// that is valid.
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

/// Receives the errors of the store.
type Report = dyn Fn(&StoreError) + Send + Sync;

#[derive(Default)]
struct State {
    token: Option<SecretString>,
    /// Whether the token of an earlier process was loaded from the store.
    is_loaded: bool,
    /// Whether the token still has to be saved.
    is_unsaved: bool,
}

impl RefreshToken {
    /// The app with this id in the partner's tenant (its id or domain), and the first refresh token.
    ///
    /// A token in the store takes precedence, as it is newer.
    pub fn new(
        tenant: impl Into<String>,
        client_id: impl Into<String>,
        refresh_token: impl Into<SecretString>,
    ) -> Self {
        Self::starting_with(tenant.into(), client_id.into(), Some(refresh_token.into()))
    }

    /// The app with this id, and the refresh token in the store.
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

    /// Sets the app's secret; a public client has none.
    #[must_use]
    pub fn client_secret(mut self, secret: impl Into<SecretString>) -> Self {
        self.app.proof = Proof::Secret(secret.into());
        self
    }

    /// Sets the app's certificate, in place of a secret.
    #[cfg(feature = "client-certificate")]
    #[must_use]
    pub fn client_certificate(mut self, certificate: super::Certificate) -> Self {
        self.app.proof = Proof::Certificate(Arc::new(certificate));
        self
    }

    /// Sets the token endpoint; by default [`TokenEndpoint::V2`].
    #[must_use]
    pub fn endpoint(mut self, endpoint: TokenEndpoint) -> Self {
        self.app.endpoint = endpoint;
        self
    }

    /// Saves refresh tokens in this store.
    #[must_use]
    pub fn store(mut self, store: impl TokenStore + 'static) -> Self {
        self.store = Some(Arc::new(store));
        self
    }

    /// Sets the time limit for loading or saving a token; after that, the store counts as failed. By default 10 seconds.
    #[must_use]
    pub fn store_timeout(mut self, time: Duration) -> Self {
        self.store_timeout = time;
        self
    }

    /// Calls the function each time that the store fails. The failure is also an event of `tracing`, at level error.
    #[must_use]
    pub fn on_store_failure(mut self, report: impl Fn(&StoreError) + Send + Sync + 'static) -> Self {
        self.on_store_failure = Some(Arc::new(report));
        self
    }

    #[cfg(any(feature = "device-code", feature = "authorization-code"))]
    pub(super) fn app(&self) -> &App {
        &self.app
    }

    /// Renews with the current refresh token; `None` if there is no token.
    pub(super) async fn renew(&self, context: &CredentialContext) -> Result<Option<AccessToken>, CredentialError> {
        let mut state = self.state.lock().await;
        self.load(&mut state, context.token_limit).await?;
        let Some(token) = state.token.clone() else { return Ok(None) };
        if state.is_unsaved {
            self.save(&mut state).await;
        }
        let mut form = self.app.form(context, "refresh_token")?;
        form.secret("refresh_token", token.expose_secret());
        self.app.user_scope(context, &mut form);
        let tokens = form.token(context).await?;
        Ok(Some(self.keep(&mut state, tokens).await))
    }

    /// Takes over the tokens of a user who signed in.
    #[cfg(any(feature = "device-code", feature = "authorization-code"))]
    pub(super) async fn adopt(&self, tokens: Tokens) -> AccessToken {
        let mut state = self.state.lock().await;
        self.keep(&mut state, tokens).await
    }

    async fn keep(&self, state: &mut State, tokens: Tokens) -> AccessToken {
        if let Some(newer) = tokens.refresh_token {
            let known = state.token.as_ref().is_some_and(|token| token.expose_secret() == newer.expose_secret());
            if !known {
                state.token = Some(newer);
                state.is_unsaved = true;
                self.save(state).await;
            }
        }
        tokens.access_token
    }

    async fn load(&self, state: &mut State, limit: usize) -> Result<(), CredentialError> {
        let Some(store) = self.store.as_ref().filter(|_| !state.is_loaded) else { return Ok(()) };
        let saved = self.in_time(store.load()).await.and_then(|saved| match saved {
            Some(token) if token.expose_secret().len() > limit => {
                Err(format!("the refresh token in it is longer than {limit} bytes").into())
            }
            saved => Ok(saved),
        });
        match saved {
            Ok(saved) => {
                state.is_loaded = true;
                if saved.is_some() {
                    state.token = saved;
                }
                Ok(())
            }
            Err(error) if state.token.is_some() => {
                self.report(&error);
                Ok(())
            }
            Err(error) => Err(CredentialError::with_source(
                CredentialErrorKind::Store,
                "the token store could not be read",
                error,
            )),
        }
    }

    /// Saves the token; if that fails, it is saved again before the next renewal.
    async fn save(&self, state: &mut State) {
        let (Some(store), Some(token)) = (&self.store, &state.token) else {
            state.is_unsaved = false;
            return;
        };
        match self.in_time(store.save(token)).await {
            Ok(()) => state.is_unsaved = false,
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
        context: &'a CredentialContext,
    ) -> BoxFuture<'a, Result<AccessToken, CredentialError>> {
        Box::pin(async move {
            self.renew(context).await?.ok_or_else(|| {
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
