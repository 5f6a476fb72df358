use std::error::Error;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use secrecy::SecretString;

use crate::BoxFuture;

/// What a token store fails with.
pub type StoreError = Box<dyn Error + Send + Sync>;

/// Where refresh tokens outlive the process.
///
/// The sign-in service gives a new refresh token with each renewal, and the newest one lives longest (documented), so
/// each is handed here before the next is asked for.
///
/// A failing store costs no call: the renewed access token serves whoever waits, the new refresh token is kept in memory
/// and offered here again before the next renewal, and the failure is reported (see
/// [`RefreshToken::on_store_failure`](super::RefreshToken::on_store_failure)).
pub trait TokenStore: fmt::Debug + Send + Sync {
    /// The token that was saved last, if any. Asked once, before the first renewal.
    fn load(&self) -> BoxFuture<'_, Result<Option<SecretString>, StoreError>>;

    /// Keeps the token in place of the one before.
    fn save<'a>(&'a self, refresh_token: &'a SecretString) -> BoxFuture<'a, Result<(), StoreError>>;
}

impl<T: TokenStore + ?Sized> TokenStore for Arc<T> {
    fn load(&self) -> BoxFuture<'_, Result<Option<SecretString>, StoreError>> {
        T::load(self)
    }

    fn save<'a>(&'a self, refresh_token: &'a SecretString) -> BoxFuture<'a, Result<(), StoreError>> {
        T::save(self, refresh_token)
    }
}

/// A store that forgets with the process.
#[derive(Debug, Default)]
pub struct MemoryTokenStore(Mutex<Option<SecretString>>);

impl TokenStore for MemoryTokenStore {
    fn load(&self) -> BoxFuture<'_, Result<Option<SecretString>, StoreError>> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        Box::pin(std::future::ready(Ok(kept)))
    }

    fn save<'a>(&'a self, refresh_token: &'a SecretString) -> BoxFuture<'a, Result<(), StoreError>> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(refresh_token.clone());
        Box::pin(std::future::ready(Ok(())))
    }
}
