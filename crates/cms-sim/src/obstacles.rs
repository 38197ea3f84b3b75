//! Troubles that keep a reader from the tables while `run` goes on: rights taken away, tables locked.
//!
//! Both need a database with users and locks. Where there are none, the run says so once and goes on without.
//!
//! # Rights are given back
//! Whose rights are about to be taken is noted in the database before they are (`parameters::remember_reader`). Every run
//! gives the rights of every revocation that is over back at its start, whether it was named with `--reader` or not:
//! granting what somebody has already changes nothing. So a run that is killed, or ended in the middle of a revocation,
//! takes nothing for good. What cannot be given back is said, with the statement that does it.

use floorwire_odbc::Cause;
use floorwire_sim_booking::TableId;
use floorwire_sim_centre::scenario::{Scenario, TroubleKind};
use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::database::{Database, Dialect};
use crate::error::SimError;
use crate::parameters;
use crate::rights::Reader;
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

/// What is still to come, and who is concerned.
pub(crate) struct Obstacles {
    all: Vec<Obstacle>,
    /// Named with `--reader`.
    reader: Option<Reader>,
    /// From whom rights were taken, by this run or another.
    robbed: Option<Reader>,
}

impl Obstacles {
    /// The troubles of a scenario at `now_utc_s`. Gives back what is due, and checks that rights can be taken from the
    /// reader before anything is changed.
    pub fn begin(
        scenario: &Scenario,
        database: &mut Database,
        schema: &Schema,
        reader: Option<&str>,
        now_utc_s: i64,
        progress: &mut dyn FnMut(&str),
    ) -> Result<Self, SimError> {
        let dialect = database.dialect();
        let robbed = match dialect {
            Dialect::Sqlite => None,
            _ => parameters::reader(database)?,
        };
        let mut obstacles = Self {
            all: all(scenario)?,
            reader: reader.map(|name| Reader::new(name, dialect)),
            robbed: robbed.map(|name| Reader::new(&name, dialect)),
        };
        obstacles.check_reader(database, schema, now_utc_s)?;
        for obstacle in &mut obstacles.all {
            if now_utc_s < obstacle.to {
                continue;
            }
            (obstacle.met, obstacle.over) = (true, true);
            if let (TroubleKind::RightsRevoked, Some(robbed)) = (obstacle.kind, &obstacles.robbed) {
                give_back(database, schema, obstacle.table, robbed, progress)?;
            }
        }
        for obstacle in &mut obstacles.all {
            let running = obstacle.kind == TroubleKind::RightsRevoked
                && (obstacle.from..obstacle.to).contains(&now_utc_s);
            if let (true, None, Some(robbed)) = (running, &obstacles.reader, &obstacles.robbed) {
                obstacle.met = true;
                progress(&taken(schema, obstacle, robbed));
            }
        }
        Ok(obstacles)
    }

    /// Refuses a reader whose rights cannot be taken away.
    fn check_reader(
        &self,
        database: &mut Database,
        schema: &Schema,
        now_utc_s: i64,
    ) -> Result<(), SimError> {
        let Some(reader) = &self.reader else {
            return Ok(());
        };
        if database.dialect() == Dialect::Sqlite {
            return Ok(());
        }
        for obstacle in &self.all {
            if obstacle.kind != TroubleKind::RightsRevoked || now_utc_s >= obstacle.to {
                continue;
            }
            let running = now_utc_s >= obstacle.from;
            let taken_already = running && self.robbed.as_ref() == Some(reader);
            if !taken_already {
                reader.check(database, &schema.name(obstacle.table))?;
            }
        }
        Ok(())
    }

    /// Does what is due. Returns a table that is to be locked now, and until when.
    pub fn meet(
        &mut self,
        database: &mut Database,
        schema: &Schema,
        now_utc_s: i64,
        progress: &mut dyn FnMut(&str),
    ) -> Result<Option<(i64, TableId)>, SimError> {
        let mut lock = None;
        for obstacle in &mut self.all {
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
                match (obstacle.kind, &self.reader) {
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
                        parameters::remember_reader(database, reader.name())?;
                        self.robbed = Some(reader.clone());
                        // Taken already by a run that was killed: nothing is left to take.
                        if reader.holds_table_grant(database, &name)? {
                            database.execute(&reader.revoke(&name))?;
                        }
                        progress(&format!("{} may not read {name} any more", reader.name()));
                    }
                }
            }
            if now_utc_s >= obstacle.to && !obstacle.over {
                obstacle.over = true;
                if let Some(robbed) = &self.robbed {
                    give_back(database, schema, obstacle.table, robbed, progress)?;
                }
            }
        }
        Ok(lock)
    }

    /// At the end of a run: who still misses which rights.
    pub fn say_what_is_taken(&self, schema: &Schema, progress: &mut dyn FnMut(&str)) {
        let Some(robbed) = &self.robbed else {
            return;
        };
        for obstacle in &self.all {
            if obstacle.kind == TroubleKind::RightsRevoked && obstacle.met && !obstacle.over {
                progress(&taken(schema, obstacle, robbed));
            }
        }
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

fn all(scenario: &Scenario) -> Result<Vec<Obstacle>, SimError> {
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
        obstacles.push(Obstacle {
            kind: trouble.kind,
            table,
            from,
            to: from + trouble.healed_after,
            met: false,
            over: false,
        });
    }
    Ok(obstacles)
}

fn taken(schema: &Schema, obstacle: &Obstacle, robbed: &Reader) -> String {
    let name = schema.name(obstacle.table);
    let until = Timestamp::from_second(obstacle.to).map_or(String::new(), |at| at.to_string());
    format!(
        "rights to read {name} were taken from {}; a run that reaches {until} gives them back; to do so now: {}",
        robbed.name(),
        robbed.grant(&name)
    )
}

/// Grants what may have been granted already. A refusal is said and tried again by the next run.
fn give_back(
    database: &mut Database,
    schema: &Schema,
    table: TableId,
    robbed: &Reader,
    progress: &mut dyn FnMut(&str),
) -> Result<(), SimError> {
    let name = schema.name(table);
    let statement = robbed.grant(&name);
    match database.execute(&statement) {
        Ok(()) => progress(&format!("{} may read {name} again", robbed.name())),
        Err(SimError::Database(cause)) if cause.cause() != Some(Cause::ConnectionLost) => {
            progress(&format!(
                "{} could not be given the rights to read {name} back ({}); somebody has to: {statement}",
                robbed.name(),
                SimError::from(cause)
            ))
        }
        Err(error) => return Err(error),
    }
    Ok(())
}
