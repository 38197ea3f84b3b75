-- What agents do now, as the real-time feeds say it. Personal data within the scope of the integration.

-- Profiles of feeds beside those that come with the vendor; each save is a version.
CREATE TABLE feed_profiles (
    account_id     BIGINT NOT NULL,
    integration_id BIGINT NOT NULL,
    name           TEXT   NOT NULL,
    version        BIGINT NOT NULL,
    text           TEXT   NOT NULL, -- TOML
    saved_by       TEXT   NOT NULL, -- address of a user
    saved_utc_ms   BIGINT NOT NULL,
    PRIMARY KEY (account_id, integration_id, name, version)
);

-- The last preview that was asked for; gone with its answer.
CREATE TABLE feed_previews (
    account_id     BIGINT NOT NULL,
    integration_id BIGINT NOT NULL,
    request        BIGINT NOT NULL,
    port           BIGINT NOT NULL,
    profile_text   TEXT   NOT NULL,
    asked_utc_ms   BIGINT NOT NULL,
    answer         TEXT,            -- JSON
    PRIMARY KEY (account_id, integration_id)
);

-- The last event that is stored of each numbering of a Link's buffer.
CREATE TABLE live_marks (
    account_id     BIGINT NOT NULL,
    link_id        BIGINT NOT NULL,
    epoch          TEXT   NOT NULL,
    integration_id BIGINT NOT NULL,
    mark           BIGINT NOT NULL,
    dropped        BIGINT NOT NULL, -- events of it that were not stored: feed off, outside the scope, unreadable
    first_utc_ms   BIGINT NOT NULL,
    last_utc_ms    BIGINT NOT NULL,
    PRIMARY KEY (account_id, link_id, epoch)
);

-- Events as they came, a batch per row, numbered without gaps within the account. Kept for a week.
CREATE TABLE live_events (
    account_id     BIGINT NOT NULL,
    first_event_id BIGINT NOT NULL,
    last_event_id  BIGINT NOT NULL,
    integration_id BIGINT NOT NULL,
    link_id        BIGINT NOT NULL, -- 0: the hub itself
    stored_utc_ms  BIGINT NOT NULL,
    content        BYTEA  NOT NULL, -- events, MessagePack in zstd
    PRIMARY KEY (account_id, first_event_id)
);
CREATE INDEX live_events_time ON live_events (account_id, stored_utc_ms);

-- The latest status of each agent by each feed. event_id: the event that changed the row last.
CREATE TABLE live_agents (
    account_id      BIGINT NOT NULL,
    integration_id  BIGINT NOT NULL,
    port            BIGINT NOT NULL,
    acd             BIGINT NOT NULL,
    login           TEXT   NOT NULL,
    agent_id        BIGINT NOT NULL,
    name            TEXT   NOT NULL, -- the feed's, or empty
    status          TEXT   NOT NULL, -- JSON
    since_utc_ms    BIGINT NOT NULL,
    since_kind      TEXT   NOT NULL,
    received_utc_ms BIGINT NOT NULL,
    epoch           TEXT   NOT NULL,
    lost_utc_ms     BIGINT,          -- nothing is known since
    lost_cause      TEXT,
    event_id        BIGINT NOT NULL,
    PRIMARY KEY (account_id, integration_id, port, acd, login)
);
CREATE INDEX live_agents_changes ON live_agents (account_id, event_id);
CREATE INDEX live_agents_agent ON live_agents (account_id, agent_id);

-- Statuses by feed, as time.
CREATE TABLE feed_spans (
    account_id   BIGINT NOT NULL,
    agent_id     BIGINT NOT NULL,
    port         BIGINT NOT NULL,
    start_utc_ms BIGINT NOT NULL,
    end_utc_ms   BIGINT,             -- exclusive; open while null
    since_kind   TEXT   NOT NULL,
    lost         BOOLEAN NOT NULL,   -- it ended because the feed was lost, at its last confirmation
    status       TEXT   NOT NULL,    -- JSON
    PRIMARY KEY (account_id, agent_id, port, start_utc_ms)
);
CREATE UNIQUE INDEX feed_spans_open ON feed_spans (account_id, agent_id, port) WHERE end_utc_ms IS NULL;

-- The last report of each feed.
CREATE TABLE feeds (
    account_id       BIGINT NOT NULL,
    integration_id   BIGINT NOT NULL,
    port             BIGINT NOT NULL,
    report           TEXT   NOT NULL, -- JSON
    buffer           TEXT   NOT NULL, -- JSON
    reported_utc_ms  BIGINT NOT NULL, -- by the hub's clock
    clock_ahead_ms   BIGINT NOT NULL, -- the Link's clock minus the hub's
    confirmed_utc_ms BIGINT,          -- up to when the events that are stored here tell everything
    latest_utc_ms    BIGINT,          -- receipt of the latest event
    latency          TEXT   NOT NULL, -- JSON: histogram of the last minutes
    PRIMARY KEY (account_id, integration_id, port)
);

-- Times in which a feed told nothing, or not everything.
CREATE TABLE feed_outages (
    account_id     BIGINT NOT NULL,
    integration_id BIGINT NOT NULL,
    port           BIGINT NOT NULL,
    acd            BIGINT NOT NULL,
    from_utc_ms    BIGINT NOT NULL,
    to_utc_ms      BIGINT,            -- null while it lasts
    cause          TEXT   NOT NULL,   -- of a loss, or dropped
    dropped_events BIGINT NOT NULL,
    PRIMARY KEY (account_id, integration_id, port, acd, from_utc_ms, cause)
);
CREATE INDEX feed_outages_open ON feed_outages (account_id, integration_id, port) WHERE to_utc_ms IS NULL;
