//! The data directory: made at the first start, used by one server at a time.

use std::fs::{self, DirBuilder, File, TryLockError};
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

/// The file whose lock says that a server uses the directory.
const LOCK_FILE: &str = "gatehouse.lock";

/// A data directory that this process has for itself until it ends.
pub(crate) struct DataDir {
    path: PathBuf,
    _lock: File,
}

impl DataDir {
    /// Makes the directory if it is missing and locks it.
    pub(crate) fn lock(path: &Path) -> Result<Self> {
        let path = make(path)?;
        let file = path.join(LOCK_FILE);
        let lock = File::create(&file).with_context(|| format!("can't make `{}`", file.display()))?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { path, _lock: lock }),
            Err(TryLockError::WouldBlock) => bail!(
                "data directory `{}` is in use by another gatehouse: stop it, or give this one its own with --data-dir",
                path.display()
            ),
            Err(TryLockError::Error(error)) => {
                Err(error).with_context(|| format!("can't lock data directory `{}`", path.display()))
            }
        }
    }

    /// Returns the directory's absolute path.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }
}

/// Makes the directory, readable by its owner only, and returns its absolute path.
pub(crate) fn make(path: &Path) -> Result<PathBuf> {
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path)
        .with_context(|| format!("can't make data directory `{}`", path.display()))?;
    fs::canonicalize(path).with_context(|| format!("can't find data directory `{}`", path.display()))
}
