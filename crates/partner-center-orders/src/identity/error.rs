use std::error::Error;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use partner_center_orders_api::runtime::Escaped;

/// Why no token was to be had, and what to do about it.
///
/// Its `Display` is one line, control characters escaped, with the sign-in service's own words (a secret that they repeat is blotted out) and a remedy.
#[derive(Clone)]
pub struct CredentialError {
    details: Arc<Details>,
    retry_after: Option<Duration>,
}

struct Details {
    kind: CredentialErrorKind,
    what: String,
    error: Option<String>,
    codes: Vec<i64>,
    trace_id: Option<String>,
    status: Option<u16>,
    source: Option<Box<dyn Error + Send + Sync>>,
}

/// Why no token was to be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CredentialErrorKind {
    /// The user must sign in again, with multi-factor authentication (`interaction_required`, `AADSTS50076` and kin).
    InteractionRequired,
    /// The refresh token or code is no longer good (`invalid_grant`).
    GrantRejected,
    /// The app's secret or certificate was refused (`invalid_client`).
    ClientRejected,
    /// The signed assertion lies outside its time (`AADSTS700024`): this machine's clock is off.
    ClockSkew,
    /// The app is unknown there, or may not do this (`unauthorized_client`).
    AppRejected,
    /// Nobody consented to what the app asks for (`consent_required`, `AADSTS65001`).
    ConsentMissing,
    /// The tenant is unknown (`AADSTS90002`).
    TenantUnknown,
    /// The user said no, or let the time pass.
    Declined,
    /// The sign-in service asks to come back later, or is in trouble.
    Unavailable,
    /// The sign-in service could not be reached.
    Unreachable,
    /// The credential gave no token in time: see
    /// [`PartnerCenterBuilder::token_timeout`](crate::PartnerCenterBuilder::token_timeout).
    Timeout,
    /// The answer is none that a sign-in service gives.
    InvalidResponse,
    /// The token store failed, and there is no other refresh token.
    Store,
    /// What the credential was given can't be right.
    Configuration,
    /// Anything else.
    Other,
}

impl CredentialErrorKind {
    /// What to do about it.
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
                "check that the app is registered in this tenant and cloud, and may use this kind of sign-in"
            }
            Self::ConsentMissing => "have an administrator consent to the app's permissions for Partner Center",
            Self::TenantUnknown => "check the tenant's id or domain, and the cloud",
            Self::Declined => "start the sign-in again",
            Self::Unavailable => "try again later",
            Self::Unreachable => "check the network, the proxy and the authority's address",
            Self::Timeout => "see what the credential waits for, or allow it more time",
            Self::InvalidResponse => "check the authority's address, and what stands between here and there",
            Self::Store => "see to the token store",
            Self::Configuration => "mend the credential's configuration",
            Self::Other => "see the cause",
        }
    }
}

impl CredentialError {
    /// An error of a kind, said in one line.
    pub fn new(kind: CredentialErrorKind, what: impl Into<String>) -> Self {
        Self::from(Details::new(kind, what.into()))
    }

    /// An error of another token library.
    pub fn other(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        let source = source.into();
        Self::caused(CredentialErrorKind::Other, source.to_string(), source)
    }

    pub(super) fn caused(
        kind: CredentialErrorKind,
        what: impl Into<String>,
        source: impl Into<Box<dyn Error + Send + Sync>>,
    ) -> Self {
        Self::from(Details { source: Some(source.into()), ..Details::new(kind, what.into()) })
    }

    /// What the sign-in service answered.
    pub(super) fn answered(answer: RefusedSignIn) -> Self {
        let kind = kind_of(&answer);
        let what = match &answer.description {
            Some(description) => first_line(description).to_owned(),
            None => format!("the sign-in service answered with status {}", answer.status),
        };
        let retry_after = answer.retry_after;
        let details = Details {
            error: answer.error,
            codes: answer.codes,
            trace_id: answer.trace_id,
            status: Some(answer.status),
            ..Details::new(kind, what)
        };
        Self { retry_after, ..Self::from(details) }
    }

    /// The same error with how long to wait before a token is asked for again. Where that [can
    /// help](Self::is_transient), all calls wait that long.
    ///
    /// ```
    /// use std::time::Duration;
    /// use partner_center_orders::identity::{CredentialError, CredentialErrorKind};
    ///
    /// let error = CredentialError::new(CredentialErrorKind::Unavailable, "the vault is sealed");
    /// assert_eq!(error.with_retry_after(Duration::from_secs(30)).retry_after(), Some(Duration::from_secs(30)));
    /// ```
    #[must_use]
    pub fn with_retry_after(self, wait: Duration) -> Self {
        Self { retry_after: Some(wait), ..self }
    }

    /// The kind of error.
    pub fn kind(&self) -> CredentialErrorKind {
        self.details.kind
    }

    /// OAuth's name for it, such as `invalid_grant`.
    pub fn oauth_error(&self) -> Option<&str> {
        self.details.error.as_deref()
    }

    /// The sign-in service's numbers for it: `50076` for `AADSTS50076`.
    pub fn codes(&self) -> &[i64] {
        &self.details.codes
    }

    /// What the sign-in service's support asks for.
    pub fn trace_id(&self) -> Option<&str> {
        self.details.trace_id.as_deref()
    }

    /// The HTTP status of the sign-in service's answer.
    pub fn status(&self) -> Option<u16> {
        self.details.status
    }

    /// How long the sign-in service asks to wait.
    pub fn retry_after(&self) -> Option<Duration> {
        self.retry_after
    }

    /// Whether trying again later can help.
    pub fn is_transient(&self) -> bool {
        use CredentialErrorKind::{Timeout, Unavailable, Unreachable};
        matches!(self.details.kind, Unavailable | Unreachable | Timeout)
    }
}

impl From<Details> for CredentialError {
    fn from(details: Details) -> Self {
        Self { details: Arc::new(details), retry_after: None }
    }
}

impl Details {
    fn new(kind: CredentialErrorKind, what: String) -> Self {
        Self { kind, what, error: None, codes: Vec::new(), trace_id: None, status: None, source: None }
    }
}

impl fmt::Display for CredentialError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no token: ")?;
        if let Some(error) = &self.details.error {
            write!(f, "{}: ", Escaped(error))?;
        }
        write!(f, "{} ({})", Escaped(&self.details.what), self.details.kind.remedy())
    }
}

impl fmt::Debug for CredentialError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CredentialError")
            .field("kind", &self.details.kind)
            .field("what", &self.details.what)
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

/// A refusal by the sign-in service, with secrets blotted out already.
pub(super) struct RefusedSignIn {
    pub(super) status: u16,
    pub(super) retry_after: Option<Duration>,
    pub(super) error: Option<String>,
    pub(super) description: Option<String>,
    pub(super) codes: Vec<i64>,
    pub(super) trace_id: Option<String>,
}

/// The kind by OAuth's names; the service's own numbers refine it where they are well known, as they may change.
fn kind_of(answer: &RefusedSignIn) -> CredentialErrorKind {
    use CredentialErrorKind as Kind;
    let by_code = answer.codes.iter().find_map(|code| match code {
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
    match answer.error.as_deref() {
        Some("interaction_required" | "login_required") => Kind::InteractionRequired,
        Some("consent_required") => Kind::ConsentMissing,
        Some("invalid_grant") => Kind::GrantRejected,
        Some("invalid_client") => Kind::ClientRejected,
        Some("unauthorized_client") => Kind::AppRejected,
        Some("authorization_declined" | "access_denied" | "expired_token" | "code_expired") => Kind::Declined,
        Some("temporarily_unavailable" | "server_error") => Kind::Unavailable,
        _ if answer.status == 408 || answer.status == 429 || answer.status >= 500 => Kind::Unavailable,
        Some(_) => Kind::Other,
        None => Kind::InvalidResponse,
    }
}

/// The service puts ids and time on lines of their own below the sentence that matters.
fn first_line(description: &str) -> &str {
    let line = description.lines().next().unwrap_or_default();
    line.split(" Trace ID:").next().unwrap_or(line).trim()
}
