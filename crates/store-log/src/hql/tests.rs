//! What is written for each table that a question names.

use super::*;

fn written(text: &str, has_annotations: bool, has_revisions: bool) -> String {
    let now = Timestamp::from_unix_micros(0);
    let setting = Setting { default_rows: 100, max_rows: 1000, now, has_annotations, has_revisions };
    compile(text, setting).unwrap()
}

#[test]
fn every_table_is_one_tenants_rows_behind_a_barrier() {
    let questions = [
        ("SELECT * FROM request_response_rmt", 1),
        ("SELECT 1 FROM request_response_rmt WHERE CAST(country_code AS INTEGER) > 0 OR true", 1),
        ("SELECT 1 FROM request_response_rmt a JOIN \"REQUEST_RESPONSE_RMT\" b ON true", 2),
        ("WITH t AS (SELECT * FROM request_response_rmt) SELECT * FROM t, t AS u", 1),
        (
            "SELECT (SELECT max(b.cost) FROM request_response_rmt b WHERE b.model = a.model) FROM request_response_rmt a",
            2,
        ),
        (
            "SELECT 1 FROM request_response_rmt UNION SELECT 2 FROM (SELECT 1 FROM request_response_rmt) AS t",
            2,
        ),
        ("SELECT 1 WHERE EXISTS (SELECT 1 FROM request_response_rmt)", 1),
    ];
    let own = "WHERE organization_id = CAST($1 AS UUID) AND NOT superseded LIMIT 4000000000000000000)";
    for (question, tables) in questions {
        for (has_annotations, has_revisions) in [(false, false), (true, false), (false, true), (true, true)] {
            let sql = written(question, has_annotations, has_revisions);
            assert_eq!(sql.matches(own).count(), tables, "{sql}");
            assert_eq!(sql.matches("request_response_rmt AS facts").count(), tables, "{sql}");
            // Whatever else is joined is the tenant's, too.
            let joined = sql.matches(" FROM annotations").count() + sql.matches(" FROM revisions").count();
            assert_eq!(sql.matches("= CAST($1 AS UUID)").count(), tables + joined, "{sql}");
        }
    }
}
