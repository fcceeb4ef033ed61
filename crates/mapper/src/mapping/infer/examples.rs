//! What candidates read from samples, for those who decide about them.

use super::corpus::Case;
use super::{Candidate, Field, place};
use crate::mapping::document::{MappingDocument, StreamMapping};
use crate::mapping::evaluate::Mapped;

/// How many samples are shown.
const SHOWN: usize = 3;
/// How many letters of each.
const LETTERS: usize = 200;

/// Fills in what the candidates of a field read from the first samples.
pub(super) fn fill(candidates: &mut [Candidate], field: Field, cases: &[&Case<'_>]) {
    let framing = cases.iter().find_map(|case| case.framing()).unwrap_or_default();
    for candidate in candidates {
        let mut document = MappingDocument {
            stream: Some(StreamMapping { framing, ..StreamMapping::default() }),
            ..MappingDocument::default()
        };
        place::put(&mut document, field, candidate.mapping.clone());
        let read = cases.iter().filter_map(|case| example(field, &document.apply(&case.sample)));
        candidate.examples = read.map(|text| text.chars().take(LETTERS).collect()).take(SHOWN).collect();
    }
}

fn example(field: Field, mapped: &Mapped) -> Option<String> {
    match field {
        Field::Messages => mapped.messages.last().map(|message| {
            let role = message.role.as_deref().unwrap_or("?");
            format!("{role}: {}", message.content)
        }),
        Field::Prompt => mapped.prompt.clone(),
        Field::System => mapped.system.clone(),
        Field::Model | Field::ResponseModel => mapped.model.clone(),
        Field::Params => serde_json::to_string(&mapped.params).ok(),
        Field::Text => mapped.text.clone(),
        Field::Reasoning => mapped.reasoning.clone(),
        Field::Finish => mapped.finish.clone(),
        Field::ToolCalls => {
            mapped.tool_calls.first().map(|call| format!("{}({})", call.name, call.arguments))
        }
        Field::Error => mapped.error.clone(),
        Field::Usage | Field::InputTokens | Field::OutputTokens | Field::TotalTokens => {
            mapped.usage.map(|usage| {
                let known = [
                    ("input", usage.input),
                    ("output", usage.output),
                    ("cache_read", usage.cache_read),
                    ("reasoning", usage.reasoning),
                    ("total", usage.total),
                ];
                let parts = known.into_iter().filter_map(|(name, count)| Some(format!("{name} {}", count?)));
                parts.collect::<Vec<_>>().join(", ")
            })
        }
    }
}
