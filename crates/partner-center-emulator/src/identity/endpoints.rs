//! The endpoints of the identity platform, in both versions: v1 expects `resource` and writes numbers as text, v2
//! expects `scope` and writes numbers.

use http::{Method, StatusCode};

use super::call::{Call, Version};
use super::jwt;
use super::platform::IdentityPlatform;
use super::token_error::TokenError;
use crate::wire::response::BufferedResponse;

/// An endpoint of the identity platform.
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
    /// Returns the endpoint at these path segments, and the tenant that they name.
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

    /// Returns its name in the log and in faults.
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

    fn methods(self) -> &'static [Method] {
        match self {
            Self::Token(_) | Self::DeviceCode(_) => &[Method::POST],
            Self::Authorize(_) | Self::DevicePage => &[Method::GET, Method::POST],
            Self::Discovery(_) | Self::Keys | Self::Instance => &[Method::GET],
        }
    }
}

impl IdentityPlatform {
    /// Handles a request.
    pub(crate) fn handle(&mut self, endpoint: Endpoint, call: &Call<'_>) -> BufferedResponse {
        let allowed = endpoint.methods();
        if !allowed.contains(call.method) {
            let names: Vec<_> = allowed.iter().map(Method::as_str).collect();
            return BufferedResponse::empty(StatusCode::METHOD_NOT_ALLOWED)
                .with_text_header(http::header::ALLOW, &names.join(", "));
        }
        if endpoint != Endpoint::Instance && !self.knows_tenant(call.tenant) {
            let error = TokenError::new("invalid_request", 90002, "There is no such tenant.");
            return self.error_response(&error, call);
        }
        match endpoint {
            Endpoint::Token(version) => match self.token(version, call) {
                Ok(success) => self.token_response(version, &success, call),
                Err(error) => self.error_response(&error, call),
            },
            Endpoint::Authorize(version) => match self.authorize(version, call) {
                Ok(response) => response,
                Err(error) => self.error_response(&error, call),
            },
            Endpoint::DeviceCode(version) => match self.device_code(version, call) {
                Ok(response) => response,
                Err(error) => self.error_response(&error, call),
            },
            Endpoint::DevicePage => self.device_page(call),
            Endpoint::Discovery(version) => self.discovery(version, call),
            Endpoint::Keys => BufferedResponse::plain_json(StatusCode::OK, &jwt::published_keys()),
            Endpoint::Instance => self.instance(call),
        }
    }
}
