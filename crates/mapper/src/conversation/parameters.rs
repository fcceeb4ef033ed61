//! How a model is to answer: the parameters of a request, wherever a dialect puts them.

use super::json::Json;
use super::schema::Parameters;

/// The members that hold parameters in some dialects.
const PLACES: [&str; 9] = [
    "generationConfig",
    "generation_config",
    "inferenceConfig",
    "inference_params",
    "textGenerationConfig",
    "imageGenerationConfig",
    "options",
    "parameters",
    "config",
];
const MAX_TOKENS: [&str; 11] = [
    "max_tokens",
    "max_completion_tokens",
    "max_output_tokens",
    "maxOutputTokens",
    "maxTokens",
    "maxTokenCount",
    "max_gen_len",
    "max_new_tokens",
    "max_tokens_to_sample",
    "max_prompt_tokens",
    "num_predict",
];

/// Reads the parameters of a request.
pub(super) fn read(request: &Json) -> Parameters {
    let places: Vec<&Json> = [request]
        .into_iter()
        .chain(PLACES.map(|place| request.get(place)))
        .filter(|place| place.is_object())
        .collect();
    let find = |keys: &[&str]| places.iter().map(|place| place.any(keys)).find(|value| !value.is_null());
    let number = |keys: &[&str]| find(keys).and_then(Json::number);
    let stream = find(&["stream"]).and_then(Json::bool);
    let effort = find(&["reasoning_effort", "reasoningEffort"])
        .or_else(|| filled(request.get("reasoning").get("effort")));
    let effort = effort.or_else(|| filled(request.get("output_config").get("effort")));
    let verbosity = find(&["verbosity"]).or_else(|| filled(request.get("text").get("verbosity")));
    let format = find(&["response_format", "responseSchema", "responseJsonSchema", "response_schema"]);
    let format = format.or_else(|| filled(request.get("text").get("format")));
    let format = format.or_else(|| find(&["format"]).filter(|format| format.is_object()));
    Parameters {
        max_tokens: find(&MAX_TOKENS).and_then(Json::count),
        temperature: number(&["temperature"]),
        top_p: number(&["top_p", "topP", "p"]),
        seed: find(&["seed"]).cloned(),
        stream,
        presence_penalty: number(&["presence_penalty", "presencePenalty"]),
        frequency_penalty: number(&["frequency_penalty", "frequencyPenalty"]),
        stop: find(&["stop", "stop_sequences", "stopSequences"]).cloned(),
        n: find(&["n", "candidateCount", "candidate_count", "num_generations"]).and_then(Json::count),
        reasoning_effort: effort.and_then(Json::owned),
        verbosity: verbosity.and_then(Json::owned),
        parallel_tool_calls: find(&["parallel_tool_calls"]).and_then(Json::bool),
        response_format: format.cloned(),
        size: find(&["size"]).and_then(Json::owned),
        quality: find(&["quality"]).and_then(Json::owned),
    }
}

fn filled(value: &Json) -> Option<&Json> {
    (!value.is_null()).then_some(value)
}
