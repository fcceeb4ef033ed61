//! Costs worked out by hand, the reasons for having none, and the arithmetic's laws.

use gatehouse_types::Timestamp;

use super::*;

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
        region: Some("eu"),
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
    check(PriceQuery { provider: "AZURE", ..good }, Err(CostStatus::NoPrice));
    check(PriceQuery { region: Some("eu"), ..good }, Err(CostStatus::NoPrice));
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
