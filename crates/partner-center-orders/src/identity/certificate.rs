use std::fmt;
use std::time::{Duration, UNIX_EPOCH};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::digest::{SHA256, digest};
use ring::rand::SystemRandom;
use ring::rsa::KeyPair;
use ring::signature::RSA_PSS_SHA256;
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use serde::Serialize;
use url::Url;

use super::{CredentialContext, CredentialError, CredentialErrorKind};
use crate::clock::new_ids;

/// The lifetime of an assertion. Our choice: each token takes a new one.
const LIFETIME: Duration = Duration::from_secs(10 * 60);

/// A certificate with its private key (RSA, 2048 to 4096 bits), by which an app proves its identity.
pub struct Certificate {
    key: KeyPair,
    thumbprint: String,
}

impl Certificate {
    /// Reads certificate and private key in PEM form: both may be in one text, and further certificates are ignored.
    ///
    /// A `.pfx` file is converted to PEM with `openssl pkcs12 -in app.pfx -out app.pem -nodes`.
    ///
    /// # Errors
    ///
    /// When there is no certificate, no unencrypted private key, or the key is not RSA or has an unsupported size.
    pub fn from_pem(certificate: impl AsRef<[u8]>, key: impl AsRef<[u8]>) -> Result<Self, InvalidCertificate> {
        let certificate =
            CertificateDer::from_pem_slice(certificate.as_ref()).map_err(|_| InvalidCertificate::NoCertificate)?;
        let key = PrivateKeyDer::from_pem_slice(key.as_ref()).map_err(|_| InvalidCertificate::NoKey)?;
        let key = match &key {
            PrivateKeyDer::Pkcs8(key) => KeyPair::from_pkcs8(key.secret_pkcs8_der()),
            PrivateKeyDer::Pkcs1(key) => KeyPair::from_der(key.secret_pkcs1_der()),
            _ => return Err(InvalidCertificate::NotRsa),
        };
        let thumbprint = URL_SAFE_NO_PAD.encode(digest(&SHA256, &certificate));
        Ok(Self { key: key.map_err(|error| unsupported(&error))?, thumbprint })
    }

    /// A signed assertion of the app's identity, for that address.
    pub(super) fn assertion(
        &self,
        context: &CredentialContext,
        client_id: &str,
        audience: &Url,
    ) -> Result<String, CredentialError> {
        let now = context.now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let [id] = new_ids(&*context.random_source);
        let header = Header { alg: "PS256", typ: "JWT", thumbprint: &self.thumbprint };
        let claims = Claims {
            aud: audience.as_str(),
            iss: client_id,
            sub: client_id,
            jti: id.to_string(),
            nbf: now.as_secs(),
            iat: now.as_secs(),
            exp: now.saturating_add(LIFETIME).as_secs(),
        };
        let mut text = format!("{}.{}", part(&header)?, part(&claims)?);
        let mut signature = vec![0; self.key.public().modulus_len()];
        self.key
            .sign(&RSA_PSS_SHA256, &SystemRandom::new(), text.as_bytes(), &mut signature)
            .map_err(|error| signing_failed(&error))?;
        text.push('.');
        URL_SAFE_NO_PAD.encode_string(signature, &mut text);
        Ok(text)
    }
}

/// The reason why ring rejects a key, which it has as text only.
fn unsupported(error: &ring::error::KeyRejected) -> InvalidCertificate {
    match error.to_string().as_str() {
        "TooSmall" | "TooLarge" => InvalidCertificate::UnsupportedKeySize,
        _ => InvalidCertificate::NotRsa,
    }
}

#[derive(Serialize)]
struct Header<'a> {
    alg: &'a str,
    typ: &'a str,
    #[serde(rename = "x5t#S256")]
    thumbprint: &'a str,
}

#[derive(Serialize)]
struct Claims<'a> {
    aud: &'a str,
    iss: &'a str,
    sub: &'a str,
    jti: String,
    nbf: u64,
    iat: u64,
    exp: u64,
}

fn part(value: &impl Serialize) -> Result<String, CredentialError> {
    serde_json::to_vec(value).map(|json| URL_SAFE_NO_PAD.encode(json)).map_err(|error| signing_failed(&error))
}

fn signing_failed(problem: &impl fmt::Display) -> CredentialError {
    CredentialError::new(CredentialErrorKind::Configuration, format!("the assertion can't be signed: {problem}"))
}

impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Certificate").field("thumbprint", &self.thumbprint).finish_non_exhaustive()
    }
}

/// The certificate or key can't be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidCertificate {
    /// No certificate.
    #[error("there is no certificate in PEM form (-----BEGIN CERTIFICATE-----)")]
    NoCertificate,
    /// No private key, or an encrypted one.
    #[error("there is no unencrypted private key in PEM form (-----BEGIN PRIVATE KEY-----)")]
    NoKey,
    /// Not an RSA key.
    #[error("the private key is not an RSA key")]
    NotRsa,
    /// An RSA key of less than 2048 or more than 4096 bits.
    #[error("the RSA key must have 2048 to 4096 bits")]
    UnsupportedKeySize,
}
