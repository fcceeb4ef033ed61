//! The steps from an empty database to the present schema; a step that was released never changes.

use gatehouse_types::{Clock, SystemClock};
use sha2::{Digest, Sha256};
use sqlx::{Row, SqliteConnection};

use crate::error::OpenError;

/// One step.
struct Migration {
    version: i64,
    name: &'static str,
    sql: &'static str,
}

/// Every step, oldest first; new ones are appended.
const MIGRATIONS: [Migration; 1] = [Migration {
    version: 1,
    name: "organizations and keys",
    sql: include_str!("../migrations/0001_organizations_and_keys.sql"),
}];

/// Where the steps taken are written down.
const LEDGER: &str = "CREATE TABLE IF NOT EXISTS schema_migration (
    version    BIGINT NOT NULL PRIMARY KEY,
    name       TEXT   NOT NULL,
    checksum   TEXT   NOT NULL,
    applied_at BIGINT NOT NULL
)";

/// Takes the steps that are missing; the caller's transaction makes them one.
pub(crate) async fn migrate(connection: &mut SqliteConnection) -> Result<(), OpenError> {
    let ledger = |source| OpenError::Migration { version: 0, source };
    sqlx::raw_sql(LEDGER).execute(&mut *connection).await.map_err(ledger)?;
    let taken = sqlx::query("SELECT version, checksum FROM schema_migration ORDER BY version")
        .fetch_all(&mut *connection)
        .await
        .map_err(ledger)?;
    let known = MIGRATIONS.last().map_or(0, |migration| migration.version);
    let mut checksums = std::collections::BTreeMap::new();
    for row in taken {
        let version: i64 = row.try_get(0).map_err(ledger)?;
        if version > known {
            return Err(OpenError::TooNew { found: version, known });
        }
        checksums.insert(version, row.try_get::<String, _>(1).map_err(ledger)?);
    }
    for migration in &MIGRATIONS {
        match checksums.get(&migration.version) {
            Some(checksum) if *checksum == migration.checksum() => {}
            Some(_) => return Err(OpenError::Changed { version: migration.version }),
            None => migration.apply(connection).await?,
        }
    }
    Ok(())
}

impl Migration {
    fn checksum(&self) -> String {
        crate::sqlite::hex(&Sha256::digest(self.sql).into())
    }

    async fn apply(&self, connection: &mut SqliteConnection) -> Result<(), OpenError> {
        let failed = |source| OpenError::Migration { version: self.version, source };
        sqlx::raw_sql(self.sql).execute(&mut *connection).await.map_err(failed)?;
        sqlx::query(
            "INSERT INTO schema_migration (version, name, checksum, applied_at) VALUES ($1, $2, $3, $4)",
        )
        .bind(self.version)
        .bind(self.name)
        .bind(self.checksum())
        .bind(SystemClock.now().as_unix_micros())
        .execute(&mut *connection)
        .await
        .map_err(failed)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn released_steps_do_not_change() {
        let checksums: Vec<_> = MIGRATIONS.iter().map(|step| (step.version, step.checksum())).collect();
        let expected = [(1, "116453d4f5022c51b20c7ea84233532cef8e8244efef3d5a14447a39ce610bad".to_owned())];
        assert_eq!(checksums, expected, "append a new step instead of changing a released one");
    }
}
