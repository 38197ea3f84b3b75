-- Users that were switched off, where sessions are used from, and links that let somebody in once.
ALTER TABLE users ADD COLUMN deactivated_utc_ms BIGINT;
ALTER TABLE users ADD COLUMN signed_in_utc_ms BIGINT; -- last time
ALTER TABLE sessions ADD COLUMN address TEXT NOT NULL DEFAULT '';
ALTER TABLE sessions ADD COLUMN browser TEXT NOT NULL DEFAULT ''; -- what the browser says of itself
ALTER TABLE tokens ADD COLUMN last_used_utc_ms BIGINT;

-- Only SHA-256 of a link's token is kept. Account 0: the link with which a new hub is set up.
CREATE TABLE one_time_links (
    account_id     BIGINT NOT NULL,
    token_hash     TEXT   NOT NULL,
    kind           TEXT   NOT NULL, -- setup, invitation, password
    user_id        BIGINT,          -- whose password is set
    email          TEXT   NOT NULL, -- empty for setup
    role           TEXT   NOT NULL, -- of the new user
    made_by        TEXT   NOT NULL,
    created_utc_ms BIGINT NOT NULL,
    expires_utc_ms BIGINT NOT NULL,
    PRIMARY KEY (account_id, token_hash)
);
