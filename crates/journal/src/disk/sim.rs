//! A disk in memory that forgets, in a crash, what was not fsynced, and fails when told to.
//!
//! A crash keeps of a file its fsynced content and a random part of what was written since (with random sectors of it
//! zeroed, as if they had not been written in order), and of the directory a random prefix of its changes since.

use std::collections::BTreeMap;
use std::io::{self, IoSlice};
use std::sync::Arc;

use parking_lot::Mutex;

use super::{Disk, DiskFile};

const SECTOR: usize = 64;

/// A small generator of random numbers; the seed decides all.
#[derive(Debug, Clone)]
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    /// Returns a number below `bound`, 0 if that is 0.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 11).unwrap() % bound.max(1)
    }
}

/// What goes wrong from now on.
#[derive(Debug, Clone, Default)]
pub(crate) struct Faults {
    /// The bytes that still fit on the disk.
    pub(crate) free: Option<usize>,
    /// So many of the next fsyncs of files fail, after which the written content is lost or not.
    pub(crate) failing_syncs: usize,
    /// So many of the next writes fail after a part.
    pub(crate) failing_writes: usize,
    /// So many of the next reads fail.
    pub(crate) failing_reads: usize,
    /// So many of the next truncations fail.
    pub(crate) failing_cuts: usize,
    /// Writes take at most so many bytes.
    pub(crate) longest_write: Option<usize>,
    /// Power is cut after so many operations.
    pub(crate) power: Option<usize>,
}

#[derive(Debug, Default, Clone)]
struct Inode {
    content: Vec<u8>,
    durable: Vec<u8>,
    /// Everything before it is the same in both.
    changed_from: usize,
    /// What a failed fsync has dropped: reads see it, the disk never does.
    lost: Vec<std::ops::Range<usize>>,
}

#[derive(Debug, Clone)]
enum Change {
    Put(String, usize),
    Remove(String),
}

#[derive(Debug)]
struct State {
    inodes: Vec<Inode>,
    entries: BTreeMap<String, usize>,
    durable_entries: BTreeMap<String, usize>,
    changes: Vec<Change>,
    faults: Faults,
    dice: Dice,
    dead: bool,
}

/// The disk; clones share it.
#[derive(Debug, Clone)]
pub(crate) struct SimDisk {
    state: Arc<Mutex<State>>,
}

struct SimFile {
    state: Arc<Mutex<State>>,
    inode: usize,
}

fn error(message: &str) -> io::Error {
    io::Error::other(message.to_owned())
}

impl SimDisk {
    pub(crate) fn new(seed: u64) -> Self {
        let state = State {
            inodes: Vec::new(),
            entries: BTreeMap::new(),
            durable_entries: BTreeMap::new(),
            changes: Vec::new(),
            faults: Faults::default(),
            dice: Dice::new(seed),
            dead: false,
        };
        Self { state: Arc::new(Mutex::new(state)) }
    }

    pub(crate) fn faults(&self, change: impl FnOnce(&mut Faults)) {
        change(&mut self.state.lock().faults);
    }

    /// Cuts the power and returns what is there when it is back. This disk does nothing any more.
    pub(crate) fn crash(&self) -> Self {
        let mut state = self.state.lock();
        state.dead = true;
        let mut dice = state.dice.clone();
        let inodes = state.inodes.iter().map(|inode| inode.after_crash(&mut dice)).collect();
        let mut entries = state.durable_entries.clone();
        let kept = dice.below(state.changes.len() + 1);
        state.changes.iter().take(kept).for_each(|change| change.apply(&mut entries));
        let durable_entries = entries.clone();
        let state = State {
            inodes,
            entries,
            durable_entries,
            changes: Vec::new(),
            faults: Faults::default(),
            dice,
            dead: false,
        };
        Self { state: Arc::new(Mutex::new(state)) }
    }

    /// Returns this disk as it is for a process that starts after another was killed, with the power on.
    pub(crate) fn after_kill(&self) -> Self {
        let mut state = self.state.lock();
        let copy = State {
            inodes: state.inodes.clone(),
            entries: state.entries.clone(),
            durable_entries: state.durable_entries.clone(),
            changes: state.changes.clone(),
            faults: Faults::default(),
            dice: state.dice.clone(),
            dead: false,
        };
        state.dead = true;
        Self { state: Arc::new(Mutex::new(copy)) }
    }

    /// Changes the content of a file behind everybody's back.
    pub(crate) fn damage(&self, name: &str, change: impl FnOnce(&mut Vec<u8>)) {
        let mut state = self.state.lock();
        let inode = state.entries[name];
        change(&mut state.inodes[inode].content);
        state.inodes[inode].durable = state.inodes[inode].content.clone();
    }
}

impl Change {
    fn apply(&self, entries: &mut BTreeMap<String, usize>) {
        match self {
            Self::Put(name, inode) => {
                entries.retain(|_, other| other != inode);
                entries.insert(name.clone(), *inode);
            }
            Self::Remove(name) => {
                entries.remove(name);
            }
        }
    }
}

impl Inode {
    /// Returns what an fsync would leave on disk.
    fn synced(&self) -> Vec<u8> {
        let mut content = self.content.clone();
        let length = content.len();
        for range in &self.lost {
            content[range.start.min(length)..range.end.min(length)].fill(0);
        }
        content
    }

    fn after_crash(&self, dice: &mut Dice) -> Self {
        let new = self.synced();
        let start = self.changed_from.min(new.len()).min(self.durable.len());
        let kept = start + dice.below(new.len() - start + 1);
        let mut content = new[..kept].to_vec();
        if kept < self.durable.len() && dice.below(2) == 0 {
            content.extend_from_slice(&self.durable[kept..]);
        }
        if dice.below(2) == 0 {
            content[start..kept].chunks_mut(SECTOR).filter(|_| dice.below(8) == 0).for_each(|it| it.fill(0));
        }
        Self { durable: content.clone(), changed_from: content.len(), content, lost: Vec::new() }
    }

    fn lose(&mut self, dice: &mut Dice) {
        let from = self.changed_from.min(self.content.len());
        if dice.below(2) == 0 {
            self.content[from..].fill(0);
        }
        self.lost.push(from..self.content.len());
        self.changed_from = self.content.len();
    }
}

impl State {
    fn operate(&mut self) -> io::Result<()> {
        if let Some(left) = &mut self.faults.power {
            self.dead |= *left == 0;
            *left = left.saturating_sub(1);
        }
        if self.dead { Err(error("the power is off")) } else { Ok(()) }
    }

    fn change(&mut self, change: Change) {
        change.apply(&mut self.entries);
        self.changes.push(change);
    }

    fn find(&self, name: &str) -> io::Result<usize> {
        self.entries.get(name).copied().ok_or_else(|| io::ErrorKind::NotFound.into())
    }
}

impl Disk for SimDisk {
    fn create(&self, name: &str) -> io::Result<Arc<dyn DiskFile>> {
        let mut state = self.state.lock();
        state.operate()?;
        let inode = state.inodes.len();
        state.inodes.push(Inode::default());
        state.change(Change::Put(name.to_owned(), inode));
        Ok(Arc::new(SimFile { state: Arc::clone(&self.state), inode }))
    }

    fn open(&self, name: &str) -> io::Result<Arc<dyn DiskFile>> {
        let mut state = self.state.lock();
        state.operate()?;
        let inode = state.find(name)?;
        Ok(Arc::new(SimFile { state: Arc::clone(&self.state), inode }))
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        let mut state = self.state.lock();
        state.operate()?;
        let inode = state.find(from)?;
        state.change(Change::Put(to.to_owned(), inode));
        Ok(())
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        let mut state = self.state.lock();
        state.operate()?;
        let inode = state.find(name)?;
        let bytes = state.inodes[inode].content.len();
        state.faults.free = state.faults.free.map(|free| free + bytes);
        state.change(Change::Remove(name.to_owned()));
        Ok(())
    }

    fn list(&self) -> io::Result<Vec<String>> {
        let mut state = self.state.lock();
        state.operate()?;
        Ok(state.entries.keys().cloned().collect())
    }

    fn sync_dir(&self) -> io::Result<()> {
        let mut state = self.state.lock();
        state.operate()?;
        state.durable_entries = state.entries.clone();
        state.changes.clear();
        Ok(())
    }
}

impl DiskFile for SimFile {
    fn write_at(&self, offset: u64, slices: &[IoSlice<'_>]) -> io::Result<usize> {
        let mut state = self.state.lock();
        let wanted: Vec<u8> = slices.iter().flat_map(|slice| slice.iter().copied()).collect();
        let mut bytes = wanted.len().min(state.faults.longest_write.unwrap_or(usize::MAX));
        let alive = state.operate();
        let fails = alive.is_err() || state.faults.failing_writes > 0;
        if fails {
            state.faults.failing_writes = state.faults.failing_writes.saturating_sub(1);
            bytes = state.dice.below(bytes);
        }
        if let Some(free) = state.faults.free.filter(|_| !fails) {
            if free == 0 {
                return Err(io::ErrorKind::StorageFull.into());
            }
            bytes = bytes.min(free);
            state.faults.free = Some(free - bytes);
        }
        let offset = usize::try_from(offset).unwrap();
        let inode = &mut state.inodes[self.inode];
        let end = offset + bytes;
        if inode.content.len() < end {
            inode.content.resize(end, 0);
        }
        inode.content[offset..end].copy_from_slice(&wanted[..bytes]);
        inode.changed_from = inode.changed_from.min(offset);
        alive?;
        if fails { Err(error("injected: write failed")) } else { Ok(bytes) }
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let mut state = self.state.lock();
        state.operate()?;
        if state.faults.failing_reads > 0 {
            state.faults.failing_reads -= 1;
            return Err(error("injected: read failed"));
        }
        let content = &state.inodes[self.inode].content;
        let from = usize::try_from(offset).unwrap().min(content.len());
        let bytes = buffer.len().min(content.len() - from);
        buffer[..bytes].copy_from_slice(&content[from..from + bytes]);
        Ok(bytes)
    }

    fn set_size(&self, bytes: u64) -> io::Result<()> {
        let mut state = self.state.lock();
        state.operate()?;
        if state.faults.failing_cuts > 0 {
            state.faults.failing_cuts -= 1;
            return Err(error("injected: truncation failed"));
        }
        let bytes = usize::try_from(bytes).unwrap();
        let freed = state.inodes[self.inode].content.len().saturating_sub(bytes);
        state.faults.free = state.faults.free.map(|free| free + freed);
        let inode = &mut state.inodes[self.inode];
        inode.content.resize(bytes, 0);
        inode.changed_from = inode.changed_from.min(bytes);
        Ok(())
    }

    fn size(&self) -> io::Result<u64> {
        let mut state = self.state.lock();
        state.operate()?;
        Ok(state.inodes[self.inode].content.len() as u64)
    }

    fn sync(&self) -> io::Result<()> {
        let mut state = self.state.lock();
        state.operate()?;
        let mut dice = state.dice.clone();
        if state.faults.failing_syncs > 0 {
            state.faults.failing_syncs -= 1;
            state.inodes[self.inode].lose(&mut dice);
            state.dice = dice;
            return Err(error("injected: fsync failed"));
        }
        let inode = &mut state.inodes[self.inode];
        inode.durable = inode.synced();
        inode.changed_from = inode.content.len();
        Ok(())
    }
}
