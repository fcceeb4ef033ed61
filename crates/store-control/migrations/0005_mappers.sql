-- Mappers and their versions.
-- Portable: ids are lower-case UUID text, times are microseconds since the Unix epoch, lists are JSON text.

CREATE TABLE mapper (
    id              TEXT   NOT NULL PRIMARY KEY,
    organization_id TEXT   NOT NULL REFERENCES organization (id),
    host            TEXT   NOT NULL,
    method          TEXT   NOT NULL,
    path            TEXT   NOT NULL,
    status          TEXT   NOT NULL,
    active_version  BIGINT,
    -- The ids of calls.
    samples         TEXT   NOT NULL,
    inferred_at     BIGINT,
    created_at      BIGINT NOT NULL,
    updated_at      BIGINT NOT NULL,
    UNIQUE (organization_id, host, method, path)
);

CREATE TABLE mapper_version (
    mapper_id       TEXT   NOT NULL REFERENCES mapper (id),
    organization_id TEXT   NOT NULL REFERENCES organization (id),
    version         BIGINT NOT NULL,
    parent          BIGINT,
    status          TEXT   NOT NULL,
    document        TEXT   NOT NULL,
    report          TEXT   NOT NULL,
    created_by      TEXT   NOT NULL,
    created_at      BIGINT NOT NULL,
    PRIMARY KEY (mapper_id, version)
);
