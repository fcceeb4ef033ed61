-- The limits that organisations set for their calls, the vault of providers' keys, and webhooks.
-- Portable: ids are lower-case UUID text, times are microseconds since the Unix epoch, hashes and sealed values are
-- lower-case hex, lists and maps are JSON text.

CREATE TABLE rate_limit (
    id              TEXT    NOT NULL PRIMARY KEY,
    organization_id TEXT    NOT NULL REFERENCES organization (id),
    -- Only calls with this key; null for all of the organisation's.
    api_key_id      TEXT    REFERENCES api_key (id),
    name            TEXT    NOT NULL,
    policy          TEXT    NOT NULL,
    is_enabled      BOOLEAN NOT NULL,
    created_at      BIGINT  NOT NULL,
    updated_at      BIGINT  NOT NULL
);

CREATE INDEX rate_limit_organization ON rate_limit (organization_id);

CREATE TABLE provider_key (
    id              TEXT    NOT NULL PRIMARY KEY,
    organization_id TEXT    NOT NULL REFERENCES organization (id),
    name            TEXT    NOT NULL,
    provider        TEXT    NOT NULL,
    -- Patterns of hosts; none for those of the provider in the table of providers.
    hosts           TEXT    NOT NULL,
    -- Sealed; empty when the key was revoked.
    secret          TEXT    NOT NULL CHECK ((secret = '') = (revoked_at IS NOT NULL)),
    extra_secret    TEXT    CHECK (extra_secret IS NULL OR revoked_at IS NULL),
    config          TEXT    NOT NULL,
    is_active       BOOLEAN NOT NULL,
    created_at      BIGINT  NOT NULL,
    updated_at      BIGINT  NOT NULL,
    revoked_at      BIGINT
);

CREATE INDEX provider_key_organization ON provider_key (organization_id);

CREATE TABLE proxy_key (
    id              TEXT   NOT NULL PRIMARY KEY,
    organization_id TEXT   NOT NULL REFERENCES organization (id),
    provider_key_id TEXT   NOT NULL REFERENCES provider_key (id),
    name            TEXT   NOT NULL,
    -- The SHA-256 of `Bearer <key>`; the key itself is not kept.
    hash            TEXT   NOT NULL UNIQUE,
    limits          TEXT   NOT NULL,
    created_at      BIGINT NOT NULL,
    expires_at      BIGINT,
    revoked_at      BIGINT
);

CREATE INDEX proxy_key_organization ON proxy_key (organization_id);

-- Apart from the keys: it is written often, and is no change of a key.
CREATE TABLE proxy_key_use (
    proxy_key_id TEXT   NOT NULL PRIMARY KEY REFERENCES proxy_key (id),
    last_used_at BIGINT NOT NULL
);

CREATE TABLE webhook (
    id               TEXT    NOT NULL PRIMARY KEY,
    organization_id  TEXT    NOT NULL REFERENCES organization (id),
    destination      TEXT    NOT NULL,
    -- The key of its signatures, sealed.
    secret           TEXT    NOT NULL,
    -- In thousandths of a per cent.
    sample_rate      BIGINT  NOT NULL CHECK (sample_rate BETWEEN 0 AND 100000),
    property_filters TEXT    NOT NULL,
    include_data     BOOLEAN NOT NULL,
    is_active        BOOLEAN NOT NULL,
    created_at       BIGINT  NOT NULL
);

CREATE INDEX webhook_organization ON webhook (organization_id);

CREATE TABLE dead_letter (
    -- Ordered by time: UUID version 7.
    id              TEXT   NOT NULL PRIMARY KEY,
    webhook_id      TEXT   NOT NULL REFERENCES webhook (id),
    organization_id TEXT   NOT NULL REFERENCES organization (id),
    request_id      TEXT   NOT NULL,
    body            TEXT   NOT NULL,
    error           TEXT   NOT NULL,
    attempts        BIGINT NOT NULL,
    failed_at       BIGINT NOT NULL
);

CREATE INDEX dead_letter_organization ON dead_letter (organization_id, id);
CREATE INDEX dead_letter_webhook ON dead_letter (webhook_id);
