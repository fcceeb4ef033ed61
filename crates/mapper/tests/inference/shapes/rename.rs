//! The same APIs with other names, which mean nothing in any language.

use serde_json::{Map, Value};

use super::exchange::Exchange;
use super::random::Random;

/// How many names in a hundred are replaced.
#[derive(Clone, Copy)]
pub(crate) struct Renaming {
    pub(crate) seed: u64,
    pub(crate) percent: u64,
}

impl Renaming {
    /// Returns the call with other names for the members of its bodies: the same one for the same name in all
    /// calls. Binary frames stay as they are.
    pub(crate) fn of(self, exchange: &Exchange) -> Exchange {
        let mut renamed = exchange.clone();
        renamed.request = self.text(&exchange.request);
        if !exchange.content_type.contains("amazon") {
            renamed.response = self.text(&exchange.response);
        }
        renamed
    }

    /// Renames in every line that is JSON, be it the data of an event.
    fn text(self, body: &[u8]) -> Vec<u8> {
        let line = |line: &str| {
            let (field, data) = line.strip_prefix("data: ").map_or(("", line), |data| ("data: ", data));
            match serde_json::from_str(data) {
                Ok(json) => format!("{field}{}", self.json(json)),
                Err(_) => line.to_owned(),
            }
        };
        let body = std::str::from_utf8(body).unwrap();
        body.split('\n').map(line).collect::<Vec<_>>().join("\n").into_bytes()
    }

    fn json(self, json: Value) -> Value {
        match json {
            Value::Object(members) => {
                let members = members.into_iter().map(|(name, value)| (self.name(name), self.json(value)));
                Value::Object(members.collect::<Map<_, _>>())
            }
            Value::Array(items) => Value::Array(items.into_iter().map(|item| self.json(item)).collect()),
            other => other,
        }
    }

    fn name(self, name: String) -> String {
        let seed = name.bytes().fold(self.seed, |seed, byte| seed.wrapping_mul(257) + u64::from(byte) + 1);
        let mut random = Random::new(seed);
        // Members that are named by ids are new in every call.
        if name.len() == 36 || !random.happens(self.percent) {
            return name;
        }
        let syllable = |random: &mut Random| {
            format!(
                "{}{}",
                random.pick(&["v", "z", "kr", "bl", "pf", "q", "gn"]),
                random.pick(&["a", "e", "i", "o", "u"])
            )
        };
        (0..3).map(|_| syllable(&mut random)).collect()
    }
}
