//! What an organisation keeps to work with its calls: saved queries, saved filters, hidden properties and the tags of
//! sessions.

use gatehouse_types::{OrganizationId, SavedFilterId, SavedQueryId, Timestamp};

use crate::StoreFuture;

/// How many saved queries an organisation may have.
pub const MAX_SAVED_QUERIES: usize = 1000;
/// How many saved filters an organisation may have.
pub const MAX_SAVED_FILTERS: usize = 1000;
/// How many properties an organisation may hide.
pub const MAX_HIDDEN_PROPERTIES: usize = 1000;
/// How many sessions of an organisation may have a tag.
pub const MAX_SESSION_TAGS: usize = 10_000;

/// A query in SQL that somebody wants to run again.
///
/// What a change replaces is `name`, `sql` and `updated_at`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SavedQuery {
    /// Its id.
    pub id: SavedQueryId,
    /// Whose it is.
    pub organization_id: OrganizationId,
    /// What it is called; another one may be called the same.
    pub name: String,
    /// The query, as it was written.
    pub sql: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// A filter that somebody wants to use again.
///
/// What a change replaces is `name`, `filter` and `updated_at`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SavedFilter {
    /// Its id.
    pub id: SavedFilterId,
    /// Whose it is.
    pub organization_id: OrganizationId,
    /// What it is called; another one may be called the same.
    pub name: String,
    /// The filter tree, as JSON text.
    pub filter: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// The tag of a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionTag {
    /// Whose session it is.
    pub organization_id: OrganizationId,
    /// The session, as its calls name it; any text.
    pub session_id: String,
    /// The tag.
    pub tag: String,
}

/// One thing to be done to what an organisation works with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DeskChange {
    /// Adds a saved query.
    AddQuery(SavedQuery),
    /// Replaces what may change of a saved query (see [`SavedQuery`]), found by its id and organisation.
    UpdateQuery(SavedQuery),
    /// Removes a saved query.
    RemoveQuery(OrganizationId, SavedQueryId),
    /// Adds a saved filter.
    AddFilter(SavedFilter),
    /// Replaces what may change of a saved filter (see [`SavedFilter`]), found by its id and organisation.
    UpdateFilter(SavedFilter),
    /// Removes a saved filter.
    RemoveFilter(OrganizationId, SavedFilterId),
    /// Hides a property; `Exists` when it is hidden already.
    HideProperty(OrganizationId, String),
    /// Shows a hidden property again; `NotFound` when it was not hidden.
    RestoreProperty(OrganizationId, String),
}

impl DeskChange {
    /// Returns the organisation to which this adds something.
    pub const fn adds_to(&self) -> Option<OrganizationId> {
        match self {
            Self::AddQuery(query) => Some(query.organization_id),
            Self::AddFilter(filter) => Some(filter.organization_id),
            Self::HideProperty(organization_id, _) => Some(*organization_id),
            _ => None,
        }
    }
}

/// What became of a tag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tagged {
    /// It is kept, or removed.
    Done,
    /// The organisation has [`MAX_SESSION_TAGS`] already; nothing was written.
    Full,
}

/// Where an organisation keeps what it works with; a part of the control store.
///
/// What it keeps is changed by [`Change::Desk`](crate::control::Change::Desk); the tags of sessions, which are notes
/// on what was logged as feedback is, by [`tag_session`](Self::tag_session).
pub trait DeskStore: Send + Sync {
    /// Returns an organisation's saved queries, oldest first.
    fn saved_queries(&self, organization_id: OrganizationId) -> StoreFuture<'_, Vec<SavedQuery>>;

    /// Returns an organisation's saved filters, oldest first.
    fn saved_filters(&self, organization_id: OrganizationId) -> StoreFuture<'_, Vec<SavedFilter>>;

    /// Returns the names of the properties that an organisation hides, in the order of their bytes.
    fn hidden_properties(&self, organization_id: OrganizationId) -> StoreFuture<'_, Vec<String>>;

    /// Returns the tag of a session, if it has one.
    fn session_tag(
        &self,
        organization_id: OrganizationId,
        session_id: String,
    ) -> StoreFuture<'_, Option<String>>;

    /// Returns the tags of all sessions of an organisation, in the order of their sessions' bytes.
    fn session_tags(&self, organization_id: OrganizationId) -> StoreFuture<'_, Vec<SessionTag>>;

    /// Gives a session a tag in the place of the one that it has.
    fn tag_session(&self, tag: SessionTag) -> StoreFuture<'_, Tagged>;

    /// Takes the tag of a session away, if it has one.
    fn untag_session(&self, organization_id: OrganizationId, session_id: String) -> StoreFuture<'_, ()>;
}
