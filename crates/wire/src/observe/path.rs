//! What the path of a call says: the model, and whether a stream is asked for.

/// Google's method for counting tokens at Claude's models, which stands in the place of a model.
const COUNT_TOKENS: &str = "count-tokens";

/// The model and the action of a path.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Called {
    /// The model, its percent-encoding undone.
    pub(super) model: Option<String>,
    /// Whether the action is one that streams; `None` if it is neither.
    pub(super) is_stream: Option<bool>,
}

impl Called {
    /// Reads a path such as `/v1beta/models/gemini-2.5-pro:generateContent` or `/model/amazon.nova-pro-v1%3A0/converse`.
    pub(super) fn by(path: &str) -> Self {
        let path = path.split(['?', '#']).next().unwrap_or_default();
        let called = google(path).or_else(|| bedrock(path)).or_else(|| azure(path));
        let Some((model, action)) = called else { return Self::default() };
        let is_stream = match action {
            "streamGenerateContent"
            | "streamRawPredict"
            | "converse-stream"
            | "invoke-with-response-stream" => Some(true),
            "generateContent" | "rawPredict" | "converse" | "invoke" => Some(false),
            _ => None,
        };
        let model = decoded(model);
        Self { model: model.filter(|model| !model.is_empty() && model != COUNT_TOKENS), is_stream }
    }
}

fn google(path: &str) -> Option<(&str, &str)> {
    let (_, after) = path.rsplit_once("/models/")?;
    let call =
        after.rsplit_once(':').or_else(|| after.rsplit_once("%3A")).or_else(|| after.rsplit_once("%3a"))?;
    (!call.0.contains('/')).then_some(call)
}

fn bedrock(path: &str) -> Option<(&str, &str)> {
    let (_, after) = path.split_once("/model/")?;
    after.rsplit_once('/')
}

/// Azure's deployments are called as their callers like, which is mostly as the model.
fn azure(path: &str) -> Option<(&str, &str)> {
    let (_, after) = path.split_once("/openai/deployments/")?;
    after.split_once('/')
}

/// Undoes percent-encoding; `None` for what is no text then.
fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        let digits = after.first_chunk::<2>().filter(|_| byte == b'%');
        let value = digits.and_then(|digits| Some((hex(digits[0])? << 4) | hex(digits[1])?));
        bytes.push(value.unwrap_or(byte));
        rest = if value.is_some() { after.get(2..).unwrap_or_default() } else { after };
    }
    String::from_utf8(bytes).ok()
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_model_and_action() {
        let check = |path: &str, model: Option<&str>, is_stream| {
            let expected = Called { model: model.map(str::to_owned), is_stream };
            assert_eq!(Called::by(path), expected, "{path}");
        };
        check("/v1beta/models/gemini-2.5-pro:generateContent?key=***", Some("gemini-2.5-pro"), Some(false));
        check("/v1beta/models/gemini-2.5-pro%3AstreamGenerateContent", Some("gemini-2.5-pro"), Some(true));
        check("/v1beta/models/gemini-embedding-001:embedContent", Some("gemini-embedding-001"), None);
        check(
            "/v1/projects/p/locations/l/publishers/anthropic/models/claude-sonnet-4@20250514:streamRawPredict",
            Some("claude-sonnet-4@20250514"),
            Some(true),
        );
        check("/v1/publishers/anthropic/models/count-tokens:rawPredict", None, Some(false));
        check(
            "/v1/us-east-1/model/amazon.nova-pro-v1%3A0/converse",
            Some("amazon.nova-pro-v1:0"),
            Some(false),
        );
        check("/model/a%2Fb%/invoke-with-response-stream", Some("a/b%"), Some(true));
        check("/model/%ff/invoke", None, Some(false));
        check("/openai/deployments/tts-1/audio/speech?api-version=x", Some("tts-1"), None);
        for path in ["/v1/chat/completions", "/v1/models/", "/v1/models/a/b:c", "/model/x", ""] {
            check(path, None, None);
        }
    }
}
