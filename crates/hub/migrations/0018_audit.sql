-- Who changed or looked at what. Rows are added and never changed.
CREATE TABLE audit_entries (
    account_id  BIGINT NOT NULL,
    entry_id    BIGINT NOT NULL,
    at_utc_ms   BIGINT NOT NULL,
    actor_id    BIGINT,          -- the user; null: nobody who is signed in
    actor       TEXT   NOT NULL, -- address of the user at that time, or how it came about: console
    via         TEXT   NOT NULL, -- session, token, link, console, none
    address     TEXT   NOT NULL, -- of the client
    action      TEXT   NOT NULL,
    object_kind TEXT   NOT NULL,
    object_id   TEXT   NOT NULL,
    object_name TEXT   NOT NULL, -- at that time; for an agent the pseudonym
    changes     TEXT   NOT NULL, -- JSON: [{"field", "from", "to"}]
    PRIMARY KEY (account_id, entry_id)
);
CREATE INDEX audit_entries_by_time ON audit_entries (account_id, at_utc_ms);

-- From which the pseudonyms of an account's agents are made.
CREATE TABLE pseudonym_keys (
    account_id BIGINT NOT NULL PRIMARY KEY,
    secret_key TEXT   NOT NULL
);
