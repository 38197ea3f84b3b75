//! A scenario being played: events into the log, rows on their way to the tables.
//!
//! Everything follows from the scenario and the first day, so a player that begins again comes to the same point: what
//! the database already has is played once more and thrown away.

use crate::desk::{Action, Desk};
use crate::error::SimError;
use crate::schema::Schema;
use floorwire_sim_booking::{Booking, TableId};
use floorwire_sim_centre::event::{Event, Header, What};
use floorwire_sim_centre::log::Writer;
use floorwire_sim_centre::scenario::Scenario;
use floorwire_sim_centre::world::World;
use jiff::civil::Date;

/// A scenario at one moment.
pub(crate) struct Player {
    pub header: Header,
    pub schema: Schema,
    world: World,
    booking: Booking,
    desk: Desk,
    /// Calls that have arrived.
    pub calls: u64,
}

impl Player {
    /// The eve of the first day.
    pub fn new(scenario: &Scenario, first_day: Date, simulation: &str) -> Result<Self, SimError> {
        let (world, header) = World::new(scenario, first_day, simulation)?;
        let schema = Schema::new(&scenario.variants);
        let mut desk = Desk::new(scenario)?;
        let mut out = |write| desk.take(&schema, write);
        let booking = Booking::new(&header, &mut out)?;
        Ok(Self {
            header,
            schema,
            world,
            booking,
            desk,
            calls: 0,
        })
    }

    /// Plays on to `until_utc_s`: what has happened goes into the log from where it ends, what can be read by then is
    /// returned, in order.
    pub fn play(
        &mut self,
        until_utc_s: i64,
        mut log: Option<&mut Writer>,
    ) -> Result<Vec<(TableId, Action)>, SimError> {
        let logged = log.as_ref().map_or(i64::MAX, |log| log.through_utc_s());
        let (schema, desk, booking, calls) = (
            &self.schema,
            &mut self.desk,
            &mut self.booking,
            &mut self.calls,
        );
        let mut failed: Option<SimError> = None;
        self.world.advance(until_utc_s, &mut |event: Event| {
            if failed.is_some() {
                return;
            }
            *calls += u64::from(matches!(event.what, What::Arrived { .. }));
            let mut out = |write| desk.take(schema, write);
            let booked = booking.feed(&event, &mut out).map_err(SimError::from);
            let written = match log.as_deref_mut() {
                Some(log) if event.utc_s >= logged => log.write(&event).map_err(SimError::from),
                _ => Ok(()),
            };
            failed = booked.and(written).err();
        });
        if let Some(error) = failed {
            return Err(error);
        }
        let mut out = |write| desk.take(schema, write);
        booking.advance(until_utc_s, &mut out)?;
        if let Some(log) = log
            && until_utc_s > log.through_utc_s()
        {
            log.close_batch(until_utc_s)?;
        }
        Ok(self.desk.due_by(until_utc_s))
    }

    /// Start of the first interval of the first ACD that is not archived, and how many are.
    pub fn archived(&self) -> (i64, u64) {
        self.booking.archived()
    }
}
