//! Access tokens: their claims, and their validation by the API.

use chrono::{DateTime, Utc};
use http::HeaderMap;
use http::header::AUTHORIZATION;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::jwt;
use crate::error_response::ErrorResponse;
use crate::settings::Settings;

/// The id of the Partner Center resource application (public; some clients name it as their scope's resource).
const RESOURCE_APP: &str = "fa3d9a0c-3fb0-42cc-9193-47c7ecd2edbd";

/// The claims of an access token.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Claims {
    pub(crate) aud: String,
    pub(crate) iss: String,
    pub(crate) iat: i64,
    pub(crate) nbf: i64,
    pub(crate) exp: i64,
    pub(crate) appid: String,
    pub(crate) tid: String,
    pub(crate) oid: String,
    pub(crate) sub: String,
    pub(crate) uti: String,
    pub(crate) ver: String,
    /// How a user signed in; contains `mfa` if multi-factor authentication was used.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) amr: Vec<String>,
    /// The scopes of a user's token; absent from an application's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) scp: Option<String>,
    /// The application's roles; absent from a user's token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) roles: Option<Vec<String>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) upn: Option<String>,
}

/// The subject of a token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Subject {
    /// The application without a user.
    Application,
    /// The application for the partner's user.
    User {
        /// Whether the user used multi-factor authentication.
        mfa: bool,
    },
}

/// The directory of the identity platform: the partner's tenant, its application and its user.
#[derive(Clone, Debug)]
pub(crate) struct Directory {
    pub(crate) tenant: Uuid,
    /// The tenant's domains, which addresses may use instead of its id.
    pub(crate) domains: Vec<String>,
    pub(crate) client_id: Uuid,
    pub(crate) client_secret: String,
    /// The application's own id in the directory.
    pub(crate) application_object: Uuid,
    pub(crate) user_object: Uuid,
    pub(crate) user_name: String,
}

/// The parameters of an access token.
pub(crate) struct TokenRequest<'a> {
    pub(crate) subject: &'a Subject,
    pub(crate) audience: &'a str,
    pub(crate) issuer: String,
    pub(crate) now: DateTime<Utc>,
    /// Seconds until the token expires; negative for a token that has expired.
    pub(crate) lifetime: i64,
    /// Makes the token unique.
    pub(crate) unique: String,
}

impl Directory {
    pub(crate) fn access_token(&self, request: &TokenRequest<'_>) -> (String, Claims) {
        let issued = request.now.timestamp();
        let user = matches!(request.subject, Subject::User { .. });
        let object = if user { self.user_object } else { self.application_object };
        let claims = Claims {
            aud: request.audience.to_owned(),
            iss: request.issuer.clone(),
            iat: issued,
            // Microsoft Entra backdates tokens by five minutes, to allow for clock skew.
            nbf: issued - 300,
            exp: issued + request.lifetime,
            appid: self.client_id.to_string(),
            tid: self.tenant.to_string(),
            oid: object.to_string(),
            sub: object.to_string(),
            uti: request.unique.clone(),
            ver: "1.0".to_owned(),
            amr: match request.subject {
                Subject::Application => Vec::new(),
                Subject::User { mfa: true } => vec!["pwd".to_owned(), "mfa".to_owned()],
                Subject::User { mfa: false } => vec!["pwd".to_owned()],
            },
            scp: user.then(|| "user_impersonation".to_owned()),
            roles: (!user).then(|| vec!["partner".to_owned()]),
            upn: user.then(|| self.user_name.clone()),
        };
        (jwt::sign(&claims), claims)
    }
}

/// The authenticated caller of a request.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    pub(crate) tenant: String,
    /// The object id of user or application.
    pub(crate) object: String,
    pub(crate) is_user: bool,
    pub(crate) used_mfa: bool,
}

/// The validation of access tokens.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TokenValidation<'a> {
    pub(crate) settings: &'a Settings,
    pub(crate) directory: &'a Directory,
    /// The addresses under which this emulator issues tokens.
    pub(crate) authorities: &'a [String],
    pub(crate) now: DateTime<Utc>,
}

impl TokenValidation<'_> {
    /// Authenticates the caller of a request.
    pub(crate) fn caller(&self, headers: &HeaderMap) -> Result<Caller, ErrorResponse> {
        let claims = self.claims(headers)?;
        let is_user = claims.scp.is_some();
        let used_mfa = claims.amr.iter().any(|method| method == "mfa");
        if self.settings.mfa_required && is_user && !used_mfa {
            return Err(ErrorResponse::unauthorized(
                900_421,
                "The user must sign in with multi-factor authentication.",
            ));
        }
        Ok(Caller { tenant: claims.tid, object: claims.oid, is_user, used_mfa })
    }

    fn claims(&self, headers: &HeaderMap) -> Result<Claims, ErrorResponse> {
        let denied = |why: &'static str| ErrorResponse::unauthorized(400, why);
        let header = headers
            .get(AUTHORIZATION)
            .and_then(|value| value.to_str().ok())
            .ok_or_else(|| ErrorResponse::unauthorized(800_001, "The request has no token."))?;
        let token = header
            .split_once(' ')
            .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
            .map(|(_, token)| token.trim())
            .filter(|token| !token.is_empty())
            .ok_or_else(|| ErrorResponse::unauthorized(800_001, "The request has no bearer token."))?;
        let claims: Claims = jwt::verify(token).ok_or_else(|| denied("Access denied: the token is not valid."))?;
        let own_issuer = self.authorities.iter().any(|authority| claims.iss.starts_with(&format!("{authority}/")));
        if !own_issuer || claims.tid != self.directory.tenant.to_string() {
            return Err(denied("Access denied: the token is from another issuer."));
        }
        if claims.exp <= self.now.timestamp() {
            return Err(denied("Access denied: the token has expired."));
        }
        if claims.nbf > self.now.timestamp() {
            return Err(denied("Access denied: the token isn't valid yet."));
        }
        if claims.aud.trim_end_matches('/') != self.settings.audience.trim_end_matches('/')
            && claims.aud != RESOURCE_APP
        {
            return Err(ErrorResponse::unauthorized(900_420, "The token is for another audience."));
        }
        Ok(claims)
    }
}
