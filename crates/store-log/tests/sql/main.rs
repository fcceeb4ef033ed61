//! Questions in SQL: what they find, and that nothing they say shows another organisation's rows, reads anything else
//! or costs more than it may.

mod attacks;
mod bombs;
mod desk;

use anyhow::Result;
use gatehouse_store::log::{SqlLog, SqlRefusal};
use serde_json::{Value, json};

use desk::{Desk, MAX_BYTES, MAX_TIME, THEIRS, one};

macro_rules! answers {
    ($($name:ident: $sql:expr => $rows:tt;)+) => {
        $(
            #[tokio::test]
            async fn $name() -> Result<()> {
                let desk = Desk::new().await?;
                let answer = desk.ask($sql).await?.unwrap();
                assert_eq!(Value::from(answer.rows), json!($rows), "{}", $sql);
                Ok(())
            }
        )+
    };
}

answers! {
    counts_rows: "SELECT count(*) FROM request_response_rmt" => [[3]];
    takes_a_semicolon: "SELECT count(*) FROM request_response_rmt;" => [[3]];
    groups_and_sorts: "SELECT model, count(*) AS n FROM request_response_rmt GROUP BY model ORDER BY n DESC"
        => [["gpt", 2], ["claude", 1]];
    takes_names_in_any_case: "select MODEL from REQUEST_RESPONSE_RMT where Status = 500" => [["claude"]];
    reads_added_properties: "SELECT properties['plan'] FROM request_response_rmt ORDER BY request_created_at"
        => [["free"], ["late"], [null]];
    reads_properties_of_an_alias: "SELECT r.properties['plan'] FROM request_response_rmt AS r WHERE r.status = 500"
        => [[null]];
    reads_scores: "SELECT scores['accuracy'], scores['polite'] FROM request_response_rmt WHERE user_id = 'bob'"
        => [[0.5, 1.0]];
    reads_all_columns_of_an_alias: "SELECT CAST(r AS VARCHAR) LIKE '%late%' FROM request_response_rmt r WHERE user_id = 'bob'"
        => [[true]];
    reads_revised_costs: "SELECT cost, cost_usd FROM request_response_rmt WHERE user_id = 'bob'" => [[5, 5e-9]];
    leaves_superseded_rows_out: "SELECT count(*) FROM request_response_rmt WHERE user_id = 'nobody'" => [[0]];
    joins_with_itself: "SELECT count(*) FROM request_response_rmt a JOIN request_response_rmt b USING (request_id)"
        => [[3]];
    reads_common_tables: "WITH m AS (SELECT model FROM request_response_rmt), n AS (SELECT * FROM m) SELECT count(*) FROM n"
        => [[3]];
    hides_outer_common_tables: "WITH t AS (SELECT 1 AS x) SELECT * FROM (WITH t AS (SELECT 2 AS x) SELECT x FROM t) AS s"
        => [[2]];
    reads_correlated_queries: "SELECT model FROM request_response_rmt AS a WHERE cost = (SELECT max(cost) FROM request_response_rmt AS b WHERE b.model = a.model) ORDER BY model"
        => [["claude"], ["gpt"]];
    unites: "SELECT 1 UNION ALL SELECT 2 ORDER BY 1" => [[1], [2]];
    keeps_precedence: "SELECT (1 + 2) * 3, 1 + 2 * 3, NOT (true AND false), -(-1)" => [[9, 7, true, 1]];
    counts_in_windows: "SELECT row_number() OVER (ORDER BY request_created_at) FROM request_response_rmt LIMIT 2"
        => [[1], [2]];
    knows_clickhouse: "SELECT countIf(status >= 400), uniq(model), quantile(0.5)(latency), toDate('2026-01-31'), multiIf(1 > 2, 'a', 2 > 1, 'b', 'c') FROM request_response_rmt"
        => [[1, 2, 1500.0, "2026-01-31", "b"]];
    answers_the_documented_error_rate: "SELECT COUNTIf(status BETWEEN 400 AND 599) AS error_count, COUNT() AS total_requests, ROUND(error_count / total_requests, 4) AS error_rate FROM request_response_rmt WHERE request_created_at >= toDateTime64(now(), 3) - INTERVAL 24000 HOUR"
        => [[1, 3, 0.3333]];
    answers_the_documented_users_by_day: "SELECT toDate(request_created_at) AS day, COUNT(DISTINCT user_id) AS dau FROM request_response_rmt WHERE request_created_at >= now() - INTERVAL '9999 days' GROUP BY day ORDER BY day"
        => [["2026-11-22", 3]];
    keeps_quotes_in_texts: "SELECT 'it''s', 'a\"b', '-- no comment', '/* nor this */', ';'"
        => [["it's", "a\"b", "-- no comment", "/* nor this */", ";"]];
    keeps_quotes_in_names: "SELECT 1 AS \"a\"\"b; DROP TABLE x\"" => [[1]];
    passes_over_comments: "SELECT /* a; b */ 1 -- ; SELECT 2\n" => [[1]];
    tells_sums_exactly: "SELECT sum(cost) FROM request_response_rmt" => [[1_000_000_015_i64]];
}

#[tokio::test]
async fn has_every_column_that_it_lists() -> Result<()> {
    let desk = Desk::new().await?;
    let listed: Vec<_> = desk.store.tables()[0].columns.iter().map(|column| column.name).collect();
    for column in &listed {
        assert_eq!(
            desk.ask(&format!("SELECT {column} FROM request_response_rmt")).await?.unwrap().columns,
            [*column]
        );
    }
    assert_eq!(desk.ask("SELECT * FROM request_response_rmt").await?.unwrap().columns, listed);
    Ok(())
}

#[tokio::test]
async fn gives_columns_of_one_name_names_of_their_own() -> Result<()> {
    let desk = Desk::new().await?;
    let answer = desk.ask("SELECT model, model, 1 AS model FROM request_response_rmt").await?.unwrap();
    let mut names = answer.columns.clone();
    names.sort();
    names.dedup();
    assert_eq!(names.len(), 3, "{:?}", answer.columns);
    Ok(())
}

#[tokio::test]
async fn keeps_to_its_caps() -> Result<()> {
    let desk = Desk::new().await?;
    let all = "SELECT a.model FROM request_response_rmt a, request_response_rmt b, request_response_rmt c, \
               request_response_rmt d, request_response_rmt e, request_response_rmt f, request_response_rmt g";
    // 3^7 rows.
    assert_eq!(desk.ask(all).await?.unwrap().rows.len(), 100);
    assert_eq!(desk.ask(&format!("{all} LIMIT 150")).await?.unwrap().rows.len(), 150);
    assert_eq!(desk.ask(&format!("{all} LIMIT 2000 OFFSET 2180")).await?.unwrap().rows.len(), 7);
    assert_eq!(desk.ask(&format!("{all} LIMIT 100000")).await?.unwrap().rows.len(), 1000);
    assert_eq!(desk.ask(&format!("{all} LIMIT ALL")).await?.unwrap().rows.len(), 100);
    let large = "SELECT string_agg(a.request_preview || b.request_preview, '') FROM request_response_rmt a, request_response_rmt b, \
                 request_response_rmt c, request_response_rmt d, request_response_rmt e, request_response_rmt f, \
                 request_response_rmt g, request_response_rmt h, request_response_rmt i";
    assert_eq!(desk.ask(large).await?, Err(SqlRefusal::TooLarge(MAX_BYTES)));
    Ok(())
}

#[tokio::test]
async fn stops_what_takes_too_long_and_answers_others_meanwhile() -> Result<()> {
    let desk = Desk::new().await?;
    let tables: Vec<_> = (0..14).map(|number| format!("request_response_rmt t{number}")).collect();
    let endless = |rest: &str| {
        format!("WITH x AS (SELECT 1 AS one FROM {}) SELECT {rest} FROM x AS a, x AS b", tables.join(", "))
    };
    let (first, second) = (endless("count(*)"), endless("sum(a.one + b.one)"));
    let (first, second, count) = tokio::join!(desk.ask(&first), desk.ask(&second), desk.count());
    for stopped in [first?, second?] {
        assert_eq!(stopped, Err(SqlRefusal::TooLong(MAX_TIME)));
    }
    assert_eq!(count?, 3);
    assert_eq!(one(&desk, "SELECT count(*) FROM request_response_rmt").await?, json!(3));
    Ok(())
}

#[tokio::test]
async fn an_error_on_another_organisations_row_shows_nothing() -> Result<()> {
    let desk = Desk::new().await?;
    // Theirs are no numbers, ours are: a cast that were made before their rows are left out would fail and say so.
    let oracles = [
        "SELECT count(*) FROM request_response_rmt WHERE CAST(country_code AS INTEGER) > 0",
        "SELECT count(*) FROM request_response_rmt WHERE CAST(country_code AS INTEGER) > 0 AND status > 0",
        "SELECT count(*) FROM request_response_rmt a JOIN request_response_rmt b ON CAST(a.country_code AS INTEGER) = CAST(b.country_code AS INTEGER)",
        "WITH t AS (SELECT CAST(country_code AS INTEGER) AS n FROM request_response_rmt) SELECT count(*) FROM t WHERE n > 0",
        "SELECT count(*) FROM (SELECT max(CAST(country_code AS INTEGER)) AS n FROM request_response_rmt GROUP BY model) AS t",
        "SELECT count(DISTINCT CAST(country_code AS INTEGER)) FROM request_response_rmt",
    ];
    for sql in oracles {
        assert!(desk.ask(sql).await?.is_ok(), "{sql}: {:?}", desk.ask(sql).await?);
    }
    let failing = "SELECT CAST(model AS INTEGER) FROM request_response_rmt";
    let Err(SqlRefusal::Failed(message)) = desk.ask(failing).await? else { panic!("{failing}") };
    assert!(!message.contains(THEIRS) && !message.contains("organization_id"), "{message}");
    Ok(())
}
