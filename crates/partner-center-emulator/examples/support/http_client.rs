//! An HTTP client for tests and examples.

#![allow(clippy::expect_used, reason = "tests")]

use reqwest::Client;

/// A client that brings its crypto provider along: where another package of the workspace switches on TLS, reqwest has none
/// of its own. No authority is trusted, and the environment's proxy isn't used.
pub(crate) fn http_client() -> reqwest::ClientBuilder {
    let tls = rustls::ClientConfig::builder_with_provider(rustls::crypto::ring::default_provider().into())
        .with_safe_default_protocol_versions()
        .expect("ring supports TLS")
        .with_root_certificates(rustls::RootCertStore::empty())
        .with_no_client_auth();
    Client::builder().no_proxy().tls_backend_preconfigured(tls)
}
