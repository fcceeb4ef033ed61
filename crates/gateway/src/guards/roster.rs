//! The guards of the configuration, made ready to be asked, and which of them are due.

use std::sync::Arc;
use std::time::Duration;

use gatehouse_config::{Config, GuardError, GuardKind, GuardWhen, ModerationAccess};
use gatehouse_upstream::{Origin, TargetError};
use gatehouse_wire::guards::MODERATION_URL;
use http::Uri;
use http::header::{AUTHORIZATION, HeaderName, HeaderValue, InvalidHeaderName, InvalidHeaderValue};
use http::uri::{InvalidUri, PathAndQuery};

use super::{GuardRefusal, Wanted};
use crate::targets::Target;

/// The name of the guard that needs no configuration.
const BUILT_IN: &str = "openai_moderation";
const BUILT_IN_TIMEOUT: Duration = Duration::from_secs(5);
/// The provider whose moderation it is.
const OPENAI: &str = "OPENAI";

/// Every guard, in the order of asking.
#[derive(Debug)]
pub(crate) struct Roster {
    guards: Vec<Guard>,
    built_in: Guard,
}

/// Somebody to ask.
#[derive(Debug)]
pub(crate) struct Guard {
    pub(super) name: String,
    pub(super) when: GuardWhen,
    pub(super) how: How,
    pub(super) timeout: Duration,
    pub(super) on_error: GuardError,
}

/// How to ask.
#[derive(Debug)]
pub(super) enum How {
    /// By our own protocol.
    Http { place: Place, credential: Option<Credential> },
    /// By OpenAI's moderation with a key of the operator's.
    Moderation { place: Place, credential: Credential },
    /// By OpenAI's moderation with the call's own key, where the call goes.
    CallersModeration,
}

/// Where to ask.
#[derive(Debug)]
pub(super) struct Place {
    pub(super) origin: Arc<Origin>,
    pub(super) path: PathAndQuery,
}

/// A header with a secret; its value prints as `Sensitive`.
#[derive(Debug)]
pub(super) struct Credential {
    pub(super) name: HeaderName,
    pub(super) value: HeaderValue,
}

/// Why a guard of the configuration can't be asked at all.
#[derive(Debug, thiserror::Error)]
pub enum RosterError {
    /// Its URL is no place to ask at.
    #[error("`guards`: {0}")]
    Origin(#[from] TargetError),
    /// Its URL is none that can be asked for.
    #[error("`guards`: the URL of a guard can't be read")]
    Url(#[from] InvalidUri),
    /// Its header's name is none.
    #[error("`guards`: the header of a guard's token can't be sent")]
    Header(#[from] InvalidHeaderName),
    /// Its token can't stand in a header.
    #[error("`guards`: the token of a guard can't be sent")]
    Token(#[from] InvalidHeaderValue),
}

impl Roster {
    /// Makes the configured guards ready.
    ///
    /// # Errors
    /// Fails when one of them can't be asked at all.
    pub(crate) fn new(config: &Config) -> Result<Self, RosterError> {
        let mut guards = config.guards.iter().map(Guard::new).collect::<Result<Vec<_>, _>>()?;
        guards.sort_by_key(|guard| match guard.when {
            GuardWhen::Security => 0,
            GuardWhen::Moderation => 1,
            GuardWhen::Always => 2,
        });
        let built_in = Guard {
            name: BUILT_IN.to_owned(),
            when: GuardWhen::Moderation,
            how: How::CallersModeration,
            timeout: BUILT_IN_TIMEOUT,
            on_error: GuardError::Deny,
        };
        Ok(Self { guards, built_in })
    }

    /// Returns whether anybody may have to be asked about a call, so that its body is needed whole.
    pub(crate) fn concerns(&self, wanted: Wanted) -> bool {
        wanted.moderation
            || wanted.security
            || self.guards.iter().any(|guard| guard.when == GuardWhen::Always)
    }

    /// Returns the names of the configured guards that are asked about such a call.
    pub(crate) fn names(&self, wanted: Wanted) -> impl Iterator<Item = &str> {
        self.guards.iter().filter(move |guard| guard.is_due(wanted)).map(|guard| guard.name.as_str())
    }

    /// Returns who is to be asked about a call, in order.
    ///
    /// # Errors
    /// Fails when the caller asked for a guard and there is none.
    pub(super) fn due(&self, wanted: Wanted, target: &Target) -> Result<Vec<&Guard>, GuardRefusal> {
        let has = |when| self.guards.iter().any(|guard| guard.when == when);
        if wanted.security && !has(GuardWhen::Security) {
            return Err(GuardRefusal::NotConfigured { header: "Helicone-LLM-Security-Enabled" });
        }
        let needs_built_in = wanted.moderation && !has(GuardWhen::Moderation);
        if needs_built_in && !is_openais(target) {
            return Err(GuardRefusal::NotConfigured { header: "Helicone-Moderations-Enabled" });
        }
        let mut due: Vec<&Guard> = self.guards.iter().filter(|guard| guard.is_due(wanted)).collect();
        if needs_built_in {
            let behind_security = due.iter().take_while(|guard| guard.when == GuardWhen::Security).count();
            due.insert(behind_security, &self.built_in);
        }
        Ok(due)
    }
}

/// Returns whether calls to a target are OpenAI's own, so that the moderation beside them takes their keys.
pub(super) fn is_openais(target: &Target) -> bool {
    target.provider.as_ref().is_some_and(|provider| provider.name.as_ref() == OPENAI)
}

impl Guard {
    /// Returns whether it is asked about calls of which this is wanted.
    const fn is_due(&self, wanted: Wanted) -> bool {
        match self.when {
            GuardWhen::Moderation => wanted.moderation,
            GuardWhen::Security => wanted.security,
            GuardWhen::Always => true,
        }
    }

    fn new(guard: &gatehouse_config::Guard) -> Result<Self, RosterError> {
        let how = match &guard.kind {
            GuardKind::Http { url, credential } => {
                let credential = credential.as_ref();
                let credential = credential
                    .map(|credential| Credential::new(&credential.header, credential.token.expose()));
                How::Http { place: Place::new(url)?, credential: credential.transpose()? }
            }
            GuardKind::OpenAiModeration(Some(ModerationAccess { url, token })) => How::Moderation {
                place: Place::new(url.as_deref().unwrap_or(MODERATION_URL))?,
                credential: Credential::new(AUTHORIZATION.as_str(), token.expose())?,
            },
            GuardKind::OpenAiModeration(None) => How::CallersModeration,
        };
        Ok(Self {
            name: guard.name.clone(),
            when: guard.when,
            how,
            timeout: guard.timeout,
            on_error: guard.on_error,
        })
    }
}

impl Place {
    /// Plain HTTP is the operator's to choose, as the whole URL is.
    fn new(url: &str) -> Result<Self, RosterError> {
        let origin = Arc::new(Origin::parse(url, true)?);
        let path = url.parse::<Uri>()?.path_and_query().cloned();
        Ok(Self { origin, path: path.unwrap_or_else(|| PathAndQuery::from_static("/")) })
    }
}

impl Credential {
    fn new(header: &str, token: &str) -> Result<Self, RosterError> {
        let name = HeaderName::try_from(header)?;
        let value = if name == AUTHORIZATION { format!("Bearer {token}") } else { token.to_owned() };
        let mut value = HeaderValue::try_from(value)?;
        value.set_sensitive(true);
        Ok(Self { name, value })
    }
}
