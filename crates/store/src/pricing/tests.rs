//! What is asked of the prices for a call: whose, where, and by which of them.

use gatehouse_catalog::{CostStatus, PriceList, PriceRow};

use super::*;

const BOOK: &str = r#"
    prices = [
        { provider = "OPENAI", models = ["m"], input = "1" },
        { provider = "OPENAI", models = ["m"], region = "eu", input = "2" },
        { provider = "AWS", models = ["m"], input = "3" },
        { provider = "AWS", models = ["m"], region = "eu-central-1", input = "4" },
        { provider = "GOOGLE", models = ["m"], region = "europe-west4", input = "5" },
        { provider = "llm.example:8443", models = ["m"], input = "6" },
        { provider = "OPENAI", models = ["m"], variant = "low", web_searches = "0.01" },
        { provider = "OPENAI", models = ["m"], tier = "flex", input = "0.5" },
    ]
"#;

fn catalog() -> Catalog {
    Catalog::builtin().with_book(PriceList::parse_toml(BOOK).unwrap())
}

fn one_token() -> Usage {
    Usage { input: Some(1), ..Usage::default() }
}

/// A call that used one token: a dollar for a million of them makes a thousand nano-dollars.
fn call<'a>(provider: &'a str, target_url: &'a str, usage: &'a Usage) -> PricedCall<'a> {
    PricedCall {
        provider,
        target_url,
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

fn nanos(call: PricedCall<'_>) -> Option<i64> {
    call.price(&catalog(), None).cost.map(NanoUsd::get)
}

#[test]
fn asks_for_the_provider_and_the_region_that_were_called() {
    for (provider, url, expected) in [
        ("OPENAI", "https://api.openai.com/v1/chat/completions", Some(1000)),
        ("OPENAI", "https://eu.api.openai.com:443/v1/chat/completions", Some(2000)),
        ("OPENAI", "https://jp.api.openai.com/v1/chat/completions", None),
        ("AWS", "https://bedrock-runtime.us-east-1.amazonaws.com/model/m/converse", Some(3000)),
        ("AWS", "https://bedrock-runtime.eu-central-1.amazonaws.com/model/m/converse", Some(4000)),
        ("GOOGLE", "https://europe-west4-aiplatform.googleapis.com/v1/x", Some(5000)),
        ("GOOGLE", "https://aiplatform.googleapis.com/v1/x", None),
        ("llm.example:8443", "https://llm.example:8443/v1/x", Some(6000)),
        ("CLOUDFLARE", "https://gateway.ai.cloudflare.com/v1/acc/gw/openai/chat/completions", Some(1000)),
        ("CLOUDFLARE", "https://gateway.ai.cloudflare.com/v1/acc/gw/unknown/chat", None),
        ("OPENAI", "", Some(1000)),
    ] {
        assert_eq!(nanos(call(provider, url, &one_token())), expected, "{provider} {url}");
    }
}

#[test]
fn everything_that_a_price_depends_on_is_passed_on() {
    let usage = one_token();
    let openai = call("OPENAI", "https://api.openai.com/v1/x", &usage);
    assert_eq!(nanos(PricedCall { service_tier: Some("flex"), ..openai }), Some(500));
    let searched = Usage { web_searches: Some(1), ..usage };
    let low = PricedCall { variant: Some("low"), usage: Some(&searched), ..openai };
    assert_eq!(nanos(low), Some(10_001_000));
    assert_eq!(nanos(PricedCall { declared_cost: Some(NanoUsd::new(7)), ..openai }), Some(7));
    let charged = PricedCall { extra_charges: true, ..openai };
    assert_eq!(charged.price(&catalog(), None).status, CostStatus::ExtraCharges);
    let failed = PricedCall { usage: None, status: 500, ..openai };
    assert_eq!(failed.price(&catalog(), None).status, CostStatus::ErrorStatus);
    let row = PriceRow {
        provider: "OPENAI".to_owned(),
        models: vec!["m".to_owned()],
        prices: [("input".to_owned(), "9".to_owned())].into(),
        ..PriceRow::default()
    };
    let overrides = Overrides::new(&[row]).unwrap();
    assert_eq!(openai.price(&catalog(), Some(&overrides)).cost, Some(NanoUsd::new(9000)));
    assert_eq!(openai.explain(&catalog(), Some(&overrides)).cost, Some(NanoUsd::new(9000)));
    let prospect = Prospect {
        provider: "OPENAI",
        target_url: "https://eu.api.openai.com/v1/x",
        model: "m",
        input_tokens: 1,
        output_tokens: 0,
        at: openai.at,
    };
    assert_eq!(estimate_of(&catalog(), None, prospect), Some(NanoUsd::new(2000)));
    assert_eq!(estimate_of(&catalog(), Some(&overrides), prospect), Some(NanoUsd::new(9000)));
}
