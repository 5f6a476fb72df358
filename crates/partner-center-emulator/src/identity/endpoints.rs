//! The endpoints of the sign-in service, in both versions: v1 takes `resource` and writes numbers as text, v2 takes `scope`
//! and writes numbers.

use std::collections::HashMap;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use bytes::Bytes;
use chrono::{DateTime, Utc};
use http::header::{AUTHORIZATION, CACHE_CONTROL, HeaderName, HeaderValue, LOCATION};
use http::{HeaderMap, Method, StatusCode};
use serde_json::{Value, json};

use super::assertion::{self, Certificates};
use super::jwt;
use super::tokens::{Directory, Subject, TokenRequest};
use crate::clock::delta;
use crate::log::MASK;
use crate::random::Random;
use crate::settings::Settings;
use crate::wire::dates;
use crate::wire::path::Pairs;
use crate::wire::response::BufferedResponse;

/// How long authorization codes and device codes are good for, in seconds (public defaults of the sign-in service).
const CODE_LIFETIME: i64 = 600;
const DEVICE_CODE_LIFETIME: i64 = 900;

/// How many codes and refresh tokens are remembered; the oldest go first.
const REMEMBERED: usize = 10_000;

/// Which version of the endpoints a request came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Version {
    V1,
    V2,
}

/// What the sign-in service does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Endpoint {
    Token(Version),
    Authorize(Version),
    DeviceCode(Version),
    DevicePage,
    Discovery(Version),
    Keys,
    Instance,
}

impl Endpoint {
    /// The endpoint at these path segments, with the tenant that it names.
    pub(crate) fn at(segments: &[String]) -> Option<(&str, Self)> {
        let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
        let (tenant, rest) = segments.split_first()?;
        let endpoint = match rest {
            ["oauth2", "token"] => Self::Token(Version::V1),
            ["oauth2", "v2.0", "token"] => Self::Token(Version::V2),
            ["oauth2", "authorize"] => Self::Authorize(Version::V1),
            ["oauth2", "v2.0", "authorize"] => Self::Authorize(Version::V2),
            ["oauth2", "devicecode"] => Self::DeviceCode(Version::V1),
            ["oauth2", "v2.0", "devicecode"] => Self::DeviceCode(Version::V2),
            ["oauth2", "deviceauth"] => Self::DevicePage,
            [".well-known", "openid-configuration"] => Self::Discovery(Version::V1),
            ["v2.0", ".well-known", "openid-configuration"] => Self::Discovery(Version::V2),
            ["discovery", "keys"] | ["discovery", "v2.0", "keys"] => Self::Keys,
            ["discovery", "instance"] => Self::Instance,
            _ => return None,
        };
        Some((tenant, endpoint))
    }

    /// The name that the log and fault plans have for it.
    pub(crate) fn id(self) -> &'static str {
        match self {
            Self::Token(_) => "token",
            Self::Authorize(_) => "authorize",
            Self::DeviceCode(_) => "device_code",
            Self::DevicePage => "device_page",
            Self::Discovery(_) => "discovery",
            Self::Keys => "keys",
            Self::Instance => "instance_discovery",
        }
    }

    fn method(self) -> &'static [Method] {
        match self {
            Self::Token(_) | Self::DeviceCode(_) => &[Method::POST],
            Self::Authorize(_) | Self::DevicePage => &[Method::GET, Method::POST],
            Self::Discovery(_) | Self::Keys | Self::Instance => &[Method::GET],
        }
    }
}

/// What the sign-in service remembers.
#[derive(Debug)]
pub(crate) struct AuthorizationServer {
    pub(crate) directory: Directory,
    pub(crate) certificates: Certificates,
    refresh_tokens: BoundedMap<Grant>,
    codes: BoundedMap<Code>,
    devices: BoundedMap<Device>,
    random: Random,
}

/// What a user has consented to.
#[derive(Clone, Debug)]
struct Grant {
    subject: Subject,
    audience: String,
    ends: DateTime<Utc>,
}

/// An authorization code that waits to be redeemed.
#[derive(Clone, Debug)]
struct Code {
    grant: Grant,
    redirect_uri: String,
    challenge: Option<Challenge>,
    scopes: Scopes,
    nonce: Option<String>,
}

#[derive(Clone, Debug)]
enum Challenge {
    Plain(String),
    Sha256(String),
}

/// A device code that waits for its user.
#[derive(Clone, Debug)]
struct Device {
    user_code: String,
    grant: Grant,
    scopes: Scopes,
    polls_left: u32,
}

/// What was asked for besides the resource.
#[derive(Clone, Copy, Debug, Default)]
struct Scopes {
    openid: bool,
    offline: bool,
}

/// A map that forgets its oldest entries.
#[derive(Debug)]
struct BoundedMap<T> {
    entries: HashMap<String, T>,
    order: std::collections::VecDeque<String>,
}

impl<T> BoundedMap<T> {
    fn new() -> Self {
        Self { entries: HashMap::new(), order: std::collections::VecDeque::new() }
    }

    fn put(&mut self, key: String, value: T) {
        self.order.push_back(key.clone());
        self.entries.insert(key, value);
        while self.order.len() > REMEMBERED {
            if let Some(oldest) = self.order.pop_front() {
                self.entries.remove(&oldest);
            }
        }
    }
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
    fn parameter(&self, name: &str) -> Option<&str> {
        self.form.get(name).or_else(|| self.query.get(name)).filter(|value| !value.is_empty())
    }
}

/// Why no token is given out.
struct TokenError {
    status: StatusCode,
    error: &'static str,
    code: u32,
    why: &'static str,
}

impl TokenError {
    const fn new(error: &'static str, code: u32, why: &'static str) -> Self {
        Self { status: StatusCode::BAD_REQUEST, error, code, why }
    }

    const fn of_client(code: u32, why: &'static str) -> Self {
        Self { status: StatusCode::UNAUTHORIZED, error: "invalid_client", code, why }
    }
}

/// What a token answer is made of.
struct Success {
    grant: Grant,
    scopes: Scopes,
    /// Whether a refresh token goes with it.
    refresh: bool,
    nonce: Option<String>,
}

impl AuthorizationServer {
    pub(crate) fn new(
        directory: Directory,
        mut random: Random,
        settings: &Settings,
        now: DateTime<Utc>,
    ) -> (Self, String) {
        let first = random.opaque::<48>();
        let mut service = Self {
            directory,
            certificates: Certificates::default(),
            refresh_tokens: BoundedMap::new(),
            codes: BoundedMap::new(),
            devices: BoundedMap::new(),
            random,
        };
        let grant = Grant {
            subject: Subject::User { mfa: true },
            audience: settings.audience.clone(),
            ends: now + delta(settings.refresh_token_lifetime),
        };
        service.refresh_tokens.put(first.clone(), grant);
        (service, first)
    }

    /// Makes an access token without asking who wants it.
    pub(crate) fn mint(
        &mut self,
        subject: &Subject,
        audience: &str,
        authority: &str,
        now: DateTime<Utc>,
        lifetime: i64,
    ) -> String {
        let issuer = format!("{authority}/{}/", self.directory.tenant);
        let unique = self.random.opaque::<16>();
        self.directory.access_token(&TokenRequest { subject, audience, issuer, now, lifetime, unique }).0
    }

    /// Makes a refresh token for a user without asking who wants it.
    pub(crate) fn mint_refresh_token(&mut self, mfa: bool, audience: &str, ends: DateTime<Utc>) -> String {
        let token = self.random.opaque::<48>();
        let grant = Grant { subject: Subject::User { mfa }, audience: audience.to_owned(), ends };
        self.refresh_tokens.put(token.clone(), grant);
        token
    }

    /// Lets the user of a device code sign in. Says whether there is such a code.
    pub(crate) fn approve_device(&mut self, user_code: &str) -> bool {
        let device = self.devices.entries.values_mut().find(|device| device.user_code.eq_ignore_ascii_case(user_code));
        device.map(|device| device.polls_left = 0).is_some()
    }

    /// Answers a request.
    pub(crate) fn handle(&mut self, endpoint: Endpoint, call: &Call<'_>) -> BufferedResponse {
        let allowed = endpoint.method();
        if !allowed.contains(call.method) {
            let names: Vec<_> = allowed.iter().map(Method::as_str).collect();
            return BufferedResponse::empty(StatusCode::METHOD_NOT_ALLOWED)
                .with_text_header(http::header::ALLOW, &names.join(", "));
        }
        if endpoint != Endpoint::Instance && !self.knows_tenant(call.tenant) {
            let error = TokenError::new("invalid_request", 90002, "There is no such tenant.");
            return self.denied(&error, call);
        }
        match endpoint {
            Endpoint::Token(version) => match self.token(version, call) {
                Ok(success) => self.granted(version, &success, call),
                Err(error) => self.denied(&error, call),
            },
            Endpoint::Authorize(version) => match self.authorize(version, call) {
                Ok(response) => response,
                Err(error) => self.denied(&error, call),
            },
            Endpoint::DeviceCode(version) => match self.device_code(version, call) {
                Ok(response) => response,
                Err(error) => self.denied(&error, call),
            },
            Endpoint::DevicePage => self.device_page(call),
            Endpoint::Discovery(version) => self.discovery(version, call),
            Endpoint::Keys => BufferedResponse::plain_json(StatusCode::OK, &jwt::published_keys()),
            Endpoint::Instance => self.instance(call),
        }
    }

    fn knows_tenant(&self, tenant: &str) -> bool {
        tenant.eq_ignore_ascii_case(&self.directory.tenant.to_string())
            || [self.directory.domain.as_str(), "common", "organizations"]
                .iter()
                .any(|known| tenant.eq_ignore_ascii_case(known))
    }

    fn token(&mut self, version: Version, call: &Call<'_>) -> Result<Success, TokenError> {
        let grant_type = call.form.get("grant_type").ok_or(TokenError::new(
            "invalid_request",
            900_144,
            "The request has no grant_type.",
        ))?;
        let is_authenticated = self.check_client(call)?;
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
                "Multi-factor authentication is needed, which a password can't give.",
            )),
            _ => Err(TokenError::new("unsupported_grant_type", 70003, "The grant type is not supported.")),
        }
    }

    /// Whether the client proved who it is; an error if it tried and failed.
    fn check_client(&self, call: &Call<'_>) -> Result<bool, TokenError> {
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
        // A code is used up by any attempt to redeem it.
        let code = self.codes.entries.remove(code).ok_or(UNUSABLE)?;
        if code.grant.ends <= call.now {
            return Err(UNUSABLE);
        }
        if call.form.get("redirect_uri") != Some(code.redirect_uri.as_str()) {
            return Err(TokenError::new(
                "invalid_grant",
                500_112,
                "The redirect_uri is not the one that the code was asked for with.",
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

    /// Signs the user in at once, with multi-factor authentication, and sends the browser back with a code.
    fn authorize(&mut self, version: Version, call: &Call<'_>) -> Result<BufferedResponse, TokenError> {
        self.check_client_id(call)?;
        let redirect_uri = call
            .parameter("redirect_uri")
            .filter(|uri| uri.contains("://") && !uri.contains('#'))
            .ok_or(TokenError::new("invalid_request", 900_144, "The request has no usable redirect_uri."))?;
        if call.parameter("response_type") != Some("code") {
            return Err(TokenError::new(
                "unsupported_response_type",
                700_054,
                "Only the response_type code is supported.",
            ));
        }
        let challenge = match (call.parameter("code_challenge"), call.parameter("code_challenge_method")) {
            (None, _) => None,
            (Some(text), Some("S256")) => Some(Challenge::Sha256(text.to_owned())),
            (Some(text), None | Some("plain")) => Some(Challenge::Plain(text.to_owned())),
            (Some(_), Some(_)) => {
                return Err(TokenError::new("invalid_request", 501_491, "The code_challenge_method is not supported."));
            }
        };
        let (audience, mut scopes) =
            resource(version, call)?.unwrap_or_else(|| (call.settings.audience.clone(), Scopes::default()));
        // The first version gives a refresh token without being asked.
        scopes.offline |= version == Version::V1;
        let code = self.random.opaque::<32>();
        let grant = Grant {
            subject: Subject::User { mfa: true },
            audience,
            ends: call.now + chrono::TimeDelta::seconds(CODE_LIFETIME),
        };
        let nonce = call.parameter("nonce").map(str::to_owned);
        self.codes.put(code.clone(), Code { grant, redirect_uri: redirect_uri.to_owned(), challenge, scopes, nonce });
        Ok(redirect_to_client(redirect_uri, &code, call))
    }

    fn check_client_id(&self, call: &Call<'_>) -> Result<(), TokenError> {
        let known = self.directory.client_id.to_string();
        match call.parameter("client_id") {
            Some(id) if id.eq_ignore_ascii_case(&known) => Ok(()),
            Some(_) => {
                Err(TokenError::new("unauthorized_client", 700_016, "There is no such application in the tenant."))
            }
            None => Err(TokenError::new("invalid_request", 900_144, "The request has no client_id.")),
        }
    }

    fn device_code(&mut self, version: Version, call: &Call<'_>) -> Result<BufferedResponse, TokenError> {
        self.check_client_id(call)?;
        let (audience, mut scopes) = resource(version, call)?.ok_or(TokenError::new(
            "invalid_request",
            900_144,
            "The request names no resource.",
        ))?;
        scopes.offline |= version == Version::V1;
        let device_code = self.random.opaque::<32>();
        let user_code = self.random.twelve_hex()[..9].to_uppercase();
        let grant = Grant {
            subject: Subject::User { mfa: true },
            audience,
            ends: call.now + chrono::TimeDelta::seconds(DEVICE_CODE_LIFETIME),
        };
        let device =
            Device { user_code: user_code.clone(), grant, scopes, polls_left: call.settings.device_code_polls };
        self.devices.put(device_code.clone(), device);
        let page = format!("{}/{}/oauth2/deviceauth", call.authority, self.directory.tenant);
        let message = format!("Open {page} and enter the code {user_code} to sign in.");
        Ok(BufferedResponse::plain_json(
            StatusCode::OK,
            &match version {
                Version::V1 => json!({"device_code": device_code, "user_code": user_code, "verification_url": page,
                    "expires_in": DEVICE_CODE_LIFETIME.to_string(), "interval": "5", "message": message}),
                Version::V2 => json!({"device_code": device_code, "user_code": user_code, "verification_uri": page,
                    "expires_in": DEVICE_CODE_LIFETIME, "interval": 5, "message": message}),
            },
        ))
    }

    /// The page where a user would enter the code of a device.
    fn device_page(&mut self, call: &Call<'_>) -> BufferedResponse {
        let said = match call.parameter("user_code") {
            Some(code) if self.approve_device(code) => "You have signed in on the other device.",
            Some(_) => "There is no such code.",
            None => "Add ?user_code= and the code of your device to this address.",
        };
        BufferedResponse::text(StatusCode::OK, "text/plain; charset=utf-8", said)
    }

    fn discovery(&self, version: Version, call: &Call<'_>) -> BufferedResponse {
        let (authority, tenant) = (call.authority, call.tenant);
        let (middle, issuer, keys) = match version {
            Version::V1 => ("oauth2", format!("{authority}/{}/", self.directory.tenant), "discovery/keys"),
            Version::V2 => {
                ("oauth2/v2.0", format!("{authority}/{}/v2.0", self.directory.tenant), "discovery/v2.0/keys")
            }
        };
        BufferedResponse::plain_json(
            StatusCode::OK,
            &json!({
                "issuer": issuer,
                "authorization_endpoint": format!("{authority}/{tenant}/{middle}/authorize"),
                "token_endpoint": format!("{authority}/{tenant}/{middle}/token"),
                "device_authorization_endpoint": format!("{authority}/{tenant}/{middle}/devicecode"),
                "jwks_uri": format!("{authority}/{tenant}/{keys}"),
                "response_types_supported": ["code"],
                "response_modes_supported": ["query", "fragment", "form_post"],
                "subject_types_supported": ["pairwise"],
                "id_token_signing_alg_values_supported": ["RS256"],
                "scopes_supported": ["openid", "profile", "email", "offline_access"],
                "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic", "private_key_jwt"],
                "code_challenge_methods_supported": ["plain", "S256"],
                "claims_supported": ["aud", "iss", "iat", "exp", "tid", "appid", "amr", "scp", "roles", "oid", "sub"],
            }),
        )
    }

    /// What libraries ask for to learn which hosts belong together.
    fn instance(&self, call: &Call<'_>) -> BufferedResponse {
        let host = call.authority.split_once("://").map_or(call.authority, |(_, host)| host);
        let tenant = self.directory.tenant;
        BufferedResponse::plain_json(
            StatusCode::OK,
            &json!({
                "tenant_discovery_endpoint": format!("{}/{tenant}/v2.0/.well-known/openid-configuration", call.authority),
                "api-version": "1.1",
                "metadata": [{"preferred_network": host, "preferred_cache": host, "aliases": [host]}],
            }),
        )
    }

    fn granted(&mut self, version: Version, success: &Success, call: &Call<'_>) -> BufferedResponse {
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

    fn denied(&mut self, error: &TokenError, call: &Call<'_>) -> BufferedResponse {
        let (trace, correlation) = (self.random.uuid(), self.random.uuid());
        let timestamp = dates::authorization_server(call.now);
        let body = json!({
            "error": error.error,
            "error_description": format!(
                "AADSTS{}: {} Trace ID: {trace} Correlation ID: {correlation} Timestamp: {timestamp}",
                error.code, error.why
            ),
            "error_codes": [error.code],
            "timestamp": timestamp,
            "trace_id": trace,
            "correlation_id": correlation,
        });
        no_store(BufferedResponse::plain_json(error.status, &body))
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

/// The resource that a request names, without what of it is wanted, and the scopes besides. `None` if it names none.
fn resource(version: Version, call: &Call<'_>) -> Result<Option<(String, Scopes)>, TokenError> {
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
fn basic_credentials(headers: &HeaderMap) -> Option<(String, String)> {
    let encoded = headers.get(AUTHORIZATION)?.to_str().ok()?.strip_prefix("Basic ")?;
    let pair = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
    let (id, secret) = pair.split_once(':')?;
    let decode = |text: &str| form_urlencoded::parse(text.as_bytes()).next().map(|(key, _)| key.into_owned());
    Some((decode(id)?, decode(secret).unwrap_or_default()))
}

/// Sends a browser back to the client with a code, in the mode that the client asked for.
fn redirect_to_client(redirect_uri: &str, code: &str, call: &Call<'_>) -> BufferedResponse {
    let mut parameters = form_urlencoded::Serializer::new(String::new());
    parameters.append_pair("code", code);
    if let Some(state) = call.parameter("state") {
        parameters.append_pair("state", state);
    }
    let parameters = parameters.finish();
    let joint = match call.parameter("response_mode") {
        Some("fragment") => '#',
        _ if redirect_uri.contains('?') => '&',
        _ => '?',
    };
    let response = match call.parameter("response_mode") {
        Some("form_post") => {
            let state = call.parameter("state").unwrap_or_default();
            let fields = [("code", code), ("state", state)]
                .map(|(name, value)| format!(r#"<input type="hidden" name="{name}" value="{}">"#, escape_html(value)));
            let page = format!(
                r#"<!doctype html><title>Signed in</title><form method="post" action="{}">{}<button>Continue</button></form><script>document.forms[0].submit()</script>"#,
                escape_html(redirect_uri),
                fields.concat()
            );
            BufferedResponse::text(StatusCode::OK, "text/html; charset=utf-8", page)
        }
        _ => BufferedResponse::empty(StatusCode::FOUND)
            .with_text_header(LOCATION, &format!("{redirect_uri}{joint}{parameters}")),
    };
    no_store(response)
}

fn escape_html(text: &str) -> String {
    text.replace('&', "&amp;").replace('"', "&quot;").replace('<', "&lt;").replace('>', "&gt;")
}

fn no_store(response: BufferedResponse) -> BufferedResponse {
    response
        .with_header(CACHE_CONTROL, HeaderValue::from_static("no-store"))
        .with_header(HeaderName::from_static("pragma"), HeaderValue::from_static("no-cache"))
}

/// The members of a token endpoint's bodies that are secrets.
pub(crate) const SECRETS: [&str; 10] = [
    "access_token",
    "refresh_token",
    "id_token",
    "client_secret",
    "client_assertion",
    "assertion",
    "password",
    "code",
    "code_verifier",
    "device_code",
];

/// A body of the sign-in service with its secrets taken out. Pages hold codes, so nothing of them is shown.
pub(crate) fn masked(body: &Bytes) -> Bytes {
    let Ok(Value::Object(mut members)) = serde_json::from_slice(body) else {
        return if body.is_empty() { Bytes::new() } else { Bytes::from_static(MASK.as_bytes()) };
    };
    for secret in SECRETS.into_iter().chain(["user_code", "message"]) {
        if let Some(value) = members.get_mut(secret) {
            *value = json!(MASK);
        }
    }
    Value::Object(members).to_string().into()
}
