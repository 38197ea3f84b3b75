-- What is derived from the source partitions.
CREATE TABLE queues (
    account_id     BIGINT NOT NULL,
    queue_id       BIGINT NOT NULL,
    integration_id BIGINT NOT NULL,
    acd            BIGINT NOT NULL,
    kind           TEXT   NOT NULL, -- split, vdn
    number         TEXT   NOT NULL,
    PRIMARY KEY (account_id, queue_id),
    UNIQUE (account_id, integration_id, acd, kind, number)
);

-- Integration and ACD are the queue's. row_day is the partition's date as days since 1970-01-01.
CREATE TABLE queue_intervals (
    account_id        BIGINT NOT NULL,
    queue_id          BIGINT NOT NULL,
    start_utc_s       BIGINT NOT NULL,
    length_s          BIGINT NOT NULL,
    row_day           BIGINT NOT NULL,
    quality           TEXT   NOT NULL,
    offered           BIGINT,
    answered          BIGINT,
    abandoned         BIGINT,
    within_threshold  BIGINT,
    talk_seconds      BIGINT,
    hold_seconds      BIGINT,
    acw_seconds       BIGINT,
    wait_seconds      BIGINT,
    staffed_seconds   BIGINT,
    available_seconds BIGINT,
    threshold_seconds BIGINT,
    PRIMARY KEY (account_id, queue_id, start_utc_s)
);

CREATE TABLE dictionary_entries (
    account_id     BIGINT  NOT NULL,
    integration_id BIGINT  NOT NULL,
    acd            BIGINT  NOT NULL,
    item_type      TEXT    NOT NULL,
    value          TEXT    NOT NULL,
    name           TEXT    NOT NULL,
    description    TEXT    NOT NULL,
    standard       BOOLEAN NOT NULL,
    PRIMARY KEY (account_id, integration_id, acd, item_type, value)
);

CREATE TABLE ledger_days (
    account_id        BIGINT  NOT NULL,
    integration_id    BIGINT  NOT NULL,
    stream            TEXT    NOT NULL,
    acd               BIGINT  NOT NULL,
    local_date        TEXT    NOT NULL,
    slot_minutes      BIGINT  NOT NULL,
    zone              TEXT    NOT NULL,
    letters           TEXT    NOT NULL, -- one per slot of that local day
    set_aside         BOOLEAN NOT NULL, -- a newer reading waits for a decision
    closed            BOOLEAN NOT NULL, -- read after its last slot had settled
    read_begin_utc_ms BIGINT  NOT NULL,
    PRIMARY KEY (account_id, integration_id, stream, acd, local_date)
);

CREATE TABLE journal (
    account_id     BIGINT NOT NULL,
    journal_id     BIGINT NOT NULL,
    integration_id BIGINT NOT NULL,
    changed_utc_ms BIGINT NOT NULL,
    stream         TEXT   NOT NULL,
    acd            BIGINT NOT NULL,
    queue_id       BIGINT NOT NULL,
    start_utc_s    BIGINT NOT NULL,
    measure        TEXT   NOT NULL,
    old_value      BIGINT,
    new_value      BIGINT,
    PRIMARY KEY (account_id, journal_id)
);
CREATE INDEX journal_newest ON journal (account_id, integration_id, journal_id);
