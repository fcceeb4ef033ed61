//! Costs worked out by hand, the reasons for having none, and the arithmetic's laws.

use gatehouse_types::{Timestamp, UnitKind};

use super::*;
use crate::{ListedPrice, ListingQuery, MatchKind, Unit};

const LATER: Timestamp = Timestamp::from_unix_micros(1_795_356_360_000_000);

fn query<'a>(model: &'a str, usage: &'a Usage) -> PriceQuery<'a> {
    PriceQuery {
        provider: "OPENAI",
        region: None,
        model,
        service_tier: None,
        variant: None,
        usage: Some(usage),
        declared_cost: None,
        extra_charges: false,
        status: 200,
        at: LATER,
    }
}

fn tokens(input: u64, output: u64) -> Usage {
    Usage { input: Some(input), output: Some(output), ..Usage::default() }
}

fn check(query: PriceQuery<'_>, expected: Result<i64, CostStatus>) {
    let priced = Catalog::builtin().price(query, None);
    let expected = match expected {
        Ok(nanos) => Priced { cost: Some(NanoUsd::new(nanos)), status: CostStatus::Priced },
        Err(status) => Priced { cost: None, status },
    };
    assert_eq!(priced, expected, "{query:?}");
}

#[test]
fn costs_what_it_costs_by_hand() {
    // 22 x $0.15/M + 12 x $0.60/M = 22 x 150 + 12 x 600 nano = 3,300 + 7,200 nano.
    check(query("gpt-4o-mini-2024-07-18", &tokens(22, 12)), Ok(10_500));
    // 86 x $2.50/M + 1,920 x $1.25/M + 300 x $10/M = 215,000 + 2,400,000 + 3,000,000 nano.
    let cached = Usage { cache_read: Some(1920), ..tokens(86, 300) };
    check(query("gpt-4o-2024-08-06", &cached), Ok(5_615_000));
    // Reasoning is output: 12 x $1.10/M + (11 + 128) x $4.40/M = 13,200 + 611,600 nano.
    let reasoning = Usage { reasoning: Some(128), ..tokens(12, 11) };
    check(query("o4-mini-2025-04-16", &reasoning), Ok(624_800));
    // 15 x $2.50/M + 80 x $32/M + 15 x $10/M + 45 x $64/M = 37,500 + 2,560,000 + 150,000 + 2,880,000 nano.
    let audio = Usage { input_audio: Some(80), output_audio: Some(45), ..tokens(15, 15) };
    check(query("gpt-audio-2025-08-28", &audio), Ok(5_627_500));
    // 4 x $0.02/M = 80 nano, and an embedding has no output to be counted.
    let embedding = Usage { input: Some(4), total: Some(4), ..Usage::default() };
    check(query("text-embedding-3-small", &embedding), Ok(80));
    check(query("gpt-4o-mini", &tokens(0, 0)), Ok(0));
}

#[test]
fn estimates_what_a_call_will_cost() {
    let estimate = |provider, model, input_tokens, output_tokens| {
        let query = EstimateQuery { provider, region: None, model, input_tokens, output_tokens, at: LATER };
        Catalog::builtin().estimate(query, None).map(NanoUsd::get)
    };
    // 22 x $0.15/M + 12 x $0.60/M, as above.
    assert_eq!(estimate("OPENAI", "gpt-4o-mini", 22, 12), Some(10_500));
    assert_eq!(estimate("OPENAI", "text-embedding-3-small", 4, 0), Some(80));
    assert_eq!(estimate("OPENAI", "gpt-4o-mini", 0, 0), Some(0));
    assert_eq!(estimate("OPENAI", "gpt-99", 22, 12), None, "what is not known is not 0");
    assert_eq!(estimate("ANTHROPIC", "gpt-4o-mini", 22, 12), None);
    assert_eq!(estimate("OPENAI", "gpt-4o-mini", u64::MAX, u64::MAX), None);
    let regional = EstimateQuery {
        provider: "OPENAI",
        region: Some("jp"),
        model: "gpt-4o-mini",
        input_tokens: 1,
        output_tokens: 1,
        at: LATER,
    };
    assert_eq!(Catalog::builtin().estimate(regional, None), None);
}

#[test]
fn prices_by_tier_length_and_fine_tuning() {
    let usage = tokens(1000, 100);
    // 1,000 x $0.55/M + 100 x $2.20/M = 550,000 + 220,000 nano.
    check(PriceQuery { service_tier: Some("flex"), ..query("o4-mini", &usage) }, Ok(770_000));
    // 1,000 x $0.25/M + 100 x $1/M.
    check(PriceQuery { service_tier: Some("priority"), ..query("gpt-4o-mini", &usage) }, Ok(350_000));
    for standard in ["default", "standard", "auto", "on_demand", "Default", ""] {
        check(PriceQuery { service_tier: Some(standard), ..query("gpt-4o-mini", &usage) }, Ok(210_000));
    }
    // 272,000 x $2.50/M + 100 x $15/M; one cached token more and all of it costs $5, $0.50 and $22.50.
    check(query("gpt-5.4", &tokens(272_000, 100)), Ok(681_500_000));
    let longer = Usage { cache_read: Some(1), ..tokens(272_000, 100) };
    check(query("gpt-5.4", &longer), Ok(1_362_250_500));
    // 1,000 x $3.75/M + 100 x $15/M.
    check(query("ft:gpt-4o-2024-08-06:acme::abc123", &usage), Ok(5_250_000));
}

#[test]
fn finds_a_model_by_name_or_by_name_without_date_only() {
    let usage = tokens(1, 0);
    check(query("gpt-4o-mini-2031-01-02", &usage), Ok(150));
    // This snapshot has its own price.
    check(query("gpt-4o-2024-05-13", &usage), Ok(5_000));
    for model in [
        "gpt-4o-mini-2024",
        "gpt-4o-minis",
        "gpt-4",
        "gpt-4.5-x",
        "ft:gpt-4.5-x:acme::id",
        "-2024-07-18",
        "世界のモデルです",
    ] {
        let expected = if model == "gpt-4" { Ok(30_000) } else { Err(CostStatus::NoPrice) };
        check(query(model, &usage), expected);
    }
}

#[test]
fn says_why_there_is_no_cost() {
    let usage = tokens(10, 10);
    let good = query("gpt-4o-mini", &usage);
    check(PriceQuery { usage: None, ..good }, Err(CostStatus::NoUsage));
    check(PriceQuery { usage: None, status: -3, ..good }, Err(CostStatus::NoUsage));
    check(PriceQuery { usage: None, status: 429, ..good }, Err(CostStatus::ErrorStatus));
    check(PriceQuery { usage: None, status: 500, model: "", ..good }, Err(CostStatus::ErrorStatus));
    check(PriceQuery { model: "", ..good }, Err(CostStatus::NoModel));
    check(PriceQuery { model: "gpt-9", ..good }, Err(CostStatus::NoPrice));
    check(PriceQuery { provider: "LEMONFOX", ..good }, Err(CostStatus::NoPrice));
    check(PriceQuery { region: Some("jp"), ..good }, Err(CostStatus::NoPrice));
    check(PriceQuery { service_tier: Some("scale"), ..good }, Err(CostStatus::NoPrice));
    check(PriceQuery { status: 400, ..good }, Ok(7_500));
    let charged = PriceQuery { extra_charges: true, ..good };
    check(charged, Err(CostStatus::ExtraCharges));
    check(PriceQuery { model: "gpt-9", ..charged }, Err(CostStatus::ExtraCharges));
    check(PriceQuery { usage: None, ..charged }, Err(CostStatus::NoUsage));
    check(PriceQuery { usage: None, status: 429, ..charged }, Err(CostStatus::ErrorStatus));

    let total = Usage { total: Some(20), ..Usage::default() };
    check(PriceQuery { usage: Some(&total), ..good }, Err(CostStatus::NoUsage));
    let half = Usage { output: None, ..usage };
    check(PriceQuery { usage: Some(&half), ..good }, Err(CostStatus::NoUsage));
    let audio = Usage { input_audio: Some(1), ..usage };
    check(PriceQuery { usage: Some(&audio), ..good }, Err(CostStatus::PartialPrice));
    let no_audio = Usage { input_audio: Some(0), output_audio: Some(0), ..usage };
    check(PriceQuery { usage: Some(&no_audio), ..good }, Ok(7_500));
    // The long-context price of this tier is not known.
    let long = tokens(300_000, 1);
    let priority = PriceQuery { service_tier: Some("priority"), ..query("gpt-5.4", &long) };
    check(priority, Err(CostStatus::NoPrice));
    let absurd = tokens(u64::MAX, u64::MAX);
    check(query("gpt-4o-mini", &absurd), Err(CostStatus::NoUsage));
}

fn of(list: &str) -> Catalog {
    Catalog::builtin().with_book(PriceList::parse_toml(list).unwrap())
}

fn check_in(catalog: &Catalog, usage: &Usage, expected: Result<i64, CostStatus>) {
    let priced = catalog.price(query("m", usage), None);
    assert_eq!(priced.cost.map(NanoUsd::get).ok_or(priced.status), expected, "{usage:?}");
}

#[test]
fn rounds_half_up_once_at_the_end() {
    let catalog =
        of(r#"prices = [{ provider = "OPENAI", models = ["m"], input = "0.0005", output = "0.000499" }]"#);
    // A token of input costs 500 pico-dollars, one of output 499.
    check_in(&catalog, &tokens(1, 0), Ok(1));
    check_in(&catalog, &tokens(0, 1), Ok(0));
    check_in(&catalog, &tokens(3, 0), Ok(2));
    // Rounded by class it would be 1 + 0 and 0 + 0.
    check_in(&catalog, &tokens(1, 3), Ok(2));
    check_in(&catalog, &tokens(0, 4), Ok(2));
}

#[test]
fn time_is_counted_in_milliseconds_and_priced_by_the_second() {
    let catalog = of(
        r#"prices = [{ provider = "OPENAI", models = ["m"], input_audio_ms = "0.000000001", characters = "0.0000000005" }]"#,
    );
    let heard = |ms| Usage { input_audio_ms: Some(ms), ..Usage::default() };
    // A second costs a nano-dollar: half of one is rounded up, less than that down.
    check_in(&catalog, &heard(499), Ok(0));
    check_in(&catalog, &heard(500), Ok(1));
    check_in(&catalog, &heard(1499), Ok(1));
    // 0.499 + 0.5 nano-dollars: the parts of a second stay exact up to the one rounding.
    check_in(&catalog, &Usage { characters: Some(1), ..heard(499) }, Ok(1));
    check_in(&catalog, &Usage { characters: Some(2), ..heard(499) }, Ok(1));
    check_in(&catalog, &Usage { characters: Some(2), ..heard(500) }, Ok(2));
}

#[test]
fn every_unit_has_its_price() {
    for kind in UnitKind::ALL {
        let list = format!(r#"prices = [{{ provider = "P", models = ["m"], {} = "3" }}]"#, kind.as_str());
        let catalog = of(&list);
        let usage = used(kind, 2000);
        let priced = catalog.price(PriceQuery { provider: "P", ..query("m", &usage) }, None);
        // $3 per million tokens, per second, and per unit.
        let nanos = match Unit::Used(kind).per() {
            "million tokens" => 6_000_000,
            "second" => 6_000_000_000,
            _ => 6_000_000_000_000,
        };
        assert_eq!(priced.cost, Some(NanoUsd::new(nanos)), "{kind:?}");
        let empty = of(r#"prices = [{ provider = "P", models = ["m"], request = "1" }]"#);
        let unpriced = empty.explain(PriceQuery { provider: "P", ..query("m", &usage) }, None);
        assert_eq!(unpriced.status, CostStatus::PartialPrice, "{kind:?}");
        assert_eq!(unpriced.missing, [Unit::Used(kind)]);
    }
}

/// So much of one class.
fn used(kind: UnitKind, count: u64) -> Usage {
    let text = format!("{} = {count}", kind.as_str());
    toml::from_str(&text).unwrap()
}

#[test]
fn reasoning_is_output_and_a_cache_is_not_input() {
    let catalog = of(r#"prices = [{ provider = "OPENAI", models = ["m"], input = "1", output = "10" }]"#);
    check_in(&catalog, &Usage { reasoning: Some(1), ..tokens(0, 0) }, Ok(10_000));
    for unknown in [
        Usage { cache_read: Some(1), ..tokens(1, 1) },
        Usage { cache_write: Some(1), ..tokens(1, 1) },
        Usage { cache_write_1h: Some(1), ..tokens(1, 1) },
        Usage { input_audio: Some(1), ..tokens(1, 1) },
        Usage { cache_read_audio: Some(1), ..tokens(1, 1) },
        Usage { output_audio: Some(1), ..tokens(1, 1) },
        Usage { output_image: Some(1), ..tokens(1, 1) },
        Usage { citation: Some(1), ..tokens(1, 1) },
        Usage { web_searches: Some(1), ..tokens(1, 1) },
    ] {
        check_in(&catalog, &unknown, Err(CostStatus::PartialPrice));
    }
    let own = of(
        r#"prices = [{ provider = "OPENAI", models = ["m"], input = "1", output = "10", reasoning = "3" }]"#,
    );
    check_in(&own, &Usage { reasoning: Some(1), ..tokens(0, 0) }, Ok(3_000));
}

#[test]
fn images_are_seen_for_the_price_of_text_where_that_is_documented() {
    let row = |provider: &str, prices: &str| {
        of(&format!(r#"prices = [{{ provider = "{provider}", models = ["m"], input = "1", {prices} }}]"#))
    };
    let seen = Usage { input_image: Some(1), ..tokens(0, 0) };
    let cost = |provider: &'static str, prices: &str, usage: &Usage| {
        let priced = row(provider, prices).price(PriceQuery { provider, ..query("m", usage) }, None);
        priced.cost.map(NanoUsd::get).ok_or(priced.status)
    };
    const PARTIAL: Result<i64, CostStatus> = Err(CostStatus::PartialPrice);
    for (provider, prices, expected) in [
        ("OPENAI", r#"output = "4""#, Ok(1000)),
        ("AZURE", r#"output = "4""#, Ok(1000)),
        ("GOOGLE", r#"output = "4""#, Ok(1000)),
        ("OPENAI", r#"output = "4", input_image = "2""#, Ok(2000)),
        ("OPENAI", r#"output = "4", output_image = "40""#, PARTIAL),
        ("OPENAI", r#"output = "4", output_audio = "40""#, PARTIAL),
        ("OPENAI", r#"images = "1""#, PARTIAL),
        ("GOOGLE", r#"output = "4", output_image = "40""#, Ok(1000)),
        ("GOOGLE", r#"output = "4", output_audio = "40""#, PARTIAL),
        ("GOOGLE", r#"request = "0""#, PARTIAL),
        ("MISTRAL", r#"output = "4""#, PARTIAL),
    ] {
        assert_eq!(cost(provider, prices, &seen), expected, "{provider} {prices}");
    }
    let film = Usage { input_video: Some(1), cache_read_image: Some(1), ..tokens(0, 0) };
    assert_eq!(cost("GOOGLE", r#"output = "4", cache_read = "0.5""#, &film), Ok(1500));
    assert_eq!(cost("GOOGLE", r#"output = "4""#, &film), PARTIAL);
}

#[test]
fn what_is_counted_twice_is_billed_once() {
    let both = of(
        r#"prices = [{ provider = "OPENAI", models = ["m"], input = "1", output_image = "10", images = "1" }]"#,
    );
    let drawn = Usage { images: Some(1), output_image: Some(1), input: Some(1), ..Usage::default() };
    check_in(&both, &drawn, Ok(1000 + 10_000));
    let by_piece = of(r#"prices = [{ provider = "OPENAI", models = ["m"], input = "0", images = "1" }]"#);
    check_in(&by_piece, &drawn, Ok(1_000_000_000));
    let by_token =
        of(r#"prices = [{ provider = "OPENAI", models = ["m"], input = "1", output_image = "10" }]"#);
    check_in(&by_token, &drawn, Ok(1000 + 10_000));
    let by_second = of(r#"prices = [{ provider = "OPENAI", models = ["m"], input_audio_ms = "0.0001" }]"#);
    let heard = Usage { input_audio_ms: Some(10_000), input_audio: Some(100), ..Usage::default() };
    check_in(&by_second, &heard, Ok(1_000_000));
    let neither = of(r#"prices = [{ provider = "OPENAI", models = ["m"], output = "1" }]"#);
    check_in(&neither, &Usage { output: Some(1), ..heard }, Err(CostStatus::PartialPrice));
}

#[test]
fn a_call_that_is_charged_as_such_needs_no_counts() {
    let catalog = of(r#"prices = [{ provider = "OPENAI", models = ["m"], request = "0.005" }]"#);
    let usage = Usage::default();
    let call = PriceQuery { usage: None, ..query("m", &usage) };
    let price = |query| {
        let priced = catalog.price(query, None);
        priced.cost.map(NanoUsd::get).ok_or(priced.status)
    };
    assert_eq!(price(call), Ok(5_000_000));
    assert_eq!(price(PriceQuery { usage: Some(&usage), ..call }), Ok(5_000_000));
    assert_eq!(price(PriceQuery { status: 429, ..call }), Err(CostStatus::ErrorStatus));
    // Whether a call was charged whose end nobody saw nobody knows.
    assert_eq!(price(PriceQuery { status: -3, ..call }), Err(CostStatus::NoUsage));
    assert_eq!(price(PriceQuery { extra_charges: true, ..call }), Err(CostStatus::ExtraCharges));
    let with_tokens =
        of(r#"prices = [{ provider = "OPENAI", models = ["m"], request = "0.005", input = "1" }]"#);
    let untold = with_tokens.price(call, None);
    assert_eq!(untold.status, CostStatus::NoUsage);
}

#[test]
fn a_count_that_is_missing_is_not_zero() {
    let catalog = of(
        r#"prices = [{ provider = "OPENAI", models = ["m"], input = "1", output = "1", input_audio = "5", cache_read = "1" }]"#,
    );
    let output_only = Usage { output: Some(1), ..Usage::default() };
    check_in(&catalog, &output_only, Err(CostStatus::NoUsage));
    check_in(&catalog, &Usage { cache_read: Some(9), ..output_only }, Err(CostStatus::NoUsage));
    // An input that is all sound is an input.
    check_in(&catalog, &Usage { input_audio: Some(1), ..output_only }, Ok(6000));
    // What costs nothing needs no count.
    let free = of(r#"prices = [{ provider = "OPENAI", models = ["m"], input = "1", output = "0" }]"#);
    check_in(&free, &Usage { input: Some(1), ..Usage::default() }, Ok(1000));
}

#[test]
fn explains_what_it_prices() {
    let catalog = of(r#"
        prices = [
            { provider = "OPENAI", models = ["m*"], tier = "flex", from = "2026-01-31", input = "0.0005", output = "2.5", input_audio_ms = "0.0001" },
        ]
        "#);
    let usage = Usage { reasoning: Some(2), input_audio_ms: Some(1), ..tokens(3, 1) };
    let query = PriceQuery { service_tier: Some("flex"), ..query("m-1", &usage) };
    let breakdown = catalog.explain(query, None);
    assert_eq!(Some(breakdown.cost), Some(catalog.price(query, None).cost));
    let lines = breakdown.lines.iter();
    let lines = lines
        .map(|line| {
            format!(
                "{} as {}: {} x {} per {} = {}",
                line.unit, line.priced_as, line.count, line.price, line.per, line.amount_pico_usd
            )
        })
        .collect::<Vec<_>>();
    assert_eq!(
        lines,
        [
            "input as input: 3 x 0.0005 per million tokens = 1500",
            "output as output: 1 x 2.5 per million tokens = 2500000",
            "reasoning as output: 2 x 2.5 per million tokens = 5000000",
            "input_audio_ms as input_audio_ms: 1 x 0.0001 per second = 100000",
        ]
    );
    // 7,601,500 pico-dollars.
    assert_eq!(breakdown.exact_usd.as_deref(), Some("0.0000076015"));
    assert_eq!(breakdown.cost, Some(NanoUsd::new(7602)));
    assert_eq!(breakdown.rounding_pico_usd.as_deref(), Some("500"));
    let row = breakdown.row.unwrap();
    assert_eq!((row.source, row.matched, row.model.as_str()), (Source::Book, MatchKind::Prefix, "m*"));
    assert_eq!(
        (row.tier.as_deref(), row.from.as_deref(), row.until),
        (Some("flex"), Some("2026-01-31"), None)
    );
    let partial = Usage { web_searches: Some(1), ..usage };
    let partial = catalog.explain(PriceQuery { usage: Some(&partial), ..query }, None);
    assert_eq!((partial.cost, partial.status.as_str()), (None, "partial_price"));
    assert_eq!((partial.missing, partial.lines.len()), (vec![Unit::Used(UnitKind::WebSearches)], 4));
    assert_eq!((partial.exact_usd, partial.rounding_pico_usd), (None, None));
}

#[test]
fn lists_what_holds() {
    let book = r#"
        prices = [
            { provider = "OPENAI", models = ["a", "b"], input = "1" },
            { provider = "OPENAI", models = ["a"], from = "2026-01-01", input = "2" },
            { provider = "OPENAI", models = ["a"], tier = "flex", input = "0.5", web_searches = "0.01" },
            { provider = "X", models = ["c*"], until = "2026-01-01", input = "1" },
        ]
    "#;
    let file =
        PriceList::parse_toml(r#"prices = [{ provider = "OPENAI", models = ["b"], input = "9" }]"#).unwrap();
    let catalog = of(book).with_file(file);
    let listed = |provider, search, at: &str| {
        let at = Timestamp::parse(at).unwrap();
        let prices = catalog.models(ListingQuery { provider, search, at }, None);
        let line = |price: ListedPrice| {
            format!(
                "{} {} {:?} {:?} {:?}",
                price.provider, price.model, price.source, price.tier, price.prices
            )
        };
        prices.into_iter().map(line).collect::<Vec<_>>()
    };
    assert_eq!(
        listed(None, None, "2026-01-01T00:00:00Z"),
        [
            r#"OPENAI a Book None {"input": "2"}"#,
            r#"OPENAI a Book Some("flex") {"input": "0.5", "web_searches": "0.01"}"#,
            r#"OPENAI b File None {"input": "9"}"#,
        ]
    );
    assert_eq!(listed(Some("x"), None, "2025-12-31T00:00:00Z"), [r#"X c* Book None {"input": "1"}"#]);
    assert_eq!(listed(None, Some("B"), "2025-12-31T00:00:00Z").len(), 1);
}
