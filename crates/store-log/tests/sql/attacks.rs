//! What people may try who want to see or do more than they may.

use anyhow::Result;
use gatehouse_store::log::SqlRefusal;
use serde_json::json;

use crate::desk::{Desk, THEIRS, one};

/// Each of these is refused, or shows nothing of the other organisation.
const ATTACKS: &[&str] = &[
    // Other tables, and other ways to the table.
    "SELECT * FROM annotations",
    "SELECT * FROM revisions",
    "SELECT * FROM body_blocks",
    "SELECT * FROM journal_cursor",
    "SELECT * FROM schema_version",
    "SELECT * FROM main.request_response_rmt",
    "SELECT * FROM log.main.request_response_rmt",
    "SELECT * FROM \"main\".\"request_response_rmt\"",
    "SELECT * FROM \"main.request_response_rmt\"",
    "SELECT * FROM memory.main.request_response_rmt",
    "SELECT * FROM temp.gatehouse_answer",
    "SELECT * FROM gatehouse_answer",
    "SELECT * FROM gatehouse_with_1",
    "SELECT * FROM facts",
    "SELECT facts.* FROM request_response_rmt",
    "SELECT facts.user_id FROM request_response_rmt",
    "SELECT row_key FROM request_response_rmt",
    "SELECT superseded FROM request_response_rmt",
    "SELECT rowid FROM request_response_rmt",
    "SELECT * FROM information_schema.tables",
    "SELECT * FROM information_schema.columns",
    "SELECT * FROM pg_catalog.pg_class",
    "SELECT * FROM pg_class",
    "SELECT * FROM sqlite_master",
    "SELECT * FROM duckdb_tables",
    "SELECT * FROM request_response_rmt\u{200b}",
    "SELECT * FROM ｒequest_response_rmt",
    "SELECT * FROM `main`.`request_response_rmt`",
    "SELECT * FROM [request_response_rmt]",
    // The tenant that a question is for.
    "SELECT * FROM request_response_rmt WHERE organization_id = '00000000-0000-0000-0000-000000badbad'",
    "SELECT * FROM request_response_rmt WHERE organization_id <> '00000000-0000-0000-0000-000000000001'",
    "SELECT * FROM request_response_rmt WHERE true OR organization_id IS NOT NULL",
    "SELECT * FROM request_response_rmt WHERE 1 = 1) OR (1 = 1",
    "SELECT * FROM request_response_rmt OR 1 = 1 --",
    "SELECT * FROM request_response_rmt AS organization_id",
    "SELECT * FROM request_response_rmt AS \"x) OR true --\"",
    "SELECT * FROM request_response_rmt AS t (a, b, c, organization_id)",
    "SELECT 1 AS \"\"\" FROM annotations --\"",
    "SELECT 'a\\' UNION SELECT user_id FROM annotations --'",
    "SELECT $1",
    "SELECT ?",
    "SELECT * FROM request_response_rmt WHERE organization_id = $1",
    "SELECT * FROM request_response_rmt LIMIT $1",
    "SELECT :organization",
    "SELECT * FROM request_response_rmt a FULL JOIN request_response_rmt b ON false",
    "SELECT * FROM request_response_rmt a RIGHT JOIN request_response_rmt b ON a.organization_id <> b.organization_id",
    "SELECT * FROM request_response_rmt a ANTI JOIN request_response_rmt b USING (organization_id)",
    "SELECT * FROM (SELECT 1 AS x) AS t, LATERAL (SELECT * FROM request_response_rmt WHERE t.x = 1) AS u",
    "SELECT (SELECT max(user_id) FROM request_response_rmt AS b WHERE b.organization_id <> a.organization_id) FROM request_response_rmt AS a",
    "SELECT * FROM request_response_rmt WHERE EXISTS (SELECT 1 FROM annotations)",
    "SELECT * FROM request_response_rmt WHERE request_id IN (SELECT request_id FROM annotations)",
    "SELECT (SELECT value FROM annotations LIMIT 1)",
    "SELECT 1 UNION SELECT user_id FROM annotations",
    "SELECT user_id FROM request_response_rmt UNION ALL SELECT user_id FROM main.request_response_rmt",
    "SELECT user_id FROM request_response_rmt UNION ALL BY NAME SELECT value AS user_id FROM annotations",
    "SELECT * FROM request_response_rmt EXCEPT SELECT * FROM request_response_rmt",
    // Names given in WITH.
    "WITH request_response_rmt AS (SELECT * FROM main.request_response_rmt) SELECT * FROM request_response_rmt",
    "WITH request_response_rmt AS (SELECT 1) SELECT * FROM request_response_rmt",
    "WITH annotations AS (SELECT * FROM annotations) SELECT * FROM annotations",
    "WITH annotations AS (SELECT 1) SELECT * FROM (WITH x AS (SELECT * FROM annotations) SELECT * FROM x) AS y",
    "WITH a AS (SELECT * FROM b), b AS (SELECT 1) SELECT * FROM a",
    "SELECT * FROM (WITH revisions AS (SELECT 1) SELECT * FROM revisions) AS x, revisions",
    "WITH RECURSIVE t AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM t) SELECT * FROM t",
    "WITH RECURSIVE t AS (SELECT * FROM annotations) SELECT * FROM t",
    "WITH t AS MATERIALIZED (SELECT * FROM annotations) SELECT * FROM t",
    "WITH t AS (DELETE FROM annotations RETURNING *) SELECT * FROM t",
    "WITH t AS (INSERT INTO annotations VALUES (1)) SELECT 1",
    // Functions and files in the place of tables.
    "SELECT * FROM read_csv('/etc/passwd')",
    "SELECT * FROM read_csv_auto('/etc/passwd')",
    "SELECT * FROM read_text('/etc/passwd')",
    "SELECT * FROM read_blob('/etc/passwd')",
    "SELECT * FROM read_parquet('x.parquet')",
    "SELECT * FROM read_json('x.json')",
    "SELECT * FROM glob('/**')",
    "SELECT * FROM '/etc/passwd'",
    "SELECT * FROM 'x.csv'",
    "SELECT * FROM \"/etc/passwd\"",
    "SELECT * FROM \"x.csv\"",
    "SELECT * FROM 'https://example.com/x.parquet'",
    "SELECT * FROM query('SELECT * FROM annotations')",
    "SELECT * FROM query_table('annotations')",
    "SELECT * FROM query_table(['annotations', 'revisions'])",
    "SELECT * FROM duckdb_tables()",
    "SELECT * FROM duckdb_settings()",
    "SELECT * FROM duckdb_secrets()",
    "SELECT * FROM duckdb_databases()",
    "SELECT * FROM duckdb_memory()",
    "SELECT * FROM duckdb_logs()",
    "SELECT * FROM pragma_table_info('annotations')",
    "SELECT * FROM pragma_storage_info('request_response_rmt')",
    "SELECT * FROM pragma_database_list()",
    "SELECT * FROM pragma_show_tables()",
    "SELECT * FROM checkpoint()",
    "SELECT * FROM generate_series(1, 1000000000000)",
    "SELECT * FROM range(1000000000000)",
    "SELECT * FROM unnest([1, 2])",
    "SELECT * FROM UNNEST([1, 2])",
    "SELECT * FROM TABLE(read_csv('/etc/passwd'))",
    "SELECT * FROM sniff_csv('/etc/passwd')",
    "SELECT * FROM summary((SELECT * FROM annotations))",
    "SELECT * FROM json_execute_serialized_sql('{}')",
    "SELECT * FROM repeat_row(1, 2, num_rows = 1000000000)",
    "SELECT * FROM which_secret('s3://x', 's3')",
    "SELECT * FROM request_response_rmt TABLESAMPLE 10%",
    "SELECT * FROM request_response_rmt AT (VERSION => 1)",
    "SELECT * FROM request_response_rmt, read_text('/etc/passwd')",
    // Functions.
    "SELECT getenv('HOME')",
    "SELECT getvariable('x')",
    "SELECT current_setting('temp_directory')",
    "SELECT current_setting('secret_directory')",
    "SELECT current_database()",
    "SELECT current_schemas(true)",
    "SELECT version()",
    "SELECT pg_catalog.current_database()",
    "SELECT main.count(*) FROM request_response_rmt",
    "SELECT \"getenv\"('HOME')",
    "SELECT GETENV('HOME')",
    "SELECT query('SELECT 1')",
    "SELECT read_text('/etc/passwd')",
    "SELECT glob('/*')",
    "SELECT nextval('x')",
    "SELECT txid_current()",
    "SELECT error('x')",
    "SELECT write_log('x')",
    "SELECT json_serialize_sql('SELECT 1')",
    "SELECT in_search_path('main', 'main')",
    "SELECT pg_read_file('/etc/passwd')",
    "SELECT load_extension('x')",
    "SELECT repeat('x', 1000000000)",
    "SELECT lpad('x', 1000000000, 'y')",
    "SELECT rpad('x', 1000000000, 'y')",
    "SELECT printf('%1000000000d', 1)",
    "SELECT format('{:1000000000d}', 1)",
    "SELECT range(1000000000)",
    "SELECT generate_series(1, 1000000000)",
    "SELECT unnest(range(1000000000))",
    "SELECT list_resize([1], 1000000000)",
    "SELECT bar(1, 0, 1, 1000000000)",
    "SELECT list_transform([1], x -> x + 1)",
    "SELECT [x + 1 for x in [1, 2]]",
    "SELECT COLUMNS('.*') FROM request_response_rmt",
    "SELECT * EXCLUDE (model) FROM request_response_rmt",
    "SELECT sleep(10)",
    "SELECT pg_sleep(10)",
    "SELECT 'annotations'::regclass",
    "SELECT CAST('x' AS main.t)",
    "SELECT x'00'",
    "SELECT $$annotations$$",
    "SELECT E'\\x41'",
    // Anything but one SELECT.
    "",
    ";",
    "SELECT",
    "SELECT 1; SELECT 2",
    "SELECT 1; DROP TABLE annotations",
    "SELECT 1;;SELECT * FROM annotations",
    "SELECT 1 /* ; */ ; DELETE FROM annotations",
    "INSERT INTO annotations SELECT * FROM annotations",
    "UPDATE request_response_rmt SET cost = 0",
    "DELETE FROM request_response_rmt",
    "TRUNCATE request_response_rmt",
    "DROP TABLE request_response_rmt",
    "ALTER TABLE request_response_rmt ADD COLUMN x INTEGER",
    "CREATE TABLE x AS SELECT * FROM request_response_rmt",
    "CREATE TEMP TABLE x AS SELECT 1",
    "CREATE VIEW x AS SELECT 1",
    "CREATE MACRO f(a) AS a + 1",
    "CREATE SECRET s (TYPE s3)",
    "COPY request_response_rmt TO '/tmp/stolen.csv'",
    "COPY (SELECT * FROM request_response_rmt) TO '/tmp/stolen.csv'",
    "COPY annotations FROM '/etc/passwd'",
    "EXPORT DATABASE '/tmp/stolen'",
    "IMPORT DATABASE '/tmp/stolen'",
    "ATTACH '/tmp/other.duckdb' AS other",
    "DETACH log",
    "USE memory",
    "PRAGMA database_list",
    "PRAGMA table_info('annotations')",
    "PRAGMA memory_limit='100GB'",
    "SET memory_limit = '100GB'",
    "SET enable_external_access = true",
    "SET GLOBAL threads = 100",
    "SET VARIABLE x = 1",
    "RESET memory_limit",
    "INSTALL httpfs",
    "LOAD httpfs",
    "CALL pragma_version()",
    "CHECKPOINT",
    "FORCE CHECKPOINT",
    "VACUUM",
    "ANALYZE",
    "BEGIN",
    "COMMIT",
    "ROLLBACK",
    "EXPLAIN SELECT * FROM request_response_rmt",
    "EXPLAIN ANALYZE SELECT * FROM annotations",
    "DESCRIBE annotations",
    "DESCRIBE SELECT 1",
    "SHOW TABLES",
    "SHOW ALL TABLES",
    "SUMMARIZE request_response_rmt",
    "SUMMARIZE annotations",
    "PREPARE p AS SELECT 1",
    "EXECUTE p",
    "PIVOT request_response_rmt ON model",
    "UNPIVOT request_response_rmt ON model",
    "FROM request_response_rmt",
    "FROM annotations SELECT *",
    "TABLE annotations",
    "TABLE request_response_rmt",
    "VALUES (1)",
    "SELECT * FROM (VALUES (1)) AS t",
    "SELECT * FROM (TABLE annotations) AS t",
    "SELECT * FROM (FROM annotations) AS t",
    "SELECT * FROM (SHOW TABLES) AS t",
    "SELECT * FROM (DESCRIBE annotations) AS t",
    "SELECT * FROM (SUMMARIZE annotations) AS t",
    "SELECT * FROM (PIVOT annotations ON kind) AS t",
    "SELECT * FROM annotations PIVOT (count(*) FOR kind IN ('property'))",
    "SELECT * INTO x FROM request_response_rmt",
    "SELECT * FROM request_response_rmt FOR UPDATE",
    "SELECT * FROM request_response_rmt SETTINGS max_memory_usage = 1",
    "SELECT * FROM request_response_rmt FORMAT CSV",
    "SELECT * FROM request_response_rmt |> DROP TABLE",
    "SELECT * FROM request_response_rmt INTO OUTFILE '/tmp/stolen.csv'",
    "SELECT 1 \0; DROP TABLE annotations",
    "SELECT request_body FROM request_response_rmt",
    "SELECT r.response_body FROM request_response_rmt r",
];

#[tokio::test]
async fn show_nothing_of_another_organisation() -> Result<()> {
    let desk = Desk::new().await?;
    let mut refused = 0;
    for attack in ATTACKS {
        match desk.ask(attack).await? {
            Ok(answer) => {
                let text = format!("{answer:?}");
                assert!(!text.contains(THEIRS), "{attack}: {text}");
                assert!(!text.contains("badbad"), "{attack}: {text}");
                assert!(!text.contains("root:"), "{attack}: {text}");
            }
            Err(refusal) => {
                refused += 1;
                let text = refusal.to_string();
                assert!(!text.contains(THEIRS), "{attack}: {text}");
                assert!(!text.contains(&desk.folder.path().display().to_string()), "{attack}: {text}");
                assert!(
                    !matches!(refusal, SqlRefusal::TooLong(_) | SqlRefusal::TooMuchMemory),
                    "{attack}: {text}"
                );
            }
        }
    }
    assert!(ATTACKS.len() >= 200, "{}", ATTACKS.len());
    assert!(refused >= ATTACKS.len() - 20, "{refused} of {}", ATTACKS.len());
    // Nothing was changed.
    assert_eq!(desk.count().await?, 3);
    assert_eq!(one(&desk, "SELECT sum(cost) FROM request_response_rmt").await?, json!(1_000_000_015_i64));
    assert!(!std::path::Path::new("/tmp/stolen.csv").exists());
    Ok(())
}

/// These ask for something that is not let through; that is said, not what DuckDB makes of it.
#[tokio::test]
async fn are_refused_by_what_they_ask_for() -> Result<()> {
    let desk = Desk::new().await?;
    let cases = [
        ("SELECT getenv('HOME')", "the function `getenv` is not allowed"),
        ("SELECT * FROM annotations", "unknown table `annotations`, known are `request_response_rmt`"),
        ("SELECT 1; SELECT 2", "there must be one statement, not several"),
        ("DROP TABLE x", "only `SELECT` is allowed"),
        ("SELECT $1", "a parameter is not allowed"),
        ("SELECT * FROM read_csv('/etc/passwd')", "a function in the place of a table is not allowed"),
        ("WITH RECURSIVE t AS (SELECT 1) SELECT 1", "`WITH RECURSIVE` is not allowed"),
        ("SELECT * FROM request_response_rmt LIMIT 1 + 1", "`LIMIT` must be a whole number"),
    ];
    for (attack, message) in cases {
        assert_eq!(desk.ask(attack).await?, Err(SqlRefusal::NotAllowed(message.to_owned())), "{attack}");
    }
    let Err(SqlRefusal::NotAllowed(hint)) = desk.ask("SELECT request_body FROM request_response_rmt").await?
    else {
        panic!("bodies are not there");
    };
    assert!(hint.contains("request_preview"), "{hint}");
    Ok(())
}

#[tokio::test]
async fn of_great_size_or_depth_are_refused() -> Result<()> {
    let desk = Desk::new().await?;
    let nested = |count: usize| format!("SELECT {}1{}", "(".repeat(count), ")".repeat(count));
    let queries =
        |count: usize| format!("{}SELECT 1{}", "SELECT * FROM (".repeat(count), ") AS t".repeat(count));
    let doubled = |levels: usize| {
        let level = |number| format!("t{} AS (SELECT a.x FROM t{number} AS a, t{number} AS b)", number + 1);
        let levels: Vec<_> = (0..levels).map(level).collect();
        format!("WITH t0 AS (SELECT 1 AS x), {} SELECT count(*) FROM t{}", levels.join(", "), levels.len())
    };
    let bombs = [
        doubled(40),
        nested(100_000),
        nested(4_000),
        queries(1_000),
        format!("SELECT {}", vec!["1"; 40_000].join("+")),
        format!("SELECT {}", vec!["1"; 4_900].join("+")),
        format!("SELECT {}1", "NOT ".repeat(5_000)),
        format!("SELECT {}1", "-".repeat(4_000)),
        format!("SELECT 1 {}", "UNION SELECT 1 ".repeat(3_000)),
        format!("SELECT CASE {} END", "WHEN true THEN CASE ".repeat(1_000)),
        format!("SELECT '{}'", "x".repeat(70_000)),
        format!("SELECT * FROM {}", vec!["request_response_rmt"; 25].join(", ")),
    ];
    for bomb in bombs {
        let refusal = desk.ask(&bomb).await?;
        let start: String = bomb.chars().take(40).collect();
        assert!(
            matches!(refusal, Err(SqlRefusal::NotAllowed(_) | SqlRefusal::Failed(_))),
            "{start}: {refusal:?}"
        );
    }
    // As much of it as is let through is answered in no time.
    assert_eq!(one(&desk, &doubled(11)).await?, json!(1));
    assert_eq!(desk.count().await?, 3);
    Ok(())
}
