-- How often an organisation called an origin on a day.
-- Portable: ids are lower-case UUID text, times are microseconds since the Unix epoch, days are counted from it.

CREATE TABLE counter (
    organization_id TEXT   NOT NULL,
    -- Scheme, host and port.
    origin          TEXT   NOT NULL,
    day             BIGINT NOT NULL,
    used            BIGINT NOT NULL,
    not_before      BIGINT NOT NULL,
    PRIMARY KEY (organization_id, origin)
);
