-- Under which scope a reading was made that was set aside; empty for tables without agent data, and where an older hub set
-- it aside.
ALTER TABLE set_aside ADD COLUMN scope TEXT NOT NULL DEFAULT '';

-- What was decided about readings that were set aside, by whom and why.
CREATE TABLE set_aside_decisions (
    account_id      BIGINT  NOT NULL,
    set_aside_id    BIGINT  NOT NULL,
    integration_id  BIGINT  NOT NULL,
    source_table    TEXT    NOT NULL,
    acd             BIGINT  NOT NULL,
    row_date        TEXT    NOT NULL,
    reason          TEXT    NOT NULL, -- why it was set aside
    row_count       BIGINT  NOT NULL,
    content_hash    BYTEA   NOT NULL, -- empty: not known
    accepted        BOOLEAN NOT NULL,
    why             TEXT    NOT NULL,
    decided_by      TEXT    NOT NULL, -- address of the user
    decided_utc_ms  BIGINT  NOT NULL,
    PRIMARY KEY (account_id, set_aside_id)
);
CREATE INDEX set_aside_decisions_partition ON set_aside_decisions (account_id, integration_id, source_table, acd, row_date);
