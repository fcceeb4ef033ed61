use super::*;

fn check(shape: impl Into<ErrorShape>, status: u16, expected: &str) {
    let body = error_body(shape, status, "some_kind", "it said \"no\"");
    assert_eq!(String::from_utf8(body).unwrap(), expected);
}

const GOOGLE: &str = r#"{"error":{"code":400,"message":"it said \"no\"","status":"INVALID_ARGUMENT","details":[{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"some_kind","domain":"gatehouse"}]}}"#;

#[test]
fn speaks_the_callers_dialect() {
    let openai =
        r#"{"error":{"message":"it said \"no\"","type":"rate_limit_error","param":null,"code":"some_kind"}}"#;
    check(Dialect::OpenAi, 429, openai);
    check(Dialect::Unknown, 429, openai);
    check(
        Dialect::Anthropic,
        401,
        r#"{"type":"error","error":{"type":"authentication_error","message":"it said \"no\"","code":"some_kind"}}"#,
    );
    check(Dialect::Google, 400, GOOGLE);
    let bare = r#"{"message":"it said \"no\"","code":"some_kind"}"#;
    check(Dialect::Cohere, 400, bare);
    check(Dialect::Bedrock, 400, bare);
}

#[test]
fn lists_the_error_where_google_lists_the_answers() {
    let listed = format!("[{GOOGLE}]");
    let stream = "/v1/models/gemini:streamGenerateContent";
    for query in
        ["", "?", "?key=k", "?%24alt=json%3Benum-encoding%3Dint", "?alt=json", "?salt=sse", "?alt=sses"]
    {
        check(ErrorShape::of(Dialect::Google, &format!("{stream}{query}")), 400, &listed);
    }
    for query in ["?alt=sse", "?key=k&alt=sse", "?%24alt=sse", "?$alt=sse;enum-encoding=int", "?alt=sse%3Bx"]
    {
        check(ErrorShape::of(Dialect::Google, &format!("{stream}{query}")), 400, GOOGLE);
    }
    check(ErrorShape::of(Dialect::Google, "/v1/models/gemini:generateContent"), 400, GOOGLE);
    assert_eq!(ErrorShape::of(Dialect::OpenAi, stream), Dialect::OpenAi.into());
}

#[test]
fn derives_the_class_from_the_status() {
    for (status, class, google, amzn) in [
        (400, "invalid_request_error", "INVALID_ARGUMENT", "ValidationException"),
        (401, "authentication_error", "UNAUTHENTICATED", "AccessDeniedException"),
        (403, "permission_error", "PERMISSION_DENIED", "AccessDeniedException"),
        (404, "not_found_error", "NOT_FOUND", "ResourceNotFoundException"),
        (429, "rate_limit_error", "RESOURCE_EXHAUSTED", "ThrottlingException"),
        (431, "invalid_request_error", "INVALID_ARGUMENT", "ValidationException"),
        (500, "api_error", "INTERNAL", "InternalServerException"),
        (502, "api_error", "UNAVAILABLE", "InternalServerException"),
        (503, "api_error", "UNAVAILABLE", "ServiceUnavailableException"),
        (504, "timeout_error", "DEADLINE_EXCEEDED", "ModelTimeoutException"),
    ] {
        assert_eq!((error_type(status), google_status(status)), (class, google), "{status}");
        let header = ErrorShape::from(Dialect::Bedrock).header(status);
        assert_eq!(header, Some(("x-amzn-errortype", amzn)), "{status}");
        assert_eq!(ErrorShape::from(Dialect::Cohere).header(status), None);
    }
}
