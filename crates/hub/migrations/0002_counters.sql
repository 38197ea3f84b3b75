-- Ids are numbered per account, from one row for each kind of thing. Accounts themselves count under account 0.
CREATE TABLE counters (
    account_id BIGINT NOT NULL,
    name TEXT NOT NULL,
    value BIGINT NOT NULL,
    PRIMARY KEY (account_id, name)
);
