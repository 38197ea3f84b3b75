-- Dates that are read again by tiers, partitions that need not be read, and previews of re-imports.

-- A preview applies nothing, so it does not stand in the way of a reading of the same partition.
DROP INDEX tasks_open_partition;
CREATE UNIQUE INDEX tasks_open_partition ON tasks (account_id, integration_id, source_table, acd, row_date)
    WHERE state IN ('waiting', 'leased') AND purpose <> 'preview';

-- The fingerprint of the rows (model::fingerprint), with which the Link asks the source whether they changed; empty where
-- there is none.
ALTER TABLE source_partitions ADD COLUMN fingerprint TEXT NOT NULL DEFAULT '';

CREATE TABLE previews (
    account_id     BIGINT NOT NULL,
    preview_id     BIGINT NOT NULL,
    integration_id BIGINT NOT NULL,
    stream         TEXT   NOT NULL,
    from_date      TEXT   NOT NULL, -- YYYY-MM-DD
    to_date        TEXT   NOT NULL, -- the day after the last
    created_utc_ms BIGINT NOT NULL,
    PRIMARY KEY (account_id, preview_id)
);
CREATE INDEX previews_newest ON previews (account_id, integration_id, created_utc_ms);

-- What reading one partition again would change. Its task holds how far it is.
CREATE TABLE preview_partitions (
    account_id      BIGINT NOT NULL,
    preview_id      BIGINT NOT NULL,
    task_id         BIGINT NOT NULL,
    acd             BIGINT NOT NULL,
    row_date        TEXT   NOT NULL,
    outcome         TEXT,            -- unchanged, changed, setAside; NULL until it was read
    detail          TEXT   NOT NULL, -- why it would be set aside
    figures_changed BIGINT NOT NULL,
    figures         TEXT   NOT NULL, -- JSON, the first of them
    PRIMARY KEY (account_id, preview_id, task_id)
);
CREATE INDEX preview_partitions_task ON preview_partitions (account_id, task_id);
