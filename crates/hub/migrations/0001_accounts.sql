-- Who may sign in. Portable to SQLite and PostgreSQL.
-- `accounts` is the root: its own key is the account id, and its name is unique over the whole hub.
CREATE TABLE accounts (
    account_id     BIGINT  NOT NULL PRIMARY KEY,
    name           TEXT    NOT NULL UNIQUE,
    created_utc_ms BIGINT  NOT NULL
);

CREATE TABLE users (
    account_id     BIGINT  NOT NULL REFERENCES accounts (account_id),
    user_id        BIGINT  NOT NULL,
    email          TEXT    NOT NULL, -- lower case
    role           TEXT    NOT NULL,
    password_hash  TEXT    NOT NULL, -- PHC string, Argon2id
    created_utc_ms BIGINT  NOT NULL,
    PRIMARY KEY (account_id, user_id),
    UNIQUE (account_id, email)
);
-- The one look-up without an account: signing in, where only the address is known.
CREATE INDEX users_by_email ON users (email);

-- Only SHA-256 of session and access tokens is kept.
CREATE TABLE sessions (
    account_id       BIGINT NOT NULL,
    token_hash       TEXT   NOT NULL,
    user_id          BIGINT NOT NULL,
    created_utc_ms   BIGINT NOT NULL,
    last_used_utc_ms BIGINT NOT NULL,
    expires_utc_ms   BIGINT NOT NULL,
    PRIMARY KEY (account_id, token_hash),
    FOREIGN KEY (account_id, user_id) REFERENCES users (account_id, user_id)
);

CREATE TABLE tokens (
    account_id       BIGINT NOT NULL,
    token_hash       TEXT   NOT NULL,
    user_id          BIGINT NOT NULL,
    name             TEXT   NOT NULL,
    scope            TEXT   NOT NULL,
    created_utc_ms   BIGINT NOT NULL,
    expires_utc_ms   BIGINT,
    PRIMARY KEY (account_id, token_hash),
    FOREIGN KEY (account_id, user_id) REFERENCES users (account_id, user_id)
);
