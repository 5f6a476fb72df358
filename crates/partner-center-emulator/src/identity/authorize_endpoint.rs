//! Sign-in of users: with a browser, or with the code of a device.

use chrono::TimeDelta;
use http::StatusCode;
use http::header::LOCATION;
use serde_json::json;

use super::call::{Call, Scopes, Version, resource};
use super::platform::{Challenge, Code, Device, Grant, IdentityPlatform};
use super::responses::no_store;
use super::token_error::TokenError;
use super::tokens::Subject;
use crate::wire::response::BufferedResponse;

/// The lifetime of authorization codes, in seconds (public default of Microsoft Entra).
const CODE_LIFETIME: i64 = 600;

/// The lifetime of device codes, in seconds (public default of Microsoft Entra).
const DEVICE_CODE_LIFETIME: i64 = 900;

impl IdentityPlatform {
    /// Signs the user in immediately, with multi-factor authentication, and redirects the browser with a code.
    pub(super) fn authorize(&mut self, version: Version, call: &Call<'_>) -> Result<BufferedResponse, TokenError> {
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
        // The first version issues a refresh token in any case.
        scopes.offline |= version == Version::V1;
        let code = self.random.opaque::<32>();
        let grant = Grant {
            subject: Subject::User { mfa: true },
            audience,
            ends: call.now + TimeDelta::seconds(CODE_LIFETIME),
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

    pub(super) fn device_code(&mut self, version: Version, call: &Call<'_>) -> Result<BufferedResponse, TokenError> {
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
            ends: call.now + TimeDelta::seconds(DEVICE_CODE_LIFETIME),
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

    /// Returns the page where a user enters the code of a device.
    pub(super) fn device_page(&mut self, call: &Call<'_>) -> BufferedResponse {
        let text = match call.parameter("user_code") {
            Some(code) if self.approve_device(code) => "You have signed in on the other device.",
            Some(_) => "There is no such code.",
            None => "Add ?user_code= and the code of your device to this address.",
        };
        BufferedResponse::text(StatusCode::OK, "text/plain; charset=utf-8", text)
    }
}

/// Redirects a browser to the client with a code, in the requested response mode.
fn redirect_to_client(redirect_uri: &str, code: &str, call: &Call<'_>) -> BufferedResponse {
    let mut parameters = form_urlencoded::Serializer::new(String::new());
    parameters.append_pair("code", code);
    if let Some(state) = call.parameter("state") {
        parameters.append_pair("state", state);
    }
    let parameters = parameters.finish();
    let separator = match call.parameter("response_mode") {
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
            .with_text_header(LOCATION, &format!("{redirect_uri}{separator}{parameters}")),
    };
    no_store(response)
}

fn escape_html(text: &str) -> String {
    text.replace('&', "&amp;").replace('"', "&quot;").replace('<', "&lt;").replace('>', "&gt;")
}
