//! Building a client.

use std::fmt;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use http::HeaderValue;
use partner_center_orders_api::runtime::HttpTransport;
#[cfg(feature = "rustls")]
use partner_center_orders_api::runtime::{TlsError, TlsSettings};

use crate::clock::{Clock, RandomSource, SystemClock, SystemRandomSource};
use crate::cloud::{Cloud, InvalidAddress};
use crate::identity::cache::TokenCache;
use crate::identity::{Credential, CredentialContext};
use crate::partner_center::PartnerCenter;
use crate::retry_policy::RetryPolicy;
use crate::send::SendRequest;
use crate::service_time::ServiceTime;
use crate::transport::{
    Configure, Dated, HttpClientError, HttpSettings, Limits, Network, RateLimit, Shared, Signer, StandingHeaders,
};

/// The time that a call may take in all unless it sets a deadline: the .NET SDK's timeout.
const DEADLINE: Duration = Duration::from_secs(180);
/// The time that one attempt may take. Our choice.
const ATTEMPT: Duration = Duration::from_secs(60);
/// The time that a credential may take to get a token. Our choice: twice what a refresh token takes at most, with its store.
const TOKEN_TIMEOUT: Duration = Duration::from_secs(120);
/// The longest token. Our choice: those of the token endpoint take a few kilobytes.
const TOKEN_LIMIT: usize = 64 << 10;

impl PartnerCenter {
    /// Returns a builder for a client.
    pub fn builder() -> PartnerCenterBuilder {
        PartnerCenterBuilder::default()
    }
}

/// The settings of a [`PartnerCenter`]. Only the credential is required.
#[must_use]
pub struct PartnerCenterBuilder {
    credential: Option<Arc<dyn Credential>>,
    cloud: Cloud,
    base_url: Option<String>,
    authority: Option<String>,
    partner_tenant: Option<String>,
    application_name: Option<String>,
    locale: Option<String>,
    deadline: Option<Duration>,
    limits: Limits,
    token_timeout: Duration,
    token_limit: usize,
    retry: RetryPolicy,
    rate_limit: RateLimit,
    trace_bodies: bool,
    configure_http: Vec<Configure>,
    #[cfg(feature = "rustls")]
    root_certificates: Vec<Vec<u8>>,
    #[cfg(feature = "rustls")]
    http1_only: bool,
    send: Option<Arc<dyn SendRequest>>,
    clock: Arc<dyn Clock>,
    random_source: Arc<dyn RandomSource>,
}

impl Default for PartnerCenterBuilder {
    fn default() -> Self {
        Self {
            credential: None,
            cloud: Cloud::global(),
            base_url: None,
            authority: None,
            partner_tenant: None,
            application_name: None,
            locale: None,
            deadline: Some(DEADLINE),
            limits: Limits { time: ATTEMPT, body: HttpTransport::BODY_LIMIT },
            token_timeout: TOKEN_TIMEOUT,
            token_limit: TOKEN_LIMIT,
            retry: RetryPolicy::default(),
            rate_limit: RateLimit::default(),
            trace_bodies: false,
            configure_http: Vec::new(),
            #[cfg(feature = "rustls")]
            root_certificates: Vec::new(),
            #[cfg(feature = "rustls")]
            http1_only: false,
            send: None,
            clock: Arc::new(SystemClock),
            random_source: Arc::new(SystemRandomSource),
        }
    }
}

impl PartnerCenterBuilder {
    /// Sets the credential that authenticates every call.
    pub fn credential(mut self, credential: impl Credential + 'static) -> Self {
        self.credential = Some(Arc::new(credential));
        self
    }

    /// Sets the cloud; by default the global one.
    pub fn cloud(mut self, cloud: Cloud) -> Self {
        self.cloud = cloud;
        self
    }

    /// Sets another base URL of the API than the cloud's, including its version: `http://127.0.0.1:8080/v1`.
    pub fn base_url(mut self, base_url: impl Into<String>) -> Self {
        self.base_url = Some(base_url.into());
        self
    }

    /// Sets another URL of the authority than the cloud's: `http://127.0.0.1:8080`.
    pub fn authority(mut self, authority: impl Into<String>) -> Self {
        self.authority = Some(authority.into());
        self
    }

    /// Sets the partner's tenant, which the rate limit applies to. By default the credential's.
    pub fn partner_tenant(mut self, tenant: impl Into<String>) -> Self {
        self.partner_tenant = Some(tenant.into());
        self
    }

    /// Sets the application's name, which is sent with each call (`MS-PartnerCenter-Application`).
    pub fn application_name(mut self, name: impl Into<String>) -> Self {
        self.application_name = Some(name.into());
        self
    }

    /// Sets the language of texts in responses (`X-Locale`), for calls that set none. The service's default is `en-US`.
    pub fn locale(mut self, locale: impl Into<String>) -> Self {
        self.locale = Some(locale.into());
        self
    }

    /// Sets how long a call may take in all, for calls that set no deadline. By default 3 minutes, as the .NET SDK; `None` for
    /// no limit.
    pub fn deadline(mut self, deadline: impl Into<Option<Duration>>) -> Self {
        self.deadline = deadline.into();
        self
    }

    /// Sets how long one attempt may take, and how long a stream may pause. By default one minute.
    pub fn attempt_timeout(mut self, time: Duration) -> Self {
        self.limits.time = time;
        self
    }

    /// Sets how long the credential may take to get a token. By default 2 minutes. A renewal that takes longer is dropped, and
    /// the next call begins another. A credential that waits for people has a [limit of its own](Credential::time_limit).
    pub fn token_timeout(mut self, time: Duration) -> Self {
        self.token_timeout = time;
        self
    }

    /// Sets the longest token that is sent, access or refresh token, in bytes. By default 64 KiB.
    pub fn token_limit(mut self, bytes: usize) -> Self {
        self.token_limit = bytes;
        self
    }

    /// Sets the longest body that is read whole, in bytes, counted after decompression: a response, a download that is read
    /// into memory, a file that is uploaded from a path. By default 256 MiB. Streams have no limit. Of error responses, no more
    /// than the first mebibyte is kept.
    pub fn body_limit(mut self, bytes: usize) -> Self {
        self.limits.body = bytes;
        self
    }

    /// Sets how often and when the requests of a call are sent again.
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.retry = policy;
        self
    }

    /// Sets the rate limit, for instance to share one between clients that are built separately. By default 500 requests a
    /// minute.
    pub fn rate_limit(mut self, rate_limit: RateLimit) -> Self {
        self.rate_limit = rate_limit;
        self
    }

    /// Sets the rate limit to so many requests a minute, in place of 500.
    pub fn requests_per_minute(mut self, requests: NonZeroU32) -> Self {
        self.rate_limit = self.rate_limit.per_minute(requests);
        self
    }

    /// Logs the bodies of requests and responses with `tracing`, at level trace. Those that hold activation links are never
    /// logged.
    pub fn trace_bodies(mut self, trace_bodies: bool) -> Self {
        self.trace_bodies = trace_bodies;
        self
    }

    /// Trusts the certificate authorities in this PEM text, in addition to the platform's: a company's own, for instance.
    #[cfg(feature = "rustls")]
    pub fn add_root_certificates(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.root_certificates.push(pem.into());
        self
    }

    /// Uses HTTP/1.1 only, for proxies and gateways without support for HTTP/2.
    #[cfg(feature = "rustls")]
    pub fn http1_only(mut self) -> Self {
        self.http1_only = true;
        self
    }

    /// Changes the HTTP client's settings: a proxy, a resolver. Redirects stay off, as they would send the token elsewhere. The
    /// user agent names this crate and the contract that it was generated from, unless it is set here.
    ///
    /// With the feature `rustls`, the client has a complete TLS configuration with its crypto provider (the program's default
    /// one, or else ring), and reqwest's own TLS settings, `http1_only` among them, have no effect. Call `add_root_certificates`
    /// and `http1_only` of this builder, or pass a configuration with `tls_backend_preconfigured`.
    ///
    /// `configure` is called for each HTTP client that is built, which may be several, some of them later, and should do the
    /// same each time.
    ///
    /// Proxies are used for https only, whether they are set here or in the environment: they are asked for a tunnel
    /// (`CONNECT`) and can't read its content. Plain http, which is allowed to loopback only, never uses a proxy, as tokens and
    /// secrets would reach it unencrypted.
    ///
    /// ```
    /// # use partner_center_orders::PartnerCenter;
    /// let builder = PartnerCenter::builder().configure_http(|http| http.no_proxy().user_agent("contoso-shop/3"));
    /// ```
    pub fn configure_http(
        mut self,
        configure: impl Fn(reqwest::ClientBuilder) -> reqwest::ClientBuilder + Send + Sync + 'static,
    ) -> Self {
        self.configure_http.push(Box::new(configure));
        self
    }

    /// Sets how requests are sent, if not over the network: to a service in memory, for instance.
    pub fn send_with(mut self, send: impl SendRequest + 'static) -> Self {
        self.send = Some(Arc::new(send));
        self
    }

    /// Sets the source of the time of day, for tests. Delays use tokio's clock.
    pub fn clock(mut self, clock: impl Clock + 'static) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// Sets the source of random numbers, for tests.
    pub fn random_source(mut self, random_source: impl RandomSource + 'static) -> Self {
        self.random_source = Arc::new(random_source);
        self
    }

    /// Builds the client. Nothing is sent yet.
    ///
    /// # Errors
    ///
    /// When there is no credential, a URL is invalid or not safe for a token, a text can't be sent as a header, or the HTTP
    /// client can't be built.
    pub fn build(self) -> Result<PartnerCenter, BuildError> {
        let credential = self.credential.ok_or(BuildError::NoCredential)?;
        let mut cloud = self.cloud;
        if let Some(base_url) = &self.base_url {
            cloud = cloud.with_base_url(base_url)?;
        }
        if let Some(authority) = &self.authority {
            cloud = cloud.with_authority(authority)?;
        }
        let header = |text: Option<String>, what| match text {
            None => Ok(None),
            Some(text) => HeaderValue::try_from(text).map(Some).map_err(|_| BuildError::InvalidHeader { what }),
        };
        let headers = StandingHeaders {
            application: header(self.application_name, "application name")?,
            locale: header(self.locale, "locale")?,
        };
        let version = env!("CARGO_PKG_VERSION");
        let user_agent = format!("partner-center-orders/{version} contract/{}", partner_center_orders_api::CONTRACT);
        #[cfg(feature = "rustls")]
        let tls = {
            let tls = self
                .root_certificates
                .iter()
                .try_fold(TlsSettings::new(), TlsSettings::add_root_certificates)
                .map_err(BuildError::Tls)?;
            if self.http1_only { tls.http1_only() } else { tls }
        };
        let settings = HttpSettings {
            user_agent,
            #[cfg(feature = "rustls")]
            tls,
            configure: self.configure_http,
        };
        let network = Network::new(settings)?;
        let send = self.send.unwrap_or_else(|| Arc::new(network));
        let tenant = self.partner_tenant.as_deref().or(credential.tenant()).unwrap_or_default();
        let rate_limiter = self.rate_limit.of_tenant(tenant);
        let service_time = ServiceTime::default();
        let sign_in = CredentialContext {
            cloud: cloud.clone(),
            send: Arc::new(Dated {
                send: Arc::clone(&send),
                service_time: service_time.clone(),
                clock: Arc::clone(&self.clock),
            }),
            clock: Arc::clone(&self.clock),
            random_source: Arc::clone(&self.random_source),
            token_limit: self.token_limit,
        };
        let tokens = TokenCache::new(credential, sign_in, self.retry.clone(), self.token_timeout);
        let shared = Shared {
            signer: Signer::new(tokens.clone(), cloud.base_url()),
            cloud,
            send,
            tokens,
            rate_limiter,
            retry: self.retry,
            limits: self.limits,
            deadline: self.deadline,
            headers,
            clock: self.clock,
            service_time,
            random_source: self.random_source,
            trace_bodies: self.trace_bodies,
        };
        Ok(PartnerCenter::new(shared))
    }
}

impl From<HttpClientError> for BuildError {
    fn from(error: HttpClientError) -> Self {
        match error {
            HttpClientError::Http(error) => Self::Http(error),
            #[cfg(feature = "rustls")]
            HttpClientError::Tls(error) => Self::Tls(error),
        }
    }
}

impl fmt::Debug for PartnerCenterBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PartnerCenterBuilder")
            .field("credential", &self.credential)
            .field("cloud", &self.cloud)
            .field("base_url", &self.base_url)
            .field("authority", &self.authority)
            .finish_non_exhaustive()
    }
}

/// Why a client could not be built.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// No credential was set.
    #[error("no credential: set one with `credential(…)`")]
    NoCredential,
    /// A URL is invalid, or not safe for tokens and secrets.
    #[error(transparent)]
    InvalidAddress(#[from] InvalidAddress),
    /// A text can't be sent as a header.
    #[error("the {what} contains characters that are not allowed in a header")]
    InvalidHeader {
        /// The text that it is.
        what: &'static str,
    },
    /// The HTTP client can't be built.
    #[error("the HTTP client could not be built")]
    Http(#[source] reqwest::Error),
    /// A root certificate or the crypto provider can't be used.
    #[cfg(feature = "rustls")]
    #[error("TLS can't be set up")]
    Tls(#[source] TlsError),
    /// An environment variable is missing.
    #[error("the environment variable {0} is not set")]
    MissingVariable(&'static str),
    /// An environment variable has a value that is not allowed.
    #[error("invalid value of {name}: expected one of {allowed}")]
    InvalidVariable {
        /// The name of the variable.
        name: &'static str,
        /// The values that are allowed.
        allowed: &'static str,
    },
}
