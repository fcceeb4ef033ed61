//! What people may try who want to keep the server busy, or to fill its memory.

use std::time::{Duration, Instant};

use anyhow::Result;
use gatehouse_store::log::SqlRefusal;
use serde_json::json;

use crate::desk::{Desk, one};

/// A text of some ten thousand characters, as a column.
fn long() -> String {
    format!("(SELECT '{}' AS x FROM request_response_rmt LIMIT 1) AS s", "a".repeat(20_000))
}

#[tokio::test]
async fn that_nothing_would_stop_are_refused_or_done_at_once() -> Result<()> {
    let desk = Desk::new().await?;
    let began = Instant::now();
    let long = long();
    let of_long = |what: &str| format!("SELECT count(*) FROM {long} WHERE {what}");
    let cases = [
        of_long("x LIKE '%a%a%a%a%a%a%a_%b'"),
        of_long("x ILIKE '%a%a%a%a%a%a%a%B'"),
        of_long("x NOT LIKE '%a%a%a%a%a%a%a_%b'"),
        of_long("like(x, '%a%a%a%a%a%a%a_%b')"),
        of_long("x LIKE concat('%a%a%a%a_%b', 'c')"),
        of_long("x ILIKE lower('%a%a%a%a_%b')"),
        of_long("levenshtein(x, x) > 1"),
        of_long("regexp_matches(x, '[ab]*a(.{100}){100}c')"),
        of_long("regexp_matches(x, '.*a.*a.*a.*a.*a.*a..*b')"),
        of_long("match(x, '.*a.*a.*a.*a.*a.*a..*b')"),
        of_long("regexp_extract(x, '.*a.*a.*a.*a.*a.*a..*b') = 'b'"),
        of_long("regexp_replace(x, '.*a.*a.*a.*a.*a.*a..*b', '') = 'b'"),
        of_long("regexp_matches(x, x)"),
        of_long("match(x, x)"),
        of_long("replace(x, 'a', x) = 'b'"),
        of_long("replaceAll(replaceAll(x, 'a', 'bbbbbbbb'), 'b', 'cccccccc') = 'b'"),
        of_long("regexp_replace(x, 'a', x, 'g') = 'b'"),
        of_long("concat(x, x) = 'b'"),
        of_long("strftime(now(), x) = 'b'"),
        of_long("length(list(x) OVER ()) > 1"),
        "SELECT list(latency) OVER () FROM request_response_rmt".to_owned(),
        "SELECT count(DISTINCT model) OVER (ORDER BY latency) FROM request_response_rmt".to_owned(),
        format!("SELECT {} FROM request_response_rmt", vec!["model"; 80].join(" || ")),
    ];
    for sql in &cases {
        let answered = desk.ask(sql).await?;
        let shown: String = sql.chars().rev().take(60).collect::<Vec<_>>().into_iter().rev().collect();
        assert!(
            !matches!(answered, Err(SqlRefusal::TooLong(_) | SqlRefusal::TooMuchMemory)),
            "{shown}: {answered:?}"
        );
    }
    assert!(began.elapsed() < Duration::from_secs(20), "{:?}", began.elapsed());
    Ok(())
}

/// Doubles a text level by level, where no level has it twice among its own expressions.
#[tokio::test]
async fn that_double_a_text_again_and_again_end_early() -> Result<()> {
    let desk = Desk::new().await?;
    let mut sql = "SELECT model || 'aaaaaaaaaaaaaaaa' AS x FROM request_response_rmt".to_owned();
    for _ in 0..14 {
        sql = format!("SELECT x || x AS x FROM ({sql}) AS s");
    }
    let answered = desk.ask(&format!("SELECT max(length(x)) FROM ({sql}) AS s")).await?;
    let Err(SqlRefusal::Failed(message)) = answered else { panic!("{answered:?}") };
    assert!(message.contains("a text of more than 8192 bytes can't become part of another one"), "{message}");
    Ok(())
}

/// What a median is of lies in memory that DuckDB does not count.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn that_fill_memory_nobody_counts_are_stopped() -> Result<()> {
    let desk = Desk::new().await?;
    let tables: Vec<_> = (0..20).map(|number| format!("request_response_rmt t{number}")).collect();
    let sql = format!("SELECT median(t0.latency + t1.latency) FROM {}", tables.join(", "));
    assert_eq!(desk.ask_for(&sql, Duration::from_secs(60)).await?, Err(SqlRefusal::TooMuchMemory));
    assert_eq!(desk.count().await?, 3);
    Ok(())
}

#[tokio::test]
async fn ordinary_texts_come_out_as_ever() -> Result<()> {
    let desk = Desk::new().await?;
    let cases = [
        ("'a' || 'b' || NULL IS NULL", json!(true)),
        ("'a' || (1 + 1) || 'c'", json!("a2c")),
        ("concat('x', NULL, 'y')", json!("xy")),
        ("concat_ws('-', 'x', 'y')", json!("x-y")),
        ("replace('a-b', '-', '+')", json!("a+b")),
        ("replaceAll('a-b', '-', ' and ')", json!("a and b")),
        ("regexp_replace('/v1/1234', '[0-9]{2,}', ':id')", json!("/v1/:id")),
        ("match('abc', 'b.')", json!(true)),
        ("'a\nb' LIKE 'a%b'", json!(true)),
        ("'xay.bz' LIKE '%a_.%_z'", json!(true)),
        ("'xayxbz' LIKE '%a_.%_z'", json!(false)),
        ("'xAYzB' ILIKE '%ay%_b'", json!(true)),
        ("'x' NOT LIKE '%a%_b'", json!(true)),
        ("CAST(NULL AS VARCHAR) LIKE '%a%_b%'", json!(null)),
        ("formatDateTime(toDateTime('2026-01-31 10:00:00'), '%Y/%m')", json!("2026/01")),
        ("len(list('x' || model))", json!(3)),
    ];
    for (expression, expected) in cases {
        let sql = format!("SELECT {expression} FROM request_response_rmt LIMIT 1");
        assert_eq!(one(&desk, &sql).await?, expected, "{sql}");
    }
    let heads = desk.ask("SELECT model || '!' FROM request_response_rmt").await?.unwrap().columns;
    assert_eq!(heads, ["model || '!'"]);
    Ok(())
}
