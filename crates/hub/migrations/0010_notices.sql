-- What changed at a source between two looks, or does not fit its settings. Shown until somebody has read it.
CREATE TABLE notices (
    account_id       BIGINT NOT NULL,
    notice_id        BIGINT NOT NULL,
    integration_id   BIGINT NOT NULL,
    code             TEXT   NOT NULL,
    subject          TEXT   NOT NULL, -- what it is about: a table, a table and ACD, an ACD; empty: the source
    parameters       TEXT   NOT NULL, -- JSON object of texts, for pages that translate by code
    message          TEXT   NOT NULL, -- English
    raised_utc_ms    BIGINT NOT NULL,
    dismissed_utc_ms BIGINT,          -- NULL: open
    PRIMARY KEY (account_id, notice_id)
);
CREATE INDEX notices_of_integration ON notices (account_id, integration_id, notice_id);

-- The newest interval of an ACD at each look, to find out whether its zone is right. The last few days only.
CREATE TABLE newest_seen (
    account_id     BIGINT NOT NULL,
    integration_id BIGINT NOT NULL,
    acd            BIGINT NOT NULL,
    seen_utc_s     BIGINT NOT NULL,
    look           TEXT   NOT NULL, -- JSON
    PRIMARY KEY (account_id, integration_id, acd, seen_utc_s)
);
