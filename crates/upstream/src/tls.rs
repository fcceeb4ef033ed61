//! Which certificates providers may show, and which protocols they are offered.

use std::io;
use std::sync::Arc;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};

/// Why no TLS configuration could be made.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// The additional roots are not PEM certificates.
    #[error("additional roots are not PEM certificates")]
    ExtraRoots(#[source] io::Error),
    /// The additional roots contain no certificate at all.
    #[error("additional roots contain no certificate")]
    NoExtraRoots,
    /// The TLS library refused the settings.
    #[error("TLS settings are not usable")]
    Settings(#[from] rustls::Error),
}

/// Returns the configuration for connections to providers: Mozilla's roots and those of `extra_roots_pem`.
///
/// HTTP/2 is offered before HTTP/1.1 when `http2` is set.
///
/// # Errors
/// Fails when `extra_roots_pem` is given but is not a list of PEM certificates.
pub fn client_config(extra_roots_pem: Option<&[u8]>, http2: bool) -> Result<Arc<ClientConfig>, TlsError> {
    let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    if let Some(pem) = extra_roots_pem {
        let before = roots.len();
        for certificate in CertificateDer::pem_slice_iter(pem) {
            let certificate = certificate.map_err(|error| TlsError::ExtraRoots(io::Error::other(error)))?;
            roots.add(certificate)?;
        }
        if roots.len() == before {
            return Err(TlsError::NoExtraRoots);
        }
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols =
        if http2 { vec![b"h2".to_vec(), b"http/1.1".to_vec()] } else { vec![b"http/1.1".to_vec()] };
    Ok(Arc::new(config))
}
