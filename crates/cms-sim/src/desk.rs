//! Between the booking and the tables: rows that come late, are wrong at first, or should not be there.
//!
//! The booking says what is written and when it can be read. A trouble of the scenario that concerns the row changes
//! that for a while; in the end the table holds what it should. What was read meanwhile is the importer's problem.
//!
//! | Trouble | First | In the end |
//! |---|---|---|
//! | late | nothing | the row, so much later |
//! | corrected | the row with smaller figures | the right ones |
//! | spurious | the row, and one of a skill or agent number 999 that never was | the second is deleted |
//! | deleted | the row, and after half the time nothing | the row again |
//! | swapped | two rows of the interval have each other's figures | their own |

use crate::error::SimError;
use crate::schema::Schema;
use floorwire_sim_booking::{Row, TableId, Value, Write};
use floorwire_sim_centre::scenario::{Scenario, TroubleKind};
use jiff::tz::TimeZone;
use std::collections::BTreeMap;

/// Number that no skill has.
const NOBODY: i64 = 999;

/// Something to do to a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    Insert(Row),
    Replace(Row, Vec<usize>),
    Delete(Row, Vec<usize>),
}

/// A trouble with rows, in true time.
struct Trouble {
    kind: TroubleKind,
    acd: i16,
    table: TableId,
    from: i64,
    to: i64,
    healed_after: i64,
}

/// What is to be done when.
#[derive(Default)]
pub(crate) struct Desk {
    troubles: Vec<Trouble>,
    due: BTreeMap<(i64, u64), (TableId, Action)>,
    numbered: u64,
    /// Rows of an interval that wait for one to be swapped with.
    unpaired: BTreeMap<(TableId, i16, i64), Row>,
}

impl Desk {
    pub fn new(scenario: &Scenario) -> Result<Self, SimError> {
        let mut troubles = Vec::new();
        for trouble in &scenario.troubles {
            let Some(table) = TableId::from_name(&trouble.table) else {
                continue;
            };
            let acd = scenario.acds.iter().find(|acd| acd.number == trouble.acd);
            let zone = TimeZone::get(acd.map_or("UTC", |acd| acd.zone.as_str()))?;
            let instant = |local: jiff::civil::DateTime| {
                Ok::<_, jiff::Error>(local.to_zoned(zone.clone())?.timestamp().as_second())
            };
            troubles.push(Trouble {
                kind: trouble.kind,
                acd: trouble.acd,
                table,
                from: instant(trouble.from)?,
                to: instant(trouble.to)?,
                healed_after: trouble.healed_after,
            });
        }
        Ok(Self {
            troubles,
            ..Self::default()
        })
    }

    /// Takes a write from the booking.
    pub fn take(&mut self, schema: &Schema, write: Write) {
        let ready = write.ready_utc_s;
        let trouble = write.interval.and_then(|(start, _)| {
            self.troubles.iter().find(|trouble| {
                trouble.table == write.table
                    && trouble.acd == write.acd
                    && (trouble.from..trouble.to).contains(&start)
            })
        });
        let Some((kind, healed)) =
            trouble.map(|trouble| (trouble.kind, ready + trouble.healed_after))
        else {
            let action = if write.replaces.is_empty() {
                Action::Insert(write.row)
            } else {
                Action::Replace(write.row, write.replaces.to_vec())
            };
            self.put(ready, write.table, action);
            return;
        };
        let keys: Vec<usize> = (0..write.row.keys.len()).collect();
        match kind {
            TroubleKind::Late => self.put(healed, write.table, Action::Insert(write.row)),
            TroubleKind::Corrected => {
                let mut wrong = write.row.clone();
                for name in [
                    "acdcalls",
                    "callsoffered",
                    "acdtime",
                    "i_availtime",
                    "ti_availtime",
                ] {
                    if let Some(at) = schema.figure(write.table, name) {
                        wrong.figures[at] -= wrong.figures[at] / 3;
                    }
                }
                self.put(ready, write.table, Action::Insert(wrong));
                self.put(healed, write.table, Action::Replace(write.row, keys));
            }
            TroubleKind::Spurious => {
                let mut ghost = write.row.clone();
                if let Some(at) = schema
                    .key(write.table, "split")
                    .or(schema.key(write.table, "vdn"))
                {
                    ghost.keys[at] = match ghost.keys[at] {
                        Value::Text(_) => Value::Text(NOBODY.to_string()),
                        _ => Value::Int(NOBODY),
                    };
                }
                let place = (
                    write.table,
                    write.acd,
                    write.interval.map_or(0, |(start, _)| start),
                );
                self.put(ready, write.table, Action::Insert(write.row));
                // One ghost for each interval.
                if self.unpaired.insert(place, ghost.clone()).is_none() {
                    self.put(ready, write.table, Action::Insert(ghost.clone()));
                    self.put(healed, write.table, Action::Delete(ghost, keys));
                }
            }
            TroubleKind::Deleted => {
                let gone = ready + (healed - ready) / 2;
                self.put(ready, write.table, Action::Insert(write.row.clone()));
                self.put(gone, write.table, Action::Delete(write.row.clone(), keys));
                self.put(healed, write.table, Action::Insert(write.row));
            }
            TroubleKind::Swapped => {
                let place = (
                    write.table,
                    write.acd,
                    write.interval.map_or(0, |(start, _)| start),
                );
                match self.unpaired.remove(&place) {
                    None => {
                        self.unpaired.insert(place, write.row.clone());
                        self.put(
                            healed,
                            write.table,
                            Action::Replace(write.row.clone(), keys),
                        );
                        self.put(ready, write.table, Action::Insert(write.row));
                    }
                    Some(other) => {
                        let swapped = |keys: &Row, figures: &Row| Row {
                            keys: keys.keys.clone(),
                            figures: figures.figures.clone(),
                        };
                        let first = swapped(&other, &write.row);
                        self.put(ready, write.table, Action::Replace(first, keys.clone()));
                        self.put(
                            ready,
                            write.table,
                            Action::Insert(swapped(&write.row, &other)),
                        );
                        self.put(healed, write.table, Action::Replace(write.row, keys));
                    }
                }
            }
            TroubleKind::RightsRevoked | TroubleKind::Locked => {
                self.put(ready, write.table, Action::Insert(write.row));
            }
        }
    }

    fn put(&mut self, due: i64, table: TableId, action: Action) {
        self.numbered += 1;
        self.due.insert((due, self.numbered), (table, action));
    }

    /// What is due by `utc_s`, in order.
    pub fn due_by(&mut self, utc_s: i64) -> Vec<(TableId, Action)> {
        let later = self.due.split_off(&(utc_s + 1, 0));
        std::mem::replace(&mut self.due, later)
            .into_values()
            .collect()
    }
}
