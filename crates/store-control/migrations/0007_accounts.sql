-- People: who they are, what they may do in which organisation, where they are signed in; and their part in the audit
-- log.
-- Portable: ids are lower-case UUID text, times are microseconds since the Unix epoch, hashes are lower-case hex.

CREATE TABLE person (
    id                    TEXT    NOT NULL PRIMARY KEY,
    -- In lower case.
    email                 TEXT    NOT NULL UNIQUE,
    name                  TEXT    NOT NULL,
    -- Argon2id in the PHC format; null while no password is set.
    password_hash         TEXT,
    -- `<issuer> <subject>` at the provider of identities.
    outside_id            TEXT    UNIQUE,
    is_installation_admin BOOLEAN NOT NULL,
    created_at            BIGINT  NOT NULL
);

CREATE TABLE membership (
    organization_id TEXT   NOT NULL REFERENCES organization (id),
    person_id       TEXT   NOT NULL REFERENCES person (id),
    role            TEXT   NOT NULL CHECK (role IN ('viewer', 'member', 'admin', 'owner')),
    created_at      BIGINT NOT NULL,
    PRIMARY KEY (organization_id, person_id)
);

CREATE INDEX membership_person ON membership (person_id);

CREATE TABLE invitation (
    id              TEXT   NOT NULL PRIMARY KEY,
    organization_id TEXT   NOT NULL REFERENCES organization (id),
    email           TEXT   NOT NULL,
    role            TEXT   NOT NULL CHECK (role IN ('viewer', 'member', 'admin', 'owner')),
    -- The SHA-256 of the token; the token itself is not kept.
    hash            TEXT   NOT NULL UNIQUE,
    created_at      BIGINT NOT NULL,
    expires_at      BIGINT NOT NULL,
    UNIQUE (organization_id, email)
);

CREATE TABLE browser_session (
    id              TEXT   NOT NULL PRIMARY KEY,
    person_id       TEXT   NOT NULL REFERENCES person (id),
    organization_id TEXT   NOT NULL REFERENCES organization (id),
    -- The SHA-256 of the token in the cookie; the token itself is not kept.
    hash            TEXT   NOT NULL UNIQUE,
    user_agent      TEXT   NOT NULL,
    address         TEXT   NOT NULL,
    created_at      BIGINT NOT NULL,
    expires_at      BIGINT NOT NULL,
    last_used_at    BIGINT NOT NULL
);

CREATE INDEX browser_session_person ON browser_session (person_id);

CREATE TABLE password_link (
    -- The SHA-256 of the token; the token itself is not kept.
    hash       TEXT   NOT NULL PRIMARY KEY,
    person_id  TEXT   NOT NULL REFERENCES person (id),
    expires_at BIGINT NOT NULL
);

-- At most one row: the link that lets the first person in.
CREATE TABLE first_visit (
    hash       TEXT   NOT NULL PRIMARY KEY,
    created_at BIGINT NOT NULL
);

CREATE TABLE audit_with_people (
    -- Ordered by time: UUID version 7.
    id              TEXT   NOT NULL PRIMARY KEY,
    organization_id TEXT   NOT NULL REFERENCES organization (id),
    happened_at     BIGINT NOT NULL,
    actor           TEXT   NOT NULL CHECK (actor IN ('key', 'user', 'command_line', 'server')),
    -- The actor's key or person, which may be another organisation's; null where the actor is neither.
    actor_id        TEXT   CHECK ((actor_id IS NOT NULL) = (actor IN ('key', 'user'))),
    action          TEXT   NOT NULL,
    subject         TEXT   NOT NULL,
    detail          TEXT   NOT NULL
);

INSERT INTO audit_with_people (id, organization_id, happened_at, actor, actor_id, action, subject, detail)
SELECT id, organization_id, happened_at, actor, actor_key_id, action, subject, detail FROM audit;

DROP TABLE audit;

ALTER TABLE audit_with_people RENAME TO audit;

CREATE INDEX audit_organization ON audit (organization_id, id);
