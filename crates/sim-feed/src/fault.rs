//! What goes wrong with a feed, and when: `NAME[@FROM+LENGTH][:PARAMETER]`.

use crate::options::NotUnderstood;
use serde::Serialize;
use std::fmt;
use std::str::FromStr;

/// What goes wrong. What each does stands in `docs/feed-layouts.md`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum FaultKind {
    /// The connection is closed inside a record.
    Cut,
    /// The connection is closed after a refresh, and comes again.
    Restart,
    /// The same bytes again and again.
    Frozen,
    /// Snapshots without agents, or with a share of them.
    Empty,
    /// A second connection sends the same.
    Duplicate,
    /// Lines between records that are none.
    Garbage,
    /// Titles and headings between records.
    PageHeaders,
    /// Agents' skills change.
    Reskill,
    /// The texts are another dictionary's.
    Renamed,
    /// A few bytes at a time.
    Trickle,
    /// Several refreshes at once.
    Burst,
    /// Times and durations are off.
    ClockSkew,
    /// Everybody is in OTHER.
    LinkDown,
}

impl FaultKind {
    /// All of them, with their names and what their parameter is if it is not said.
    pub const ALL: [(&'static str, Self, f64); 13] = [
        ("cut", Self::Cut, 30.0),
        ("restart", Self::Restart, 5.0),
        ("frozen", Self::Frozen, 0.0),
        ("empty", Self::Empty, 0.0),
        ("duplicate", Self::Duplicate, 0.0),
        ("garbage", Self::Garbage, 0.02),
        ("page-headers", Self::PageHeaders, 0.02),
        ("reskill", Self::Reskill, 0.3),
        ("renamed", Self::Renamed, 0.0),
        ("trickle", Self::Trickle, 7.0),
        ("burst", Self::Burst, 3.0),
        ("clock-skew", Self::ClockSkew, 90.0),
        ("link-down", Self::LinkDown, 0.0),
    ];

    /// Lowest and highest parameter.
    fn bounds(self) -> Option<(f64, f64)> {
        match self {
            Self::Cut | Self::Restart => Some((1.0, 3_600.0)),
            Self::Empty | Self::Garbage | Self::PageHeaders | Self::Reskill => Some((0.0, 1.0)),
            Self::Duplicate => Some((0.0, 30.0)),
            Self::Trickle => Some((1.0, 1_000_000.0)),
            Self::Burst => Some((2.0, 20.0)),
            Self::ClockSkew => Some((-86_400.0, 86_400.0)),
            Self::Frozen | Self::Renamed | Self::LinkDown => None,
        }
    }
}

/// A fault and its window.
#[derive(Clone, Debug, PartialEq)]
pub struct Fault {
    /// What goes wrong.
    pub kind: FaultKind,
    /// `(from, length)` in seconds after the feed begins to send; `None`: all the time.
    pub window_s: Option<(i64, i64)>,
    /// What it means depends on the fault. 1 for `link-down:restart`.
    pub parameter: f64,
}

impl Fault {
    /// When it is on, in milliseconds after the feed begins to send: `[from, to)`.
    pub(crate) fn window_ms(&self) -> (i64, Option<i64>) {
        match self.window_s {
            None => (0, None),
            Some((from_s, length_s)) => (from_s * 1_000, Some((from_s + length_s) * 1_000)),
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let known = FaultKind::ALL
            .iter()
            .find(|(_, kind, _)| *kind == self.kind);
        let (name, usual) = known.map_or(("", 0.0), |(name, _, usual)| (*name, *usual));
        out.write_str(name)?;
        if let Some((from_s, length_s)) = self.window_s {
            write!(out, "@{from_s}+{length_s}")?;
        }
        match self.kind {
            FaultKind::LinkDown if self.parameter > 0.0 => out.write_str(":restart"),
            _ if self.parameter.to_bits() != usual.to_bits() => write!(out, ":{}", self.parameter),
            _ => Ok(()),
        }
    }
}

impl FromStr for Fault {
    type Err = NotUnderstood;

    fn from_str(text: &str) -> Result<Self, NotUnderstood> {
        let wrong = |reason: String| NotUnderstood::new(text, reason);
        let (place, parameter) = match text.split_once(':') {
            Some((place, parameter)) => (place, Some(parameter)),
            None => (text, None),
        };
        let (name, window) = match place.split_once('@') {
            Some((name, window)) => (name, Some(window)),
            None => (place, None),
        };
        let known = FaultKind::ALL.iter().find(|(known, ..)| *known == name);
        let Some((_, kind, usual)) = known else {
            let all = FaultKind::ALL.map(|(name, ..)| name).join(", ");
            return Err(wrong(format!("fault `{name}` is not one of {all}")));
        };
        let window_s = match window {
            None => None,
            Some(window) => {
                let parts = window.split_once('+');
                let parts =
                    parts.and_then(|(from, length)| Some((seconds(from)?, seconds(length)?)));
                match parts {
                    Some((from, length)) if length > 0 => Some((from, length)),
                    _ => {
                        let reason = format!(
                            "`{window}` is not FROM+LENGTH in seconds, such as 30+10 or 2m+30s"
                        );
                        return Err(wrong(reason));
                    }
                }
            }
        };
        let parameter = match (parameter, kind, kind.bounds()) {
            (None, ..) => *usual,
            (Some("restart"), FaultKind::LinkDown, _) => 1.0,
            (Some(other), FaultKind::LinkDown, _) => {
                return Err(wrong(format!("`{other}` is not `restart`")));
            }
            (Some(_), _, None) => return Err(wrong(format!("`{name}` has no parameter"))),
            (Some(value), _, Some((low, high))) => match value.parse::<f64>() {
                Ok(number) if (low..=high).contains(&number) => number,
                _ => {
                    let reason = format!("`{value}` is not a number from {low} to {high}");
                    return Err(wrong(reason));
                }
            },
        };
        Ok(Self {
            kind: *kind,
            window_s,
            parameter,
        })
    }
}

/// `30`, `30s`, `2m` or `1h`.
fn seconds(text: &str) -> Option<i64> {
    let (number, unit) = match text.char_indices().last()? {
        (end, 's') => (&text[..end], 1),
        (end, 'm') => (&text[..end], 60),
        (end, 'h') => (&text[..end], 3_600),
        _ => (text, 1),
    };
    let number: u32 = number.parse().ok()?;
    Some(i64::from(number) * unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_is_said_as_it_is_read() {
        for text in [
            "cut",
            "restart@60+30:2",
            "link-down@10+20:restart",
            "clock-skew:-90",
            "garbage@1+2:0.5",
        ] {
            let fault: Fault = text.parse().unwrap();
            assert_eq!(fault.to_string(), text);
        }
        let fault: Fault = "frozen@2m+1h".parse().unwrap();
        assert_eq!(fault.window_s, Some((120, 3_600)));
    }

    #[test]
    fn what_cannot_be_understood_is_named() {
        for (text, named) in [
            ("melt", "not one of cut, restart"),
            ("cut@5", "FROM+LENGTH"),
            ("cut@5+0", "FROM+LENGTH"),
            ("frozen:3", "no parameter"),
            ("burst:1", "from 2 to 20"),
            ("link-down:often", "restart"),
        ] {
            let refused = text.parse::<Fault>().unwrap_err().to_string();
            assert!(refused.contains(named), "{refused}");
        }
    }
}
