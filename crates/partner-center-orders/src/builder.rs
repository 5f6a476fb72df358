//! How a client is built.

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
    Configure, Dated, HttpClientError, Limits, Network, RateLimit, Recipe, Shared, Signer, StandingHeaders,
};

/// How long a call may take in all, unless it says otherwise: the .NET SDK's timeout.
const DEADLINE: Duration = Duration::from_secs(180);
/// How long one attempt may take. Our choice.
const ATTEMPT: Duration = Duration::from_secs(60);
/// How long a credential may take for a token. Our choice: twice what a refresh token takes at most, with its store.
const TOKEN_TIMEOUT: Duration = Duration::from_secs(120);
/// The longest token. Our choice: those of the sign-in service take a few kilobytes.
const TOKEN_LIMIT: usize = 64 << 10;

impl PartnerCenter {
    /// Starts building a client.
    pub fn builder() -> PartnerCenterBuilder {
        PartnerCenterBuilder::default()
    }
}

/// Settings of a [`PartnerCenter`]. Only the credential must be given.
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
    throttle: RateLimit,
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
            throttle: RateLimit::default(),
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
    /// Whom calls are made for.
    pub fn credential(mut self, credential: impl Credential + 'static) -> Self {
        self.credential = Some(Arc::new(credential));
        self
    }

    /// The cloud; by default the global one.
    pub fn cloud(mut self, cloud: Cloud) -> Self {
        self.cloud = cloud;
        self
    }

    /// The API at another address than the cloud's, down to its version: `http://127.0.0.1:8080/v1`.
    pub fn base_url(mut self, base_url: impl Into<String>) -> Self {
        self.base_url = Some(base_url.into());
        self
    }

    /// The sign-in at another address than the cloud's: `http://127.0.0.1:8080`.
    pub fn authority(mut self, authority: impl Into<String>) -> Self {
        self.authority = Some(authority.into());
        self
    }

    /// The partner's tenant, by which the pace is kept. Without it, the credential's.
    pub fn partner_tenant(mut self, tenant: impl Into<String>) -> Self {
        self.partner_tenant = Some(tenant.into());
        self
    }

    /// The application's name, which goes along with each call (`MS-PartnerCenter-Application`).
    pub fn application_name(mut self, name: impl Into<String>) -> Self {
        self.application_name = Some(name.into());
        self
    }

    /// The language of texts in answers (`X-Locale`), for calls that don't say. The service takes `en-US` otherwise.
    pub fn locale(mut self, locale: impl Into<String>) -> Self {
        self.locale = Some(locale.into());
        self
    }

    /// How long a call may take in all, for calls that don't say. By default 3 minutes, as the .NET SDK; none for no end.
    pub fn deadline(mut self, deadline: impl Into<Option<Duration>>) -> Self {
        self.deadline = deadline.into();
        self
    }

    /// How long one attempt may take, and how long a stream may keep silent. By default one minute.
    pub fn attempt_timeout(mut self, time: Duration) -> Self {
        self.limits.time = time;
        self
    }

    /// How long the credential may take for a token. By default 2 minutes. A renewal that takes longer is dropped, and the
    /// next call begins another. A credential that waits for people has a [limit of its own](Credential::time_limit).
    pub fn token_timeout(mut self, time: Duration) -> Self {
        self.token_timeout = time;
        self
    }

    /// The longest token that is sent, access or refresh token, in bytes. By default 64 KiB.
    pub fn token_limit(mut self, bytes: usize) -> Self {
        self.token_limit = bytes;
        self
    }

    /// The longest body that is read whole, in bytes, counted after decompression: an answer, a download that is read into
    /// memory, a file that is uploaded from a path. By default 256 MiB. Streams have no limit. Of refusals, no more than
    /// the first mebibyte is kept.
    pub fn body_limit(mut self, bytes: usize) -> Self {
        self.limits.body = bytes;
        self
    }

    /// How calls are repeated.
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.retry = policy;
        self
    }

    /// The pace, to share one between clients that are built apart. By default 500 calls a minute.
    pub fn rate_limit(mut self, throttle: RateLimit) -> Self {
        self.throttle = throttle;
        self
    }

    /// So many requests a minute, in place of 500.
    pub fn requests_per_minute(mut self, requests: NonZeroU32) -> Self {
        self.throttle = self.throttle.per_minute(requests);
        self
    }

    /// Tells bodies of requests and answers to `tracing`, at level trace. Those that hold activation links are never told.
    pub fn trace_bodies(mut self, tell: bool) -> Self {
        self.trace_bodies = tell;
        self
    }

    /// Trusts the certificate authorities in this PEM text, in addition to the platform's: a company's own, for instance.
    #[cfg(feature = "rustls")]
    pub fn add_root_certificates(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.root_certificates.push(pem.into());
        self
    }

    /// Uses HTTP/1.1 only, where something between here and the service can't take HTTP/2.
    #[cfg(feature = "rustls")]
    pub fn http1_only(mut self) -> Self {
        self.http1_only = true;
        self
    }

    /// Changes the HTTP client's settings: a proxy, a resolver. Redirects stay off: they would carry the token elsewhere. The
    /// user agent names this crate and the contract that it was generated from, unless it is set here.
    ///
    /// With the feature `rustls`, the client brings its crypto provider (the program's default one, or else ring) in a complete
    /// TLS configuration, and reqwest's own TLS settings, `http1_only` among them, have no effect. Call `add_root_certificates`
    /// and `http1_only` of this builder, or hand over a configuration with `tls_backend_preconfigured`.
    ///
    /// It is called for each HTTP client that is made, which may be several, some of them later, and should do the same
    /// each time.
    ///
    /// Proxies are for https only, be they set here or in the environment: they are asked for a tunnel (`CONNECT`), and
    /// can't read what goes through it. Plain http, which leads to loopback only, never takes a proxy, as tokens and secrets
    /// would reach it unencrypted.
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

    /// Sends by other means than the network: into a service in memory, for instance.
    pub fn send_with(mut self, send: impl SendRequest + 'static) -> Self {
        self.send = Some(Arc::new(send));
        self
    }

    /// The time of day, for tests. Waits are tokio's.
    pub fn clock(mut self, clock: impl Clock + 'static) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// The source of random numbers, for tests.
    pub fn random_source(mut self, random_source: impl RandomSource + 'static) -> Self {
        self.random_source = Arc::new(random_source);
        self
    }

    /// Builds the client. Nothing is sent yet.
    ///
    /// # Errors
    ///
    /// When there is no credential, an address is none or not safe for a token, a text can't be sent as a header, or the
    /// HTTP client can't be built.
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
        let recipe = Recipe {
            user_agent,
            #[cfg(feature = "rustls")]
            tls,
            steps: self.configure_http,
        };
        let network = Network::new(recipe)?;
        let http = network.builder();
        let send = self.send.unwrap_or_else(|| Arc::new(network));
        let tenant = self.partner_tenant.as_deref().or(credential.tenant()).unwrap_or_default();
        let rate_limiter = self.throttle.of_tenant(tenant);
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
            http,
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

/// Why no client could be built.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// Nobody to sign in.
    #[error("no credential: give one with `credential(…)`")]
    NoCredential,
    /// An address is none, or not safe for tokens and secrets.
    #[error(transparent)]
    InvalidAddress(#[from] InvalidAddress),
    /// A text can't be sent as a header.
    #[error("the {what} holds characters that no header may hold")]
    InvalidHeader {
        /// Which text.
        what: &'static str,
    },
    /// The HTTP client can't be built.
    #[error("the HTTP client could not be built")]
    Http(#[source] reqwest::Error),
    /// A root certificate or the crypto provider can't be used.
    #[cfg(feature = "rustls")]
    #[error("TLS can't be set up")]
    Tls(#[source] TlsError),
    /// A variable of the environment is missing.
    #[error("the environment has no {0}")]
    MissingVariable(&'static str),
    /// A variable of the environment can't be right.
    #[error("{name} is none of {allowed}")]
    InvalidVariable {
        /// The variable.
        name: &'static str,
        /// What it may hold.
        allowed: &'static str,
    },
}
