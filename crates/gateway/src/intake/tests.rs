use gatehouse_journal::JournalOptions;
use gatehouse_types::{Body, ExchangeMeta, OrganizationId, RequestId, Timestamp};

use super::*;

fn exchange(source: Source) -> Exchange {
    let id = RequestId::generate();
    let meta = ExchangeMeta::new(id, OrganizationId::NOBODY, Timestamp::from_unix_micros(1));
    let meta = ExchangeMeta { source, ..meta };
    Exchange { meta, request: Body::default(), response: Body::default() }
}

fn open(options: JournalOptions) -> Journal {
    Journal::open(options).unwrap().0
}

async fn take(intake: &JournalIntake, source: Source) -> Option<StoreError> {
    intake.take(exchange(source)).await.err()
}

#[tokio::test]
async fn keeps_records_while_the_journal_is_open_and_counts_them() {
    let dir = tempfile::tempdir().unwrap();
    let intake = JournalIntake::default();
    assert!(take(&intake, Source::Manual).await.unwrap().is_transient(), "not open yet");
    let journal = open(JournalOptions::new(dir.path()));
    intake.open(journal.clone());
    assert!(take(&intake, Source::Manual).await.is_none());
    assert!(take(&intake, Source::Trace).await.is_none());
    assert_eq!(journal.stats().queued_records, 0, "what was taken is on disk");
    assert_eq!(journal.stats().appended_records, 2);
    journal.close();
    assert!(take(&intake, Source::Trace).await.unwrap().is_transient(), "closed");
    let mut text = String::new();
    intake.render(&mut text);
    for line in [
        "gatehouse_intake_records_total{source=\"manual\"} 1\n",
        "gatehouse_intake_records_total{source=\"trace\"} 1\n",
        "gatehouse_intake_refused_total{source=\"manual\"} 1\n",
        "gatehouse_intake_refused_total{source=\"trace\"} 1\n",
    ] {
        assert!(text.contains(line), "{text}");
    }
}

#[tokio::test]
async fn a_record_that_is_too_large_is_refused_for_good() {
    let dir = tempfile::tempdir().unwrap();
    let intake = JournalIntake::default();
    intake.open(open(JournalOptions { max_record_bytes: 8, ..JournalOptions::new(dir.path()) }));
    assert!(!take(&intake, Source::Manual).await.unwrap().is_transient());
}
