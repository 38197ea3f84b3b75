//! The access log: entries are added, listed, and never changed; there is no statement here that would.

use super::queues::like_pattern;
use super::{Store, StoreError, StoreResult, Transaction, counters};
use crate::audit::{Action, Actor, Change, Event, Object};
use crate::{change, in_tx, on_pool};
use floorwire_model::ids::AccountId;
use sha2::{Digest, Sha256};
use sqlx::FromRow;

const INSERT: &str = "INSERT INTO audit_entries (account_id, entry_id, at_utc_ms, actor_id, actor, via, address, action,
        object_kind, object_id, object_name, changes)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";
const LIST: &str = "SELECT e.entry_id, e.at_utc_ms, e.actor_id, e.actor, e.via, e.address, e.action, e.object_kind,
        e.object_id, e.object_name, e.changes
    FROM audit_entries e
    WHERE e.account_id = $1 AND e.entry_id < $2 AND e.at_utc_ms >= $3 AND e.at_utc_ms < $4
        AND ($5 = '' OR LOWER(e.actor) LIKE $5 ESCAPE '\\')
        AND ($6 = '' OR e.action = $6 OR e.action LIKE $7 ESCAPE '\\')
        AND ($8 = '' OR LOWER(e.object_name) LIKE $8 ESCAPE '\\' OR (e.object_kind = $9 AND e.object_id = $10))
    ORDER BY e.entry_id DESC LIMIT $11";
const MAKE_KEY: &str = "INSERT INTO pseudonym_keys (account_id, secret_key) VALUES ($1, $2)
    ON CONFLICT (account_id) DO NOTHING";
const KEY: &str = "SELECT secret_key FROM pseudonym_keys WHERE account_id = $1";

/// An entry as it is stored.
#[derive(Clone, Debug, FromRow)]
pub struct Entry {
    /// Unique within the account, rising.
    pub entry_id: i64,
    /// When.
    pub at_utc_ms: i64,
    /// Which user.
    pub actor_id: Option<i64>,
    /// The user's address at that time.
    pub actor: String,
    /// By what: `session`, `token`, `link`, `console`, `none`.
    pub via: String,
    /// The client's address.
    pub address: String,
    /// What was done.
    pub action: String,
    /// To what kind of thing.
    pub object_kind: String,
    /// Which.
    pub object_id: String,
    /// Its name at that time, or an agent's pseudonym.
    pub object_name: String,
    /// JSON.
    changes: String,
}

impl Entry {
    /// From what to what.
    pub fn changes(&self) -> StoreResult<Vec<Change>> {
        serde_json::from_str(&self.changes).map_err(|error| {
            StoreError::unreadable(format!("entry {} of the access log", self.entry_id), error)
        })
    }
}

/// Which entries are wanted.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// Part of the actor's address; empty: anybody.
    pub actor: String,
    /// An action, or the part before its dot; empty: any.
    pub action: String,
    /// Part of the object's name, or kind and id as `integration:3`; empty: any.
    pub object: String,
    /// From when.
    pub from_utc_ms: Option<i64>,
    /// To before when.
    pub to_utc_ms: Option<i64>,
}

/// Writes an entry, as part of the change it tells of.
pub async fn record(
    transaction: &mut Transaction,
    account: AccountId,
    actor: &Actor,
    event: &Event,
    now_utc_ms: i64,
) -> StoreResult<()> {
    let id = counters::next_id(transaction, account.0, "audit").await?;
    let changes = serde_json::to_string(&event.changes)
        .map_err(|error| StoreError::unreadable("changes of an entry of the access log", error))?;
    change!(
        transaction,
        INSERT,
        account.0,
        id,
        now_utc_ms,
        actor.user_id,
        &actor.name,
        actor.via,
        &actor.address,
        event.action.as_str(),
        event.object.kind,
        &event.object.id,
        &event.object.name,
        &changes,
    )
    .map(|_| ())
}

/// Writes an entry that no change goes with.
pub async fn record_alone(
    store: &Store,
    account: AccountId,
    actor: &Actor,
    event: &Event,
    now_utc_ms: i64,
) -> StoreResult<()> {
    let mut transaction = store.begin().await?;
    record(&mut transaction, account, actor, event, now_utc_ms).await?;
    transaction.commit().await
}

/// Writes that somebody looked at what an agent did: `what` of them, for local dates from `from` to before `to`.
pub async fn record_agent_viewed(
    store: &Store,
    account: AccountId,
    actor: &Actor,
    agent_id: i64,
    (what, from, to): (&str, &str, &str),
    now_utc_ms: i64,
) -> StoreResult<()> {
    let mut transaction = store.begin().await?;
    let pseudonym = pseudonym(&mut transaction, account, agent_id).await?;
    let object = Object::new("agent", agent_id, pseudonym);
    let event = Event::new(Action::AgentViewed, object).with([
        Change::to("data", what),
        Change::to("from", from),
        Change::to("to", to),
    ]);
    record(&mut transaction, account, actor, &event, now_utc_ms).await?;
    transaction.commit().await
}

/// What stands for an agent towards readers who may not see agents: the same for the same agent, and from which neither number
/// nor login can be found without the account's key.
async fn pseudonym(
    transaction: &mut Transaction,
    account: AccountId,
    agent_id: i64,
) -> StoreResult<String> {
    let mut random = [0_u8; 32];
    getrandom::fill(&mut random)
        .map_err(|error| StoreError::unreadable("randomness for pseudonyms", error))?;
    change!(transaction, MAKE_KEY, account.0, hex::encode(random))?;
    let key: String = in_tx!(transaction, connection => sqlx::query_scalar(KEY)
        .bind(account.0)
        .fetch_one(connection))?;
    // Key and number have fixed lengths, so the plain hash of both is as good as a keyed one.
    let digest = hex::encode(Sha256::digest(format!("{key}{agent_id:020}")));
    Ok(format!("agent-{}", digest.get(..10).unwrap_or(&digest)))
}

/// Entries below `before`, newest first, at most `limit`.
pub async fn list(
    store: &Store,
    account: AccountId,
    wanted: &Wanted,
    before: i64,
    limit: i64,
) -> StoreResult<Vec<Entry>> {
    let action = wanted.action.trim();
    let (kind, id) = wanted.object.trim().split_once(':').unwrap_or_default();
    let actions = match action {
        "" => String::new(),
        action => like_prefix(action),
    };
    on_pool!(store, pool => sqlx::query_as(LIST)
        .bind(account.0)
        .bind(before)
        .bind(wanted.from_utc_ms.unwrap_or(i64::MIN))
        .bind(wanted.to_utc_ms.unwrap_or(i64::MAX))
        .bind(like_pattern(&wanted.actor))
        .bind(action)
        .bind(&actions)
        .bind(like_pattern(&wanted.object))
        .bind(kind)
        .bind(id)
        .bind(limit)
        .fetch_all(pool))
}

/// Actions of a group: `integration` is `integration.%`.
fn like_prefix(group: &str) -> String {
    let mut pattern = like_pattern(group);
    pattern.remove(0);
    pattern.pop();
    pattern.push_str(".%");
    pattern
}
