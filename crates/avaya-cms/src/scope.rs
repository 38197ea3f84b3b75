//! Keeps rows of people who are not in scope at the site. The Link applies it to every batch of a table with `logid` before anything
//! is encoded; what it drops is not counted by name anywhere.
//!
//! A skill scope means agents, not rows: an agent's own seconds may be booked on any skill, so whoever has a row for a skill in scope
//! keeps all rows. Who that is, is read first ([`logins_of_skills`]).

use crate::agents::login;
use crate::catalogue::HAGENT;
use crate::statement::{Parameter, Statement};
use floorwire_model::agents::AgentKey;
use floorwire_model::agents::scope::AgentScope;
use floorwire_model::columns::{ColumnValues, ColumnsError, SourceColumn, SourceColumns};
use floorwire_model::ids::AcdNumber;
use jiff::civil::Date;
use std::collections::BTreeSet;

/// The login IDs with a row for one of the skills in scope: one text column. `None` for scopes without skills of this ACD.
pub fn logins_of_skills(scope: &AgentScope, acd: AcdNumber, row_date: Date) -> Option<Statement> {
    let AgentScope::Skills { skills } = scope else {
        return None;
    };
    let own: Vec<i32> = skills
        .iter()
        .filter(|(of, _)| *of == acd)
        .map(|(_, skill)| *skill)
        .collect();
    if own.is_empty() {
        return None;
    }
    let marks = vec!["?"; own.len()].join(", ");
    let sql = format!(
        "SELECT DISTINCT logid FROM {} WHERE row_date = ? AND acd = ? AND split IN ({marks})",
        HAGENT.name
    );
    let mut parameters = vec![Parameter::Date(row_date), Parameter::Int32(acd.0)];
    parameters.extend(own.into_iter().map(Parameter::Int32));
    Some(Statement { sql, parameters })
}

/// Whether the rows of a login ID may leave the site. `by_skills`: what [`logins_of_skills`] gave, without padding.
pub fn allows(
    scope: &AgentScope,
    acd: AcdNumber,
    login_id: &str,
    by_skills: &BTreeSet<String>,
) -> bool {
    match scope {
        AgentScope::Off => false,
        AgentScope::All => true,
        AgentScope::Acds { acds } => acds.contains(&acd),
        AgentScope::Skills { .. } => by_skills.contains(login_id),
        AgentScope::Logins { logins } => logins.contains(&AgentKey {
            acd,
            login: login_id.to_owned(),
        }),
    }
}

/// The rows in scope. Rows without a login ID are nobody's and are dropped too, unless everybody is in scope.
pub fn keep(
    rows: SourceColumns,
    scope: &AgentScope,
    acd: AcdNumber,
    by_skills: &BTreeSet<String>,
) -> Result<SourceColumns, ColumnsError> {
    if *scope == AgentScope::All || rows.columns.is_empty() {
        return Ok(rows);
    }
    let login_ids = rows.text("logid")?;
    let total = usize::try_from(rows.rows).unwrap_or(usize::MAX);
    let kept: Vec<usize> = (0..total)
        .filter(|row| {
            login(login_ids.get(*row))
                .is_some_and(|login_id| allows(scope, acd, login_id, by_skills))
        })
        .collect();
    let columns = rows.columns.iter().map(|column| SourceColumn {
        name: column.name.clone(),
        values: picked(&column.values, &kept),
    });
    Ok(SourceColumns {
        format_version: rows.format_version,
        rows: kept.len() as u64,
        columns: columns.collect(),
    })
}

fn picked(values: &ColumnValues, kept: &[usize]) -> ColumnValues {
    let nulls = |old: &[u32]| {
        let is_null =
            |row: &usize| u32::try_from(*row).is_ok_and(|row| old.binary_search(&row).is_ok());
        (0_u32..)
            .zip(kept)
            .filter(|(_, row)| is_null(row))
            .map(|(at, _)| at)
            .collect()
    };
    match values {
        ColumnValues::Int32 { values, nulls: old } => ColumnValues::Int32 {
            values: kept
                .iter()
                .filter_map(|&row| values.get(row).copied())
                .collect(),
            nulls: nulls(old),
        },
        ColumnValues::Text { values, nulls: old } => ColumnValues::Text {
            values: kept
                .iter()
                .filter_map(|&row| values.get(row).cloned())
                .collect(),
            nulls: nulls(old),
        },
        ColumnValues::Date {
            days_since_1970,
            nulls: old,
        } => ColumnValues::Date {
            days_since_1970: kept
                .iter()
                .filter_map(|&row| days_since_1970.get(row).copied())
                .collect(),
            nulls: nulls(old),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_rows::{Cell, row, source};
    use jiff::civil::date;

    fn rows() -> SourceColumns {
        source(&[
            row([("logid", "100 ".into()), ("split", Cell::Int(None))]),
            row([("logid", "200".into()), ("split", 2.into())]),
            row([("logid", "".into()), ("split", 3.into())]),
            row([("logid", "300".into()), ("split", Cell::Int(None))]),
        ])
    }

    fn kept(scope: &AgentScope, by_skills: &[&str]) -> Vec<String> {
        let names = by_skills.iter().map(|name| (*name).to_owned()).collect();
        let rows = keep(rows(), scope, AcdNumber(1), &names).unwrap();
        rows.validate().unwrap();
        let logins = rows.text("logid").unwrap();
        let count = usize::try_from(rows.rows).unwrap();
        (0..count)
            .map(|row| logins.get(row).unwrap().trim().to_owned())
            .collect()
    }

    #[test]
    fn nobody_leaves_the_site_unless_in_scope() {
        assert!(kept(&AgentScope::Off, &[]).is_empty());
        assert_eq!(kept(&AgentScope::All, &[]).len(), 4);
        let login_of = |acd| AgentKey {
            acd: AcdNumber(acd),
            login: "200".into(),
        };
        assert_eq!(
            kept(
                &AgentScope::Logins {
                    logins: [login_of(1)].into()
                },
                &[]
            ),
            ["200"]
        );
        assert!(
            kept(
                &AgentScope::Logins {
                    logins: [login_of(2)].into()
                },
                &[]
            )
            .is_empty()
        );
        assert!(
            kept(
                &AgentScope::Acds {
                    acds: [AcdNumber(2)].into()
                },
                &[]
            )
            .is_empty()
        );
    }

    #[test]
    fn a_skill_brings_all_rows_of_its_agents_and_nulls_stay_nulls() {
        let scope = AgentScope::Skills {
            skills: [(AcdNumber(1), 2), (AcdNumber(2), 9)].into(),
        };
        assert_eq!(kept(&scope, &["300", "100"]), ["100", "300"]);
        let statement = logins_of_skills(&scope, AcdNumber(1), date(2026, 3, 1)).unwrap();
        assert!(
            statement
                .sql
                .ends_with("row_date = ? AND acd = ? AND split IN (?)")
        );
        assert_eq!(statement.parameters[2..], [Parameter::Int32(2)]);
        assert!(logins_of_skills(&scope, AcdNumber(3), date(2026, 3, 1)).is_none());
        let narrowed = keep(rows(), &scope, AcdNumber(1), &["300".to_owned()].into()).unwrap();
        assert_eq!(narrowed.int32("split").unwrap().get(0), None);
    }
}
