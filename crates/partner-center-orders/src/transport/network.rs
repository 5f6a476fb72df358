//! Sending over the network: the HTTP clients, how they are built, and when they are replaced.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use partner_center_orders_api::runtime::{HttpTransport, TransportError, TransportErrorKind};
#[cfg(feature = "rustls")]
use partner_center_orders_api::runtime::{TlsError, TlsSettings};
use tokio::time::Instant;

use crate::BoxFuture;
use crate::send::SendRequest;

/// Clients are replaced at most that often. Our choice: the cost is a handshake.
const REPLACEMENT_INTERVAL: Duration = Duration::from_secs(30);

/// A change of an HTTP client's settings. It is applied to each client that is built.
pub(crate) type Configure = Box<dyn Fn(reqwest::ClientBuilder) -> reqwest::ClientBuilder + Send + Sync>;

/// The settings that all HTTP clients are built with.
pub(crate) struct HttpSettings {
    pub(crate) user_agent: String,
    #[cfg(feature = "rustls")]
    pub(crate) tls: TlsSettings,
    pub(crate) configure: Vec<Configure>,
}

/// Why an HTTP client could not be built.
#[derive(Debug, thiserror::Error)]
pub(crate) enum HttpClientError {
    #[error(transparent)]
    Http(#[from] reqwest::Error),
    #[cfg(feature = "rustls")]
    #[error(transparent)]
    Tls(#[from] TlsError),
}

impl HttpSettings {
    fn builder(&self) -> Result<reqwest::ClientBuilder, HttpClientError> {
        let builder = HttpTransport::http_client().user_agent(&self.user_agent);
        #[cfg(feature = "rustls")]
        let builder = self.tls.apply(builder)?;
        let builder = self.configure.iter().fold(builder, |builder, configure| configure(builder));
        Ok(builder.redirect(reqwest::redirect::Policy::none()))
    }

    /// Builds a client for https. It asks a proxy, by default the environment's, for a tunnel: the proxy sees the host that the
    /// tunnel leads to, and nothing of its content.
    fn for_https(&self) -> Result<reqwest::Client, HttpClientError> {
        Ok(self.builder()?.build()?)
    }

    /// Builds a client for plain http, without any proxy, as that could read everything.
    fn for_plain_http(&self) -> Result<reqwest::Client, HttpClientError> {
        Ok(self.builder()?.no_proxy().build()?)
    }
}

/// Sends over the network.
///
/// Requests over HTTP/2 share a connection, and reqwest closes none because a request got no response. Pings detect a dead one;
/// if an attempt ends before they can, the clients are replaced by new ones with new connections. Requests that are under way
/// keep theirs.
pub(crate) struct Network {
    settings: HttpSettings,
    current: Mutex<Current>,
}

struct Current {
    clients: Arc<Clients>,
    replaced_at: Option<Instant>,
}

/// HTTP clients, with their connections.
struct Clients {
    https: reqwest::Client,
    /// Built when it is needed, which is rare.
    plain_http: OnceLock<reqwest::Client>,
    /// When a response last began to arrive, over any connection.
    responded_at: Mutex<Option<Instant>>,
}

impl Clients {
    fn new(settings: &HttpSettings) -> Result<Self, HttpClientError> {
        Ok(Self { https: settings.for_https()?, plain_http: OnceLock::new(), responded_at: Mutex::default() })
    }

    fn client_for(
        &self,
        request: &reqwest::Request,
        settings: &HttpSettings,
    ) -> Result<&reqwest::Client, HttpClientError> {
        if request.url().scheme() != "http" {
            return Ok(&self.https);
        }
        if let Some(client) = self.plain_http.get() {
            return Ok(client);
        }
        let built = settings.for_plain_http()?;
        Ok(self.plain_http.get_or_init(|| built))
    }

    fn responded_at(&self) -> MutexGuard<'_, Option<Instant>> {
        self.responded_at.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Network {
    pub(crate) fn new(settings: HttpSettings) -> Result<Self, HttpClientError> {
        let clients = Arc::new(Clients::new(&settings)?);
        Ok(Self { settings, current: Mutex::new(Current { clients, replaced_at: None }) })
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
                .client_for(&request, &self.settings)
                .map_err(|error| TransportError::with_source(TransportErrorKind::Request, error))?;
            let response = client.execute(request).await?;
            *clients.responded_at() = Some(Instant::now());
            Ok(response)
        })
    }

    fn gave_up(&self, after: Duration) {
        if after >= HttpTransport::SILENCE_LIMIT {
            // Pings got responses, or the attempt would have ended by them: only this one response is slow.
            return;
        }
        let now = Instant::now();
        let mut current = self.current();
        let began_before = |at: Option<Instant>| at.is_some_and(|at| now.duration_since(at) <= after);
        let is_alive = began_before(*current.clients.responded_at());
        let is_recent = current.replaced_at.is_some_and(|at| now.duration_since(at) < REPLACEMENT_INTERVAL);
        if is_alive || is_recent {
            return;
        }
        // The same settings worked before, so this can hardly fail; if it does, the present clients stay.
        if let Ok(clients) = Clients::new(&self.settings) {
            tracing::debug!("no response came over any connection; opening new ones");
            *current = Current { clients: Arc::new(clients), replaced_at: Some(now) };
        }
    }
}

impl fmt::Debug for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Network")
    }
}
