-- Queues by split or by VDN, uses of a number, and days of queues whose intervals the source holds no more.

CREATE TABLE queue_uses (
    account_id     BIGINT  NOT NULL,
    queue_id       BIGINT  NOT NULL,
    integration_id BIGINT  NOT NULL,
    acd            BIGINT  NOT NULL,
    kind           TEXT    NOT NULL, -- split, vdn
    number         TEXT    NOT NULL,
    -- False: no queue under the grouping in force. Its figures stay for the day on which it is one again.
    in_force       BOOLEAN NOT NULL DEFAULT TRUE,
    -- True: a person does not want to see it in lists.
    hidden         BOOLEAN NOT NULL DEFAULT FALSE,
    -- A number that was given to something else has a queue for each use: the first local date of this one as days since
    -- 1970-01-01; 0: the first use.
    from_day       BIGINT  NOT NULL DEFAULT 0,
    -- The name of a use that is over, since the dictionary has the name of the present one; empty for that.
    kept_name      TEXT    NOT NULL DEFAULT '',
    PRIMARY KEY (account_id, queue_id),
    UNIQUE (account_id, integration_id, acd, kind, number, from_day)
);
INSERT INTO queue_uses (account_id, queue_id, integration_id, acd, kind, number)
    SELECT account_id, queue_id, integration_id, acd, kind, number FROM queues;
DROP TABLE queues;
ALTER TABLE queue_uses RENAME TO queues;

-- Names that numbers had before.
CREATE TABLE queue_names (
    account_id     BIGINT NOT NULL,
    integration_id BIGINT NOT NULL,
    acd            BIGINT NOT NULL,
    kind           TEXT   NOT NULL,
    number         TEXT   NOT NULL,
    until_utc_ms   BIGINT NOT NULL, -- when the dictionary was read that had another name
    name           TEXT   NOT NULL,
    answer         TEXT   NOT NULL, -- empty while nobody answered; renamed, reused
    PRIMARY KEY (account_id, integration_id, acd, kind, number, until_utc_ms)
);

-- Integration and ACD are the queue's. row_day is the local date as days since 1970-01-01.
CREATE TABLE queue_days (
    account_id        BIGINT NOT NULL,
    queue_id          BIGINT NOT NULL,
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
    PRIMARY KEY (account_id, queue_id, row_day)
);
