use std::time::{Duration, SystemTime};

use http::{HeaderMap, HeaderValue, Method, header};
use partner_center_orders_api::runtime::{TransportError, decode};
use partner_center_orders_api::types::{OAuthError, OAuthToken};
use partner_center_orders_api::wire::NumberOrText;
use secrecy::{ExposeSecret, SecretString};
use tokio::time::Instant;
use url::{Position, Url, form_urlencoded};

use super::error::OAuthErrorResponse;
use super::{AccessToken, CredentialContext, CredentialError, CredentialErrorKind};
use crate::retry_after::retry_after;

/// The time in which the identity platform must respond. Our choice.
const RESPONSE_TIMEOUT: Duration = Duration::from_secs(30);

/// The longest response that is read, in bytes. Tokens take a few kilobytes.
const MAX_RESPONSE_LENGTH: usize = 256 * 1024;

/// The length from which a secret is redacted in responses. Shorter ones are part of ordinary words.
const MIN_SECRET_LENGTH: usize = 4;

/// A form to be posted to the identity platform.
pub(super) struct Form {
    url: Url,
    body: String,
    secrets: Vec<SecretString>,
}

/// The tokens of a successful response.
pub(super) struct Tokens {
    pub(super) access_token: AccessToken,
    pub(super) refresh_token: Option<SecretString>,
}

/// A response of the identity platform with its whole body.
pub(super) struct TokenResponse {
    status: u16,
    headers: HeaderMap,
    pub(super) body: Vec<u8>,
}

impl Form {
    pub(super) fn to(url: Url) -> Self {
        Self { url, body: String::new(), secrets: Vec::new() }
    }

    #[cfg(feature = "client-certificate")]
    pub(super) fn url(&self) -> &Url {
        &self.url
    }

    pub(super) fn field(&mut self, name: &str, value: &str) {
        form_urlencoded::Serializer::for_suffix(&mut self.body, 0).append_pair(name, value);
    }

    /// Adds a field whose value is redacted in errors.
    pub(super) fn secret(&mut self, name: &str, value: &str) {
        self.field(name, value);
        self.secrets.push(value.into());
    }

    /// Requests a token.
    pub(super) async fn token(self, context: &CredentialContext) -> Result<Tokens, CredentialError> {
        let requested_at = context.now();
        let response = self.post(context).await?;
        let token: OAuthToken = decode(&response.body).map_err(|_| {
            // Without the cause: serde's messages can quote values.
            CredentialError::new(
                CredentialErrorKind::InvalidResponse,
                "the response of the identity platform holds no token",
            )
        })?;
        let lifetime = token.expires_in.as_ref().and_then(NumberOrText::as_i64);
        let expires_at =
            lifetime.and_then(|seconds| requested_at.checked_add(Duration::from_secs(u64::try_from(seconds).ok()?)));
        Ok(Tokens {
            access_token: AccessToken { secret: token.access_token.into(), expires_at },
            refresh_token: token.refresh_token.filter(|token| !token.is_empty()).map(SecretString::from),
        })
    }

    /// Sends the form; returns the response if it is a success.
    pub(super) async fn post(mut self, context: &CredentialContext) -> Result<TokenResponse, CredentialError> {
        let mut request = reqwest::Request::new(Method::POST, self.url.clone());
        let headers = request.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"));
        headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
        *request.body_mut() = Some(std::mem::take(&mut self.body).into());

        let sent_at = Instant::now();
        let Ok(response) = tokio::time::timeout(RESPONSE_TIMEOUT, read(context, request)).await else {
            context.send.gave_up(sent_at.elapsed());
            let (host, time) = (host(&self.url), RESPONSE_TIMEOUT.as_secs());
            let message = format!("the identity platform at {host} did not respond within {time} seconds");
            return Err(CredentialError::new(CredentialErrorKind::Unreachable, message));
        };
        let response = response?;
        if (200..300).contains(&response.status) {
            return Ok(response);
        }
        Err(self.error(&response, context.now()))
    }

    fn error(&self, response: &TokenResponse, now: SystemTime) -> CredentialError {
        let fault: Option<OAuthError> = decode(&response.body).ok();
        let (error, description, codes, trace_id) = match fault {
            Some(fault) => (Some(fault.error), fault.error_description, fault.error_codes, fault.trace_id),
            None => (None, None, None, None),
        };
        CredentialError::of_response(OAuthErrorResponse {
            status: response.status,
            retry_after: retry_after(&response.headers, now),
            error: error.map(|text| self.redacted(text)),
            description: description.map(|text| self.redacted(text)),
            codes: codes.unwrap_or_default(),
            trace_id: trace_id.map(|text| self.redacted(text)),
        })
    }

    /// The text without the secrets of this form.
    fn redacted(&self, text: String) -> String {
        self.secrets
            .iter()
            .map(ExposeSecret::expose_secret)
            .filter(|secret| secret.len() >= MIN_SECRET_LENGTH)
            .fold(text, |text, secret| if text.contains(secret) { text.replace(secret, "[secret]") } else { text })
    }
}

async fn read(context: &CredentialContext, request: reqwest::Request) -> Result<TokenResponse, CredentialError> {
    let host = host(request.url()).to_owned();
    let mut response = context.send.send(request).await.map_err(|error: TransportError| {
        let message = format!("the identity platform at {host} could not be reached");
        CredentialError::with_source(CredentialErrorKind::Unreachable, message, error)
    })?;
    let mut body = Vec::new();
    loop {
        match response.chunk().await {
            Ok(Some(chunk)) if body.len() + chunk.len() <= MAX_RESPONSE_LENGTH => body.extend_from_slice(&chunk),
            Ok(Some(_)) => {
                let message = "the response of the identity platform is longer than any token's";
                return Err(CredentialError::new(CredentialErrorKind::InvalidResponse, message));
            }
            Ok(None) => break,
            Err(error) => {
                let message = format!("the connection to the identity platform at {host} broke");
                return Err(CredentialError::with_source(
                    CredentialErrorKind::Unreachable,
                    message,
                    error.without_url(),
                ));
            }
        }
    }
    Ok(TokenResponse { status: response.status().as_u16(), headers: std::mem::take(response.headers_mut()), body })
}

/// The host of an address, and its port if it isn't the usual one.
fn host(url: &Url) -> &str {
    &url[Position::BeforeHost..Position::AfterPort]
}
