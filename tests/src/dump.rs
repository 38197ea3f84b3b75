//! Everything that an import leaves at the Hub, as lines of text: to compare two of them.
//!
//! Left out is what two imports of the same source may differ in: numbers that the Hub gives, when it read, and on which days
//! it looked for outages of an ACD that has had none (from the day on which the import began).

use crate::hub::Hub;
use anyhow::ensure;
use std::collections::BTreeSet;

/// One line per row, by table.
const QUERIES: [&str; 4] = [
    "SELECT 'queue ' || q.acd || ' ' || q.kind || ' ' || q.number || ' ' || i.start_utc_s || ' ' || i.length_s || ' '
            || i.row_day || ' ' || i.quality || ' ' || COALESCE('' || i.offered, '-') || ' ' || COALESCE('' || i.answered, '-')
            || ' ' || COALESCE('' || i.abandoned, '-') || ' ' || COALESCE('' || i.within_threshold, '-') || ' '
            || COALESCE('' || i.talk_seconds, '-') || ' ' || COALESCE('' || i.hold_seconds, '-') || ' '
            || COALESCE('' || i.acw_seconds, '-') || ' ' || COALESCE('' || i.wait_seconds, '-') || ' '
            || COALESCE('' || i.staffed_seconds, '-') || ' ' || COALESCE('' || i.available_seconds, '-') || ' '
            || COALESCE('' || i.threshold_seconds, '-')
        FROM queue_intervals i JOIN queues q ON q.account_id = i.account_id AND q.queue_id = i.queue_id",
    "SELECT 'agent ' || a.acd || ' ' || a.login || ' ' || r.stream || ' ' || r.row_day || ' ' || {content}
        FROM agent_records r JOIN agents a ON a.account_id = r.account_id AND a.agent_id = r.agent_id",
    "SELECT 'ledger ' || stream || ' ' || acd || ' ' || local_date || ' ' || slot_minutes || ' ' || zone || ' ' || letters
            || ' ' || set_aside || ' ' || closed FROM ledger_days WHERE stream <> 'outages'",
    "SELECT 'name ' || acd || ' ' || item_type || ' ' || value || ' ' || name || ' ' || description || ' ' || standard
        FROM dictionary_entries",
];

/// The lines, in no order.
pub async fn of(hub: &Hub) -> anyhow::Result<BTreeSet<String>> {
    let mut lines = BTreeSet::new();
    for query in QUERIES {
        let content = match hub.store.name() {
            "postgresql" => "encode(r.content, 'hex')",
            _ => "lower(hex(r.content))",
        };
        let found = hub.texts(&query.replace("{content}", content)).await?;
        let count = found.len();
        let before = lines.len();
        lines.extend(found);
        ensure!(lines.len() == before + count, "two rows are alike: {query}");
    }
    Ok(lines)
}

/// What is in one and not in the other, one line each.
pub fn differences(one: &BTreeSet<String>, other: &BTreeSet<String>) -> Vec<String> {
    let missing = one
        .difference(other)
        .map(|line| format!("only in the first: {line}"));
    let surplus = other
        .difference(one)
        .map(|line| format!("only in the second: {line}"));
    // Documents of agents are long.
    let cut = |line: String| line.chars().take(240).collect();
    missing.chain(surplus).map(cut).collect()
}
