//! Changes that somebody makes in the tables of a CMS, each with the statements that take it back.
//!
//! Only rows of the days before the import began: what the simulator still writes it writes by key, and would meet them.

use super::plan::{Plan, Touched};
use jiff::ToSpan;
use rand::RngExt;
use rand::seq::IndexedRandom;
use rand_chacha::ChaCha8Rng;

/// Number that no skill has.
const NOBODY: i64 = 998;
/// Stands for a skill while two change places.
const NOWHERE: i64 = 9999;

/// A change that was made and is not taken back yet.
#[derive(Debug)]
pub(super) struct Change {
    pub what: String,
    pub make: String,
    pub heal: String,
    /// Rows of `hsplit` that it concerns.
    pub touched: Option<Touched>,
}

impl Change {
    /// A change of random rows; `number` is of this history alone.
    pub fn random(
        plan: &Plan,
        number: usize,
        random: &mut ChaCha8Rng,
    ) -> anyhow::Result<Option<Self>> {
        let date = plan
            .first_day
            .checked_add(random.random_range(0..plan.history_days).days())?;
        let acd = random.random_range(1..=plan.acds);
        let minute = random.random_range(0..24 * 60 / plan.minutes) * plan.minutes;
        let (hour, minute) = (i8::try_from(minute / 60)?, i8::try_from(minute % 60)?);
        let starttime = i64::from(hour) * 100 + i64::from(minute);
        let split = [11, 12].choose(random).copied().unwrap_or(11);
        let logid = random.random_range(101..=106);
        let interval = format!("acd = {acd} AND row_date = '{date}' AND starttime = {starttime}");
        let day = format!("acd = {acd} AND row_date = '{date}' AND TRIM(logid) = '{logid}'");
        let kinds = [
            "figures",
            "rows gone",
            "row more",
            "swapped",
            "agent figures",
            "agent rows gone",
            "sessions gone",
            "trace rows gone",
        ];
        let kind = kinds.choose(random).copied().unwrap_or("figures");
        let split_row = format!("{interval} AND split = {split}");
        let (make, heal, place) = match kind {
            "figures" => add(
                "hsplit",
                &[("acdcalls", 3), ("acdtime", 77), ("callsoffered", 3)],
                &split_row,
            ),
            "rows gone" => {
                // One interval, or an hour and more of a skill.
                let rows = match random.random_bool(0.5) {
                    true => split_row,
                    false => format!(
                        "acd = {acd} AND row_date = '{date}' AND split = {split} AND starttime BETWEEN {starttime} AND {}",
                        starttime + 159
                    ),
                };
                take_away("hsplit", &rows, number)
            }
            "row more" => {
                let make = format!(
                    "CREATE TABLE c_kept_{number} AS SELECT * FROM hsplit WHERE {split_row};
                    UPDATE c_kept_{number} SET split = {NOBODY};
                    INSERT INTO hsplit SELECT * FROM c_kept_{number};"
                );
                let heal = format!(
                    "DELETE FROM hsplit WHERE {interval} AND split = {NOBODY}; DROP TABLE c_kept_{number};"
                );
                (make, heal, split_row)
            }
            "swapped" => {
                let to = |from: i64, to: i64| {
                    format!("UPDATE hsplit SET split = {to} WHERE {interval} AND split = {from};")
                };
                let swap = [to(11, NOWHERE), to(12, 11), to(NOWHERE, 12)].concat();
                (swap.clone(), swap, interval)
            }
            "agent figures" => add(
                "hagent",
                &[("i_acdtime", 19)],
                &format!("{interval} AND split = {split} AND TRIM(logid) = '{logid}'"),
            ),
            "agent rows gone" => {
                take_away("hagent", &format!("{day} AND starttime < 1200"), number)
            }
            "sessions gone" => take_away("haglog", &day, number),
            _ => take_away("ag_actv", &day, number),
        };
        // Rows with one key in the time that a clock shows twice cannot be told apart by this program.
        if plan.is_doubtful(date)?
            && kind != "sessions gone"
            && kind != "trace rows gone"
            && hour < 4
        {
            return Ok(None);
        }
        let of_split = make.contains(" hsplit ");
        let from = date.at(hour, minute, 0, 0);
        let touched = of_split.then_some(Touched {
            acd,
            from,
            to: from.checked_add(2.hours())?,
        });
        Ok(Some(Self {
            what: format!("{kind}: {place}"),
            make,
            heal,
            touched,
        }))
    }
}

/// Figures that are too big by so much.
fn add(table: &str, figures: &[(&str, i64)], rows: &str) -> (String, String, String) {
    let sql = |sign: &str| {
        let set = figures
            .iter()
            .map(|(name, by)| format!("{name} = {name} {sign} {by}"));
        let set: Vec<String> = set.collect();
        format!("UPDATE {table} SET {} WHERE {rows};", set.join(", "))
    };
    (sql("+"), sql("-"), rows.to_owned())
}

/// Rows that are not there for a while.
fn take_away(table: &str, rows: &str, number: usize) -> (String, String, String) {
    let make = format!(
        "CREATE TABLE c_kept_{number} AS SELECT * FROM {table} WHERE {rows}; DELETE FROM {table} WHERE {rows};"
    );
    let heal =
        format!("INSERT INTO {table} SELECT * FROM c_kept_{number}; DROP TABLE c_kept_{number};");
    (make, heal, format!("{table} {rows}"))
}

impl Plan {
    /// Whether the zone's clock changes on a day.
    fn is_doubtful(&self, date: jiff::civil::Date) -> anyhow::Result<bool> {
        let midnight = |date: jiff::civil::Date| self.instant(date.at(0, 0, 0, 0));
        let length = midnight(date.tomorrow()?)?.as_second() - midnight(date)?.as_second();
        Ok(length != 86_400)
    }
}
