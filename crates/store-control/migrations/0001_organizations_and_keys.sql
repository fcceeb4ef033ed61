-- Tenants and the keys that belong to them.
-- Portable: ids are lower-case UUID text, times are microseconds since the Unix epoch, hashes are lower-case hex.

CREATE TABLE organization (
    id         TEXT   NOT NULL PRIMARY KEY,
    -- Names an organisation that the program itself looks for: 'default'. Null for all others.
    slug       TEXT   UNIQUE,
    name       TEXT   NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE TABLE api_key (
    id              TEXT   NOT NULL PRIMARY KEY,
    organization_id TEXT   NOT NULL REFERENCES organization (id),
    name            TEXT   NOT NULL,
    -- The SHA-256 of `Bearer <key>`; the key itself is not kept.
    hash            TEXT   NOT NULL UNIQUE,
    permissions     TEXT   NOT NULL CHECK (permissions IN ('rw', 'r', 'w')),
    created_at      BIGINT NOT NULL
);

CREATE INDEX api_key_organization ON api_key (organization_id);
