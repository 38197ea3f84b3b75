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
    /// Counts a row that is not used.
    pub fn reject(&mut self, code: &str, detail: &str) {
        count(&mut self.rejected, code, detail);
    }

    /// Counts a row that is doubted.
    pub fn doubt(&mut self, code: &str, detail: &str) {
        count(&mut self.doubtful, code, detail);
    }
}

fn count(counts: &mut Vec<Rejected>, code: &str, detail: &str) {
    match counts.iter_mut().find(|known| known.code == code) {
        Some(known) => known.rows += 1,
        None => counts.push(Rejected {
            code: code.to_owned(),
            detail: detail.to_owned(),
            rows: 1,
        }),
    }
}
