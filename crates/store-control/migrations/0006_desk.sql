-- What organisations keep to work with their calls.
-- Portable: ids are lower-case UUID text, times are microseconds since the Unix epoch.

CREATE TABLE saved_query (
    id              TEXT   NOT NULL PRIMARY KEY,
    organization_id TEXT   NOT NULL REFERENCES organization (id),
    name            TEXT   NOT NULL,
    sql             TEXT   NOT NULL,
    created_at      BIGINT NOT NULL,
    updated_at      BIGINT NOT NULL
);

CREATE INDEX saved_query_organization ON saved_query (organization_id);

CREATE TABLE saved_filter (
    id              TEXT   NOT NULL PRIMARY KEY,
    organization_id TEXT   NOT NULL REFERENCES organization (id),
    name            TEXT   NOT NULL,
    -- The filter tree, as JSON.
    filter          TEXT   NOT NULL,
    created_at      BIGINT NOT NULL,
    updated_at      BIGINT NOT NULL
);

CREATE INDEX saved_filter_organization ON saved_filter (organization_id);

CREATE TABLE hidden_property (
    organization_id TEXT NOT NULL REFERENCES organization (id),
    name            TEXT NOT NULL,
    PRIMARY KEY (organization_id, name)
);

CREATE TABLE session_tag (
    organization_id TEXT NOT NULL REFERENCES organization (id),
    session_id      TEXT NOT NULL,
    tag             TEXT NOT NULL,
    PRIMARY KEY (organization_id, session_id)
);
