//! What holds of every price list and every call: sums are linear and rounded once, the order of rows doesn't
//! matter, nothing panics, and what is explained is what is priced.

#![expect(clippy::expect_used, reason = "a test whose own data is wrong fails")]

use gatehouse_catalog::{Catalog, CostStatus, Overrides, PriceList, PriceQuery, PriceRow, Priced, Unit};
use gatehouse_types::{NanoUsd, Timestamp, UnitKind, Usage};
use proptest::collection::{btree_map, vec};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

/// Counts that no sum of five prices of [`small_prices`] leads beyond what a cost may be.
const MAX_COUNT: u64 = 1_000_000;
/// How many 10⁻¹² dollars a nano-dollar has, with three more decimals for parts of a second.
const FEMTOS_PER_NANO: u128 = 1_000_000;

/// Sets a count.
fn count(usage: &mut Usage, kind: UnitKind, count: Option<u64>) {
    let field = match kind {
        UnitKind::Input => &mut usage.input,
        UnitKind::Output => &mut usage.output,
        UnitKind::CacheRead => &mut usage.cache_read,
        UnitKind::CacheWrite => &mut usage.cache_write,
        UnitKind::CacheWrite1h => &mut usage.cache_write_1h,
        UnitKind::Reasoning => &mut usage.reasoning,
        UnitKind::InputAudio => &mut usage.input_audio,
        UnitKind::CacheReadAudio => &mut usage.cache_read_audio,
        UnitKind::OutputAudio => &mut usage.output_audio,
        UnitKind::InputImage => &mut usage.input_image,
        UnitKind::CacheReadImage => &mut usage.cache_read_image,
        UnitKind::OutputImage => &mut usage.output_image,
        UnitKind::InputVideo => &mut usage.input_video,
        UnitKind::Citation => &mut usage.citation,
        UnitKind::Images => &mut usage.images,
        UnitKind::InputAudioMs => &mut usage.input_audio_ms,
        UnitKind::OutputAudioMs => &mut usage.output_audio_ms,
        UnitKind::OutputVideoMs => &mut usage.output_video_ms,
        UnitKind::Characters => &mut usage.characters,
        UnitKind::SearchUnits => &mut usage.search_units,
        UnitKind::WebSearches => &mut usage.web_searches,
        UnitKind::Pages => &mut usage.pages,
    };
    *field = count;
}

fn usage(counts: &[Option<u64>]) -> Usage {
    let mut usage = Usage::default();
    for (kind, number) in UnitKind::ALL.into_iter().zip(counts) {
        count(&mut usage, kind, *number);
    }
    usage
}

/// A count of every class, up to a bound.
fn counts(max: u64) -> impl Strategy<Value = Vec<Option<u64>>> {
    vec(option::of(0..=max), UnitKind::ALL.len())
}

/// A price of every unit with as many decimals as there may be, in the unit's smallest parts and as it is written.
fn small_prices() -> impl Strategy<Value = Vec<(Unit, u64, String)>> {
    vec(0_u64..=50_000_000, UnitKind::ALL.len() + 1).prop_map(|rates| {
        let write = |(unit, rate): (Unit, u64)| {
            let places = if matches!(unit, Unit::Used(kind) if kind.is_tokens()) { 6 } else { 12 };
            let digits = format!("{rate:0>width$}", width = places + 1);
            let (whole, decimals) = digits.split_at(digits.len() - places);
            (unit, rate, format!("{whole}.{decimals}"))
        };
        Unit::all().zip(rates).map(write).collect()
    })
}

fn row(provider: &str, model: &str, prices: impl IntoIterator<Item = (String, String)>) -> PriceRow {
    PriceRow {
        provider: provider.to_owned(),
        models: vec![model.to_owned()],
        prices: prices.into_iter().collect(),
        ..PriceRow::default()
    }
}

fn catalog(rows: &[PriceRow]) -> Catalog {
    Catalog::builtin().with_book(PriceList::of_rows(rows).expect("rows are valid"))
}

fn query<'a>(model: &'a str, usage: &'a Usage) -> PriceQuery<'a> {
    PriceQuery {
        provider: "P",
        region: None,
        model,
        service_tier: None,
        variant: None,
        usage: Some(usage),
        declared_cost: None,
        extra_charges: false,
        status: 200,
        at: Timestamp::from_unix_micros(1_750_000_000_000_000),
    }
}

/// Rows of a few models with all kinds of conditions, several of them for one case.
fn rows() -> impl Strategy<Value = Vec<PriceRow>> {
    let units = select(Unit::all().collect::<Vec<_>>());
    let prices =
        btree_map(units.prop_map(|unit| unit.as_str().to_owned()), "[0-9]{1,3}(\\.[0-9]{1,6})?", 0..5);
    let names = subsequence(vec!["m", "m*", "m-2024-01-01", "M", "*", "ft:m"], 1..3);
    let conditions = (
        option::of(select(vec!["flex", "standard", "batch"])),
        option::of(select(vec![128_000_u64, 200_000])),
        option::of(select(vec!["eu", "us-east-1"])),
        option::of(select(vec!["16:30-00:30", "01:00-02:00"])),
        option::of(select(vec!["low", "high"])),
        option::of(select(vec!["2024-01-01", "2025-01-01", "2026-01-01"])),
    );
    let row = (names, conditions, prices).prop_map(|(names, conditions, prices)| {
        let (tier, above_input_tokens, region, off_peak, variant, from) = conditions;
        let text = |text: Option<&str>| text.map(str::to_owned);
        PriceRow {
            provider: "P".to_owned(),
            models: names.into_iter().map(str::to_owned).collect(),
            tier: text(tier),
            above_input_tokens,
            region: text(region),
            off_peak: text(off_peak),
            variant: text(variant),
            from: text(from),
            until: None,
            prices,
        }
    });
    vec(row, 0..12).prop_map(|rows| {
        // A second row for one case is refused, so it is left out here.
        let mut kept: Vec<PriceRow> = Vec::new();
        for row in rows {
            kept.push(row);
            if PriceList::of_rows(&kept).is_err() {
                kept.pop();
            }
        }
        kept
    })
}

/// Parts of a call that rows may depend on.
type Call = (Option<&'static str>, Option<&'static str>, Option<&'static str>, &'static str, i64, i32, bool);

fn calls() -> impl Strategy<Value = Call> {
    (
        option::of(select(vec!["flex", "default", "batch", "priority"])),
        option::of(select(vec!["eu", "us-east-1", "sa-east-1"])),
        option::of(select(vec!["low", "medium"])),
        select(vec!["m", "M", "m-2024-01-01", "mm", "x", "ft:m:a:b", ""]),
        any::<i64>(),
        select(vec![200, 404, -3]),
        any::<bool>(),
    )
}

fn called<'a>(call: Call, usage: Option<&'a Usage>) -> PriceQuery<'a> {
    let (service_tier, region, variant, model, micros, status, extra_charges) = call;
    let at = Timestamp::from_unix_micros(micros);
    PriceQuery {
        provider: "P",
        region,
        model,
        service_tier,
        variant,
        usage,
        declared_cost: None,
        extra_charges,
        status,
        at,
    }
}

proptest! {
    #[test]
    fn a_cost_is_the_exact_sum_rounded_once(prices in small_prices(), counts in counts(MAX_COUNT)) {
        // Of what is counted in two ways one is left out: which, the unit tests say.
        let mut usage = usage(&counts);
        for twin in [UnitKind::Images, UnitKind::InputAudioMs, UnitKind::OutputAudioMs, UnitKind::Characters] {
            count(&mut usage, twin, None);
        }
        usage.input.get_or_insert(0);
        usage.output.get_or_insert(0);
        let written = prices.iter().map(|(unit, _, text)| (unit.as_str().to_owned(), text.clone()));
        let catalog = catalog(&[row("P", "m", written)]);
        let femtos = prices.iter().map(|(unit, rate, _)| {
            let count = match unit {
                Unit::Request => 1,
                Unit::Used(kind) => usage.count(*kind).unwrap_or(0),
            };
            let scale = if unit.as_str().ends_with("_ms") { 1 } else { 1000 };
            u128::from(*rate) * u128::from(count) * scale
        });
        let femtos = femtos.sum::<u128>();
        let expected = i64::try_from((femtos + FEMTOS_PER_NANO / 2) / FEMTOS_PER_NANO).unwrap();
        let priced = catalog.price(query("m", &usage), None);
        prop_assert_eq!(priced, Priced { cost: Some(NanoUsd::new(expected)), status: CostStatus::Priced });
    }

    #[test]
    fn costs_of_parts_add_up_to_the_cost_of_the_whole(
        prices in small_prices(),
        first in counts(MAX_COUNT),
        second in counts(MAX_COUNT),
    ) {
        let written = prices.iter().filter(|(unit, ..)| *unit != Unit::Request);
        let catalog = catalog(&[row("P", "m", written.map(|(unit, _, text)| (unit.as_str().to_owned(), text.clone())))]);
        let exact = |counts: &[Option<u64>]| {
            let mut usage = usage(counts);
            for twin in [UnitKind::Images, UnitKind::InputAudioMs, UnitKind::OutputAudioMs, UnitKind::Characters] {
                count(&mut usage, twin, None);
            }
            usage.input.get_or_insert(0);
            usage.output.get_or_insert(0);
            let breakdown = catalog.explain(query("m", &usage), None);
            let picos = breakdown.lines.iter().map(|line| line.amount_pico_usd.as_str());
            picos.map(|text| decimal(text, 3)).sum::<u128>()
        };
        let both = first.iter().zip(&second).map(|(a, b)| Some(a.unwrap_or(0) + b.unwrap_or(0)));
        let both = both.collect::<Vec<_>>();
        prop_assert_eq!(exact(&first) + exact(&second), exact(&both));
    }

    #[test]
    fn the_order_of_rows_does_not_matter(
        (rows, shuffled) in rows().prop_flat_map(|rows| (Just(rows.clone()), Just(rows).prop_shuffle())),
        call in calls(),
        counts in counts(300_000),
    ) {
        let usage = usage(&counts);
        let query = called(call, Some(&usage));
        prop_assert_eq!(catalog(&rows).explain(query, None), catalog(&shuffled).explain(query, None));
        let overrides = [&rows, &shuffled].map(|rows| Overrides::new(rows).expect("rows are valid"));
        let [first, second] = overrides.each_ref().map(|overrides| catalog(&rows).explain(query, Some(overrides)));
        prop_assert_eq!(first, second);
    }

    #[test]
    fn what_is_explained_is_what_is_priced(rows in rows(), call in calls(), counts in counts(300_000)) {
        let usage = usage(&counts);
        let query = called(call, Some(&usage));
        let catalog = catalog(&rows);
        let (priced, explained) = (catalog.price(query, None), catalog.explain(query, None));
        prop_assert_eq!((priced.cost, priced.status), (explained.cost, explained.status));
        prop_assert_eq!(priced.cost.is_some(), matches!(priced.status, CostStatus::Priced | CostStatus::Declared));
        if let Some(exact) = explained.exact_usd {
            let sum = explained.lines.iter().map(|line| decimal(&line.amount_pico_usd, 3)).sum::<u128>();
            prop_assert_eq!(sum, decimal(&exact, 15));
        }
    }

    #[test]
    fn nothing_panics_on_any_call(
        model in "\\PC{0,40}",
        provider in select(vec!["P", "AWS", "GOOGLE", "OPENROUTER", "OPENAI", ""]),
        counts in vec(option::of(prop_oneof![Just(0), Just(u64::MAX), any::<u64>()]), UnitKind::ALL.len()),
        declared in option::of(any::<i64>()),
        call in calls(),
        prices in small_prices(),
    ) {
        let usage = usage(&counts);
        let written = prices.into_iter().map(|(unit, _, text)| (unit.as_str().to_owned(), text));
        let catalog = catalog(&[row(provider_or(provider), "*", written)]);
        let declared_cost = declared.map(NanoUsd::new);
        let query = PriceQuery { provider, model: &model, declared_cost, ..called(call, Some(&usage)) };
        let priced = catalog.price(query, None);
        prop_assert!(priced.cost.is_none_or(|cost| cost.get() >= 0));
        Catalog::builtin().explain(PriceQuery { usage: None, ..query }, None);
    }

    #[test]
    fn nothing_panics_on_any_list(text in "\\PC{0,200}", book in "([a-zA-Z*:=. -]{0,12}[\t\n]){0,12}") {
        // What they say of it is not the point here.
        prop_assert!(PriceList::parse_toml(&text).is_ok() || PriceList::parse_toml(&text).is_err());
        prop_assert!(PriceList::parse_book(&book).is_ok() || PriceList::parse_book(&book).is_err());
    }

    #[test]
    fn more_never_costs_less(rows in rows(), counts in counts(300_000), more in 0_u64..300_000) {
        // Within one edge, that is: without rows for long inputs.
        let rows = rows.into_iter().filter(|row| row.above_input_tokens.is_none()).collect::<Vec<_>>();
        let catalog = catalog(&rows);
        let fewer = usage(&counts);
        for kind in [UnitKind::Input, UnitKind::Output, UnitKind::CacheRead, UnitKind::WebSearches] {
            let mut fewer = fewer;
            // Tokens go before what they are counted beside, which may be dearer.
            fewer.characters = None;
            let mut greater = fewer;
            count(&mut greater, kind, Some(fewer.count(kind).unwrap_or(0) + more));
            let costs = [&fewer, &greater].map(|usage| catalog.price(query("m", usage), None).cost);
            if let [Some(fewer), Some(greater)] = costs {
                prop_assert!(fewer <= greater, "{kind:?}");
            }
        }
    }
}

fn provider_or(provider: &str) -> &str {
    if provider.is_empty() { "P" } else { provider }
}

/// A decimal as a count of its smallest parts; a negative one is none.
fn decimal(text: &str, places: usize) -> u128 {
    let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
    format!("{whole}{decimals:0<places$}").parse().expect("a decimal")
}
