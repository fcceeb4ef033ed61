-- What the calls of half an hour add up to. Lines are only added: those of the same half hour, dimension and
-- value are summed, and what is no longer so is taken away by a line with negative numbers. They hold the rows
-- before `rolled_up.next_row_key` that are visible, as revisions have them.
CREATE TABLE call_sums (
    organization_id UUID NOT NULL,
    -- When the half hour began (UTC).
    began TIMESTAMP NOT NULL,
    -- 0 for all calls, else by what: 1 model, 2 provider, 3 country, 4 status, 5 name of a property it was sent with.
    dimension UTINYINT NOT NULL,
    value VARCHAR,
    calls BIGINT NOT NULL,
    errors BIGINT NOT NULL,
    rate_limited BIGINT NOT NULL,
    cached BIGINT NOT NULL,
    threats BIGINT NOT NULL,
    -- Of each amount: for how many calls it is known, and the sum of these, as high * 2^32 + low.
    cost_known BIGINT NOT NULL, cost_high BIGINT NOT NULL, cost_low BIGINT NOT NULL,
    total_us_known BIGINT NOT NULL, total_us_high BIGINT NOT NULL, total_us_low BIGINT NOT NULL,
    first_token_us_known BIGINT NOT NULL, first_token_us_high BIGINT NOT NULL, first_token_us_low BIGINT NOT NULL,
    prompt_tokens_known BIGINT NOT NULL, prompt_tokens_high BIGINT NOT NULL, prompt_tokens_low BIGINT NOT NULL,
    completion_tokens_known BIGINT NOT NULL, completion_tokens_high BIGINT NOT NULL,
    completion_tokens_low BIGINT NOT NULL,
    prompt_cache_read_tokens_known BIGINT NOT NULL, prompt_cache_read_tokens_high BIGINT NOT NULL,
    prompt_cache_read_tokens_low BIGINT NOT NULL,
    prompt_cache_write_tokens_known BIGINT NOT NULL, prompt_cache_write_tokens_high BIGINT NOT NULL,
    prompt_cache_write_tokens_low BIGINT NOT NULL,
    reasoning_tokens_known BIGINT NOT NULL, reasoning_tokens_high BIGINT NOT NULL,
    reasoning_tokens_low BIGINT NOT NULL,
    total_tokens_known BIGINT NOT NULL, total_tokens_high BIGINT NOT NULL, total_tokens_low BIGINT NOT NULL,
    saved_cost_known BIGINT NOT NULL, saved_cost_high BIGINT NOT NULL, saved_cost_low BIGINT NOT NULL,
    saved_us_known BIGINT NOT NULL, saved_us_high BIGINT NOT NULL, saved_us_low BIGINT NOT NULL
);

-- How many calls of half an hour took how long: a piece is 1/26 wide by its natural logarithm, -1 is 0 µs.
CREATE TABLE call_pieces (
    organization_id UUID NOT NULL,
    began TIMESTAMP NOT NULL,
    -- 1 for the whole duration, 2 for the time to the first token.
    quantity UTINYINT NOT NULL,
    piece SMALLINT NOT NULL,
    calls BIGINT NOT NULL
);

-- One row: the first row that is not in the sums yet.
CREATE TABLE rolled_up (next_row_key UBIGINT NOT NULL);
INSERT INTO rolled_up VALUES (1);
