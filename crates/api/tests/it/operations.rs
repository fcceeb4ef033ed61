//! Every operation of the API, from its OpenAPI document.

use anyhow::{Context, Result};
use serde_json::{Value, json};

use crate::client::Call;

const DOCUMENT: &str = include_str!("../../openapi.json");

/// One method of one path.
#[derive(Clone, Debug)]
pub(crate) struct Operation {
    pub(crate) id: String,
    pub(crate) method: String,
    path: String,
    /// The body of the document's example; null if there is none.
    example: Value,
}

impl Operation {
    /// Returns all of them.
    pub(crate) fn all() -> Result<Vec<Self>> {
        let document: Value = serde_json::from_str(DOCUMENT)?;
        let paths = document.get("paths").and_then(Value::as_object).context("paths")?;
        let mut all = Vec::new();
        for (path, methods) in paths {
            for (method, operation) in methods.as_object().context("methods")? {
                let id = operation.get("operationId").and_then(Value::as_str).context("an id")?.to_owned();
                let example = example(&document, operation).unwrap_or(Value::Null);
                all.push(Self { id, method: method.to_uppercase(), path: path.clone(), example });
            }
        }
        Ok(all)
    }

    /// Returns whether its path names something.
    pub(crate) fn needs_id(&self) -> bool {
        self.path.contains("{id}")
    }

    /// Returns a call of this operation about `id`; the same `variant` always asks for the same.
    pub(crate) fn call(&self, id: &str, variant: u8) -> Call {
        let body = match self.body(variant) {
            Value::Null => String::new(),
            body => replace_ids(&body.to_string(), id),
        };
        let path = self.path.replace("{id}", id).replace("{letter_id}", id).replace("{asset_id}", id);
        Call::post(&path, body).method(&self.method)
    }

    fn body(&self, variant: u8) -> Value {
        match self.id.as_str() {
            "createApiKey" | "renameApiKey" | "createOrganizationApiKey" => {
                json!({"api_key_name": format!("key {variant}")})
            }
            "createDomain" => json!({"domain": format!("d{variant}.example.com"), "kind": "personal"}),
            "createHostRule" => json!({"pattern": format!("h{variant}.example"), "effect": "deny"}),
            "createOrganization" => json!({"name": format!("organization {variant}")}),
            "queryRequests" | "queryRequestsAlias" | "countRequests" => json!({"filter": "all"}),
            "searchRequests" => json!({"query": "x"}),
            _ => self.example.clone(),
        }
    }
}

/// Returns the example of an operation's body.
fn example(document: &Value, operation: &Value) -> Option<Value> {
    let schema = operation.pointer("/requestBody/content/application~1json/schema")?;
    let named = schema.get("$ref").or_else(|| schema.pointer("/oneOf/1/$ref"))?.as_str()?;
    document.pointer(named.strip_prefix('#')?)?.get("example").cloned()
}

/// Puts `id` in the place of every UUID.
fn replace_ids(text: &str, id: &str) -> String {
    words(text).map(|word| if uuid::Uuid::try_parse(word).is_ok() { id } else { word }).collect()
}

/// Splits a text into the runs of what ids, times and keys are made of, and what is between them.
pub(crate) fn words(text: &str) -> impl Iterator<Item = &str> {
    let is_part = |character: char| character.is_ascii_alphanumeric() || "-:._".contains(character);
    text.split_inclusive(move |character: char| !is_part(character)).flat_map(move |piece| {
        let end = piece.trim_end_matches(|character: char| !is_part(character)).len();
        let (word, rest) = piece.split_at(end);
        [word, rest]
    })
}
