//! The cache of answers on a real disk: the contract's suites, restarts, damage and bounds.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use bytes::Bytes;
use gatehouse_store::cache::{CacheStore, EntryKey};
use gatehouse_store::conformance::cache as suite;
use gatehouse_store::conformance::cache::SetClock;
use gatehouse_store_shared::cache::{CacheOptions, SharedCache};
use gatehouse_types::{Clock as _, Timestamp};
use tempfile::TempDir;

const MIB: u64 = 1 << 20;
const DAY: Duration = Duration::from_hours(24);

/// A cache with its directory and its time.
struct Home {
    dir: TempDir,
    clock: Arc<SetClock>,
    memory_bytes: u64,
    disk_bytes: u64,
}

impl Home {
    fn new(memory_bytes: u64, disk_bytes: u64) -> Result<Self> {
        Ok(Self { dir: TempDir::new()?, clock: Arc::default(), memory_bytes, disk_bytes })
    }

    fn path(&self) -> PathBuf {
        self.dir.path().join("cache")
    }

    fn open(&self) -> SharedCache {
        let options = CacheOptions {
            dir: self.path(),
            memory_bytes: self.memory_bytes,
            disk_bytes: self.disk_bytes,
            max_entry_bytes: MIB,
        };
        SharedCache::open(&options, Arc::clone(&self.clock) as _)
    }

    fn tomorrow(&self) -> Timestamp {
        self.clock.now().plus(DAY)
    }

    fn files(&self) -> Result<Vec<PathBuf>> {
        let mut files: Vec<PathBuf> =
            fs::read_dir(self.path())?.map(|entry| Ok(entry?.path())).collect::<Result<_>>()?;
        files.sort();
        Ok(files)
    }
}

fn key(number: u32) -> EntryKey {
    let mut key = [0; 32];
    key[..4].copy_from_slice(&number.to_le_bytes());
    key
}

fn value(number: u32, length: usize) -> Bytes {
    number.to_le_bytes().into_iter().cycle().take(length).collect::<Vec<u8>>().into()
}

/// The tiers that the contract must hold with: both, either alone, and a memory that keeps next to nothing.
const TIERS: [(u64, u64); 4] = [(64 * MIB, 256 * MIB), (64 * MIB, 0), (0, 256 * MIB), (2_000, 256 * MIB)];

macro_rules! suites {
    ($($name:ident),+) => {$(
        #[tokio::test]
        async fn $name() -> Result<()> {
            for (memory_bytes, disk_bytes) in TIERS {
                let home = Home::new(memory_bytes, disk_bytes)?;
                suite::$name(&home.open(), &home.clock).await?;
            }
            Ok(())
        }
    )+};
}

suites!(returns_what_was_put, forgets_what_has_expired, takes_many_at_once, keeps_nothing_that_is_too_large);

#[tokio::test]
async fn a_restart_keeps_entries_and_what_became_of_them() -> Result<()> {
    let home = Home::new(MIB, 64 * MIB)?;
    let cache = home.open();
    for number in 0..100 {
        cache.put(key(number), value(number, 3000), home.tomorrow()).await?;
    }
    cache.put(key(1), value(7, 10), home.tomorrow()).await?;
    cache.remove(key(2)).await?;
    cache.put(key(3), value(3, 10), home.clock.now().plus(Duration::from_secs(1))).await?;
    for _ in 0..3 {
        drop(home.open());
    }
    home.clock.advance(Duration::from_secs(1));
    // The first one is not closed: a process that is killed closes nothing.
    let cache = home.open();
    assert_eq!(cache.get(key(0)).await?, Some(value(0, 3000)));
    assert_eq!(cache.get(key(1)).await?, Some(value(7, 10)));
    assert_eq!(cache.get(key(2)).await?, None);
    assert_eq!(cache.get(key(3)).await?, None, "an older entry does not come back");
    for number in 4..100 {
        assert_eq!(cache.get(key(number)).await?, Some(value(number, 3000)));
    }
    assert_eq!(cache.holds(vec![key(2), key(3), key(50)]).await?, [false, false, true]);
    assert_eq!(home.files()?.len(), 1, "a start goes on with the last file");
    Ok(())
}

#[tokio::test]
async fn stays_within_its_bytes_and_forgets_the_oldest() -> Result<()> {
    let home = Home::new(100_000, 8 * MIB)?;
    let cache = home.open();
    for number in 0..2000 {
        cache.put(key(number), value(number, 10_000), home.tomorrow()).await?;
        let stats = cache.stats();
        assert!(stats.disk_bytes <= 8 * MIB && stats.memory_bytes <= 100_000, "{stats:?}");
    }
    let on_disk = home.files()?.iter().map(|file| Ok(fs::metadata(file)?.len())).sum::<Result<u64>>()?;
    assert_eq!(on_disk, cache.stats().disk_bytes);
    assert!(on_disk > 5 * MIB, "{on_disk}");
    assert!(cache.stats().evicted > 1000);
    assert_eq!(cache.get(key(0)).await?, None);
    assert_eq!(cache.get(key(1999)).await?, Some(value(1999, 10_000)));
    assert_eq!(cache.get(key(1500)).await?, Some(value(1500, 10_000)));
    drop(cache);
    let smaller = Home { disk_bytes: 4 * MIB, ..home };
    let cache = smaller.open();
    assert_eq!(cache.get(key(1999)).await?, Some(value(1999, 10_000)));
    assert!(cache.stats().disk_bytes <= 4 * MIB);
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_many_ask_for_at_once_is_read_a_few_times_only() -> Result<()> {
    let home = Home::new(64 * MIB, 64 * MIB)?;
    home.open().put(key(1), value(1, 1_000_000), home.tomorrow()).await?;
    let cache = Arc::new(home.open());
    let mut reading = tokio::task::JoinSet::new();
    for _ in 0..200 {
        let cache = Arc::clone(&cache);
        reading.spawn(async move { cache.get(key(1)).await });
    }
    let mut read = Vec::new();
    while let Some(entry) = reading.join_next().await {
        read.push(entry??.context("the entry is there")?);
    }
    let copies: HashSet<*const u8> = read.iter().map(|entry| entry.as_ptr()).collect();
    assert!(copies.len() <= 16, "{} copies in memory", copies.len());
    Ok(())
}

#[tokio::test]
async fn many_small_entries_do_not_fill_the_memory() -> Result<()> {
    let home = Home::new(0, MIB)?;
    let cache = home.open();
    for number in 0..3000 {
        cache.put(key(number), Bytes::new(), home.tomorrow()).await?;
    }
    assert!(cache.stats().disk_entries <= 1024, "{:?}", cache.stats());
    Ok(())
}

/// Writes some entries and returns them with the file they are in.
async fn filled(home: &Home) -> Result<PathBuf> {
    let cache = home.open();
    for number in 0..10 {
        cache.put(key(number), value(number, 1000), home.tomorrow()).await?;
    }
    home.files()?.pop().context("no file")
}

/// Returns which of the entries of [`filled`] are there; none may be another than was put.
async fn found(cache: &SharedCache) -> Result<Vec<u32>> {
    let mut found = Vec::new();
    for number in 0..10 {
        if let Some(entry) = cache.get(key(number)).await? {
            assert_eq!(entry, value(number, 1000));
            found.push(number);
        }
    }
    Ok(found)
}

#[tokio::test]
async fn a_torn_end_costs_the_last_entry_and_is_written_over() -> Result<()> {
    let home = Home::new(MIB, 64 * MIB)?;
    let file = filled(&home).await?;
    let length = fs::metadata(&file)?.len();
    fs::File::options().write(true).open(&file)?.set_len(length - 1)?;
    let cache = home.open();
    assert_eq!(found(&cache).await?, (0..9).collect::<Vec<_>>());
    cache.put(key(9), value(9, 1000), home.tomorrow()).await?;
    assert_eq!(found(&home.open()).await?, (0..10).collect::<Vec<_>>());
    Ok(())
}

#[tokio::test]
async fn damage_costs_entries_and_never_gives_other_bytes() -> Result<()> {
    let home = Home::new(0, 64 * MIB)?;
    let file = filled(&home).await?;
    let whole = fs::read(&file)?;
    for at in (0..whole.len()).step_by(97) {
        let mut damaged = whole.clone();
        damaged[at] ^= 0x40;
        fs::write(&file, &damaged)?;
        let cache = home.open();
        assert!(found(&cache).await?.len() < 10 || (60..64).contains(&(at % 1064)), "at {at}");
    }
    fs::write(&file, vec![0; whole.len()])?;
    assert_eq!(found(&home.open()).await?, Vec::<u32>::new());
    Ok(())
}

#[tokio::test]
async fn damage_under_a_running_cache_is_a_miss() -> Result<()> {
    let home = Home::new(0, 64 * MIB)?;
    let file = filled(&home).await?;
    let cache = home.open();
    assert_eq!(found(&cache).await?.len(), 10);
    fs::write(&file, vec![0; 100])?;
    assert_eq!(found(&cache).await?, Vec::<u32>::new());
    assert_eq!(cache.stats().failed, 10);
    assert_eq!(found(&cache).await?, Vec::<u32>::new());
    assert_eq!(cache.stats().failed, 10, "what can't be read is not tried again");
    Ok(())
}

#[tokio::test]
async fn a_directory_that_can_not_be_used_stops_nobody() -> Result<()> {
    let home = Home::new(MIB, 64 * MIB)?;
    fs::write(home.path(), "not a directory")?;
    let cache = home.open();
    assert_eq!(cache.get(key(1)).await?, None);
    cache.put(key(1), value(1, 10), home.tomorrow()).await?;
    assert_eq!(cache.get(key(1)).await?, Some(value(1, 10)));
    assert!(cache.stats().failed > 0);
    Ok(())
}

#[tokio::test]
async fn a_directory_that_vanishes_is_made_again() -> Result<()> {
    let home = Home::new(100_000, 2 * MIB)?;
    let cache = home.open();
    cache.put(key(1), value(1, 10), home.tomorrow()).await?;
    fs::remove_dir_all(home.path())?;
    for number in 0..300 {
        cache.put(key(number), value(number, 10_000), home.tomorrow()).await?;
    }
    assert_eq!(cache.get(key(299)).await?, Some(value(299, 10_000)));
    assert_eq!(home.open().get(key(299)).await?, Some(value(299, 10_000)));
    Ok(())
}

#[tokio::test]
async fn leaves_other_files_alone_and_takes_others_for_nobodys() -> Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    let home = Home::new(MIB, 64 * MIB)?;
    fs::create_dir(home.path())?;
    let strange: &Path = &home.path().join("README");
    fs::write(strange, "?")?;
    fs::create_dir(home.path().join("0000000000000007.cache"))?;
    let cache = home.open();
    cache.put(key(1), value(1, 10), home.tomorrow()).await?;
    assert_eq!(cache.get(key(1)).await?, Some(value(1, 10)));
    assert!(strange.exists());
    let written =
        home.files()?.into_iter().find(|file| file.is_file() && file != strange).context("no file")?;
    assert_eq!(fs::metadata(written)?.permissions().mode() & 0o777, 0o600);
    Ok(())
}
