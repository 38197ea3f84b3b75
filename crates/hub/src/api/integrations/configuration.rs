//! Settings as they come in: checked, and merged into those that are stored.
//!
//! The open part of a connection string must not hold a secret. The browser puts the placeholder `{sealed}` where a secret
//! stands and seals the secrets to the Link's key; the hub could not read them if it wanted to.

use super::calls;
use super::dto::{self, ConfigurationPatch, SealedConnectionString};
use crate::api::dates;
use crate::configuration::{Configuration, Grouping, SEALED_PLACEHOLDER, SealedConnection};
use crate::error::{ApiResult, Problem};
use crate::quiet_hours::{QuietHours, time_of_day};
use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use floorwire_connection_string::{ConnectionString, open_part_has_secret};
use floorwire_model::agents::settings::Stamp;
use std::collections::{BTreeMap, BTreeSet};

const LONGEST_NAME: usize = 100;
const LONGEST_CONNECTION_STRING: usize = 8 * 1024;
const LONGEST_SEALED: usize = 32 * 1024;
/// A sealed box without content: the sender's key and the tag, bytes.
/// Spans of quiet hours in a day.
const MOST_QUIET_HOURS: usize = 12;
const SHORTEST_BOX: usize = 48;

/// A name without blanks around it, 1 to 100 characters, none of them a control character.
pub fn checked_name(name: &str) -> ApiResult<String> {
    let name = name.trim();
    let length = name.chars().count();
    if length == 0 || length > LONGEST_NAME || name.chars().any(char::is_control) {
        return Err(Problem::invalid(
            "invalid-name",
            "`name` must have 1 to 100 characters on one line",
        ));
    }
    Ok(name.to_owned())
}

fn checked_quiet_hours(spans: &[dto::QuietHours]) -> ApiResult<Vec<QuietHours>> {
    let invalid = |detail: String| Problem::invalid("invalid-quiet-hours", detail);
    if spans.len() > MOST_QUIET_HOURS {
        return Err(invalid(format!(
            "`quietHours` has {} spans; it can have {MOST_QUIET_HOURS}",
            spans.len()
        )));
    }
    let time = |text: &str| {
        time_of_day(text).ok_or_else(|| {
            invalid(format!(
                "`{text}` is not a time of day; write it as HH:MM, such as 08:30"
            ))
        })
    };
    let checked = |span: &dto::QuietHours| {
        let (from, to) = (time(&span.from)?, time(&span.to)?);
        if from == to {
            return Err(invalid(format!(
                "quiet hours from {} to {} never end; pause the integration instead",
                span.from, span.to
            )));
        }
        Ok(QuietHours { from, to })
    };
    spans.iter().map(checked).collect()
}

/// Merges changed settings into `configuration`, field by field. `profiles` are the names of the profiles of feeds that
/// there are.
pub fn apply(
    configuration: &mut Configuration,
    mut patch: ConfigurationPatch,
    profiles: &BTreeSet<String>,
) -> ApiResult<()> {
    calls::apply(configuration, &mut patch)?;
    if let Some(connection) = patch.connection_string {
        configuration.connection = Some(checked_connection(connection)?);
    }
    if let Some(zone) = patch.zone {
        dates::zone(&zone)?;
        configuration.zone = Some(zone);
    }
    if let Some(zones) = patch.acd_zones {
        configuration.acd_zones = checked_acd_zones(zones)?;
    }
    if let Some(grouping) = patch.grouping {
        configuration.grouping = Grouping::from_name(&grouping).ok_or_else(|| {
            Problem::invalid(
                "invalid-grouping",
                "`grouping` is not known; `split` and `vdn` are",
            )
        })?;
    }
    if let Some(spans) = patch.quiet_hours {
        configuration.quiet_hours = checked_quiet_hours(&spans)?;
    }
    if let Some(start_date) = patch.start_date {
        configuration.start_date = start_date
            .map(|text| dates::date("startDate", &text))
            .transpose()?;
    }
    if let Some(scope) = patch.agent_scope {
        configuration.agent_scope = scope.checked()?;
    }
    if let Some(tables) = patch.agent_tables {
        let outage_stamp = configuration.agents.outage_stamp;
        configuration.agents = tables.checked()?;
        configuration.agents.outage_stamp = outage_stamp;
    }
    if let Some(hours) = patch.business_hours {
        configuration.business_hours = hours.checked()?;
    }
    if let Some(outage_time) = patch.outage_time {
        configuration.agents.outage_stamp = outage_time.map(Stamp::from);
    }
    if let Some(rereading) = patch.rereading {
        configuration.rereading = rereading.checked()?;
    }
    if let Some(realtime) = patch.realtime {
        configuration.realtime = realtime.checked(profiles)?;
    }
    if let Some(generic_absence) = patch.generic_absence {
        configuration.generic_absence = generic_absence;
    }
    if let Some(agent_detail) = patch.agent_detail {
        configuration.agent_detail = agent_detail;
    }
    Ok(())
}

fn checked_acd_zones(zones: BTreeMap<String, String>) -> ApiResult<BTreeMap<i32, String>> {
    let mut checked = BTreeMap::new();
    for (acd, zone) in zones {
        let number = acd.parse::<i16>().ok().filter(|number| *number > 0);
        let Some(number) = number else {
            let detail = format!("`acdZones`: `{acd}` is not the number of an acd, 1 to 32767");
            return Err(Problem::invalid("invalid-acd", detail));
        };
        dates::zone(&zone)?;
        checked.insert(i32::from(number), zone);
    }
    Ok(checked)
}

fn checked_connection(connection: SealedConnectionString) -> ApiResult<SealedConnection> {
    let SealedConnectionString { open, sealed } = connection;
    let invalid = |detail: String| Problem::invalid("invalid-connection-string", detail);
    if open.len() > LONGEST_CONNECTION_STRING {
        return Err(invalid(format!(
            "the connection string has more than {LONGEST_CONNECTION_STRING} bytes"
        )));
    }
    ConnectionString::parse(&open).map_err(|error| invalid(error.to_string()))?;
    if let Some(keyword) = open_part_has_secret(&open) {
        return Err(Problem::invalid("unsealed-secret", format!("the value of `{keyword}` is a secret and is not sealed"))
            .remedy("pair the Link first, then enter the connection string on the page, which seals it to the Link's key"));
    }
    let sealed = sealed
        .map(|text| text.trim().to_owned())
        .filter(|text| !text.is_empty());
    match &sealed {
        Some(text) if text.len() > LONGEST_SEALED => {
            return Err(invalid("the sealed part is too long".to_owned()));
        }
        Some(text) => {
            let is_box = BASE64
                .decode(text)
                .is_ok_and(|bytes| bytes.len() >= SHORTEST_BOX);
            if !is_box {
                return Err(invalid(
                    "the sealed part is not a sealed box in base64".to_owned(),
                ));
            }
        }
        None if open.contains(SEALED_PLACEHOLDER) => {
            return Err(invalid(
                "the open part has a placeholder, and there is no sealed part".to_owned(),
            ));
        }
        None => {}
    }
    Ok(SealedConnection { open, sealed })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn patch(open: &str, sealed: Option<String>) -> ConfigurationPatch {
        let connection = SealedConnectionString {
            open: open.to_owned(),
            sealed,
        };
        ConfigurationPatch {
            connection_string: Some(connection),
            ..ConfigurationPatch::default()
        }
    }

    fn refusal(patch: ConfigurationPatch) -> String {
        apply(&mut Configuration::default(), patch, &BTreeSet::new())
            .unwrap_err()
            .code()
            .to_owned()
    }

    #[test]
    fn a_secret_in_the_open_part_is_refused() {
        let sealed = Some(BASE64.encode([7_u8; 60]));
        assert_eq!(
            refusal(patch("DSN=A;PWD=hunter2;", sealed.clone())),
            "unsealed-secret"
        );
        assert_eq!(
            refusal(patch("DSN=A;Password={a;b};", sealed.clone())),
            "unsealed-secret"
        );
        assert_eq!(
            refusal(patch("DSN=A;PWD={sealed};", None)),
            "invalid-connection-string"
        );
        assert_eq!(
            refusal(patch("DSN=A;PWD={sealed};", Some("AAAA".into()))),
            "invalid-connection-string"
        );
        let mut configuration = Configuration::default();
        apply(
            &mut configuration,
            patch("DSN=A;PWD={sealed};", sealed),
            &BTreeSet::new(),
        )
        .unwrap();
        assert!(configuration.connection.unwrap().is_complete());
    }

    #[test]
    fn fields_left_out_stay_and_wrong_ones_are_named() {
        let mut configuration = Configuration {
            zone: Some("Europe/Paris".into()),
            ..Configuration::default()
        };
        let start = ConfigurationPatch {
            start_date: Some(Some("2025-01-01".into())),
            ..Default::default()
        };
        apply(&mut configuration, start, &BTreeSet::new()).unwrap();
        assert_eq!(configuration.zone.as_deref(), Some("Europe/Paris"));
        assert!(configuration.start_date.is_some());
        apply(
            &mut configuration,
            ConfigurationPatch {
                start_date: Some(None),
                ..Default::default()
            },
            &BTreeSet::new(),
        )
        .unwrap();
        assert!(configuration.start_date.is_none());
        let zone = ConfigurationPatch {
            zone: Some("Europe/Atlantis".into()),
            ..Default::default()
        };
        assert_eq!(refusal(zone), "invalid-zone");
        let grouping = ConfigurationPatch {
            grouping: Some("agent".into()),
            ..Default::default()
        };
        assert_eq!(refusal(grouping), "invalid-grouping");
        assert!(checked_name("  ").is_err());
        assert_eq!(checked_name(" Paris ").unwrap(), "Paris");
    }
}
