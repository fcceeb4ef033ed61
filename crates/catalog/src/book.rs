//! The form of the built-in book: a line a price.
//!
//! `PROVIDER<TAB>model<TAB>from<TAB>conditions<TAB>prices`, where `-` stands for none: no date, no conditions, or
//! a case of which no price is known. Conditions are `tier=` `above=` `region=` `off_peak=` `variant=` `until=`,
//! prices `input=2.5` and so on, in the units of [`PriceRow`](crate::PriceRow), with spaces between them. A model
//! that ends with `*` is a prefix. `PROVIDER<TAB>alias<TAB>=<TAB>model` gives a model another name; lines that
//! begin with `#` are comments.

use gatehouse_types::Timestamp;

use crate::list::PriceList;
use crate::row::{Conditions, FieldError, Rates, Row, RowError, date, rate, tier, windows};
use crate::unit::Unit;

/// What stands for nothing.
const NONE: &str = "-";

impl PriceList {
    /// Reads a book.
    ///
    /// # Errors
    /// Names the line and the field that is wrong.
    pub fn parse_book(text: &str) -> Result<Self, RowError> {
        let mut list = Self::default();
        let mut dates = Dates::default();
        for (n, line) in text.lines().enumerate() {
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            list.take_line(line, &mut dates).map_err(|error| RowError {
                place: format!("line {}", n + 1),
                subject: line.split('\t').take(2).collect::<Vec<_>>().join(" "),
                field: error.field.to_owned(),
                problem: error.problem,
            })?;
        }
        list.finish();
        Ok(list)
    }

    fn take_line<'a>(&mut self, line: &'a str, dates: &mut Dates<'a>) -> Result<(), FieldError> {
        let mut fields = line.split('\t');
        let mut next = |field: &'static str| {
            let problem = || "it is missing: there are five fields with tabs between them".to_owned();
            fields.next().filter(|text| !text.is_empty()).ok_or_else(|| FieldError::new(field, problem()))
        };
        let (provider, model, from, fourth) =
            (next("provider")?, next("model")?, next("from")?, next("conditions")?);
        if from == "=" {
            let problem = || "the alias stands for another model already".to_owned();
            let is_new = self.add_alias(provider, model, fourth);
            return is_new.then_some(()).ok_or_else(|| FieldError::new("alias", problem()));
        }
        let prices = next("prices")?;
        if fields.next().is_some() {
            return Err(FieldError::new("prices", "something follows them".to_owned()));
        }
        let from = if from == NONE { None } else { Some(dates.read("from", from)?) };
        let (conditions, until) = conditions(fourth, dates)?;
        let row = Row { conditions, from, until, rates: rates(prices)? };
        let is_new = match model.strip_suffix('*') {
            Some(prefix) => self.add_prefix(provider, prefix, row),
            None => self.add(provider, model, row),
        };
        let problem = || "there is a line of the same conditions and the same date already".to_owned();
        is_new.then_some(()).ok_or_else(|| FieldError::new("model", problem()))
    }
}

/// The date that was read last: most lines have the same one as the line before.
#[derive(Default)]
struct Dates<'a>(Option<(&'a str, Timestamp)>);

impl<'a> Dates<'a> {
    fn read(&mut self, field: &'static str, text: &'a str) -> Result<Timestamp, FieldError> {
        if let Some((_, day)) = self.0.filter(|(known, _)| *known == text) {
            return Ok(day);
        }
        let day = date(field, text)?;
        self.0 = Some((text, day));
        Ok(day)
    }
}

fn conditions<'a>(
    text: &'a str,
    dates: &mut Dates<'a>,
) -> Result<(Conditions, Option<Timestamp>), FieldError> {
    let (mut conditions, mut until) = (Conditions::default(), None);
    for condition in text.split(' ').filter(|_| text != NONE) {
        let (name, value) = pair("conditions", condition)?;
        match name {
            "tier" => conditions.tier = tier(value),
            "above" => {
                let problem = |_| FieldError::new("above", format!("`{value}` is not a number of tokens"));
                conditions.above_input_tokens = Some(value.parse().map_err(problem)?);
            }
            "region" => conditions.region = Some(value.into()),
            "off_peak" => conditions.off_peak = Some(windows(value)?),
            "variant" => conditions.variant = Some(value.into()),
            "until" => until = Some(dates.read("until", value)?),
            _ => return Err(FieldError::new("conditions", format!("there is no condition `{name}`"))),
        }
    }
    Ok((conditions, until))
}

fn rates(text: &str) -> Result<Rates, FieldError> {
    let mut rates: Vec<(Unit, u64)> = Vec::with_capacity(4);
    for price in text.split(' ').filter(|_| text != NONE) {
        let (name, value) = pair("prices", price)?;
        let problem = || FieldError::new("prices", format!("there is no unit `{name}`"));
        let unit = Unit::parse(name).ok_or_else(problem)?;
        if rates.iter().any(|(other, _)| *other == unit) {
            return Err(FieldError::new(unit.as_str(), "there are two prices of it".to_owned()));
        }
        rates.push((unit, rate(unit, value)?));
    }
    Ok(Rates::new(rates))
}

/// `name=value`.
fn pair<'a>(field: &'static str, text: &'a str) -> Result<(&'a str, &'a str), FieldError> {
    let pair = text.split_once('=').filter(|(_, value)| !value.is_empty());
    pair.ok_or_else(|| FieldError::new(field, format!("`{text}` is not of the form `name=value`")))
}
