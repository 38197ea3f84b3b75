-- What Links asked of the source, by hour and start of the Link: the load report. A total replaces the one before.
CREATE TABLE link_load (
    account_id     BIGINT  NOT NULL,
    integration_id BIGINT  NOT NULL,
    hour_utc_s     BIGINT  NOT NULL,
    boot_id        TEXT    NOT NULL,
    statements     BIGINT  NOT NULL,
    failures       BIGINT  NOT NULL,
    row_count      BIGINT  NOT NULL,
    byte_count     BIGINT  NOT NULL,
    busy_ms        BIGINT  NOT NULL,
    longest_ms     BIGINT  NOT NULL,
    budget_used    BOOLEAN NOT NULL,
    PRIMARY KEY (account_id, integration_id, hour_utc_s, boot_id)
);
