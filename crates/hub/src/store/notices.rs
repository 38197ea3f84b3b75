//! Notices of an integration: what changed at its source, or does not fit its settings, until somebody dismisses it.
//!
//! One subject has at most one open notice of a code: raised again, it is brought up to date. One that was dismissed is
//! not raised again with the same words where it states a condition ([`raise_condition`]); a change ([`raise`]) is new
//! each time.

use super::{Store, StoreError, StoreResult, Transaction, counters};
use crate::{change, in_tx, on_pool};
use floorwire_model::ids::{AccountId, AcdNumber, IntegrationId};
use floorwire_model::zone_guess::NewestSeen;
use std::collections::BTreeMap;

/// Looks that are kept per ACD; with one every interval these are some days.
const LOOKS_KEPT: i64 = 240;

/// A notice to be raised.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewNotice {
    /// Stable code; pages translate by it.
    pub code: String,
    /// What it is about.
    pub subject: String,
    /// Values for the translated text.
    pub parameters: BTreeMap<String, String>,
    /// In English.
    pub message: String,
}

impl NewNotice {
    /// Without values.
    pub fn new(code: &str, subject: &str, message: String) -> Self {
        Self {
            code: code.to_owned(),
            subject: subject.to_owned(),
            parameters: BTreeMap::new(),
            message,
        }
    }

    /// With one value more.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl ToString) -> Self {
        self.parameters.insert(name.to_owned(), value.to_string());
        self
    }
}

/// A stored notice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// Unique within the account, rising.
    pub id: i64,
    /// When it was raised, or last brought up to date.
    pub raised_utc_ms: i64,
    /// What it says.
    pub notice: NewNotice,
}

const UPDATE: &str = "UPDATE notices SET parameters = $5, message = $6, raised_utc_ms = $7
    WHERE account_id = $1 AND integration_id = $2 AND code = $3 AND subject = $4 AND dismissed_utc_ms IS NULL";
const INSERT: &str = "INSERT INTO notices (account_id, notice_id, integration_id, code, subject, parameters, message,
        raised_utc_ms, dismissed_utc_ms)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, NULL)";
const LAST: &str = "SELECT parameters FROM notices
    WHERE account_id = $1 AND integration_id = $2 AND code = $3 AND subject = $4
    ORDER BY notice_id DESC LIMIT 1";
const RETRACT: &str = "DELETE FROM notices
    WHERE account_id = $1 AND integration_id = $2 AND code = $3 AND subject = $4";
const OPEN: &str =
    "SELECT notice_id, code, subject, parameters, message, raised_utc_ms FROM notices
    WHERE account_id = $1 AND integration_id = $2 AND dismissed_utc_ms IS NULL
    ORDER BY notice_id DESC";
const DISMISS: &str = "UPDATE notices SET dismissed_utc_ms = $4
    WHERE account_id = $1 AND integration_id = $2 AND notice_id = $3 AND dismissed_utc_ms IS NULL";
const SEE: &str = "INSERT INTO newest_seen (account_id, integration_id, acd, seen_utc_s, look)
    VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT (account_id, integration_id, acd, seen_utc_s) DO UPDATE SET look = excluded.look";
const FORGET: &str =
    "DELETE FROM newest_seen WHERE account_id = $1 AND integration_id = $2 AND acd = $3
    AND seen_utc_s <= (SELECT seen_utc_s FROM newest_seen
        WHERE account_id = $1 AND integration_id = $2 AND acd = $3
        ORDER BY seen_utc_s DESC LIMIT 1 OFFSET $4)";
const LOOKS: &str = "SELECT look FROM newest_seen
    WHERE account_id = $1 AND integration_id = $2 AND acd = $3 ORDER BY seen_utc_s";

fn to_json(value: &impl serde::Serialize) -> StoreResult<String> {
    serde_json::to_string(value).map_err(|error| StoreError::unreadable("notice", error))
}

/// Raises a notice of a change.
pub async fn raise(
    transaction: &mut Transaction,
    account: AccountId,
    integration: IntegrationId,
    notice: &NewNotice,
    now_utc_ms: i64,
) -> StoreResult<()> {
    let parameters = to_json(&notice.parameters)?;
    let updated = change!(
        transaction,
        UPDATE,
        account.0,
        integration.0,
        &notice.code,
        &notice.subject,
        &parameters,
        &notice.message,
        now_utc_ms,
    )?;
    if updated > 0 {
        return Ok(());
    }
    let id = counters::next_id(transaction, account.0, "notice").await?;
    change!(
        transaction,
        INSERT,
        account.0,
        id,
        integration.0,
        &notice.code,
        &notice.subject,
        &parameters,
        &notice.message,
        now_utc_ms,
    )
    .map(|_| ())
}

/// Raises a notice of a condition that lasts, unless its last one said the same. True when it was raised.
pub async fn raise_condition(
    transaction: &mut Transaction,
    account: AccountId,
    integration: IntegrationId,
    notice: &NewNotice,
    now_utc_ms: i64,
) -> StoreResult<bool> {
    let last: Option<String> = in_tx!(transaction, connection => sqlx::query_scalar(LAST)
        .bind(account.0)
        .bind(integration.0)
        .bind(&notice.code)
        .bind(&notice.subject)
        .fetch_optional(connection))?;
    if last == Some(to_json(&notice.parameters)?) {
        return Ok(false);
    }
    raise(transaction, account, integration, notice, now_utc_ms).await?;
    Ok(true)
}

/// Takes back what was said of a condition that is over. True when there was something.
pub async fn retract(
    transaction: &mut Transaction,
    account: AccountId,
    integration: IntegrationId,
    (code, subject): (&str, &str),
) -> StoreResult<bool> {
    let changed = change!(
        transaction,
        RETRACT,
        account.0,
        integration.0,
        code,
        subject,
    )?;
    Ok(changed > 0)
}

/// The open notices, newest first.
pub async fn open(
    store: &Store,
    account: AccountId,
    integration: IntegrationId,
) -> StoreResult<Vec<Notice>> {
    type Row = (i64, String, String, String, String, i64);
    let rows: Vec<Row> = on_pool!(store, pool => sqlx::query_as(OPEN)
        .bind(account.0)
        .bind(integration.0)
        .fetch_all(pool))?;
    rows.into_iter()
        .map(|(id, code, subject, parameters, message, raised_utc_ms)| {
            let parameters = serde_json::from_str(&parameters)
                .map_err(|error| StoreError::unreadable(format!("notice {id}"), error))?;
            Ok(Notice {
                id,
                raised_utc_ms,
                notice: NewNotice {
                    code,
                    subject,
                    parameters,
                    message,
                },
            })
        })
        .collect()
}

/// Somebody has read it. False when there is no such open notice.
pub async fn dismiss(
    transaction: &mut Transaction,
    account: AccountId,
    integration: IntegrationId,
    id: i64,
    now_utc_ms: i64,
) -> StoreResult<bool> {
    let changed = change!(
        transaction,
        DISMISS,
        account.0,
        integration.0,
        id,
        now_utc_ms
    )?;
    Ok(changed > 0)
}

/// Keeps what a look at an ACD's newest interval saw, and forgets old ones.
pub async fn see(
    transaction: &mut Transaction,
    account: AccountId,
    integration: IntegrationId,
    acd: AcdNumber,
    seen: &NewestSeen,
) -> StoreResult<()> {
    let acd = i64::from(acd.0);
    let look = to_json(seen)?;
    change!(
        transaction,
        SEE,
        account.0,
        integration.0,
        acd,
        seen.seen_utc_s,
        &look
    )?;
    change!(
        transaction,
        FORGET,
        account.0,
        integration.0,
        acd,
        LOOKS_KEPT
    )
    .map(|_| ())
}

/// The looks at an ACD's newest interval, oldest first.
pub async fn looks(
    transaction: &mut Transaction,
    account: AccountId,
    integration: IntegrationId,
    acd: AcdNumber,
) -> StoreResult<Vec<NewestSeen>> {
    let rows: Vec<String> = in_tx!(transaction, connection => sqlx::query_scalar(LOOKS)
        .bind(account.0)
        .bind(integration.0)
        .bind(i64::from(acd.0))
        .fetch_all(connection))?;
    rows.iter()
        .map(|look| {
            serde_json::from_str(look).map_err(|error| StoreError::unreadable("look", error))
        })
        .collect()
}
