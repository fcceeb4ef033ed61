-- What the gateway did with a call beside passing it on. Rows of before have the default or null in all of it.
ALTER TABLE request_response_rmt ADD COLUMN source VARCHAR DEFAULT 'gateway';
-- JSON; null where the row's own columns tell of its one attempt, or of none.
ALTER TABLE request_response_rmt ADD COLUMN attempts VARCHAR;
ALTER TABLE request_response_rmt ADD COLUMN fallback_index USMALLINT;
-- `miss` or `hit`; null when the caller did not enable the cache.
ALTER TABLE request_response_rmt ADD COLUMN cache_status VARCHAR;
ALTER TABLE request_response_rmt ADD COLUMN cache_bucket_index USMALLINT;
-- What a hit saved; null, never 0, where that is not known.
ALTER TABLE request_response_rmt ADD COLUMN saved_us UBIGINT;
ALTER TABLE request_response_rmt ADD COLUMN saved_cost BIGINT;
ALTER TABLE request_response_rmt ADD COLUMN saved_prompt_tokens UBIGINT;
ALTER TABLE request_response_rmt ADD COLUMN saved_completion_tokens UBIGINT;
ALTER TABLE request_response_rmt ADD COLUMN rate_limit_policy VARCHAR;
-- `allowed`, `refused` or `error`; null when there was no limit.
ALTER TABLE request_response_rmt ADD COLUMN rate_limit_status VARCHAR;
ALTER TABLE request_response_rmt ADD COLUMN rate_limit_error VARCHAR;
-- JSON; null when no guard was asked.
ALTER TABLE request_response_rmt ADD COLUMN guards VARCHAR;
ALTER TABLE request_response_rmt ADD COLUMN threat BOOLEAN;
ALTER TABLE request_response_rmt ADD COLUMN proxy_key_id UUID;
-- JSON: a list of name and value, in the order of the request; null when there are none.
ALTER TABLE request_response_rmt ADD COLUMN prompt_inputs VARCHAR;
