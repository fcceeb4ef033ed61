-- Where the limits of calls stand.

CREATE TABLE limit_state (
    organization_id TEXT   NOT NULL,
    -- Who set the limit, what it allows, and whose calls it counts.
    limit_key       TEXT   NOT NULL,
    -- What was used; its first byte says how the rest reads.
    state           BLOB   NOT NULL,
    -- From when on it limits nothing any more.
    expires_at      BIGINT NOT NULL,
    PRIMARY KEY (organization_id, limit_key)
);

CREATE INDEX limit_state_expires_at ON limit_state (expires_at);
