//! Rows of `hsplit`, `hvdn` and their daily twins as figures of queues.
//!
//! **Calls of a VDN.** `acdcalls` are calls that agents answered, through a skill or directly; `connectcalls` went to a
//! station without the ACD and are work of nobody we plan for. `acceptable` counts both, so that it is known as *within
//! threshold* only where nothing was connected. Callers who hung up in the vector before any queue are `abncalls -
//! abnquecalls`.
//!
//! **Inbound only.** `o_` columns are the outbound part of their twin and are subtracted. Hold, wait and *within threshold*
//! have no such part: they are known where no outbound call was answered in the row, else unknown. Tables of VDNs have no
//! `o_` columns at all; which VDNs outbound calls use is known to whoever chooses VDNs.
//!
//! **Several rows for one queue and time.** Rows of different tenants, and of different vectors of a VDN, add up. Rows alike
//! in every column are one row sent twice. Anything else has no known cause: the figures are then unknown, not a guess.

use crate::problems::Problems;
use floorwire_model::columns::{ColumnsError, Int32Column, SourceColumns, TextColumn};
use floorwire_model::derivation::{DerivationSettings, OfferedDefinition};
use floorwire_model::queue_settings::{CountedDirection, VdnOffered};
use floorwire_model::streams::{Measures, QueueKind};

/// The columns that figures of queues come from.
pub(crate) struct QueueRows<'a> {
    table: &'static str,
    rows: &'a SourceColumns,
    number: NumberColumn<'a>,
    tenant: Option<Int32Column<'a>>,
    vector: Option<Int32Column<'a>>,
    incomplete: Int32Column<'a>,
    figures: Figures<'a>,
}

enum NumberColumn<'a> {
    Split(Int32Column<'a>),
    Vdn(TextColumn<'a>),
}

enum Figures<'a> {
    Split(Box<SplitFigures<'a>>),
    Vdn(Box<VdnFigures<'a>>),
}

/// The number of a queue; skills in the order of their numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Number<'a> {
    Split(i32),
    Vdn(&'a str),
}

impl Number<'_> {
    /// The number as text.
    pub fn text(self) -> String {
        match self {
            Self::Split(number) => number.to_string(),
            Self::Vdn(number) => number.to_owned(),
        }
    }

    /// Whether the settings make it a queue.
    pub fn is_wanted(self, settings: &DerivationSettings) -> bool {
        match self {
            Self::Split(_) => true,
            Self::Vdn(number) => settings.vdn.chosen.contains(number),
        }
    }
}

/// What tells rows of one queue and time apart for a known cause: tenant and vector.
type Cause = (Option<i32>, Option<i32>);

impl<'a> QueueRows<'a> {
    /// Of a table of splits or VDNs.
    pub fn of(
        table: &'static str,
        kind: QueueKind,
        rows: &'a SourceColumns,
    ) -> Result<Self, ColumnsError> {
        let (number, figures) = match kind {
            QueueKind::Split => (
                NumberColumn::Split(rows.int32("split")?),
                Figures::Split(Box::new(SplitFigures::of(rows)?)),
            ),
            QueueKind::Vdn => (
                NumberColumn::Vdn(rows.text("vdn")?),
                Figures::Vdn(Box::new(VdnFigures::of(rows)?)),
            ),
        };
        Ok(Self {
            table,
            rows,
            number,
            tenant: rows.optional_int32("tenant")?,
            vector: rows.optional_int32("vector")?,
            incomplete: rows.int32("incomplete")?,
            figures,
        })
    }

    /// The queue of a row; `None` for NULL and blank.
    pub fn number(&self, row: usize) -> Option<Number<'a>> {
        match &self.number {
            NumberColumn::Split(column) => column.get(row).map(Number::Split),
            NumberColumn::Vdn(column) => {
                let number = column.get(row).map(str::trim)?;
                (!number.is_empty()).then_some(Number::Vdn(number))
            }
        }
    }

    /// Whether the source did not see everything.
    pub fn is_incomplete(&self, row: usize) -> bool {
        self.incomplete.get(row).is_some_and(|count| count != 0)
    }

    /// The figures of rows of one queue and time, and whether they are incomplete; `None` when there are rows too many
    /// without a known cause. `times` is how often one key may occur: twice where two slots have one name.
    pub fn add_up(
        &self,
        rows: &[usize],
        times: usize,
        settings: &DerivationSettings,
        problems: &mut Problems,
    ) -> Option<(Measures, bool)> {
        let mut counted: Vec<usize> = Vec::with_capacity(rows.len());
        for row in rows.iter().copied() {
            // In a repeated hour without `starttime_utc` two quiet slots may well look alike.
            if times == 1 && counted.iter().any(|earlier| self.alike(*earlier, row)) {
                let detail = format!(
                    "{} rows sent twice, alike in every column; counted once",
                    self.table
                );
                problems.doubt("duplicate-row", &detail);
                continue;
            }
            counted.push(row);
        }
        let of_cause = |cause: Cause| {
            counted
                .iter()
                .filter(|row| self.cause(**row) == cause)
                .count()
        };
        if counted.iter().any(|row| of_cause(self.cause(*row)) > times) {
            let detail = format!(
                "different {} rows for one {} and time without a known cause; figures withheld",
                self.table,
                self.what()
            );
            problems.doubt("duplicate-key", &detail);
            return None;
        }
        let mut measures = counted.iter().map(|row| self.measures(*row, settings));
        let mut total = measures.next().unwrap_or_default();
        for one in measures {
            total = sum(&total, &one);
        }
        let incomplete = counted.iter().any(|row| self.is_incomplete(*row));
        Some((total, incomplete))
    }

    /// True when there are two different rows where there should be one.
    pub fn are_doubled(&self, rows: &[usize]) -> bool {
        match *rows {
            [one, other] => self.cause(one) == self.cause(other) && !self.alike(one, other),
            _ => false,
        }
    }

    fn what(&self) -> &'static str {
        match self.number {
            NumberColumn::Split(_) => "split",
            NumberColumn::Vdn(_) => "vdn",
        }
    }

    fn cause(&self, row: usize) -> Cause {
        let of =
            |column: &Option<Int32Column<'_>>| column.as_ref().and_then(|column| column.get(row));
        (of(&self.tenant), of(&self.vector))
    }

    fn alike(&self, one: usize, other: usize) -> bool {
        self.rows
            .columns
            .iter()
            .all(|column| match self.rows.optional_int32(&column.name) {
                Ok(Some(values)) => values.get(one) == values.get(other),
                _ => true,
            })
    }

    fn measures(&self, row: usize, settings: &DerivationSettings) -> Measures {
        match &self.figures {
            Figures::Split(figures) => figures.measures(row, settings.offered, settings.direction),
            Figures::Vdn(figures) => figures.measures(row, settings.vdn.offered),
        }
    }
}

fn figure(column: &Int32Column<'_>, row: usize) -> Option<i64> {
    column.get(row).map(i64::from)
}

fn optional(column: &Option<Int32Column<'_>>, row: usize) -> Option<i64> {
    column.as_ref().and_then(|column| figure(column, row))
}

/// Known plus known is known; anything else is unknown.
fn add(one: Option<i64>, other: Option<i64>) -> Option<i64> {
    Some(one? + other?)
}

/// The part is of the whole: a difference below zero says that one of them is wrong.
fn subtract(whole: Option<i64>, part: Option<i64>) -> Option<i64> {
    Some(whole? - part?).filter(|rest| *rest >= 0)
}

/// Adds the figures of rows that stand for different calls. The threshold is not additive: where it differs it is unknown.
fn sum(one: &Measures, other: &Measures) -> Measures {
    let (left, right) = (one.values(), other.values());
    let added = std::array::from_fn(|index| add(left[index], right[index]));
    let threshold_seconds = one
        .threshold_seconds
        .filter(|_| one.threshold_seconds == other.threshold_seconds);
    Measures {
        threshold_seconds,
        ..Measures::from_values(added)
    }
}

/// The figures of `hsplit` and `dsplit`.
struct SplitFigures<'a> {
    acdcalls: Int32Column<'a>,
    abncalls: Int32Column<'a>,
    acceptable: Int32Column<'a>,
    acdtime: Int32Column<'a>,
    holdtime: Int32Column<'a>,
    acwtime: Int32Column<'a>,
    anstime: Int32Column<'a>,
    servicelevel: Int32Column<'a>,
    callsoffered: Option<Int32Column<'a>>,
    dequecalls: Option<Int32Column<'a>>,
    inflowcalls: Option<Int32Column<'a>>,
    arrived: Option<Int32Column<'a>>,
    stafftime: Option<Int32Column<'a>>,
    availtime: Option<Int32Column<'a>>,
    o_acdcalls: Option<Int32Column<'a>>,
    o_acdtime: Option<Int32Column<'a>>,
    o_acwtime: Option<Int32Column<'a>>,
    o_abncalls: Option<Int32Column<'a>>,
    o_othercalls: Option<Int32Column<'a>>,
}

impl<'a> SplitFigures<'a> {
    fn of(rows: &'a SourceColumns) -> Result<Self, ColumnsError> {
        Ok(Self {
            acdcalls: rows.int32("acdcalls")?,
            abncalls: rows.int32("abncalls")?,
            acceptable: rows.int32("acceptable")?,
            acdtime: rows.int32("acdtime")?,
            holdtime: rows.int32("holdtime")?,
            acwtime: rows.int32("acwtime")?,
            anstime: rows.int32("anstime")?,
            servicelevel: rows.int32("servicelevel")?,
            callsoffered: rows.optional_int32("callsoffered")?,
            dequecalls: rows.optional_int32("dequecalls")?,
            inflowcalls: rows.optional_int32("inflowcalls")?,
            arrived: rows.optional_int32("i_arrived")?,
            stafftime: rows.optional_int32("i_stafftime")?,
            availtime: rows.optional_int32("i_availtime")?,
            o_acdcalls: rows.optional_int32("o_acdcalls")?,
            o_acdtime: rows.optional_int32("o_acdtime")?,
            o_acwtime: rows.optional_int32("o_acwtime")?,
            o_abncalls: rows.optional_int32("o_abncalls")?,
            o_othercalls: rows.optional_int32("o_othercalls")?,
        })
    }

    fn measures(
        &self,
        row: usize,
        offered: OfferedDefinition,
        direction: CountedDirection,
    ) -> Measures {
        let (answered, abandoned) = (figure(&self.acdcalls, row), figure(&self.abncalls, row));
        let all = Measures {
            offered: match offered {
                OfferedDefinition::AnsweredAndAbandoned => add(answered, abandoned),
                OfferedDefinition::EntryDemand => {
                    let from_elsewhere = add(
                        optional(&self.dequecalls, row),
                        optional(&self.inflowcalls, row),
                    );
                    let elsewhere = from_elsewhere.map(|calls| -calls);
                    add(optional(&self.callsoffered, row), elsewhere)
                }
                OfferedDefinition::Arrived => optional(&self.arrived, row),
            },
            answered,
            abandoned,
            within_threshold: figure(&self.acceptable, row),
            talk_seconds: figure(&self.acdtime, row),
            hold_seconds: figure(&self.holdtime, row),
            acw_seconds: figure(&self.acwtime, row),
            wait_seconds: figure(&self.anstime, row),
            staffed_seconds: optional(&self.stafftime, row),
            available_seconds: optional(&self.availtime, row),
            threshold_seconds: figure(&self.servicelevel, row),
        };
        match direction {
            CountedDirection::All => all,
            CountedDirection::Inbound => self.inbound(row, offered, all),
        }
    }

    /// The inbound part of a row's figures. Times of agents and the threshold are as they were.
    fn inbound(&self, row: usize, offered: OfferedDefinition, all: Measures) -> Measures {
        let answered_out = optional(&self.o_acdcalls, row);
        let abandoned_out = optional(&self.o_abncalls, row);
        let answered = subtract(all.answered, answered_out);
        let abandoned = subtract(all.abandoned, abandoned_out);
        let none = |calls: Option<i64>| calls == Some(0);
        let none_answered = none(answered_out);
        let none_ended =
            none_answered && none(abandoned_out) && none(optional(&self.o_othercalls, row));
        Measures {
            offered: match offered {
                OfferedDefinition::AnsweredAndAbandoned => add(answered, abandoned),
                OfferedDefinition::EntryDemand => all.offered.filter(|_| none_ended),
                // Which of the calls that came were outbound shows when they end, in another row.
                OfferedDefinition::Arrived => None,
            },
            answered,
            abandoned,
            within_threshold: all.within_threshold.filter(|_| none_answered),
            talk_seconds: subtract(all.talk_seconds, optional(&self.o_acdtime, row)),
            hold_seconds: all.hold_seconds.filter(|_| none_answered),
            acw_seconds: subtract(all.acw_seconds, optional(&self.o_acwtime, row)),
            wait_seconds: all.wait_seconds.filter(|_| none_answered),
            ..all
        }
    }
}

/// The figures of `hvdn` and `dvdn`.
struct VdnFigures<'a> {
    incalls: Int32Column<'a>,
    acdcalls: Int32Column<'a>,
    connectcalls: Option<Int32Column<'a>>,
    abncalls: Int32Column<'a>,
    abnquecalls: Option<Int32Column<'a>>,
    acceptable: Option<Int32Column<'a>>,
    acdtime: Int32Column<'a>,
    holdtime: Option<Int32Column<'a>>,
    acwtime: Int32Column<'a>,
    anstime: Int32Column<'a>,
    servicelevel: Option<Int32Column<'a>>,
}

impl<'a> VdnFigures<'a> {
    fn of(rows: &'a SourceColumns) -> Result<Self, ColumnsError> {
        // `holdtime` holds calls of other kinds too, where the release tells them apart.
        let of_acd_calls = rows.optional_int32("holdacdtime")?;
        Ok(Self {
            incalls: rows.int32("incalls")?,
            acdcalls: rows.int32("acdcalls")?,
            connectcalls: rows.optional_int32("connectcalls")?,
            abncalls: rows.int32("abncalls")?,
            abnquecalls: rows.optional_int32("abnquecalls")?,
            acceptable: rows.optional_int32("acceptable")?,
            acdtime: rows.int32("acdtime")?,
            holdtime: match of_acd_calls {
                Some(column) => Some(column),
                None => rows.optional_int32("holdtime")?,
            },
            acwtime: rows.int32("acwtime")?,
            anstime: rows.int32("anstime")?,
            servicelevel: rows.optional_int32("servicelevel")?,
        })
    }

    fn measures(&self, row: usize, offered: VdnOffered) -> Measures {
        let abandoned = figure(&self.abncalls, row);
        let in_vector = match offered {
            VdnOffered::Incalls => Some(0),
            VdnOffered::WithoutVectorAbandons => {
                subtract(abandoned, optional(&self.abnquecalls, row))
            }
        };
        let none_connected = optional(&self.connectcalls, row) == Some(0);
        Measures {
            offered: subtract(figure(&self.incalls, row), in_vector),
            answered: figure(&self.acdcalls, row),
            abandoned: subtract(abandoned, in_vector),
            within_threshold: optional(&self.acceptable, row).filter(|_| none_connected),
            talk_seconds: figure(&self.acdtime, row),
            hold_seconds: optional(&self.holdtime, row),
            acw_seconds: figure(&self.acwtime, row),
            wait_seconds: figure(&self.anstime, row),
            // A VDN has no agents of its own.
            staffed_seconds: None,
            available_seconds: None,
            threshold_seconds: optional(&self.servicelevel, row),
        }
    }
}

#[cfg(test)]
mod tests;
