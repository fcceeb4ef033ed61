//! Why somebody was not signed in at a provider: a code in the address of the sign-in page, which says it in words.

use crate::error::{ApiError, ErrorKind};

/// Why somebody was not signed in. What exactly was wrong with an answer of the provider is in the log only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// They did not go on at the provider, or it did not let them.
    Denied,
    /// Nothing shows that this browser began to sign in here, not long ago and not finished yet.
    Stale,
    /// The provider does not answer.
    Unreachable,
    /// What the provider answers is not what it should be, or it refused the code.
    Untrustworthy,
    /// The provider does not accept how this installation is set up.
    Misconfigured,
    /// The provider does not vouch for their address.
    NotVerified,
    /// Nobody has the address, and it may not have an account.
    NotInvited,
    /// They belong to no organisation any more.
    NoOrganization,
    /// Their address belongs to an account that is somebody else's at the provider.
    AnotherIdentity,
    /// Nobody made the first account yet.
    NoFirstAccount,
    /// It failed too often.
    TooManyAttempts,
    /// It can't be done now.
    Unavailable,
}

impl Refusal {
    /// Returns the code, which the sign-in page knows.
    pub(crate) const fn code(self) -> &'static str {
        match self {
            Self::Denied => "denied",
            Self::Stale => "stale",
            Self::Unreachable => "unreachable",
            Self::Untrustworthy => "untrustworthy",
            Self::Misconfigured => "misconfigured",
            Self::NotVerified => "not_verified",
            Self::NotInvited => "not_invited",
            Self::NoOrganization => "no_organization",
            Self::AnotherIdentity => "another_identity",
            Self::NoFirstAccount => "no_first_account",
            Self::TooManyAttempts => "too_many_attempts",
            Self::Unavailable => "unavailable",
        }
    }
}

impl From<ApiError> for Refusal {
    fn from(error: ApiError) -> Self {
        match error.kind {
            ErrorKind::TooManyAttempts(_) => Self::TooManyAttempts,
            ErrorKind::Forbidden => Self::NoOrganization,
            _ => Self::Unavailable,
        }
    }
}

impl From<gatehouse_store::StoreError> for Refusal {
    fn from(error: gatehouse_store::StoreError) -> Self {
        ApiError::from(error).into()
    }
}
