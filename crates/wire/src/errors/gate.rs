//! Refusals by a guard: in the dialect's shape and in Helicone's at once.
//!
//! Helicone's users look for `success: false` and `error.code`; SDKs look for what their provider answers.
//! Where the two disagree (Google's `error.code` is a number) the SDK's shape wins.

use serde_json::{Map, Value, json};

use super::{Dialect, ErrorShape, error_body};

/// Returns the JSON body of a refusal by a guard.
///
/// | dialect | body |
/// |---|---|
/// | OpenAI, unknown | `{"success":false,"error":{"message","type","param","code","details"}}` |
/// | Anthropic | `{"success":false,"type":"error","error":{"type","message","code","details"}}` |
/// | Google | as any error, with `"success":false`; the details are a part of the message |
/// | Cohere, Bedrock | `{"success":false,"message","code","error":{"code","message","details"}}` |
pub fn gate_body(
    shape: impl Into<ErrorShape>,
    status: u16,
    code: &str,
    message: &str,
    details: &str,
) -> Vec<u8> {
    let shape = shape.into();
    if shape.dialect == Dialect::Google {
        let message = if details.is_empty() { message.to_owned() } else { format!("{message}: {details}") };
        return with_mark(shape, error_body(shape, status, code, &message));
    }
    let Ok(Value::Object(mut body)) = serde_json::from_slice(&error_body(shape, status, code, message))
    else {
        return error_body(shape, status, code, message);
    };
    let error = body.entry("error").or_insert_with(|| json!({"code": code, "message": message}));
    if let Value::Object(error) = error {
        error.insert("details".to_owned(), details.into());
    }
    body.insert("success".to_owned(), false.into());
    serde_json::to_vec(&body).unwrap_or_default()
}

/// Adds Helicone's mark to an error in Google's shape, which may be the only element of a list.
fn with_mark(shape: ErrorShape, body: Vec<u8>) -> Vec<u8> {
    let mark = |value: &mut Map<String, Value>| value.insert("success".to_owned(), false.into());
    match serde_json::from_slice(&body) {
        Ok(Value::Array(mut list)) if shape.is_listed => {
            list.iter_mut().filter_map(Value::as_object_mut).for_each(|error| drop(mark(error)));
            serde_json::to_vec(&list).unwrap_or(body)
        }
        Ok(Value::Object(mut error)) => {
            mark(&mut error);
            serde_json::to_vec(&error).unwrap_or(body)
        }
        _ => body,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(shape: impl Into<ErrorShape>) -> Value {
        let body = gate_body(shape, 400, "PROMPT_THREAT_DETECTED", "refused", "by `acme`");
        serde_json::from_slice(&body).unwrap()
    }

    #[test]
    fn serves_both_readers() {
        let helicone =
            json!({"code": "PROMPT_THREAT_DETECTED", "message": "refused", "details": "by `acme`"});
        for dialect in
            [Dialect::OpenAi, Dialect::Unknown, Dialect::Anthropic, Dialect::Cohere, Dialect::Bedrock]
        {
            let body = body(dialect);
            assert_eq!(body["success"], false, "{body}");
            for name in ["code", "message", "details"] {
                assert_eq!(body["error"][name], helicone[name], "{dialect:?} {body}");
            }
        }
        assert_eq!(body(Dialect::OpenAi)["error"]["type"], "invalid_request_error");
        assert_eq!(body(Dialect::Anthropic)["type"], "error");
        assert_eq!(body(Dialect::Bedrock)["message"], "refused");
    }

    #[test]
    fn keeps_googles_shape_whole() {
        let google = body(Dialect::Google);
        assert_eq!((&google["error"]["code"], &google["success"]), (&json!(400), &json!(false)));
        assert_eq!(google["error"]["message"], "refused: by `acme`");
        assert_eq!(google["error"]["details"][0]["reason"], "PROMPT_THREAT_DETECTED");
        let listed = body(ErrorShape::of(Dialect::Google, "/v1/models/m:streamGenerateContent"));
        assert_eq!(listed[0]["success"], false);
    }
}
