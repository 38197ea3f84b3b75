//! Filling `hsplit` with very many rows for benchmarks: plausible figures without calls behind them.
//!
//! There is no event log and no truth for such a table; the rows keep the rules between columns all the same
//! (offered = answered + abandoned, the six state times add up to the staffed time, classes add up to their sums).

use floorwire_sim_booking::{Booking, Clock, TableId, Value, Write};
use floorwire_sim_centre::Random;
use floorwire_sim_centre::event::Header;
use floorwire_sim_centre::scenario::{Size, generated};
use floorwire_sim_centre::world::World;
use jiff::Timestamp;
use jiff::civil::Date;

use crate::desk::Action;
use crate::error::SimError;
use crate::init::period;
use crate::schema::Schema;

/// What is going to be drawn.
pub(crate) struct Plan {
    pub header: Header,
    pub first_day: Date,
    pub end_utc_s: i64,
    seed: u64,
}

/// As many skills as it takes to reach `wanted` rows over the days of `size`.
pub(crate) fn plan(
    wanted: u64,
    size: &Size,
    until: Option<Timestamp>,
    with_starttime_utc: bool,
    simulation: &str,
) -> Result<Plan, SimError> {
    let intervals = 1_440 / u64::from(size.interval_minutes.unsigned_abs().max(1))
        * u64::from(size.days.max(1));
    let acds = u64::try_from(size.acds).unwrap_or(1);
    let skills = wanted.div_ceil((intervals * acds).max(1)).max(1);
    let mut size = size.clone();
    size.skills = i16::try_from(skills).map_err(|_| SimError::Range {
        what: format!("{skills} skills"),
        remedy: "spread the rows over more days",
    })?;
    let mut scenario = generated(&size);
    scenario.variants.starttime_utc = with_starttime_utc;
    let (first_day, end_utc_s) = period(&scenario, until)?;
    let (_, header) = World::new(&scenario, first_day, simulation)?;
    Ok(Plan {
        header,
        first_day,
        end_utc_s,
        seed: size.seed,
    })
}

impl Plan {
    /// The names of the skills and whatever else a dictionary has.
    pub fn dictionary(&self, schema: &Schema) -> Result<Vec<(TableId, Action)>, SimError> {
        let mut actions = Vec::new();
        let mut out = |write: Write| actions.push((write.table, Action::Insert(write.row)));
        Booking::new(&self.header, &mut out)?;
        actions.retain(|(table, _)| *table == TableId::Synonyms);
        debug_assert!(schema.key(TableId::Synonyms, "value").is_some());
        Ok(actions)
    }
}

/// Rows being drawn, interval by interval.
pub(crate) struct Drawn<'a> {
    schema: &'a Schema,
    clocks: Vec<(i16, Vec<i16>, Clock)>,
    end_utc_s: i64,
    with_starttime_utc: bool,
    random: Random,
}

impl<'a> Drawn<'a> {
    pub fn new(plan: &Plan, schema: &'a Schema) -> Result<Self, SimError> {
        let mut clocks = Vec::new();
        for acd in &plan.header.acds {
            let skills = acd.skills.iter().map(|skill| skill.skill).collect();
            let clock = Clock::new(&acd.zone, acd.interval_minutes, plan.header.from_utc_s)?;
            clocks.push((acd.acd, skills, clock));
        }
        Ok(Self {
            schema,
            clocks,
            end_utc_s: plan.end_utc_s,
            with_starttime_utc: plan.header.variants.starttime_utc,
            random: Random::new(plan.seed, [0, 0, 0]),
        })
    }

    /// The rows of the next interval, `limit` at most; none when there is no further one.
    pub fn rows(&mut self, limit: u64) -> Result<Vec<(TableId, Action)>, SimError> {
        let mut rows = Vec::new();
        for (acd, skills, clock) in &mut self.clocks {
            let interval = clock.turn()?;
            if clock.running().end_utc_s > self.end_utc_s {
                continue;
            }
            for skill in skills.iter() {
                if u64::try_from(rows.len()).unwrap_or(u64::MAX) >= limit {
                    return Ok(rows);
                }
                let mut keys = vec![Value::Date(interval.row_date), Value::Int(interval.hhmm())];
                if self.with_starttime_utc {
                    keys.push(Value::Int(interval.start_utc_s));
                }
                keys.extend(
                    [interval.step_minutes, i64::from(*acd), i64::from(*skill), 0].map(Value::Int),
                );
                let mut row = self.schema.empty_row(TableId::Hsplit, keys)?;
                let seconds = interval.end_utc_s - interval.start_utc_s;
                for (name, figure) in draw(&mut self.random, seconds) {
                    if let Some(at) = self.schema.figure(TableId::Hsplit, name) {
                        row.figures[at] = figure;
                    }
                }
                rows.push((TableId::Hsplit, Action::Insert(row)));
            }
        }
        Ok(rows)
    }
}

/// The figures of one row.
fn draw(random: &mut Random, seconds: i64) -> Vec<(&'static str, i64)> {
    let quick = random.between(0, 40);
    let slow = random.between(0, 12);
    let lost = random.between(0, 6);
    let answered = quick + slow;
    let talk = answered * random.between(120, 320);
    let acw = answered * random.between(10, 70);
    let hold = slow / 2 * 35;
    let ring = answered * 4;
    let aux = random.between(0, seconds);
    let available = random.between(0, 2 * seconds);
    let staffed = available + talk + acw + aux + hold + ring;
    vec![
        ("acdcalls", answered),
        ("abncalls", lost),
        ("callsoffered", answered + lost),
        ("i_arrived", answered + lost),
        ("acdcalls2", quick),
        ("acdcalls6", slow),
        ("abncalls5", lost),
        ("acceptable", quick),
        ("targetacdcalls", quick),
        ("anstime", quick * 8 + slow * 41),
        ("abntime", lost * 27),
        ("acdtime", talk),
        ("acwtime", acw),
        ("holdcalls", slow / 2),
        ("holdtime", hold),
        ("ringcalls", answered),
        ("ringtime", ring),
        ("i_acdtime", talk),
        ("i_acwtime", acw),
        ("i_othertime", hold),
        ("i_acdothertime", hold),
        ("i_ringtime", ring),
        ("i_auxtime", aux),
        ("i_auxtime1", aux),
        ("i_availtime", available),
        ("i_stafftime", staffed),
        ("maxstaffed", staffed / seconds.max(1) + 1),
        ("maxinqueue", random.between(0, 9).min(answered + lost)),
        ("maxocwtime", if slow > 0 { 45 } else { 27 }),
        ("i_normtime", seconds),
        ("servicelevel", 20),
        ("targetpercent", 80),
        ("targetseconds", 20),
        ("period1", 5),
        ("period2", 10),
        ("period3", 15),
        ("period4", 20),
        ("period5", 30),
        ("period6", 45),
        ("period7", 60),
        ("period8", 90),
        ("period9", 120),
    ]
}
