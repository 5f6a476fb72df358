use std::error::Error;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use partner_center_orders_api::runtime::Escaped;

/// The reason why a credential returned no token, and a remedy.
///
/// Its `Display` is one line, control characters escaped, with the identity platform's own message (secrets that it repeats
/// are redacted) and a remedy.
#[derive(Clone)]
pub struct CredentialError {
    details: Arc<Details>,
    retry_after: Option<Duration>,
}

struct Details {
    kind: CredentialErrorKind,
    message: String,
    error: Option<String>,
    codes: Vec<i64>,
    trace_id: Option<String>,
    status: Option<u16>,
    source: Option<Box<dyn Error + Send + Sync>>,
}

/// The kind of a [`CredentialError`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CredentialErrorKind {
    /// The user must sign in again, with multi-factor authentication (`interaction_required`, `AADSTS50076` and others).
    InteractionRequired,
    /// The refresh token or code is no longer valid (`invalid_grant`).
    GrantRejected,
    /// The app's secret or certificate was rejected (`invalid_client`).
    ClientRejected,
    /// The signed assertion is outside its period of validity (`AADSTS700024`): this machine's clock is off.
    ClockSkew,
    /// The app is unknown in the tenant, or may not authenticate like this (`unauthorized_client`).
    AppRejected,
    /// No consent was given to the app's permissions (`consent_required`, `AADSTS65001`).
    ConsentMissing,
    /// The tenant is unknown (`AADSTS90002`).
    TenantUnknown,
    /// The user declined, or did not sign in in time.
    Declined,
    /// The identity platform asks to come back later, or has a fault.
    Unavailable,
    /// The identity platform could not be reached.
    Unreachable,
    /// The credential returned no token in time: see
    /// [`PartnerCenterBuilder::token_timeout`](crate::PartnerCenterBuilder::token_timeout).
    Timeout,
    /// The response isn't one of an identity platform.
    InvalidResponse,
    /// The token store failed, and there is no other refresh token.
    Store,
    /// The credential's configuration is invalid.
    Configuration,
    /// Any other error.
    Other,
}

impl CredentialErrorKind {
    fn remedy(self) -> &'static str {
        match self {
            Self::InteractionRequired => {
                "sign the user in again with multi-factor authentication, and use the refresh token from there"
            }
            Self::GrantRejected => {
                "sign the user in again: refresh tokens end by age, disuse, password change or revocation"
            }
            Self::ClientRejected => {
                "check client id and secret (its value, not its id) or certificate, and whether it has expired"
            }
            Self::ClockSkew => "set this machine's clock",
            Self::AppRejected => {
                "check that the app is registered in this tenant and cloud, and may use this kind of authentication"
            }
            Self::ConsentMissing => "have an administrator consent to the app's permissions for Partner Center",
            Self::TenantUnknown => "check the tenant's id or domain, and the cloud",
            Self::Declined => "start to sign in again",
            Self::Unavailable => "try again later",
            Self::Unreachable => "check the network, the proxy and the authority's address",
            Self::Timeout => "see what the credential waits for, or allow it more time",
            Self::InvalidResponse => "check the authority's address, and whether a proxy or gateway responded",
            Self::Store => "check the token store",
            Self::Configuration => "correct the credential's configuration",
            Self::Other => "see the cause",
        }
    }
}

impl CredentialError {
    /// An error of this kind with a message of one line.
    pub fn new(kind: CredentialErrorKind, message: impl Into<String>) -> Self {
        Self::from(Details::new(kind, message.into()))
    }

    /// An error of another token library, which becomes the [`source`](Error::source).
    pub fn other(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::with_source(CredentialErrorKind::Other, "the credential failed", source)
    }

    /// An error whose message doesn't repeat its source.
    pub(super) fn with_source(
        kind: CredentialErrorKind,
        message: impl Into<String>,
        source: impl Into<Box<dyn Error + Send + Sync>>,
    ) -> Self {
        Self::from(Details { source: Some(source.into()), ..Details::new(kind, message.into()) })
    }

    /// The error in a response of the identity platform.
    pub(super) fn of_response(response: OAuthErrorResponse) -> Self {
        let kind = kind_of(&response);
        let message = match &response.description {
            Some(description) => first_line(description).to_owned(),
            None => format!("the identity platform responded with status {}", response.status),
        };
        let retry_after = response.retry_after;
        let details = Details {
            error: response.error,
            codes: response.codes,
            trace_id: response.trace_id,
            status: Some(response.status),
            ..Details::new(kind, message)
        };
        Self { retry_after, ..Self::from(details) }
    }

    /// Sets the delay before a token is requested again. If the error [is transient](Self::is_transient), all calls wait
    /// that long.
    ///
    /// ```
    /// use std::time::Duration;
    /// use partner_center_orders::identity::{CredentialError, CredentialErrorKind};
    ///
    /// let error = CredentialError::new(CredentialErrorKind::Unavailable, "the vault is sealed");
    /// assert_eq!(error.with_retry_after(Duration::from_secs(30)).retry_after(), Some(Duration::from_secs(30)));
    /// ```
    #[must_use]
    pub fn with_retry_after(self, delay: Duration) -> Self {
        Self { retry_after: Some(delay), ..self }
    }

    /// The kind of error.
    pub fn kind(&self) -> CredentialErrorKind {
        self.details.kind
    }

    /// The error's name in OAuth, such as `invalid_grant`.
    pub fn oauth_error(&self) -> Option<&str> {
        self.details.error.as_deref()
    }

    /// The identity platform's numbers for the error: `50076` for `AADSTS50076`.
    pub fn codes(&self) -> &[i64] {
        &self.details.codes
    }

    /// The identity platform's trace id, which its support asks for.
    pub fn trace_id(&self) -> Option<&str> {
        self.details.trace_id.as_deref()
    }

    /// The HTTP status of the identity platform's response.
    pub fn status(&self) -> Option<u16> {
        self.details.status
    }

    /// The delay that the identity platform asks for.
    pub fn retry_after(&self) -> Option<Duration> {
        self.retry_after
    }

    /// Whether trying again later can help.
    pub fn is_transient(&self) -> bool {
        use CredentialErrorKind::{Timeout, Unavailable, Unreachable};
        matches!(self.details.kind, Unavailable | Unreachable | Timeout)
    }

    /// The error with its causes on one line, for logs.
    pub(super) fn chain(&self) -> String {
        let causes = std::iter::successors(self.source(), |cause| (*cause).source());
        causes.fold(self.to_string(), |line, cause| format!("{line}: {}", Escaped(cause)))
    }
}

impl From<Details> for CredentialError {
    fn from(details: Details) -> Self {
        Self { details: Arc::new(details), retry_after: None }
    }
}

impl Details {
    fn new(kind: CredentialErrorKind, message: String) -> Self {
        Self { kind, message, error: None, codes: Vec::new(), trace_id: None, status: None, source: None }
    }
}

impl fmt::Display for CredentialError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no token: ")?;
        if let Some(error) = &self.details.error {
            write!(f, "{}: ", Escaped(error))?;
        }
        write!(f, "{}", Escaped(&self.details.message))?;
        if self.details.kind == CredentialErrorKind::Other && self.details.source.is_none() {
            return Ok(());
        }
        write!(f, " ({})", self.details.kind.remedy())
    }
}

impl fmt::Debug for CredentialError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CredentialError")
            .field("kind", &self.details.kind)
            .field("message", &self.details.message)
            .field("error", &self.details.error)
            .field("codes", &self.details.codes)
            .field("trace_id", &self.details.trace_id)
            .field("status", &self.details.status)
            .field("source", &self.details.source)
            .finish_non_exhaustive()
    }
}

impl Error for CredentialError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.details.source.as_deref().map(|source| source as _)
    }
}

/// An error response of the identity platform, with secrets redacted.
pub(super) struct OAuthErrorResponse {
    pub(super) status: u16,
    pub(super) retry_after: Option<Duration>,
    pub(super) error: Option<String>,
    pub(super) description: Option<String>,
    pub(super) codes: Vec<i64>,
    pub(super) trace_id: Option<String>,
}

/// The kind by OAuth's names, refined by the platform's own numbers where they are well known, as they may change.
fn kind_of(response: &OAuthErrorResponse) -> CredentialErrorKind {
    use CredentialErrorKind as Kind;
    let by_code = response.codes.iter().find_map(|code| match code {
        50_072 | 50_074 | 50_076 | 50_079 | 50_158 => Some(Kind::InteractionRequired),
        65_001 => Some(Kind::ConsentMissing),
        90_002 => Some(Kind::TenantUnknown),
        700_016 => Some(Kind::AppRejected),
        700_024 => Some(Kind::ClockSkew),
        _ => None,
    });
    if let Some(kind) = by_code {
        return kind;
    }
    match response.error.as_deref() {
        Some("interaction_required" | "login_required") => Kind::InteractionRequired,
        Some("consent_required") => Kind::ConsentMissing,
        Some("invalid_grant") => Kind::GrantRejected,
        Some("invalid_client") => Kind::ClientRejected,
        Some("unauthorized_client") => Kind::AppRejected,
        Some("authorization_declined" | "access_denied" | "expired_token" | "code_expired") => Kind::Declined,
        Some("temporarily_unavailable" | "server_error") => Kind::Unavailable,
        _ if response.status == 408 || response.status == 429 || response.status >= 500 => Kind::Unavailable,
        Some(_) => Kind::Other,
        None => Kind::InvalidResponse,
    }
}

/// The platform writes ids and time on lines of their own below the sentence that matters.
fn first_line(description: &str) -> &str {
    let line = description.lines().next().unwrap_or_default();
    line.split(" Trace ID:").next().unwrap_or(line).trim()
}
