//! `floorwire-link doctor`: what this host and the CMS behind the connection offer, for the person who sets it up.
//!
//! It reads as an examination does and stores nothing. It takes the connection from an option, or the one that the Hub
//! gave last. Secrets are never part of the report.

use crate::cms::{Cms, Limits};
use crate::examine::examine;
use crate::feed::order_form::OrderForm;
use crate::guard::Guard;
use crate::identity::Identity;
use crate::last_configuration;
use crate::options::Settings;
use crate::run::worker_settings;
use anyhow::Context;
use floorwire_connection_string::ConnectionString;
use floorwire_model::agents::scope::AgentScope;
use floorwire_model::zone_guess::{NewestSeen, likely};
use floorwire_odbc::Supervisor;
use floorwire_protocol::capabilities::{AcdExtent, Capabilities, TableCapability};
use floorwire_protocol::messages::{LinkConfiguration, Problem};
use floorwire_protocol::sealing::{LinkKey, seal};
use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;
use std::fmt;

/// The table whose newest interval tells the zone.
const CALLS: &str = "hsplit";

/// What was found.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// Where the connection came from: `option`, or `hub`.
    pub connection_from: &'static str,
    /// `DRIVER` or `DSN` of the connection string.
    pub driver: Option<String>,
    /// ODBC drivers registered on this host.
    pub drivers_registered: Vec<String>,
    /// When it was looked.
    pub examined_at: Timestamp,
    /// What was found; absent when the database could not be examined.
    pub capabilities: Option<Capabilities>,
    /// Zones that fit the newest interval of each ACD.
    pub likely_zones: Vec<LikelyZones>,
    /// What keeps the import from working.
    pub problem: Option<Problem>,
    /// What to order, so that the CMS sends its real-time feed here.
    pub real_time_order: OrderForm,
}

/// Zones that fit the newest interval of an ACD, were it written just now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LikelyZones {
    /// The ACD.
    pub acd: i32,
    /// Start of its newest interval on its clock, `YYYY-MM-DD HH:MM`.
    pub newest_interval: String,
    /// Zones; empty when the newest interval is too old, or none of the usual ones fits.
    pub zones: Vec<String>,
}

/// Looks at the database. `connection` is a connection string; without one the Hub's last configuration is used.
pub async fn doctor(settings: &Settings, connection: Option<&str>) -> anyhow::Result<Report> {
    let (key, configuration) = match connection {
        Some(text) => given(text)?,
        None => from_hub(settings)?,
    };
    let driver = ConnectionString::parse(&configuration.connection_open)
        .ok()
        .and_then(|open| {
            let named = open.get("DRIVER").or_else(|| open.get("DSN"));
            named.map(str::to_owned)
        });
    let limits = Limits {
        row_limit: settings.row_limit,
        statement_timeout_s: settings.statement_timeout_s,
    };
    let mut cms = Cms::new(
        Supervisor::new(worker_settings(settings)?),
        key,
        limits,
        Guard::new(settings.guard),
    );
    let drivers_registered = match cms.registered().await {
        Ok(registered) => registered.drivers,
        Err(_) => Vec::new(),
    };
    let examined_at = Timestamp::now();
    let (capabilities, problem) = match examine(&mut cms, &configuration).await {
        Ok((capabilities, problem)) => (Some(capabilities), problem),
        Err(problem) => (None, Some(problem)),
    };
    cms.stop().await;
    let likely_zones = capabilities
        .as_ref()
        .map(|found| likely_zones(found, examined_at.as_second()))
        .unwrap_or_default();
    Ok(Report {
        connection_from: if connection.is_some() {
            "option"
        } else {
            "hub"
        },
        driver,
        drivers_registered,
        examined_at,
        capabilities,
        likely_zones,
        problem,
        real_time_order: OrderForm::new(configuration.realtime.as_ref()),
    })
}

/// A connection that somebody typed, sealed to a key of the moment, as the browser does it. The person at this server sees
/// everything anyway, so agent tables are looked at.
fn given(text: &str) -> anyhow::Result<(LinkKey, LinkConfiguration)> {
    let parts = ConnectionString::parse(text)
        .context("the connection string cannot be read")?
        .split_for_sealing();
    let key = LinkKey::generate();
    let connection_sealed = seal(&key.public_base64(), &parts.to_seal)?;
    let configuration = LinkConfiguration {
        version: 0,
        connection_open: parts.open,
        connection_sealed,
        agent_scope: AgentScope::All,
        realtime: None,
    };
    Ok((key, configuration))
}

fn from_hub(settings: &Settings) -> anyhow::Result<(LinkKey, LinkConfiguration)> {
    let folder = &settings.data_dir;
    let nothing = || {
        format!(
            "no configuration in {}; run the link until the hub has given it one, or give --connection-string",
            folder.display()
        )
    };
    let identity = Identity::load(folder)?.with_context(nothing)?;
    let configuration = last_configuration::load(folder)
        .with_context(|| format!("cannot read the last configuration in {}", folder.display()))?
        .with_context(nothing)?;
    Ok((identity.key, configuration))
}

fn likely_zones(found: &Capabilities, seen_utc_s: i64) -> Vec<LikelyZones> {
    let Some(calls) = found.table(CALLS) else {
        return Vec::new();
    };
    let of_acd = |extent: &AcdExtent| {
        let (date, hhmm) = (
            extent.newest_interval_date.as_deref()?,
            extent.newest_interval_hhmm?,
        );
        let (hour, minute) = (
            i8::try_from(hhmm / 100).ok()?,
            i8::try_from(hhmm % 100).ok()?,
        );
        let time = jiff::civil::Time::new(hour, minute, 0, 0).ok()?;
        let start_local = date.parse::<Date>().ok()?.to_datetime(time);
        let look = NewestSeen {
            seen_utc_s,
            start_local,
            start_utc_s: None,
            length_s: i64::from(extent.interval_minutes?) * 60,
        };
        Some(LikelyZones {
            acd: extent.acd,
            newest_interval: format!("{date} {hour:02}:{minute:02}"),
            zones: likely(&[look]),
        })
    };
    calls.acds.iter().filter_map(of_acd).collect()
}

fn one_or(text: Option<&str>, otherwise: &str) -> String {
    text.unwrap_or(otherwise).to_owned()
}

impl fmt::Display for Report {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let from = match self.connection_from {
            "option" => "given",
            _ => "the last one of the hub",
        };
        writeln!(out, "Connection   {from}")?;
        writeln!(
            out,
            "Driver       {}",
            one_or(self.driver.as_deref(), "not named")
        )?;
        writeln!(out, "Registered   {}", listed(&self.drivers_registered))?;
        if let Some(found) = &self.capabilities {
            writeln!(out, "Database     {}", found.database_kind)?;
            let clock = match found.clock_difference_s {
                None => "cannot be read".to_owned(),
                Some(0) => "as this machine's".to_owned(),
                Some(seconds) => format!("{seconds:+} s against this machine's"),
            };
            writeln!(out, "Clock        {clock}")?;
            writeln!(out, "\nTables")?;
            for table in &found.tables {
                write_table(out, table)?;
            }
            writeln!(
                out,
                "\nTime zone, by the newest interval (a quiet site makes this wrong)"
            )?;
            if self.likely_zones.is_empty() {
                writeln!(out, "  no interval to tell it from")?;
            }
            for acd in &self.likely_zones {
                let zones = match acd.zones.is_empty() {
                    true => "none of the usual zones, or no new rows for hours".to_owned(),
                    false => acd.zones.join(", "),
                };
                writeln!(out, "  ACD {:<6} {}  {zones}", acd.acd, acd.newest_interval)?;
            }
            writeln!(out, "\nWhat follows")?;
            if found.notes.is_empty() {
                writeln!(out, "  nothing is missing")?;
            }
            for note in &found.notes {
                writeln!(out, "  {} ({})", note.text, note.code)?;
            }
        }
        write!(out, "\n{}", self.real_time_order)?;
        match &self.problem {
            None => writeln!(out, "\nThe import can work."),
            Some(problem) => {
                writeln!(out, "\nProblem      {} ({})", problem.title, problem.code)?;
                writeln!(out, "             {}", problem.detail)?;
                writeln!(out, "What to do   {}", problem.remedy)
            }
        }
    }
}

fn listed(names: &[String]) -> String {
    match names.is_empty() {
        true => "no ODBC driver".to_owned(),
        false => names.join(", "),
    }
}

fn write_table(out: &mut fmt::Formatter<'_>, table: &TableCapability) -> fmt::Result {
    if !table.present {
        return writeln!(out, "  {:<10} not there, or may not be read", table.name);
    }
    let owner = table.owner.as_ref().map(|owner| format!(", owner {owner}"));
    let reasons = table
        .aux_reasons
        .map(|count| format!(", {count} AUX reasons"));
    writeln!(
        out,
        "  {:<10} may be read{}{}",
        table.name,
        owner.unwrap_or_default(),
        reasons.unwrap_or_default()
    )?;
    if !table.dictionary_types.is_empty() {
        let types: Vec<&str> = table.dictionary_types.iter().map(String::as_str).collect();
        writeln!(out, "             names of {}", types.join(", "))?;
    }
    for extent in &table.acds {
        let dates = match (&extent.oldest_date, &extent.newest_date) {
            (Some(oldest), Some(newest)) => format!("{oldest} to {newest}"),
            _ => "no dates".to_owned(),
        };
        let mut more = Vec::new();
        more.extend(
            extent
                .interval_minutes
                .map(|minutes| format!("{minutes} min")),
        );
        more.extend(
            extent
                .traced_agents
                .map(|agents| format!("{agents} traced agents")),
        );
        more.extend(
            extent
                .duplicate_keys
                .map(|keys| format!("{keys} doubled keys")),
        );
        let more: String = more.iter().map(|text| format!(", {text}")).collect();
        writeln!(out, "             ACD {}: {dates}{more}", extent.acd)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_given_secret_is_not_in_the_open_part() {
        let (_, configuration) =
            given("DRIVER={IBM INFORMIX ODBC DRIVER};UID=me;PWD=hunter2;").unwrap();
        assert!(!format!("{configuration:?}").contains("hunter2"));
        assert!(given("nonsense").is_err());
    }

    #[test]
    fn a_report_reads_and_names_the_likely_zone() {
        let seen: Timestamp = "2026-06-01T10:05:00Z".parse().unwrap();
        let extent = AcdExtent {
            acd: 1,
            oldest_date: Some("2025-06-01".into()),
            newest_date: Some("2026-06-01".into()),
            interval_minutes: Some(30),
            newest_interval_date: Some("2026-06-01".into()),
            newest_interval_hhmm: Some(1100),
            duplicate_keys: Some(0),
            ..AcdExtent::default()
        };
        let found = Capabilities {
            database_kind: "sqlite".into(),
            clock_difference_s: Some(2),
            tables: vec![
                TableCapability {
                    name: CALLS.into(),
                    present: true,
                    acds: vec![extent],
                    ..TableCapability::default()
                },
                TableCapability {
                    name: "hagent".into(),
                    ..TableCapability::default()
                },
            ],
            ..Capabilities::default()
        };
        let report = Report {
            connection_from: "option",
            driver: Some("SQLite3".into()),
            drivers_registered: vec!["SQLite3".into()],
            examined_at: seen,
            likely_zones: likely_zones(&found, seen.as_second()),
            capabilities: Some(found),
            problem: None,
            real_time_order: OrderForm::new(None),
        };
        let text = report.to_string();
        for part in [
            "+2 s against",
            "ACD 1: 2025-06-01 to 2026-06-01, 30 min, 0 doubled keys",
            "hagent     not there",
            "2026-06-01 11:00  Europe/Paris",
            "The import can work.",
        ] {
            assert!(text.contains(part), "{part} is not in\n{text}");
        }
    }
}
