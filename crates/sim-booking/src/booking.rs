//! The booking machine: events in, writes to tables out.
//!
//! Events come in order of time. Before an event is looked at, every interval that has ended by then is closed: a moment
//! on a boundary belongs to the interval that begins there. Writes come in the order in which they become readable.

use crate::archive::{Archive, Archived};
use crate::arrival::HeldBack;
use crate::calls::{Calls, Mistake};
use crate::clock::{Clock, ClockError, Interval};
use crate::floor::{Floor, RowKey};
use crate::hagent::Hagent;
use crate::hsplit::Hsplit;
use crate::hvdn::Hvdn;
use crate::sessions::{SessionRow, Sessions};
use crate::table::{Row, TableId, Write};
use crate::tables::Layout;
use crate::trace::{Trace, TraceRow};
use crate::{dictionary, sessions};
use floorwire_sim_centre::event::{Acd, Event, Header, Login, Named, Skill, Vdn, What};
use floorwire_sim_centre::variants::{
    AgentClock, EventTimeFormat, SessionEpochs, SessionsWritten, Variants,
};
use std::collections::BTreeMap;

/// Books all ACDs of a site.
pub struct Booking {
    acds: BTreeMap<i16, AcdBook>,
}

impl Booking {
    /// A machine for the site of this log; the dictionary is written at once.
    ///
    /// # Errors
    /// A zone is not known.
    pub fn new(header: &Header, out: &mut dyn FnMut(Write)) -> Result<Self, ClockError> {
        Self::with_mistake(header, Mistake::None, out)
    }

    /// A machine that makes a mistake on purpose, to try whether the invariants find it.
    ///
    /// # Errors
    /// A zone is not known.
    pub fn with_mistake(
        header: &Header,
        mistake: Mistake,
        out: &mut dyn FnMut(Write),
    ) -> Result<Self, ClockError> {
        let mut acds = BTreeMap::new();
        for acd in &header.acds {
            let book = AcdBook::new(acd, header, mistake)?;
            for row in dictionary::entries(acd, &header.variants) {
                out(book.write(
                    header.from_utc_s,
                    TableId::Synonyms,
                    None,
                    row,
                    dictionary::KEY,
                ));
            }
            acds.insert(acd.acd, book);
        }
        Ok(Self { acds })
    }

    /// Takes the next event.
    ///
    /// # Errors
    /// An instant beyond every calendar.
    pub fn feed(&mut self, event: &Event, out: &mut dyn FnMut(Write)) -> Result<(), ClockError> {
        match self.acds.get_mut(&event.acd) {
            Some(book) => {
                book.advance(event.utc_s, out)?;
                book.feed(event.utc_s, &event.what, out)
            }
            None => Ok(()),
        }
    }

    /// Closes every interval that has ended by `utc_s`: there are no more events before it.
    ///
    /// # Errors
    /// An instant beyond every calendar.
    pub fn advance(&mut self, utc_s: i64, out: &mut dyn FnMut(Write)) -> Result<(), ClockError> {
        self.acds
            .values_mut()
            .try_for_each(|book| book.advance(utc_s, out))
    }

    /// Start of the first interval of the first ACD that is not archived (Unix seconds UTC), and how many have ended
    /// before it.
    pub fn archived(&self) -> (i64, u64) {
        let first = self.acds.values().next();
        first.map_or((0, 0), |book| {
            let running = book.call_clock.running().start_utc_s;
            (
                book.previous_start_utc_s.unwrap_or(running),
                book.ended.saturating_sub(1),
            )
        })
    }
}

/// One ACD.
struct AcdBook {
    acd: i16,
    variants: Variants,
    layout: Layout,
    vectors: BTreeMap<Vdn, i16>,
    call_clock: Clock,
    agent_clock: Clock,
    calls: Calls,
    floor: Floor,
    sessions: Sessions,
    trace: Trace,
    splits: Archive<Skill, Hsplit>,
    vdns: Archive<Vdn, Hvdn>,
    agents: Archive<RowKey, Hagent>,
    /// Since when the link is down, and why.
    link_down: Option<(i64, i16)>,
    /// The link was down in the running interval of the calls' clock, of the agents' clock.
    incomplete: (bool, bool),
    breaks: i64,
    /// Rows that wait for calls to be booked where they arrived: a mistake that is made on purpose.
    by_arrival: Option<HeldBack>,
    /// Start of the interval that ended last.
    previous_start_utc_s: Option<i64>,
    /// Intervals that have ended.
    ended: u64,
}

impl AcdBook {
    fn new(acd: &Acd, header: &Header, mistake: Mistake) -> Result<Self, ClockError> {
        let variants = header.variants.clone();
        let start = header.from_utc_s;
        let agent_zone = match variants.agent_clock {
            AgentClock::Switch => acd.zone.as_str(),
            AgentClock::Utc => "UTC",
        };
        let skills = acd.skills.iter().map(|skill| skill.skill);
        Ok(Self {
            acd: acd.acd,
            layout: Layout::new(&variants),
            vectors: acd.vdns.iter().map(|vdn| (vdn.vdn, vdn.vector)).collect(),
            call_clock: Clock::new(&acd.zone, acd.interval_minutes, start)?,
            agent_clock: Clock::new(agent_zone, acd.interval_minutes, start)?,
            calls: Calls::new(acd, start, mistake),
            floor: Floor::new(skills, start, mistake),
            sessions: Sessions::default(),
            trace: Trace::new(variants.event_time),
            splits: Archive::new(variants.daily_minutes),
            vdns: Archive::new(variants.daily_minutes),
            agents: Archive::new(variants.daily_minutes),
            link_down: None,
            incomplete: (false, false),
            breaks: 0,
            by_arrival: (mistake == Mistake::ArrivalBooking).then(HeldBack::default),
            previous_start_utc_s: None,
            ended: 0,
            variants,
        })
    }

    fn advance(&mut self, utc_s: i64, out: &mut dyn FnMut(Write)) -> Result<(), ClockError> {
        loop {
            let calls_end = self.call_clock.running().end_utc_s;
            let agents_end = self.agent_clock.running().end_utc_s;
            let end = calls_end.min(agents_end);
            if end > utc_s {
                return Ok(());
            }
            if calls_end == end {
                self.turn_calls(out)?;
            }
            if agents_end == end {
                self.turn_agents(out)?;
            }
        }
    }

    fn turn_calls(&mut self, out: &mut dyn FnMut(Write)) -> Result<(), ClockError> {
        let ended = self.call_clock.turn()?;
        let now = ended.end_utc_s;
        let (calls, vdns) = self.calls.cut(now);
        let mut rows = self.floor.cut_calls(now);
        let incomplete = std::mem::replace(&mut self.incomplete.0, self.link_down.is_some());
        if ended.start_utc_s == now {
            return Ok(());
        }
        self.previous_start_utc_s = Some(ended.start_utc_s);
        self.ended += 1;
        for (skill, call_part) in calls {
            rows.entry(skill).or_default().add(&call_part);
        }
        let closed = match &mut self.by_arrival {
            None => Some((ended, rows, incomplete)),
            Some(held) => held.exchange((ended, rows, incomplete)),
        };
        if let Some((interval, rows, incomplete)) = closed {
            let splits = self.splits.close(interval, rows, incomplete);
            self.write_splits(now, splits, out);
        }
        let vdns = self.vdns.close(ended, vdns, incomplete);
        self.write_vdns(now, vdns, out);
        Ok(())
    }

    fn turn_agents(&mut self, out: &mut dyn FnMut(Write)) -> Result<(), ClockError> {
        let ended = self.agent_clock.turn()?;
        let now = ended.end_utc_s;
        let rows = self.floor.cut_agents(now);
        let incomplete = std::mem::replace(&mut self.incomplete.1, self.link_down.is_some());
        if ended.start_utc_s == now {
            return Ok(());
        }
        let agents = self.agents.close(ended, rows, incomplete);
        self.write_agents(now, agents, out);
        Ok(())
    }

    fn feed(
        &mut self,
        now: i64,
        what: &What,
        out: &mut dyn FnMut(Write),
    ) -> Result<(), ClockError> {
        match what {
            What::LinkDown { reason } => {
                self.link_down = Some((now, *reason));
                self.incomplete = (true, true);
                self.calls.forget_calls_in_progress();
            }
            What::LinkUp => {
                if let Some((since, reason)) = self.link_down.take() {
                    self.breaks += 1;
                    let face = self.call_clock.face(since)?;
                    let row =
                        dictionary::link_row(self.acd, face, reason, now - since, self.breaks);
                    out(self.write(now, TableId::Linkex, None, row, &[]));
                }
            }
            What::ClockSet { by_s, .. } => {
                if self.call_clock.set(now, *by_s)? {
                    self.turn_calls(out)?;
                }
                if self.agent_clock.set(now, *by_s)? {
                    self.turn_agents(out)?;
                }
                // While the link is down nobody tells the CMS; the row of the break says that something was wrong.
                if self.link_down.is_none() {
                    self.breaks += 1;
                    let face = self.call_clock.face(now)?;
                    let reason = dictionary::CLOCK_WAS_RESET;
                    let row = dictionary::link_row(self.acd, face, reason, 0, self.breaks);
                    out(self.write(now, TableId::Linkex, None, row, &[]));
                }
            }
            What::ArchiverOff { recovered } => {
                self.splits.switch_off(*recovered);
                self.vdns.switch_off(*recovered);
                self.agents.switch_off(*recovered);
            }
            What::ArchiverOn => {
                let splits = self.splits.switch_on();
                self.write_splits(now, splits, out);
                let vdns = self.vdns.switch_on();
                self.write_vdns(now, vdns, out);
                let agents = self.agents.switch_on();
                self.write_agents(now, agents, out);
            }
            What::ServiceLevelSet { skill, seconds } => {
                self.calls.set_service_level(*skill, *seconds);
            }
            What::Renamed { item, number, name } => self.rename(now, *item, *number, name, out),
            _ => {}
        }
        // While the link is down the CMS does not see what calls do.
        if self.link_down.is_none() {
            let floor = &self.floor;
            let reserve = |login: Login, skill: Skill| floor.reserve_level(login, skill);
            if let Some(booked) = self.calls.feed(now, what, reserve) {
                self.floor.book_call(booked);
            }
            if let Some(held) = &mut self.by_arrival {
                for (skill, arrived_utc_s, figures) in self.calls.take_misplaced() {
                    match held.row(arrived_utc_s, skill) {
                        Some(row) => row.add(&figures),
                        None => self.calls.add(skill, &figures),
                    }
                }
            }
        }
        self.floor.feed(now, what);
        for session in self.sessions.feed(now, what) {
            self.write_session(now, &session, out)?;
        }
        for row in self.trace.feed(now, what) {
            self.write_trace(now, &row, out)?;
        }
        Ok(())
    }

    fn rename(&self, now: i64, item: Named, number: u32, name: &str, out: &mut dyn FnMut(Write)) {
        let row = dictionary::renamed(self.acd, item, number, name);
        out(self.write(now, TableId::Synonyms, None, row, dictionary::KEY));
    }

    fn write_session(
        &self,
        now: i64,
        session: &SessionRow,
        out: &mut dyn FnMut(Write),
    ) -> Result<(), ClockError> {
        let at_login = self.variants.sessions == SessionsWritten::AtLogin;
        if session.logout_utc_s.is_none() && !at_login {
            return Ok(());
        }
        let login = self.moment(session.login_utc_s)?;
        let logout = session
            .logout_utc_s
            .map(|utc_s| self.moment(utc_s))
            .transpose()?;
        let row = session.values(self.acd, self.layout.is_old(), login, logout);
        let replaces: &'static [usize] = if at_login && logout.is_some() {
            sessions::KEY
        } else {
            &[]
        };
        out(self.write(now, TableId::Haglog, None, row, replaces));
        Ok(())
    }

    /// A moment as `haglog` has it: seconds, and the day on the clock of the agent tables.
    fn moment(&self, utc_s: i64) -> Result<(i64, jiff::civil::Date), ClockError> {
        let seconds = match self.variants.session_epochs {
            SessionEpochs::Utc => utc_s,
            SessionEpochs::Local => self.call_clock.face_s(utc_s)?,
        };
        Ok((seconds, self.agent_clock.face(utc_s)?.date()))
    }

    fn write_trace(
        &self,
        now: i64,
        row: &TraceRow,
        out: &mut dyn FnMut(Write),
    ) -> Result<(), ClockError> {
        let face = self.agent_clock.face(row.event_utc_s)?;
        let (hour, minute, second) = (
            i64::from(face.hour()),
            i64::from(face.minute()),
            i64::from(face.second()),
        );
        let event_time = match self.variants.event_time_format {
            EventTimeFormat::Hhmmss => hour * 10_000 + minute * 100 + second,
            EventTimeFormat::SecondsOfDay => hour * 3_600 + minute * 60 + second,
        };
        let row = row.values(
            self.acd,
            face.date(),
            event_time,
            self.variants.work_modes,
            self.variants.directions,
        );
        out(self.write(now, TableId::AgActv, None, row, &[]));
        Ok(())
    }

    fn write_splits(
        &self,
        now: i64,
        archived: Vec<Archived<Skill, Hsplit>>,
        out: &mut dyn FnMut(Write),
    ) {
        for part in archived {
            let interval = part.interval.as_ref();
            for (skill, figures) in &part.rows {
                let row = self
                    .layout
                    .split_row(interval, part.row_date, self.acd, *skill, figures);
                let table = daily_or(interval, TableId::Dsplit, TableId::Hsplit);
                out(self.write(now, table, interval, row, &[]));
            }
        }
    }

    fn write_vdns(&self, now: i64, archived: Vec<Archived<Vdn, Hvdn>>, out: &mut dyn FnMut(Write)) {
        for part in archived {
            let interval = part.interval.as_ref();
            for (vdn, figures) in &part.rows {
                let vector = self.vectors.get(vdn).copied().unwrap_or(0);
                let row =
                    self.layout
                        .vdn_row(interval, part.row_date, self.acd, (*vdn, vector), figures);
                let table = daily_or(interval, TableId::Dvdn, TableId::Hvdn);
                out(self.write(now, table, interval, row, &[]));
            }
        }
    }

    fn write_agents(
        &self,
        now: i64,
        archived: Vec<Archived<RowKey, Hagent>>,
        out: &mut dyn FnMut(Write),
    ) {
        for part in archived {
            let interval = part.interval.as_ref();
            for (key, figures) in &part.rows {
                let row = self
                    .layout
                    .agent_row(interval, part.row_date, self.acd, key, figures);
                let table = daily_or(interval, TableId::Dagent, TableId::Hagent);
                out(self.write(now, table, interval, row, &[]));
            }
        }
    }

    fn write(
        &self,
        ready_utc_s: i64,
        table: TableId,
        interval: Option<&Interval>,
        row: Row,
        replaces: &'static [usize],
    ) -> Write {
        Write {
            ready_utc_s,
            table,
            acd: self.acd,
            interval: interval.map(|interval| (interval.start_utc_s, interval.end_utc_s)),
            row,
            replaces,
        }
    }
}

fn daily_or(interval: Option<&Interval>, daily: TableId, otherwise: TableId) -> TableId {
    if interval.is_some() { otherwise } else { daily }
}
