//! APIs that answer in one piece, as their references describe them.

use gatehouse_types::Usage;
use serde_json::{Value, json};

use crate::world::{Api, Call, counts};

fn both(call: &Call) -> Option<Usage> {
    counts(Some(call.input), Some(call.output), None)
}

fn three(call: &Call) -> Option<Usage> {
    counts(Some(call.input), Some(call.output), Some(call.input + call.output))
}

fn turns(call: &Call, role: &str, content: &str, names: [&str; 2]) -> Value {
    let turn = |who: &str, text: &str| {
        let mut turn = serde_json::Map::new();
        turn.insert(role.to_owned(), who.into());
        turn.insert(content.to_owned(), text.into());
        Value::from(turn)
    };
    let before = call.before.iter().flat_map(|(one, other)| [turn(names[0], one), turn(names[1], other)]);
    before.chain([turn(names[0], &call.question)]).collect()
}

fn end(call: &Call, stop: &str, length: &str) -> String {
    if call.is_long { length.to_owned() } else { stop.to_owned() }
}

/// Bedrock's Titan.
fn titan() -> Api {
    Api::new(
        "titan",
        |call| json!({"inputText": call.question, "textGenerationConfig": {"maxTokenCount": 512, "temperature": 0.5}}),
        |call| {
            vec![json!({"inputTextTokenCount": call.input, "results": [{"tokenCount": call.output,
                "outputText": call.answer, "completionReason": end(call, "FINISH", "LENGTH")}]})]
        },
        both,
    )
}

fn aleph_alpha() -> Api {
    Api::new(
        "aleph_alpha",
        |call| json!({"model": "luminous-base", "prompt": call.question, "maximum_tokens": 64, "temperature": 0.0}),
        |call| {
            vec![json!({"model_version": "2024-01", "completions": [{"completion": call.answer,
                "finish_reason": end(call, "end_of_text", "maximum_tokens")}],
                "num_tokens_prompt_total": call.input, "num_tokens_generated": call.output})]
        },
        both,
    )
}

fn watsonx() -> Api {
    Api::new(
        "watsonx",
        |call| {
            json!({"model_id": "ibm/granite-13b", "input": call.question, "project_id": "4f1c2d3e-5a6b-4c7d",
            "parameters": {"max_new_tokens": 200, "decoding_method": "greedy"}})
        },
        |call| {
            vec![
                json!({"model_id": "ibm/granite-13b", "created_at": "2026-01-02T03:04:05.123Z", "results": [{
                "generated_text": call.answer, "generated_token_count": call.output, "input_token_count": call.input,
                "stop_reason": end(call, "eos_token", "max_tokens")}]}),
            ]
        },
        both,
    )
}

fn dashscope() -> Api {
    Api::new(
        "dashscope",
        |call| json!({"model": "qwen-turbo", "input": {"messages": turns(call, "role", "content", ["user", "assistant"])},
            "parameters": {"result_format": "text", "seed": call.noise}}),
        |call| {
            vec![json!({"output": {"finish_reason": end(call, "stop", "length"), "text": call.answer},
                "usage": {"output_tokens": call.output, "input_tokens": call.input,
                    "total_tokens": call.input + call.output}, "request_id": call.id})]
        },
        three,
    )
    .with_history()
}

fn cloudflare() -> Api {
    Api::new(
        "cloudflare",
        |call| json!({"messages": turns(call, "role", "content", ["user", "assistant"]), "max_tokens": 256}),
        |call| {
            vec![json!({"result": {"response": call.answer, "usage": {"prompt_tokens": call.input,
                "completion_tokens": call.output, "total_tokens": call.input + call.output}}, "success": true,
                "errors": [], "messages": []})]
        },
        three,
    )
    .with_history()
}

fn replicate() -> Api {
    Api::new(
        "replicate",
        |call| json!({"version": "a1b2c3", "input": {"prompt": call.question, "max_tokens": 512}}),
        |call| {
            vec![json!({"id": call.id, "version": "a1b2c3", "status": "succeeded",
                "input": {"prompt": call.question, "max_tokens": 512}, "output": call.parts(), "error": null,
                "urls": {"get": format!("https://api.example.test/p/{}", call.id)},
                "metrics": {"input_token_count": call.input, "output_token_count": call.output,
                    "predict_time": 1.25}})]
        },
        both,
    )
}

/// Text Generation Inference: only the output is counted, and a seed stands beside it.
fn tgi() -> Api {
    Api::new(
        "tgi",
        |call| json!({"inputs": call.question, "parameters": {"max_new_tokens": 200, "details": true}}),
        |call| {
            vec![
                json!({"generated_text": call.answer, "details": {"finish_reason": end(call, "eos_token", "length"),
                "generated_tokens": call.output, "seed": call.noise * 7919 + 11, "prefill": []}}),
            ]
        },
        |call| counts(None, Some(call.output), None),
    )
}

/// Meta's Llama API: counts in a list of metrics.
fn llama() -> Api {
    Api::new(
        "llama",
        |call| json!({"model": "Llama-4", "messages": turns(call, "role", "content", ["user", "assistant"])}),
        |call| {
            vec![json!({"id": call.id, "completion_message": {"role": "assistant",
                "stop_reason": end(call, "stop", "length"), "content": {"type": "text", "text": call.answer}},
                "metrics": [
                    {"metric": "num_completion_tokens", "value": call.output, "unit": "tokens"},
                    {"metric": "num_prompt_tokens", "value": call.input, "unit": "tokens"},
                    {"metric": "num_total_tokens", "value": call.input + call.output, "unit": "tokens"}]})]
        },
        three,
    )
    .with_history()
}

fn cohere() -> Api {
    Api::new(
        "cohere_v1",
        |call| {
            let mut body = json!({"model": "command-r", "message": call.question, "preamble": call.system});
            body["chat_history"] = turns(call, "role", "message", ["USER", "CHATBOT"]);
            body
        },
        |call| {
            vec![json!({"response_id": call.id, "text": call.answer, "generation_id": call.id,
                "finish_reason": end(call, "COMPLETE", "MAX_TOKENS"),
                "meta": {"api_version": {"version": "1"}, "tokens": {"input_tokens": call.input,
                    "output_tokens": call.output}}})]
        },
        both,
    )
    .with_history()
}

fn ollama() -> Api {
    Api::new(
        "ollama",
        |call| json!({"model": "llama3.2", "prompt": call.question, "stream": false}),
        |call| {
            vec![
                json!({"model": "llama3.2", "created_at": "2026-08-04T19:22:45.499127Z", "response": call.answer,
                "done": true, "done_reason": end(call, "stop", "length"), "context": [1, 2, 3, 4],
                "total_duration": 5_043_500_667_u64 + call.noise, "load_duration": 5_025_959 + call.noise,
                "prompt_eval_count": call.input, "prompt_eval_duration": 325_953_000 + call.noise * 10,
                "eval_count": call.output, "eval_duration": 4_709_213_000_u64 + call.noise}),
            ]
        },
        both,
    )
}

fn gemini() -> Api {
    Api::new(
        "gemini",
        |call| {
            let part = |who: &str, text: &str| json!({"role": who, "parts": [{"text": text}]});
            let before =
                call.before.iter().flat_map(|(one, other)| [part("user", one), part("model", other)]);
            let contents: Vec<Value> = before.chain([part("user", &call.question)]).collect();
            json!({"contents": contents, "systemInstruction": {"parts": [{"text": call.system}]},
                "generationConfig": {"temperature": 0.2, "maxOutputTokens": 800}})
        },
        |call| {
            vec![json!({"candidates": [{"content": {"parts": [{"text": call.answer}], "role": "model"},
                "finishReason": end(call, "STOP", "MAX_TOKENS"), "index": 0}], "modelVersion": "gemini-2.5",
                "usageMetadata": {"promptTokenCount": call.input, "candidatesTokenCount": call.output,
                    "totalTokenCount": call.input + call.output}})]
        },
        three,
    )
    .with_history()
}

/// What is cached is a part of the prompt, and the total proves it.
fn openai() -> Api {
    Api::new(
        "openai",
        |call| json!({"model": "gpt-9", "messages": turns(call, "role", "content", ["user", "assistant"])}),
        |call| {
            vec![json!({"id": call.id, "object": "chat.completion", "created": 1_760_000_000 + call.at,
                "model": "gpt-9", "choices": [{"index": 0, "message": {"role": "assistant", "content": call.answer},
                "finish_reason": end(call, "stop", "length")}], "usage": {"prompt_tokens": call.input,
                "completion_tokens": call.output, "total_tokens": call.input + call.output,
                "prompt_tokens_details": {"cached_tokens": call.cached}}})]
        },
        |call| {
            Some(Usage {
                input: Some(call.input - call.cached),
                cache_read: Some(call.cached),
                output: Some(call.output),
                total: Some(call.input + call.output),
                ..Usage::default()
            })
        },
    )
    .with_history()
}

/// Answers beside thoughts that are longer, and a log.
fn thinking() -> Api {
    Api::new(
        "thinking",
        |call| json!({"engine": "deep-1", "dialogue": turns(call, "speaker", "utterance", ["human", "ai"])}),
        |call| {
            vec![json!({"turn": {"speaker": "ai", "utterance": call.answer, "thinking": call.thoughts},
                "trace": {"log": format!("step one: {}", call.thoughts.to_uppercase())},
                "accounting": {"in": call.input, "out": call.output + call.thinking, "thinking": call.thinking,
                    "sum": call.input + call.output + call.thinking}})]
        },
        |call| {
            Some(Usage {
                input: Some(call.input),
                output: Some(call.output),
                reasoning: Some(call.thinking),
                total: Some(call.input + call.output + call.thinking),
                ..Usage::default()
            })
        },
    )
    .with_history()
}

/// German, with letters, prices and what is left beside the tokens.
fn german() -> Api {
    Api::new(
        "german",
        |call| json!({"modell": "dichter-2", "frage": call.question, "anweisung": call.system}),
        |call| {
            let (sent, got) = (call.question.len() as u64, call.answer.len() as u64);
            vec![json!({"ergebnis": {"antwort": call.answer, "endegrund": end(call, "fertig", "länge")},
                "verbrauch": {"eingabetoken": call.input, "ausgabetoken": call.output,
                    "gesamttoken": call.input + call.output},
                "zeichen": {"eingabe": sent, "ausgabe": got, "gesamt": sent + got},
                "kosten": {"eingabe": call.input * 3, "ausgabe": call.output * 15,
                    "gesamt": call.input * 3 + call.output * 15},
                "guthaben": 100_000 - call.at * 17})]
        },
        three,
    )
}

/// Parts of several kinds in one list, in Japanese.
fn parts() -> Api {
    Api::new(
        "parts",
        |call| json!({"モデル": "haiku-3", "会話": turns(call, "役割", "内容", ["ユーザー", "アシスタント"])}),
        |call| {
            vec![json!({"応答": [
                {"種類": "思考", "本文": call.thoughts}, {"種類": "回答", "本文": call.answer}],
                "使用量": {"入力トークン数": call.input, "出力トークン数": call.output,
                    "合計": call.input + call.output}})]
        },
        three,
    )
    .with_history()
}

/// Only letters are counted: that is no usage of tokens.
fn letters() -> Api {
    Api::new(
        "letters",
        |call| json!({"prompt": call.question}),
        |call| {
            let (sent, got) = (call.question.len() as u64, call.answer.len() as u64);
            vec![
                json!({"completion": call.answer, "usage": {"input": sent, "output": got, "total": sent + got}}),
            ]
        },
        |_| None,
    )
}

/// Every API.
pub(crate) fn all() -> Vec<Api> {
    vec![
        titan(),
        aleph_alpha(),
        watsonx(),
        dashscope(),
        cloudflare(),
        replicate(),
        tgi(),
        llama(),
        cohere(),
        ollama(),
        gemini(),
        openai(),
        thinking(),
        german(),
        parts(),
        letters(),
    ]
}
