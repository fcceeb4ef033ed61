//! A certificate authority for tests: signs one leaf for all provider host names.
//!
//! The directory holds `ca.pem` (for clients) and `ca-key.pem` (to sign again after a restart).
//! Only the test machine trusts it; it is never part of a product's trust store.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result};
use rcgen::{
    BasicConstraints, Certificate, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose,
    IsCa, Issuer, KeyPair, KeyUsagePurpose,
};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use tempfile::TempDir;

use crate::hosts;

/// A certificate authority with its files on disk.
#[derive(Debug)]
pub struct TestCa {
    key: KeyPair,
    pem: String,
    directory: PathBuf,
    /// Kept so that the files live as long as the authority.
    _temporary: Option<TempDir>,
}

/// A leaf certificate and its key as PEM texts.
#[derive(Debug, Clone)]
pub struct LeafPem {
    /// The certificate alone; clients know the authority's.
    pub certificate: String,
    /// The key, in PKCS#8.
    pub key: String,
}

/// A leaf certificate and its key.
pub(crate) struct Leaf {
    pub(crate) chain: Vec<CertificateDer<'static>>,
    pub(crate) key: PrivateKeyDer<'static>,
}

impl TestCa {
    /// Makes an authority in a temporary directory that goes away with it.
    ///
    /// # Errors
    /// When the directory can't be written.
    pub fn temporary() -> Result<Self> {
        let directory = tempfile::tempdir().context("make a directory for the test CA")?;
        let mut ca = Self::in_directory(directory.path())?;
        ca._temporary = Some(directory);
        Ok(ca)
    }

    /// Loads the authority of `directory`, or makes one there.
    ///
    /// # Errors
    /// When the directory can't be read or written, or holds a broken key.
    pub fn in_directory(directory: &Path) -> Result<Self> {
        std::fs::create_dir_all(directory).with_context(|| format!("make {directory:?}"))?;
        let (pem_path, key_path) = (directory.join("ca.pem"), directory.join("ca-key.pem"));
        if let (Ok(pem), Ok(key)) = (std::fs::read_to_string(&pem_path), std::fs::read_to_string(&key_path)) {
            let key = KeyPair::from_pem(&key).with_context(|| format!("read {key_path:?}"))?;
            return Ok(Self { key, pem, directory: directory.to_owned(), _temporary: None });
        }
        let key = KeyPair::generate().context("generate the CA key")?;
        let pem = authority()?.self_signed(&key).context("sign the CA")?.pem();
        std::fs::write(&key_path, key.serialize_pem()).with_context(|| format!("write {key_path:?}"))?;
        std::fs::write(&pem_path, &pem).with_context(|| format!("write {pem_path:?}"))?;
        Ok(Self { key, pem, directory: directory.to_owned(), _temporary: None })
    }

    /// Returns the certificate that clients have to trust, as PEM text.
    pub fn pem(&self) -> &str {
        &self.pem
    }

    /// Returns the path of that certificate.
    pub fn path(&self) -> PathBuf {
        self.directory.join("ca.pem")
    }

    /// Signs a leaf for [`hosts::certified`] and `extra_names`.
    pub(crate) fn leaf(&self, extra_names: &[String]) -> Result<Leaf> {
        let (certificate, key) = self.sign(extra_names)?;
        Ok(Leaf {
            chain: vec![certificate.der().clone()],
            key: PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der())),
        })
    }

    /// Signs a new leaf with a new key for the same names, `localhost` among them.
    ///
    /// # Errors
    /// When no key can be made.
    pub fn issue(&self) -> Result<LeafPem> {
        let (certificate, key) = self.sign(&[])?;
        Ok(LeafPem { certificate: certificate.pem(), key: key.serialize_pem() })
    }

    fn sign(&self, extra_names: &[String]) -> Result<(Certificate, KeyPair)> {
        let names: Vec<String> =
            hosts::certified().map(str::to_owned).chain(extra_names.iter().cloned()).collect();
        let mut params = CertificateParams::new(names).context("name the leaf")?;
        params.distinguished_name = common_name("provider double");
        params.use_authority_key_identifier_extension = true;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        let key = KeyPair::generate().context("generate the leaf key")?;
        let issuer = Issuer::new(authority()?, &self.key);
        let certificate = params.signed_by(&key, &issuer).context("sign the leaf")?;
        Ok((certificate, key))
    }

    /// Returns a TLS client configuration that trusts this authority alone and offers `alpn`.
    ///
    /// # Errors
    /// When the certificate on disk is not a certificate.
    pub fn client_config(&self, alpn: &[&str]) -> Result<Arc<rustls::ClientConfig>> {
        use rustls::pki_types::pem::PemObject;
        let certificate = CertificateDer::from_pem_slice(self.pem.as_bytes()).context("read the test CA")?;
        let mut roots = rustls::RootCertStore::empty();
        roots.add(certificate).context("trust the test CA")?;
        let mut config =
            rustls::ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
                .with_safe_default_protocol_versions()
                .context("choose TLS versions")?
                .with_root_certificates(roots)
                .with_no_client_auth();
        config.alpn_protocols = alpn.iter().map(|name| name.as_bytes().to_vec()).collect();
        Ok(Arc::new(config))
    }
}

/// What the authority's certificate says; the same every time, so that a reloaded key signs for it.
fn authority() -> Result<CertificateParams> {
    let mut params = CertificateParams::new(Vec::<String>::new()).context("name the CA")?;
    params.distinguished_name = common_name("gatehouse test CA");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    Ok(params)
}

fn common_name(name: &str) -> DistinguishedName {
    let mut distinguished = DistinguishedName::new();
    distinguished.push(DnType::CommonName, name);
    distinguished
}
