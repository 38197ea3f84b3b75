//! Troubles that keep a reader from the tables while `run` goes on: rights taken away, tables locked.
//!
//! Both need a database with users and locks. Where there are none, the run says so once and goes on without.

use floorwire_sim_booking::TableId;
use floorwire_sim_centre::scenario::{Scenario, TroubleKind};
use jiff::tz::TimeZone;

use crate::database::{Database, Dialect};
use crate::error::SimError;
use crate::schema::Schema;

/// A trouble in true time.
struct Obstacle {
    kind: TroubleKind,
    table: TableId,
    from: i64,
    to: i64,
    met: bool,
    over: bool,
}

/// What is still to come.
pub(crate) struct Obstacles(Vec<Obstacle>);

impl Obstacles {
    /// Those that are not over at `now_utc_s`.
    pub fn new(scenario: &Scenario, now_utc_s: i64) -> Result<Self, SimError> {
        let mut obstacles = Vec::new();
        for trouble in &scenario.troubles {
            let stops_readers = matches!(
                trouble.kind,
                TroubleKind::RightsRevoked | TroubleKind::Locked
            );
            let Some(table) = TableId::from_name(&trouble.table).filter(|_| stops_readers) else {
                continue;
            };
            let acd = scenario.acds.iter().find(|acd| acd.number == trouble.acd);
            let zone = TimeZone::get(acd.map_or("UTC", |acd| acd.zone.as_str()))?;
            let from = trouble.from.to_zoned(zone)?.timestamp().as_second();
            let to = from + trouble.healed_after;
            if to > now_utc_s {
                obstacles.push(Obstacle {
                    kind: trouble.kind,
                    table,
                    from,
                    to,
                    met: false,
                    over: false,
                });
            }
        }
        Ok(Self(obstacles))
    }

    /// Does what is due. Returns a table that is to be locked now, and until when.
    pub fn meet(
        &mut self,
        database: &mut Database,
        schema: &Schema,
        reader: Option<&str>,
        now_utc_s: i64,
        progress: &mut dyn FnMut(&str),
    ) -> Result<Option<(i64, TableId)>, SimError> {
        let mut lock = None;
        for obstacle in &mut self.0 {
            let name = schema.name(obstacle.table);
            if now_utc_s >= obstacle.from && !obstacle.met {
                obstacle.met = true;
                if database.dialect() == Dialect::Sqlite {
                    progress(&format!(
                        "{name}: this database has neither rights nor locks for readers; going on without"
                    ));
                    obstacle.over = true;
                    continue;
                }
                match (obstacle.kind, reader) {
                    (TroubleKind::Locked, _) => {
                        progress(&format!("{name} is locked"));
                        obstacle.over = true;
                        lock = Some((obstacle.to, obstacle.table));
                    }
                    (_, None) => {
                        progress(&format!(
                            "{name}: nobody to take rights from; name the reading user with --reader"
                        ));
                        obstacle.over = true;
                    }
                    (_, Some(reader)) => {
                        progress(&format!("{reader} may not read {name} any more"));
                        database.execute(&format!("REVOKE SELECT ON {name} FROM {reader}"))?;
                    }
                }
            }
            if now_utc_s >= obstacle.to && !obstacle.over {
                obstacle.over = true;
                if let Some(reader) = reader {
                    progress(&format!("{reader} may read {name} again"));
                    database.execute(&format!("GRANT SELECT ON {name} TO {reader}"))?;
                }
            }
        }
        Ok(lock)
    }

    /// Locks a table against everybody else, as long as the connection lives.
    pub fn lock(
        &self,
        holder: &mut Database,
        schema: &Schema,
        table: TableId,
    ) -> Result<(), SimError> {
        let name = schema.name(table);
        holder.begin()?;
        match holder.dialect() {
            Dialect::MariaDb => holder.execute(&format!("LOCK TABLES {name} WRITE")),
            Dialect::Other | Dialect::Sqlite => {
                holder.execute(&format!("LOCK TABLE {name} IN ACCESS EXCLUSIVE MODE"))
            }
        }
    }
}
