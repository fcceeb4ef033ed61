//! Why a guard lets a call not pass, as callers and the log are told.

use gatehouse_config::GuardWhen;
use gatehouse_types::GuardUse;
use http::StatusCode;

use super::Guard;

/// The status of a row whose call was taken for an attack, as Helicone has it.
const STATUS_THREAT: i32 = -4;

/// A call that may not be made, with what every guard said that was asked.
#[derive(Debug)]
pub(crate) struct Denied {
    pub(crate) refusal: GuardRefusal,
    pub(crate) uses: Vec<GuardUse>,
}

impl From<GuardRefusal> for Denied {
    fn from(refusal: GuardRefusal) -> Self {
        Self { refusal, uses: Vec::new() }
    }
}

/// Why a call may not be made; the text is for the client.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum GuardRefusal {
    /// A guard of moderation refused.
    #[error("the prompt was flagged by the guard `{guard}`")]
    Flagged { guard: String, details: String },
    /// A guard of security refused.
    #[error("the guard `{guard}` takes the prompt for an attack on the model")]
    Threat { guard: String, details: String },
    /// A guard that is always asked refused.
    #[error("the guard `{guard}` refused the prompt")]
    Refused { guard: String, details: String },
    /// The caller asked for what there is not.
    #[error("`{header}` asks for a guard and none is configured for this call: the call was not made")]
    NotConfigured { header: &'static str },
    /// The guard has no key for calls to this provider.
    #[error("the guard `{guard}` has no key of its own and checks calls to OpenAI only")]
    NoKey { guard: String },
    /// The body is not what guards can be shown.
    #[error("the body can't be read, so that no guard can be asked: send JSON")]
    Unreadable,
    /// A guard could not be asked.
    #[error("the guard `{guard}` could not be asked: the call was not made")]
    Unavailable { guard: String },
    /// OpenAI's moderation refused the caller's own key.
    #[error("OpenAI's moderation answered {status} to the key of the call: the call was not made")]
    CallersKey { status: StatusCode },
}

impl GuardRefusal {
    /// Returns the refusal that a guard decided on.
    pub(super) fn by(guard: &Guard, details: String) -> Self {
        let name = guard.name.clone();
        match guard.when {
            GuardWhen::Moderation => Self::Flagged { guard: name, details },
            GuardWhen::Security => Self::Threat { guard: name, details },
            GuardWhen::Always => Self::Refused { guard: name, details },
        }
    }

    /// Returns the status that the client gets.
    pub(crate) const fn status(&self) -> StatusCode {
        match self {
            Self::Unavailable { .. } => StatusCode::SERVICE_UNAVAILABLE,
            Self::CallersKey { status } => *status,
            _ => StatusCode::BAD_REQUEST,
        }
    }

    /// Returns the stable name of the kind; those in capitals are Helicone's.
    pub(crate) const fn code(&self) -> &'static str {
        match self {
            Self::Flagged { .. } => "PROMPT_FLAGGED_FOR_MODERATION",
            Self::Threat { .. } => "PROMPT_THREAT_DETECTED",
            Self::Refused { .. } => "prompt_denied",
            Self::NotConfigured { .. } | Self::NoKey { .. } => "guard_not_configured",
            Self::Unreadable => "guard_unreadable_body",
            Self::Unavailable { .. } | Self::CallersKey { .. } => "guard_unavailable",
        }
    }

    /// Returns what the guard said besides; empty where it said nothing.
    pub(crate) fn details(&self) -> &str {
        match self {
            Self::Flagged { details, .. } | Self::Threat { details, .. } | Self::Refused { details, .. } => {
                details
            }
            _ => "",
        }
    }

    /// Returns the status of the call's row where it is not the client's.
    pub(crate) const fn row_status(&self) -> Option<i32> {
        match self {
            Self::Threat { .. } => Some(STATUS_THREAT),
            _ => None,
        }
    }

    /// Returns whether the same call may pass a little later.
    pub(crate) const fn is_passing(&self) -> bool {
        matches!(self, Self::Unavailable { .. })
    }
}
