//! Requests to the authorization server.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Utc};
use http::header::AUTHORIZATION;
use http::{HeaderMap, Method};

use super::token_error::TokenError;
use crate::settings::Settings;
use crate::wire::path::Pairs;

/// Which version of the endpoints a request came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Version {
    V1,
    V2,
}

/// A request to the sign-in service.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Call<'a> {
    pub(crate) method: &'a Method,
    /// Where the client reached the service, such as `http://127.0.0.1:8080`.
    pub(crate) authority: &'a str,
    pub(crate) tenant: &'a str,
    pub(crate) query: &'a Pairs,
    pub(crate) headers: &'a HeaderMap,
    pub(crate) form: &'a Pairs,
    pub(crate) settings: &'a Settings,
    pub(crate) now: DateTime<Utc>,
}

impl Call<'_> {
    /// A parameter from the form, or else from the query.
    pub(super) fn parameter(&self, name: &str) -> Option<&str> {
        self.form.get(name).or_else(|| self.query.get(name)).filter(|value| !value.is_empty())
    }
}

/// What was asked for besides the resource.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Scopes {
    pub(super) openid: bool,
    pub(super) offline: bool,
}

/// The resource that a request names, without what of it is wanted, and the scopes besides. `None` if it names none.
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
                        let named =
                            named.ok_or(TokenError::new("invalid_scope", 70011, "A scope names no resource."))?;
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

/// Client id and secret from an `Authorization: Basic` header, each of which is form-encoded within.
pub(super) fn basic_credentials(headers: &HeaderMap) -> Option<(String, String)> {
    let encoded = headers.get(AUTHORIZATION)?.to_str().ok()?.strip_prefix("Basic ")?;
    let pair = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
    let (id, secret) = pair.split_once(':')?;
    let decode = |text: &str| form_urlencoded::parse(text.as_bytes()).next().map(|(key, _)| key.into_owned());
    Some((decode(id)?, decode(secret).unwrap_or_default()))
}
