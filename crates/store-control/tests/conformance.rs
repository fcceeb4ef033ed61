//! The SQLite stores, and the one in memory, keep the promises of their contracts.

use anyhow::Result;
use gatehouse_store::conformance::{
    MemoryControl, MemoryCounters, accounts, control, counters, desk, mappers, prices, vault, webhooks,
};
use gatehouse_store_control::{SqliteControlStore, SqliteCounterStore};
use tempfile::TempDir;

/// Writes a test for each suite of a contract, run on a store of its own.
macro_rules! suites {
    ($contract:ident on $fresh:expr => $($suite:ident),+ $(,)?) => {
        $(
            #[tokio::test]
            async fn $suite() -> Result<()> {
                let directory = TempDir::new()?;
                let store = $fresh(&directory).await?;
                Ok($contract::$suite(&store).await?)
            }
        )+
    };
}

macro_rules! control_suites {
    ($fresh:expr) => {
        suites!(control on $fresh =>
            has_one_default_organization,
            adds_organizations,
            takes_the_organization_of_its_name_for_the_default,
            keeps_keys,
            adds_nothing_to_an_unknown_organization,
            renames_and_revokes_keys,
            keeps_domains,
            keeps_host_rules,
            keeps_organizations_apart,
            notes_the_last_use_of_keys,
            notes_checks_of_domains,
            writes_one_audit_entry_for_each_change,
            pages_through_audit_entries,
            version_tells_of_every_change,
        );
        suites!(vault on $fresh =>
            keeps_provider_keys,
            erases_removed_provider_keys,
            keeps_proxy_keys,
            notes_the_last_use_of_proxy_keys,
            replaces_secrets_that_did_not_change,
            keeps_vaults_apart,
            adds_no_secret_to_an_unknown_organization,
            version_tells_of_changes_of_the_vault,
        );
        suites!(webhooks on $fresh =>
            keeps_webhooks,
            keeps_dead_letters,
            bounds_dead_letters,
            keeps_rate_limits,
        );
        suites!(prices on $fresh =>
            keeps_price_overrides,
        );
        suites!(desk on $fresh =>
            keeps_saved_queries,
            keeps_saved_filters,
            hides_properties,
            tags_sessions,
            keeps_nothing_of_an_unknown_organization,
        );
        suites!(accounts on $fresh =>
            lets_the_first_person_in_once,
            keeps_people,
            invitations_admit_once,
            keeps_an_owner,
            another_password_ends_what_the_former_let_in,
            keeps_sessions,
            writes_what_people_did,
        );
        suites!(mappers on $fresh =>
            keeps_mappers,
            keeps_mapper_versions,
        );
    };
}

async fn sqlite(directory: &TempDir) -> Result<SqliteControlStore> {
    Ok(SqliteControlStore::open(directory.path().join("control.sqlite")).await?)
}

mod sqlite_control {
    use super::*;

    control_suites!(sqlite);

    #[tokio::test]
    async fn makes_changes_of_many_at_once() -> Result<()> {
        let directory = TempDir::new()?;
        let (store, other) = (sqlite(&directory).await?, sqlite(&directory).await?);
        Ok(control::makes_changes_of_many_at_once([&store, &other]).await?)
    }
}

mod memory_control {
    use super::*;

    async fn memory(_: &TempDir) -> Result<MemoryControl> {
        Ok(MemoryControl::default())
    }

    control_suites!(memory);

    #[tokio::test]
    async fn makes_changes_of_many_at_once() -> Result<()> {
        let store = MemoryControl::default();
        Ok(control::makes_changes_of_many_at_once([&store, &store]).await?)
    }
}

macro_rules! counter_suites {
    ($fresh:expr) => {
        suites!(counters on $fresh =>
            loads_what_was_saved,
            replaces_counters_by_their_key,
            forgets_earlier_days,
            takes_many_saves_at_once,
            keeps_where_limits_stand,
            forgets_limits_that_limit_nothing,
        );
    };
}

mod sqlite_counters {
    use super::*;

    async fn fresh(directory: &TempDir) -> Result<SqliteCounterStore> {
        Ok(SqliteCounterStore::open(directory.path().join("counters.sqlite")).await?)
    }

    counter_suites!(fresh);
}

mod memory_counters {
    use super::*;

    async fn fresh(_: &TempDir) -> Result<MemoryCounters> {
        Ok(MemoryCounters::default())
    }

    counter_suites!(fresh);
}
