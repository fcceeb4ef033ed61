//! The promise of the recorder: every record of the journal is stored exactly once, whatever fails when.

use std::future::pending;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use bytes::Bytes;
use gatehouse_catalog::Catalog;
use gatehouse_journal::{Durability, Journal, JournalOptions};
use gatehouse_record::{Drained, KnowledgeSource, RecordFigures, RecordOptions, Recorder};
use gatehouse_store::filter::Filter;
use gatehouse_store::log::{
    AggregateQuery, Aggregated, Annotated, Annotation, Batch, CacheStats, CostQuery, CostSum, Extent,
    KeyedRow, LogRow, LogStore, PricedRow, Revision, RowKey, RowQuery, SearchStep, Searched, Walk, Walked,
};
use gatehouse_store::{StoreError, StoreFuture};
use gatehouse_types::{
    Body, BodyState, Dialect, Exchange, ExchangeMeta, OrganizationId, Outcome, RequestId, Timestamp, Timing,
};
use parking_lot::Mutex;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

/// How long anything may take on a busy machine.
const DEADLINE: Duration = Duration::from_secs(60);

/// What the double does with a call of `insert`.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Fault {
    /// The store can't be reached.
    Away,
    /// The batch is stored, but the answer is lost.
    AnswerLost,
    /// The store refuses whatever it is given.
    Broken,
    /// Nothing is stored and no answer comes: the process dies before the commit.
    DiesBefore,
    /// The batch is stored and no answer comes: the process dies after the commit.
    DiesAfter,
}

#[derive(Default)]
struct State {
    rows: Vec<LogRow>,
    batches: usize,
    position: u64,
    inserts: usize,
    /// Which calls of `insert` meet which fault.
    faults: Vec<(std::ops::Range<usize>, Fault)>,
    /// Rows of this path are refused.
    poison: Vec<String>,
}

/// A log store in memory that fails as it is told.
struct Double {
    state: Mutex<State>,
    changed: watch::Sender<()>,
}

impl Double {
    fn new(faults: Vec<(std::ops::Range<usize>, Fault)>) -> Arc<Self> {
        let state = State { faults, ..State::default() };
        Arc::new(Self { state: Mutex::new(state), changed: watch::Sender::new(()) })
    }

    /// Returns the paths of the stored rows, in order.
    fn paths(&self) -> Vec<String> {
        self.state.lock().rows.iter().map(|row| row.path.clone()).collect()
    }

    /// Returns once `reached` holds.
    async fn until(&self, reached: impl Fn(&State) -> bool) -> Result<()> {
        let mut changes = self.changed.subscribe();
        let wait = changes.wait_for(|()| reached(&self.state.lock()));
        tokio::time::timeout(DEADLINE, wait).await.context("the store never came to that")??;
        Ok(())
    }
}

impl LogStore for Double {
    fn insert(&self, batch: Batch) -> StoreFuture<'_, ()> {
        Box::pin(async move {
            let (fault, refused) = {
                let mut state = self.state.lock();
                let call = state.inserts;
                state.inserts += 1;
                let fault =
                    state.faults.iter().find(|(calls, _)| calls.contains(&call)).map(|(_, fault)| *fault);
                let refused = batch.rows.iter().any(|row| state.poison.contains(&row.path));
                let stores = matches!(fault, None | Some(Fault::AnswerLost | Fault::DiesAfter)) && !refused;
                if stores && batch.journal_position > state.position {
                    state.position = batch.journal_position;
                    state.batches += 1;
                    state.rows.extend(batch.rows);
                }
                (fault, refused)
            };
            self.changed.send_replace(());
            match fault {
                Some(Fault::DiesBefore | Fault::DiesAfter) => pending().await,
                Some(Fault::Away | Fault::AnswerLost) => Err(away()),
                Some(Fault::Broken) => Err(failed()),
                None if refused => Err(failed()),
                None => Ok(()),
            }
        })
    }

    fn journal_position(&self) -> StoreFuture<'_, u64> {
        Box::pin(async { Ok(self.state.lock().position) })
    }

    fn rows(&self, _: RowQuery) -> StoreFuture<'_, Vec<LogRow>> {
        Box::pin(async { Err(failed()) })
    }

    fn search(&self, _: SearchStep) -> StoreFuture<'_, Searched> {
        Box::pin(async { Err(failed()) })
    }

    fn count(&self, _: OrganizationId, _: Filter) -> StoreFuture<'_, u64> {
        Box::pin(async { Err(failed()) })
    }

    fn cache_stats(&self, _: OrganizationId, _: Filter) -> StoreFuture<'_, CacheStats> {
        Box::pin(async { Err(failed()) })
    }

    fn row(&self, _: OrganizationId, _: RequestId) -> StoreFuture<'_, Option<LogRow>> {
        Box::pin(async { Err(failed()) })
    }

    fn cost_sums(&self, _: CostQuery) -> StoreFuture<'_, Vec<CostSum>> {
        Box::pin(async { Err(failed()) })
    }

    fn aggregate(&self, _: AggregateQuery) -> StoreFuture<'_, Aggregated> {
        Box::pin(async { Err(failed()) })
    }

    fn walk_priced(&self, _: Walk) -> StoreFuture<'_, Walked<PricedRow>> {
        Box::pin(async { Err(failed()) })
    }

    fn walk_rows(&self, _: Walk) -> StoreFuture<'_, Walked<KeyedRow>> {
        Box::pin(async { Err(failed()) })
    }

    fn walk_shown(&self, _: Walk, _: Extent) -> StoreFuture<'_, Walked<KeyedRow>> {
        Box::pin(async { Err(failed()) })
    }

    fn newest(&self) -> StoreFuture<'_, RowKey> {
        Box::pin(async { Err(failed()) })
    }

    fn arrivals(&self) -> watch::Receiver<RowKey> {
        watch::channel(RowKey::new(0)).1
    }

    fn revise(&self, _: OrganizationId, _: Vec<Revision>) -> StoreFuture<'_, u64> {
        Box::pin(async { Err(failed()) })
    }

    fn annotate(&self, _: OrganizationId, _: RequestId, _: Vec<Annotation>) -> StoreFuture<'_, Annotated> {
        Box::pin(async { Err(failed()) })
    }
}

fn away() -> StoreError {
    StoreError::Unavailable { store: "double", reason: "told to be away".to_owned() }
}

fn failed() -> StoreError {
    StoreError::Failed { store: "double", operation: "insert", source: "told to refuse".into() }
}

fn journal(dir: &Path) -> Result<Journal> {
    let options =
        JournalOptions { durability: Durability::Strict, ..JournalOptions::new(dir.join("journal")) };
    Ok(Journal::open(options)?.0)
}

fn options(dir: &Path) -> RecordOptions {
    RecordOptions {
        batch_rows: 4,
        batch_interval: Duration::from_millis(1),
        retry_first: Duration::from_millis(1),
        retry_longest: Duration::from_millis(4),
        commit_interval: Duration::from_millis(1),
        drain_deadline: DEADLINE,
        ..RecordOptions::new(dir.join("rejected"))
    }
}

fn recorder(journal: &Journal, store: &Arc<Double>, options: RecordOptions) -> Recorder {
    Recorder::new(
        journal.clone(),
        store.clone(),
        KnowledgeSource { catalog: Arc::new(Catalog::builtin()), view: Arc::default() },
        options,
    )
}

fn exchange(n: usize, response: &[u8], content_encoding: Option<&str>) -> Exchange {
    let meta = ExchangeMeta {
        client_chose_id: false,
        key_id: None,
        timing: Timing::default(),
        outcome: Outcome::Complete,
        status: 200,
        error_kind: None,
        attempts: 1,
        method: "POST".to_owned(),
        path: path(n),
        target_url: "https://api.openai.com/".to_owned(),
        provider: Arc::from("OPENAI"),
        dialect: Dialect::OpenAi,
        user_id: None,
        properties: Vec::new(),
        model_override: None,
        ..ExchangeMeta::new(
            RequestId::from_uuid(uuid::Uuid::from_u128(n as u128)),
            OrganizationId::from_uuid(uuid::Uuid::from_u128(1)),
            Timestamp::from_unix_micros(1_795_356_360_000_000),
        )
    };
    let response = Body {
        segments: vec![Bytes::copy_from_slice(response)],
        wire_bytes: response.len() as u64,
        state: BodyState::Stored,
        content_type: None,
        content_encoding: content_encoding.map(str::to_owned),
    };
    Exchange { meta, request: Body::default(), response }
}

fn path(n: usize) -> String {
    format!("/call/{n}")
}

fn paths(numbers: impl IntoIterator<Item = usize>) -> Vec<String> {
    numbers.into_iter().map(path).collect()
}

async fn append(journal: &Journal, numbers: std::ops::Range<usize>) -> Result<()> {
    for n in numbers {
        journal.append(exchange(n, b"{}", None).encode()?)?.durable().await?;
    }
    Ok(())
}

/// Lets a recorder store what is in the journal and returns its figures.
async fn record_all(journal: &Journal, store: &Arc<Double>, options: RecordOptions) -> Result<RecordFigures> {
    let recorder = recorder(journal, store, options);
    let stats = recorder.stats();
    let stop = CancellationToken::new();
    stop.cancel();
    let drained = recorder.run(stop).await;
    ensure!(drained == Drained::Whole, "{drained:?}");
    Ok(stats.figures())
}

/// Returns what lies among the rejected.
fn rejected(dir: &Path) -> Result<Vec<(String, Bytes)>> {
    let mut files = Vec::new();
    let Ok(entries) = std::fs::read_dir(dir.join("rejected")) else { return Ok(files) };
    for entry in entries {
        let entry = entry?;
        files.push((entry.file_name().to_string_lossy().into_owned(), std::fs::read(entry.path())?.into()));
    }
    files.sort();
    Ok(files)
}

#[tokio::test]
async fn stores_every_record_once_over_a_crash_at_any_point() -> Result<()> {
    const RECORDS: usize = 14;
    for fault in [Fault::DiesBefore, Fault::DiesAfter] {
        for call in 0..4 {
            let dir = tempfile::tempdir()?;
            let store = Double::new(vec![(call..call + 1, fault), (call + 2..call + 3, fault)]);
            for life in 0..2 {
                let journal = journal(dir.path())?;
                append(&journal, life * RECORDS..(life + 1) * RECORDS).await?;
                let died = call + 1 + 2 * life;
                let run = recorder(&journal, &store, options(dir.path())).run(CancellationToken::new());
                tokio::select! {
                    drained = run => anyhow::bail!("ended by itself: {drained:?}"),
                    reached = store.until(|state| state.inserts == died) => reached?,
                }
                journal.close();
            }
            let journal = journal(dir.path())?;
            record_all(&journal, &store, options(dir.path())).await?;
            assert_eq!(store.paths(), paths(0..2 * RECORDS), "{fault:?} at call {call}");
            assert_eq!(rejected(dir.path())?, []);
        }
    }
    Ok(())
}

#[tokio::test]
async fn waits_for_a_store_that_is_away_or_loses_its_answers() -> Result<()> {
    let dir = tempfile::tempdir()?;
    let journal = journal(dir.path())?;
    let store = Double::new(vec![(0..7, Fault::Away), (8..9, Fault::AnswerLost), (9..11, Fault::Away)]);
    append(&journal, 0..20).await?;
    let figures = record_all(&journal, &store, options(dir.path())).await?;
    assert_eq!(store.paths(), paths(0..20));
    assert_eq!((figures.rows_stored, figures.batches, figures.store_errors), (20, 5, 10));
    assert_eq!((figures.failing, figures.stored_position), (0, journal.stats().end.as_u64()));
    assert!(figures.last_error.is_some_and(|error| error.contains("told to be away")));
    Ok(())
}

#[tokio::test]
async fn stores_what_comes_while_it_runs_and_frees_the_journal() -> Result<()> {
    let dir = tempfile::tempdir()?;
    let journal = journal(dir.path())?;
    let store = Double::new(Vec::new());
    let scenario = async {
        for n in 0..20 {
            append(&journal, n..n + 1).await?;
            store.until(|state| state.rows.len() == n + 1).await?;
        }
        append(&journal, 20..30).await?;
        journal.close();
        anyhow::Ok(())
    };
    let run = recorder(&journal, &store, options(dir.path())).run(CancellationToken::new());
    let (drained, scenario) = tokio::join!(run, scenario);
    scenario?;
    assert_eq!((drained, store.paths()), (Drained::Whole, paths(0..30)));
    let readers = journal.stats().readers;
    assert!(readers.iter().all(|reader| reader.lag_bytes == 0), "{readers:?}");
    Ok(())
}

#[tokio::test]
async fn puts_one_refused_row_aside_and_stores_all_others() -> Result<()> {
    for poisoned in [vec![0], vec![13], vec![6, 7], (0..14).collect()] {
        let dir = tempfile::tempdir()?;
        let journal = journal(dir.path())?;
        let store = Double::new(vec![(2..4, Fault::Away)]);
        store.state.lock().poison = paths(poisoned.clone());
        append(&journal, 0..14).await?;
        let wide = RecordOptions { batch_rows: 14, ..options(dir.path()) };
        let figures = record_all(&journal, &store, wide).await?;
        assert_eq!(store.paths(), paths((0..14).filter(|n| !poisoned.contains(n))));
        assert_eq!(figures.rejected_rows, poisoned.len() as u64);

        let mut aside = Vec::new();
        for (name, bytes) in rejected(dir.path())? {
            assert!(name.ends_with("-refused.exchange"), "{name}");
            aside.push(Exchange::decode(&bytes)?.meta.path);
        }
        assert_eq!(aside, paths(poisoned));
        assert_eq!(store.state.lock().position, journal.stats().end.as_u64());
    }
    Ok(())
}

#[tokio::test]
async fn waits_for_a_store_that_refuses_everything() -> Result<()> {
    let dir = tempfile::tempdir()?;
    let journal = journal(dir.path())?;
    // After two halvings every row that is tried alone is followed by a batch without rows: call 24 is a row.
    let store = Double::new(vec![(0..24, Fault::Broken)]);
    append(&journal, 0..10).await?;
    record_all(&journal, &store, options(dir.path())).await?;
    assert_eq!(store.paths(), paths(0..10));
    assert_eq!(rejected(dir.path())?, []);
    Ok(())
}

#[tokio::test]
async fn puts_records_aside_that_are_no_exchanges() -> Result<()> {
    let dir = tempfile::tempdir()?;
    let journal = journal(dir.path())?;
    let store = Double::new(vec![(0..3, Fault::Broken)]);
    let garbage = Bytes::from_static(b"\xffno exchange");
    journal.append(vec![garbage.clone()])?.durable().await?;
    append(&journal, 0..5).await?;
    journal.append(vec![garbage.clone()])?.durable().await?;
    let figures = record_all(&journal, &store, options(dir.path())).await?;
    assert_eq!(store.paths(), paths(0..5));
    assert_eq!(figures.undecodable_records, 2);
    let aside = rejected(dir.path())?;
    assert_eq!(aside.len(), 2);
    assert!(aside.iter().all(|(name, bytes)| name.ends_with("-undecodable.exchange") && *bytes == garbage));
    assert_eq!(store.state.lock().position, journal.stats().end.as_u64());
    Ok(())
}

#[tokio::test]
async fn gives_up_at_the_deadline_and_leaves_the_rest_for_the_next_start() -> Result<()> {
    let dir = tempfile::tempdir()?;
    let journal = journal(dir.path())?;
    let store = Double::new(vec![(1..usize::MAX, Fault::Away)]);
    append(&journal, 0..9).await?;
    let stop = CancellationToken::new();
    stop.cancel();
    let hurried = RecordOptions { drain_deadline: Duration::from_millis(20), ..options(dir.path()) };
    assert_eq!(recorder(&journal, &store, hurried).run(stop).await, Drained::Unfinished);
    store.state.lock().faults.clear();
    record_all(&journal, &store, options(dir.path())).await?;
    assert_eq!(store.paths(), paths(0..9));
    Ok(())
}

#[tokio::test]
async fn holds_no_more_decoded_bodies_than_a_batch_may_have() -> Result<()> {
    let dir = tempfile::tempdir()?;
    let journal = journal(dir.path())?;
    let store = Double::new(Vec::new());
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(&vec![b' '; 100_000])?;
    let small = encoder.finish()?;
    for n in 0..12 {
        journal.append(exchange(n, &small, Some("gzip")).encode()?)?.durable().await?;
    }
    let wide = RecordOptions { batch_rows: 100, batch_bytes: 300_000, ..options(dir.path()) };
    record_all(&journal, &store, wide).await?;
    assert_eq!(store.paths(), paths(0..12));
    assert_eq!(store.state.lock().batches, 4);
    Ok(())
}
