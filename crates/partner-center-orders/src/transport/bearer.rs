//! The bearer token: attached to requests for the configured service only.

use http::header;
use partner_center_orders_api::runtime::{TransportError, TransportErrorKind};
use url::Url;

use crate::identity::cache::{Bearer, TokenCache};

/// Attaches tokens to requests.
#[derive(Clone, Debug)]
pub(crate) struct Signer {
    tokens: TokenCache,
    /// The beginning of every URL that a token is sent to, with the `/` after it. A URL is normalized: no part of it can be
    /// written in another way, and none before the path can contain a `/`.
    base: Box<str>,
}

impl Signer {
    pub(crate) fn new(tokens: TokenCache, base_url: &Url) -> Self {
        let base = format!("{}/", base_url.as_str().trim_end_matches('/'));
        Self { tokens, base: base.into() }
    }

    /// Attaches a valid token, and returns it.
    pub(crate) async fn sign(&self, request: &mut reqwest::Request) -> Result<Bearer, TransportError> {
        self.check(request.url())?;
        let bearer = self.tokens.bearer().await.map_err(|error| {
            let retry_after = error.retry_after();
            let error = TransportError::with_source(TransportErrorKind::Credential, error);
            match retry_after {
                Some(wait) => error.with_retry_after(wait),
                None => error,
            }
        })?;
        request.headers_mut().insert(header::AUTHORIZATION, bearer.header.clone());
        Ok(bearer)
    }

    /// Whether the token is still valid.
    pub(crate) fn serves(&self, bearer: &Bearer) -> bool {
        self.tokens.serves(bearer)
    }

    /// Reports that the service rejected the token.
    pub(crate) fn reject(&self, bearer: &Bearer) {
        self.tokens.reject(bearer);
    }

    /// Rejects any other scheme, host, port or path than the configured one, whichever call it comes from, and any other user
    /// name and password before the host, which would be a second authentication.
    fn check(&self, url: &Url) -> Result<(), TransportError> {
        if url.as_str().starts_with(&*self.base) {
            return Ok(());
        }
        Err(TransportError::with_source(TransportErrorKind::Request, ForeignAddress))
    }
}

/// A token would have been sent to another service than the configured one.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("the address is not below the configured base address, so nothing was sent to it")]
struct ForeignAddress;
