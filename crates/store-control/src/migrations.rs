//! The steps from an empty file to the present schema; a step that was released never changes.

use std::collections::BTreeMap;
use std::path::Path;

use gatehouse_types::{Clock, SystemClock};
use sha2::{Digest, Sha256};
use sqlx::{Row, SqliteConnection};

use crate::error::OpenError;
use crate::hex::hex;

/// Every step of one file, oldest first; new ones are appended.
pub(crate) struct Schema(&'static [Migration]);

/// One step.
struct Migration {
    version: i64,
    name: &'static str,
    sql: &'static str,
}

/// The control store's.
pub(crate) const CONTROL: Schema = Schema(&[
    Migration {
        version: 1,
        name: "organizations and keys",
        sql: include_str!("../migrations/0001_organizations_and_keys.sql"),
    },
    Migration {
        version: 2,
        name: "domains, rules and audit",
        sql: include_str!("../migrations/0002_domains_rules_and_audit.sql"),
    },
    Migration {
        version: 3,
        name: "limits, vault and webhooks",
        sql: include_str!("../migrations/0003_limits_vault_and_webhooks.sql"),
    },
    Migration {
        version: 4,
        name: "price overrides",
        sql: include_str!("../migrations/0004_price_overrides.sql"),
    },
    Migration { version: 5, name: "mappers", sql: include_str!("../migrations/0005_mappers.sql") },
    Migration { version: 6, name: "desk", sql: include_str!("../migrations/0006_desk.sql") },
    Migration { version: 7, name: "accounts", sql: include_str!("../migrations/0007_accounts.sql") },
]);

/// The counter store's.
pub(crate) const COUNTERS: Schema = Schema(&[
    Migration { version: 1, name: "counters", sql: include_str!("../migrations/counters/0001_counters.sql") },
    Migration { version: 2, name: "limits", sql: include_str!("../migrations/counters/0002_limits.sql") },
]);

/// Where the steps taken are written down.
const LEDGER: &str = "CREATE TABLE IF NOT EXISTS schema_migration (
    version    BIGINT NOT NULL PRIMARY KEY,
    name       TEXT   NOT NULL,
    checksum   TEXT   NOT NULL,
    applied_at BIGINT NOT NULL
)";

impl Schema {
    /// Takes the steps that are missing in the file at `path`; the caller's transaction makes them one.
    pub(crate) async fn migrate(
        &self,
        path: &Path,
        connection: &mut SqliteConnection,
    ) -> Result<(), OpenError> {
        let failed = |version| move |source| OpenError::Migration { path: path.to_owned(), version, source };
        let taken = read_ledger(connection).await.map_err(failed(0))?;
        let known = self.0.last().map_or(0, |migration| migration.version);
        if let Some((&found, _)) = taken.last_key_value().filter(|(found, _)| **found > known) {
            return Err(OpenError::TooNew { path: path.to_owned(), found, known });
        }
        for migration in self.0 {
            let version = migration.version;
            match taken.get(&version) {
                Some(checksum) if *checksum == migration.checksum() => {}
                Some(_) => return Err(OpenError::Changed { path: path.to_owned(), version }),
                None => migration.apply(connection).await.map_err(failed(version))?,
            }
        }
        Ok(())
    }
}

impl Migration {
    fn checksum(&self) -> String {
        hex(&Sha256::digest(self.sql))
    }

    async fn apply(&self, connection: &mut SqliteConnection) -> Result<(), sqlx::Error> {
        sqlx::raw_sql(self.sql).execute(&mut *connection).await?;
        sqlx::query(
            "INSERT INTO schema_migration (version, name, checksum, applied_at) VALUES ($1, $2, $3, $4)",
        )
        .bind(self.version)
        .bind(self.name)
        .bind(self.checksum())
        .bind(SystemClock.now().as_unix_micros())
        .execute(&mut *connection)
        .await?;
        Ok(())
    }
}

/// Returns the steps taken with their checksums.
async fn read_ledger(connection: &mut SqliteConnection) -> Result<BTreeMap<i64, String>, sqlx::Error> {
    sqlx::raw_sql(LEDGER).execute(&mut *connection).await?;
    let rows =
        sqlx::query("SELECT version, checksum FROM schema_migration").fetch_all(&mut *connection).await?;
    rows.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn released_steps_do_not_change() {
        let checksums = |schema: &Schema| -> Vec<_> {
            schema.0.iter().map(|step| (step.version, step.checksum())).collect()
        };
        let expected = [
            (1, "116453d4f5022c51b20c7ea84233532cef8e8244efef3d5a14447a39ce610bad".to_owned()),
            (2, "4edf39c2e69cdc936ba280d189f5decf8f18d2a48a70f1719c2576862ffaca70".to_owned()),
            (3, "5616647663aa6c11aa40292f9126def5ace78379e72a7d88caf3ab0596885ff3".to_owned()),
            (4, "645c640f78a3b34b87cb72bda870aecfac16cb3a89325222db58ae5c7a8c30f5".to_owned()),
            (5, "621653b3540089cf9db3481e0d82b636494cd8a7f817cc8d7fd4da3306669114".to_owned()),
            (6, "e4320696a7d11cd9d3b7b8046bcfa3d7fab64067e625b52dd134851d8ebaffcf".to_owned()),
            (7, "da97b1fde36311955dfe044eafbc7fd6e0a28ed3c3f26fe57a26a94718564b84".to_owned()),
        ];
        assert_eq!(checksums(&CONTROL), expected, "append a new step instead of changing a released one");
        let expected = [
            (1, "222266cc08787b4ead2e67e937813177a45944b03015dafe80140e219813f7fb".to_owned()),
            (2, "297f34d4120110b2d11b527b6c60999a78b23836de26e16a44307b5ebac2cb31".to_owned()),
        ];
        assert_eq!(checksums(&COUNTERS), expected, "append a new step instead of changing a released one");
    }
}
