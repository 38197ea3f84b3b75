//! Profiles of real-time feeds beside those that come with the vendor, version by version.

use super::{Store, StoreResult, Transaction};
use crate::{change, in_tx, on_pool};
use floorwire_model::ids::{AccountId, IntegrationId};

/// One version of a profile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeedProfile {
    /// Unique within the integration.
    pub name: String,
    /// From 1.
    pub version: u32,
    /// TOML.
    pub text: String,
    /// Address of the user who saved it.
    pub saved_by: String,
    /// When.
    pub saved_utc_ms: i64,
}

#[derive(sqlx::FromRow)]
struct Row {
    name: String,
    version: i64,
    text: String,
    saved_by: String,
    saved_utc_ms: i64,
}

impl From<Row> for FeedProfile {
    fn from(row: Row) -> Self {
        Self {
            name: row.name,
            version: u32::try_from(row.version).unwrap_or(u32::MAX),
            text: row.text,
            saved_by: row.saved_by,
            saved_utc_ms: row.saved_utc_ms,
        }
    }
}

const LATEST: &str = "SELECT name, version, text, saved_by, saved_utc_ms FROM feed_profiles p
    WHERE account_id = $1 AND integration_id = $2 AND version = (SELECT MAX(v.version) FROM feed_profiles v
        WHERE v.account_id = p.account_id AND v.integration_id = p.integration_id AND v.name = p.name)
    ORDER BY name";
const VERSIONS: &str = "SELECT name, version, text, saved_by, saved_utc_ms FROM feed_profiles
    WHERE account_id = $1 AND integration_id = $2 AND name = $3 ORDER BY version DESC";
const OTHERS: &str = "SELECT COUNT(DISTINCT name) FROM feed_profiles
    WHERE account_id = $1 AND integration_id = $2 AND name <> $3";
const NEWEST: &str = "SELECT MAX(version) FROM feed_profiles
    WHERE account_id = $1 AND integration_id = $2 AND name = $3";
const INSERT: &str =
    "INSERT INTO feed_profiles (account_id, integration_id, name, version, text, saved_by, saved_utc_ms)
    VALUES ($1, $2, $3, $4, $5, $6, $7)";
const FORGET_OLD: &str = "DELETE FROM feed_profiles
    WHERE account_id = $1 AND integration_id = $2 AND name = $3 AND version <= $4";
const DELETE: &str =
    "DELETE FROM feed_profiles WHERE account_id = $1 AND integration_id = $2 AND name = $3";

/// The latest version of each profile, by name.
pub async fn latest(
    store: &Store,
    account: AccountId,
    integration: IntegrationId,
) -> StoreResult<Vec<FeedProfile>> {
    let rows: Vec<Row> = on_pool!(store, pool => sqlx::query_as(LATEST)
        .bind(account.0)
        .bind(integration.0)
        .fetch_all(pool))?;
    Ok(rows.into_iter().map(FeedProfile::from).collect())
}

/// The versions of one profile, newest first.
pub async fn versions(
    store: &Store,
    account: AccountId,
    integration: IntegrationId,
    name: &str,
) -> StoreResult<Vec<FeedProfile>> {
    let rows: Vec<Row> = on_pool!(store, pool => sqlx::query_as(VERSIONS)
        .bind(account.0)
        .bind(integration.0)
        .bind(name)
        .fetch_all(pool))?;
    Ok(rows.into_iter().map(FeedProfile::from).collect())
}

/// How many profiles of other names there are.
pub async fn count(
    transaction: &mut Transaction,
    account: AccountId,
    integration: IntegrationId,
    name: &str,
) -> StoreResult<usize> {
    let count: i64 = in_tx!(transaction, connection => sqlx::query_scalar(OTHERS)
        .bind(account.0)
        .bind(integration.0)
        .bind(name)
        .fetch_one(connection))?;
    Ok(usize::try_from(count).unwrap_or(usize::MAX))
}

/// Adds a version and forgets all but the newest `kept`. The integration is locked by the caller.
pub async fn put(
    transaction: &mut Transaction,
    account: AccountId,
    integration: IntegrationId,
    (name, text): (&str, &str),
    (saved_by, saved_utc_ms): (&str, i64),
    kept: i64,
) -> StoreResult<FeedProfile> {
    let newest: Option<i64> = in_tx!(&mut *transaction, connection => sqlx::query_scalar(NEWEST)
        .bind(account.0)
        .bind(integration.0)
        .bind(name)
        .fetch_one(connection))?;
    let version = newest.unwrap_or(0) + 1;
    change!(
        &mut *transaction,
        INSERT,
        account.0,
        integration.0,
        name,
        version,
        text,
        saved_by,
        saved_utc_ms
    )?;
    change!(
        transaction,
        FORGET_OLD,
        account.0,
        integration.0,
        name,
        version - kept
    )?;
    Ok(FeedProfile::from(Row {
        name: name.to_owned(),
        version,
        text: text.to_owned(),
        saved_by: saved_by.to_owned(),
        saved_utc_ms,
    }))
}

/// Deletes a profile. False when there is none of that name.
pub async fn delete(
    transaction: &mut Transaction,
    account: AccountId,
    integration: IntegrationId,
    name: &str,
) -> StoreResult<bool> {
    let deleted = change!(transaction, DELETE, account.0, integration.0, name)?;
    Ok(deleted > 0)
}
