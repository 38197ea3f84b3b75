//! What must hold between the figures of a row, and between rows, whatever happened. Source: reference, 3.1 to 3.3 for
//! interval and daily tables; for the others see [`others`] and [`days`].

mod days;
mod others;

use crate::table::{Row, TableId, Value};
use crate::tables::tables;
use days::Days;
use floorwire_sim_centre::variants::Variants;
use others::Others;
use std::collections::{BTreeMap, HashMap};

/// Checks rows of all tables, in the order in which they are written, and collects what is broken.
pub struct Invariants {
    tables: HashMap<TableId, HashMap<String, usize>>,
    others: Others,
    days: Days,
    agents: BTreeMap<(TableId, Vec<Value>), Totals>,
    skills: BTreeMap<(TableId, Value, Value), Completed>,
    broken: Vec<String>,
}

/// Sums over the skills of an agent in an interval.
#[derive(Default)]
struct Totals {
    staffed: i64,
    accounted: i64,
}

/// Sums of a skill over all rows.
#[derive(Default)]
struct Completed {
    acdtime: i64,
    i_acdtime: i64,
    acwtime: i64,
    i_acwtime: i64,
    arrived: i64,
    completed: i64,
    work: WorkCalls,
}

/// Extension calls in after-call work, over all rows: counted with the calls, and where their time passed.
#[derive(Default)]
struct WorkCalls {
    made: i64,
    taken: i64,
    after_direct: i64,
    i_made: i64,
    i_taken: i64,
    i_after_direct: i64,
}

impl WorkCalls {
    fn add(&mut self, view: &View) {
        self.made += view.sum(&["acwouttime", "da_acwotime"]);
        self.taken += view.sum(&["acwintime", "da_acwintime"]);
        self.after_direct += view.sum(&["da_acwintime", "da_acwotime"]);
        self.i_made += view.get("i_acwouttime");
        self.i_taken += view.get("i_acwintime");
        self.i_after_direct += view.get("i_da_acwtime");
    }

    /// A call is booked when it ends, so never more than has passed.
    fn too_much(&self) -> bool {
        self.made > self.i_made
            || self.taken > self.i_taken
            || self.after_direct > self.i_after_direct
    }
}

/// One row with its columns by name.
struct View<'a> {
    columns: &'a HashMap<String, usize>,
    row: &'a Row,
}

impl View<'_> {
    /// A figure; 0 if this release does not have it.
    fn get(&self, name: &str) -> i64 {
        let keys = self.row.keys.len();
        match self.columns.get(name) {
            None => 0,
            Some(at) if *at >= keys => self.row.figures.get(at - keys).copied().unwrap_or(0),
            Some(at) => match self.row.keys.get(*at) {
                Some(Value::Int(number)) => *number,
                _ => 0,
            },
        }
    }

    fn text(&self, name: &str) -> String {
        match self.key(name) {
            Value::Text(text) => text,
            _ => String::new(),
        }
    }

    fn key(&self, name: &str) -> Value {
        let at = self.columns.get(name);
        let value = at.and_then(|at| self.row.keys.get(*at));
        value.cloned().unwrap_or(Value::Null)
    }

    fn sum(&self, names: &[&str]) -> i64 {
        names.iter().map(|name| self.get(name)).sum()
    }

    fn numbered(&self, stem: &str, last: usize) -> i64 {
        (1..=last)
            .map(|number| self.get(&format!("{stem}{number}")))
            .sum()
    }
}

impl Invariants {
    /// For the CMS of a site.
    pub fn new(variants: &Variants) -> Self {
        let tables = tables(variants);
        let tables = tables.iter().map(|table| {
            let columns = table.columns().enumerate();
            let columns = columns.map(|(at, column)| (column.name.clone(), at));
            (table.id, columns.collect())
        });
        Self {
            tables: tables.collect(),
            others: Others::new(variants),
            days: Days::new(variants),
            agents: BTreeMap::new(),
            skills: BTreeMap::new(),
            broken: Vec::new(),
        }
    }

    /// Looks at a row.
    pub fn look(&mut self, table: TableId, row: &Row) {
        let Some(columns) = self.tables.get(&table) else {
            return;
        };
        let view = View { columns, row };
        let mut broken = Vec::new();
        let mut expect = |rule: &str, left: i64, right: i64| {
            if left != right {
                broken.push(format!(
                    "{}: {rule}: {left} is not {right} in {:?}",
                    table.name(),
                    row.keys
                ));
            }
        };
        const STATES: [&str; 6] = [
            "i_availtime",
            "i_acdtime",
            "i_acwtime",
            "i_auxtime",
            "i_ringtime",
            "i_othertime",
        ];
        match table {
            TableId::Hsplit | TableId::Dsplit => {
                expect(
                    "staffed time is the sum of the states",
                    view.get("i_stafftime"),
                    view.sum(&STATES),
                );
                let others = ["busycalls", "disccalls", "outflowcalls", "dequecalls"];
                expect(
                    "callsoffered",
                    view.get("callsoffered"),
                    view.sum(&others) + view.sum(&["acdcalls", "abncalls"]),
                );
                expect("othercalls", view.get("othercalls"), view.sum(&others));
                expect(
                    "othertime",
                    view.get("othertime"),
                    view.sum(&["busytime", "disctime", "outflowtime", "dequetime"]),
                );
                expect(
                    "answered by wait",
                    view.get("acdcalls"),
                    view.numbered("acdcalls", 10),
                );
                expect(
                    "abandoned by wait",
                    view.get("abncalls"),
                    view.numbered("abncalls", 10),
                );
                let by_reason: i64 = (0..100)
                    .map(|reason| view.get(&format!("i_auxtime{reason}")))
                    .sum();
                expect("aux by reason", view.get("i_auxtime"), by_reason);
                let least = |rule: &str, small: i64, large: i64| {
                    (small > large).then(|| {
                        format!(
                            "{}: {rule}: {small} exceeds {large} in {:?}",
                            table.name(),
                            row.keys
                        )
                    })
                };
                let limits = [
                    least(
                        "extension calls in work are work",
                        view.sum(&["i_acwintime", "i_acwouttime"]),
                        view.sum(&["i_acwtime", "i_da_acwtime"]),
                    ),
                    least("acceptable", view.get("acceptable"), view.get("acdcalls")),
                    least(
                        "phantoms are abandons",
                        view.get("phantomabns"),
                        view.get("abncalls"),
                    ),
                    least(
                        "abandons while ringing",
                        view.get("abnringcalls"),
                        view.get("abncalls"),
                    ),
                    least("outbound", view.get("o_acdcalls"), view.get("acdcalls")),
                    least(
                        "hold needs a held call",
                        i64::from(view.get("holdtime") > 0),
                        view.get("holdcalls"),
                    ),
                    least(
                        "rona is outflow and inflow",
                        view.get("noansredir"),
                        view.get("outflowcalls").min(view.get("inflowcalls")),
                    ),
                ];
                broken.extend(limits.into_iter().flatten());
                // Sums over a day are looked at with the intervals that they are made of.
                let skill = self
                    .skills
                    .entry((table, view.key("acd"), view.key("split")))
                    .or_default();
                skill.work.add(&view);
                skill.acdtime += view.get("acdtime");
                skill.i_acdtime += view.get("i_acdtime");
                skill.acwtime += view.get("acwtime");
                skill.i_acwtime += view.get("i_acwtime");
                skill.arrived += view.get("i_arrived");
                skill.completed += view.get("callsoffered") - view.get("noansredir");
                if skill.acdtime > skill.i_acdtime {
                    broken.push(format!(
                        "hsplit: more talk booked with calls than has passed: {} and {} up to {:?}",
                        skill.acdtime, skill.i_acdtime, row.keys
                    ));
                }
                if skill.acwtime > skill.i_acwtime {
                    broken.push(format!(
                        "hsplit: more after-call work booked than has passed up to {:?}",
                        row.keys
                    ));
                }
                if skill.work.too_much() {
                    broken.push(format!(
                        "hsplit: more extension calls in work booked than have passed up to {:?}",
                        row.keys
                    ));
                }
                if skill.completed > skill.arrived {
                    broken.push(format!(
                        "hsplit: more calls completed than arrived up to {:?}",
                        row.keys
                    ));
                }
            }
            TableId::Hvdn | TableId::Dvdn => {
                let others = ["busycalls", "connectcalls", "disccalls", "outflowcalls"];
                expect(
                    "incalls",
                    view.get("incalls"),
                    view.sum(&["abncalls", "acdcalls", "othercalls"]),
                );
                expect("othercalls", view.get("othercalls"), view.sum(&others));
                expect(
                    "intime",
                    view.get("intime"),
                    view.sum(&["acdtime", "abntime", "anstime", "holdtime", "othertime"]),
                );
                expect(
                    "abandoned by wait",
                    view.get("abncalls"),
                    view.numbered("abncalls", 10),
                );
                expect(
                    "answered by wait",
                    view.sum(&["acdcalls", "connectcalls"]),
                    view.numbered("ansconncalls", 10),
                );
            }
            TableId::Hagent | TableId::Dagent => {
                expect(
                    "staffed time is the sum of the states",
                    view.get("i_stafftime"),
                    view.sum(&STATES),
                );
                let by_reason: i64 = (0..100)
                    .map(|reason| view.get(&format!("ti_auxtime{reason}")))
                    .sum();
                expect("aux by reason", view.get("ti_auxtime"), by_reason);
                let work = view.sum(&["i_acwtime", "i_da_acwtime"]);
                let on_calls = view.sum(&["i_acwintime", "i_acwouttime"]);
                expect(
                    "extension calls in work are work",
                    on_calls,
                    on_calls.min(work),
                );
                let key = ["acd", "logid", "row_date", "starttime", "starttime_utc"];
                let key = key.iter().map(|name| view.key(name)).collect();
                let totals = self.agents.entry((table, key)).or_default();
                totals.staffed += view.get("ti_stafftime");
                totals.accounted += view.sum(&[
                    "i_acdtime",
                    "i_acwtime",
                    "i_da_acdtime",
                    "i_da_acwtime",
                    "i_ringtime",
                    "ti_auxtime",
                    "ti_availtime",
                    "ti_othertime",
                ]);
            }
            _ => self.others.look(table, &view, &mut broken),
        }
        self.days.look(table, &view, &mut broken);
        self.broken.extend(broken);
    }

    /// Everything that is broken; empty if all holds.
    pub fn finish(mut self) -> Vec<String> {
        self.others.finish(&mut self.broken);
        for ((table, key), totals) in &self.agents {
            if totals.staffed != totals.accounted {
                self.broken.push(format!(
                    "{}: time logged in is the sum of what was done: {} is not {} in {key:?}",
                    table.name(),
                    totals.staffed,
                    totals.accounted
                ));
            }
        }
        self.broken
    }
}
