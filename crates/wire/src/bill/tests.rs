//! Exports in the shapes that providers document, and what is wrong with others.

use super::*;

const OPENAI_PAGE: &str = r#"{
  "object": "page",
  "data": [
    {
      "object": "bucket", "start_time": 1730419200, "end_time": 1730505600,
      "results": [
        {"object": "organization.costs.result", "amount": {"value": 0.06, "currency": "usd"},
         "line_item": "gpt-4o-2024-08-06, input", "project_id": null},
        {"object": "organization.costs.result", "amount": {"value": "0.125000000000000001", "currency": "usd"},
         "line_item": "gpt-4o-2024-08-06, cached input", "project_id": "proj_abc"},
        {"object": "organization.costs.result", "amount": {"value": 1e-06, "currency": "usd"},
         "line_item": "text-embedding-3-small", "project_id": "proj_abc"}
      ]
    },
    {"object": "bucket", "start_time": 1730505600, "end_time": 1730592000, "results": []}
  ],
  "has_more": false,
  "next_page": null
}"#;
const ANTHROPIC_PAGE: &str = r#"{
  "data": [{
    "starting_at": "2025-08-01T00:00:00Z", "ending_at": "2025-08-02T00:00:00Z",
    "results": [
      {"currency": "USD", "amount": "123.78912", "workspace_id": "wrkspc_01", "description": "Claude Sonnet 4 Usage - Input Tokens",
       "cost_type": "tokens", "context_window": "0-200k", "model": "claude-sonnet-4-20250514",
       "service_tier": "standard", "token_type": "uncached_input_tokens"},
      {"currency": "USD", "amount": "10", "workspace_id": null, "description": "Web Search Usage",
       "cost_type": "web_search", "context_window": null, "model": null, "service_tier": null, "token_type": null}
    ]
  }],
  "has_more": true,
  "next_page": "page_MjAyNS0wNS0xNFQwMDowMDowMFo="
}"#;

/// Checks what an export comes to: day, model, nano-dollars.
fn check(export: &str, expected: &[(&str, &str, i64)]) {
    let bill = read_bill(export.as_bytes()).unwrap();
    let expected: BTreeMap<_, _> = expected
        .iter()
        .map(|(day, model, nanos)| {
            ((Timestamp::parse(day).unwrap(), (*model).to_owned()), NanoUsd::new(*nanos))
        })
        .collect();
    assert_eq!(bill.charges, expected, "{export}");
}

fn refused(export: &str) -> String {
    read_bill(export.as_bytes()).unwrap_err().to_string()
}

#[test]
fn openai_costs_are_dollars_by_line() {
    let expected =
        [("2024-11-01", "gpt-4o-2024-08-06", 185_000_000), ("2024-11-01", "text-embedding-3-small", 1_000)];
    check(OPENAI_PAGE, &expected);
    check(&format!("[{OPENAI_PAGE}]"), &expected);
    check(
        &format!("{OPENAI_PAGE}\n{OPENAI_PAGE}"),
        &[("2024-11-01", "gpt-4o-2024-08-06", 370_000_000), ("2024-11-01", "text-embedding-3-small", 2_000)],
    );
    let bucket = r#"[{"start_time": 1730419200, "results": [{"amount": {"value": 2, "currency": "usd"}, "line_item": null}]}]"#;
    check(bucket, &[("2024-11-01", "", 2_000_000_000)]);
}

#[test]
fn openai_tables_have_seconds_and_empty_days() {
    check(
        "start_time,end_time,start_time_iso,end_time_iso,amount_value,amount_currency,line_item,project_id,organization_id,organization_name\r\n\
         1759622400,1759708800,2025-10-05T00:00:00+00:00,2025-10-06T00:00:00+00:00,0.8958740000000000,usd,\"gpt-5-mini-2025-08-07, input\",,org-1,Personal\r\n\
         1759622400,1759708800,2025-10-05T00:00:00+00:00,2025-10-06T00:00:00+00:00,0.1,usd,\"gpt-5-mini-2025-08-07, output\",,org-1,\"A \"\"B\"\",\nC\"\r\n\
         1759968000,1760054400,2025-10-09T00:00:00+00:00,2025-10-10T00:00:00+00:00,,,,,,\r\n",
        &[("2025-10-05", "gpt-5-mini-2025-08-07", 995_874_000)],
    );
}

#[test]
fn anthropic_costs_are_cents() {
    check(
        ANTHROPIC_PAGE,
        &[
            ("2025-08-01", "claude-sonnet-4-20250514", 1_237_891_200),
            ("2025-08-01", "Web Search Usage", 100_000_000),
        ],
    );
    let notes = read_bill(ANTHROPIC_PAGE.as_bytes()).unwrap().notes;
    assert!(notes.iter().any(|note| note.contains("further pages")), "{notes:?}");
}

#[test]
fn anthropic_tables_are_dollars() {
    check(
        "usage_date_utc,model,workspace,usage_type,context_window,token_type,cost_usd\n\
         2025-08-01,claude-sonnet-4-20250514,Default,message,≤ 200k,input_no_cache,1.25\n\
         2025-08-01,claude-sonnet-4-20250514,Default,message,≤ 200k,output,0.75\n",
        &[("2025-08-01", "claude-sonnet-4-20250514", 2_000_000_000)],
    );
}

#[test]
fn tables_of_ones_own_making_are_read() {
    let expected = [("2026-01-02", "m-1", 1_500_000_000), ("2026-01-03", "m-1", -250_000_000)];
    check("date,model,amount_usd\n2026-01-02,m-1,1.5\n2026-01-03T23:59:59Z,m-1,-0.25\n\n", &expected);
    check("\u{feff}Date;Model;Cost (USD)\n2026-01-02;m-1;$1.50\n2026-01-03;m-1;-0.25", &expected);
    check("Day\tAmount\n2026-01-02\t3", &[("2026-01-02", "", 3_000_000_000)]);
}

#[test]
fn errors_name_line_and_column() {
    assert_eq!(
        refused("date,model,amount_usd\n2026-01-02,m,1\n2026-01-02,m,one"),
        "line 3, column `amount_usd`: `one` is not an amount such as `12.34`"
    );
    assert_eq!(
        refused("date,model,amount_usd\n01/02/2026,m,1"),
        "line 2, column `date`: `01/02/2026` is not a date such as `2026-11-22`"
    );
    assert_eq!(
        refused("date,model,amount,currency\n2026-01-02,m,1,EUR"),
        "line 2, column `currency`: amounts are in `EUR`: only US dollars can be compared"
    );
    let quoted = refused("date,model,cost\n2026-01-02,\"two\nlines\",1\n2026-01-02,m,x");
    assert!(quoted.starts_with("line 4, column `cost`"), "{quoted}");
    let nameless = refused("when,what,how much\n1,2,3");
    assert!(nameless.contains("no column for the date") && nameless.contains("`how much`"), "{nameless}");
    let cut = refused(OPENAI_PAGE.get(..200).unwrap());
    assert!(cut.contains("line") && cut.contains("column"), "{cut}");
    let wrong = refused(&ANTHROPIC_PAGE.replace("123.78912", "many"));
    assert!(wrong.contains("`many` is not an amount of cents at line 5 column"), "{wrong}");
    let euros = refused(&OPENAI_PAGE.replace("usd", "eur"));
    assert!(euros.contains("`eur`"), "{euros}");
    assert!(refused("{\"usage\": 1}").contains("no export of costs"));
    assert_eq!(refused(" \n"), "the export is empty");
    assert_eq!(read_bill(b"\xff"), Err(BillError::NotText));
}
