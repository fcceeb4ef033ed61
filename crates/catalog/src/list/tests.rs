//! Lists that are none, and what is said of them.

use super::*;
use crate::CostStatus;

fn error_of_toml(text: &str) -> String {
    PriceList::parse_toml(text).expect_err(text).to_string()
}

fn check_row(fields: &str, expected: &str) {
    let text = format!("prices = [{{ provider = \"P\", models = [\"ok\"], input = \"1\" }}, {{ {fields} }}]");
    let error = error_of_toml(&text);
    assert!(error.starts_with(expected), "{fields}: {error}");
}

#[test]
fn names_row_field_and_what_to_write() {
    for (fields, expected) in [
        (
            r#"provider = "P", models = ["m"], input = "1e-3""#,
            "row 2 (P m), `input`: `1e-3` is not a decimal: write US dollars per million tokens, such as \"2.5\"",
        ),
        (
            r#"provider = "P", models = ["m"], input = "0.0000001""#,
            "row 2 (P m), `input`: `0.0000001` is too fine: write US dollars per million tokens with at most 6 decimals",
        ),
        (
            r#"provider = "P", models = ["m"], input_audio_ms = "0.0000000000001""#,
            "row 2 (P m), `input_audio_ms`: `0.0000000000001` is too fine: write US dollars per second with at most 12",
        ),
        (
            r#"provider = "P", models = ["m"], request = "99999999999999""#,
            "row 2 (P m), `request`: `99999999999999` is larger than any price: write US dollars per call",
        ),
        (r#"provider = "P", models = ["m"], input = 2.5"#, "row 2, `input`: "),
        (
            r#"provider = "P", models = ["m"], inputs = "1""#,
            "row 2 (P m), `inputs`: there is no field or unit `inputs`",
        ),
        (
            r#"provider = "P", models = ["m"], from = "soon""#,
            "row 2 (P m), `from`: `soon` is not a date: write it as",
        ),
        (
            r#"provider = "P", models = ["m"], from = "2026-02-30""#,
            "row 2 (P m), `from`: `2026-02-30` is not a date",
        ),
        (
            r#"provider = "P", models = ["m"], from = "2026-02-01", until = "2026-02-01""#,
            "row 2 (P m), `until`: it is not after `from`",
        ),
        (
            r#"provider = "P", models = ["m"], off_peak = "night""#,
            "row 2 (P m), `off_peak`: `night` is not a part of a day",
        ),
        (r#"provider = "P", models = ["m"], above_input_tokens = "200k""#, "row 2, `"),
        (r#"provider = "P", models = ["m"], region = " ""#, "row 2 (P m), `region`: it is empty"),
        (r#"provider = "P", models = []"#, "row 2 (P ), `models`: it is empty"),
        (r#"provider = "P", models = ["m", " "]"#, "row 2 (P m), `models`: one name is empty"),
        (r#"provider = "", models = ["m"]"#, "row 2 ( m), `provider`: it is empty"),
        (r#"models = ["m"], input = "1""#, "row 2, `provider`: missing field `provider`"),
        (
            r#"provider = "P", models = ["ok"], output = "1""#,
            "row 2 (P ok), `models`: `ok` has a row of the same",
        ),
    ] {
        check_row(fields, expected);
    }
    assert!(
        error_of_toml(r#"provider = "P""#).starts_with("top of the file, `provider`: there is no such key")
    );
    assert!(error_of_toml(r#"prices = "x""#).starts_with("top of the file, `prices`: "));
    assert_eq!(error_of_toml("prices = ["), "the price list is not readable");
    assert!(PriceList::parse_toml("").is_ok());
}

#[test]
fn a_row_is_written_as_it_is_read() {
    let text = r#"
        provider = "P"
        models = ["m*"]
        tier = "flex"
        above_input_tokens = 200000
        region = "eu"
        off_peak = "16:30-00:30"
        variant = "hd/1024x1792"
        from = "2026-01-01"
        until = "2027-01-01"
        input = "2.5"
        request = "0.01"
    "#;
    let row: PriceRow = toml::from_str(text).unwrap();
    assert_eq!(row.prices.len(), 2);
    let written = toml::to_string(&row).unwrap();
    assert_eq!(toml::from_str::<PriceRow>(&written).unwrap(), row);
    assert!(Overrides::new(&[row]).is_ok());
}

#[test]
fn a_book_says_what_a_file_says() {
    let book = PriceList::parse_book(concat!(
        "# comment\n",
        "\n",
        "P\tm\t-\t-\tinput=1 output=2\n",
        "P\tm\t2026-01-01\ttier=flex above=200000 region=eu off_peak=16:30-00:30 variant=low until=2027-01-01\tinput=0.5\n",
        "P\tm\t-\ttier=priority above=200000\t-\n",
        "P\tn*\t-\t-\trequest=0.01\n",
        "P\tother\t=\tm\n",
    ));
    let book = book.unwrap();
    let models = book.models("p").unwrap();
    assert_eq!(models.rows.get("m").map(Vec::len), Some(3));
    let row = models.rows.get("m").and_then(|rows| rows.get(1)).unwrap();
    let file = PriceList::parse_toml(
        r#"prices = [{ provider = "P", models = ["m"], tier = "flex", above_input_tokens = 200000, region = "eu", off_peak = "16:30-00:30", variant = "low", from = "2026-01-01", until = "2027-01-01", input = "0.5" }]"#,
    );
    let file = file.unwrap();
    assert_eq!(
        file.models("P").and_then(|models| models.rows.get("m")).and_then(|rows| rows.first()),
        Some(row)
    );
    let at = Timestamp::parse("2026-06-01T00:00:00Z").unwrap();
    let found = |model| book.find("P", model, at).map(|found| (found.model, found.how));
    assert_eq!(found("m"), Some(("m", MatchKind::Exact)));
    assert_eq!(found("other"), Some(("m", MatchKind::Alias)));
    assert_eq!(found("other-2024-01-01"), Some(("m", MatchKind::Normalised)));
    assert_eq!(found("n-1"), Some(("n", MatchKind::Prefix)));
    assert_eq!(found("x"), None);
}

#[test]
fn a_book_that_is_none_names_the_line() {
    for (line, expected) in [
        ("P\tm\t-\t-", "line 2 (P m), `prices`: it is missing"),
        ("P\tm\t-\t-\t", "line 2 (P m), `prices`: it is missing"),
        ("P", "line 2 (P), `model`: it is missing"),
        ("P\tm\tsoon\t-\tinput=1", "line 2 (P m), `from`: `soon` is not a date"),
        ("P\tm\t-\tcolour=red\tinput=1", "line 2 (P m), `conditions`: there is no condition `colour`"),
        ("P\tm\t-\ttier\tinput=1", "line 2 (P m), `conditions`: `tier` is not of the form"),
        ("P\tm\t-\tabove=many\tinput=1", "line 2 (P m), `above`: `many` is not a number"),
        ("P\tm\t-\toff_peak=x\tinput=1", "line 2 (P m), `off_peak`: `x` is not a part of a day"),
        ("P\tm\t-\t-\tinput", "line 2 (P m), `prices`: `input` is not of the form"),
        ("P\tm\t-\t-\tinput=", "line 2 (P m), `prices`: `input=` is not of the form"),
        ("P\tm\t-\t-\tinputs=1", "line 2 (P m), `prices`: there is no unit `inputs`"),
        ("P\tm\t-\t-\tinput=1 input=2", "line 2 (P m), `input`: there are two prices"),
        ("P\tm\t-\t-\tinput=0.00000015", "line 2 (P m), `input`: `0.00000015` is too fine"),
        ("P\tm\t-\t-\tinput=1\tx", "line 2 (P m), `prices`: something follows"),
        ("P\tok\t-\t-\tinput=2", "line 2 (P ok), `model`: there is a line of the same conditions"),
    ] {
        let text = format!("P\tok\t-\t-\tinput=1\n{line}\n");
        let error = PriceList::parse_book(&text).expect_err(line).to_string();
        assert!(error.starts_with(expected), "{line}: {error}");
    }
    let aliases = "P\ta\t=\tm\nP\ta\t=\tn\n";
    assert!(PriceList::parse_book(aliases).is_err());
}

#[test]
fn names_that_differ_in_case_only_are_told_apart_where_they_can_be() {
    let rows = ["P\tModel\t-\t-\tinput=1\n", "P\tMODEL\t-\t-\tinput=2\n", "P\tmodel\t-\t-\tinput=3\n"];
    let at = Timestamp::parse("2026-06-01T00:00:00Z").unwrap();
    for order in [[0, 1, 2], [2, 1, 0], [1, 0, 2]] {
        let book = PriceList::parse_book(&order.map(|n| rows[n]).concat()).unwrap();
        let found = |model| book.find("P", model, at).map(|found| found.model.to_owned());
        assert_eq!(found("Model").as_deref(), Some("Model"));
        assert_eq!(found("MODEL").as_deref(), Some("MODEL"));
        assert_eq!(found("model").as_deref(), Some("model"));
        assert_eq!(found("mOdEl").as_deref(), Some("MODEL"));
    }
}

#[test]
fn statuses_have_names_of_their_own() {
    let names = CostStatus::ALL.map(CostStatus::as_str);
    assert_eq!(names.iter().collect::<std::collections::BTreeSet<_>>().len(), CostStatus::ALL.len());
}

#[test]
fn the_built_in_book_is_large_and_its_aliases_lead_somewhere() {
    let book = PriceList::parse_book(include_str!("../../prices/book.tsv")).unwrap();
    let providers = book.providers();
    for name in [
        "ANTHROPIC",
        "AWS",
        "AZURE",
        "COHERE",
        "DEEPSEEK",
        "FIREWORKS",
        "GOOGLE",
        "GROQ",
        "MISTRAL",
        "OPENAI",
        "PERPLEXITY",
        "TOGETHER",
        "X",
    ] {
        assert!(providers.get(name).is_some_and(|models| models.rows.len() >= 9), "{name}");
    }
    for (provider, models) in providers {
        for (alias, model) in &models.aliases {
            assert!(models.rows.contains_key(model), "{provider} {alias} leads to {model}");
            assert!(!models.rows.contains_key(alias), "{provider} {alias} is a model, too");
        }
    }
}
