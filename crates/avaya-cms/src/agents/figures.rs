//! The figure columns of `hagent` and `dagent`, and how rows of one agent add up.
//!
//! A row's identity within agent and slot is skill, station, location, reserve level and tenant. Rows alike in every column
//! are one row sent twice. Different rows with one identity have no known cause: the figures are then withheld, not guessed.

use crate::problems::Problems;
use floorwire_model::agents::{AgentFigures, AuxReasonSeconds, SkillFigures};
use floorwire_model::columns::{ColumnsError, Int32Column, SourceColumns, TextColumn};

/// Source columns of [`AgentFigures`], in its order.
const AGENT: [&str; AgentFigures::COUNT] = [
    "ti_stafftime",
    "ti_availtime",
    "ti_auxtime",
    "ti_othertime",
    "i_ringtime",
    "i_acdtime",
    "i_acwtime",
    "i_da_acdtime",
    "i_da_acwtime",
    "acdcalls",
    "da_acdcalls",
    "acdtime",
    "da_acdtime",
    "holdacdtime",
    "acwtime",
    "da_acwtime",
    "transferred",
    "noansredir",
];

/// Source columns of [`SkillFigures`], in its order.
const SKILL: [&str; SkillFigures::COUNT] = [
    "i_stafftime",
    "i_availtime",
    "i_auxtime",
    "i_othertime",
    "i_auxintime",
    "i_auxouttime",
    "i_ringtime",
    "i_acdtime",
    "i_acwtime",
    "acdcalls",
    "acdtime",
    "holdtime",
    "acwtime",
];

/// The columns of `hagent` or `dagent` that are used.
pub struct FigureColumns<'a> {
    rows: &'a SourceColumns,
    /// The login ID.
    pub login: TextColumn<'a>,
    split: Int32Column<'a>,
    extension: Option<TextColumn<'a>>,
    identity: [Option<Int32Column<'a>>; 3],
    incomplete: Int32Column<'a>,
    agent: [Option<Int32Column<'a>>; AgentFigures::COUNT],
    skill: [Option<Int32Column<'a>>; SkillFigures::COUNT],
    aux: Vec<(u8, Int32Column<'a>)>,
}

fn columns<'a, const N: usize>(
    rows: &'a SourceColumns,
    names: [&str; N],
) -> Result<[Option<Int32Column<'a>>; N], ColumnsError> {
    let mut found = [None; N];
    for (column, name) in found.iter_mut().zip(names) {
        *column = rows.optional_int32(name)?;
    }
    Ok(found)
}

impl<'a> FigureColumns<'a> {
    /// Finds the columns; an AUX reason is there when its column is.
    pub fn of(rows: &'a SourceColumns) -> Result<Self, ColumnsError> {
        let mut aux = Vec::new();
        for reason in 0..=99_u8 {
            if let Some(column) = rows.optional_int32(&format!("ti_auxtime{reason}"))? {
                aux.push((reason, column));
            }
        }
        Ok(Self {
            rows,
            login: rows.text("logid")?,
            split: rows.int32("split")?,
            extension: rows.optional_text("extension")?,
            identity: columns(rows, ["loc_id", "rsv_level", "tenant"])?,
            incomplete: rows.int32("incomplete")?,
            agent: columns(rows, AGENT)?,
            skill: columns(rows, SKILL)?,
            aux,
        })
    }

    /// The skill of a row.
    pub fn split(&self, row: usize) -> Option<i32> {
        self.split.get(row)
    }

    /// What the source says about completeness; 0 is complete.
    pub fn incomplete(&self, row: usize) -> i64 {
        self.incomplete.get(row).map_or(0, i64::from)
    }

    fn same_identity(&self, one: usize, other: usize) -> bool {
        let station = |row| {
            let extension = self.extension.as_ref();
            extension.and_then(|column| column.get(row)).map(str::trim)
        };
        self.split.get(one) == self.split.get(other)
            && station(one) == station(other)
            && self
                .identity
                .iter()
                .flatten()
                .all(|column| column.get(one) == column.get(other))
    }

    fn alike(&self, one: usize, other: usize) -> bool {
        self.rows.columns.iter().all(|column| {
            let integers = self.rows.optional_int32(&column.name).ok().flatten();
            match integers {
                Some(values) => values.get(one) == values.get(other),
                None => match self.rows.optional_text(&column.name) {
                    Ok(Some(texts)) => texts.get(one) == texts.get(other),
                    _ => true,
                },
            }
        })
    }

    /// The rows that count: without those sent twice. `None` when there are different rows of one identity, more than
    /// `allowed` of them (two in a repeated hour that nothing tells apart).
    pub fn counted(
        &self,
        rows: &[usize],
        allowed: usize,
        problems: &mut Problems,
    ) -> Option<Vec<usize>> {
        let mut counted: Vec<usize> = Vec::with_capacity(rows.len());
        let mut withheld = false;
        for &row in rows {
            let same = |earlier: &&usize| self.same_identity(**earlier, row);
            let earlier: Vec<usize> = counted.iter().filter(same).copied().collect();
            if earlier.is_empty() {
                counted.push(row);
            } else if allowed == 1 && earlier.iter().any(|&known| self.alike(known, row)) {
                problems.doubt(
                    "duplicate-row",
                    "agent rows sent twice, alike in every column; counted once",
                );
            } else if earlier.len() < allowed {
                counted.push(row);
            } else {
                withheld = true;
                problems.doubt(
                    "duplicate-key",
                    "different agent rows for one agent, skill, station and interval without a known cause; figures withheld",
                );
            }
        }
        (!withheld).then_some(counted)
    }

    /// True when some identity has two different rows.
    pub fn are_doubled(&self, rows: &[usize]) -> bool {
        rows.iter().enumerate().any(|(index, &row)| {
            rows[..index]
                .iter()
                .any(|&earlier| self.same_identity(earlier, row) && !self.alike(earlier, row))
        })
    }

    /// The agent's own figures: sums over all skills, never a choice of them.
    pub fn agent_figures(&self, rows: &[usize]) -> AgentFigures {
        AgentFigures::from_values(sums(&self.agent, rows))
    }

    /// The figures of the rows of one skill.
    pub fn skill_figures(&self, rows: &[usize]) -> SkillFigures {
        SkillFigures::from_values(sums(&self.skill, rows))
    }

    /// AUX by reason, and AUX seconds less their sum; the latter `None` without reasons or with unknown ones.
    pub fn aux(
        &self,
        rows: &[usize],
        figures: &AgentFigures,
    ) -> (Vec<AuxReasonSeconds>, Option<i64>) {
        let mut total = (!self.aux.is_empty()).then_some(0_i64);
        let mut reasons = Vec::new();
        for (reason, column) in &self.aux {
            let seconds = sum(column, rows);
            total = total.and_then(|total| Some(total + seconds?));
            if let Some(seconds) = seconds.filter(|&seconds| seconds != 0) {
                reasons.push(AuxReasonSeconds {
                    reason: *reason,
                    seconds,
                });
            }
        }
        let gap = figures.aux_seconds.and_then(|aux| Some(aux - total?));
        (reasons, gap)
    }
}

fn sum(column: &Int32Column<'_>, rows: &[usize]) -> Option<i64> {
    rows.iter()
        .try_fold(0_i64, |sum, &row| Some(sum + i64::from(column.get(row)?)))
}

fn sums<const N: usize>(
    columns: &[Option<Int32Column<'_>>; N],
    rows: &[usize],
) -> [Option<i64>; N] {
    std::array::from_fn(|at| {
        columns[at]
            .as_ref()
            .and_then(|column| sum(column, rows))
            .filter(|_| !rows.is_empty())
    })
}
