//! The state of the identity platform: what it has issued and who may use it.

use chrono::{DateTime, Utc};

use super::assertion::Certificates;
use super::bounded_map::BoundedMap;
use super::call::Scopes;
use super::tokens::{Directory, Subject, TokenRequest};
use crate::clock::delta;
use crate::random::Random;
use crate::settings::Settings;

/// The state of the identity platform.
#[derive(Debug)]
pub(crate) struct IdentityPlatform {
    pub(crate) directory: Directory,
    pub(crate) certificates: Certificates,
    pub(super) refresh_tokens: BoundedMap<Grant>,
    pub(super) codes: BoundedMap<Code>,
    pub(super) devices: BoundedMap<Device>,
    pub(super) random: Random,
}

/// A subject and the audience that it granted access to.
#[derive(Clone, Debug)]
pub(super) struct Grant {
    pub(super) subject: Subject,
    pub(super) audience: String,
    pub(super) ends: DateTime<Utc>,
}

/// An authorization code that was not redeemed yet.
#[derive(Clone, Debug)]
pub(super) struct Code {
    pub(super) grant: Grant,
    pub(super) redirect_uri: String,
    pub(super) challenge: Option<Challenge>,
    pub(super) scopes: Scopes,
    pub(super) nonce: Option<String>,
}

#[derive(Clone, Debug)]
pub(super) enum Challenge {
    Plain(String),
    Sha256(String),
}

/// A device code that was not redeemed yet.
#[derive(Clone, Debug)]
pub(super) struct Device {
    pub(super) user_code: String,
    pub(super) grant: Grant,
    pub(super) scopes: Scopes,
    pub(super) polls_left: u32,
}

impl IdentityPlatform {
    pub(crate) fn new(
        directory: Directory,
        mut random: Random,
        settings: &Settings,
        now: DateTime<Utc>,
    ) -> (Self, String) {
        let first = random.opaque::<48>();
        let mut server = Self {
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
        server.refresh_tokens.put(first.clone(), grant);
        (server, first)
    }

    /// Issues an access token without authenticating a client.
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

    /// Issues a refresh token of a user without authenticating a client.
    pub(crate) fn mint_refresh_token(&mut self, mfa: bool, audience: &str, ends: DateTime<Utc>) -> String {
        let token = self.random.opaque::<48>();
        let grant = Grant { subject: Subject::User { mfa }, audience: audience.to_owned(), ends };
        self.refresh_tokens.put(token.clone(), grant);
        token
    }

    /// Completes the sign-in of a device code. Returns whether there is such a code.
    pub(crate) fn approve_device(&mut self, user_code: &str) -> bool {
        let device = self.devices.entries.values_mut().find(|device| device.user_code.eq_ignore_ascii_case(user_code));
        device.map(|device| device.polls_left = 0).is_some()
    }

    pub(super) fn knows_tenant(&self, tenant: &str) -> bool {
        let Directory { tenant: id, domains, .. } = &self.directory;
        let domains = domains.iter().map(String::as_str).chain(["common", "organizations"]);
        tenant.eq_ignore_ascii_case(&id.to_string())
            || domains.into_iter().any(|known| tenant.eq_ignore_ascii_case(known))
    }
}
