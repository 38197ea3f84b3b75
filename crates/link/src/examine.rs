//! Looking at the CMS: which tables, columns, ACDs, dates and interval lengths are really there.
//!
//! Uses index look-ups and small result sets only. A missing table or column does not end the look: it is
//! part of what is found, and becomes the problem to report when the import cannot do without it.

use crate::cms::Cms;
use crate::problems;
use floorwire_avaya_cms::catalogue::{self, Table};
use floorwire_avaya_cms::statement;
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
        } else if !found.columns_missing.is_empty() {
            notes.push(Note {
                code: "columns-missing".to_owned(),
                text: format!(
                    "{} has no {}: figures that need them are unknown",
                    table.name,
                    found.columns_missing.join(", ")
                ),
            });
        }
        if table.date_column.is_some() && found.present && !found.start_time_utc {
            notes.push(Note {
                code: "no-starttime-utc".to_owned(),
                text: "no starttime_utc: the repeated hour of a clock change is one entry marked ambiguous"
                    .to_owned(),
            });
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
