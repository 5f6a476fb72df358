//! Servers over TLS.

use std::sync::Arc;

use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

/// A certificate that is its own authority, and what accepts connections with it.
#[derive(Clone)]
pub struct Identity {
    /// Accepts connections, for HTTP/2 only.
    pub acceptor: TlsAcceptor,
    /// The certificate, for clients to trust.
    pub pem: String,
}

impl Identity {
    /// A new certificate for these hosts.
    pub fn new(hosts: &[&str]) -> Self {
        let hosts: Vec<String> = hosts.iter().map(|host| (*host).to_owned()).collect();
        let key = rcgen::generate_simple_self_signed(hosts).unwrap();
        let private = PrivateKeyDer::Pkcs8(key.signing_key.serialize_der().into());
        let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![key.cert.der().clone()], private)
            .unwrap();
        config.alpn_protocols = vec![b"h2".to_vec()];
        Self { acceptor: TlsAcceptor::from(Arc::new(config)), pem: key.cert.pem() }
    }
}
