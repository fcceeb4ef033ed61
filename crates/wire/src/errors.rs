//! Errors that the gateway itself answers with, in the dialect of the caller's SDK.
//!
//! Each SDK raises its own exception class from these shapes; a foreign shape would surface as a
//! decoding error instead of the message.

mod gate;

use gatehouse_types::Dialect;
use serde::Serialize;
use serde_json::Value;

pub use gate::gate_body;

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

/// How an error has to look for the SDK that reads it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ErrorShape {
    dialect: Dialect,
    /// Whether the error is the only element of a list.
    is_listed: bool,
}

impl ErrorShape {
    /// Returns the shape that the SDK of a dialect reads after a call of `path`, which may carry a query.
    ///
    /// Google streams without `alt=sse` are one JSON list, and so is the error in their place.
    pub fn of(dialect: Dialect, path: &str) -> Self {
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let is_stream = dialect == Dialect::Google && path.ends_with(":streamGenerateContent");
        Self { dialect, is_listed: is_stream && !query.split('&').any(asks_for_events) }
    }

    /// Returns the name and value of a header that the SDK needs besides the body.
    pub fn header(self, status: u16) -> Option<(&'static str, &'static str)> {
        (self.dialect == Dialect::Bedrock).then(|| (AMZN_ERROR_TYPE, amzn_error_type(status)))
    }
}

impl From<Dialect> for ErrorShape {
    fn from(dialect: Dialect) -> Self {
        Self { dialect, is_listed: false }
    }
}

/// Returns whether a parameter is `alt=sse`; Google's own clients also write `$alt`, and more behind a semicolon.
fn asks_for_events(parameter: &str) -> bool {
    let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
    let name = name.strip_prefix("%24").or_else(|| name.strip_prefix('$')).unwrap_or(name);
    let rest = value.strip_prefix("sse");
    name == "alt"
        && rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(';') || rest.starts_with("%3B"))
}

/// Returns the JSON body of an error made by the gateway.
///
/// `kind` is the stable snake_case code of what went wrong, `message` the sentence for the caller; the
/// dialect's error class follows from `status`.
pub fn error_body(shape: impl Into<ErrorShape>, status: u16, kind: &str, message: &str) -> Vec<u8> {
    let ErrorShape { dialect, is_listed } = shape.into();
    let body = match dialect {
        Dialect::OpenAi | Dialect::Unknown => serde_json::to_vec(&OpenAiError {
            error: OpenAiFields { message, r#type: error_type(status), param: None, code: kind },
        }),
        Dialect::Anthropic => serde_json::to_vec(&AnthropicError {
            r#type: "error",
            error: AnthropicFields { r#type: error_type(status), message, code: kind },
        }),
        Dialect::Cohere | Dialect::Bedrock => serde_json::to_vec(&BareError { message, code: kind }),
        Dialect::Google if is_listed => serde_json::to_vec(&[google_error(status, kind, message)]),
        Dialect::Google => serde_json::to_vec(&google_error(status, kind, message)),
    };
    // Writing strings and integers as JSON into memory can't fail.
    body.unwrap_or_default()
}

/// Returns an error's body with the `message` that Helicone's proxy gives at its top when a rate limit refuses a
/// call; a body of several errors stays as it is.
pub fn with_message(body: Vec<u8>, message: &str) -> Vec<u8> {
    let Ok(Value::Object(mut members)) = serde_json::from_slice(&body) else { return body };
    members.insert("message".to_owned(), message.into());
    serde_json::to_vec(&members).unwrap_or(body)
}

const fn google_error<'a>(status: u16, kind: &'a str, message: &'a str) -> GoogleError<'a> {
    GoogleError {
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
    }
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
mod tests;
