//! A certificate chain and its key, read from two PEM files, and the one in force while the files change.

use std::fmt;
use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arc_swap::ArcSwap;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;

/// The files of a listener's certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Files {
    /// PEM certificates: the listener's own first, then those that lead to a root.
    pub certificate: PathBuf,
    /// PEM private key, not encrypted: PKCS#8, SEC1 or PKCS#1.
    pub key: PathBuf,
}

/// Why a certificate can't be used; every message names the file.
#[derive(Debug, thiserror::Error)]
pub enum CertificateError {
    /// A file can't be read.
    #[error("can't read `{}`", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system says.
        #[source]
        source: io::Error,
    },
    /// A file is not PEM, or breaks off.
    #[error("`{}` is not a whole PEM file", path.display())]
    NotPem {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        #[source]
        source: pem::Error,
    },
    /// The file of certificates has none.
    #[error("`{}` holds no PEM certificate", path.display())]
    NoCertificate {
        /// The file.
        path: PathBuf,
    },
    /// The file of the key has none that can be read.
    #[error("`{}` holds no PEM private key that is not encrypted", path.display())]
    NoKey {
        /// The file.
        path: PathBuf,
    },
    /// The certificate is broken.
    #[error("the certificate in `{}` can't be used", path.display())]
    Certificate {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        #[source]
        source: rustls::Error,
    },
    /// The key is broken, or of a kind that is not supported.
    #[error("the private key in `{}` can't be used", path.display())]
    Key {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        #[source]
        source: rustls::Error,
    },
    /// The two don't belong together.
    #[error(
        "the private key in `{}` does not belong to the first certificate in `{}`",
        files.key.display(),
        files.certificate.display()
    )]
    Mismatch {
        /// The files.
        files: Files,
    },
    /// The TLS library refused its settings.
    #[error("TLS settings are not usable")]
    Settings(#[source] rustls::Error),
}

/// The certificate in force, which is the last one that was found whole.
pub(crate) struct Certificate {
    files: Files,
    provider: Arc<CryptoProvider>,
    current: ArcSwap<CertifiedKey>,
}

/// What following the files has come to.
#[derive(Debug)]
pub(crate) struct Followed {
    /// The files as they were before the certificate in force was read.
    seen: Option<[Version; 2]>,
    /// What was wrong at the last look.
    trouble: Option<String>,
}

/// What a look at the files has brought to light.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum News {
    /// The certificate of this file is in force from now on.
    Replaced(PathBuf),
    /// The files have changed and can't be used, for this reason.
    Trouble(String),
}

/// What tells two states of a file apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Version {
    device: u64,
    inode: u64,
    len: u64,
    modified: (i64, i64),
}

impl Certificate {
    /// Reads the files for the first time.
    pub(crate) fn load(
        files: Files,
        provider: Arc<CryptoProvider>,
    ) -> Result<(Self, Followed), CertificateError> {
        // Looked at before they are read: what changes in between is seen as a change later.
        let followed = Followed { seen: versions(&files), trouble: None };
        let current = ArcSwap::from_pointee(read(&files, &provider)?);
        Ok((Self { files, provider, current }, followed))
    }

    /// Reads the files again if they have changed; whatever is not whole leaves the certificate as it is.
    ///
    /// Returns what there is to tell; the same trouble is told once.
    pub(crate) fn refresh(&self, followed: &mut Followed) -> Option<News> {
        let versions = versions(&self.files);
        if versions.is_some() && versions == followed.seen {
            followed.trouble = None;
            return None;
        }
        match read(&self.files, &self.provider) {
            Ok(certified) => {
                self.current.store(Arc::new(certified));
                *followed = Followed { seen: versions, trouble: None };
                Some(News::Replaced(self.files.certificate.clone()))
            }
            Err(error) => {
                let trouble = Some(with_causes(&error));
                if followed.trouble == trouble {
                    return None;
                }
                followed.trouble.clone_from(&trouble);
                trouble.map(News::Trouble)
            }
        }
    }
}

impl ResolvesServerCert for Certificate {
    fn resolve(&self, _hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.current.load_full())
    }
}

impl fmt::Debug for Certificate {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Certificate").field("files", &self.files).finish_non_exhaustive()
    }
}

fn with_causes(error: &CertificateError) -> String {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        text.push_str(&format!(": {error}"));
        cause = error.source();
    }
    text
}

/// Returns the state of both files, links followed; none when one of them is not there.
fn versions(files: &Files) -> Option<[Version; 2]> {
    Some([version(&files.certificate)?, version(&files.key)?])
}

fn version(path: &Path) -> Option<Version> {
    let metadata = fs::metadata(path).ok()?;
    Some(Version {
        device: metadata.dev(),
        inode: metadata.ino(),
        len: metadata.len(),
        modified: (metadata.mtime(), metadata.mtime_nsec()),
    })
}

/// Reads a chain and its key and checks that they belong together.
fn read(files: &Files, provider: &CryptoProvider) -> Result<CertifiedKey, CertificateError> {
    let chain = read_chain(&files.certificate)?;
    let key = read_key(&files.key)?;
    let path = || files.key.clone();
    let key = provider
        .key_provider
        .load_private_key(key)
        .map_err(|source| CertificateError::Key { path: path(), source })?;
    let certified = CertifiedKey::new(chain, key);
    match certified.keys_match() {
        Ok(()) => Ok(certified),
        Err(rustls::Error::InconsistentKeys(rustls::InconsistentKeys::KeyMismatch)) => {
            Err(CertificateError::Mismatch { files: files.clone() })
        }
        Err(source @ rustls::Error::InconsistentKeys(_)) => {
            Err(CertificateError::Key { path: path(), source })
        }
        Err(source) => Err(CertificateError::Certificate { path: files.certificate.clone(), source }),
    }
}

fn read_chain(path: &Path) -> Result<Vec<CertificateDer<'static>>, CertificateError> {
    let text = read_file(path)?;
    let chain = CertificateDer::pem_slice_iter(&text)
        .collect::<Result<Vec<_>, _>>()
        .map_err(|source| CertificateError::NotPem { path: path.to_owned(), source })?;
    if chain.is_empty() {
        return Err(CertificateError::NoCertificate { path: path.to_owned() });
    }
    Ok(chain)
}

fn read_key(path: &Path) -> Result<PrivateKeyDer<'static>, CertificateError> {
    let text = read_file(path)?;
    PrivateKeyDer::from_pem_slice(&text).map_err(|source| match source {
        pem::Error::NoItemsFound => CertificateError::NoKey { path: path.to_owned() },
        source => CertificateError::NotPem { path: path.to_owned(), source },
    })
}

fn read_file(path: &Path) -> Result<Vec<u8>, CertificateError> {
    fs::read(path).map_err(|source| CertificateError::Unreadable { path: path.to_owned(), source })
}

#[cfg(test)]
mod tests;
