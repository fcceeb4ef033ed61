//! The promises of [`ControlStore`] about mappers and their versions.

use gatehouse_mapper::mapping::MappingStatus;
use gatehouse_types::{MapperId, OrganizationId, RequestId};

use super::control::{AWKWARD, add_organization, at, change};
use super::log::Outcome;
use crate::control::{Change, Changed, ControlStore};
use crate::mappers::{Mapper, MapperScope, MapperVersion, SavedMapper};

fn mapper(organization_id: OrganizationId, number: i64) -> Mapper {
    let path = format!("/v{number}/{AWKWARD}");
    Mapper {
        id: MapperId::generate(),
        organization_id,
        scope: MapperScope { host: "api.example.com".to_owned(), method: "POST".to_owned(), path },
        status: MappingStatus::PendingCreation,
        active_version: None,
        samples: vec![RequestId::generate(), RequestId::generate()],
        inferred_at: None,
        created_at: at(number),
        updated_at: at(number),
    }
}

fn version(of: &Mapper, number: u32) -> MapperVersion {
    MapperVersion {
        mapper_id: of.id,
        organization_id: of.organization_id,
        version: number,
        parent: number.checked_sub(1).filter(|parent| *parent > 0),
        status: MappingStatus::PendingApproval,
        document: format!("{{\"version\":{number}}}"),
        report: AWKWARD.to_owned(),
        created_by: "job".to_owned(),
        created_at: at(number.into()),
    }
}

fn saved(mapper: &Mapper, seen: Option<i64>, versions: &[MapperVersion]) -> Change {
    let (mapper, seen) = (mapper.clone(), seen.map(at));
    Change::SaveMapper(Box::new(SavedMapper { mapper, seen, versions: versions.to_vec() }))
}

/// Mappers come back as they were saved last, each scope once in an organisation.
///
/// # Errors
/// Fails when the store does.
pub async fn keeps_mappers(store: &dyn ControlStore) -> Outcome {
    let (ours, theirs) = (add_organization(store, 1).await?, add_organization(store, 2).await?);
    let (first, second) = (mapper(ours, 1), mapper(ours, 3));
    let other = Mapper { created_at: at(2), scope: first.scope.clone(), ..mapper(theirs, 2) };
    for added in [&second, &other, &first] {
        assert_eq!(change(store, added.organization_id, saved(added, None, &[])).await?, Changed::Done);
    }
    assert_eq!(store.mappers().await?, [first.clone(), other.clone(), second.clone()]);
    let twin = Mapper { scope: first.scope.clone(), ..mapper(ours, 9) };
    assert_eq!(change(store, ours, saved(&twin, None, &[])).await?, Changed::Exists);
    let claimed = Mapper { organization_id: ours, scope: twin.scope.clone(), ..other.clone() };
    assert_eq!(change(store, ours, saved(&claimed, Some(2), &[])).await?, Changed::Exists);

    for (seen, status) in (1..).zip(MappingStatus::ALL) {
        let changed = Mapper { status, inferred_at: Some(at(7)), updated_at: at(seen + 1), ..first.clone() };
        for late in [None, Some(0), Some(seen + 1)] {
            assert_eq!(change(store, ours, saved(&changed, late, &[])).await?, Changed::Exists);
        }
        assert_eq!(change(store, ours, saved(&changed, Some(seen), &[])).await?, Changed::Done);
        assert_eq!(store.mappers().await?, [changed, other.clone(), second.clone()]);
    }

    assert_eq!(change(store, theirs, Change::RemoveMapper(theirs, first.id)).await?, Changed::NotFound);
    assert_eq!(change(store, ours, Change::RemoveMapper(ours, first.id)).await?, Changed::Done);
    assert_eq!(change(store, ours, Change::RemoveMapper(ours, first.id)).await?, Changed::NotFound);
    assert_eq!(store.mappers().await?, [other, second]);
    Ok(())
}

/// Versions are added and get another status, and nothing else of them changes; the ones in force are known.
///
/// # Errors
/// Fails when the store does.
pub async fn keeps_mapper_versions(store: &dyn ControlStore) -> Outcome {
    let (ours, theirs) = (add_organization(store, 1).await?, add_organization(store, 2).await?);
    let (mut first, second) = (mapper(ours, 1), mapper(ours, 2));
    let (one, two) = (version(&first, 1), version(&first, 2));
    assert_eq!(change(store, ours, saved(&second, None, &[])).await?, Changed::Done);
    assert_eq!(change(store, ours, saved(&first, None, std::slice::from_ref(&one))).await?, Changed::Done);
    assert_eq!(store.mapper_versions(ours, first.id).await?, std::slice::from_ref(&one));
    assert_eq!(store.active_mapper_versions().await?, []);

    first.active_version = Some(2);
    let rewritten = MapperVersion {
        status: MappingStatus::Inactive,
        document: "{}".to_owned(),
        report: String::new(),
        ..one.clone()
    };
    assert_eq!(change(store, ours, saved(&first, Some(1), &[two.clone(), rewritten])).await?, Changed::Done);
    let one = MapperVersion { status: MappingStatus::Inactive, ..one };
    assert_eq!(store.mapper_versions(ours, first.id).await?, [one, two.clone()]);
    assert_eq!(store.active_mapper_versions().await?, [two]);
    assert_eq!(store.mapper_versions(theirs, first.id).await?, []);
    assert_eq!(store.mapper_versions(ours, second.id).await?, []);

    assert_eq!(change(store, ours, Change::RemoveMapper(ours, first.id)).await?, Changed::Done);
    assert_eq!(store.mapper_versions(ours, first.id).await?, []);
    assert_eq!(store.active_mapper_versions().await?, []);
    Ok(())
}
