//! How many tokens a model takes.

use std::collections::HashMap;

use serde::Deserialize;

use crate::catalog::Catalog;
use crate::names::{fine_tuned_base, without_full_date};

const BUILTIN: &str = include_str!("../context_lengths.toml");

/// The file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    lengths: Vec<Length>,
}

/// A row of the file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Length {
    tokens: u64,
    models: Vec<String>,
}

/// Reads the table that is part of the binary.
pub(crate) fn builtin() -> Result<HashMap<String, u64>, toml::de::Error> {
    let file: File = toml::from_str(BUILTIN)?;
    let row = |row: Length| row.models.into_iter().map(move |model| (model, row.tokens));
    Ok(file.lengths.into_iter().flat_map(row).collect())
}

impl Catalog {
    /// Returns how many tokens a model takes, those of its output included where the provider counts them
    /// together; `None` where that is not known for certain.
    ///
    /// A snapshot (`gpt-4o-2024-08-06`, `claude-3-5-sonnet-20241022`, `…-latest`) and a fine-tuned model
    /// (`ft:<base>:…`) have the length of their base, and a prefix such as `openai/` doesn't matter.
    pub fn context_length(&self, model: &str) -> Option<u64> {
        let model = model.rsplit_once('/').map_or(model, |(_, name)| name);
        let model = fine_tuned_base(model).unwrap_or(model);
        let length = |name: &str| self.context_lengths.get(name).copied();
        length(model)
            .or_else(|| length(without_full_date(model)?))
            .or_else(|| length(model.strip_suffix("-latest")?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(model: &str, expected: Option<u64>) {
        assert_eq!(Catalog::builtin().context_length(model), expected, "{model}");
    }

    #[test]
    fn knows_models_by_name_snapshot_and_base() {
        check("gpt-4o", Some(128_000));
        check("gpt-4o-mini-2024-07-18", Some(128_000));
        check("chatgpt-4o-latest", Some(128_000));
        check("openai/gpt-4.1", Some(1_047_576));
        check("ft:gpt-4o-mini-2024-07-18:acme::id", Some(128_000));
        check("gpt-4", Some(8_192));
        check("gpt-4-0613", Some(8_192));
        check("claude-3-5-sonnet-20241022", Some(200_000));
        check("claude-3-7-sonnet-latest", Some(200_000));
        check("gemini-1.5-pro", Some(2_097_152));
    }

    #[test]
    fn says_nothing_about_what_it_does_not_know() {
        for model in [
            "",
            "/",
            "ft:",
            "gpt",
            "gpt-4o-",
            "gpt-4o-2024",
            "gpt-4o-2024x07x18",
            "GPT-4O",
            "-20241022",
            "-é",
        ] {
            check(model, None);
        }
    }

    #[test]
    fn names_no_model_twice() {
        let file: File = toml::from_str(BUILTIN).expect("valid");
        let names = file.lengths.iter().map(|row| row.models.len()).sum::<usize>();
        assert_eq!(builtin().expect("valid").len(), names);
    }
}
