//! The file operations that the journal uses, and the real ones.
//!
//! All of the journal's access goes through these two traits, so that tests can inject faults and crashes.

#[cfg(test)]
pub(crate) mod sim;

use std::fs::{self, File, TryLockError};
use std::io::{self, IoSlice};
use std::os::unix::fs::FileExt;
use std::path::PathBuf;
use std::sync::Arc;

use crate::{JournalError, JournalOptions};

/// A directory of files.
pub(crate) trait Disk: Send + Sync {
    /// Creates a file or empties the existing one.
    fn create(&self, name: &str) -> io::Result<Arc<dyn DiskFile>>;
    fn open(&self, name: &str) -> io::Result<Arc<dyn DiskFile>>;
    fn rename(&self, from: &str, to: &str) -> io::Result<()>;
    fn remove(&self, name: &str) -> io::Result<()>;
    fn list(&self) -> io::Result<Vec<String>>;
    /// Makes creations, renames and removals durable.
    fn sync_dir(&self) -> io::Result<()>;
}

/// An open file of a [`Disk`].
pub(crate) trait DiskFile: Send + Sync {
    /// Writes the slices one after the other; may write less than all.
    fn write_at(&self, offset: u64, slices: &[IoSlice<'_>]) -> io::Result<usize>;
    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize>;
    fn set_size(&self, bytes: u64) -> io::Result<()>;
    fn size(&self) -> io::Result<u64>;
    /// Makes the content durable. After an error the content is not to be trusted, whatever a later call says.
    fn sync(&self) -> io::Result<()>;
}

/// The lock of a journal's directory, held until it is dropped.
#[derive(Debug)]
pub(crate) struct DirLock {
    _file: File,
}

/// The real file system.
#[derive(Debug)]
pub(crate) struct RealDisk {
    dir: PathBuf,
}

impl RealDisk {
    /// Creates the directory if needed and locks it against other journals.
    pub(crate) fn open(options: &JournalOptions) -> Result<(Self, DirLock), JournalError> {
        let dir = options.dir.clone();
        let failed = |action| {
            let name = dir.display().to_string();
            move |source| JournalError::Io { action, name, source }
        };
        fs::create_dir_all(&dir).map_err(failed("create"))?;
        let file = File::create(dir.join("journal.lock")).map_err(failed("create the lock of"))?;
        match file.try_lock() {
            Ok(()) => Ok((Self { dir }, DirLock { _file: file })),
            Err(TryLockError::WouldBlock) => Err(JournalError::Locked { dir }),
            Err(TryLockError::Error(source)) => Err(failed("lock")(source)),
        }
    }
}

impl Disk for RealDisk {
    fn create(&self, name: &str) -> io::Result<Arc<dyn DiskFile>> {
        let mut options = File::options();
        options.read(true).write(true).create(true).truncate(true);
        Ok(Arc::new(options.open(self.dir.join(name))?))
    }

    fn open(&self, name: &str) -> io::Result<Arc<dyn DiskFile>> {
        Ok(Arc::new(File::options().read(true).write(true).open(self.dir.join(name))?))
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        fs::rename(self.dir.join(from), self.dir.join(to))
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        fs::remove_file(self.dir.join(name))
    }

    fn list(&self) -> io::Result<Vec<String>> {
        let names = fs::read_dir(&self.dir)?.map(|entry| entry.map(|entry| entry.file_name().into_string()));
        Ok(names.collect::<io::Result<Vec<_>>>()?.into_iter().flatten().collect())
    }

    fn sync_dir(&self) -> io::Result<()> {
        File::open(&self.dir)?.sync_all()
    }
}

impl DiskFile for File {
    fn write_at(&self, offset: u64, slices: &[IoSlice<'_>]) -> io::Result<usize> {
        Ok(rustix::io::pwritev(self, slices, offset)?)
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        FileExt::read_at(self, buffer, offset)
    }

    fn set_size(&self, bytes: u64) -> io::Result<()> {
        self.set_len(bytes)
    }

    fn size(&self) -> io::Result<u64> {
        Ok(self.metadata()?.len())
    }

    fn sync(&self) -> io::Result<()> {
        self.sync_data()
    }
}

/// Reads until the buffer is full or the file ends; returns the number of bytes.
pub(crate) fn read_fully(file: &dyn DiskFile, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while let Some(rest) = buffer.get_mut(filled..).filter(|rest| !rest.is_empty()) {
        match file.read_at(offset.saturating_add(filled as u64), rest) {
            Ok(0) => break,
            Ok(bytes) => filled = filled.saturating_add(bytes),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

/// Writes a small file so that a crash leaves either the old or the whole new one.
pub(crate) fn replace(disk: &dyn Disk, name: &str, content: &[u8]) -> io::Result<()> {
    let temporary = format!("{name}{TEMPORARY}");
    let file = disk.create(&temporary)?;
    write_fully(file.as_ref(), 0, &mut [IoSlice::new(content)]).1?;
    file.sync()?;
    disk.rename(&temporary, name)?;
    disk.sync_dir()
}

/// Writes all the slices; returns how many bytes were written also when it fails.
pub(crate) fn write_fully(
    file: &dyn DiskFile,
    offset: u64,
    mut slices: &mut [IoSlice<'_>],
) -> (u64, io::Result<()>) {
    let mut written: u64 = 0;
    IoSlice::advance_slices(&mut slices, 0);
    while !slices.is_empty() {
        let window = slices.get(..slices.len().min(MAX_SLICES)).unwrap_or_default();
        match file.write_at(offset.saturating_add(written), window) {
            Ok(0) => return (written, Err(io::ErrorKind::WriteZero.into())),
            Ok(bytes) => {
                written = written.saturating_add(bytes as u64);
                IoSlice::advance_slices(&mut slices, bytes);
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return (written, Err(error)),
        }
    }
    (written, Ok(()))
}

/// The end of the name of a file that is not finished; a start removes them.
pub(crate) const TEMPORARY: &str = ".tmp";
/// What Linux takes in one call (`IOV_MAX`).
pub(crate) const MAX_SLICES: usize = 1024;
