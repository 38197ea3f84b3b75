//! `haglog`: logins and logouts.
//!
//! One row per login with one set of skills at one station: re-skilling ends a row and begins one (D S24; I). When the
//! link breaks, open rows end at that moment with `outflag` `>`; agents who are there when it is back get a row from that
//! moment with `inflag` `<` (D S21 p.180; which moment is written is inferred). `row_date` is the day of the login (I).

use crate::floor::reserve_of;
use crate::table::{Column, Kind, Row, Value};
use floorwire_sim_centre::event::{AgentSkill, Extension, Level, Login, What};
use std::collections::BTreeMap;

/// Skills that a row has room for.
const ROOM: usize = 20;
/// Positions of acd, logid and login, which name a row.
pub(crate) const KEY: &[usize] = &[0, 3, 6];

struct Session {
    since: i64,
    extension: Extension,
    location: i16,
    skills: Vec<AgentSkill>,
    already_there: bool,
    number: i64,
}

/// A row with the moments that it needs in the clock of the site.
pub(crate) struct SessionRow {
    pub login: Login,
    pub login_utc_s: i64,
    /// `None`: still open.
    pub logout_utc_s: Option<i64>,
    pub reason: u8,
    pub already_there: bool,
    pub lost: bool,
    extension: Extension,
    location: i16,
    skills: Vec<AgentSkill>,
    number: i64,
}

/// Open sessions of one ACD.
#[derive(Default)]
pub(crate) struct Sessions {
    open: BTreeMap<Login, Session>,
    /// Logged in while the link was down.
    unseen: BTreeMap<Login, (Extension, i16, Vec<AgentSkill>)>,
    link_down: bool,
    numbered: i64,
}

impl Sessions {
    /// Takes an event; gives rows that begin (`logout_utc_s` none) or end.
    pub fn feed(&mut self, now: i64, what: &What) -> Vec<SessionRow> {
        match what {
            What::LoggedIn {
                login,
                extension,
                location,
                skills,
            } => {
                if self.link_down {
                    let seen = (*extension, *location, skills.clone());
                    self.unseen.insert(*login, seen);
                    return Vec::new();
                }
                vec![self.begin(now, *login, *extension, *location, skills, false)]
            }
            What::SkillsChanged { login, skills } => {
                if self.link_down {
                    if let Some(unseen) = self.unseen.get_mut(login) {
                        unseen.2.clone_from(skills);
                    }
                    return Vec::new();
                }
                let Some(session) = self.open.get(login) else {
                    return Vec::new();
                };
                let (extension, location) = (session.extension, session.location);
                let ended = self.end(now, *login, 0, false);
                let begun = self.begin(now, *login, extension, location, skills, false);
                ended.into_iter().chain([begun]).collect()
            }
            What::LoggedOut { login, reason } => {
                if self.link_down {
                    self.unseen.remove(login);
                    return Vec::new();
                }
                self.end(now, *login, *reason, false).into_iter().collect()
            }
            What::LinkDown { .. } => {
                self.link_down = true;
                let logins: Vec<Login> = self.open.keys().copied().collect();
                let mut rows = Vec::new();
                for login in logins {
                    if let Some(session) = self.open.get(&login) {
                        let there = (session.extension, session.location, session.skills.clone());
                        self.unseen.insert(login, there);
                    }
                    rows.extend(self.end(now, login, 0, true));
                }
                rows
            }
            What::LinkUp => {
                self.link_down = false;
                let there = std::mem::take(&mut self.unseen);
                there
                    .into_iter()
                    .map(|(login, (extension, location, skills))| {
                        self.begin(now, login, extension, location, &skills, true)
                    })
                    .collect()
            }
            _ => Vec::new(),
        }
    }

    fn begin(
        &mut self,
        now: i64,
        login: Login,
        extension: Extension,
        location: i16,
        skills: &[AgentSkill],
        already_there: bool,
    ) -> SessionRow {
        self.numbered += 1;
        let session = Session {
            since: now,
            extension,
            location,
            skills: skills.to_vec(),
            already_there,
            number: self.numbered,
        };
        let row = session.row(login, None, 0, false);
        self.open.insert(login, session);
        row
    }

    fn end(&mut self, now: i64, login: Login, reason: u8, lost: bool) -> Option<SessionRow> {
        let session = self.open.remove(&login)?;
        Some(session.row(login, Some(now), reason, lost))
    }
}

impl Session {
    fn row(&self, login: Login, logout: Option<i64>, reason: u8, lost: bool) -> SessionRow {
        SessionRow {
            login,
            login_utc_s: self.since,
            logout_utc_s: logout,
            reason,
            already_there: self.already_there,
            lost,
            extension: self.extension,
            location: self.location,
            skills: self.skills.clone(),
            number: self.number,
        }
    }
}

/// The columns of `haglog`.
pub(crate) fn columns(old: bool) -> Vec<Column> {
    let (login, station) = if old { (10, 6) } else { (16, 16) };
    let column = Column::new;
    let mut columns = vec![
        column("acd", Kind::SmallInt, "The ACD. (D S21 p.180)"),
        column(
            "row_date",
            Kind::Date,
            "Day of the login on the agent tables' clock. (D S21 p.182 for the column; I for which day)",
        ),
        column(
            "split",
            Kind::SmallInt,
            "The skill held longest: the first of `LoggedIn` or `SkillsChanged`. (D S21 p.180; I)",
        ),
        column(
            "logid",
            Kind::Char(login),
            "Login ID of `LoggedIn`. (D S21 p.180)",
        ),
        column(
            "extn",
            Kind::Char(station),
            "Station of `LoggedIn`. (D S21 p.180)",
        ),
        column(
            "loc_id",
            Kind::Integer,
            "Location of the station. (D S21 p.180)",
        ),
        column(
            "login",
            Kind::Integer,
            "Seconds since 1970 at `LoggedIn`, at a change of skills, or at `LinkUp`; UTC or on the local face. (D S21 p.181; epoch open)",
        ),
        column(
            "logout",
            Kind::Integer,
            "Seconds since 1970 at `LoggedOut`, at a change of skills, or at `LinkDown`; 0 while open. (D S21 p.181; I for 0)",
        ),
        column(
            "logout_date",
            Kind::Date,
            "Day of the logout; NULL while open. (D S21 p.181)",
        ),
        column(
            "logout_reason",
            Kind::SmallInt,
            "Reason of `LoggedOut`, 0 to 9. (D S21 p.181, S7c)",
        ),
        column(
            "inflag",
            Kind::Char(1),
            "`<`: was logged in when the link came up; else blank. (D S21 p.180)",
        ),
        column(
            "outflag",
            Kind::Char(1),
            "`>`: the link broke while logged in; else blank. (D S21 p.181)",
        ),
        column(
            "preference",
            Kind::Integer,
            "Always 0: call handling preference.",
        ),
    ];
    for number in 2..=ROOM {
        columns.push(column(
            &format!("logonskill{number}"),
            Kind::SmallInt,
            "Further skills in the order of logon; 0: none. A warehouse of R16 reads up to 120. (D S21 p.181; C P3)",
        ));
    }
    for number in 1..=ROOM {
        let name = if number == 1 {
            "sklevel".to_owned()
        } else {
            format!("sklevel{number}")
        };
        columns.push(column(
            &name,
            Kind::Integer,
            "Level of the skill, 1 to 16, or reserve level 1 or 2; 0: no such skill. (D S21 p.181)",
        ));
    }
    for number in 1..=ROOM {
        let name = if number == 1 {
            "skpercent".to_owned()
        } else {
            format!("skpercent{number}")
        };
        columns.push(column(
            &name,
            Kind::Integer,
            "Always 0: no percent allocation.",
        ));
    }
    for number in 1..=4 {
        let name = if number == 1 {
            "skilltype".to_owned()
        } else {
            format!("skilltype{number}")
        };
        columns.push(column(
            &name,
            Kind::Char(1),
            "`p` for normal skills, `s` for reserve skills; blank: none. (D S21 p.182; I)",
        ));
    }
    columns.push(
        Column::new(
            "seqnum",
            Kind::Integer,
            "Number of the row in its ACD. (C P3)",
        )
        .recent(),
    );
    columns
}

impl SessionRow {
    /// The values, in the order of the columns. Moments are given as the site writes them.
    pub fn values(
        &self,
        acd: i16,
        old: bool,
        (login_s, login_date): (i64, jiff::civil::Date),
        logout: Option<(i64, jiff::civil::Date)>,
    ) -> Row {
        let flag =
            |set: bool, sign: &str| Value::Text(if set { sign.to_owned() } else { String::new() });
        let skill = |place: usize| {
            let held = self.skills.get(place);
            Value::Int(held.map_or(0, |held| i64::from(held.skill)))
        };
        let mut keys = vec![
            Value::Int(i64::from(acd)),
            Value::Date(login_date),
            skill(0),
            Value::Text(self.login.to_string()),
            Value::Text(self.extension.to_string()),
            Value::Int(i64::from(self.location)),
            Value::Int(login_s),
            Value::Int(logout.map_or(0, |(seconds, _)| seconds)),
            logout.map_or(Value::Null, |(_, date)| Value::Date(date)),
            Value::Int(i64::from(self.reason)),
            flag(self.already_there, "<"),
            flag(self.lost, ">"),
            Value::Int(0),
        ];
        keys.extend((1..ROOM).map(skill));
        keys.extend((0..ROOM).map(|place| {
            let level = self.skills.get(place).map_or(0, |held| match held.level {
                Level::Normal(level) | Level::Reserve(level) => i64::from(level),
            });
            Value::Int(level)
        }));
        keys.extend((0..ROOM).map(|_| Value::Int(0)));
        keys.extend((0..4).map(|place| {
            let sign = self.skills.get(place).map_or("", |held| {
                if reserve_of(held.level) == 0 {
                    "p"
                } else {
                    "s"
                }
            });
            Value::Text(sign.to_owned())
        }));
        if !old {
            keys.push(Value::Int(self.number));
        }
        Row {
            keys,
            figures: Vec::new(),
        }
    }
}
