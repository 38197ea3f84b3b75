//! Agents and what is known of them, one document per agent, stream and date (see [`crate::agent_records`]).
//!
//! An agent gets its number when its first document is stored and keeps it: it is found again by integration, ACD and
//! login. Its name is the dictionary's, else the real-time feed's; without one, the login stands for it.

use super::{Store, StoreError, StoreResult, Transaction, counters};
use crate::{change, in_tx, on_pool};
use floorwire_model::ids::{AccountId, AcdNumber, IntegrationId};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// An agent as the pages show it.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Agent {
    /// Unique within the account.
    pub agent_id: i64,
    /// Where it comes from.
    pub integration_id: i64,
    /// The integration's name, also of a deleted one.
    pub integration_name: String,
    /// What kind of source that is.
    pub source: String,
    /// The ACD.
    pub acd: i64,
    /// The login ID.
    pub login: String,
    /// The dictionary's name, or the login.
    pub name: String,
    /// Date of the first document, days since 1970-01-01.
    pub first_day: Option<i64>,
    /// Date of the last document.
    pub last_day: Option<i64>,
}

/// One stored document.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Record {
    /// The stream.
    pub stream: String,
    /// Date of the partition, days since 1970-01-01.
    pub row_day: i64,
    /// See [`crate::agent_records`].
    pub content: Vec<u8>,
}

macro_rules! agent_columns {
    ($rest:literal) => {
        concat!(
            "SELECT a.agent_id, a.integration_id, i.name AS integration_name, i.source, a.acd, a.login,
                COALESCE(NULLIF(d.name, ''), (SELECT MAX(n.name) FROM live_agents n WHERE n.account_id = a.account_id
                    AND n.agent_id = a.agent_id AND n.name <> ''), a.login) AS name,
                (SELECT MIN(f.row_day) FROM agent_records f WHERE f.account_id = a.account_id
                    AND f.agent_id = a.agent_id) AS first_day,
                (SELECT MAX(l.row_day) FROM agent_records l WHERE l.account_id = a.account_id
                    AND l.agent_id = a.agent_id) AS last_day
            FROM agents a
            JOIN integrations i ON i.account_id = a.account_id AND i.integration_id = a.integration_id
            LEFT JOIN dictionary_entries d ON d.account_id = a.account_id AND d.integration_id = a.integration_id
                AND d.acd = a.acd AND d.item_type = 'agname' AND d.value = a.login ",
            $rest
        )
    };
}

const LIST: &str = agent_columns!(
    "WHERE a.account_id = $1 AND a.agent_id > $2 AND ($3 = 0 OR a.integration_id = $3) AND ($6 = 0 OR a.acd = $6)
        AND ($4 = '' OR LOWER(COALESCE(NULLIF(d.name, ''), (SELECT MAX(n.name) FROM live_agents n WHERE n.account_id = a.account_id
                    AND n.agent_id = a.agent_id AND n.name <> ''), a.login)) LIKE $4 ESCAPE '\\'
            OR LOWER(a.login) LIKE $4 ESCAPE '\\')
    ORDER BY a.agent_id LIMIT $5"
);
const GET: &str = agent_columns!("WHERE a.account_id = $1 AND a.agent_id = $2");
const OF_ACD: &str = "SELECT agent_id, login FROM agents
    WHERE account_id = $1 AND integration_id = $2 AND acd = $3";
const INSERT: &str = "INSERT INTO agents (account_id, agent_id, integration_id, acd, login)
    VALUES ($1, $2, $3, $4, $5)";
const OF_PARTITION: &str = "SELECT a.login, r.content FROM agents a
    JOIN agent_records r ON r.account_id = a.account_id AND r.agent_id = a.agent_id
    WHERE a.account_id = $1 AND a.integration_id = $2 AND a.acd = $3 AND r.stream = $4 AND r.row_day = $5";
const PUT: &str = "INSERT INTO agent_records (account_id, agent_id, stream, row_day, content)
    VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT (account_id, agent_id, stream, row_day) DO UPDATE SET content = excluded.content";
const DELETE: &str = "DELETE FROM agent_records
    WHERE account_id = $1 AND agent_id = $2 AND stream = $3 AND row_day = $4";
const FORGET_EMPTY: &str =
    "DELETE FROM agents WHERE account_id = $1 AND integration_id = $2 AND acd = $3
    AND NOT EXISTS (SELECT 1 FROM agent_records r WHERE r.account_id = agents.account_id
        AND r.agent_id = agents.agent_id)
    AND NOT EXISTS (SELECT 1 FROM feed_spans s WHERE s.account_id = agents.account_id
        AND s.agent_id = agents.agent_id)
    AND NOT EXISTS (SELECT 1 FROM live_agents l WHERE l.account_id = agents.account_id
        AND l.agent_id = agents.agent_id)";
const RECORDS: &str = "SELECT stream, row_day, content FROM agent_records
    WHERE account_id = $1 AND agent_id = $2 AND stream = $3 AND row_day >= $4 AND row_day < $5
    ORDER BY row_day";

/// Agents with numbers above `after`, in order, at most `limit`; of one integration, one ACD, or with a text in name or
/// login.
pub async fn list(
    store: &Store,
    account: AccountId,
    (integration, acd): (Option<IntegrationId>, Option<i64>),
    search: Option<&str>,
    after: i64,
    limit: i64,
) -> StoreResult<Vec<Agent>> {
    let pattern = search.map(super::queues::like_pattern).unwrap_or_default();
    on_pool!(store, pool => sqlx::query_as(LIST)
        .bind(account.0)
        .bind(after)
        .bind(integration.map_or(0, |integration| integration.0))
        .bind(&pattern)
        .bind(limit)
        .bind(acd.unwrap_or(0))
        .fetch_all(pool))
}

/// One agent.
pub async fn get(store: &Store, account: AccountId, id: i64) -> StoreResult<Option<Agent>> {
    on_pool!(store, pool => sqlx::query_as(GET).bind(account.0).bind(id).fetch_optional(pool))
}

/// The documents of one agent and stream from `from_day` to before `to_day`, by date.
pub async fn records(
    store: &Store,
    account: AccountId,
    agent: i64,
    stream: &str,
    (from_day, to_day): (i64, i64),
) -> StoreResult<Vec<Record>> {
    on_pool!(store, pool => sqlx::query_as(RECORDS)
        .bind(account.0)
        .bind(agent)
        .bind(stream)
        .bind(from_day)
        .bind(to_day)
        .fetch_all(pool))
}

/// Makes the documents of one partition exactly `wanted`, by login. Returns how many were written or deleted; equal ones
/// are left alone.
pub async fn replace(
    transaction: &mut Transaction,
    account: AccountId,
    (integration, acd): (IntegrationId, AcdNumber),
    (stream, row_day): (&str, i64),
    wanted: &BTreeMap<String, Vec<u8>>,
) -> StoreResult<u64> {
    let stored: Vec<(String, Vec<u8>)> = in_tx!(&mut *transaction, connection => sqlx::query_as(OF_PARTITION)
        .bind(account.0)
        .bind(integration.0)
        .bind(i64::from(acd.0))
        .bind(stream)
        .bind(row_day)
        .fetch_all(connection))?;
    let stored: HashMap<String, Vec<u8>> = stored.into_iter().collect();
    let needed: BTreeSet<&str> = wanted.keys().map(String::as_str).collect();
    let ids = ids_of_acd(transaction, account, integration, acd, &needed).await?;
    let id_of = |login: &str| {
        let id = ids.get(login).copied();
        id.ok_or_else(|| StoreError::unreadable("agent of a partition", "has no number"))
    };
    let mut changed = 0;
    for (login, content) in wanted {
        if stored.get(login) == Some(content) {
            continue;
        }
        let agent = id_of(login)?;
        changed += change!(
            &mut *transaction,
            PUT,
            account.0,
            agent,
            stream,
            row_day,
            content.as_slice()
        )?;
    }
    let mut deleted = 0;
    for login in stored.keys().filter(|login| !wanted.contains_key(*login)) {
        let agent = id_of(login)?;
        deleted += change!(&mut *transaction, DELETE, account.0, agent, stream, row_day)?;
    }
    if deleted > 0 {
        change!(
            &mut *transaction,
            FORGET_EMPTY,
            account.0,
            integration.0,
            i64::from(acd.0)
        )?;
    }
    Ok(changed + deleted)
}

/// The numbers of the agents of one ACD by login; those of `needed` that are new get one.
pub async fn ids_of_acd(
    transaction: &mut Transaction,
    account: AccountId,
    integration: IntegrationId,
    acd: AcdNumber,
    needed: &BTreeSet<&str>,
) -> StoreResult<HashMap<String, i64>> {
    let mut ids = read_ids(transaction, account, integration, acd).await?;
    if needed.iter().all(|login| ids.contains_key(*login)) {
        return Ok(ids);
    }
    // Taking a number locks the counter, so whoever adds agents at the same time is waited for; then look again.
    counters::next_ids(transaction, account.0, "agent", 0).await?;
    ids = read_ids(transaction, account, integration, acd).await?;
    let new: Vec<&str> = needed
        .iter()
        .copied()
        .filter(|login| !ids.contains_key(*login))
        .collect();
    let count = i64::try_from(new.len()).unwrap_or(i64::MAX);
    if count == 0 {
        return Ok(ids);
    }
    let mut next = counters::next_ids(transaction, account.0, "agent", count).await?;
    for login in new {
        change!(
            &mut *transaction,
            INSERT,
            account.0,
            next,
            integration.0,
            i64::from(acd.0),
            login
        )?;
        ids.insert(login.to_owned(), next);
        next += 1;
    }
    Ok(ids)
}

async fn read_ids(
    transaction: &mut Transaction,
    account: AccountId,
    integration: IntegrationId,
    acd: AcdNumber,
) -> StoreResult<HashMap<String, i64>> {
    let rows: Vec<(i64, String)> = in_tx!(transaction, connection => sqlx::query_as(OF_ACD)
        .bind(account.0)
        .bind(integration.0)
        .bind(i64::from(acd.0))
        .fetch_all(connection))?;
    Ok(rows.into_iter().map(|(id, login)| (login, id)).collect())
}
