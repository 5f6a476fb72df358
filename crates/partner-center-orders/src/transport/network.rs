//! The way over the network: which of its clients a request takes, and how they are made.

use std::fmt;
use std::sync::OnceLock;

use partner_center_orders_api::runtime::{Direct, TransportError, TransportErrorKind};

use super::SendRequest;
use crate::BoxFuture;

/// A step in the making of an HTTP client. It is taken for each client that is made.
pub(crate) type Configure = Box<dyn Fn(reqwest::ClientBuilder) -> reqwest::ClientBuilder + Send + Sync>;

/// How HTTP clients are made: each the same way.
pub(crate) struct Recipe {
    pub(crate) user_agent: String,
    pub(crate) steps: Vec<Configure>,
}

impl Recipe {
    fn settings(&self) -> reqwest::ClientBuilder {
        let settings = Direct::http_client().user_agent(&self.user_agent);
        let settings = self.steps.iter().fold(settings, |settings, step| step(settings));
        settings.redirect(reqwest::redirect::Policy::none())
    }

    /// A client for https. Through a proxy, of which it takes the environment's unless it is told otherwise, it asks for a
    /// tunnel: the proxy sees where the tunnel leads and nothing of what goes through it.
    fn for_https(&self) -> reqwest::Result<reqwest::Client> {
        self.settings().build()
    }

    /// A client for plain http, without any proxy: it could read along.
    fn for_plain_http(&self) -> reqwest::Result<reqwest::Client> {
        self.settings().no_proxy().build()
    }
}

/// Sends over the network.
pub(crate) struct Network {
    recipe: Recipe,
    https: reqwest::Client,
    /// Made when it is needed, as most clients never need it.
    plain_http: OnceLock<reqwest::Client>,
}

impl Network {
    pub(crate) fn new(recipe: Recipe) -> reqwest::Result<Self> {
        let https = recipe.for_https()?;
        Ok(Self { recipe, https, plain_http: OnceLock::new() })
    }

    /// A client to build requests with.
    pub(crate) fn builder(&self) -> reqwest::Client {
        self.https.clone()
    }

    fn client_for(&self, request: &reqwest::Request) -> reqwest::Result<&reqwest::Client> {
        if request.url().scheme() != "http" {
            return Ok(&self.https);
        }
        if let Some(client) = self.plain_http.get() {
            return Ok(client);
        }
        let made = self.recipe.for_plain_http()?;
        Ok(self.plain_http.get_or_init(|| made))
    }
}

impl SendRequest for Network {
    fn send(&self, request: reqwest::Request) -> BoxFuture<'_, Result<reqwest::Response, TransportError>> {
        Box::pin(async move {
            let client = self
                .client_for(&request)
                .map_err(|error| TransportError::with_source(TransportErrorKind::Request, error))?;
            client.execute(request).await.map_err(TransportError::from)
        })
    }
}

impl fmt::Debug for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Network")
    }
}
