//! Counts of rows that share one reason not to be used, or to be doubted.

use floorwire_model::derivation::Rejected;

/// Rows that could not be used, or only with doubt, by code.
#[derive(Default)]
pub(crate) struct Problems {
    /// Rows not used.
    pub rejected: Vec<Rejected>,
    /// Rows used, or withheld, in a way a person should know of.
    pub doubtful: Vec<Rejected>,
}

impl Problems {
    /// Counts rows that are not used.
    pub fn reject_rows(&mut self, code: &str, detail: &str, rows: u64) {
        add(&mut self.rejected, code, detail, rows);
    }

    /// Counts a row that is not used.
    pub fn reject(&mut self, code: &str, detail: &str) {
        add(&mut self.rejected, code, detail, 1);
    }

    /// Counts rows that are doubted.
    pub fn doubt_rows(&mut self, code: &str, detail: &str, rows: u64) {
        add(&mut self.doubtful, code, detail, rows);
    }

    /// Counts a row that is doubted.
    pub fn doubt(&mut self, code: &str, detail: &str) {
        add(&mut self.doubtful, code, detail, 1);
    }
}

fn add(counts: &mut Vec<Rejected>, code: &str, detail: &str, rows: u64) {
    match counts.iter_mut().find(|known| known.code == code) {
        Some(known) => known.rows += rows,
        None if rows > 0 => counts.push(Rejected {
            code: code.to_owned(),
            detail: detail.to_owned(),
            rows,
        }),
        None => {}
    }
}
