use std::time::{Duration, SystemTime};

use http::{HeaderMap, HeaderValue, Method, header};
use partner_center_orders_api::runtime::decode;
use partner_center_orders_api::types::{OAuthError, OAuthToken};
use partner_center_orders_api::wire::NumberOrText;
use secrecy::{ExposeSecret, SecretString};
use tokio::time::Instant;
use url::{Url, form_urlencoded};

use super::error::RefusedSignIn;
use super::{AccessToken, CredentialContext, CredentialError, CredentialErrorKind};
use crate::retry_after::retry_after;

/// How long the sign-in service may take over one answer. Our choice.
const PATIENCE: Duration = Duration::from_secs(30);

/// The longest answer that is read. Tokens take a few kilobytes.
const LONGEST_ANSWER: usize = 256 * 1024;

/// The shortest text that is looked for as a secret in what comes back.
const SHORTEST_SECRET: usize = 4;

/// A form on its way to the sign-in service.
pub(super) struct Form {
    url: Url,
    body: String,
    secrets: Vec<SecretString>,
}

/// What a token request gave.
pub(super) struct Granted {
    pub(super) access_token: AccessToken,
    pub(super) refresh_token: Option<SecretString>,
}

/// An answer of the sign-in service, read whole.
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

    /// A field that must not come back in an error.
    pub(super) fn secret(&mut self, name: &str, value: &str) {
        self.field(name, value);
        self.secrets.push(value.into());
    }

    /// Asks for a token.
    pub(super) async fn token(self, sign_in: &CredentialContext) -> Result<Granted, CredentialError> {
        let asked_at = sign_in.now();
        let answer = self.post(sign_in).await?;
        let token: OAuthToken = decode(&answer.body).map_err(|_| {
            // The cause is left out: serde's messages can quote the value that they stumble over.
            CredentialError::new(
                CredentialErrorKind::InvalidResponse,
                "the answer of the sign-in service holds no token",
            )
        })?;
        let lifetime = token.expires_in.as_ref().and_then(NumberOrText::as_i64);
        let expires_at =
            lifetime.and_then(|seconds| asked_at.checked_add(Duration::from_secs(u64::try_from(seconds).ok()?)));
        Ok(Granted {
            access_token: AccessToken { secret: token.access_token.into(), expires_at },
            refresh_token: token.refresh_token.filter(|token| !token.is_empty()).map(SecretString::from),
        })
    }

    /// Sends the form and gives the answer of a success.
    pub(super) async fn post(mut self, sign_in: &CredentialContext) -> Result<TokenResponse, CredentialError> {
        let mut request = reqwest::Request::new(Method::POST, self.url.clone());
        let headers = request.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"));
        headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
        *request.body_mut() = Some(std::mem::take(&mut self.body).into());

        let sent_at = Instant::now();
        let Ok(answer) = tokio::time::timeout(PATIENCE, read(sign_in, request)).await else {
            sign_in.send.gave_up(sent_at.elapsed());
            let what = format!("the sign-in service gave no answer within {} seconds", PATIENCE.as_secs());
            return Err(CredentialError::new(CredentialErrorKind::Unreachable, what));
        };
        let answer = answer?;
        if (200..300).contains(&answer.status) {
            return Ok(answer);
        }
        Err(self.refusal(&answer, sign_in.now()))
    }

    fn refusal(&self, answer: &TokenResponse, now: SystemTime) -> CredentialError {
        let fault: Option<OAuthError> = decode(&answer.body).ok();
        let (error, description, codes, trace_id) = match fault {
            Some(fault) => (Some(fault.error), fault.error_description, fault.error_codes, fault.trace_id),
            None => (None, None, None, None),
        };
        CredentialError::answered(RefusedSignIn {
            status: answer.status,
            retry_after: retry_after(&answer.headers, now),
            error: error.map(|text| self.blot(text)),
            description: description.map(|text| self.blot(text)),
            codes: codes.unwrap_or_default(),
            trace_id: trace_id.map(|text| self.blot(text)),
        })
    }

    /// The text without the secrets of this form.
    fn blot(&self, text: String) -> String {
        self.secrets
            .iter()
            .map(ExposeSecret::expose_secret)
            // Shorter ones are part of ordinary words.
            .filter(|secret| secret.len() >= SHORTEST_SECRET)
            .fold(text, |text, secret| if text.contains(secret) { text.replace(secret, "[secret]") } else { text })
    }
}

async fn read(sign_in: &CredentialContext, request: reqwest::Request) -> Result<TokenResponse, CredentialError> {
    let unreachable = |error| {
        CredentialError::caused(CredentialErrorKind::Unreachable, "the sign-in service could not be reached", error)
    };
    let mut response = sign_in.send.send(request).await.map_err(unreachable)?;
    let mut body = Vec::new();
    loop {
        match response.chunk().await {
            Ok(Some(chunk)) if body.len() + chunk.len() <= LONGEST_ANSWER => body.extend_from_slice(&chunk),
            Ok(Some(_)) => {
                let what = "the answer of the sign-in service is longer than any token's";
                return Err(CredentialError::new(CredentialErrorKind::InvalidResponse, what));
            }
            Ok(None) => break,
            Err(error) => {
                let what = "the answer of the sign-in service broke off";
                return Err(CredentialError::caused(CredentialErrorKind::Unreachable, what, error.without_url()));
            }
        }
    }
    Ok(TokenResponse { status: response.status().as_u16(), headers: std::mem::take(response.headers_mut()), body })
}
