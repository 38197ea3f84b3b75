//! The drivers we know, and the settings without which they misbehave.
//!
//! Measured: psqlODBC without declare-fetch and libsqliteodbc without the step API load a whole
//! result before the first row (about 1 GB for a million rows). Debian registers psqlODBC with
//! logging to /tmp switched on, passwords included, so its logs are off whatever the string says.
//! Debian's MariaDB driver loads whole results and has no setting against it: the reader slices.

use crate::parse::ConnectionString;

/// A driver, recognised from the value of `DRIVER`. A DSN hides its driver: it gives
/// [`DriverKind::Other`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DriverKind {
    /// IBM's or HCL's driver, the one that a CMS has.
    Informix,
    /// psqlODBC.
    PostgreSql,
    /// libsqliteodbc.
    Sqlite,
    /// MariaDB's or MySQL's connector.
    MariaDb,
    /// Any other, or unknown.
    Other,
}

impl DriverKind {
    /// Whether the driver reads a whole result into memory before the first row, so that a reader
    /// must ask for small slices.
    pub fn loads_whole_results(self) -> bool {
        self == Self::MariaDb
    }

    fn of(driver: &str) -> Self {
        let name = driver.to_ascii_lowercase();
        let has = |words: &[&str]| words.iter().any(|word| name.contains(word));
        if has(&["informix"]) {
            Self::Informix
        } else if has(&["postgres", "psqlodbc"]) {
            Self::PostgreSql
        } else if has(&["sqlite"]) {
            Self::Sqlite
        } else if has(&["mariadb", "maodbc", "mysql"]) {
            Self::MariaDb
        } else {
            Self::Other
        }
    }
}

impl ConnectionString {
    /// Which driver the string names.
    pub fn driver_kind(&self) -> DriverKind {
        self.get("DRIVER").map_or(DriverKind::Other, DriverKind::of)
    }

    /// The string with the settings that keep the driver's memory small, where it does not name
    /// them itself, and with the driver's logs off in any case: they hold passwords. psqlODBC takes as many rows from the
    /// server as the reader's row set has, or a multiple of it up to `Fetch`; so a small one leaves it to the reader.
    #[must_use]
    pub fn with_driver_defaults(&self) -> Self {
        match self.driver_kind() {
            DriverKind::PostgreSql => self
                .with_default(&["UseDeclareFetch", "B6"], "1")
                .with_default(&["Fetch", "A7"], "1000")
                .forced("CommLog", "B3", "0")
                .forced("Debug", "B2", "0"),
            DriverKind::Sqlite => self.with_default(&["StepAPI"], "1"),
            DriverKind::Informix | DriverKind::MariaDb | DriverKind::Other => self.clone(),
        }
    }

    /// Sets the first of these names unless the string has any of them.
    pub(crate) fn with_default(&self, names: &[&str], value: &str) -> Self {
        match names.first() {
            Some(name) if names.iter().all(|name| self.get(name).is_none()) => {
                self.with(name, value)
            }
            _ => self.clone(),
        }
    }

    /// Sets a keyword and, where the string uses it, its short form.
    fn forced(&self, name: &str, short: &str, value: &str) -> Self {
        let set = match self.get(name) {
            Some(current) if current == value => self.clone(),
            _ => self.with(name, value),
        };
        match set.get(short) {
            Some(current) if current != value => set.with(short, value),
            _ => set,
        }
    }
}
