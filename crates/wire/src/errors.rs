//! Errors that the gateway itself answers with, in the dialect of the caller's SDK.
//!
//! Each SDK raises its own exception class from these shapes; a foreign shape would surface as a
//! decoding error instead of the message.

use gatehouse_types::Dialect;
use serde::Serialize;

/// OpenAI's shape, also used where the dialect is not known.
#[derive(Serialize)]
struct OpenAiError<'a> {
    error: OpenAiFields<'a>,
}

#[derive(Serialize)]
struct OpenAiFields<'a> {
    message: &'a str,
    r#type: &'static str,
    param: Option<&'a str>,
    code: &'a str,
}

/// Anthropic's shape.
#[derive(Serialize)]
struct AnthropicError<'a> {
    r#type: &'static str,
    error: AnthropicFields<'a>,
}

#[derive(Serialize)]
struct AnthropicFields<'a> {
    r#type: &'static str,
    message: &'a str,
    code: &'a str,
}

/// Google's shape.
#[derive(Serialize)]
struct GoogleError<'a> {
    error: GoogleFields<'a>,
}

#[derive(Serialize)]
struct GoogleFields<'a> {
    code: u16,
    message: &'a str,
    status: &'static str,
    details: [GoogleDetail<'a>; 1],
}

#[derive(Serialize)]
struct GoogleDetail<'a> {
    #[serde(rename = "@type")]
    schema: &'static str,
    reason: &'a str,
    domain: &'static str,
}

/// Cohere's shape, and Bedrock's, whose class is in the header [`AMZN_ERROR_TYPE`].
#[derive(Serialize)]
struct BareError<'a> {
    message: &'a str,
    code: &'a str,
}

/// The header in which AWS names the class of an error.
pub const AMZN_ERROR_TYPE: &str = "x-amzn-errortype";

/// Returns the JSON body of an error made by the gateway.
///
/// `kind` is the stable snake_case code of what went wrong, `message` the sentence for the caller; the
/// dialect's error class follows from `status`.
pub fn error_body(dialect: Dialect, status: u16, kind: &str, message: &str) -> Vec<u8> {
    let body = match dialect {
        Dialect::OpenAi | Dialect::Unknown => serde_json::to_vec(&OpenAiError {
            error: OpenAiFields { message, r#type: error_type(status), param: None, code: kind },
        }),
        Dialect::Anthropic => serde_json::to_vec(&AnthropicError {
            r#type: "error",
            error: AnthropicFields { r#type: error_type(status), message, code: kind },
        }),
        Dialect::Cohere | Dialect::Bedrock => serde_json::to_vec(&BareError { message, code: kind }),
        Dialect::Google => serde_json::to_vec(&GoogleError {
            error: GoogleFields {
                code: status,
                message,
                status: google_status(status),
                details: [GoogleDetail {
                    schema: "type.googleapis.com/google.rpc.ErrorInfo",
                    reason: kind,
                    domain: "gatehouse",
                }],
            },
        }),
    };
    // Writing strings and integers as JSON into memory can't fail.
    body.unwrap_or_default()
}

/// Returns the class that AWS's SDKs read from the header [`AMZN_ERROR_TYPE`].
pub const fn amzn_error_type(status: u16) -> &'static str {
    match status {
        401 | 403 => "AccessDeniedException",
        404 => "ResourceNotFoundException",
        408 | 504 => "ModelTimeoutException",
        429 => "ThrottlingException",
        400..=499 => "ValidationException",
        503 => "ServiceUnavailableException",
        _ => "InternalServerException",
    }
}

/// The error class that OpenAI's and Anthropic's SDKs read.
const fn error_type(status: u16) -> &'static str {
    match status {
        401 => "authentication_error",
        402 => "billing_error",
        403 => "permission_error",
        404 => "not_found_error",
        408 | 504 => "timeout_error",
        413 => "request_too_large",
        429 => "rate_limit_error",
        400..=499 => "invalid_request_error",
        _ => "api_error",
    }
}

/// The canonical status that Google's SDKs read.
const fn google_status(status: u16) -> &'static str {
    match status {
        401 => "UNAUTHENTICATED",
        403 => "PERMISSION_DENIED",
        404 => "NOT_FOUND",
        408 | 504 => "DEADLINE_EXCEEDED",
        409 => "ABORTED",
        429 => "RESOURCE_EXHAUSTED",
        499 => "CANCELLED",
        400..=498 => "INVALID_ARGUMENT",
        501 => "UNIMPLEMENTED",
        502 | 503 => "UNAVAILABLE",
        _ => "INTERNAL",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(dialect: Dialect, status: u16, expected: &str) {
        let body = error_body(dialect, status, "some_kind", "it said \"no\"");
        assert_eq!(String::from_utf8(body).unwrap(), expected);
    }

    #[test]
    fn speaks_the_callers_dialect() {
        let openai = r#"{"error":{"message":"it said \"no\"","type":"rate_limit_error","param":null,"code":"some_kind"}}"#;
        check(Dialect::OpenAi, 429, openai);
        check(Dialect::Unknown, 429, openai);
        check(
            Dialect::Anthropic,
            401,
            r#"{"type":"error","error":{"type":"authentication_error","message":"it said \"no\"","code":"some_kind"}}"#,
        );
        check(
            Dialect::Google,
            400,
            r#"{"error":{"code":400,"message":"it said \"no\"","status":"INVALID_ARGUMENT","details":[{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"some_kind","domain":"gatehouse"}]}}"#,
        );
    }

    #[test]
    fn derives_the_class_from_the_status() {
        for (status, class, google) in [
            (400, "invalid_request_error", "INVALID_ARGUMENT"),
            (403, "permission_error", "PERMISSION_DENIED"),
            (431, "invalid_request_error", "INVALID_ARGUMENT"),
            (500, "api_error", "INTERNAL"),
            (502, "api_error", "UNAVAILABLE"),
            (504, "timeout_error", "DEADLINE_EXCEEDED"),
        ] {
            assert_eq!((error_type(status), google_status(status)), (class, google), "{status}");
        }
    }
}
