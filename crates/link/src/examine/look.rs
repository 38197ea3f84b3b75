//! What is good to know of a site but not needed for the import. Nothing here fails an examination: a database that does
//! not answer a question, or may not be asked, leaves it open.

use crate::cms::Cms;
use floorwire_avaya_cms::catalogue::{AG_ACTV, Column, Table};
use floorwire_avaya_cms::statement::{Statement, look};
use floorwire_protocol::capabilities::AcdExtent;
use floorwire_protocol::messages::LinkConfiguration;
use jiff::Timestamp;
use jiff::civil::Date;
use std::collections::BTreeSet;

/// Integers of a statement; `None` when there is none, or no answer.
async fn integers(
    cms: &mut Cms,
    configuration: &LinkConfiguration,
    statement: Option<Statement>,
) -> Option<Vec<i32>> {
    match cms.integers(configuration, &statement?).await {
        Ok(found) => Some(found),
        Err(problem) => {
            tracing::debug!(code = problem.code, detail = problem.detail, "left open");
            None
        }
    }
}

/// Texts of a statement, without padding; none when there is no answer.
async fn texts(
    cms: &mut Cms,
    configuration: &LinkConfiguration,
    statement: Option<Statement>,
) -> BTreeSet<String> {
    let Some(statement) = statement else {
        return BTreeSet::new();
    };
    match cms.texts(configuration, &statement).await {
        Ok(found) => found,
        Err(problem) => {
            tracing::debug!(code = problem.code, detail = problem.detail, "left open");
            BTreeSet::new()
        }
    }
}

/// Clock of the database minus this machine's, seconds. The second half of the way there and back counts for the answer.
pub async fn clock_difference(
    cms: &mut Cms,
    configuration: &LinkConfiguration,
    database_kind: &str,
) -> Option<i64> {
    let asked = Timestamp::now().as_millisecond();
    let found = integers(cms, configuration, look::clock(database_kind)).await?;
    let answered = Timestamp::now().as_millisecond();
    let here_s = (asked + (answered - asked) / 2).div_euclid(1000);
    Some(i64::from(*found.first()?) - here_s)
}

/// Who owns a table; `None` when several owners have one of that name.
pub async fn owner(
    cms: &mut Cms,
    configuration: &LinkConfiguration,
    database_kind: &str,
    table: &Table,
) -> Option<String> {
    let statement = look::owner(database_kind, table);
    let mut owners = texts(cms, configuration, statement).await;
    owners.pop_first().filter(|_| owners.is_empty())
}

/// Kinds of names in the dictionary, lower case.
pub async fn dictionary_types(
    cms: &mut Cms,
    configuration: &LinkConfiguration,
    table: &Table,
) -> BTreeSet<String> {
    let types = texts(cms, configuration, look::dictionary_types(table)).await;
    types.iter().map(|kind| kind.to_lowercase()).collect()
}

/// AUX reasons that have a column; `None` for tables that never have one.
pub fn aux_reasons(table: &Table, columns: &[Column]) -> Option<u16> {
    let is_reason = |column: &&Column| {
        let number = column.name.strip_prefix("ti_auxtime");
        number.is_some_and(|number| !number.is_empty())
    };
    table.columns.iter().find(is_reason)?;
    u16::try_from(columns.iter().filter(is_reason).count()).ok()
}

/// The newest interval of an ACD, its doubled keys, and how many agents are traced.
pub async fn at_newest(
    cms: &mut Cms,
    configuration: &LinkConfiguration,
    table: &'static Table,
    columns: &[Column],
    newest: Date,
    extent: &mut AcdExtent,
) {
    let acd = extent.acd;
    // The clock of one ACD may be a day behind that of another.
    for date in [Some(newest), newest.yesterday().ok()]
        .into_iter()
        .flatten()
    {
        let statement = look::newest_start(table, acd, date);
        let Some(starts) = integers(cms, configuration, statement).await else {
            break;
        };
        if let Some(start) = starts.first() {
            extent.newest_interval_date = Some(date.to_string());
            extent.newest_interval_hhmm = Some(*start);
            break;
        }
    }
    let has = |name: &str| columns.iter().any(|column| column.name == name);
    let doubled = look::doubled_keys(table, has, acd, newest);
    if let Some(keys) = integers(cms, configuration, doubled).await {
        extent.duplicate_keys = u32::try_from(keys.len()).ok();
    }
    if table.name == AG_ACTV.name {
        let counted = integers(cms, configuration, look::agents(table, acd, newest)).await;
        let count = counted.and_then(|counted| counted.first().copied());
        extent.traced_agents = count.and_then(|count| u32::try_from(count).ok());
    }
}
