//! How the agent tables of each ACD are to be read, as found out from its own rows.

use super::{Store, StoreError, StoreResult, Transaction};
use crate::{change, on_pool};
use floorwire_model::agents::settings::AgentFindings;
use floorwire_model::ids::{AccountId, AcdNumber, IntegrationId};

/// What was found, and from what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// When.
    pub examined_utc_ms: i64,
    /// Names the partitions examined and their content.
    pub sample: String,
    /// The answers with their evidence.
    pub findings: AgentFindings,
}

const GET: &str = "SELECT examined_utc_ms, sample, findings FROM agent_findings
    WHERE account_id = $1 AND integration_id = $2 AND acd = $3";
const PUT: &str = "INSERT INTO agent_findings (account_id, integration_id, acd, examined_utc_ms, sample, findings)
    VALUES ($1, $2, $3, $4, $5, $6)
    ON CONFLICT (account_id, integration_id, acd) DO UPDATE SET
        examined_utc_ms = excluded.examined_utc_ms, sample = excluded.sample, findings = excluded.findings";

/// What is known of an ACD.
pub async fn get(
    store: &Store,
    account: AccountId,
    integration: IntegrationId,
    acd: AcdNumber,
) -> StoreResult<Option<Found>> {
    let row: Option<(i64, String, String)> = on_pool!(store, pool => sqlx::query_as(GET)
        .bind(account.0)
        .bind(integration.0)
        .bind(i64::from(acd.0))
        .fetch_optional(pool))?;
    row.map(|(examined_utc_ms, sample, findings)| {
        let findings = serde_json::from_str(&findings)
            .map_err(|error| StoreError::unreadable(format!("findings of acd {acd}"), error))?;
        Ok(Found {
            examined_utc_ms,
            sample,
            findings,
        })
    })
    .transpose()
}

/// Stores what was found.
pub async fn put(
    transaction: &mut Transaction,
    account: AccountId,
    integration: IntegrationId,
    acd: AcdNumber,
    found: &Found,
) -> StoreResult<()> {
    let findings = serde_json::to_string(&found.findings)
        .map_err(|error| StoreError::unreadable("findings", error))?;
    change!(
        transaction,
        PUT,
        account.0,
        integration.0,
        i64::from(acd.0),
        found.examined_utc_ms,
        &found.sample,
        findings,
    )
    .map(|_| ())
}
