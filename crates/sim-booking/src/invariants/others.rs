//! What must hold in the tables without intervals. Sources: reference, 1.5 (`haglog`), 1.6 and 4.3 (`ag_actv`), 1.8
//! (`synonyms`), 1.9 (`linkex`).

use super::View;
use crate::dictionary::CLOCK_WAS_RESET;
use crate::table::{TableId, Value};
use crate::trace::WorkMode;
use floorwire_sim_centre::variants::{EventTime, EventTimeFormat, SessionEpochs, Variants};
use std::collections::{BTreeMap, BTreeSet};

/// ACD and login ID.
type Agent = (Value, String);

/// Follows logins, states, names and disturbances.
pub(super) struct Others {
    variants: Variants,
    /// By begin; the end, 0 for a session that is open.
    sessions: BTreeMap<(Agent, i64), i64>,
    /// Day, begin and end of the last state, seconds of the day.
    states: BTreeMap<Agent, (Value, i64, i64)>,
    overlaps: Vec<(Value, String)>,
    /// ACDs whose clock was set: what their trace says of the time is not to be relied on.
    clocks_set: BTreeSet<Value>,
    /// ACD, type and number of what is named.
    names: BTreeMap<(Value, String, String), String>,
}

impl Others {
    pub fn new(variants: &Variants) -> Self {
        Self {
            variants: variants.clone(),
            sessions: BTreeMap::new(),
            states: BTreeMap::new(),
            overlaps: Vec::new(),
            clocks_set: BTreeSet::new(),
            names: BTreeMap::new(),
        }
    }

    pub fn look(&mut self, table: TableId, view: &View, broken: &mut Vec<String>) {
        let rules = match table {
            TableId::Haglog => self.session(view),
            TableId::AgActv => self.state(view),
            TableId::Linkex => self.disturbance(view),
            TableId::Synonyms => self.name(view),
            _ => return,
        };
        for (rule, holds) in rules {
            if !holds {
                broken.push(format!("{}: {rule}: {:?}", table.name(), view.row.keys));
            }
        }
    }

    fn session(&mut self, view: &View) -> Vec<(&'static str, bool)> {
        let (login, logout) = (view.get("login"), view.get("logout"));
        let agent = (view.key("acd"), view.text("logid"));
        self.sessions.insert((agent, login), logout);
        let (inflag, outflag) = (view.text("inflag"), view.text("outflag"));
        let first = view.get("split");
        let level = |skill: i64, name: &str| (skill != 0) == (1..=16).contains(&view.get(name));
        let levels = (2..=20).all(|number| {
            level(
                view.get(&format!("logonskill{number}")),
                &format!("sklevel{number}"),
            )
        });
        vec![
            (
                "a logout is not before its login",
                logout == 0 || logout >= login,
            ),
            (
                "an open session has no day of logout",
                (logout == 0) == (view.key("logout_date") == Value::Null),
            ),
            (
                "logout reasons are 0 to 9",
                (0..=9).contains(&view.get("logout_reason")),
            ),
            ("inflag is < or blank", inflag.is_empty() || inflag == "<"),
            (
                "outflag is > or blank",
                outflag.is_empty() || outflag == ">",
            ),
            ("nobody logs in without a skill", first != 0),
            ("every skill has a level", level(first, "sklevel") && levels),
        ]
    }

    fn state(&mut self, view: &View) -> Vec<(&'static str, bool)> {
        let code = |mode: WorkMode| mode.code(self.variants.work_modes);
        let (mode, duration) = (view.get("workmode"), view.get("duration"));
        let mark = mode == code(WorkMode::Logon) || mode == code(WorkMode::Logoff);
        let known = WorkMode::ALL.iter().any(|(known, _)| code(*known) == mode);
        let has = |name: &str| view.key(name) != Value::Null;
        let rules = vec![
            ("work modes are those of the dictionary", known),
            ("no state has a negative length", duration >= 0),
            ("a login or logout has no length", !mark || duration == 0),
            (
                "AUX and nothing else has a reason",
                has("auxreason") == (mode == code(WorkMode::Aux)),
            ),
            (
                "a logout and nothing else has a logout reason",
                has("logout_reason") == (mode == code(WorkMode::Logoff)),
            ),
            (
                "rows of a second are counted from 1",
                view.get("wmode_seq") >= 1,
            ),
            (
                "a caller on hold is no state of its own",
                view.text("caller_hold") != "y" || mode == code(WorkMode::Other),
            ),
        ];
        self.chain(view, duration);
        rules
    }

    /// States of an agent follow each other.
    fn chain(&mut self, view: &View, duration: i64) {
        let stamp = view.get("event_time");
        let second = match self.variants.event_time_format {
            EventTimeFormat::Hhmmss => {
                stamp / 10_000 * 3_600 + stamp / 100 % 100 * 60 + stamp % 100
            }
            EventTimeFormat::SecondsOfDay => stamp,
        };
        let begin = match self.variants.event_time {
            EventTime::Start => second,
            EventTime::End => second - duration,
        };
        let day = view.key("row_date");
        let agent = (view.key("acd"), view.text("logid"));
        let last = self
            .states
            .insert(agent.clone(), (day.clone(), begin, begin + duration));
        if let Some((last_day, last_begin, last_end)) = last
            && last_day == day
            && (last_begin..last_end).contains(&begin)
            // A zone that steps back moves the face by half hours.
            && (last_end - begin) % 1_800 != 0
        {
            let text = format!(
                "ag_actv: a state begins before the last one ends: {:?}",
                view.row.keys
            );
            self.overlaps.push((agent.0, text));
        }
    }

    fn disturbance(&mut self, view: &View) -> Vec<(&'static str, bool)> {
        let (reason, time, duration) = (
            view.get("reason"),
            view.get("row_time"),
            view.get("duration"),
        );
        let reset = reason == i64::from(CLOCK_WAS_RESET);
        if reset && duration == 0 {
            self.clocks_set.insert(view.key("acd"));
        }
        vec![
            ("reasons are 91 to 97", (91..=97).contains(&reason)),
            ("no break has a negative length", duration >= 0),
            ("a break has a length", reset || duration > 0),
            (
                "times are hours and minutes",
                time / 100 < 24 && time % 100 < 60,
            ),
        ]
    }

    fn name(&mut self, view: &View) -> Vec<(&'static str, bool)> {
        let (kind, value, name) = (
            view.text("item_type"),
            view.text("value"),
            view.text("item_name"),
        );
        let length = name.chars().count();
        let rules = vec![
            (
                "numbers are texts of digits",
                !value.is_empty() && value.bytes().all(|sign| sign.is_ascii_digit()),
            ),
            ("names have 27 characters at most", length <= 27),
            (
                "names of AUX reasons have 20 characters at most",
                kind != "aux_rsn" || length <= 20,
            ),
        ];
        self.names.insert((view.key("acd_no"), kind, value), name);
        rules
    }

    /// What only the whole shows.
    pub fn finish(&self, broken: &mut Vec<String>) {
        let overlaps = self
            .overlaps
            .iter()
            .filter(|(acd, _)| !self.clocks_set.contains(acd));
        broken.extend(overlaps.map(|(_, text)| text.clone()));
        // On the face of a local clock the repeated hour comes twice.
        if self.variants.session_epochs == SessionEpochs::Utc {
            let next = self.sessions.iter().skip(1);
            for (((agent, login), logout), ((next_agent, next_login), _)) in
                self.sessions.iter().zip(next)
            {
                if agent == next_agent && (*logout == 0 || logout > next_login) {
                    broken.push(format!(
                        "haglog: {agent:?} is logged in twice, from {login} and from {next_login}"
                    ));
                }
            }
        }
        let mut named: BTreeMap<(&Value, &str, &str), &str> = BTreeMap::new();
        for ((acd, kind, value), name) in self.names.iter().filter(|(_, name)| !name.is_empty()) {
            if let Some(other) = named.insert((acd, kind, name), value) {
                broken.push(format!(
                    "synonyms: {kind} {other} and {value} of {acd:?} are both called {name}"
                ));
            }
        }
    }
}
