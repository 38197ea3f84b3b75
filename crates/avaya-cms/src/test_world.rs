//! A small independent model of agents at work, and how a CMS would book them: what happened is made first, in true seconds, and
//! the rows of `ag_actv`, `hagent` and `haglog` are written from it by the words of the documentation. Variants stand for what no
//! document settles.

use crate::test_rows::{Cell, row, source};
use floorwire_model::agents::settings::{EpochBase, Stamp, TimeForm};
use floorwire_model::agents::{CallDirection, WorkState};
use floorwire_model::columns::SourceColumns;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use std::collections::BTreeMap;

/// Numbers from a seed.
pub struct Chance(pub u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    pub fn between(&mut self, from: i64, to: i64) -> i64 {
        from + i64::try_from(self.next() % u64::try_from(to - from).unwrap()).unwrap()
    }

    pub fn one_in(&mut self, many: u64) -> bool {
        self.next().is_multiple_of(many)
    }
}

/// What happened.
#[derive(Clone, Debug, PartialEq)]
pub struct Deed {
    pub login: String,
    pub start: i64,
    pub end: i64,
    pub state: WorkState,
    pub direction: Option<CallDirection>,
    pub reason: Option<i64>,
    pub skill: Option<i64>,
}

/// What no document settles.
#[derive(Clone, Debug)]
pub struct Variant {
    pub stamp: Stamp,
    pub form: TimeForm,
    pub codes: usize,
    pub in_code: i64,
    pub out_code: i64,
    pub epoch: EpochBase,
}

pub const STATES: [WorkState; 11] = [
    WorkState::Available,
    WorkState::Acd,
    WorkState::AfterCall,
    WorkState::Aux,
    WorkState::DirectAcd,
    WorkState::DirectAfterCall,
    WorkState::Ringing,
    WorkState::Other,
    WorkState::LogOn,
    WorkState::LogOff,
    WorkState::Unstaffed,
];
const NAMES: [&str; 11] = [
    "AVAIL", "ACD", "ACW", "AUX", "DACD", "DACW", "RING", "OTHER", "LOGON", "LOGOFF", "UNSTAFF",
];
const CODES: [[i64; 11]; 3] = [
    [20, 30, 40, 50, 60, 70, 80, 220, 100, 110, 10],
    [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11],
    [50, 20, 30, 40, 80, 60, 70, 10, 110, 100, 220],
];

impl Variant {
    pub fn code(&self, state: WorkState) -> i64 {
        let at = STATES.iter().position(|known| *known == state).unwrap();
        CODES[self.codes % 3][at]
    }

    pub fn state(&self, code: i32) -> WorkState {
        let at = CODES[self.codes % 3]
            .iter()
            .position(|known| *known == i64::from(code));
        STATES[at.unwrap()]
    }

    /// The dictionary of the site, with the shipped strings.
    pub fn synonyms(&self) -> SourceColumns {
        let entry = |kind: &str, value: i64, name: &str| {
            row([
                ("item_type", kind.into()),
                ("value", Cell::Text(value.to_string())),
                ("item_name", name.into()),
                ("descr", "".into()),
                ("standard", 1.into()),
            ])
        };
        let mut rows: Vec<_> = CODES[self.codes % 3]
            .iter()
            .zip(NAMES)
            .map(|(code, name)| entry("workmode", *code, name))
            .collect();
        rows.push(entry("ag_dir", self.in_code, "IN"));
        rows.push(entry("ag_dir", self.out_code, "OUT"));
        source(&rows)
    }
}

/// The world.
pub struct World {
    pub zone: TimeZone,
    pub deeds: Vec<Deed>,
    /// Login, from, to.
    pub sessions: Vec<(String, i64, i64)>,
}

pub const SLOT_S: i64 = 1800;
const SKILLS: [i64; 3] = [11, 12, 13];

impl World {
    /// Agents over two days from the midnight that begins `date`; `agents` from login 1000.
    pub fn new(seed: u64, zone: &str, date: Date, agents: i64) -> Self {
        let zone = TimeZone::get(zone).unwrap();
        let midnight = date.to_zoned(zone.clone()).unwrap().timestamp().as_second();
        let mut chance = Chance(seed);
        let mut world = Self {
            zone,
            deeds: Vec::new(),
            sessions: Vec::new(),
        };
        for number in 0..agents {
            let login = (1000 + number).to_string();
            let mut at = midnight + chance.between(0, 8 * 3600);
            while at < midnight + 44 * 3600 {
                let end = at + chance.between(5 * 3600, 10 * 3600);
                world.session(&mut chance, &login, at, end);
                world.sessions.push((login.clone(), at, end));
                // Now and then the agent is logged out and in within one second, as when skills change.
                at = if chance.one_in(6) {
                    end
                } else {
                    end + chance.between(1800, 6 * 3600)
                };
            }
        }
        world
    }

    fn session(&mut self, chance: &mut Chance, login: &str, from: i64, to: i64) {
        let mut at = from;
        let deeds = &mut self.deeds;
        let mut push = |state, seconds: i64, direction, reason, skill| {
            let end = (at + seconds).min(to);
            deeds.push(Deed {
                login: login.to_owned(),
                start: at,
                end,
                state,
                direction,
                reason,
                skill,
            });
            at = end;
            at < to
        };
        push(WorkState::LogOn, 0, None, None, None);
        let mut goes_on = push(WorkState::Other, chance.between(1, 5), None, None, None);
        goes_on = goes_on && push(WorkState::Aux, chance.between(10, 400), None, Some(0), None);
        while goes_on {
            let skill = Some(SKILLS[usize::try_from(chance.between(0, 3)).unwrap()]);
            let inward = Some(CallDirection::In);
            goes_on = push(
                WorkState::Available,
                chance.between(5, 700),
                None,
                None,
                None,
            );
            let deed = chance.between(0, 10);
            if deed < 6 {
                goes_on = goes_on
                    && push(
                        WorkState::Ringing,
                        chance.between(2, 15),
                        inward,
                        None,
                        skill,
                    );
                goes_on =
                    goes_on && push(WorkState::Acd, chance.between(20, 500), inward, None, skill);
                if chance.one_in(4) {
                    goes_on =
                        goes_on && push(WorkState::Other, chance.between(5, 90), None, None, None);
                    goes_on = goes_on
                        && push(WorkState::Acd, chance.between(20, 200), inward, None, skill);
                }
                goes_on = goes_on
                    && push(
                        WorkState::AfterCall,
                        chance.between(5, 120),
                        None,
                        None,
                        skill,
                    );
            } else if deed < 8 {
                let reason = Some(chance.between(0, 12));
                goes_on =
                    goes_on && push(WorkState::Aux, chance.between(60, 900), None, reason, None);
                let direction = if chance.one_in(2) {
                    CallDirection::Out
                } else {
                    CallDirection::In
                };
                goes_on = goes_on
                    && push(
                        WorkState::Aux,
                        chance.between(30, 300),
                        Some(direction),
                        reason,
                        None,
                    );
            } else if deed < 9 {
                goes_on = goes_on
                    && push(
                        WorkState::DirectAcd,
                        chance.between(30, 300),
                        inward,
                        None,
                        None,
                    );
                goes_on = goes_on
                    && push(
                        WorkState::DirectAfterCall,
                        chance.between(5, 60),
                        None,
                        None,
                        None,
                    );
            }
        }
        push(WorkState::LogOff, 0, None, None, None);
    }

    fn face(&self, at: i64) -> jiff::civil::DateTime {
        self.zone.to_datetime(Timestamp::from_second(at).unwrap())
    }

    /// The trace of the agents whose login `traced` lets through, by local date.
    pub fn ag_actv(
        &self,
        variant: &Variant,
        traced: impl Fn(&str) -> bool,
    ) -> BTreeMap<Date, SourceColumns> {
        let mut days: BTreeMap<Date, Vec<Vec<(String, Cell)>>> = BTreeMap::new();
        let mut sequence: BTreeMap<(String, jiff::civil::DateTime), i64> = BTreeMap::new();
        for deed in self.deeds.iter().filter(|deed| traced(&deed.login)) {
            let event = match variant.stamp {
                Stamp::Start => deed.start,
                Stamp::End => deed.end,
            };
            let face = self.face(event);
            let (hour, minute, second) = (
                i64::from(face.hour()),
                i64::from(face.minute()),
                i64::from(face.second()),
            );
            let event_time = match variant.form {
                TimeForm::Hhmmss => hour * 10_000 + minute * 100 + second,
                TimeForm::SecondsOfDay => hour * 3600 + minute * 60 + second,
            };
            let order = sequence.entry((deed.login.clone(), face)).or_insert(0);
            *order += 1;
            let direction = deed.direction.map(|direction| match direction {
                CallDirection::In => variant.in_code,
                CallDirection::Out => variant.out_code,
            });
            days.entry(face.date()).or_default().push(row([
                ("logid", deed.login.as_str().into()),
                ("split", Cell::Int(deed.skill.or(Some(SKILLS[0])))),
                ("event_time", event_time.into()),
                ("wmode_seq", (*order).into()),
                ("duration", (deed.end - deed.start).into()),
                ("workmode", variant.code(deed.state).into()),
                ("direction", direction.into()),
                ("auxreason", deed.reason.into()),
            ]));
        }
        days.into_iter()
            .map(|(date, rows)| (date, source(&rows)))
            .collect()
    }

    /// The intervals, three skills an agent; what is booked once lies on any of them.
    pub fn hagent(&self, chance: &mut Chance) -> BTreeMap<Date, SourceColumns> {
        let mut slots: BTreeMap<(String, i64), Vec<(&Deed, i64)>> = BTreeMap::new();
        for deed in self.deeds.iter().filter(|deed| deed.end > deed.start) {
            let mut slot = deed.start.div_euclid(SLOT_S) * SLOT_S;
            while slot < deed.end {
                let seconds = deed.end.min(slot + SLOT_S) - deed.start.max(slot);
                slots
                    .entry((deed.login.clone(), slot))
                    .or_default()
                    .push((deed, seconds));
                slot += SLOT_S;
            }
        }
        let mut days: BTreeMap<Date, Vec<Vec<(String, Cell)>>> = BTreeMap::new();
        for ((login, slot), deeds) in slots {
            let face = self.face(slot);
            let oldest = usize::try_from(chance.between(0, 3)).unwrap();
            for (at, skill) in SKILLS.into_iter().enumerate() {
                let sum = |of: &dyn Fn(&Deed) -> bool| {
                    deeds
                        .iter()
                        .filter(|(deed, _)| of(deed))
                        .map(|(_, s)| s)
                        .sum::<i64>()
                };
                let in_skill = |state| {
                    sum(&move |deed: &Deed| deed.state == state && deed.skill == Some(skill))
                };
                let state = |state| sum(&move |deed: &Deed| deed.state == state);
                let way = |way| {
                    sum(&move |deed: &Deed| {
                        deed.state == WorkState::Aux && deed.direction == Some(way)
                    })
                };
                let once = |seconds: i64| if at == oldest { seconds } else { 0 };
                let first = |seconds: i64| if at == 0 { seconds } else { 0 };
                let staffed = sum(&|_| true);
                let hhmm = i64::from(face.hour()) * 100 + i64::from(face.minute());
                let mut cells = row([
                    ("logid", login.as_str().into()),
                    ("split", skill.into()),
                    ("extension", "5001".into()),
                    ("starttime", hhmm.into()),
                    ("starttime_utc", slot.into()),
                    ("intrvl", 30.into()),
                    ("incomplete", 0.into()),
                    ("ti_stafftime", once(staffed).into()),
                    ("ti_availtime", once(state(WorkState::Available)).into()),
                    ("ti_auxtime", once(state(WorkState::Aux)).into()),
                    ("ti_othertime", once(state(WorkState::Other)).into()),
                    ("i_ringtime", in_skill(WorkState::Ringing).into()),
                    ("i_acdtime", in_skill(WorkState::Acd).into()),
                    ("i_acwtime", in_skill(WorkState::AfterCall).into()),
                    ("i_da_acdtime", first(state(WorkState::DirectAcd)).into()),
                    (
                        "i_da_acwtime",
                        first(state(WorkState::DirectAfterCall)).into(),
                    ),
                    ("i_stafftime", staffed.into()),
                    ("i_availtime", state(WorkState::Available).into()),
                    ("i_auxtime", state(WorkState::Aux).into()),
                    ("i_auxintime", way(CallDirection::In).into()),
                    ("i_auxouttime", way(CallDirection::Out).into()),
                ]);
                for reason in 0..20 {
                    let seconds = sum(&move |deed: &Deed| {
                        deed.state == WorkState::Aux && deed.reason == Some(reason)
                    });
                    cells.push((format!("ti_auxtime{reason}"), once(seconds).into()));
                }
                days.entry(face.date()).or_default().push(cells);
            }
        }
        days.into_iter()
            .map(|(date, rows)| (date, source(&rows)))
            .collect()
    }

    /// The sessions, dated by the local day of the login.
    pub fn haglog(&self, epoch: EpochBase) -> BTreeMap<Date, SourceColumns> {
        let mut days: BTreeMap<Date, Vec<Vec<(String, Cell)>>> = BTreeMap::new();
        for (login, from, to) in &self.sessions {
            let seconds = |at: i64| match epoch {
                EpochBase::Utc => at,
                EpochBase::Local => self
                    .face(at)
                    .to_zoned(TimeZone::UTC)
                    .unwrap()
                    .timestamp()
                    .as_second(),
            };
            days.entry(self.face(*from).date()).or_default().push(row([
                ("logid", login.as_str().into()),
                ("split", SKILLS[0].into()),
                ("extn", "5001".into()),
                ("login", seconds(*from).into()),
                ("logout", seconds(*to).into()),
                ("logout_reason", 0.into()),
                ("inflag", "".into()),
                ("outflag", "".into()),
            ]));
        }
        days.into_iter()
            .map(|(date, rows)| (date, source(&rows)))
            .collect()
    }
}
