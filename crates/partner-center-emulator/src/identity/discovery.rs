//! Metadata: endpoints, and which hosts belong together.

use http::StatusCode;
use serde_json::json;

use super::call::{Call, Version};
use super::platform::IdentityPlatform;
use crate::wire::response::BufferedResponse;

impl IdentityPlatform {
    pub(super) fn discovery(&self, version: Version, call: &Call<'_>) -> BufferedResponse {
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

    /// Returns the instance metadata, from which libraries learn the aliases of a host.
    pub(super) fn instance(&self, call: &Call<'_>) -> BufferedResponse {
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
}
