//! Client assertions: a token that an application signs with the key of its certificate, in place of a secret.

use chrono::{DateTime, Utc};
use rustls_pki_types::CertificateDer;
use serde_json::Value;
use webpki::EndEntityCert;
use webpki::ring::{RSA_PKCS1_2048_8192_SHA256, RSA_PSS_2048_8192_SHA256_LEGACY_KEY};

use super::jwt;

/// The value of `client_assertion_type`.
pub(crate) const TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// The certificates of the application.
///
/// As long as there is none, signatures are not verified: any assertion with valid claims is accepted.
#[derive(Clone, Debug, Default)]
pub(crate) struct Certificates(Vec<CertificateDer<'static>>);

impl Certificates {
    /// Registers a certificate. Returns whether it is one.
    pub(crate) fn add(&mut self, der: Vec<u8>) -> bool {
        let certificate = CertificateDer::from(der);
        let usable = EndEntityCert::try_from(&certificate).is_ok();
        if usable {
            self.0.push(certificate);
        }
        usable
    }

    /// Verifies that the assertion authenticates the application.
    pub(crate) fn check(
        &self,
        token: &str,
        client_id: &str,
        audiences: &[String],
        now: DateTime<Utc>,
    ) -> Result<(), &'static str> {
        let parts = jwt::parse_unverified(token).ok_or("The client assertion is not a JSON Web Token.")?;
        let claim = |name: &str| parts.claims.get(name).and_then(Value::as_str);
        let is_client = |name| claim(name).is_some_and(|value| value.eq_ignore_ascii_case(client_id));
        if !is_client("iss") || !is_client("sub") {
            return Err("The client assertion is for another application: `iss` and `sub` must be the client id.");
        }
        if !claim("aud").is_some_and(|audience| audiences.iter().any(|known| known.eq_ignore_ascii_case(audience))) {
            return Err("The client assertion is for another audience.");
        }
        if parts.claims.get("exp").and_then(Value::as_i64).is_none_or(|exp| exp <= now.timestamp()) {
            return Err("The client assertion has expired.");
        }
        let algorithm = match parts.header.get("alg").and_then(Value::as_str) {
            Some("RS256") => RSA_PKCS1_2048_8192_SHA256,
            Some("PS256") => RSA_PSS_2048_8192_SHA256_LEGACY_KEY,
            _ => return Err("The client assertion must be signed with RS256 or PS256."),
        };
        let signed = |certificate: &CertificateDer<'static>| {
            EndEntityCert::try_from(certificate).is_ok_and(|certificate| {
                certificate.verify_signature(algorithm, parts.message.as_bytes(), &parts.signature).is_ok()
            })
        };
        if self.0.is_empty() || self.0.iter().any(signed) {
            Ok(())
        } else {
            Err("The client assertion is not signed by a registered certificate.")
        }
    }
}
