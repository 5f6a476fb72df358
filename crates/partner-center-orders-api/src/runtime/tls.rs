//! TLS by rustls. The crypto provider is part of the configuration, so that neither this crate nor its users install one for
//! the whole process.

use std::fmt;
use std::sync::{Arc, OnceLock};

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};
use rustls_platform_verifier::Verifier;

/// TLS settings of an HTTP client: which certificate authorities it trusts in addition to the platform's, and whether it offers
/// HTTP/2.
///
/// The crypto provider is the one that the program installed as rustls's default, or else ring.
///
/// ```
/// use partner_center_orders_api::runtime::{HttpTransport, TlsSettings};
///
/// # fn example(pem: &[u8]) -> Result<(), Box<dyn std::error::Error>> {
/// let http = TlsSettings::new().add_root_certificates(pem)?.apply(HttpTransport::http_client())?.build()?;
/// # Ok(()) }
/// ```
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct TlsSettings {
    authorities: Vec<CertificateDer<'static>>,
    http1_only: bool,
}

/// A certificate authority, or the crypto provider, can't be used for TLS.
#[derive(Debug, thiserror::Error)]
#[error("{problem}")]
pub struct TlsError {
    problem: &'static str,
    #[source]
    source: Option<rustls::Error>,
}

impl TlsSettings {
    /// Trusts the platform's certificate authorities, and offers HTTP/2 and HTTP/1.1.
    pub fn new() -> Self {
        Self::default()
    }

    /// Trusts the certificate authorities in this PEM text, in addition to the platform's.
    ///
    /// # Errors
    ///
    /// When the text contains no certificate in PEM form, or one that can't be read.
    pub fn add_root_certificates(mut self, pem: impl AsRef<[u8]>) -> Result<Self, TlsError> {
        let before = self.authorities.len();
        for certificate in CertificateDer::pem_slice_iter(pem.as_ref()) {
            let invalid = "a root certificate is not valid PEM";
            let certificate = certificate.map_err(|_| TlsError { problem: invalid, source: None })?;
            RootCertStore::empty()
                .add(certificate.clone())
                .map_err(|error| TlsError { problem: "a root certificate can't be used", source: Some(error) })?;
            self.authorities.push(certificate);
        }
        if self.authorities.len() == before {
            let problem = "there is no root certificate in PEM form (-----BEGIN CERTIFICATE-----)";
            return Err(TlsError { problem, source: None });
        }
        Ok(self)
    }

    /// Offers HTTP/1.1 only.
    pub fn http1_only(mut self) -> Self {
        self.http1_only = true;
        self
    }

    /// Applies these settings to an HTTP client. They replace all TLS settings of `http`, earlier and later ones.
    ///
    /// # Errors
    ///
    /// When the crypto provider that the program installed supports no version of TLS.
    pub fn apply(&self, http: reqwest::ClientBuilder) -> Result<reqwest::ClientBuilder, TlsError> {
        Ok(http.tls_backend_preconfigured(self.client_config()?))
    }

    pub(super) fn client_config(&self) -> Result<ClientConfig, TlsError> {
        let provider = CryptoProvider::get_default().cloned();
        let provider = provider.unwrap_or_else(|| Arc::new(rustls::crypto::ring::default_provider()));
        let verifier = PlatformVerifier {
            authorities: self.authorities.clone(),
            provider: Arc::clone(&provider),
            verifier: OnceLock::new(),
        };
        let mut config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| TlsError {
                problem: "the installed crypto provider supports no version of TLS",
                source: Some(error),
            })?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(verifier))
            .with_no_client_auth();
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        if !self.http1_only {
            config.alpn_protocols.insert(0, b"h2".to_vec());
        }
        Ok(config)
    }
}

/// The platform's verifier, created at the first handshake: reading the platform's certificates takes long, and a client
/// that only calls loopback never needs them.
struct PlatformVerifier {
    authorities: Vec<CertificateDer<'static>>,
    provider: Arc<CryptoProvider>,
    verifier: OnceLock<Verifier>,
}

impl PlatformVerifier {
    fn get(&self) -> Result<&Verifier, rustls::Error> {
        if let Some(verifier) = self.verifier.get() {
            return Ok(verifier);
        }
        // A failure isn't cached: the next handshake creates it again.
        let verifier = self.set_up()?;
        Ok(self.verifier.get_or_init(|| verifier))
    }

    #[cfg(not(target_os = "android"))]
    fn set_up(&self) -> Result<Verifier, rustls::Error> {
        Verifier::new_with_extra_roots(self.authorities.iter().cloned(), Arc::clone(&self.provider))
    }

    #[cfg(target_os = "android")]
    fn set_up(&self) -> Result<Verifier, rustls::Error> {
        if self.authorities.is_empty() {
            return Verifier::new(Arc::clone(&self.provider));
        }
        Err(rustls::Error::General("root certificates can't be added on Android".to_owned()))
    }
}

impl fmt::Debug for PlatformVerifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PlatformVerifier").field("authorities", &self.authorities.len()).finish_non_exhaustive()
    }
}

impl ServerCertVerifier for PlatformVerifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        self.get()?.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, certificate, signature, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, certificate, signature, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
