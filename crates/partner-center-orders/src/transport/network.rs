//! The way over the network: which of its clients a request takes, how they are made, and when others take over.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use partner_center_orders_api::runtime::{HttpTransport, TransportError, TransportErrorKind};
#[cfg(feature = "rustls")]
use partner_center_orders_api::runtime::{TlsError, TlsSettings};
use tokio::time::Instant;

use crate::BoxFuture;
use crate::send::SendRequest;

/// Other clients take over at most that often. Our choice: what they cost is a handshake.
const TAKEOVER_INTERVAL: Duration = Duration::from_secs(30);

/// A step in the making of an HTTP client. It is taken for each client that is made.
pub(crate) type Configure = Box<dyn Fn(reqwest::ClientBuilder) -> reqwest::ClientBuilder + Send + Sync>;

/// How HTTP clients are made: each the same way.
pub(crate) struct Recipe {
    pub(crate) user_agent: String,
    #[cfg(feature = "rustls")]
    pub(crate) tls: TlsSettings,
    pub(crate) steps: Vec<Configure>,
}

/// Why an HTTP client could not be made.
#[derive(Debug, thiserror::Error)]
pub(crate) enum HttpClientError {
    #[error(transparent)]
    Http(#[from] reqwest::Error),
    #[cfg(feature = "rustls")]
    #[error(transparent)]
    Tls(#[from] TlsError),
}

impl Recipe {
    fn settings(&self) -> Result<reqwest::ClientBuilder, HttpClientError> {
        let settings = HttpTransport::http_client().user_agent(&self.user_agent);
        #[cfg(feature = "rustls")]
        let settings = self.tls.apply(settings)?;
        let settings = self.steps.iter().fold(settings, |settings, step| step(settings));
        Ok(settings.redirect(reqwest::redirect::Policy::none()))
    }

    /// A client for https. Through a proxy, of which it takes the environment's unless it is told otherwise, it asks for a
    /// tunnel: the proxy sees where the tunnel leads and nothing of what goes through it.
    fn for_https(&self) -> Result<reqwest::Client, HttpClientError> {
        Ok(self.settings()?.build()?)
    }

    /// A client for plain http, without any proxy: it could read along.
    fn for_plain_http(&self) -> Result<reqwest::Client, HttpClientError> {
        Ok(self.settings()?.no_proxy().build()?)
    }
}

/// Sends over the network.
///
/// Requests over HTTP/2 share a connection, and reqwest gives none up because a request got no answer. A silent one is
/// noticed by pings; where an attempt ends before they can tell, other clients, with other connections, take over. Requests
/// that are under way keep theirs.
pub(crate) struct Network {
    recipe: Recipe,
    current: Mutex<Current>,
}

struct Current {
    clients: Arc<Clients>,
    took_over_at: Option<Instant>,
}

/// HTTP clients, with their connections.
struct Clients {
    https: reqwest::Client,
    /// Made when it is needed, as it seldom is.
    plain_http: OnceLock<reqwest::Client>,
    /// When an answer last began to come, over whichever connection.
    heard_at: Mutex<Option<Instant>>,
}

impl Clients {
    fn new(recipe: &Recipe) -> Result<Self, HttpClientError> {
        Ok(Self { https: recipe.for_https()?, plain_http: OnceLock::new(), heard_at: Mutex::default() })
    }

    fn client_for(&self, request: &reqwest::Request, recipe: &Recipe) -> Result<&reqwest::Client, HttpClientError> {
        if request.url().scheme() != "http" {
            return Ok(&self.https);
        }
        if let Some(client) = self.plain_http.get() {
            return Ok(client);
        }
        let made = recipe.for_plain_http()?;
        Ok(self.plain_http.get_or_init(|| made))
    }

    fn heard_at(&self) -> MutexGuard<'_, Option<Instant>> {
        self.heard_at.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Network {
    pub(crate) fn new(recipe: Recipe) -> Result<Self, HttpClientError> {
        let clients = Arc::new(Clients::new(&recipe)?);
        Ok(Self { recipe, current: Mutex::new(Current { clients, took_over_at: None }) })
    }

    /// A client to build requests with.
    pub(crate) fn builder(&self) -> reqwest::Client {
        self.current().clients.https.clone()
    }

    fn current(&self) -> MutexGuard<'_, Current> {
        self.current.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl SendRequest for Network {
    fn send(&self, request: reqwest::Request) -> BoxFuture<'_, Result<reqwest::Response, TransportError>> {
        Box::pin(async move {
            let clients = Arc::clone(&self.current().clients);
            let client = clients
                .client_for(&request, &self.recipe)
                .map_err(|error| TransportError::with_source(TransportErrorKind::Request, error))?;
            let response = client.execute(request).await?;
            *clients.heard_at() = Some(Instant::now());
            Ok(response)
        })
    }

    fn gave_up(&self, after: Duration) {
        if after >= HttpTransport::SILENCE_LIMIT {
            // Pings were answered, or the attempt would have ended by them: it is the one answer that is slow.
            return;
        }
        let now = Instant::now();
        let mut current = self.current();
        let began_before = |at: Option<Instant>| at.is_some_and(|at| now.duration_since(at) <= after);
        let is_heard = began_before(*current.clients.heard_at());
        let is_recent = current.took_over_at.is_some_and(|at| now.duration_since(at) < TAKEOVER_INTERVAL);
        if is_heard || is_recent {
            return;
        }
        // They were made before, so this can hardly fail; if it does, the known ones go on.
        if let Ok(clients) = Clients::new(&self.recipe) {
            tracing::debug!("no answer came over any connection; taking new ones");
            *current = Current { clients: Arc::new(clients), took_over_at: Some(now) };
        }
    }
}

impl fmt::Debug for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Network")
    }
}
