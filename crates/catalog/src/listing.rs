//! What is listed, for people to look prices up.

use std::collections::{BTreeMap, BTreeSet};

use gatehouse_types::Timestamp;
use serde::Serialize;

use crate::breakdown::{Source, day};
use crate::catalog::Catalog;
use crate::decimal;
use crate::list::{Models, Overrides, PriceList};
use crate::row::Row;

/// Which prices are asked for.
#[derive(Clone, Copy, Debug)]
pub struct ListingQuery<'a> {
    /// Of this provider only; letter case doesn't matter.
    pub provider: Option<&'a str>,
    /// Of models whose name has this in it only; letter case doesn't matter.
    pub search: Option<&'a str>,
    /// When they hold.
    pub at: Timestamp,
}

/// A row of a list, and where it stands; serialises as JSON for the API.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ListedPrice {
    /// The provider.
    pub provider: String,
    /// The model; one that ends with `*` is a prefix.
    pub model: String,
    /// Other names of the model.
    pub aliases: Vec<String>,
    /// The list.
    pub source: Source,
    /// The service tier; `None` for the standard one.
    pub tier: Option<String>,
    /// The row holds for inputs of more tokens than this.
    pub above_input_tokens: Option<u64>,
    /// The region.
    pub region: Option<String>,
    /// The part of a day, in UTC.
    pub off_peak: Option<String>,
    /// The variant.
    pub variant: Option<String>,
    /// The first day (UTC) on which the row holds.
    pub from: Option<String>,
    /// The first day (UTC) on which it holds no longer.
    pub until: Option<String>,
    /// US dollars by unit, as exact decimals: per million tokens, per second, per call or per unit.
    pub prices: BTreeMap<&'static str, String>,
}

impl Catalog {
    /// Returns the prices that hold at a time, by provider, model and conditions. Of a model that is named by
    /// several lists only the first of override, file and book is listed.
    pub fn models(&self, query: ListingQuery<'_>, overrides: Option<&Overrides>) -> Vec<ListedPrice> {
        let mut listed = Vec::new();
        let mut seen = BTreeSet::new();
        for (source, list) in self.lists(overrides) {
            list_prices(list, source, query, &mut seen, &mut listed);
        }
        listed.sort_by(|a, b| {
            let key = |price: &ListedPrice| {
                let conditions = (price.tier.clone(), price.region.clone(), price.variant.clone());
                (
                    price.provider.clone(),
                    price.model.clone(),
                    conditions,
                    price.off_peak.clone(),
                    price.above_input_tokens,
                )
            };
            key(a).cmp(&key(b))
        });
        listed
    }
}

/// Lists the prices of one list whose models are not listed yet.
fn list_prices(
    list: &PriceList,
    source: Source,
    query: ListingQuery<'_>,
    seen: &mut BTreeSet<(String, String)>,
    listed: &mut Vec<ListedPrice>,
) {
    let search = query.search.unwrap_or_default().to_ascii_lowercase();
    let is_asked = |provider: &str| query.provider.is_none_or(|asked| asked.eq_ignore_ascii_case(provider));
    for (provider, models) in list.providers().into_iter().filter(|(provider, _)| is_asked(provider)) {
        for (model, rows) in models.listed() {
            let aliases = models.aliases_of(&model);
            let is_found = |name: &String| name.to_ascii_lowercase().contains(&search);
            if !is_found(&model) && !aliases.iter().any(is_found) {
                continue;
            }
            let current = current(rows, query.at);
            if current.is_empty() || !seen.insert((provider.to_owned(), model.clone())) {
                continue;
            }
            listed.extend(current.into_iter().map(|row| entry(provider, &model, &aliases, source, row)));
        }
    }
}

impl Models {
    /// Every model and prefix with its rows.
    fn listed(&self) -> BTreeMap<String, &[Row]> {
        let models = self.rows.iter().map(|(model, rows)| (model.to_string(), rows.as_slice()));
        let prefixes = self.prefixes.iter().map(|(prefix, rows)| (format!("{prefix}*"), rows.as_slice()));
        models.chain(prefixes).collect()
    }

    fn aliases_of(&self, model: &str) -> Vec<String> {
        let aliases = self.aliases.iter().filter(|(_, other)| ***other == *model);
        let mut aliases = aliases.map(|(alias, _)| alias.to_string()).collect::<Vec<_>>();
        aliases.sort_unstable();
        aliases
    }
}

/// The rows that hold at a time and are not replaced by newer ones.
fn current(rows: &[Row], at: Timestamp) -> Vec<&Row> {
    let valid = || rows.iter().filter(|row| row.is_valid(at));
    let is_replaced =
        |row: &Row| valid().any(|other| other.from > row.from && other.conditions == row.conditions);
    valid().filter(|row| !is_replaced(row)).collect()
}

fn entry(provider: &str, model: &str, aliases: &[String], source: Source, row: &Row) -> ListedPrice {
    let conditions = &row.conditions;
    let text = |text: &Option<Box<str>>| text.as_deref().map(str::to_owned);
    let prices = row.rates.iter();
    ListedPrice {
        provider: provider.to_owned(),
        model: model.to_owned(),
        aliases: aliases.to_vec(),
        source,
        tier: text(&conditions.tier),
        above_input_tokens: conditions.above_input_tokens,
        region: text(&conditions.region),
        off_peak: conditions.off_peak.as_ref().map(ToString::to_string),
        variant: text(&conditions.variant),
        from: row.from.map(day),
        until: row.until.map(day),
        prices: prices
            .map(|(unit, rate)| (unit.as_str(), decimal::write(rate.into(), unit.places())))
            .collect(),
    }
}
