-- The import plan, what was uploaded, and the source partitions.
CREATE TABLE tasks (
    account_id            BIGINT NOT NULL,
    task_id               BIGINT NOT NULL,
    integration_id        BIGINT NOT NULL,
    source_table          TEXT   NOT NULL,
    acd                   BIGINT NOT NULL,
    row_date              TEXT   NOT NULL, -- YYYY-MM-DD, empty for tables without row_date
    purpose               TEXT   NOT NULL, -- initial, cycle, reimport
    state                 TEXT   NOT NULL, -- waiting, leased, done, dropped
    priority              BIGINT NOT NULL, -- lower first; then newest row_date first
    not_before_utc_ms     BIGINT NOT NULL,
    attempt               BIGINT NOT NULL,
    failures              BIGINT NOT NULL, -- in a row
    lease_until_utc_ms    BIGINT,
    leased_utc_ms         BIGINT,
    lease_link_id         BIGINT,
    lease_boot_id         TEXT,
    configuration_version BIGINT,          -- of the lease
    created_utc_ms        BIGINT NOT NULL,
    finished_utc_ms       BIGINT,
    outcome               TEXT,            -- applied, unchanged, setAside
    detail                TEXT   NOT NULL,
    row_count             BIGINT,
    PRIMARY KEY (account_id, task_id)
);
CREATE UNIQUE INDEX tasks_open_partition ON tasks (account_id, integration_id, source_table, acd, row_date)
    WHERE state IN ('waiting', 'leased');
CREATE INDEX tasks_queue ON tasks (account_id, integration_id, state, priority);

CREATE TABLE attempt_parts (
    account_id BIGINT NOT NULL,
    task_id    BIGINT NOT NULL,
    attempt    BIGINT NOT NULL,
    part       BIGINT NOT NULL,
    sha256     TEXT   NOT NULL,
    body       BYTEA  NOT NULL,
    PRIMARY KEY (account_id, task_id, attempt, part)
);

CREATE TABLE source_partitions (
    account_id        BIGINT NOT NULL,
    integration_id    BIGINT NOT NULL,
    source_table      TEXT   NOT NULL,
    acd               BIGINT NOT NULL,
    row_date          TEXT   NOT NULL,
    format_version    BIGINT NOT NULL,
    row_count         BIGINT NOT NULL,
    content_hash      BYTEA  NOT NULL, -- independent of the order of rows
    read_begin_utc_ms BIGINT NOT NULL,
    read_end_utc_ms   BIGINT NOT NULL,
    task_id           BIGINT NOT NULL,
    attempt           BIGINT NOT NULL,
    derived_under     TEXT   NOT NULL, -- the derivation settings in force, JSON
    derived_from_utc_s BIGINT,         -- first start among the derived rows
    derived_to_utc_s  BIGINT,          -- last start among the derived rows
    rejected          TEXT   NOT NULL, -- JSON
    doubtful          TEXT   NOT NULL, -- JSON
    content           BYTEA  NOT NULL, -- source columns, MessagePack in zstd
    PRIMARY KEY (account_id, integration_id, source_table, acd, row_date)
);

CREATE TABLE set_aside (
    account_id        BIGINT NOT NULL,
    set_aside_id      BIGINT NOT NULL,
    integration_id    BIGINT NOT NULL,
    source_table      TEXT   NOT NULL,
    acd               BIGINT NOT NULL,
    row_date          TEXT   NOT NULL,
    task_id           BIGINT NOT NULL,
    attempt           BIGINT NOT NULL,
    reason            TEXT   NOT NULL,
    detail            TEXT   NOT NULL,
    row_count         BIGINT NOT NULL,
    read_begin_utc_ms BIGINT NOT NULL,
    content           BYTEA,           -- absent where it could not be read
    at_utc_ms         BIGINT NOT NULL,
    PRIMARY KEY (account_id, set_aside_id)
);
-- The newest reading that was set aside is kept for each partition; one that is applied removes it.
CREATE UNIQUE INDEX set_aside_partition ON set_aside (account_id, integration_id, source_table, acd, row_date);
