//! The token: attached as the last thing before sending, and to the configured service only.

use http::header;
use partner_center_orders_api::runtime::{TransportError, TransportErrorKind};
use url::Url;

use crate::identity::cache::{Bearer, TokenCache};

/// Signs requests.
#[derive(Clone, Debug)]
pub(crate) struct Signer {
    tokens: TokenCache,
    /// How every address begins that gets a token, with the `/` behind it. An address has one text only: no part of it can
    /// be written in another way, and none before the path can hold a `/`.
    base: Box<str>,
}

impl Signer {
    pub(crate) fn new(tokens: TokenCache, base_url: &Url) -> Self {
        let base = format!("{}/", base_url.as_str().trim_end_matches('/'));
        Self { tokens, base: base.into() }
    }

    /// Attaches a token that is good now, and says which.
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

    /// Whether the token is still the one to send.
    pub(crate) fn serves(&self, bearer: &Bearer) -> bool {
        self.tokens.serves(bearer)
    }

    /// Says that the service refused the token.
    pub(crate) fn refuse(&self, bearer: &Bearer) {
        self.tokens.refuse(bearer);
    }

    /// Another scheme, host, port or path than the configured one gets no token, whichever call asked for it; nor does another
    /// name and password in front of the host, a second way to say who calls.
    fn check(&self, url: &Url) -> Result<(), TransportError> {
        if url.as_str().starts_with(&*self.base) {
            return Ok(());
        }
        Err(TransportError::with_source(TransportErrorKind::Request, ForeignAddress))
    }
}

/// A token would have gone to another service than the configured one.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("the address is not below the configured base address, so it gets no token and was not called")]
struct ForeignAddress;
