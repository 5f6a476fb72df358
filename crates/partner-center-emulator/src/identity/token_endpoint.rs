//! The token endpoint: one function per grant type, and the response.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::StatusCode;
use serde_json::json;

use super::assertion;
use super::call::{Call, Scopes, Version, basic_credentials, resource};
use super::jwt;
use super::platform::{Challenge, Grant, IdentityPlatform};
use super::responses::no_store;
use super::token_error::TokenError;
use super::tokens::Subject;
use crate::clock::delta;
use crate::wire::response::BufferedResponse;

/// The content of a token response.
pub(super) struct Success {
    pub(super) grant: Grant,
    pub(super) scopes: Scopes,
    /// Whether a refresh token is issued, too.
    pub(super) refresh: bool,
    pub(super) nonce: Option<String>,
}

impl IdentityPlatform {
    pub(super) fn token(&mut self, version: Version, call: &Call<'_>) -> Result<Success, TokenError> {
        let grant_type = call.form.get("grant_type").ok_or(TokenError::new(
            "invalid_request",
            900_144,
            "The request has no grant_type.",
        ))?;
        let is_authenticated = self.authenticate_client(call)?;
        match grant_type {
            "client_credentials" if !is_authenticated => {
                Err(TokenError::of_client(7_000_218, "The request has neither client_secret nor client_assertion."))
            }
            "client_credentials" => Self::client_credentials(version, call),
            "refresh_token" => self.refresh(version, call),
            "authorization_code" => self.redeem_code(call),
            "urn:ietf:params:oauth:grant-type:device_code" | "device_code" => self.redeem_device_code(call),
            "password" => Err(TokenError::new(
                "invalid_grant",
                50076,
                "Multi-factor authentication is required, which the password grant doesn't support.",
            )),
            _ => Err(TokenError::new("unsupported_grant_type", 70003, "The grant type is not supported.")),
        }
    }

    /// Returns whether the client authenticated itself; an error if authentication failed.
    fn authenticate_client(&self, call: &Call<'_>) -> Result<bool, TokenError> {
        let basic = basic_credentials(call.headers);
        let client_id = basic
            .as_ref()
            .map(|(id, _)| id.as_str())
            .or_else(|| call.form.get("client_id"))
            .ok_or(TokenError::new("invalid_request", 900_144, "The request has no client_id."))?;
        if !client_id.eq_ignore_ascii_case(&self.directory.client_id.to_string()) {
            return Err(TokenError {
                error: "unauthorized_client",
                status: StatusCode::BAD_REQUEST,
                code: 700_016,
                why: "There is no such application in the tenant.",
            });
        }
        let secret = basic.as_ref().map(|(_, secret)| secret.as_str()).or_else(|| call.form.get("client_secret"));
        if let Some(secret) = secret.filter(|secret| !secret.is_empty()) {
            return if secret == self.directory.client_secret {
                Ok(true)
            } else {
                Err(TokenError::of_client(7_000_215, "The client secret is wrong."))
            };
        }
        let Some(token) = call.form.get("client_assertion") else { return Ok(false) };
        if call.form.get("client_assertion_type") != Some(assertion::TYPE) {
            return Err(TokenError::of_client(7_000_218, "The type of the client assertion is not supported."));
        }
        let audiences = [
            format!("{}/{}/oauth2/v2.0/token", call.authority, call.tenant),
            format!("{}/{}/oauth2/token", call.authority, call.tenant),
            format!("{}/{}/v2.0", call.authority, call.tenant),
            format!("{}/{}/", call.authority, call.tenant),
        ];
        match self.certificates.check(token, client_id, &audiences, call.now) {
            Ok(()) => Ok(true),
            Err(why) => Err(TokenError::of_client(700_027, why)),
        }
    }

    fn client_credentials(version: Version, call: &Call<'_>) -> Result<Success, TokenError> {
        let (audience, _) = resource(version, call)?.ok_or(TokenError::new(
            "invalid_request",
            900_144,
            "The request names no resource.",
        ))?;
        let scope = call.form.get("scope").unwrap_or_default();
        if version == Version::V2 && !scope.split(' ').all(|scope| scope.ends_with("/.default")) {
            return Err(TokenError::new("invalid_scope", 1_002_012, "The scope must end in /.default."));
        }
        let grant = Grant { subject: Subject::Application, audience, ends: call.now };
        Ok(Success { grant, scopes: Scopes::default(), refresh: false, nonce: None })
    }

    fn refresh(&mut self, version: Version, call: &Call<'_>) -> Result<Success, TokenError> {
        const UNUSABLE: TokenError =
            TokenError::new("invalid_grant", 70000, "The refresh token is unknown, used up or has expired.");
        let token = call.form.get("refresh_token").ok_or(TokenError::new(
            "invalid_request",
            900_144,
            "The request has no refresh_token.",
        ))?;
        let grant = self.refresh_tokens.entries.get(token).cloned().ok_or(UNUSABLE)?;
        if grant.ends <= call.now {
            return Err(UNUSABLE);
        }
        let wanted = resource(version, call)?;
        if call.settings.single_use_refresh {
            self.refresh_tokens.entries.remove(token);
        }
        let (audience, scopes) = wanted.unwrap_or_else(|| (grant.audience.clone(), Scopes::default()));
        let ends = call.now + delta(call.settings.refresh_token_lifetime);
        Ok(Success { grant: Grant { audience, ends, ..grant }, scopes, refresh: true, nonce: None })
    }

    fn redeem_code(&mut self, call: &Call<'_>) -> Result<Success, TokenError> {
        const UNUSABLE: TokenError =
            TokenError::new("invalid_grant", 70008, "The code is unknown, used up or has expired.");
        let code =
            call.form.get("code").ok_or(TokenError::new("invalid_request", 900_144, "The request has no code."))?;
        // Every attempt to redeem a code invalidates it.
        let code = self.codes.entries.remove(code).ok_or(UNUSABLE)?;
        if code.grant.ends <= call.now {
            return Err(UNUSABLE);
        }
        if call.form.get("redirect_uri") != Some(code.redirect_uri.as_str()) {
            return Err(TokenError::new(
                "invalid_grant",
                500_112,
                "The redirect_uri is not the one of the authorization request.",
            ));
        }
        if let Some(challenge) = &code.challenge {
            let verifier = call.form.get("code_verifier").unwrap_or_default();
            if !challenge.matches(verifier) {
                return Err(TokenError::new(
                    "invalid_grant",
                    501_481,
                    "The code_verifier doesn't match the code_challenge.",
                ));
            }
        }
        let ends = call.now + delta(call.settings.refresh_token_lifetime);
        let grant = Grant { ends, ..code.grant };
        Ok(Success { grant, scopes: code.scopes, refresh: code.scopes.offline, nonce: code.nonce })
    }

    fn redeem_device_code(&mut self, call: &Call<'_>) -> Result<Success, TokenError> {
        let code = call.form.get("device_code").or_else(|| call.form.get("code")).ok_or(TokenError::new(
            "invalid_request",
            900_144,
            "The request has no device_code.",
        ))?;
        let device = self.devices.entries.get_mut(code).ok_or(TokenError::new(
            "bad_verification_code",
            70018,
            "There is no such device code.",
        ))?;
        if device.grant.ends <= call.now {
            return Err(TokenError::new("expired_token", 70020, "The device code has expired."));
        }
        if device.polls_left > 0 {
            device.polls_left -= 1;
            return Err(TokenError::new("authorization_pending", 70016, "The user hasn't signed in yet."));
        }
        let device = self.devices.entries.remove(code).ok_or(TokenError::new("expired_token", 70020, ""))?;
        let ends = call.now + delta(call.settings.refresh_token_lifetime);
        let grant = Grant { ends, ..device.grant };
        Ok(Success { grant, scopes: device.scopes, refresh: device.scopes.offline, nonce: None })
    }

    pub(super) fn token_response(&mut self, version: Version, success: &Success, call: &Call<'_>) -> BufferedResponse {
        let lifetime = i64::try_from(call.settings.token_lifetime.as_secs()).unwrap_or(i64::MAX / 2);
        let subject = &success.grant.subject;
        let token = self.mint(subject, &success.grant.audience, call.authority, call.now, lifetime);
        let now = call.now.timestamp();
        let mut body = match version {
            Version::V1 => json!({
                "token_type": "Bearer",
                "expires_in": lifetime.to_string(),
                "ext_expires_in": lifetime.to_string(),
                "expires_on": (now + lifetime).to_string(),
                "not_before": (now - 300).to_string(),
                "resource": success.grant.audience,
                "access_token": token,
            }),
            Version::V2 => json!({
                "token_type": "Bearer",
                "expires_in": lifetime,
                "ext_expires_in": lifetime,
                "access_token": token,
            }),
        };
        if matches!(subject, Subject::User { .. }) {
            body["scope"] = match version {
                Version::V1 => json!("user_impersonation"),
                Version::V2 => json!(format!("{}/user_impersonation", success.grant.audience)),
            };
            if success.refresh {
                let refresh_token = self.random.opaque::<48>();
                self.refresh_tokens.put(refresh_token.clone(), success.grant.clone());
                body["refresh_token"] = json!(refresh_token);
            }
            if version == Version::V1 || success.scopes.openid {
                body["id_token"] = json!(self.id_token(version, success, call));
            }
        }
        no_store(BufferedResponse::plain_json(StatusCode::OK, &body))
    }

    fn id_token(&mut self, version: Version, success: &Success, call: &Call<'_>) -> String {
        let directory = &self.directory;
        let now = call.now.timestamp();
        let (tail, ver) = match version {
            Version::V1 => ("", "1.0"),
            Version::V2 => ("v2.0", "2.0"),
        };
        let mut claims = json!({
            "aud": directory.client_id,
            "iss": format!("{}/{}/{tail}", call.authority, directory.tenant),
            "iat": now,
            "nbf": now - 300,
            "exp": now + 3600,
            "oid": directory.user_object,
            "sub": directory.user_object,
            "tid": directory.tenant,
            "preferred_username": directory.user_name,
            "upn": directory.user_name,
            "ver": ver,
        });
        if let Some(nonce) = &success.nonce {
            claims["nonce"] = json!(nonce);
        }
        jwt::sign(&claims)
    }
}

impl Challenge {
    fn matches(&self, verifier: &str) -> bool {
        match self {
            Self::Plain(challenge) => challenge == verifier,
            Self::Sha256(challenge) => {
                let digest = ring::digest::digest(&ring::digest::SHA256, verifier.as_bytes());
                *challenge == URL_SAFE_NO_PAD.encode(digest)
            }
        }
    }
}
