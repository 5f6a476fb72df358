//! The token: attached as the last thing before sending, and to the configured service only.

use http::header;
use partner_center_orders_api::runtime::{TransportError, TransportErrorKind};
use url::Url;

use crate::identity::cache::{Bearer, TokenCache};

/// Signs requests.
#[derive(Clone, Debug)]
pub(crate) struct Signer {
    tokens: TokenCache,
    base_url: Url,
}

impl Signer {
    pub(crate) fn new(tokens: TokenCache, base_url: Url) -> Self {
        Self { tokens, base_url }
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

    /// Another scheme, host, port or path than the configured one gets no token, whoever asked for it.
    fn check(&self, url: &Url) -> Result<(), TransportError> {
        let base = self.base_url.path().trim_end_matches('/');
        let below = url.path().strip_prefix(base).is_some_and(|rest| rest.starts_with('/'));
        // Compared part by part, as an `Origin` owns copies of its texts.
        let same_origin = url.scheme() == self.base_url.scheme()
            && url.host() == self.base_url.host()
            && url.port_or_known_default() == self.base_url.port_or_known_default()
            // A name and a password in front of the host would be a second way to say who calls.
            && (url.username(), url.password()) == (self.base_url.username(), self.base_url.password());
        if same_origin && below {
            return Ok(());
        }
        Err(TransportError::with_source(TransportErrorKind::Request, ForeignAddress))
    }
}

/// A token would have gone to another service than the configured one.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("the address is not below the configured base address, so it gets no token and was not called")]
struct ForeignAddress;
