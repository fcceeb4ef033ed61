//! What a caller asks for beside the call itself: the meaning of the headers in `features.rs`.
//!
//! A header that can't be read is refused where `gateway.strict_headers` is set, or where to go on without
//! it could do harm; otherwise the call is made as if it were not there, as Helicone's proxy does.

use crate::features::Features;
use crate::reject::Refusal;

/// What a caller asks for.
#[derive(Debug, Default)]
pub(crate) struct Options {
    /// Whether the body's `stream_options` are to ask for usage.
    pub(crate) stream_usage: bool,
    /// Whether events of a stream are to be passed on whole.
    pub(crate) force_format: bool,
    /// Whether the provider may take its time.
    pub(crate) increase_timeout: bool,
}

/// A header that can't be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Problem {
    pub(crate) header: &'static str,
    pub(crate) expected: String,
}

impl Options {
    /// Reads the headers.
    ///
    /// # Errors
    /// Refuses a header that can't be read, where that is not to be passed over.
    pub(crate) fn read(features: &Features, is_strict: bool) -> Result<Self, Refusal> {
        if features.is_empty() {
            return Ok(Self::default());
        }
        let mut reading = Reading { features, problems: Vec::new() };
        let options = Self {
            stream_usage: reading.flag("helicone-stream-usage"),
            force_format: reading.flag("helicone-stream-force-format"),
            increase_timeout: reading.flag("helicone-increase-timeout"),
        };
        match reading.problems.into_iter().next() {
            Some(problem) if is_strict => Err(Refusal::InvalidControl(problem)),
            _ => Ok(options),
        }
    }
}

/// The headers while they are read.
struct Reading<'a> {
    features: &'a Features,
    problems: Vec<Problem>,
}

impl Reading<'_> {
    /// Reads `true` or `false`, of any case; anything else is no.
    fn flag(&mut self, header: &'static str) -> bool {
        let Some(text) = self.features.text(header) else { return false };
        let is_true = text.eq_ignore_ascii_case("true");
        if !is_true && !text.eq_ignore_ascii_case("false") {
            self.problems.push(Problem { header, expected: "`true` or `false`".to_owned() });
        }
        is_true
    }
}
