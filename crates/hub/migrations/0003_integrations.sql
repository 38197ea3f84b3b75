-- Integrations, what is known of them, and the Links that serve them.
CREATE TABLE integrations (
    account_id            BIGINT  NOT NULL,
    integration_id        BIGINT  NOT NULL,
    name                  TEXT    NOT NULL,
    source                TEXT    NOT NULL,
    code                  TEXT    NOT NULL, -- what the Link's --integration takes
    paused                BOOLEAN NOT NULL,
    paused_utc_ms         BIGINT,
    deleted_utc_ms        BIGINT,
    configuration_version BIGINT  NOT NULL, -- raised with every change of the configuration
    configuration         TEXT    NOT NULL, -- JSON
    configured_utc_ms     BIGINT  NOT NULL,
    desired_version       BIGINT  NOT NULL, -- raised with every change a Link has to hear of
    created_utc_ms        BIGINT  NOT NULL,
    PRIMARY KEY (account_id, integration_id),
    UNIQUE (account_id, code)
);
CREATE UNIQUE INDEX integrations_name ON integrations (account_id, name) WHERE deleted_utc_ms IS NULL;

CREATE TABLE integration_status (
    account_id               BIGINT NOT NULL,
    integration_id           BIGINT NOT NULL,
    capabilities             TEXT,            -- JSON, from the last examination that succeeded
    capabilities_utc_ms      BIGINT,
    clock_difference_ms      BIGINT,          -- the Link's clock minus the hub's
    examine_requested        BIGINT NOT NULL, -- number of the last request
    examine_requested_utc_ms BIGINT NOT NULL,
    examine_answered         BIGINT NOT NULL, -- number of the last request that was answered
    examine_failures         BIGINT NOT NULL, -- in a row
    examine_problem          TEXT,            -- JSON
    examine_problem_utc_ms   BIGINT,
    task_problem             TEXT,            -- JSON; gone with the next task that succeeds
    task_problem_utc_ms      BIGINT,
    last_import_utc_ms       BIGINT,
    latest_data_utc_s        BIGINT,
    PRIMARY KEY (account_id, integration_id),
    FOREIGN KEY (account_id, integration_id) REFERENCES integrations (account_id, integration_id)
);

CREATE TABLE links (
    account_id          BIGINT NOT NULL,
    link_id             BIGINT NOT NULL,
    integration_id      BIGINT NOT NULL,
    token_sha256        TEXT   NOT NULL,
    public_key          TEXT   NOT NULL, -- base64 of 32 bytes
    description         TEXT   NOT NULL, -- JSON
    boot_id             TEXT   NOT NULL,
    paired_utc_ms       BIGINT NOT NULL,
    last_contact_utc_ms BIGINT NOT NULL,
    revoked_utc_ms      BIGINT,
    PRIMARY KEY (account_id, link_id),
    FOREIGN KEY (account_id, integration_id) REFERENCES integrations (account_id, integration_id)
);
-- One Link is active per integration.
CREATE UNIQUE INDEX links_active ON links (account_id, integration_id) WHERE revoked_utc_ms IS NULL;

CREATE TABLE pairings (
    account_id            BIGINT NOT NULL,
    pairing_id            TEXT   NOT NULL,
    integration_id        BIGINT NOT NULL,
    pin_sha256            TEXT   NOT NULL, -- over pairing_id and PIN
    pairing_secret_sha256 TEXT   NOT NULL,
    token_sha256          TEXT   NOT NULL,
    public_key            TEXT   NOT NULL,
    description           TEXT   NOT NULL, -- JSON
    state                 TEXT   NOT NULL, -- waiting, paired, void
    wrong_tries           BIGINT NOT NULL,
    link_id               BIGINT,
    created_utc_ms        BIGINT NOT NULL,
    expires_utc_ms        BIGINT NOT NULL,
    PRIMARY KEY (account_id, pairing_id)
);
CREATE INDEX pairings_open ON pairings (account_id, integration_id) WHERE state = 'waiting';
