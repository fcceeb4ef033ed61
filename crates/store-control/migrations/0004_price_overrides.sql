-- The prices that organisations set for their own calls.
-- Portable: ids are lower-case UUID text, times are microseconds since the Unix epoch.

CREATE TABLE price_override (
    id              TEXT   NOT NULL PRIMARY KEY,
    organization_id TEXT   NOT NULL REFERENCES organization (id),
    -- The price row, as JSON.
    price           TEXT   NOT NULL,
    created_at      BIGINT NOT NULL,
    updated_at      BIGINT NOT NULL
);

CREATE INDEX price_override_organization ON price_override (organization_id);
