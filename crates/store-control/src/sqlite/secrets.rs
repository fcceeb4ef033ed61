//! Secrets of any table, sealed anew.

use gatehouse_store::secrets::{ReplacedSecret, SecretField};
use sqlx::SqliteConnection;

use crate::hex::hex;

/// Replaces secrets, each where the old one still is; returns how many were replaced.
pub(super) async fn replace(
    db: &mut SqliteConnection,
    replaced: &[ReplacedSecret],
) -> Result<u64, sqlx::Error> {
    let mut done = 0;
    for ReplacedSecret { place, old, new } in replaced {
        let sql = match place.field {
            SecretField::ProviderKey => {
                "UPDATE provider_key SET secret = $1 WHERE organization_id = $2 AND id = $3 AND secret = $4"
            }
            SecretField::ProviderExtra => {
                "UPDATE provider_key SET extra_secret = $1
                 WHERE organization_id = $2 AND id = $3 AND extra_secret = $4"
            }
            SecretField::WebhookKey => {
                "UPDATE webhook SET secret = $1 WHERE organization_id = $2 AND id = $3 AND secret = $4"
            }
        };
        let update = sqlx::query(sql)
            .bind(hex(new.as_bytes()))
            .bind(place.organization_id.to_string())
            .bind(place.record_id.to_string())
            .bind(hex(old.as_bytes()));
        done += update.execute(&mut *db).await?.rows_affected();
    }
    Ok(done)
}
