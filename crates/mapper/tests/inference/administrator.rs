//! Somebody who knows the API and looks at what inference offers.

use gatehouse_mapper::mapping::{
    Choice, Decision, Field, FieldInference, Inference, Mapped, MappingDocument,
};

use crate::confusion::{Aspect, Reading};
use crate::sample;
use crate::shapes::exchange::{Exchange, Truth};

/// How many samples the administrator looks at.
const LOOKED_AT: usize = 3;

/// Returns the document with what an administrator takes of the fields that wait for approval: of each the first
/// candidate that reads what is there, in all examples; where none does, the field stays unmapped.
pub(crate) fn approve(inference: &Inference, samples: &[Exchange]) -> MappingDocument {
    let pending = inference.fields.iter().filter(|field| field.decision == Decision::Pending);
    pending.fold(inference.document.clone(), |document, field| {
        let chosen = field.candidates.iter().find_map(|candidate| {
            let choice = Choice::Candidate(candidate.clone());
            let chosen = document.with_choice(field.field, &choice).ok()?;
            let examples = samples.iter().take(LOOKED_AT);
            let reads = examples.map(|example| (chosen.apply(&sample(example)), &example.truth));
            accepts(field, reads).then_some(chosen)
        });
        chosen.unwrap_or(document)
    })
}

/// Returns whether the field is read, and nothing of it wrongly.
fn accepts<'a>(field: &FieldInference, mut examples: impl Iterator<Item = (Mapped, &'a Truth)>) -> bool {
    let aspects: &[Aspect] = match field.field {
        Field::Text => &[Aspect::Text],
        Field::Usage | Field::InputTokens | Field::OutputTokens | Field::TotalTokens => &Aspect::USAGE,
        Field::Model | Field::ResponseModel => &[Aspect::Model],
        Field::Finish => &[Aspect::Finish],
        // Of several places that make up what was said before, one alone is not yet all of it.
        Field::Messages | Field::Prompt | Field::System => {
            return examples.all(|(mapped, truth)| is_said(field.field, &mapped, truth));
        }
        Field::Reasoning | Field::Params | Field::ToolCalls | Field::Error => return false,
    };
    let mut is_read = false;
    let none_is_wrong = examples.all(|(mapped, truth)| {
        let readings = aspects.iter().map(|aspect| aspect.reading(&mapped, truth));
        readings.fold(true, |is_good, reading| {
            is_read |= reading == Reading::Right;
            is_good && reading != Reading::Wrong
        })
    });
    none_is_wrong && is_read
}

/// Returns whether everything that is read there was said, by whom the mapping says.
fn is_said(field: Field, mapped: &Mapped, truth: &Truth) -> bool {
    let said = |role: &str, text: &str| truth.messages.iter().any(|(by, words)| *by == role && words == text);
    match field {
        Field::Prompt => mapped.prompt.as_deref().is_some_and(|text| said("user", text)),
        Field::System => mapped.system.as_deref().is_some_and(|text| said("system", text)),
        _ => {
            let mut messages = mapped.messages.iter();
            !mapped.messages.is_empty()
                && messages.all(|message| said(message.role.as_deref().unwrap_or_default(), &message.content))
        }
    }
}
