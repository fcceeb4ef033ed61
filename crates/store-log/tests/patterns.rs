//! Patterns of filters: what they match, and that no text takes long to be compared with one.

use std::time::{Duration, Instant};

use anyhow::Result;
use gatehouse_store::conformance::samples::plain_row;
use gatehouse_store::filter::{Column, Condition, Filter, Test, TextColumn};
use gatehouse_store::log::{Batch, LogRow, LogStore};
use gatehouse_store_log::{DuckDbLog, Options};
use gatehouse_types::{OrganizationId, RequestId};
use tempfile::TempDir;
use uuid::Uuid;

const OURS: OrganizationId = OrganizationId::from_uuid(Uuid::from_u128(1));

async fn store(users: &[&str]) -> Result<(DuckDbLog, TempDir)> {
    let folder = tempfile::tempdir()?;
    let store = DuckDbLog::start(Options::at(folder.path().join("log.duckdb")))?;
    let rows = (1..).zip(users).map(|(number, user)| LogRow {
        user_id: (*user).to_owned(),
        ..plain_row(OURS, RequestId::from_uuid(Uuid::from_u128(number)))
    });
    store.insert(Batch { rows: rows.collect(), journal_position: 1 }).await?;
    Ok((store, folder))
}

fn user(test: Test) -> Filter {
    Filter::Leaf(Condition { column: Column::Text(TextColumn::UserId), test })
}

#[tokio::test]
async fn of_many_wildcards_are_compared_in_no_time() -> Result<()> {
    let long = "a".repeat(60_000);
    let (store, _folder) = store(&[&long, "short"]).await?;
    let began = Instant::now();
    let (many, longest) = ("%a".repeat(12), "%a_".repeat(333));
    for test in [
        Test::Like(format!("{many}_%b")),
        Test::Like(format!("{many}%b%")),
        Test::ILike(format!("{many}_%B")),
        Test::Like(format!("{longest}b")),
        Test::Contains(format!("{}b", "a".repeat(30_000))),
    ] {
        assert_eq!(store.count(OURS, user(test)).await?, 0);
    }
    assert_eq!(store.count(OURS, user(Test::ILike(format!("%{many}_%A%")))).await?, 1);
    assert!(began.elapsed() < Duration::from_secs(20), "{:?}", began.elapsed());
    Ok(())
}

#[tokio::test]
async fn match_whole_texts_and_every_character() -> Result<()> {
    let users = ["xay.bz", "xayxbz", "a\nb\nc", "50%_\\", "ÉCLAIR au\u{130} K", ""];
    let (store, _folder) = store(&users).await?;
    let cases = [
        (Test::Like("%a_.%_z".to_owned()), 1),
        (Test::Like("%a%b%".to_owned()), 3),
        (Test::Like("%a%b".to_owned()), 0),
        (Test::Like("%a_b_c%".to_owned()), 1),
        (Test::Like("%A%B%".to_owned()), 0),
        (Test::ILike("%A%B%".to_owned()), 3),
        (Test::ILike("%é%I%k".to_owned()), 1),
        (Test::Like("%0\\%%_%".to_owned()), 0),
        (Test::Like("%0%\\%".to_owned()), 1),
        (Test::Contains("%_\\".to_owned()), 1),
        (Test::Contains("éclair AU".to_owned()), 1),
        (Test::NotContains("B".to_owned()), 3),
        (Test::Contains(String::new()), 6),
    ];
    for (test, expected) in cases {
        assert_eq!(store.count(OURS, user(test.clone())).await?, expected, "{test:?}");
    }
    Ok(())
}

#[tokio::test]
async fn one_of_several_is_any_text_at_all() -> Result<()> {
    let users = ["a\0b", "it's \"quoted\"", "back\\slash\n\t", "日本 \u{1F600} \u{2028}", "null", "[]", ""];
    let (store, _folder) = store(&users).await?;
    // A few are compared, many are joined.
    for others in [0, 150] {
        let others = || (0..others).map(|number| format!("other {number}"));
        let one_of = |found: &[&str]| others().chain(found.iter().map(|&text| text.to_owned())).collect();
        for user_id in users {
            let count = store.count(OURS, user(Test::TextIn(one_of(&[user_id])))).await?;
            assert_eq!(count, 1, "{user_id:?}");
        }
        assert_eq!(store.count(OURS, user(Test::TextIn(one_of(&users)))).await?, 7);
        assert_eq!(store.count(OURS, user(Test::TextIn(one_of(&["a", "a\0"])))).await?, 0);
        assert_eq!(store.count(OURS, user(Test::TextNotIn(one_of(&users)))).await?, 0);
        assert_eq!(store.count(OURS, user(Test::TextNotIn(one_of(&["null"])))).await?, 6);
    }
    Ok(())
}
