//! Price lists: any text is a list or an error, the order of rows does not matter, and whatever a list says, a
//! price comes out of it without an overflow.
#![no_main]

use gatehouse_catalog::{Catalog, Overrides, PriceList, PriceQuery, PriceRow};
use gatehouse_fuzz::Input;
use gatehouse_types::{Timestamp, Usage};
use libfuzzer_sys::fuzz_target;

/// Reads a count, more often a small one.
fn count(input: &mut Input<'_>) -> Option<u64> {
    let (high, low) = (input.byte(), input.byte());
    (high < 250).then(|| u64::from(low).checked_shl(u32::from(high) / 4).unwrap_or(u64::MAX))
}

fn usage(input: &mut Input<'_>) -> Usage {
    Usage {
        input: count(input),
        output: count(input),
        cache_read: count(input),
        cache_write: count(input),
        reasoning: count(input),
        output_audio_ms: count(input),
        images: count(input),
        web_searches: count(input),
        ..Usage::default()
    }
}

fuzz_target!(|bytes: &[u8]| {
    let mut input = Input::new(bytes);
    let form = input.byte() % 3;
    let at = Timestamp::from_unix_micros(1_700_000_000_000_000 + i64::from(input.byte()) * 500_000_000_000);
    let usage = usage(&mut input);
    let mut texts = [(); 4].map(|()| std::str::from_utf8(input.text()).unwrap_or_default()).into_iter();
    let [provider, model, tier, list] = [(); 4].map(|()| texts.next().unwrap_or_default());
    let query = PriceQuery {
        provider,
        region: None,
        model,
        service_tier: Some(tier).filter(|tier| !tier.is_empty()),
        variant: None,
        usage: Some(&usage),
        declared_cost: None,
        extra_charges: false,
        status: 200,
        at,
    };
    let empty = || Catalog::builtin().with_book(PriceList::default());
    match form {
        0 => {
            let Ok(file) = PriceList::parse_toml(list) else { return };
            empty().with_file(file).price(query, None);
        }
        1 => {
            let Ok(book) = PriceList::parse_book(list) else { return };
            empty().with_book(book).price(query, None);
        }
        _ => {
            let Ok(mut rows) = serde_json::from_str::<Vec<PriceRow>>(list) else { return };
            let Ok(overrides) = Overrides::new(&rows) else { return };
            rows.reverse();
            let Ok(reversed) = Overrides::new(&rows) else { panic!("in this order they are a list") };
            let price = |overrides| empty().price(query, Some(overrides));
            assert_eq!(price(&overrides), price(&reversed));
        }
    }
});
