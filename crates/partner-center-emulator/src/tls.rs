//! The https listener: a certificate authority of its own, a certificate from it, and a file with the authority's certificate
//! for clients to trust.

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DistinguishedName, DnType, IsCa, KeyPair, KeyUsagePurpose,
};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

/// The names in the certificate.
const NAMES: [&str; 3] = ["localhost", "127.0.0.1", "::1"];

/// The error of setting up the https listener.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TlsError {
    /// Creating the certificate failed.
    #[error("the certificate can't be created")]
    Certificate(#[from] rcgen::Error),
    /// The certificate is not accepted by the TLS library.
    #[error("the certificate can't be used")]
    Setup(#[from] tokio_rustls::rustls::Error),
    /// Writing the file with the authority's certificate failed.
    #[error("the file with the authority's certificate can't be written")]
    File(#[from] io::Error),
}

/// A file with the certificate of the authority, deleted on drop.
#[derive(Debug)]
pub(crate) struct CaFile(PathBuf);

impl CaFile {
    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    /// Writes a new file to the system's temporary folder.
    fn write(pem: &str) -> io::Result<Self> {
        let folder = std::env::temp_dir();
        for number in 0..u32::MAX {
            let path = folder.join(format!("partner-center-emulator-{}-{number}.pem", std::process::id()));
            // Existing files are never overwritten.
            match OpenOptions::new().write(true).create_new(true).open(&path) {
                Ok(mut file) => {
                    file.write_all(pem.as_bytes())?;
                    return Ok(Self(path));
                }
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
            }
        }
        Err(io::Error::other("there is no free name for the file"))
    }
}

impl Drop for CaFile {
    fn drop(&mut self) {
        drop(fs::remove_file(&self.0));
    }
}

/// Creates authority and certificate, and writes the file.
pub(crate) fn set_up() -> Result<(TlsAcceptor, CaFile), TlsError> {
    let mut authority = CertificateParams::new(Vec::new())?;
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    authority.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    authority.distinguished_name = name("Partner Center emulator authority");
    let authority = CertifiedIssuer::self_signed(authority, KeyPair::generate()?)?;

    let mut server = CertificateParams::new(NAMES.map(str::to_owned))?;
    server.distinguished_name = name("Partner Center emulator");
    server.use_authority_key_identifier_extension = true;
    server.extended_key_usages = vec![rcgen::ExtendedKeyUsagePurpose::ServerAuth];
    let key = KeyPair::generate()?;
    let certificate = server.signed_by(&key, &authority)?;

    let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], PrivateKeyDer::Pkcs8(key.serialize_der().into()))?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok((TlsAcceptor::from(Arc::new(config)), CaFile::write(&authority.pem())?))
}

fn name(common_name: &str) -> DistinguishedName {
    let mut name = DistinguishedName::new();
    name.push(DnType::CommonName, common_name);
    name
}
