//! Requests to the identity platform.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Utc};
use http::header::AUTHORIZATION;
use http::{HeaderMap, Method};

use super::token_error::TokenError;
use crate::settings::Settings;
use crate::wire::path::Pairs;

/// The version of an endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Version {
    V1,
    V2,
}

/// A request to the identity platform.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Call<'a> {
    pub(crate) method: &'a Method,
    /// The origin under which the client reached the server, such as `http://127.0.0.1:8080`.
    pub(crate) authority: &'a str,
    pub(crate) tenant: &'a str,
    pub(crate) query: &'a Pairs,
    pub(crate) headers: &'a HeaderMap,
    pub(crate) form: &'a Pairs,
    pub(crate) settings: &'a Settings,
    pub(crate) now: DateTime<Utc>,
}

impl Call<'_> {
    /// Returns a parameter of the form or, if it is absent there, of the query.
    pub(super) fn parameter(&self, name: &str) -> Option<&str> {
        self.form.get(name).or_else(|| self.query.get(name)).filter(|value| !value.is_empty())
    }
}

/// The requested scopes in addition to the resource.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Scopes {
    pub(super) openid: bool,
    pub(super) offline: bool,
}

/// Returns the resource that a request names, and the other scopes. `None` if it names no resource.
pub(super) fn resource(version: Version, call: &Call<'_>) -> Result<Option<(String, Scopes)>, TokenError> {
    match version {
        Version::V1 => {
            let openid = call.parameter("scope").is_some_and(|scope| scope.split(' ').any(|scope| scope == "openid"));
            Ok(call.parameter("resource").map(|resource| (resource.to_owned(), Scopes { openid, offline: true })))
        }
        Version::V2 => {
            let Some(scope) = call.parameter("scope") else { return Ok(None) };
            let mut scopes = Scopes::default();
            let mut resource: Option<&str> = None;
            for scope in scope.split(' ').filter(|scope| !scope.is_empty()) {
                match scope {
                    "openid" => scopes.openid = true,
                    "offline_access" => scopes.offline = true,
                    "profile" | "email" => {}
                    _ => {
                        let named = scope.rsplit_once('/').map(|(resource, _)| resource);
                        let named = named.ok_or(TokenError::new(
                            "invalid_scope",
                            70011,
                            "A scope names no resource: it must be `{resource}/{scope}`.",
                        ))?;
                        if resource.is_some_and(|known| known != named) {
                            return Err(TokenError::new(
                                "invalid_request",
                                28000,
                                "The scopes name several resources.",
                            ));
                        }
                        resource = Some(named);
                    }
                }
            }
            Ok(resource.map(|resource| (resource.to_owned(), scopes)))
        }
    }
}

/// Returns client id and secret from an `Authorization: Basic` header, in which each of them is form-encoded.
pub(super) fn basic_credentials(headers: &HeaderMap) -> Option<(String, String)> {
    let encoded = headers.get(AUTHORIZATION)?.to_str().ok()?.strip_prefix("Basic ")?;
    let pair = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
    let (id, secret) = pair.split_once(':')?;
    let decode = |text: &str| form_urlencoded::parse(text.as_bytes()).next().map(|(key, _)| key.into_owned());
    Some((decode(id)?, decode(secret).unwrap_or_default()))
}
