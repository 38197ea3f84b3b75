//! What a feed is: `acd=1,to=127.0.0.1:7001,layout=cisco-49,period=3`.

use crate::layout::{Layout, Names};
use serde::Serialize;
use std::str::FromStr;

/// Periods that a feed may have, seconds.
const PERIODS_S: std::ops::RangeInclusive<i64> = 1..=30;
/// What a CMS is delivered with.
const USUAL_PERIOD_S: i64 = 15;
/// Changes go out as soon as they are known.
const USUAL_DELTA_PERIOD_S: i64 = 1;

/// A feed: one ACD to one port.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FeedOptions {
    /// The ACD whose agents are sent.
    pub acd: i16,
    /// `host:port`; `None` where bytes go into a file.
    pub to: Option<String>,
    /// How agents become bytes.
    pub layout: Layout,
    /// Everybody, or changes only.
    pub mode: Mode,
    /// Seconds between refreshes, 1 to 30.
    pub period_s: i64,
    /// What becomes of somebody who logs out.
    pub logout: Logout,
    /// Whose names are shown.
    pub names: Names,
    /// In delta mode everybody is sent after each connect.
    pub resync: bool,
}

/// What a refresh holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Mode {
    /// Every agent.
    Snapshot,
    /// What has changed since the last one.
    Delta,
}

/// What becomes of somebody who logs out, in snapshots.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Logout {
    /// No row any more.
    Vanish,
    /// A row that says so, until the interval ends.
    Unstaff,
}

/// Why a feed or a fault cannot be understood.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}`: {reason}")]
pub struct NotUnderstood {
    /// What was given.
    pub text: String,
    /// What is wrong and what would be right.
    pub reason: String,
}

impl NotUnderstood {
    pub(crate) fn new(text: &str, reason: impl Into<String>) -> Self {
        Self {
            text: text.to_owned(),
            reason: reason.into(),
        }
    }
}

impl FromStr for FeedOptions {
    type Err = NotUnderstood;

    fn from_str(text: &str) -> Result<Self, NotUnderstood> {
        let wrong = |reason: String| NotUnderstood::new(text, reason);
        let (mut acd, mut to, mut layout, mut mode, mut period_s) = (None, None, None, None, None);
        let (mut logout, mut names, mut resync) = (Logout::Vanish, Names::Surname, false);
        for part in text.split(',') {
            let Some((key, value)) = part.split_once('=') else {
                return Err(wrong(format!("`{part}` is not KEY=VALUE")));
            };
            match (key.trim(), value.trim()) {
                ("acd", value) => match value.parse::<i16>() {
                    Ok(number) if number > 0 => acd = Some(number),
                    _ => return Err(wrong(format!("acd `{value}` is not a number from 1"))),
                },
                ("to", value) => to = Some(address(value).map_err(wrong)?),
                ("layout", value) => {
                    let known = Layout::ALL.iter().find(|(name, _)| *name == value);
                    let Some((_, found)) = known else {
                        let all = Layout::ALL.map(|(name, _)| name).join(", ");
                        return Err(wrong(format!("layout `{value}` is not one of {all}")));
                    };
                    layout = Some(*found);
                }
                ("period", value) => match value.parse::<i64>() {
                    Ok(seconds) if PERIODS_S.contains(&seconds) => period_s = Some(seconds),
                    _ => {
                        let reason = format!("period `{value}` is not a number from 1 to 30");
                        return Err(wrong(reason));
                    }
                },
                ("mode", "snapshot") => mode = Some(Mode::Snapshot),
                ("mode", "delta") => mode = Some(Mode::Delta),
                ("logout", "vanish") => logout = Logout::Vanish,
                ("logout", "unstaff") => logout = Logout::Unstaff,
                ("names", "surname") => names = Names::Surname,
                ("names", "dictionary") => names = Names::Dictionary,
                ("resync", "yes") => resync = true,
                ("resync", "no") => resync = false,
                (key, value) => return Err(wrong(unknown(key, value))),
            }
        }
        let Some(acd) = acd else {
            return Err(wrong("acd=NUMBER is missing".into()));
        };
        let Some(layout) = layout else {
            return Err(wrong("layout=NAME is missing".into()));
        };
        let mode = mode.unwrap_or(match layout {
            Layout::DeltaEvents => Mode::Delta,
            _ => Mode::Snapshot,
        });
        Ok(Self {
            acd,
            to,
            layout,
            mode,
            period_s: period_s.unwrap_or(match mode {
                Mode::Snapshot => USUAL_PERIOD_S,
                Mode::Delta => USUAL_DELTA_PERIOD_S,
            }),
            logout,
            names,
            resync,
        })
    }
}

/// `host:port` as it is, if it is one.
fn address(value: &str) -> Result<String, String> {
    let port = value
        .rsplit_once(':')
        .map(|(host, port)| (host, port.parse::<u16>()));
    match port {
        Some((host, Ok(port))) if !host.is_empty() && port > 0 => Ok(value.to_owned()),
        _ => Err(format!("to `{value}` is not host:port")),
    }
}

fn unknown(key: &str, value: &str) -> String {
    let values = match key {
        "mode" => "snapshot, delta",
        "logout" => "vanish, unstaff",
        "names" => "surname, dictionary",
        "resync" => "yes, no",
        _ => {
            return format!(
                "there is no `{key}`; the keys are acd, to, layout, period, mode, logout, names, resync"
            );
        }
    };
    format!("{key} `{value}` is not one of {values}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_said_is_usual() {
        let options: FeedOptions = "acd=1,to=127.0.0.1:7001,layout=cisco-49".parse().unwrap();
        assert_eq!((options.period_s, options.mode), (15, Mode::Snapshot));
        assert_eq!(options.to.as_deref(), Some("127.0.0.1:7001"));
        let options: FeedOptions = "layout=delta-events,acd=2".parse().unwrap();
        assert_eq!((options.period_s, options.mode), (1, Mode::Delta));
    }

    #[test]
    fn what_cannot_be_understood_is_named() {
        for (text, named) in [
            ("acd=1", "layout=NAME is missing"),
            ("layout=cisco-49", "acd=NUMBER is missing"),
            ("acd=1,layout=cisco", "rta-codes-delimited, cisco-49"),
            ("acd=1,layout=cisco-49,period=31", "from 1 to 30"),
            ("acd=1,layout=cisco-49,to=localhost", "host:port"),
            ("acd=1,layout=cisco-49,mode=push", "snapshot, delta"),
            ("acd=1,layout=cisco-49,speed=2", "the keys are"),
            ("acd", "KEY=VALUE"),
        ] {
            let refused = text.parse::<FeedOptions>().unwrap_err().to_string();
            assert!(
                refused.contains(named) && refused.contains(text),
                "{refused}"
            );
        }
    }
}
