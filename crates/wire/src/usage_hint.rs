//! Why a call has no counts, and what its caller can do about that.
//!
//! No count is ever made up: where a provider tells none, the row says how to have it tell them.

use gatehouse_types::Outcome;

/// A call without counts, as its row has it.
#[derive(Clone, Copy, Debug)]
pub struct Uncounted<'a> {
    /// The provider's name in Helicone's spelling, or the host of an unknown one.
    pub provider: &'a str,
    /// The path of the call; a query may follow.
    pub path: &'a str,
    /// Whether the answer was a stream.
    pub is_stream: bool,
    /// How the call ended.
    pub outcome: Outcome,
    /// The HTTP status, or a synthetic one below 0.
    pub status: i32,
}

/// Actions that count the tokens of a call that is not made.
const COUNTING: [&str; 5] =
    ["/count_tokens", "/count-tokens", "/responses/input_tokens", "/tokenize", ":countTokens"];
/// Beginnings of what is done later, and told to everybody who asks for it.
const JOBS: [&str; 4] = ["/videos", "/batches", ":predictLongRunning", "/fine_tuning/"];
/// Ends of the paths whose streams count only when they are asked to.
const COUNTED_WHEN_ASKED: [&str; 2] = ["/chat/completions", "/completions"];

/// Returns what to tell about a call that has no counts; `None` where there is nothing to do about it.
pub fn usage_hint(call: Uncounted<'_>) -> Option<&'static str> {
    let Uncounted { provider, path, is_stream, outcome, status } = call;
    let path = path.split(['?', '#']).next().unwrap_or_default();
    if matches!(outcome, Outcome::Refused | Outcome::Failed) || status >= 400 {
        return None;
    }
    let ends = |ends: &[&str]| ends.iter().any(|end| path.ends_with(end));
    let has = |parts: &[&str]| parts.iter().any(|part| path.contains(part));
    if ends(&COUNTING) {
        return Some("tokens were only counted: the call used none");
    }
    if has(&JOBS) {
        return Some("this is a job: what it uses is known when it has ended, and is not counted here");
    }
    if ends(&["/moderations"]) {
        return Some("moderation is free: the provider counts nothing");
    }
    if !outcome.is_whole() {
        return Some("the answer did not come to its end, where providers tell what was used");
    }
    if is_stream && ends(&COUNTED_WHEN_ASKED) {
        return Some("set stream_options.include_usage, or send Helicone-Stream-Usage: true");
    }
    if ends(&["/audio/speech"]) {
        return Some("set stream_format to sse: sound alone does not tell what it used");
    }
    if ends(&["/audio/transcriptions", "/audio/translations"]) {
        return Some("set response_format to json or verbose_json: other formats do not tell what was used");
    }
    if ends(&[":embedContent", ":batchEmbedContents"]) {
        return Some("this model tells no counts at the Gemini API; at Vertex AI it does");
    }
    if matches!(provider, "AWS" | "BEDROCK") && ends(&["/invoke"]) {
        return Some(
            "this model tells its counts in headers only; call it by Converse, which tells them in the answer",
        );
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(path: &str, is_stream: bool, outcome: Outcome, part: Option<&str>) {
        let provider = if path.contains("/model/") { "AWS" } else { "OPENAI" };
        let hint = usage_hint(Uncounted { provider, path, is_stream, outcome, status: 200 });
        match part {
            Some(part) => assert!(hint.is_some_and(|hint| hint.contains(part)), "{path}: {hint:?}"),
            None => assert_eq!(hint, None, "{path}"),
        }
    }

    #[test]
    fn says_how_a_provider_is_made_to_count() {
        let whole = Outcome::Complete;
        check("/v1/chat/completions?a=b", true, whole, Some("stream_options.include_usage"));
        check("/v1/completions", true, whole, Some("Helicone-Stream-Usage: true"));
        check("/v1/chat/completions", false, whole, None);
        check("/v1/messages", true, whole, None);
        check("/v1/audio/speech", false, whole, Some("stream_format"));
        check("/v1/audio/transcriptions", false, whole, Some("verbose_json"));
        check("/v1beta/models/e:embedContent", false, whole, Some("Vertex AI"));
        check("/model/cohere.embed-english-v3/invoke", false, whole, Some("Converse"));
        check("/invoke", false, whole, None);
    }

    #[test]
    fn says_what_cannot_be_counted() {
        let whole = Outcome::Complete;
        for path in
            ["/v1/messages/count_tokens", "/v1/responses/input_tokens", "/v1beta/models/m:countTokens"]
        {
            check(path, false, whole, Some("only counted"));
        }
        check("/v1/moderations", false, whole, Some("free"));
        check("/v1/videos", false, whole, Some("job"));
        check("/v1beta/models/veo:predictLongRunning", false, whole, Some("job"));
        for outcome in [Outcome::UpstreamCut, Outcome::ClientGone, Outcome::TimedOut] {
            check("/v1/chat/completions", true, outcome, Some("did not come to its end"));
        }
    }

    #[test]
    fn says_nothing_of_calls_that_failed() {
        check("/v1/chat/completions", true, Outcome::Refused, None);
        check("/v1/chat/completions", true, Outcome::Failed, None);
        let failed = Uncounted {
            provider: "OPENAI",
            path: "/v1/chat/completions",
            is_stream: true,
            outcome: Outcome::Complete,
            status: 429,
        };
        assert_eq!(usage_hint(failed), None);
    }
}
