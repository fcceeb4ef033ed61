//! Guards: who is asked whether a call may be made, as tables `[[guards]]`.

mod fields;

use std::collections::BTreeSet;
use std::ops::RangeInclusive;
use std::time::Duration;

use gatehouse_types::Redacted;

use crate::raw::{Node, Raw};
use crate::slot::Complaint;
use crate::units;
use fields::{Fields, Form};

const DEFAULT_TIMEOUT: Duration = Duration::from_secs(5);
const TIMEOUTS: RangeInclusive<Duration> = Duration::from_millis(1)..=Duration::from_secs(30);
/// Header fields that a request to a guard has anyway, or that are not a sender's to set.
const TAKEN_HEADERS: [&str; 7] =
    ["accept-encoding", "connection", "content-length", "content-type", "host", "te", "transfer-encoding"];

/// Somebody who is asked whether a call may be made.
#[derive(Debug, Clone, PartialEq)]
pub struct Guard {
    /// Its name, which no two guards share.
    pub name: String,
    /// When it is asked.
    pub when: GuardWhen,
    /// How it is asked.
    pub kind: GuardKind,
    /// Longest wait for its answer.
    pub timeout: Duration,
    /// What becomes of a call that it could not be asked about.
    pub on_error: GuardError,
}

/// When a guard is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GuardWhen {
    /// When the caller enables moderation.
    Moderation,
    /// When the caller enables the look for attacks on the model.
    Security,
    /// About every call that says something.
    Always,
}

impl GuardWhen {
    /// Returns the name used in the configuration, in rows and in questions to guards.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Moderation => "moderation",
            Self::Security => "security",
            Self::Always => "always",
        }
    }
}

/// How a guard is asked.
#[derive(Debug, Clone, PartialEq)]
pub enum GuardKind {
    /// By our own protocol.
    Http {
        /// Where it is asked: an absolute `http` or `https` URL.
        url: String,
        /// What is sent for it to know us.
        credential: Option<GuardCredential>,
    },
    /// By the API of OpenAI's moderation, with a key of the operator's; without one, at the host of calls to
    /// OpenAI with the caller's own.
    OpenAiModeration(Option<ModerationAccess>),
}

/// A header with a secret.
#[derive(Debug, Clone, PartialEq)]
pub struct GuardCredential {
    /// The header's name in lower case.
    pub header: String,
    /// The token: for `authorization` what follows `Bearer`, for any other header its value.
    pub token: Redacted<String>,
}

/// A key for OpenAI's moderation.
#[derive(Debug, Clone, PartialEq)]
pub struct ModerationAccess {
    /// Another place than OpenAI's own.
    pub url: Option<String>,
    /// The key.
    pub token: Redacted<String>,
}

/// What becomes of a call that a guard could not be asked about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GuardError {
    /// It is refused.
    Deny,
    /// It is made.
    Allow,
}

const WHEN: [(&str, GuardWhen); 3] =
    [("moderation", GuardWhen::Moderation), ("security", GuardWhen::Security), ("always", GuardWhen::Always)];
const KINDS: [(&str, bool); 2] = [("http", false), ("openai_moderation", true)];
const ON_ERROR: [(&str, GuardError); 2] = [("deny", GuardError::Deny), ("allow", GuardError::Allow)];
const NAMES: [&str; 8] = ["name", "when", "kind", "url", "timeout", "on_error", "header", "token"];

const NAME: Form = Form {
    expected: "1 to 40 letters, digits, `-` or `_`",
    fits: |text| {
        let is_name = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        (1..=40).contains(&text.len()) && text.bytes().all(is_name)
    },
    is_secret: false,
};
const URL: Form = Form {
    expected: "a URL such as \"https://guard.example/check\", without user name, password and fragment",
    fits: |text| {
        let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
        let authority = rest.map(|rest| rest.split(['/', '?']).next().unwrap_or_default());
        authority.is_some_and(|authority| !authority.is_empty() && !authority.contains('@'))
            && text.bytes().all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'#' | b'\\'))
    },
    is_secret: false,
};
const HEADER: Form = Form {
    expected: "the name of a header such as \"x-api-key\" that requests to guards don't have anyway",
    fits: |text| {
        let is_name = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        (1..=80).contains(&text.len())
            && text.bytes().all(is_name)
            && !TAKEN_HEADERS.contains(&text.to_ascii_lowercase().as_str())
    },
    is_secret: false,
};
const TOKEN: Form = Form {
    expected: "1 to 4096 visible ASCII characters",
    fits: |text| (1..=4096).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic()),
    is_secret: true,
};

/// Reads all guards, or complains about everything that is wrong with any of them.
pub(crate) fn read(items: &[Node]) -> Result<Vec<Guard>, Vec<Complaint>> {
    let (mut guards, mut complaints) = (Vec::new(), Vec::new());
    let mut taken = BTreeSet::new();
    for (item, number) in items.iter().zip(1..) {
        let complain =
            |(offset, message)| Complaint { offset, message: format!("entry {number}: {message}") };
        match read_guard(item) {
            Ok(guard) => {
                if !taken.insert(guard.name.to_ascii_lowercase()) {
                    let message = format!("name `{}` is taken already; expected it once", guard.name);
                    complaints.push(complain((item.offset, message)));
                }
                guards.push(guard);
            }
            Err(problems) => complaints.extend(problems.into_iter().map(complain)),
        }
    }
    if complaints.is_empty() { Ok(guards) } else { Err(complaints) }
}

fn read_guard(node: &Node) -> Result<Guard, Vec<(usize, String)>> {
    let Raw::Table(entries) = &node.raw else {
        let message = format!("{} is not a table; expected one with `name` and `when`", node.raw.shown());
        return Err(vec![(node.offset, message)]);
    };
    let mut fields = Fields::new(node.offset, entries, &NAMES);
    let name = fields.text("name", &NAME);
    let when = fields.choice("when", &WHEN);
    let is_moderation = fields.choice("kind", &KINDS).unwrap_or_default();
    let url = fields.text("url", &URL);
    let timeout = fields.time("timeout", TIMEOUTS).unwrap_or(DEFAULT_TIMEOUT);
    let on_error = fields.choice("on_error", &ON_ERROR).unwrap_or(GuardError::Deny);
    let header = fields.text("header", &HEADER).map(|header| header.to_ascii_lowercase());
    let token = fields.text("token", &TOKEN).map(Redacted::new);
    fields.require("name", NAME.expected);
    fields.require("when", "\"moderation\", \"security\" or \"always\"");
    if is_moderation {
        fields.exclude("header", "`kind` is \"openai_moderation\"");
        fields.accompany("url", "token");
    } else {
        fields.require("url", URL.expected);
        fields.accompany("header", "token");
    }
    let (name, when) = match (name, when, fields.into_problems()) {
        (Some(name), Some(when), problems) if problems.is_empty() => (name, when),
        (_, _, problems) => return Err(problems),
    };
    let credential =
        |token| GuardCredential { header: header.unwrap_or_else(|| "authorization".to_owned()), token };
    let kind = match url {
        Some(url) if !is_moderation => GuardKind::Http { url, credential: token.map(credential) },
        url => GuardKind::OpenAiModeration(token.map(|token| ModerationAccess { url, token })),
    };
    Ok(Guard { name, when, kind, timeout, on_error })
}

/// Returns whether a guard has a secret.
pub(crate) fn hold_secret(guards: &[Guard]) -> bool {
    guards.iter().any(|guard| match &guard.kind {
        GuardKind::Http { credential, .. } => credential.is_some(),
        GuardKind::OpenAiModeration(access) => access.is_some(),
    })
}

/// Writes guards as the right side of an assignment, secrets included.
pub(crate) fn written(guards: &[Guard]) -> String {
    let tables = guards.iter().map(|guard| {
        let name_of_error = ON_ERROR.iter().find(|(_, on_error)| *on_error == guard.on_error);
        let mut fields = vec![("name", guard.name.as_str()), ("when", guard.when.as_str())];
        match &guard.kind {
            GuardKind::Http { url, credential } => {
                fields.extend([("kind", "http"), ("url", url)]);
                let credential = credential.iter();
                fields.extend(credential.flat_map(|credential| {
                    [("header", credential.header.as_str()), ("token", credential.token.expose())]
                }));
            }
            GuardKind::OpenAiModeration(access) => {
                fields.push(("kind", "openai_moderation"));
                let (url, token) = (
                    access.iter().filter_map(|access| access.url.as_deref()),
                    access.iter().map(|access| access.token.expose().as_str()),
                );
                fields.extend(url.map(|url| ("url", url)));
                fields.extend(token.map(|token| ("token", token)));
            }
        }
        let timeout = units::write_duration(guard.timeout);
        fields.push(("timeout", &timeout));
        fields.push(("on_error", name_of_error.map_or("", |(name, _)| *name)));
        let fields = fields.into_iter().map(|(name, text)| format!("{name} = {}", toml::Value::from(text)));
        format!("{{ {} }}", fields.collect::<Vec<_>>().join(", "))
    });
    format!("[{}]", tables.collect::<Vec<_>>().join(", "))
}
