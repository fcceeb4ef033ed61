-- The end of a key, its last use, domains, host rules, and who changed what.
-- Portable: ids are lower-case UUID text, times are microseconds since the Unix epoch.

CREATE UNIQUE INDEX organization_name ON organization (name);

-- Whether the key may decide for the whole installation.
ALTER TABLE api_key ADD COLUMN is_admin BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE api_key ADD COLUMN updated_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE api_key ADD COLUMN expires_at BIGINT;
ALTER TABLE api_key ADD COLUMN revoked_at BIGINT;
UPDATE api_key SET updated_at = created_at;
-- The key that the first start made is an administrator's.
UPDATE api_key SET is_admin = TRUE WHERE name = 'bootstrap';

-- Apart from the keys: it is written often, and is no change of a key.
CREATE TABLE key_use (
    key_id       TEXT   NOT NULL PRIMARY KEY REFERENCES api_key (id),
    last_used_at BIGINT NOT NULL
);

CREATE TABLE domain (
    id              TEXT   NOT NULL PRIMARY KEY,
    organization_id TEXT   NOT NULL REFERENCES organization (id),
    -- A lower-case ASCII host without a trailing dot.
    name            TEXT   NOT NULL,
    kind            TEXT   NOT NULL CHECK (kind IN ('personal', 'company')),
    -- The company's name; null where the kind is another.
    company         TEXT   CHECK ((company IS NOT NULL) = (kind = 'company')),
    status          TEXT   NOT NULL CHECK (status IN ('pending', 'approved', 'rejected', 'withdrawn')),
    approved_by     TEXT   CHECK (approved_by IN ('record', 'administrator')),
    reason          TEXT,
    created_at      BIGINT NOT NULL,
    updated_at      BIGINT NOT NULL,
    checked_at      BIGINT,
    UNIQUE (organization_id, name)
);

CREATE TABLE host_rule (
    id              TEXT   NOT NULL PRIMARY KEY,
    organization_id TEXT   NOT NULL REFERENCES organization (id),
    -- A host with at most one `*`, and a port or none.
    pattern         TEXT   NOT NULL,
    effect          TEXT   NOT NULL CHECK (effect IN ('allow', 'deny')),
    created_at      BIGINT NOT NULL,
    UNIQUE (organization_id, pattern)
);

CREATE TABLE audit (
    -- Ordered by time: UUID version 7.
    id              TEXT   NOT NULL PRIMARY KEY,
    organization_id TEXT   NOT NULL REFERENCES organization (id),
    happened_at     BIGINT NOT NULL,
    actor           TEXT   NOT NULL CHECK (actor IN ('key', 'command_line', 'server')),
    -- The actor's key, which may be another organisation's; null where the actor is no key.
    actor_key_id    TEXT   CHECK ((actor_key_id IS NOT NULL) = (actor = 'key')),
    action          TEXT   NOT NULL,
    subject         TEXT   NOT NULL,
    detail          TEXT   NOT NULL
);

CREATE INDEX audit_organization ON audit (organization_id, id);
