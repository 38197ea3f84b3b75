//! Looking at the CMS: which tables, columns, ACDs, dates and interval lengths are really there.
//!
//! Uses index look-ups and small result sets only. A missing table or column does not end the look: it is
//! part of what is found, and becomes the problem to report when the import cannot do without it. Tables with personal data
//! are looked at under a scope for agent data only, and none of them is indispensable.

mod look;

use crate::cms::Cms;
use crate::problems;
use floorwire_avaya_cms::catalogue::{self, LINKEX, Table};
use floorwire_avaya_cms::statement;
use floorwire_model::agents::scope::AgentScope;
use floorwire_protocol::capabilities::{AcdExtent, Capabilities, TableCapability, consequences};
use floorwire_protocol::messages::{LinkConfiguration, Problem};
use jiff::civil::Date;

/// What was found, and what keeps the import from working.
pub async fn examine(
    cms: &mut Cms,
    configuration: &LinkConfiguration,
) -> Result<(Capabilities, Option<Problem>), Problem> {
    cms.forget();
    let database_kind = cms.database_kind(configuration).await?.to_owned();
    let clock_difference_s = look::clock_difference(cms, configuration, &database_kind).await;
    let mut tables = Vec::new();
    let mut problem = None;
    for table in catalogue::TABLES {
        let (found, missing) = examine_table(cms, configuration, table, &database_kind).await?;
        if let Some(missing) = missing {
            problem.get_or_insert(missing);
        }
        tables.push(found);
    }
    let agents: &[&'static Table] = match configuration.agent_scope {
        AgentScope::Off => &[],
        _ => &AGENT_TABLES,
    };
    for table in CALL_TABLES.iter().chain(agents) {
        let (mut found, _) = examine_table(cms, configuration, table, &database_kind).await?;
        if table.name == LINKEX.name && found.present {
            awaited_acds(&mut found, &tables);
        }
        tables.push(found);
    }
    let mut found = Capabilities {
        database_kind,
        tables,
        clock_difference_s,
        ..Capabilities::default()
    };
    found.notes = consequences(&found);
    Ok((found, problem))
}

/// ACDs that have had no outage yet may have one any time: they are looked at from the newest date on.
fn awaited_acds(outages: &mut TableCapability, tables: &[TableCapability]) {
    let intervals = tables
        .iter()
        .filter(|table| table.interval_minutes.is_some());
    for extent in intervals.flat_map(|table| &table.acds) {
        if outages.acds.iter().all(|known| known.acd != extent.acd) {
            outages.acds.push(AcdExtent {
                acd: extent.acd,
                oldest_date: extent.newest_date.clone(),
                newest_date: extent.newest_date.clone(),
                ..AcdExtent::default()
            });
        }
    }
}

/// Tables of calls beside those that an import cannot do without.
const CALL_TABLES: [&Table; 4] = [
    &catalogue::HVDN,
    &catalogue::DSPLIT,
    &catalogue::DVDN,
    &LINKEX,
];

/// The tables with agent data that are looked at.
const AGENT_TABLES: [&Table; 4] = [
    &catalogue::DAGENT,
    &catalogue::HAGENT,
    &catalogue::HAGLOG,
    &catalogue::AG_ACTV,
];

async fn examine_table(
    cms: &mut Cms,
    configuration: &LinkConfiguration,
    table: &'static Table,
    database_kind: &str,
) -> Result<(TableCapability, Option<Problem>), Problem> {
    let mut found = TableCapability {
        name: table.name.to_owned(),
        ..TableCapability::default()
    };
    let Some(columns) = cms.columns(configuration, table).await? else {
        return Ok((found, Some(problems::table_missing(table.name))));
    };
    let has = |name: &str| columns.iter().any(|column| column.name == name);
    let missing: Vec<_> = table
        .columns
        .iter()
        .filter(|column| !has(column.name))
        .collect();
    found.present = true;
    found.columns_missing = missing
        .iter()
        .map(|column| column.name.to_owned())
        .collect();
    found.start_time_utc = has("starttime_utc");
    let required: Vec<_> = missing
        .iter()
        .filter(|column| column.required)
        .map(|column| column.name)
        .collect();
    if !required.is_empty() {
        return Ok((
            found,
            Some(problems::columns_missing(table.name, &required)),
        ));
    }
    found.aux_reasons = look::aux_reasons(table, &columns);
    found.owner = look::owner(cms, configuration, database_kind, table).await;
    found.dictionary_types = look::dictionary_types(cms, configuration, table).await;
    let (oldest, newest) = dates(cms, configuration, table).await?;
    let text = |date: Option<Date>| date.map(|date| date.to_string());
    let mut acds = cms.integers(configuration, &statement::acds(table)).await?;
    acds.sort_unstable();
    for acd in acds {
        let interval_minutes = match newest {
            Some(newest) => interval_minutes(cms, configuration, table, acd, newest).await?,
            None => None,
        };
        found.interval_minutes = found.interval_minutes.or(interval_minutes);
        let mut extent = AcdExtent {
            acd,
            oldest_date: text(oldest),
            newest_date: text(newest),
            interval_minutes,
            ..AcdExtent::default()
        };
        if let Some(newest) = newest {
            look::at_newest(cms, configuration, table, &columns, newest, &mut extent).await;
        }
        found.acds.push(extent);
    }
    Ok((found, None))
}

async fn dates(
    cms: &mut Cms,
    configuration: &LinkConfiguration,
    table: &Table,
) -> Result<(Option<Date>, Option<Date>), Problem> {
    let (Some(oldest), Some(newest)) = (
        statement::date_extent(table, false),
        statement::date_extent(table, true),
    ) else {
        return Ok((None, None));
    };
    Ok((
        cms.date(configuration, &oldest).await?,
        cms.date(configuration, &newest).await?,
    ))
}

/// The interval length of an ACD's rows on the newest date, or on the day before where its clock is behind; `None` when
/// they state several.
async fn interval_minutes(
    cms: &mut Cms,
    configuration: &LinkConfiguration,
    table: &Table,
    acd: i32,
    newest: Date,
) -> Result<Option<u16>, Problem> {
    for date in [Some(newest), newest.yesterday().ok()]
        .into_iter()
        .flatten()
    {
        let Some(statement) = statement::interval_lengths(table, acd, date) else {
            return Ok(None);
        };
        match cms.integers(configuration, &statement).await?.as_slice() {
            [] => {}
            [only] => return Ok(u16::try_from(*only).ok()),
            _ => return Ok(None),
        }
    }
    Ok(None)
}
