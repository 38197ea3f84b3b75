-- When the source collected nothing, or doubtful data. row_day is the partition's date as days since 1970-01-01.
CREATE TABLE outages (
    account_id     BIGINT NOT NULL,
    integration_id BIGINT NOT NULL,
    acd            BIGINT NOT NULL,
    row_day        BIGINT NOT NULL,
    number         BIGINT NOT NULL, -- within the partition
    start_utc_s    BIGINT NOT NULL,
    end_utc_s      BIGINT NOT NULL, -- exclusive
    duration_s     BIGINT NOT NULL, -- as the source says
    reason         TEXT   NOT NULL, -- a stable name, or the source's number
    quality        TEXT   NOT NULL, -- final; ambiguous where start and end hold more than the duration
    PRIMARY KEY (account_id, integration_id, acd, row_day, number)
);
CREATE INDEX outages_time ON outages (account_id, integration_id, start_utc_s);

-- How often the figures of a slot were corrected is counted in the journal.
CREATE INDEX journal_slots ON journal (account_id, integration_id, stream, acd, start_utc_s);

-- An ACD without rows in open hours; found when the plan is looked at, gone when there are rows.
ALTER TABLE integration_status ADD COLUMN rows_problem TEXT; -- JSON
ALTER TABLE integration_status ADD COLUMN rows_problem_utc_ms BIGINT;
