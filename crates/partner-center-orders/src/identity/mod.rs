//! Authentication: credentials, and the tokens that they return.
//!
//! | credential | authenticates | feature |
//! |---|---|---|
//! | [`ClientSecret`] | an app | |
//! | [`RefreshToken`] | an app with a user (Secure Application Model) | |
//! | [`StaticToken`] | with a given token; for tests and short scripts | |
//! | `ClientCertificate` | an app, by certificate | `client-certificate` |
//! | `DeviceCode` | an app with a user who enters a code on another device | `device-code` |
//! | `AuthorizationCode` | an app with a user who signs in with a browser | `authorization-code` |
//!
//! Other sources of tokens implement [`Credential`]. The client caches, shares and renews tokens: a credential only ever
//! returns a new one.

mod app;
#[cfg(feature = "authorization-code")]
mod authorization_code;
pub(crate) mod cache;
#[cfg(feature = "client-certificate")]
mod certificate;
#[cfg(feature = "client-certificate")]
mod client_certificate;
mod client_secret;
mod credential_context;
#[cfg(feature = "device-code")]
mod device_code;
mod error;
mod refresh_token;
mod static_token;
mod store;
mod token_request;

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use secrecy::SecretString;

pub use secrecy;

#[cfg(feature = "authorization-code")]
pub use self::authorization_code::{AuthorizationCode, AuthorizationRequest};
#[cfg(feature = "client-certificate")]
pub use self::certificate::{Certificate, InvalidCertificate};
#[cfg(feature = "client-certificate")]
pub use self::client_certificate::ClientCertificate;
pub use self::client_secret::ClientSecret;
pub use self::credential_context::{CredentialContext, TokenEndpoint};
#[cfg(feature = "device-code")]
pub use self::device_code::{DeviceCode, DeviceCodePrompt};
pub use self::error::{CredentialError, CredentialErrorKind};
pub use self::refresh_token::RefreshToken;
pub use self::static_token::StaticToken;
pub use self::store::{MemoryTokenStore, StoreError, TokenStore};
use crate::BoxFuture;

/// A source of access tokens.
///
/// An implementation with another token library takes a few lines:
///
/// ```
/// use partner_center_orders::identity::{AccessToken, Credential, CredentialError, CredentialContext};
/// use partner_center_orders::BoxFuture;
/// # use std::time::{Duration, SystemTime};
/// # #[derive(Debug)] struct TheirLibrary;
/// # struct TheirToken { text: String, expires: SystemTime }
/// # impl TheirLibrary {
/// #     async fn token_for(&self, _: &str) -> Result<TheirToken, std::io::Error> { todo!() }
/// # }
///
/// #[derive(Debug)]
/// struct Theirs(TheirLibrary);
///
/// impl Credential for Theirs {
///     fn access_token<'a>(&'a self, context: &'a CredentialContext) -> BoxFuture<'a, Result<AccessToken, CredentialError>> {
///         Box::pin(async move {
///             let token = self.0.token_for(&context.default_scope()).await.map_err(CredentialError::other)?;
///             Ok(AccessToken::new(token.text, token.expires))
///         })
///     }
/// }
/// ```
pub trait Credential: fmt::Debug + Send + Sync {
    /// Returns a new token. It is never called again before the last call has ended, or was dropped because it took longer
    /// than [`PartnerCenterBuilder::token_timeout`](crate::PartnerCenterBuilder::token_timeout). It must not block its thread:
    /// a future that never yields can't be dropped.
    ///
    /// # Errors
    ///
    /// When no token can be obtained; the error has a remedy.
    fn access_token<'a>(
        &'a self,
        context: &'a CredentialContext,
    ) -> BoxFuture<'a, Result<AccessToken, CredentialError>>;

    /// The partner's tenant, if the credential knows it: rate limits are per tenant.
    fn tenant(&self) -> Option<&str> {
        None
    }

    /// The time limit of [`access_token`](Self::access_token), in place of
    /// [`PartnerCenterBuilder::token_timeout`](crate::PartnerCenterBuilder::token_timeout): for a credential that waits for
    /// people.
    fn time_limit(&self) -> Option<Duration> {
        None
    }
}

/// What points to a credential is one.
macro_rules! credential_behind {
    ($($pointer:ident),*) => {$(
        impl<T: Credential + ?Sized> Credential for $pointer<T> {
            fn access_token<'a>(
                &'a self,
                context: &'a CredentialContext,
            ) -> BoxFuture<'a, Result<AccessToken, CredentialError>> {
                T::access_token(self, context)
            }

            fn tenant(&self) -> Option<&str> {
                T::tenant(self)
            }

            fn time_limit(&self) -> Option<Duration> {
                T::time_limit(self)
            }
        }
    )*};
}
credential_behind!(Arc, Box);

/// An access token and its expiry.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct AccessToken {
    /// The token's text.
    pub secret: SecretString,
    /// When it expires. A token of unknown expiry is used until the service rejects it.
    pub expires_at: Option<SystemTime>,
}

impl AccessToken {
    /// A token that expires at that time.
    pub fn new(secret: impl Into<SecretString>, expires_at: SystemTime) -> Self {
        Self { secret: secret.into(), expires_at: Some(expires_at) }
    }

    /// A token of unknown expiry.
    pub fn without_expiry(secret: impl Into<SecretString>) -> Self {
        Self { secret: secret.into(), expires_at: None }
    }
}
