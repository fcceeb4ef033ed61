-- What else the price of a call depends on, so that it can be priced anew from its columns alone. Rows of before
-- have null in all of it: whether they were billed by a tier, or with a variant, is not known.
ALTER TABLE request_response_rmt ADD COLUMN service_tier VARCHAR;
ALTER TABLE request_response_rmt ADD COLUMN variant VARCHAR;
-- What the provider says that the call cost, in 10^-9 US dollars.
ALTER TABLE request_response_rmt ADD COLUMN declared_cost BIGINT;
-- Null for rows of before.
ALTER TABLE request_response_rmt ADD COLUMN extra_charges BOOLEAN;
-- JSON: the counts that have no column of their own, by the names of their classes; null when there are none.
ALTER TABLE request_response_rmt ADD COLUMN usage_details VARCHAR;
-- The mapping that read the bodies; null for built-in readers.
ALTER TABLE request_response_rmt ADD COLUMN mapper_id VARCHAR;
ALTER TABLE request_response_rmt ADD COLUMN mapper_version UINTEGER;

-- What takes the place of what a row says: at most one line a row. There is no index: lines are found by the range
-- of their keys, and a key over all of them would have to stay in memory.
CREATE TABLE revisions (
    row_key UBIGINT NOT NULL,
    organization_id UUID NOT NULL,
    revised_at TIMESTAMP NOT NULL,
    -- `reprice` or `mapping`.
    reason VARCHAR NOT NULL,
    cost BIGINT,
    cost_status VARCHAR NOT NULL,
    -- Whether the columns from here on count; a row that was only priced anew keeps its own.
    has_reading BOOLEAN NOT NULL,
    model VARCHAR,
    usage_source VARCHAR,
    prompt_tokens UBIGINT,
    completion_tokens UBIGINT,
    prompt_cache_read_tokens UBIGINT,
    prompt_cache_write_tokens UBIGINT,
    prompt_audio_tokens UBIGINT,
    completion_audio_tokens UBIGINT,
    reasoning_tokens UBIGINT,
    total_tokens UBIGINT,
    usage_details VARCHAR,
    mapper_id VARCHAR,
    mapper_version UINTEGER,
    -- Null where that of the row stays.
    request_preview VARCHAR,
    response_preview VARCHAR
);
