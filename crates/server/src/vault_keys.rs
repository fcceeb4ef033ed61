//! The keys that seal the vault's secrets: from the configuration, or from a file that is made at the first start and
//! may be replaced while the server runs.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result, bail, ensure};
use gatehouse_config::Config;
use gatehouse_seal::{MasterKeys, Zeroizing};
use gatehouse_store::secrets::KeySource;
use parking_lot::Mutex;

/// Who may read the file, and write it: its owner.
const MODE: u32 = 0o600;
/// The bits of a mode that let others in.
const OTHERS: u32 = 0o077;
/// The longest file that is read, in bytes: a thousand keys.
const MAX_FILE_BYTES: u64 = 64 << 10;

/// Returns who has the keys of the vault; the key file is made if it is missing.
pub(crate) fn open(config: &Config) -> Result<Arc<dyn KeySource>> {
    if let Some(keys) = &config.vault.key {
        return Ok(Arc::new(keys.clone()));
    }
    let path = config.vault_key_path();
    make_if_missing(&path)?;
    Ok(Arc::new(KeyFile::open(path)?))
}

/// The keys in a file, read again whenever it was replaced.
struct KeyFile {
    path: PathBuf,
    in_force: Mutex<InForce>,
}

struct InForce {
    keys: Arc<MasterKeys>,
    /// The file that was last looked at, also one that could not be used, so that this is said once; `None` when
    /// there was none.
    seen: Option<FileId>,
}

/// Tells one content of a file from the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct FileId {
    inode: (u64, u64),
    changed: (i64, i64),
    bytes: u64,
}

impl KeyFile {
    fn open(path: PathBuf) -> Result<Self> {
        let (keys, id) = read(&path)?;
        Ok(Self { path, in_force: Mutex::new(InForce { keys: Arc::new(keys), seen: Some(id) }) })
    }

    /// Reads the file again if it is another one than before.
    fn refresh(&self, in_force: &mut InForce) -> Result<()> {
        let found = fs::metadata(&self.path).ok().map(|metadata| FileId::of(&metadata));
        if found == in_force.seen {
            return Ok(());
        }
        in_force.seen = found;
        let (keys, id) = read(&self.path)?;
        let (current, count) = (keys.current_id(), keys.ids().len());
        *in_force = InForce { keys: Arc::new(keys), seen: Some(id) };
        tracing::info!(%current, count, "the keys of the vault were read again");
        Ok(())
    }
}

impl KeySource for KeyFile {
    fn keys(&self) -> Arc<MasterKeys> {
        let mut in_force = self.in_force.lock();
        if let Err(error) = self.refresh(&mut in_force) {
            tracing::error!("the keys of the vault stay as they are: {error:#}");
        }
        Arc::clone(&in_force.keys)
    }
}

impl FileId {
    fn of(metadata: &fs::Metadata) -> Self {
        Self {
            inode: (metadata.dev(), metadata.ino()),
            changed: (metadata.ctime(), metadata.ctime_nsec()),
            bytes: metadata.len(),
        }
    }
}

/// Reads the keys of the file; nobody but its owner may be able to.
pub(crate) fn read_file(path: &Path) -> Result<MasterKeys> {
    Ok(read(path)?.0)
}

fn read(path: &Path) -> Result<(MasterKeys, FileId)> {
    let file = File::open(path).with_context(|| cannot("read", path))?;
    // Of what was opened: the name may stand for another file by now.
    let metadata = file.metadata().with_context(|| cannot("read", path))?;
    ensure!(metadata.is_file(), "the vault's key file `{}` is not a file", path.display());
    let mode = metadata.mode();
    if mode & OTHERS != 0 {
        let (shown, path) = (mode & 0o777, path.display());
        bail!("others may use the vault's key file `{path}`, its mode is {shown:03o}: `chmod 600 {path}`");
    }
    let mut text = Zeroizing::new(String::new());
    file.take(MAX_FILE_BYTES).read_to_string(&mut text).with_context(|| cannot("read", path))?;
    let keys = MasterKeys::parse(&text);
    Ok((keys.with_context(|| cannot("use", path))?, FileId::of(&metadata)))
}

/// Keeps other rotations away from the file until what this returns is dropped: the second of two would replace the
/// key that the first has just sealed everything with.
pub(crate) fn lock(path: &Path) -> Result<File> {
    let beside = with_suffix(path, ".lock");
    let file = OpenOptions::new().create(true).append(true).mode(MODE).open(&beside);
    let file = file.with_context(|| format!("can't open `{}`", beside.display()))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => bail!("another rotation is under way"),
        Err(TryLockError::Error(error)) => {
            Err(error).with_context(|| format!("can't lock `{}`", beside.display()))
        }
    }
}

/// Replaces the file by one with these keys, as a whole: whoever reads finds the former keys or these.
///
/// Where the name is a link, what it leads to is replaced: the file lies elsewhere for a reason.
pub(crate) fn replace(path: &Path, keys: &MasterKeys) -> Result<()> {
    let path = &fs::canonicalize(path).with_context(|| cannot("find", path))?;
    let beside = write_beside(path, keys)?;
    fs::rename(&beside, path).with_context(|| cannot("replace", path))?;
    sync_directory(path).with_context(|| cannot("write", path))
}

/// Makes the file with a new key, unless there is one.
fn make_if_missing(path: &Path) -> Result<()> {
    if path.exists() {
        return Ok(());
    }
    let keys = MasterKeys::generate().context("can't make a key for the vault")?;
    let beside = write_beside(path, &keys)?;
    // Unlike a renaming, a link replaces no key that another process has made meanwhile; not every file system has it.
    let linked = fs::hard_link(&beside, path).or_else(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => Err(error),
        _ => fs::rename(&beside, path),
    });
    remove(&beside)?;
    match linked {
        Ok(()) => {
            tracing::info!(path = %path.display(), "made the vault's key file; keep a copy of it apart from the data");
            sync_directory(path).with_context(|| cannot("write", path))
        }
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(error).with_context(|| cannot("make", path)),
    }
}

/// Writes the keys into a file beside the one they are for, down to the disk, so that no reader ever finds a part of
/// them; returns its path.
fn write_beside(path: &Path, keys: &MasterKeys) -> Result<PathBuf> {
    let beside = with_suffix(path, ".new");
    // What somebody who was cut off has left.
    remove(&beside)?;
    write_new(&beside, keys).with_context(|| cannot("write", &beside))?;
    Ok(beside)
}

/// Returns the path of a file beside another one, never that one itself.
fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

/// Removes a file, if it is there.
fn remove(path: &Path) -> Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(error).with_context(|| cannot("remove", path))
        }
        _ => Ok(()),
    }
}

/// Writes a file that is not there yet, down to the disk.
fn write_new(path: &Path, keys: &MasterKeys) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(MODE).open(path)?;
    file.write_all(keys.to_text().expose().as_bytes())?;
    file.sync_all()
}

fn sync_directory(path: &Path) -> io::Result<()> {
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    File::open(parent.unwrap_or(Path::new(".")))?.sync_all()
}

fn cannot(what: &str, path: &Path) -> String {
    format!("can't {what} the vault's key file `{}`", path.display())
}

#[cfg(test)]
mod tests;
