-- Queues by split or by VDN, and days of queues whose intervals the source holds no more.

-- False: no queue under the grouping in force. Its figures stay for the day on which it is one again.
ALTER TABLE queues ADD COLUMN in_force BOOLEAN NOT NULL DEFAULT TRUE;
-- True: a person does not want to see it in lists.
ALTER TABLE queues ADD COLUMN hidden BOOLEAN NOT NULL DEFAULT FALSE;

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
