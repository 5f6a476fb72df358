use std::error::Error;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use secrecy::SecretString;

use crate::BoxFuture;

/// The error of a token store.
pub type StoreError = Box<dyn Error + Send + Sync>;

/// Persistent storage of refresh tokens.
///
/// The identity platform returns a new refresh token with each renewal, and the newest one lives longest (documented), so
/// each is saved here before the next one is requested.
///
/// No call fails with the store: calls go on with the renewed access token, the new refresh token is kept in memory and saved
/// before the next renewal, and the failure is reported (see
/// [`RefreshToken::on_store_failure`](super::RefreshToken::on_store_failure)).
pub trait TokenStore: fmt::Debug + Send + Sync {
    /// Returns the token that was saved last, if any. Called once, before the first renewal.
    fn load(&self) -> BoxFuture<'_, Result<Option<SecretString>, StoreError>>;

    /// Replaces the saved token.
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

/// A store in memory, which ends with the process.
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
