-- What people did. Personal data: nothing is here unless a scope was set for it.
CREATE TABLE agents (
    account_id     BIGINT NOT NULL,
    agent_id       BIGINT NOT NULL,
    integration_id BIGINT NOT NULL,
    acd            BIGINT NOT NULL,
    login          TEXT   NOT NULL, -- unique within its ACD only
    PRIMARY KEY (account_id, agent_id),
    UNIQUE (account_id, integration_id, acd, login)
);

-- What one partition says of one agent: the stream rows of a day as one document. row_day is the partition's date as
-- days since 1970-01-01.
CREATE TABLE agent_records (
    account_id BIGINT NOT NULL,
    agent_id   BIGINT NOT NULL,
    stream     TEXT   NOT NULL, -- agent_intervals, agent_sessions, agent_statuses
    row_day    BIGINT NOT NULL,
    content    BYTEA  NOT NULL, -- stream rows, MessagePack in zstd
    PRIMARY KEY (account_id, agent_id, stream, row_day)
);

-- How the agent tables of an ACD are to be read, found out from its own rows.
CREATE TABLE agent_findings (
    account_id      BIGINT NOT NULL,
    integration_id  BIGINT NOT NULL,
    acd             BIGINT NOT NULL,
    examined_utc_ms BIGINT NOT NULL,
    sample          TEXT   NOT NULL, -- the content of the partitions examined, as a hash
    findings        TEXT   NOT NULL, -- JSON
    PRIMARY KEY (account_id, integration_id, acd)
);

-- The scope a partition was read under, JSON; empty for tables without personal data.
ALTER TABLE source_partitions ADD COLUMN scope TEXT NOT NULL DEFAULT '';

-- Counts first loads and changes of settings, and up to which of them stored partitions were brought up to date.
ALTER TABLE integration_status ADD COLUMN stored_count BIGINT NOT NULL DEFAULT 0;
ALTER TABLE integration_status ADD COLUMN settled_count BIGINT NOT NULL DEFAULT 0;
