-- The values of an organisation's first properties in columns of their own: looking a name up in every row's map
-- takes twenty times as long. `properties` goes on having them all. The first three are the session's id, name and
-- path, whosever the row is.
ALTER TABLE request_response_rmt ADD COLUMN property_0 VARCHAR;
ALTER TABLE request_response_rmt ADD COLUMN property_1 VARCHAR;
ALTER TABLE request_response_rmt ADD COLUMN property_2 VARCHAR;
ALTER TABLE request_response_rmt ADD COLUMN property_3 VARCHAR;
ALTER TABLE request_response_rmt ADD COLUMN property_4 VARCHAR;
ALTER TABLE request_response_rmt ADD COLUMN property_5 VARCHAR;
ALTER TABLE request_response_rmt ADD COLUMN property_6 VARCHAR;
ALTER TABLE request_response_rmt ADD COLUMN property_7 VARCHAR;
ALTER TABLE request_response_rmt ADD COLUMN property_8 VARCHAR;
ALTER TABLE request_response_rmt ADD COLUMN property_9 VARCHAR;
ALTER TABLE request_response_rmt ADD COLUMN property_10 VARCHAR;
ALTER TABLE request_response_rmt ADD COLUMN property_11 VARCHAR;
ALTER TABLE request_response_rmt ADD COLUMN property_12 VARCHAR;
ALTER TABLE request_response_rmt ADD COLUMN property_13 VARCHAR;
ALTER TABLE request_response_rmt ADD COLUMN property_14 VARCHAR;
ALTER TABLE request_response_rmt ADD COLUMN property_15 VARCHAR;

-- Which property is in which of the other columns.
CREATE TABLE property_columns (
    organization_id UUID NOT NULL,
    name VARCHAR NOT NULL,
    -- The number of the column, from 3 on.
    number UTINYINT NOT NULL
);

-- One row: the first row whose columns are filled; those before have their properties in the map only.
CREATE TABLE property_columns_from (first_row_key UBIGINT NOT NULL);
INSERT INTO property_columns_from SELECT next_row_key FROM journal_cursor;
