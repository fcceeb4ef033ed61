//! What a caller asks for beside the call itself: the meaning of the headers in `features.rs`.
//!
//! A header that can't be read is refused where `gateway.strict_headers` is set, or where to go on without
//! it could do harm; otherwise the call is made as if it were not there, as Helicone's proxy does.

use std::borrow::Cow;
use std::time::Duration;

use gatehouse_policy::cache::{CacheHeaders, CacheProblem, CacheSettings};
use gatehouse_policy::rate::{Policies, Policy, PolicyError};
use gatehouse_policy::retry::RetryPolicy;
use gatehouse_wire::token_limit::Handler;
use http::HeaderMap;
use http::header::CACHE_CONTROL;

use crate::features::Features;
use crate::guards::Wanted;
use crate::reject::Refusal;

/// How long the provider may take where the caller asks for time, as with Helicone.
const PATIENCE: Duration = Duration::from_mins(30);
const PROMPT_MODES: [&str; 3] = ["production", "testing", "deactivated"];
/// What stands in the log as a property of the call, beside what it does.
const PROPERTIES: [(&str, &str); 6] = [
    ("helicone-cache-enabled", "Helicone-Cache-Enabled"),
    ("helicone-cache-seed", "Helicone-Cache-Seed"),
    ("helicone-cache-bucket-max-size", "Helicone-Cache-Bucket-Max-Size"),
    ("helicone-cache-control", "Helicone-Cache-Control"),
    ("helicone-prompt-id", "Helicone-Prompt-Id"),
    ("helicone-experiment-id", "Helicone-Experiment-Id"),
];

/// What a caller asks for.
#[derive(Debug, Default)]
pub(crate) struct Options {
    /// How often a provider is asked again.
    pub(crate) retry: Option<RetryPolicy>,
    /// How often the caller lets itself call, or why that can't be read.
    pub(crate) rate_limit: Option<Result<Vec<Policy>, PolicyError>>,
    /// What the call asks of the cache.
    pub(crate) cache: Option<CacheSettings>,
    /// Which guards are to be asked.
    pub(crate) guards: Wanted,
    /// Whether the body's `stream_options` are to ask for usage.
    pub(crate) stream_usage: bool,
    /// Whether events of a stream are to be passed on whole.
    pub(crate) force_format: bool,
    /// How long the provider may take, if that is more than usual.
    pub(crate) patience: Option<Duration>,
    /// What becomes of a request that is longer than its model takes.
    pub(crate) token_limit: Option<Handler>,
    /// `Helicone-Prompt-Id`: the body's tags mark the prompt's inputs.
    pub(crate) prompt_id: Option<String>,
    /// `Helicone-Prompt-Version`.
    pub(crate) prompt_version: Option<String>,
    /// What is added to the call's properties.
    pub(crate) properties: Vec<(String, String)>,
}

/// A header that can't be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("invalid `{header}`: expected {expected}")]
pub(crate) struct Problem {
    pub(crate) header: &'static str,
    pub(crate) expected: Cow<'static, str>,
}

impl Options {
    /// Reads the headers.
    ///
    /// # Errors
    /// Refuses a header that can't be read, where that is not to be passed over.
    pub(crate) fn read(features: &Features, head: &HeaderMap, is_strict: bool) -> Result<Self, Refusal> {
        if features.is_empty() {
            return Ok(Self::default());
        }
        let mut reading = Reading { features, problem: None };
        reading.redaction()?;
        reading.prompt_mode()?;
        let options = Self {
            retry: reading.retry(),
            rate_limit: reading.rate_limit(),
            cache: reading.cache(head)?,
            guards: Wanted {
                moderation: reading.flag("helicone-moderations-enabled"),
                security: reading.flag("helicone-llm-security-enabled"),
                advanced: reading.flag("helicone-llm-security-advanced"),
            },
            stream_usage: reading.flag("helicone-stream-usage"),
            force_format: reading.flag("helicone-stream-force-format"),
            patience: reading.flag("helicone-increase-timeout").then_some(PATIENCE),
            token_limit: reading.token_limit(),
            prompt_id: features.text("helicone-prompt-id").filter(|id| !id.is_empty()),
            prompt_version: features.text("helicone-prompt-version").filter(|version| !version.is_empty()),
            properties: properties(features),
        };
        match reading.problem {
            Some(problem) if is_strict => Err(Refusal::InvalidControl(problem)),
            _ => Ok(options),
        }
    }
}

/// The headers while they are read, and the first one that can't be.
struct Reading<'a> {
    features: &'a Features,
    problem: Option<Problem>,
}

impl Reading<'_> {
    fn note(&mut self, header: &'static str, expected: impl Into<Cow<'static, str>>) {
        self.problem.get_or_insert_with(|| Problem { header, expected: expected.into() });
    }

    /// Reads `true` or `false`, of any case; anything else is no.
    fn flag(&mut self, header: &'static str) -> bool {
        let Some(text) = self.features.text(header) else { return false };
        let is_true = text.eq_ignore_ascii_case("true");
        if !is_true && !text.eq_ignore_ascii_case("false") {
            self.note(header, "`true` or `false`");
        }
        is_true
    }

    fn retry(&mut self) -> Option<RetryPolicy> {
        let [enabled, num, factor, min, max] = [
            "helicone-retry-enabled",
            "helicone-retry-num",
            "helicone-retry-factor",
            "helicone-retry-min-timeout",
            "helicone-retry-max-timeout",
        ]
        .map(|name| self.features.text(name));
        let read = RetryPolicy::read(
            enabled.as_deref(),
            num.as_deref(),
            factor.as_deref(),
            min.as_deref(),
            max.as_deref(),
        );
        read.unwrap_or_else(|problem| {
            self.note(problem.header, problem.expected);
            problem.lenient
        })
    }

    /// Refuses what would be sent unredacted: who asks for redaction must not find out later.
    fn redaction(&mut self) -> Result<(), Refusal> {
        const HEADER: &str = "helicone-peyeeye-enabled";
        if !self.flag(HEADER) {
            return Ok(());
        }
        let expected =
            "to be left out: redaction is not built in; a guard (`[[guards]]`) can refuse such calls";
        Err(Refusal::InvalidControl(Problem { header: HEADER, expected: expected.into() }))
    }

    /// Checks the mode of a prompt. One that can't be has always been refused.
    fn prompt_mode(&self) -> Result<(), Refusal> {
        const HEADER: &str = "helicone-prompt-mode";
        match self.features.text(HEADER) {
            Some(mode) if !PROMPT_MODES.contains(&mode.as_str()) => {
                let expected = "`production`, `testing` or `deactivated`".into();
                Err(Refusal::InvalidControl(Problem { header: HEADER, expected }))
            }
            _ => Ok(()),
        }
    }

    fn token_limit(&mut self) -> Option<Handler> {
        const HEADER: &str = "helicone-token-limit-exception-handler";
        let handler = Handler::parse(&self.features.text(HEADER)?);
        if handler.is_none() {
            self.note(HEADER, "`truncate`, `middle-out` or `fallback`");
        }
        handler
    }

    fn rate_limit(&mut self) -> Option<Result<Vec<Policy>, PolicyError>> {
        let read = Policies::parse(&self.features.text("helicone-ratelimit-policy")?);
        if let Err(error) = &read {
            self.note("Helicone-RateLimit-Policy", error.to_string());
        }
        Some(read)
    }

    /// Reads the headers of the cache. A bucket that can't be has always been refused.
    fn cache(&mut self, head: &HeaderMap) -> Result<Option<CacheSettings>, Refusal> {
        let control = joined(head);
        let bytes = |name| self.features.get(name).map(http::HeaderValue::as_bytes);
        let settings = CacheSettings::read(&CacheHeaders {
            enabled: bytes("helicone-cache-enabled"),
            save: bytes("helicone-cache-save"),
            read: bytes("helicone-cache-read"),
            bucket_max_size: bytes("helicone-cache-bucket-max-size"),
            seed: bytes("helicone-cache-seed"),
            ignore_keys: bytes("helicone-cache-ignore-keys"),
            cache_control: control.as_deref(),
        });
        let is_on = ["helicone-cache-enabled", "helicone-cache-save", "helicone-cache-read"]
            .iter()
            .any(|name| bytes(name).is_some());
        if let Some(problem) = settings.problem {
            let (header, expected) = described(problem);
            if problem == CacheProblem::BucketSize && is_on {
                let expected = expected.into();
                return Err(Refusal::InvalidControl(Problem { header, expected }));
            }
            self.note(header, expected);
        }
        Ok(is_on.then_some(settings))
    }
}

/// The lines of `Cache-Control` in one.
fn joined(head: &HeaderMap) -> Option<Vec<u8>> {
    let lines: Vec<&[u8]> = head.get_all(CACHE_CONTROL).iter().map(http::HeaderValue::as_bytes).collect();
    (!lines.is_empty()).then(|| lines.join(b",".as_slice()))
}

const fn described(problem: CacheProblem) -> (&'static str, &'static str) {
    match problem {
        CacheProblem::Flag(header) => (header, "`true` or `false`"),
        CacheProblem::BucketSize => ("Helicone-Cache-Bucket-Max-Size", "a whole number from 1 to 20"),
        CacheProblem::CacheControl => {
            ("Cache-Control", "a whole number of seconds in `max-age` and `s-maxage`")
        }
        CacheProblem::IgnoreKeys => ("Helicone-Cache-Ignore-Keys", "names of JSON keys, separated by commas"),
    }
}

fn properties(features: &Features) -> Vec<(String, String)> {
    let value = |(header, property): (&str, &str)| Some((property.to_owned(), features.text(header)?));
    PROPERTIES.into_iter().filter_map(value).collect()
}
