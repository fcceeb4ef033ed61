//! Rows of `person`, `membership`, `invitation` and `password_link`.

use gatehouse_store::accounts::{Admission, Invitation, Membership, PasswordLink, Role, TokenHash, User};
use gatehouse_types::{InvitationId, OrganizationId, Timestamp, UserId};
use sqlx::SqliteConnection;

use crate::hex::hex;

/// Adds a person and a membership; returns how many people were added.
pub(super) async fn add(
    db: &mut SqliteConnection,
    (added, membership): (&User, &Membership),
    admission: Admission,
    now: Timestamp,
) -> Result<u64, sqlx::Error> {
    if !admit(db, admission, membership, now).await? {
        return Ok(0);
    }
    let done = sqlx::query(
        "INSERT INTO person (id, email, name, password_hash, outside_id, is_installation_admin, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING",
    )
    .bind(added.id.to_string())
    .bind(&added.email)
    .bind(&added.name)
    .bind(added.password_hash.as_ref().map(|hash| hash.expose()))
    .bind(&added.outside_id)
    .bind(added.is_installation_admin)
    .bind(added.created_at.as_unix_micros())
    .execute(&mut *db)
    .await?;
    if done.rows_affected() == 0 {
        return Ok(0);
    }
    add_membership(db, membership).await
}

/// Adds a membership of a person who is there; returns how many were added.
pub(super) async fn join(
    db: &mut SqliteConnection,
    added: &Membership,
    admission: Admission,
    now: Timestamp,
) -> Result<u64, sqlx::Error> {
    if !admit(db, admission, added, now).await? {
        return Ok(0);
    }
    add_membership(db, added).await
}

async fn add_membership(db: &mut SqliteConnection, added: &Membership) -> Result<u64, sqlx::Error> {
    let done = sqlx::query(
        "INSERT INTO membership (organization_id, person_id, role, created_at) VALUES ($1, $2, $3, $4)
         ON CONFLICT (organization_id, person_id) DO NOTHING",
    )
    .bind(added.organization_id.to_string())
    .bind(added.user_id.to_string())
    .bind(added.role.as_str())
    .bind(added.created_at.as_unix_micros())
    .execute(db)
    .await?;
    Ok(done.rows_affected())
}

/// Uses an admission up; returns whether it was good.
async fn admit(
    db: &mut SqliteConnection,
    admission: Admission,
    membership: &Membership,
    now: Timestamp,
) -> Result<bool, sqlx::Error> {
    let done = match admission {
        Admission::Operator => return Ok(true),
        Admission::FirstVisit(hash) => {
            let sql = "DELETE FROM first_visit WHERE hash = $1 AND NOT EXISTS (SELECT 1 FROM person)";
            sqlx::query(sql).bind(hex(&hash)).execute(db).await?
        }
        Admission::Invitation(id) => {
            let sql = "DELETE FROM invitation
                       WHERE id = $1 AND organization_id = $2 AND role = $3 AND expires_at > $4";
            sqlx::query(sql)
                .bind(id.to_string())
                .bind(membership.organization_id.to_string())
                .bind(membership.role.as_str())
                .bind(now.as_unix_micros())
                .execute(db)
                .await?
        }
    };
    Ok(done.rows_affected() > 0)
}

/// Gives a member another role; returns how many were changed.
pub(super) async fn set_role(
    db: &mut SqliteConnection,
    (organization_id, user_id): (OrganizationId, UserId),
    role: Role,
) -> Result<u64, sqlx::Error> {
    let done = sqlx::query(
        "UPDATE membership SET role = $1
         WHERE organization_id = $2 AND person_id = $3
           AND ($1 = 'owner' OR role <> 'owner'
                OR EXISTS (SELECT 1 FROM membership AS other
                           WHERE other.organization_id = $2 AND other.role = 'owner' AND other.person_id <> $3))",
    )
    .bind(role.as_str())
    .bind(organization_id.to_string())
    .bind(user_id.to_string())
    .execute(&mut *db)
    .await?;
    if done.rows_affected() > 0 {
        end_sessions_in(db, (organization_id, user_id)).await?;
    }
    Ok(done.rows_affected())
}

/// Removes a member who is not the last owner; returns how many were removed.
pub(super) async fn leave(
    db: &mut SqliteConnection,
    (organization_id, user_id): (OrganizationId, UserId),
) -> Result<u64, sqlx::Error> {
    let done = sqlx::query(
        "DELETE FROM membership
         WHERE organization_id = $1 AND person_id = $2
           AND (role <> 'owner'
                OR EXISTS (SELECT 1 FROM membership AS other
                           WHERE other.organization_id = $1 AND other.role = 'owner' AND other.person_id <> $2))",
    )
    .bind(organization_id.to_string())
    .bind(user_id.to_string())
    .execute(&mut *db)
    .await?;
    if done.rows_affected() > 0 {
        end_sessions_in(db, (organization_id, user_id)).await?;
    }
    Ok(done.rows_affected())
}

async fn end_sessions_in(
    db: &mut SqliteConnection,
    (organization_id, user_id): (OrganizationId, UserId),
) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM browser_session WHERE organization_id = $1 AND person_id = $2")
        .bind(organization_id.to_string())
        .bind(user_id.to_string())
        .execute(db)
        .await?;
    Ok(())
}

/// Gives a person another name; returns how many were changed.
pub(super) async fn rename(
    db: &mut SqliteConnection,
    user_id: UserId,
    name: &str,
) -> Result<u64, sqlx::Error> {
    let done = sqlx::query("UPDATE person SET name = $1 WHERE id = $2")
        .bind(name)
        .bind(user_id.to_string())
        .execute(db)
        .await?;
    Ok(done.rows_affected())
}

/// Notes who a person is elsewhere, unless somebody is that already, or forgets it; returns how many were changed.
pub(super) async fn set_outside_id(
    db: &mut SqliteConnection,
    user_id: UserId,
    outside_id: Option<&str>,
) -> Result<u64, sqlx::Error> {
    let done = sqlx::query(
        "UPDATE person SET outside_id = $1
         WHERE id = $2 AND NOT EXISTS (SELECT 1 FROM person WHERE outside_id = $1 AND id <> $2)",
    )
    .bind(outside_id)
    .bind(user_id.to_string())
    .execute(db)
    .await?;
    Ok(done.rows_affected())
}

/// Sets a password and ends what the former one let in; returns how many people were changed.
pub(super) async fn set_password(
    db: &mut SqliteConnection,
    user_id: UserId,
    password_hash: &str,
    link: Option<&TokenHash>,
    now: Timestamp,
) -> Result<u64, sqlx::Error> {
    if let Some(link) = link {
        let sql = "DELETE FROM password_link WHERE hash = $1 AND person_id = $2 AND expires_at > $3";
        let used = sqlx::query(sql)
            .bind(hex(link))
            .bind(user_id.to_string())
            .bind(now.as_unix_micros())
            .execute(&mut *db)
            .await?;
        if used.rows_affected() == 0 {
            return Ok(0);
        }
    }
    let done = sqlx::query("UPDATE person SET password_hash = $1 WHERE id = $2")
        .bind(password_hash)
        .bind(user_id.to_string())
        .execute(&mut *db)
        .await?;
    for sql in
        ["DELETE FROM password_link WHERE person_id = $1", "DELETE FROM browser_session WHERE person_id = $1"]
    {
        sqlx::query(sql).bind(user_id.to_string()).execute(&mut *db).await?;
    }
    Ok(done.rows_affected())
}

/// Adds an invitation in the place of another one to the same address; returns how many were added.
pub(super) async fn invite(db: &mut SqliteConnection, added: &Invitation) -> Result<u64, sqlx::Error> {
    sqlx::query("DELETE FROM invitation WHERE organization_id = $1 AND email = $2")
        .bind(added.organization_id.to_string())
        .bind(&added.email)
        .execute(&mut *db)
        .await?;
    let done = sqlx::query(
        "INSERT INTO invitation (id, organization_id, email, role, hash, created_at, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(added.id.to_string())
    .bind(added.organization_id.to_string())
    .bind(&added.email)
    .bind(added.role.as_str())
    .bind(hex(&added.hash))
    .bind(added.created_at.as_unix_micros())
    .bind(added.expires_at.as_unix_micros())
    .execute(db)
    .await?;
    Ok(done.rows_affected())
}

/// Removes an invitation; returns how many were removed.
pub(super) async fn take_invitation_back(
    db: &mut SqliteConnection,
    organization_id: OrganizationId,
    id: InvitationId,
) -> Result<u64, sqlx::Error> {
    let done = sqlx::query("DELETE FROM invitation WHERE organization_id = $1 AND id = $2")
        .bind(organization_id.to_string())
        .bind(id.to_string())
        .execute(db)
        .await?;
    Ok(done.rows_affected())
}

/// Adds a link in the place of others of the same person; returns how many were added.
pub(super) async fn add_password_link(
    db: &mut SqliteConnection,
    added: &PasswordLink,
) -> Result<u64, sqlx::Error> {
    sqlx::query("DELETE FROM password_link WHERE person_id = $1")
        .bind(added.user_id.to_string())
        .execute(&mut *db)
        .await?;
    let done = sqlx::query(
        "INSERT INTO password_link (hash, person_id, expires_at)
         SELECT $1, id, $3 FROM person WHERE id = $2",
    )
    .bind(hex(&added.hash))
    .bind(added.user_id.to_string())
    .bind(added.expires_at.as_unix_micros())
    .execute(db)
    .await?;
    Ok(done.rows_affected())
}
