//! Looking at the CMS: which tables, columns, ACDs, dates and interval lengths are really there.
//!
//! Uses index look-ups and small result sets only. A missing table or column does not end the look: it is
//! part of what is found, and becomes the problem to report when the import cannot do without it. Tables with personal data
//! are looked at under a scope for agent data only, and none of them is indispensable.

use crate::cms::Cms;
use crate::problems;
use floorwire_avaya_cms::catalogue::{self, LINKEX, Table};
use floorwire_avaya_cms::statement;
use floorwire_model::agents::scope::AgentScope;
use floorwire_protocol::capabilities::{AcdExtent, Capabilities, Note, TableCapability};
use floorwire_protocol::messages::{LinkConfiguration, Problem};
use jiff::civil::Date;

/// What was found, and what keeps the import from working.
pub async fn examine(
    cms: &mut Cms,
    configuration: &LinkConfiguration,
) -> Result<(Capabilities, Option<Problem>), Problem> {
    cms.forget();
    let database_kind = cms.database_kind(configuration).await?.to_owned();
    let mut tables = Vec::new();
    let mut notes = Vec::new();
    let mut problem = None;
    for table in catalogue::TABLES {
        let (found, missing) = examine_table(cms, configuration, table).await?;
        if let Some(missing) = missing {
            problem.get_or_insert(missing);
        } else {
            notes.extend(columns_note(&found));
        }
        if table.date_column.is_some() && found.present && !found.start_time_utc {
            notes.push(note(
                "no-starttime-utc",
                "no starttime_utc: the repeated hour of a clock change is one entry marked ambiguous",
            ));
        }
        tables.push(found);
    }
    for (table, consequence) in CALL_TABLES {
        let (mut found, missing) = examine_table(cms, configuration, table).await?;
        if missing.is_some() || (found.acds.is_empty() && table.name != LINKEX.name) {
            notes.push(note(consequence.0, consequence.1));
        } else {
            notes.extend(columns_note(&found));
        }
        if table.name == LINKEX.name && missing.is_none() {
            awaited_acds(&mut found, &tables);
        }
        tables.push(found);
    }
    let agents: &[Dispensable] = match configuration.agent_scope {
        AgentScope::Off => &[],
        _ => &AGENT_TABLES,
    };
    for (table, consequence) in agents {
        let (found, missing) = examine_table(cms, configuration, table).await?;
        if missing.is_some() || found.acds.is_empty() {
            notes.push(note(consequence.0, consequence.1));
        } else {
            notes.extend(columns_note(&found));
        }
        tables.push(found);
    }
    Ok((
        Capabilities {
            database_kind,
            tables,
            notes,
        },
        problem,
    ))
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
                interval_minutes: None,
            });
        }
    }
}

/// A table, and what it means when it is not there or empty: code and text of a note.
type Dispensable = (&'static Table, (&'static str, &'static str));

/// Tables of calls beside those that an import cannot do without.
const CALL_TABLES: [Dispensable; 4] = [
    (
        &catalogue::HVDN,
        (
            "no-vdn-intervals",
            "no rows in hvdn: calls cannot be grouped by VDN",
        ),
    ),
    (
        &catalogue::DSPLIT,
        (
            "no-split-days",
            "no rows in dsplit: of dates without intervals nothing is known by split",
        ),
    ),
    (
        &catalogue::DVDN,
        (
            "no-vdn-days",
            "no rows in dvdn: of dates without intervals nothing is known by VDN",
        ),
    ),
    (
        &LINKEX,
        (
            "no-outages",
            "no linkex: breaks of the link to the switch are not known, rows they spoilt are",
        ),
    ),
];

/// The tables with agent data.
const AGENT_TABLES: [Dispensable; 4] = [
    (
        &catalogue::DAGENT,
        (
            "no-agent-days",
            "no rows in dagent: of dates without intervals nothing is known of agents",
        ),
    ),
    (
        &catalogue::HAGENT,
        (
            "no-agent-intervals",
            "no rows in hagent: durations of agents are unknown",
        ),
    ),
    (
        &catalogue::HAGLOG,
        (
            "no-agent-sessions",
            "no rows in haglog: logins and logouts of agents are unknown",
        ),
    ),
    (
        &catalogue::AG_ACTV,
        (
            "no-agent-trace",
            "no rows in ag_actv (agent trace): statuses of agents have interval resolution",
        ),
    ),
];

fn note(code: &str, text: &str) -> Note {
    Note {
        code: code.to_owned(),
        text: text.to_owned(),
    }
}

/// AUX reasons that an older release does not have are not worth a word each.
fn columns_note(found: &TableCapability) -> Option<Note> {
    let is_reason = |column: &&String| column.starts_with("ti_auxtime");
    let reasons = found.columns_missing.iter().filter(is_reason).count();
    let others = found
        .columns_missing
        .iter()
        .filter(|column| !is_reason(column));
    let mut missing: Vec<String> = others.cloned().collect();
    if reasons > 0 {
        missing.push(format!("ti_auxtime of {reasons} reasons"));
    }
    let text = format!(
        "{} has no {}: figures that need them are unknown",
        found.name,
        missing.join(", ")
    );
    (!missing.is_empty()).then(|| note("columns-missing", &text))
}

async fn examine_table(
    cms: &mut Cms,
    configuration: &LinkConfiguration,
    table: &'static Table,
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
        found.acds.push(AcdExtent {
            acd,
            oldest_date: text(oldest),
            newest_date: text(newest),
            interval_minutes,
        });
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
