//! The promises of [`DeskStore`](crate::desk::DeskStore).

use gatehouse_types::{OrganizationId, SavedFilterId, SavedQueryId};

use super::control::{AWKWARD, add_organization, at, change};
use super::log::Outcome;
use crate::StoreError;
use crate::control::{Change, Changed, ControlStore};
use crate::desk::{DeskChange, SavedFilter, SavedQuery, SessionTag, Tagged};

fn query(organization_id: OrganizationId, number: i64) -> SavedQuery {
    SavedQuery {
        id: SavedQueryId::generate(),
        organization_id,
        name: AWKWARD.to_owned(),
        sql: format!("select '{AWKWARD}', {number}"),
        created_at: at(number),
        updated_at: at(number),
    }
}

fn filter(organization_id: OrganizationId, number: i64) -> SavedFilter {
    SavedFilter {
        id: SavedFilterId::generate(),
        organization_id,
        name: AWKWARD.to_owned(),
        filter: format!("{{\"{AWKWARD}\":{number}}}"),
        created_at: at(number),
        updated_at: at(number),
    }
}

fn tag(organization_id: OrganizationId, session_id: &str, tag: &str) -> SessionTag {
    SessionTag { organization_id, session_id: session_id.to_owned(), tag: tag.to_owned() }
}

async fn desk(
    store: &dyn ControlStore,
    organization_id: OrganizationId,
    made: DeskChange,
) -> Result<Changed, StoreError> {
    change(store, organization_id, Change::Desk(made)).await
}

/// Saved queries come back as they were added; a change replaces what may change, and nobody else's.
///
/// # Errors
/// Fails when the store does.
pub async fn keeps_saved_queries(store: &dyn ControlStore) -> Outcome {
    let (ours, theirs) = (add_organization(store, 1).await?, add_organization(store, 2).await?);
    let (first, second, other) = (query(ours, 1), query(ours, 3), query(theirs, 2));
    for added in [&second, &other, &first] {
        let done = desk(store, added.organization_id, DeskChange::AddQuery(added.clone())).await?;
        assert_eq!(done, Changed::Done);
    }
    assert_eq!(store.saved_queries(ours).await?, [first.clone(), second.clone()]);
    assert_eq!(store.saved_queries(theirs).await?, std::slice::from_ref(&other));
    assert_eq!(desk(store, ours, DeskChange::AddQuery(first.clone())).await?, Changed::Exists);

    let (name, sql) = ("new".to_owned(), "select 2".to_owned());
    let changed = SavedQuery { name, sql, updated_at: at(9), created_at: at(8), ..first.clone() };
    assert_eq!(desk(store, ours, DeskChange::UpdateQuery(changed.clone())).await?, Changed::Done);
    let changed = SavedQuery { created_at: first.created_at, ..changed };
    assert_eq!(store.saved_queries(ours).await?, [changed.clone(), second.clone()]);

    let claimed = SavedQuery { organization_id: ours, ..other.clone() };
    for intrusion in [DeskChange::UpdateQuery(claimed), DeskChange::RemoveQuery(ours, other.id)] {
        assert_eq!(desk(store, ours, intrusion).await?, Changed::NotFound);
    }
    assert_eq!(desk(store, ours, DeskChange::RemoveQuery(ours, second.id)).await?, Changed::Done);
    assert_eq!(desk(store, ours, DeskChange::RemoveQuery(ours, second.id)).await?, Changed::NotFound);
    assert_eq!(store.saved_queries(ours).await?, [changed]);
    assert_eq!(store.saved_queries(theirs).await?, [other]);
    Ok(())
}

/// Saved filters come back as they were added; a change replaces what may change, and nobody else's.
///
/// # Errors
/// Fails when the store does.
pub async fn keeps_saved_filters(store: &dyn ControlStore) -> Outcome {
    let (ours, theirs) = (add_organization(store, 1).await?, add_organization(store, 2).await?);
    let (first, second, other) = (filter(ours, 1), filter(ours, 3), filter(theirs, 2));
    for added in [&second, &other, &first] {
        let done = desk(store, added.organization_id, DeskChange::AddFilter(added.clone())).await?;
        assert_eq!(done, Changed::Done);
    }
    assert_eq!(store.saved_filters(ours).await?, [first.clone(), second.clone()]);
    assert_eq!(store.saved_filters(theirs).await?, std::slice::from_ref(&other));
    assert_eq!(desk(store, ours, DeskChange::AddFilter(first.clone())).await?, Changed::Exists);

    let (name, tree) = ("new".to_owned(), "\"all\"".to_owned());
    let changed = SavedFilter { name, filter: tree, updated_at: at(9), created_at: at(8), ..first.clone() };
    assert_eq!(desk(store, ours, DeskChange::UpdateFilter(changed.clone())).await?, Changed::Done);
    let changed = SavedFilter { created_at: first.created_at, ..changed };
    assert_eq!(store.saved_filters(ours).await?, [changed.clone(), second.clone()]);

    let claimed = SavedFilter { organization_id: ours, ..other.clone() };
    for intrusion in [DeskChange::UpdateFilter(claimed), DeskChange::RemoveFilter(ours, other.id)] {
        assert_eq!(desk(store, ours, intrusion).await?, Changed::NotFound);
    }
    assert_eq!(desk(store, ours, DeskChange::RemoveFilter(ours, second.id)).await?, Changed::Done);
    assert_eq!(desk(store, ours, DeskChange::RemoveFilter(ours, second.id)).await?, Changed::NotFound);
    assert_eq!(store.saved_filters(ours).await?, [changed]);
    assert_eq!(store.saved_filters(theirs).await?, [other]);
    Ok(())
}

/// A property is hidden once, by its exact name, and for one organisation.
///
/// # Errors
/// Fails when the store does.
pub async fn hides_properties(store: &dyn ControlStore) -> Outcome {
    let (ours, theirs) = (add_organization(store, 1).await?, add_organization(store, 2).await?);
    let hide = |owner, name: &str| DeskChange::HideProperty(owner, name.to_owned());
    let restore = |owner, name: &str| DeskChange::RestoreProperty(owner, name.to_owned());
    for (owner, name) in [(ours, "plan"), (ours, AWKWARD), (ours, "Plan"), (theirs, "plan")] {
        assert_eq!(desk(store, owner, hide(owner, name)).await?, Changed::Done);
    }
    assert_eq!(desk(store, ours, hide(ours, "plan")).await?, Changed::Exists);
    assert_eq!(store.hidden_properties(ours).await?, ["Plan", AWKWARD, "plan"]);
    assert_eq!(desk(store, ours, restore(ours, "plan")).await?, Changed::Done);
    assert_eq!(desk(store, ours, restore(ours, "plan")).await?, Changed::NotFound);
    assert_eq!(store.hidden_properties(ours).await?, ["Plan", AWKWARD]);
    assert_eq!(store.hidden_properties(theirs).await?, ["plan"]);
    Ok(())
}

/// A session has one tag, the last one it was given, and no other organisation's.
///
/// # Errors
/// Fails when the store does.
pub async fn tags_sessions(store: &dyn ControlStore) -> Outcome {
    let (ours, theirs) = (add_organization(store, 1).await?, add_organization(store, 2).await?);
    let before = store.version().await?;
    for (owner, session, text) in
        [(ours, "b", "first"), (theirs, "b", "theirs"), (ours, AWKWARD, AWKWARD), (ours, "b", "second")]
    {
        assert_eq!(store.tag_session(tag(owner, session, text)).await?, Tagged::Done);
    }
    assert_ne!(store.version().await?, before);
    assert_eq!(store.session_tag(ours, "b".to_owned()).await?.as_deref(), Some("second"));
    assert_eq!(store.session_tag(theirs, "b".to_owned()).await?.as_deref(), Some("theirs"));
    assert_eq!(store.session_tag(theirs, AWKWARD.to_owned()).await?, None);
    assert_eq!(store.session_tags(ours).await?, [tag(ours, AWKWARD, AWKWARD), tag(ours, "b", "second")]);

    store.untag_session(ours, "b".to_owned()).await?;
    store.untag_session(ours, "b".to_owned()).await?;
    assert_eq!(store.session_tags(ours).await?, [tag(ours, AWKWARD, AWKWARD)]);
    assert_eq!(store.session_tags(theirs).await?, [tag(theirs, "b", "theirs")]);
    Ok(())
}

/// Nothing is added for an organisation that is not there.
///
/// # Errors
/// Fails when the store does not find the default organisation.
pub async fn keeps_nothing_of_an_unknown_organization(store: &dyn ControlStore) -> Outcome {
    let known = store.default_organization().await?.id;
    let stranger = OrganizationId::from_uuid(uuid::Uuid::from_u128(77));
    for addition in [
        DeskChange::AddQuery(query(stranger, 1)),
        DeskChange::AddFilter(filter(stranger, 1)),
        DeskChange::HideProperty(stranger, "plan".to_owned()),
    ] {
        assert!(desk(store, known, addition).await.is_err());
    }
    assert!(store.tag_session(tag(stranger, "a", "b")).await.is_err());
    assert_eq!(store.session_tags(stranger).await?, []);
    Ok(())
}
