//! What callers say about a webhook, and how it is told to them again.

use axum::http::Uri;
use gatehouse_store::webhooks::{FULL_SAMPLE_RATE, Webhook};
use serde_json::{Map, Value, json};

use super::courier::WebhookCourier;
use crate::error::ApiError;
use crate::fields::Fields;

/// Most bytes of a destination.
const MAX_DESTINATION_BYTES: usize = 2048;
/// Most filters of a webhook, and most characters of their names and values.
const MAX_FILTERS: usize = 20;
const MAX_FILTER_CHARS: usize = 1000;

const RATE: &str = "a number from 0 to 100, in per cent, with at most three decimals";
const FILTERS: &str = "a list of at most 20 objects such as {\"key\": \"environment\", \"value\": \"production\"}, \
                       each text of 1 to 1000 characters";

/// What a call says about a webhook; what it does not say is `None`.
pub(super) struct Settings {
    pub(super) destination: Option<String>,
    pub(super) sample_rate: Option<u32>,
    pub(super) property_filters: Option<Vec<(String, String)>>,
    pub(super) include_data: Option<bool>,
    pub(super) is_active: Option<bool>,
}

impl Settings {
    /// Reads them from the fields of a body.
    pub(super) fn read(fields: &Fields, courier: &dyn WebhookCourier) -> Result<Self, ApiError> {
        let empty = Map::new();
        let config = match fields.value("config") {
            None => &empty,
            Some(Value::Object(config)) => config,
            Some(_) => return Err(ApiError::field("config", "an object")),
        };
        let include_data = flag(fields.value("includeData"), "includeData")?;
        Ok(Self {
            destination: fields.value("destination").map(|value| destination(value, courier)).transpose()?,
            sample_rate: given(config, "sampleRate").map(sample_rate).transpose()?,
            property_filters: given(config, "propertyFilters").map(filters).transpose()?,
            include_data: include_data.or(flag(given(config, "includeData"), "config.includeData")?),
            is_active: flag(fields.value("is_active"), "is_active")?,
        })
    }

    /// Puts what was said into a webhook.
    pub(super) fn apply(self, webhook: &mut Webhook) {
        let Self { destination, sample_rate, property_filters, include_data, is_active } = self;
        set(&mut webhook.destination, destination);
        set(&mut webhook.sample_rate, sample_rate);
        set(&mut webhook.property_filters, property_filters);
        set(&mut webhook.include_data, include_data);
        set(&mut webhook.is_active, is_active);
    }
}

/// Returns the settings of a webhook as the JSON text that Helicone's clients read.
pub(super) fn config_text(webhook: &Webhook) -> String {
    let filters = webhook.property_filters.iter().map(|(key, value)| json!({"key": key, "value": value}));
    json!({
        "sampleRate": per_cent(webhook.sample_rate),
        "propertyFilters": filters.collect::<Vec<_>>(),
        "includeData": webhook.include_data,
    })
    .to_string()
}

fn set<T>(slot: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *slot = value;
    }
}

fn given<'a>(config: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    config.get(name).filter(|value| !value.is_null())
}

fn flag(value: Option<&Value>, field: &str) -> Result<Option<bool>, ApiError> {
    let read = |value: &Value| value.as_bool().ok_or_else(|| ApiError::field(field, "true or false"));
    value.map(read).transpose()
}

fn destination(value: &Value, courier: &dyn WebhookCourier) -> Result<String, ApiError> {
    let text = value.as_str().map(str::trim).filter(|text| (1..=MAX_DESTINATION_BYTES).contains(&text.len()));
    let text = text.ok_or_else(|| {
        ApiError::field("destination", "a URL such as `https://example.com/hook`, of at most 2048 bytes")
    })?;
    let refused = |reason: String| ApiError::field("destination", &format!("a public URL: {reason}"));
    courier.check(text).map_err(refused)?;
    let mut url = url::Url::parse(text).map_err(|error| refused(error.to_string()))?;
    url.set_fragment(None);
    // The normal form is what is called; it may still hold what can't stand in a request.
    match url.as_str().parse::<Uri>() {
        Ok(_) => Ok(url.into()),
        Err(error) => Err(refused(error.to_string())),
    }
}

/// Returns a rate in thousandths of a per cent.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a number from 0 to 100,000 is one of the type"
)]
fn sample_rate(value: &Value) -> Result<u32, ApiError> {
    let wrong = || ApiError::field("config.sampleRate", RATE);
    let rate = value.as_f64().filter(|rate| (0.0..=100.0).contains(rate)).ok_or_else(wrong)?;
    let thousandths = (rate * 1000.0).round();
    // What is finer would be another rate than was asked for: a sample of nothing, say.
    if (rate * 1000.0 - thousandths).abs() > 1e-6 {
        return Err(wrong());
    }
    Ok(thousandths as u32)
}

/// Returns a rate in per cent, without decimals where there are none.
fn per_cent(rate: u32) -> Value {
    let rate = rate.min(FULL_SAMPLE_RATE);
    if rate.is_multiple_of(1000) { Value::from(rate / 1000) } else { Value::from(f64::from(rate) / 1000.0) }
}

fn filters(value: &Value) -> Result<Vec<(String, String)>, ApiError> {
    let text = |filter: &Value, name: &str| {
        let text = filter.get(name)?.as_str()?;
        (1..=MAX_FILTER_CHARS).contains(&text.chars().count()).then(|| text.to_owned())
    };
    let list = value.as_array().filter(|list| list.len() <= MAX_FILTERS);
    let filters = list.and_then(|list| {
        list.iter().map(|filter| Some((text(filter, "key")?, text(filter, "value")?))).collect()
    });
    filters.ok_or_else(|| ApiError::field("config.propertyFilters", FILTERS))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_exact_to_a_thousandth_of_a_per_cent() {
        let check = |text: &str, expected: Option<u32>| {
            let value: Value = serde_json::from_str(text).unwrap();
            let rate = sample_rate(&value);
            assert_eq!(rate.as_ref().ok(), expected.as_ref(), "{text}");
            if let Ok(rate) = rate {
                assert_eq!(sample_rate(&per_cent(rate)), Ok(rate), "{text}");
            }
        };
        check("0", Some(0));
        check("100", Some(100_000));
        check("12.5", Some(12_500));
        check("0.001", Some(1));
        check("33.333", Some(33_333));
        for wrong in ["-1", "100.1", "0.0001", "\"50\"", "true", "[]", "1e300"] {
            check(wrong, None);
        }
        assert_eq!(per_cent(100_000).to_string(), "100");
        assert_eq!(per_cent(12_500).to_string(), "12.5");
    }
}
