-- What is added to a call after it: one row for each organisation, call, kind and name. The call itself may
-- come later or never. There is no index: the few rows that are looked at are found by scanning one column,
-- and a key over all of them would have to stay in memory.
CREATE TABLE annotations (
    organization_id UUID NOT NULL,
    request_id UUID NOT NULL,
    -- `property` or `feedback`.
    kind VARCHAR NOT NULL,
    name VARCHAR NOT NULL,
    value VARCHAR NOT NULL,
    -- Of feedback: `boolean` (`true`, `false`), `numerical`, `string` or `categorical`; of properties `string`.
    data_type VARCHAR NOT NULL,
    annotated_at TIMESTAMP NOT NULL
);
