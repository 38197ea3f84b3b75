//! When the dates of a table were read last.

use super::partitions::read_scope;
use super::tasks::read_date;
use super::{StoreResult, Transaction};
use crate::in_tx;
use floorwire_model::agents::scope::AgentScope;
use floorwire_model::ids::{AccountId, AcdNumber, IntegrationId};
use jiff::civil::Date;
use std::collections::{BTreeMap, HashMap};

const STORED: &str = "SELECT row_date, scope, read_begin_utc_ms FROM source_partitions
    WHERE account_id = $1 AND integration_id = $2 AND source_table = $3 AND acd = $4";
const ASIDE: &str = "SELECT row_date, '' AS scope, read_begin_utc_ms FROM set_aside
    WHERE account_id = $1 AND integration_id = $2 AND source_table = $3 AND acd = $4";

/// The dates of a table and ACD that are stored or of which a reading is set aside, with the second at which the newest of
/// these readings began. Under a `scope`, only what was read under one that covers it counts.
pub async fn by_date(
    transaction: &mut Transaction,
    account: AccountId,
    integration: IntegrationId,
    (table, acd): (&str, AcdNumber),
    scope: Option<&AgentScope>,
) -> StoreResult<BTreeMap<Date, i64>> {
    let mut times = BTreeMap::new();
    let mut covering: HashMap<String, bool> = HashMap::new();
    for sql in [STORED, ASIDE] {
        let rows: Vec<(String, String, i64)> = in_tx!(&mut *transaction, connection => sqlx::query_as(sql)
            .bind(account.0)
            .bind(integration.0)
            .bind(table)
            .bind(i64::from(acd.0))
            .fetch_all(connection))?;
        for (date, held, read_begin_utc_ms) in rows {
            let covers = match (covering.get(&held), scope) {
                (Some(covers), _) => *covers,
                (None, None) => true,
                (None, Some(scope)) => {
                    let covers = read_scope(&held)?.is_none_or(|under| under.covers(scope));
                    covering.insert(held, covers);
                    covers
                }
            };
            if let (true, Some(date)) = (covers, read_date(&date)?) {
                let read = read_begin_utc_ms.div_euclid(1000);
                let newest = times.entry(date).or_insert(read);
                *newest = read.max(*newest);
            }
        }
    }
    Ok(times)
}
