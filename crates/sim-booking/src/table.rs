//! Tables and their columns, as data and as rows with named figures.

use jiff::civil::Date;

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Two bytes.
    SmallInt,
    /// Four bytes.
    Integer,
    /// A day.
    Date,
    /// Text of this width, blank padded.
    Char(usize),
}

impl Kind {
    /// Whether a figure fits. The smallest number of each width is taken by Informix for NULL.
    pub fn holds(self, value: i64) -> bool {
        match self {
            Self::SmallInt => i16::try_from(value).is_ok_and(|value| value != i16::MIN),
            Self::Integer => i32::try_from(value).is_ok_and(|value| value != i32::MIN),
            Self::Date | Self::Char(_) => false,
        }
    }
}

/// One column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// Lower case.
    pub name: String,
    /// What it holds.
    pub kind: Kind,
    /// Which event fills it, and why; "Always 0" or "Always blank" when none does.
    pub doc: &'static str,
    /// Only on releases after R3V8.
    pub recent: bool,
}

impl Column {
    pub(crate) fn new(name: &str, kind: Kind, doc: &'static str) -> Self {
        Self {
            name: name.to_owned(),
            kind,
            doc,
            recent: false,
        }
    }

    pub(crate) fn recent(self) -> Self {
        Self {
            recent: true,
            ..self
        }
    }
}

/// Which table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs)] // they are named after the tables
pub enum TableId {
    Hsplit,
    Hvdn,
    Hagent,
    Dsplit,
    Dvdn,
    Dagent,
    Haglog,
    AgActv,
    Linkex,
    Synonyms,
}

impl TableId {
    /// All tables, in the order of the documentation.
    pub const ALL: [Self; 10] = [
        Self::Hsplit,
        Self::Hvdn,
        Self::Hagent,
        Self::Dsplit,
        Self::Dvdn,
        Self::Dagent,
        Self::Haglog,
        Self::AgActv,
        Self::Linkex,
        Self::Synonyms,
    ];

    /// Name of the table.
    pub fn name(self) -> &'static str {
        match self {
            Self::Hsplit => "hsplit",
            Self::Hvdn => "hvdn",
            Self::Hagent => "hagent",
            Self::Dsplit => "dsplit",
            Self::Dvdn => "dvdn",
            Self::Dagent => "dagent",
            Self::Haglog => "haglog",
            Self::AgActv => "ag_actv",
            Self::Linkex => "linkex",
            Self::Synonyms => "synonyms",
        }
    }

    /// The table of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|table| table.name() == name)
    }

    /// True for tables with a row per interval.
    pub fn is_interval(self) -> bool {
        matches!(self, Self::Hsplit | Self::Hvdn | Self::Hagent)
    }
}

/// A table as one release has it: the key columns, then the figures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// Which.
    pub id: TableId,
    /// What a row is.
    pub doc: &'static str,
    /// Columns that are given one by one in [`Row::keys`].
    pub keys: Vec<Column>,
    /// Columns of [`Row::figures`].
    pub figures: Vec<Column>,
    /// Columns that a CMS has an index on.
    pub indexed: &'static [&'static str],
}

impl Table {
    /// All columns in order.
    pub fn columns(&self) -> impl Iterator<Item = &Column> {
        self.keys.iter().chain(&self.figures)
    }
}

/// A value of a key column.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Value {
    /// A number.
    Int(i64),
    /// Text without padding.
    Text(String),
    /// A day.
    Date(Date),
    /// Nothing.
    Null,
}

/// A row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// One value per key column.
    pub keys: Vec<Value>,
    /// One number per figure column.
    pub figures: Vec<i64>,
}

/// What the CMS does to a table at a moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Write {
    /// From this instant on it can be read, Unix seconds UTC.
    pub ready_utc_s: i64,
    /// The table.
    pub table: TableId,
    /// The ACD whose row it is.
    pub acd: i16,
    /// Start and end of the interval, Unix seconds UTC; `None` for other tables.
    pub interval: Option<(i64, i64)>,
    /// The row.
    pub row: Row,
    /// Positions of the key columns that name the row that is replaced; empty: the row is added.
    pub replaces: &'static [usize],
}

/// A row of figures with named fields. The doc comments of the fields are the documentation of the columns.
macro_rules! figures {
    (
        $(#[doc = $about:literal])+
        $row:ident {
            $(
                $(#[doc = $doc:literal])+
                $kind:ident $field:ident $(: $stem:literal $first:literal to $last:literal)? $(in $only:ident)?;
            )+
        }
    ) => {
        $(#[doc = $about])+
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub(crate) struct $row {
            $($(#[doc = $doc])+ pub $field: figures!(@type $($first, $last)?),)+
        }

        impl Default for $row {
            fn default() -> Self {
                Self { $($field: figures!(@zero $($first, $last)?),)+ }
            }
        }

        impl $row {
            /// The columns, in order.
            pub fn columns() -> Vec<$crate::table::Column> {
                let mut columns = Vec::new();
                $(
                    let doc = concat!($($doc, "\n"),+);
                    let recent = figures!(@recent $($only)?);
                    let kind = figures!(@kind $kind);
                    figures!(@column columns, stringify!($field), kind, doc, recent $(, $stem, $first, $last)?);
                )+
                columns
            }

            /// The figures, in the order of the columns.
            pub fn values(&self) -> Vec<i64> {
                let mut values = Vec::with_capacity(300);
                $(figures!(@push values, self.$field $(, $first)?);)+
                values
            }

            /// Adds the figures of another interval: maxima where the column says so, else sums.
            pub fn add(&mut self, other: &Self) {
                $(figures!(@add $kind, self.$field, other.$field $(, $first)?);)+
            }
        }
    };
    (@type) => { i64 };
    (@type $first:literal, $last:literal) => { [i64; $last - $first + 1] };
    (@zero) => { 0 };
    (@zero $first:literal, $last:literal) => { [0; $last - $first + 1] };
    (@recent) => { false };
    (@recent r19) => { true };
    (@kind small) => { $crate::table::Kind::SmallInt };
    (@kind max) => { $crate::table::Kind::SmallInt };
    (@kind same) => { $crate::table::Kind::SmallInt };
    (@kind integer) => { $crate::table::Kind::Integer };
    (@column $columns:ident, $name:expr, $kind:expr, $doc:expr, $recent:expr) => {
        $columns.push($crate::table::Column {
            name: $name.to_owned(),
            kind: $kind,
            doc: $doc,
            recent: $recent,
        });
    };
    (@column $columns:ident, $name:expr, $kind:expr, $doc:expr, $recent:expr, $stem:literal, $first:literal, $last:literal) => {
        for number in $first..=$last {
            $columns.push($crate::table::Column {
                name: $stem.replace('#', &number.to_string()),
                kind: $kind,
                doc: $doc,
                recent: $recent,
            });
        }
    };
    (@push $values:ident, $figure:expr) => { $values.push($figure) };
    (@push $values:ident, $figure:expr, $first:literal) => { $values.extend_from_slice(&$figure) };
    (@add max, $one:expr, $other:expr) => { $one = $one.max($other) };
    (@add same, $one:expr, $other:expr) => { $one = $other };
    (@add same, $one:expr, $other:expr, $first:literal) => { $one = $other };
    (@add $kind:ident, $one:expr, $other:expr) => { $one += $other };
    (@add $kind:ident, $one:expr, $other:expr, $first:literal) => {
        for (one, other) in $one.iter_mut().zip($other) {
            *one += other;
        }
    };
}
pub(crate) use figures;
