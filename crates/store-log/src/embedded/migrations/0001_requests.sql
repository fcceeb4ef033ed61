-- One row a call. Rows are only added; a row that a later one of the same id replaces is marked, not removed.
CREATE TABLE request_response_rmt (
    -- Counts up from 1 over the whole store; ties a row to its bodies.
    row_key UBIGINT NOT NULL,
    superseded BOOLEAN NOT NULL,
    client_chose_id BOOLEAN NOT NULL,
    organization_id UUID NOT NULL,
    request_id UUID NOT NULL,
    request_created_at TIMESTAMP NOT NULL,
    response_id UUID,
    response_created_at TIMESTAMP,
    key_id UUID,
    outcome VARCHAR NOT NULL,
    status INTEGER NOT NULL,
    error_kind VARCHAR,
    attempt_count USMALLINT NOT NULL,
    method VARCHAR NOT NULL,
    path VARCHAR NOT NULL,
    target_url VARCHAR NOT NULL,
    provider VARCHAR NOT NULL,
    model VARCHAR NOT NULL,
    request_model VARCHAR,
    response_model VARCHAR,
    model_override VARCHAR,
    is_stream BOOLEAN NOT NULL,
    user_id VARCHAR NOT NULL,
    properties MAP(VARCHAR, VARCHAR) NOT NULL,
    country_code VARCHAR,
    prompt_id VARCHAR NOT NULL,
    prompt_version VARCHAR NOT NULL,
    request_referrer VARCHAR NOT NULL,
    cache_enabled BOOLEAN NOT NULL,
    cache_reference_id UUID,
    usage_source VARCHAR NOT NULL,
    prompt_tokens UBIGINT,
    completion_tokens UBIGINT,
    prompt_cache_read_tokens UBIGINT,
    prompt_cache_write_tokens UBIGINT,
    prompt_audio_tokens UBIGINT,
    completion_audio_tokens UBIGINT,
    reasoning_tokens UBIGINT,
    total_tokens UBIGINT,
    -- In 10^-9 US dollars; null, never 0, when it is not known.
    cost BIGINT,
    cost_status VARCHAR NOT NULL,
    -- In milliseconds; the exact values are the ones in microseconds below.
    latency UBIGINT NOT NULL,
    time_to_first_token UBIGINT,
    total_us UBIGINT NOT NULL,
    connect_us UBIGINT,
    first_byte_us UBIGINT,
    first_token_us UBIGINT,
    request_bytes UBIGINT NOT NULL,
    response_bytes UBIGINT NOT NULL,
    request_body_state VARCHAR NOT NULL,
    response_body_state VARCHAR NOT NULL,
    request_preview VARCHAR,
    response_preview VARCHAR
);

-- The bodies, many rows of one tenant in a block: `embedded/bodies.rs` has the form. The ranges of one
-- tenant's blocks don't overlap.
CREATE TABLE body_blocks (
    organization_id UUID NOT NULL,
    first_row_key UBIGINT NOT NULL,
    last_row_key UBIGINT NOT NULL,
    -- When the latest of the calls began.
    latest TIMESTAMP NOT NULL,
    content BLOB NOT NULL USING COMPRESSION uncompressed
);

-- One row: the journal position behind the last stored batch, and the next row key.
CREATE TABLE journal_cursor (position UBIGINT NOT NULL, next_row_key UBIGINT NOT NULL);
INSERT INTO journal_cursor VALUES (0, 1);
