//! What an administrator chose for the fields of a mapping.

use gatehouse_mapper::mapping::{Choice, Decision, Field, FieldInference, Inference, MappingDocument, Path};
use serde_json::Value;
use utoipa::ToSchema;

use crate::error::{ApiError, ErrorKind};
use crate::fields::Fields;

const EXPECTED: &str = "a list of objects with `field` and one of `candidate` (its place in the list), `pointer` \
                        (as in `/usage/in`) or `nothing` (true)";

/// What was chosen for a field: one of `candidate`, `pointer` and `nothing`.
#[derive(Debug, ToSchema)]
#[schema(example = json!({"field": "text", "candidate": 0}))]
#[expect(dead_code, reason = "describes the body in the OpenAPI document; the body is read as `Fields`")]
pub(crate) struct MappingChoice {
    /// `messages`, `prompt`, `text`, `usage`, `input_tokens`, …
    field: String,
    /// Whether it is about streamed answers; false where nothing is said.
    streamed: Option<bool>,
    /// The place of a candidate in the list of the field, from 0.
    candidate: Option<u32>,
    /// A place in the bodies: a JSON pointer, in which `*` stands for any element and `[key=value]` selects one.
    pointer: Option<String>,
    /// That nothing in the bodies says it.
    nothing: Option<bool>,
}

/// Returns the mapping with what a body chooses, or with the best candidate of all fields that wait.
pub(super) fn document(fields: &Fields, inference: &Inference) -> Result<MappingDocument, ApiError> {
    let Some(chosen) = fields.value("choices") else { return all_pending(inference) };
    let chosen = chosen.as_array().ok_or_else(|| ApiError::field("choices", EXPECTED))?;
    let mut document = inference.document.clone();
    for (index, choice) in chosen.iter().enumerate() {
        let place = format!("choices[{index}]");
        let (field, choice) =
            read(choice, inference).map_err(|expected| ApiError::field(&place, &expected))?;
        document = with(&document, field, &choice).map_err(|error| ApiError::field(&place, &error))?;
    }
    Ok(document)
}

fn all_pending(inference: &Inference) -> Result<MappingDocument, ApiError> {
    let pending = inference.fields.iter().filter(|found| found.decision == Decision::Pending);
    let mut document = inference.document.clone();
    for found in pending {
        let Some(best) = found.candidates.first() else { continue };
        let choice = Choice::Candidate(best.clone());
        let wrong = |error| ApiError::new(ErrorKind::Internal, error);
        document = with(&document, found.field, &choice).map_err(wrong)?;
    }
    Ok(document)
}

fn with(document: &MappingDocument, field: Field, choice: &Choice) -> Result<MappingDocument, String> {
    document.with_choice(field, choice).map_err(|error| error.to_string())
}

/// Returns what one element of the list chooses, or what it should be.
fn read(choice: &Value, inference: &Inference) -> Result<(Field, Choice), String> {
    let field = choice.get("field").and_then(Value::as_str).and_then(Field::parse);
    let field = field.ok_or_else(|| format!("{EXPECTED}; fields are {}", names()))?;
    let streamed = choice.get("streamed").and_then(Value::as_bool).unwrap_or_default();
    if choice.get("nothing").and_then(Value::as_bool) == Some(true) {
        return Ok((field, Choice::Nothing));
    }
    if let Some(pointer) = choice.get("pointer").and_then(Value::as_str) {
        let path = Path::parse(pointer).map_err(|error| format!("a choice with a pointer: {error}"))?;
        return Ok((field, Choice::Pointer { path, streamed }));
    }
    let is_meant = |found: &&FieldInference| (found.field, found.streamed) == (field, streamed);
    let found = inference.fields.iter().find(is_meant);
    let number = choice.get("candidate").and_then(Value::as_u64).ok_or(EXPECTED)?;
    let candidate = usize::try_from(number).ok().and_then(|number| found?.candidates.get(number));
    let candidate =
        candidate.ok_or_else(|| format!("a choice among the candidates for `{}`", field.as_str()))?;
    Ok((field, Choice::Candidate(candidate.clone())))
}

fn names() -> String {
    Field::ALL.map(|field| format!("`{}`", field.as_str())).join(", ")
}
