//! The tables and columns that are read.
//!
//! Buffer types come from here, not from what a driver describes. A column that is not required may be
//! absent at a site; its figures are then unknown, never zero.

mod agents;
mod others;

pub use agents::{AG_ACTV, DAGENT, HAGENT, HAGLOG};
pub use others::{DSPLIT, DVDN, HVDN, LINKEX};

/// How a column's values are fetched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// SMALLINT or INTEGER.
    Int32,
    /// CHAR of at most so many bytes in UTF-8.
    Text(usize),
}

/// One column of the catalogue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Column {
    /// Name, lower case.
    pub name: &'static str,
    /// Its type.
    pub kind: Kind,
    /// Without it the table cannot be imported.
    pub required: bool,
}

/// One table of the catalogue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Table {
    /// Name, lower case, without owner.
    pub name: &'static str,
    /// The column with the ACD number.
    pub acd_column: &'static str,
    /// The column with the local date, where rows are dated.
    pub date_column: Option<&'static str>,
    /// The column by which a day can be read in slices where a driver loads whole results.
    pub slice_column: Option<&'static str>,
    /// The columns read.
    pub columns: &'static [Column],
}

const fn required(name: &'static str) -> Column {
    Column {
        name,
        kind: Kind::Int32,
        required: true,
    }
}

const fn optional(name: &'static str) -> Column {
    Column {
        name,
        kind: Kind::Int32,
        required: false,
    }
}

const fn text(name: &'static str, bytes: usize) -> Column {
    Column {
        name,
        kind: Kind::Text(bytes),
        required: true,
    }
}

const fn optional_text(name: &'static str, bytes: usize) -> Column {
    Column {
        name,
        kind: Kind::Text(bytes),
        required: false,
    }
}

/// Split/skill intervals. The columns behind every definition of *offered* are read, so that another
/// definition can be derived later.
pub const HSPLIT: Table = Table {
    name: "hsplit",
    acd_column: "acd",
    date_column: Some("row_date"),
    slice_column: Some("starttime"),
    columns: &[
        required("split"),
        required("starttime"),
        optional("starttime_utc"),
        required("intrvl"),
        optional("tenant"),
        required("acdcalls"),
        required("abncalls"),
        optional("callsoffered"),
        optional("dequecalls"),
        optional("inflowcalls"),
        optional("outflowcalls"),
        optional("noansredir"),
        optional("i_arrived"),
        optional("othercalls"),
        required("acceptable"),
        required("servicelevel"),
        optional("svclevelchg"),
        optional("slvlabns"),
        required("acdtime"),
        required("holdtime"),
        required("acwtime"),
        required("anstime"),
        optional("abntime"),
        optional("holdcalls"),
        optional("transferred"),
        optional("phantomabns"),
        optional("o_acdcalls"),
        optional("o_acdtime"),
        optional("o_acwtime"),
        optional("o_abncalls"),
        optional("o_othercalls"),
        optional("i_stafftime"),
        optional("i_availtime"),
        required("incomplete"),
    ],
};

/// The dictionary: names for numbers.
pub const SYNONYMS: Table = Table {
    name: "synonyms",
    acd_column: "acd_no",
    date_column: None,
    slice_column: None,
    columns: &[
        text("item_type", 4 * 20),
        text("value", 4 * 40),
        text("item_name", 4 * 100),
        text("descr", 4 * 150),
        required("standard"),
    ],
};

/// The tables an import cannot do without, in the order in which they are looked at.
pub const TABLES: [&Table; 2] = [&SYNONYMS, &HSPLIT];

/// Tables without personal data that are looked at as well, and that an import can do without.
pub const OPTIONAL_TABLES: [&Table; 4] = [&HVDN, &DSPLIT, &DVDN, &LINKEX];

/// The table of that name.
pub fn table(name: &str) -> Option<&'static Table> {
    let mut all = TABLES.into_iter().chain(OPTIONAL_TABLES);
    all.find(|table| table.name == name)
}

/// Tables that are looked at and read only where a scope for agent data is set, since they hold personal data.
pub const SCOPED_TABLES: [&Table; 4] = [&HAGENT, &HAGLOG, &AG_ACTV, &DAGENT];

/// The table of that name among all, those of a scope included.
pub fn any_table(name: &str) -> Option<&'static Table> {
    let scoped = || SCOPED_TABLES.into_iter().find(|table| table.name == name);
    table(name).or_else(scoped)
}

impl Table {
    /// The columns of the catalogue that a site has, in catalogue order, given the site's column names
    /// in any case.
    pub fn columns_at(&self, site: &[String]) -> Vec<Column> {
        let has = |name: &str| site.iter().any(|column| column.eq_ignore_ascii_case(name));
        self.columns
            .iter()
            .copied()
            .filter(|column| has(column.name))
            .collect()
    }

    /// The columns of the catalogue that a site lacks.
    pub fn columns_missing(&self, site: &[String]) -> Vec<Column> {
        let has = |name: &str| site.iter().any(|column| column.eq_ignore_ascii_case(name));
        self.columns
            .iter()
            .copied()
            .filter(|column| !has(column.name))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_about_callers_can_be_selected() {
        let forbidden = [
            "digits", "calling", "ucid", "dialed", "asai", "cwc", "workcode",
        ];
        let all = TABLES.into_iter().chain(OPTIONAL_TABLES);
        for table in all.chain(SCOPED_TABLES) {
            for column in table.columns {
                assert!(
                    !forbidden.iter().any(|word| column.name.contains(word)),
                    "{}",
                    column.name
                );
            }
        }
    }

    #[test]
    fn a_site_without_a_column_is_told_apart() {
        let site = vec!["SPLIT".to_owned(), "starttime".to_owned()];
        let names: Vec<_> = HSPLIT
            .columns_at(&site)
            .iter()
            .map(|column| column.name)
            .collect();
        assert_eq!(names, ["split", "starttime"]);
        assert!(
            HSPLIT
                .columns_missing(&site)
                .iter()
                .any(|column| column.name == "acdtime")
        );
    }
}
