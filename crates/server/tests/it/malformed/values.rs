//! Values that nobody can read, and how a call with each of them ends.

/// How a call ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ends {
    /// It is made, and the provider answers with a 200.
    Passes,
    /// It is made, and this header of the answer says what was passed over.
    Told(&'static str),
    /// It is made, and the provider has something against it.
    Made(u16),
    /// It is refused with this status and code.
    Refused(u16, &'static str),
}
use Ends::{Made, Passes, Refused, Told};

/// A header, its value, how the call ends as the gateway comes, and how with `gateway.strict_headers`.
pub(super) type Case = (&'static str, &'static [u8], Ends, Ends);

/// Headers that every call of a group has besides, and the values.
pub(super) type Group = (&'static [(&'static str, &'static str)], &'static [Case]);

const BAD: Ends = Refused(400, "invalid_header_value");
const TARGET: Ends = Refused(400, "invalid_target");
const KEY: Ends = Refused(401, "malformed_api_key");
const FALLBACKS: Ends = Refused(400, "invalid_fallbacks");
/// What Helicone passes over, and everybody may.
const fn free(header: &'static str, value: &'static [u8]) -> Case {
    (header, value, Passes, Passes)
}

const CACHED: &[(&str, &str)] = &[("Helicone-Cache-Enabled", "true")];
const RETRIED: &[(&str, &str)] = &[("Helicone-Retry-Enabled", "true")];

/// Every value.
pub(super) const GROUPS: &[Group] = &[
    (&[], KEYS),
    (&[], TARGETS),
    (&[], TEXTS),
    (&[], FLAGS),
    (&[], SWITCHES),
    (CACHED, CACHE),
    (&[], LIMITS),
    (RETRIED, RETRIES),
    (&[], FALLBACK_LISTS),
    (&[], OTHERS),
];

const KEYS: &[Case] = &[
    ("Helicone-Auth", b"Bearer", KEY, KEY),
    ("Helicone-Auth", b"Bearer sk-helicone-", KEY, KEY),
    ("Helicone-Auth", b"Basic c2stOnB3", KEY, KEY),
    ("Helicone-Auth", b"Bearer sk-helicone-\xff\xff", KEY, KEY),
    ("Helicone-Auth", b"Bearer sk-helicone-aaaaaaa-aaaaaaa-aaaaaaa", KEY, KEY),
    ("Authorization", b"", Made(401), Made(401)),
    free("Authorization", b"Bearer \xff"),
    ("Authorization", b", ,", Made(401), Made(401)),
    free("helicone-jwt", b"a.b"),
    free("helicone-org-id", b"not-a-uuid"),
];

const TARGETS: &[Case] = &[
    ("Helicone-Target-Url", b"", TARGET, TARGET),
    ("Helicone-Target-Url", b"api.openai.com", TARGET, TARGET),
    ("Helicone-Target-Url", b"https://", TARGET, TARGET),
    ("Helicone-Target-Url", b"ftp://api.openai.com", TARGET, TARGET),
    ("Helicone-Target-Url", b"https://user:pw@api.openai.com", TARGET, TARGET),
    ("Helicone-Target-Url", b"https:\\\\api.openai.com", TARGET, TARGET),
    ("Helicone-Target-Url", b"https://\xff", Refused(400, "invalid_header"), Refused(400, "invalid_header")),
    ("Helicone-Target-Url", b"https://169.254.169.254", FORBIDDEN, FORBIDDEN),
    // The base counts where there is no target, on the gateway's own host.
    free("Helicone-OpenAI-Api-Base", b"nonsense"),
    free("Helicone-Target-Provider", b"\xff \x22"),
    free("Upstash-Callback", b"nonsense"),
];
const FORBIDDEN: Ends = Refused(403, "forbidden_target");

const TEXTS: &[Case] = &[
    free("Helicone-Request-Id", b""),
    free("Helicone-Request-Id", b"42"),
    free("Helicone-Request-Id", b"919108f7-52d1-4320-9bac-f847db4148a8-and-more"),
    free("Helicone-Request-Id", b"\xff"),
    free("Helicone-User-Id", b""),
    free("Helicone-User-Id", b"\xff\xfe"),
    free("Helicone-Property-", b"no name"),
    free("Helicone-Property-Env", b"\xff\x80"),
    free("Helicone-Property-!#$%&'*+.^_`|~", b"odd name"),
    free("Helicone-Session-Id", b""),
    free("Helicone-Session-Path", b"no/slash//first"),
    free("Helicone-Session-Path", b"\xff"),
    free("Helicone-Session-Name", b"\t \t"),
    free("Helicone-Model-Override", b""),
    free("Helicone-Model-Override", b"\xff"),
];

/// Flags that Helicone reads as anything but `true`.
const FLAGS: &[Case] = &[free("Helicone-Omit-Request", b"perhaps"), free("Helicone-Omit-Response", b"1")];

const SWITCHES: &[Case] = &[
    ("Helicone-Moderations-Enabled", b"perhaps", Passes, BAD),
    ("Helicone-LLM-Security-Enabled", b"1", Passes, BAD),
    ("Helicone-Prompt-Security-Enabled", b"on", Passes, BAD),
    ("Helicone-LLM-Security-Advanced", b"very", Passes, BAD),
    ("Helicone-Stream-Usage", b"\xff", Passes, BAD),
    ("Helicone-Stream-Usage", b"yes please", Passes, BAD),
    ("Helicone-Stream-Force-Format", b"2", Passes, BAD),
    ("Helicone-Increase-Timeout", b"30m", Passes, BAD),
    ("Helicone-Cache-Enabled", b"perhaps", Passes, BAD),
    ("Helicone-Cache-Save", b"0x1", Passes, BAD),
    ("Helicone-Cache-Read", b"t r u e", Passes, BAD),
];

const CACHE: &[Case] = &[
    ("Helicone-Cache-Bucket-Max-Size", b"0", BAD, BAD),
    ("Helicone-Cache-Bucket-Max-Size", b"21", BAD, BAD),
    ("Helicone-Cache-Bucket-Max-Size", b"-1", BAD, BAD),
    ("Helicone-Cache-Bucket-Max-Size", b"1.5", BAD, BAD),
    ("Helicone-Cache-Bucket-Max-Size", b"many", BAD, BAD),
    ("Helicone-Cache-Bucket-Max-Size", b"99999999999999999999999", BAD, BAD),
    free("Helicone-Cache-Pacing", b"slow"),
    ("Helicone-Cache-Ignore-Keys", b"\xff", Passes, BAD),
    ("Cache-Control", b"max-age=soon", Passes, BAD),
    ("Cache-Control", b"s-maxage=-1", Passes, BAD),
    free("Cache-Control", b",,=,;"),
    free("Helicone-Cache-Ignore-Keys", b",,,"),
    free("Helicone-Cache-Seed", b"\xff\xfe"),
    free("Helicone-Cache-Seed", b""),
    free("Helicone-Cache-Control", b"max-age=soon"),
];

const LIMITS: &[Case] = &[
    ("Helicone-RateLimit-Policy", b"", UNLIMITED, BAD),
    ("Helicone-RateLimit-Policy", b"ten", UNLIMITED, BAD),
    ("Helicone-RateLimit-Policy", b"10", UNLIMITED, BAD),
    ("Helicone-RateLimit-Policy", b"0;w=60", UNLIMITED, BAD),
    ("Helicone-RateLimit-Policy", b"10;w=59", UNLIMITED, BAD),
    ("Helicone-RateLimit-Policy", b"10;w=99999999999", UNLIMITED, BAD),
    ("Helicone-RateLimit-Policy", b"1.5;w=60", UNLIMITED, BAD),
    ("Helicone-RateLimit-Policy", b"10;w=60;u=euros", UNLIMITED, BAD),
    ("Helicone-RateLimit-Policy", b"10;w=60;s=", UNLIMITED, BAD),
    ("Helicone-RateLimit-Policy", b"10;w=60;w=60", UNLIMITED, BAD),
    ("Helicone-RateLimit-Policy", b"10;w=60,,", UNLIMITED, BAD),
    ("Helicone-RateLimit-Policy", b"10;w=60;s=\xff", UNLIMITED, BAD),
    ("Helicone-Rate-Limit-Policy", b"-1;w=60", UNLIMITED, BAD),
];
const UNLIMITED: Ends = Told("helicone-ratelimit-error");

const RETRIES: &[Case] = &[
    ("Helicone-Retry-Enabled", b"perhaps", Passes, BAD),
    ("Helicone-Retry-Enabled", b"\xff", Passes, BAD),
    ("helicone-retry-num", b"many", Passes, BAD),
    ("helicone-retry-num", b"-1", Passes, BAD),
    ("helicone-retry-num", b"1e3", Passes, BAD),
    ("helicone-retry-factor", b"NaN", Passes, BAD),
    ("helicone-retry-factor", b"-2", Passes, BAD),
    ("helicone-retry-min-timeout", b"1s", Passes, BAD),
    free("helicone-retry-min-timeout", b"20000"),
    ("helicone-retry-max-timeout", b"\xff", Passes, BAD),
    free("helicone-retry-num", b"99999999999999999999999"),
    free("helicone-retry-factor", b"99999999999999999999999"),
];

const FALLBACK_LISTS: &[Case] = &[
    ("Helicone-Fallbacks", b"", FALLBACKS, FALLBACKS),
    ("Helicone-Fallbacks", b"[", FALLBACKS, FALLBACKS),
    ("Helicone-Fallbacks", b"{}", FALLBACKS, FALLBACKS),
    ("Helicone-Fallbacks", b"[]", FALLBACKS, FALLBACKS),
    ("Helicone-Fallbacks", b"[1]", FALLBACKS, FALLBACKS),
    ("Helicone-Fallbacks", b"[{\"target-url\":\"https://api.openai.com\"}]", FALLBACKS, FALLBACKS),
    ("Helicone-Fallbacks", b"[{\"target-url\":\"\",\"headers\":{},\"onCodes\":[500]}]", FALLBACKS, FALLBACKS),
    (
        "Helicone-Fallbacks",
        b"[{\"target-url\":\"https://api.openai.com\",\"headers\":{\"a b\":\"c\"},\"onCodes\":[500]}]",
        FALLBACKS,
        FALLBACKS,
    ),
    (
        "Helicone-Fallbacks",
        b"[{\"target-url\":\"https://api.openai.com\",\"headers\":{},\"onCodes\":[\"5xx\"]}]",
        FALLBACKS,
        FALLBACKS,
    ),
    (
        "Helicone-Fallbacks",
        b"[{\"target-url\":\"nonsense\",\"headers\":{},\"onCodes\":[500]}]",
        TARGET,
        TARGET,
    ),
    ("Helicone-Fallbacks", b"\xff", Refused(400, "invalid_header"), Refused(400, "invalid_header")),
];

const OTHERS: &[Case] = &[
    ("Helicone-Token-Limit-Exception-Handler", b"shorten", Passes, BAD),
    ("Helicone-Token-Limit-Exception-Handler", b"", Passes, BAD),
    ("Helicone-Prompt-Mode", b"staging", BAD, BAD),
    free("Helicone-Prompt-Id", b""),
    free("Helicone-Prompt-Id", b"\xff"),
    free("Helicone-Prompt-Version", b"\xff"),
    free("Helicone-Prompt-Format", b"\xff"),
    free("Helicone-Prompt-Name", b"\xff"),
    free("Helicone-Gateway-Body-Mapping", b"NONSENSE"),
    free("Helicone-Posthog-Key", b"\xff"),
    free("Helicone-Posthog-Host", b"nonsense"),
    free("Helicone-Lytix-Key", b"\xff"),
    free("Helicone-Lytix-Host", b"nonsense"),
    free("Helicone-Webhook-Enabled", b"perhaps"),
    free("Helicone-Experiment-Id", b"\xff"),
    free("Helicone-Experiment-Column-Id", b"\xff"),
    free("Helicone-Experiment-Row-Index", b"-1"),
    free("Helicone-Node-Id", b"\xff"),
    free("Helicone-Manual-Access-Key", b"\xff"),
    free("x-stripe-customer-id", b"\xff"),
    ("Helicone-Peyeeye-Enabled", b"perhaps", Passes, BAD),
    // Who asks for protection that there is not must not believe to have it.
    ("Helicone-Peyeeye-Enabled", b"true", BAD, BAD),
    free("aws-access-key", b"\xff"),
    free("aws-secret-key", b""),
    free("aws-session-token", b"\xff"),
    free("Helicone-No-Such-Header", b"\xff"),
];
