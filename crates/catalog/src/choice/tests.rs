//! Which row holds, by every condition that there is.

use gatehouse_types::{NanoUsd, Timestamp, Usage};

use crate::{Catalog, CostStatus, Overrides, PriceList, PriceQuery, PriceRow};

/// A query for one token of input of model `m` of provider `P`: it costs as many nano-dollars as a thousandth of
/// the price.
fn query<'a>(usage: &'a Usage) -> PriceQuery<'a> {
    PriceQuery {
        provider: "P",
        region: None,
        model: "m",
        service_tier: None,
        variant: None,
        usage: Some(usage),
        declared_cost: None,
        extra_charges: false,
        status: 200,
        at: Timestamp::parse("2026-06-01T12:00:00Z").unwrap(),
    }
}

fn catalog(list: &str) -> Catalog {
    Catalog::builtin().with_book(PriceList::parse_toml(list).unwrap())
}

fn check(catalog: &Catalog, query: PriceQuery<'_>, expected: Result<i64, CostStatus>) {
    let priced = catalog.price(query, None);
    let cost = priced.cost.map(NanoUsd::get).ok_or(priced.status);
    assert_eq!(cost, expected, "{query:?}");
}

const NO_PRICE: Result<i64, CostStatus> = Err(CostStatus::NoPrice);

fn input(tokens: u64) -> Usage {
    Usage { input: Some(tokens), ..Usage::default() }
}

#[test]
fn a_tier_is_priced_by_its_own_rows_only() {
    let catalog = catalog(
        r#"
        prices = [
            { provider = "P", models = ["m"], input = "1" },
            { provider = "P", models = ["m"], tier = "Flex", input = "0.5" },
            { provider = "P", models = ["n"], tier = "on_demand", input = "3" },
            { provider = "P", models = ["o"], tier = "batch", input = "4" },
        ]
        "#,
    );
    let usage = input(1);
    for (tier, expected) in [
        ("flex", Ok(500)),
        ("FLEX", Ok(500)),
        ("priority", NO_PRICE),
        ("batch", NO_PRICE),
        ("default", Ok(1000)),
        ("ON_DEMAND", Ok(1000)),
        ("auto", Ok(1000)),
        ("", Ok(1000)),
    ] {
        check(&catalog, PriceQuery { service_tier: Some(tier), ..query(&usage) }, expected);
    }
    check(&catalog, PriceQuery { model: "n", ..query(&usage) }, Ok(3000));
    check(&catalog, PriceQuery { model: "o", ..query(&usage) }, NO_PRICE);
}

#[test]
fn a_long_input_reprices_the_whole_call_beyond_the_edge() {
    let catalog = catalog(
        r#"
        prices = [
            { provider = "P", models = ["m"], input = "1", output = "10", request = "0.000001", web_searches = "0.01" },
            { provider = "P", models = ["m"], above_input_tokens = 200000, input = "2", output = "15" },
            { provider = "P", models = ["m"], above_input_tokens = 500000, input = "3", output = "20" },
            { provider = "P", models = ["m"], tier = "flex", input = "0.5", output = "5" },
        ]
        "#,
    );
    let call = |tokens: u64| Usage { output: Some(0), ..input(tokens) };
    // The call itself costs 1,000 nano-dollars at any length: its fee has no edge.
    for (tokens, nanos) in [
        (199_999, 199_999_000),
        (200_000, 200_000_000),
        (200_001, 400_002_000),
        (500_000, 1_000_000_000),
        (500_001, 1_500_003_000),
    ] {
        check(&catalog, query(&call(tokens)), Ok(nanos + 1000));
    }
    // Every class of the input counts: 199,999 + 1 + 1 tokens; the cache has no price.
    let cached = Usage { cache_read: Some(1), cache_write_1h: Some(1), ..call(199_999) };
    check(&catalog, query(&cached), Err(CostStatus::PartialPrice));
    let breakdown = catalog.explain(query(&cached), None);
    assert_eq!(
        breakdown.row.map(|row| (row.above_input_tokens, row.input_tokens)),
        Some((Some(200_000), 200_001))
    );
    // Output doesn't make an input long, and fees are the same beyond the edge.
    let talkative = Usage { output: Some(400_000), web_searches: Some(2), ..call(1000) };
    check(&catalog, query(&talkative), Ok(1_000_000 + 4_000_000_000 + 20_000_000 + 1000));
    let searching = Usage { web_searches: Some(2), ..call(200_001) };
    check(&catalog, query(&searching), Ok(400_002_000 + 20_000_000 + 1000));
    // What the tier costs beyond the edge nobody knows.
    for (tokens, expected) in [(200_000, Ok(100_000_000)), (200_001, NO_PRICE)] {
        let usage = call(tokens);
        check(&catalog, PriceQuery { service_tier: Some("flex"), ..query(&usage) }, expected);
    }
}

#[test]
fn a_region_has_its_row_or_that_of_all_regions_where_there_is_one() {
    let rows = |provider: &str, model: &str| {
        format!(
            r#"{{ provider = "{provider}", models = ["{model}"], input = "1" }},
               {{ provider = "{provider}", models = ["{model}"], region = "eu-central-1", input = "2" }},"#
        )
    };
    let models = [
        ("OPENAI", "gpt-5"),
        ("AWS", "amazon.nova-lite-v1:0"),
        ("GOOGLE", "gemini-2.5-pro"),
        ("GOOGLE", "gemini-3.5-flash"),
        ("GOOGLE", "claude-sonnet-4-5@20250929"),
        ("GOOGLE", "claude-3-5-haiku@20241022"),
        ("P", "m"),
    ];
    let rows = models.map(|(provider, model)| rows(provider, model)).concat();
    let any = r#"{ provider = "GOOGLE", models = ["claude-opus-5"], input = "1" },
                 { provider = "GOOGLE", models = ["claude-opus-5"], region = "*", input = "1.1" },"#;
    let catalog = catalog(&format!("prices = [{rows}{any}]"));
    let usage = input(1);
    let of = |provider, model, region| PriceQuery { provider, model, region, ..query(&usage) };
    for (provider, model) in models {
        check(&catalog, of(provider, model, None), Ok(1000));
        check(&catalog, of(provider, model, Some("eu-central-1")), Ok(2000));
        check(&catalog, of(provider, model, Some("EU-Central-1")), Ok(2000));
    }
    check(&catalog, of("OPENAI", "gpt-5", Some("eu")), NO_PRICE);
    check(&catalog, of("P", "m", Some("eu")), NO_PRICE);
    check(&catalog, of("AWS", "amazon.nova-lite-v1:0", Some("us-west-2")), Ok(1000));
    check(&catalog, of("AWS", "amazon.nova-lite-v1:0", Some("us-gov-west-1")), NO_PRICE);
    check(&catalog, of("GOOGLE", "gemini-2.5-pro", Some("europe-west4")), Ok(1000));
    check(&catalog, of("GOOGLE", "claude-sonnet-4-5@20250929", Some("us-east5")), NO_PRICE);
    check(&catalog, of("GOOGLE", "claude-sonnet-4-5@20250929", Some("global")), Ok(1000));
    check(&catalog, of("GOOGLE", "claude-3-5-haiku@20241022", Some("us-east5")), Ok(1000));
    check(&catalog, of("GOOGLE", "gemini-3.5-flash", Some("us-central1")), NO_PRICE);
    for (region, expected) in [(None, 1000), (Some("global"), 1000), (Some("us-east5"), 1100)] {
        check(&catalog, of("GOOGLE", "claude-opus-5", region), Ok(expected));
    }
    // Whoever sets a price for no region sets it for all.
    let own = PriceList::parse_toml(r#"prices = [{ provider = "OPENAI", models = ["gpt-5"], input = "7" }]"#);
    let catalog = catalog.with_file(own.unwrap());
    check(&catalog, of("OPENAI", "gpt-5", Some("eu")), Ok(7000));
}

#[test]
fn the_time_of_day_decides_over_midnight_too() {
    let catalog = catalog(
        r#"
        prices = [
            { provider = "P", models = ["m"], input = "4" },
            { provider = "P", models = ["m"], off_peak = "16:30-00:30", input = "1" },
        ]
        "#,
    );
    let usage = input(1);
    for (time, nanos) in
        [("16:29:59", 4000), ("16:30:00", 1000), ("23:59:59", 1000), ("00:29:59", 1000), ("00:30:00", 4000)]
    {
        let at = Timestamp::parse(&format!("2025-05-01T{time}Z")).unwrap();
        check(&catalog, PriceQuery { at, ..query(&usage) }, Ok(nanos));
    }
}

#[test]
fn a_variant_has_the_prices_only_that_differ() {
    let catalog = catalog(
        r#"
        prices = [
            { provider = "P", models = ["m"], input = "1", output = "1" },
            { provider = "P", models = ["m"], variant = "low", request = "0.005" },
            { provider = "P", models = ["m"], variant = "high", request = "0.012", input = "2" },
            { provider = "P", models = ["picture"], variant = "hd/1024x1792", images = "0.12" },
            { provider = "P", models = ["photo"], images = "0.04", input = "1" },
            { provider = "P", models = ["photo"], variant = "hd", images = "0.08" },
        ]
        "#,
    );
    let usage = Usage { output: Some(1), ..input(1) };
    let with = |variant| PriceQuery { variant, ..query(&usage) };
    check(&catalog, with(Some("low")), Ok(2000 + 5_000_000));
    check(&catalog, with(Some("HIGH")), Ok(2000 + 1000 + 12_000_000));
    // A call costs something in every variant: without one, nobody knows what.
    check(&catalog, with(None), Err(CostStatus::PartialPrice));
    check(&catalog, with(Some("medium")), Err(CostStatus::PartialPrice));
    let image = Usage { images: Some(2), ..input(0) };
    let picture = |variant| PriceQuery { model: "picture", variant, ..query(&image) };
    check(&catalog, picture(Some("hd/1024x1792")), Ok(240_000_000));
    check(&catalog, picture(Some("hd/1024x1024")), NO_PRICE);
    check(&catalog, picture(None), NO_PRICE);
    let photo = |variant| PriceQuery { model: "photo", ..picture(variant) };
    check(&catalog, photo(None), Ok(80_000_000));
    check(&catalog, photo(Some("hd")), Ok(160_000_000));
    check(&catalog, photo(Some("uhd")), Err(CostStatus::PartialPrice));
    let seen = Usage { output: None, ..usage };
    check(&catalog, PriceQuery { model: "photo", variant: Some("uhd"), ..query(&seen) }, Ok(1000));
}

#[test]
fn takes_the_newest_row_that_holds_on_the_day() {
    let catalog = catalog(
        r#"
        prices = [
            { provider = "P", models = ["m"], from = "2026-11-22", input = "2" },
            { provider = "P", models = ["m"], input = "1" },
            { provider = "P", models = ["m"], from = "2027-01-01", until = "2027-02-01", input = "3" },
            { provider = "P", models = ["m"], tier = "flex", from = "2027-01-01", input = "9" },
            { provider = "P", models = ["over"], until = "2026-01-01", input = "1" },
        ]
        "#,
    );
    let usage = input(1);
    for (at, nanos) in [
        ("2026-11-21T23:59:59.999999Z", 1000),
        ("2026-11-22T00:00:00Z", 2000),
        ("2027-01-01T00:00:00Z", 3000),
        ("2027-01-31T23:59:59Z", 3000),
        ("2027-02-01T00:00:00Z", 2000),
    ] {
        check(&catalog, PriceQuery { at: Timestamp::parse(at).unwrap(), ..query(&usage) }, Ok(nanos));
    }
    check(&catalog, PriceQuery { service_tier: Some("flex"), ..query(&usage) }, NO_PRICE);
    check(&catalog, PriceQuery { model: "over", ..query(&usage) }, NO_PRICE);
}

#[test]
fn the_nearest_name_wins_and_only_a_star_makes_a_prefix() {
    let catalog = catalog(
        r#"
        prices = [
            { provider = "P", models = ["gpt-4"], input = "1" },
            { provider = "P", models = ["gpt-4*"], input = "2" },
            { provider = "P", models = ["gpt-4o-mini*"], input = "3" },
            { provider = "P", models = ["Qwen/Big"], input = "4" },
            { provider = "Q", models = ["gpt-4"], input = "5" },
            { provider = "self.example:8080", models = ["*"], input = "0" },
        ]
        "#,
    );
    let usage = input(1);
    for (provider, model, expected) in [
        ("P", "gpt-4", Ok(1000)),
        ("P", "GPT-4", Ok(1000)),
        ("p", "gpt-4", Ok(1000)),
        ("P", "gpt-4-0613", Ok(1000)),
        ("P", "gpt-4.5-x", Ok(2000)),
        ("P", "gpt-4o-mini-x", Ok(3000)),
        ("P", "GPT-4o-mini-x", Ok(3000)),
        ("P", "qwen/big", Ok(4000)),
        ("P", "Qwen/Big", Ok(4000)),
        ("P", "gpt-3", NO_PRICE),
        ("Q", "gpt-4-0613", Ok(5000)),
        ("Q", "gpt-4.5-x", NO_PRICE),
        ("Q", "gpt", NO_PRICE),
        ("self.example:8080", "anything", Ok(0)),
        ("self.example", "anything", NO_PRICE),
    ] {
        check(&catalog, PriceQuery { provider, model, ..query(&usage) }, expected);
    }
}

#[test]
fn an_override_goes_before_the_file_and_that_before_the_book() {
    let file = PriceList::parse_toml(
        r#"
        prices = [
            { provider = "P", models = ["m"], input = "20" },
            { provider = "P", models = ["n*"], from = "2026-06-01", input = "30" },
        ]
        "#,
    );
    let book = r#"
        prices = [
            { provider = "P", models = ["m", "n-1", "o"], input = "1" },
            { provider = "P", models = ["m", "n-1", "o"], tier = "flex", input = "0.5" },
        ]
    "#;
    let catalog = catalog(book).with_file(file.unwrap());
    let row = |from: Option<&str>| PriceRow {
        provider: "P".to_owned(),
        models: vec!["m".to_owned()],
        from: from.map(str::to_owned),
        prices: [("input".to_owned(), "300".to_owned())].into(),
        ..PriceRow::default()
    };
    let usage = input(1);
    let cost = |query: PriceQuery<'_>, overrides: Option<&Overrides>| {
        let priced = catalog.price(query, overrides);
        priced.cost.map(NanoUsd::get).ok_or(priced.status)
    };
    let overrides = Overrides::new(&[row(None)]).unwrap();
    assert_eq!(cost(query(&usage), Some(&overrides)), Ok(300_000));
    assert_eq!(cost(query(&usage), None), Ok(20_000));
    assert_eq!(cost(PriceQuery { model: "o", ..query(&usage) }, Some(&overrides)), Ok(1000));
    // A prefix of the file goes before a name of the book, once it holds.
    assert_eq!(cost(PriceQuery { model: "n-1", ..query(&usage) }, Some(&overrides)), Ok(30_000));
    let before = Timestamp::parse("2026-05-31T23:59:59Z").unwrap();
    assert_eq!(cost(PriceQuery { model: "n-1", at: before, ..query(&usage) }, None), Ok(1000));
    // Whoever names a model says all of it: its tiers, too.
    let flex = PriceQuery { service_tier: Some("flex"), ..query(&usage) };
    assert_eq!(cost(flex, Some(&overrides)), NO_PRICE);
    assert_eq!(cost(PriceQuery { model: "o", ..flex }, Some(&overrides)), Ok(500));
    // An override that doesn't hold yet says nothing.
    let later = Overrides::new(&[row(Some("2026-06-02"))]).unwrap();
    assert_eq!(cost(query(&usage), Some(&later)), Ok(20_000));
    assert_eq!(cost(query(&usage), Some(&Overrides::default())), Ok(20_000));
}

#[test]
fn what_the_provider_declares_is_taken_unless_an_override_names_the_model() {
    let catalog = catalog(r#"prices = [{ provider = "P", models = ["m"], input = "1" }]"#);
    let usage = input(1);
    let declared = PriceQuery { declared_cost: Some(NanoUsd::new(77)), ..query(&usage) };
    let price = |query, overrides| {
        let priced = catalog.price(query, overrides);
        (priced.cost.map(NanoUsd::get), priced.status)
    };
    let taken = (Some(77), CostStatus::Declared);
    assert_eq!(price(declared, None), taken);
    // It covers all that was charged, and needs neither counts nor a model.
    assert_eq!(price(PriceQuery { model: "unknown", ..declared }, None), taken);
    assert_eq!(price(PriceQuery { model: "", usage: None, extra_charges: true, ..declared }, None), taken);
    let overrides = PriceRow {
        provider: "P".to_owned(),
        models: vec!["m".to_owned()],
        prices: [("output".to_owned(), "2".to_owned())].into(),
        ..PriceRow::default()
    };
    let overrides = Overrides::new(&[overrides]).unwrap();
    let counted = Usage { output: Some(1), ..Usage::default() };
    let overridden = PriceQuery { usage: Some(&counted), ..declared };
    assert_eq!(price(overridden, Some(&overrides)), (Some(2000), CostStatus::Priced));
    assert_eq!(price(PriceQuery { model: "n", ..overridden }, Some(&overrides)), taken);
    // One that can't price the call leaves it without a price: the declared one is not what is paid.
    assert_eq!(price(declared, Some(&overrides)), (None, CostStatus::NoUsage));
    let absurd = PriceQuery { declared_cost: Some(NanoUsd::new(-1)), ..declared };
    assert_eq!(price(absurd, None), (Some(1000), CostStatus::Priced));
}
