//! Pages of JSON, as the APIs for costs answer them.

use std::fmt;

use gatehouse_types::{NanoUsd, Timestamp};
use serde::Deserialize;
use serde::de::{self, Deserializer, Visitor};
use serde_json::value::RawValue;

use super::{Bill, BillError, amount, is_dollars, model_of_line, moment};

/// Reads pages, one or a list or one after the other.
pub(super) fn read(text: &str) -> Result<Bill, BillError> {
    let mut bill = Bill::default();
    for pages in serde_json::Deserializer::from_str(text).into_iter::<Pages>() {
        let Pages(pages) = pages.map_err(|error| BillError::Pages(error.to_string()))?;
        for page in pages {
            add_page(&mut bill, page)?;
        }
    }
    Ok(bill)
}

fn add_page(bill: &mut Bill, page: Page) -> Result<(), BillError> {
    if page.has_more == Some(true) {
        let note = "the export says that there are further pages, which were not sent";
        bill.notes.push(note.to_owned());
    }
    let buckets = match (page.data, page.results) {
        (Some(buckets), _) => buckets,
        (None, Some(results)) => {
            vec![Bucket { start_time: page.start_time, starting_at: page.starting_at, results }]
        }
        (None, None) => {
            let message = "neither `data` nor `results` is there: this is no export of costs";
            return Err(BillError::Pages(message.to_owned()));
        }
    };
    for bucket in buckets {
        let began = bucket.start_time.or(bucket.starting_at);
        let missing = || BillError::Pages("a bucket has neither `start_time` nor `starting_at`".to_owned());
        let Moment(at) = began.ok_or_else(missing)?;
        for item in bucket.results {
            add_item(bill, at, item)?;
        }
    }
    Ok(())
}

fn add_item(bill: &mut Bill, at: Timestamp, item: Item) -> Result<(), BillError> {
    let Some(Amount { nanos, currency }) = item.amount else { return Ok(()) };
    let currency = currency.or(item.currency).unwrap_or_default();
    if !is_dollars(&currency) {
        let message = format!("amounts are in `{currency}`: only US dollars can be compared");
        return Err(BillError::Pages(message));
    }
    let line = item.line_item.as_deref().map(model_of_line);
    let model = item.model.as_deref().or(line).or(item.description.as_deref());
    bill.add(at, model.unwrap_or_default(), nanos);
    Ok(())
}

/// One page, or several.
struct Pages(Vec<Page>);

/// A page of buckets, or a bucket alone.
#[derive(Deserialize)]
struct Page {
    data: Option<Vec<Bucket>>,
    has_more: Option<bool>,
    results: Option<Vec<Item>>,
    start_time: Option<Moment>,
    starting_at: Option<Moment>,
}

/// What was charged in a span of time.
#[derive(Deserialize)]
struct Bucket {
    start_time: Option<Moment>,
    starting_at: Option<Moment>,
    results: Vec<Item>,
}

/// One charge.
#[derive(Deserialize)]
struct Item {
    amount: Option<Amount>,
    currency: Option<String>,
    line_item: Option<String>,
    model: Option<String>,
    description: Option<String>,
}

/// OpenAI writes an object of dollars and their currency, Anthropic cents as text.
struct Amount {
    nanos: NanoUsd,
    currency: Option<String>,
}

/// Seconds, or ISO 8601.
struct Moment(Timestamp);

impl<'de> Deserialize<'de> for Pages {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct OneOrMore;
        impl<'de> Visitor<'de> for OneOrMore {
            type Value = Pages;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a page of costs, or a list of them")
            }

            fn visit_seq<A: de::SeqAccess<'de>>(self, mut list: A) -> Result<Pages, A::Error> {
                let mut pages = Vec::new();
                while let Some(page) = list.next_element()? {
                    pages.push(page);
                }
                Ok(Pages(pages))
            }

            fn visit_map<A: de::MapAccess<'de>>(self, map: A) -> Result<Pages, A::Error> {
                let page = Page::deserialize(de::value::MapAccessDeserializer::new(map))?;
                Ok(Pages(vec![page]))
            }
        }
        deserializer.deserialize_any(OneOrMore)
    }
}

impl<'de> Deserialize<'de> for Amount {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Money {
            value: Option<Box<RawValue>>,
            currency: Option<String>,
        }
        struct AmountVisitor;
        impl<'de> Visitor<'de> for AmountVisitor {
            type Value = Amount;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("cents as text, or an object with a `value` in dollars")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Amount, E> {
                let unreadable = || E::custom(format_args!("`{text}` is not an amount of cents"));
                Ok(Amount { nanos: amount::cents(text).ok_or_else(unreadable)?, currency: None })
            }

            fn visit_map<A: de::MapAccess<'de>>(self, map: A) -> Result<Amount, A::Error> {
                let money = Money::deserialize(de::value::MapAccessDeserializer::new(map))?;
                let text = money.value.as_ref().map_or("0", |value| value.get().trim_matches('"'));
                let text = if text == "null" { "0" } else { text };
                let unreadable = || de::Error::custom(format_args!("`{text}` is not an amount of dollars"));
                let nanos = amount::dollars(text).ok_or_else(unreadable)?;
                Ok(Amount { nanos, currency: money.currency })
            }
        }
        deserializer.deserialize_any(AmountVisitor)
    }
}

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct MomentVisitor;
        impl Visitor<'_> for MomentVisitor {
            type Value = Moment;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("seconds since 1970, or an ISO 8601 time")
            }

            fn visit_u64<E: de::Error>(self, seconds: u64) -> Result<Moment, E> {
                self.visit_str(&seconds.to_string())
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Moment, E> {
                moment(text).map(Moment).ok_or_else(|| E::custom(format_args!("`{text}` is not a time")))
            }
        }
        deserializer.deserialize_any(MomentVisitor)
    }
}
