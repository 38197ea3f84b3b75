//! Which connection strings a Link may use.
//!
//! A connection string can name any library to be loaded (`DRIVER=/tmp/x.so`), and drivers have
//! keywords that load code, write files or trace. The string comes from the Hub, so the Link
//! checks it against what its own host has registered.
//!
//! Drivers do not agree on braces: libsqliteodbc splits at every semicolon, braces or not. So the
//! text is also read that way, and a refused keyword that only such a driver would see is refused
//! as well.

use crate::{driver::DriverKind, parse::ConnectionString};

/// Why a connection string is not used: keyword, reason, remedy.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// Neither DRIVER nor DSN.
    #[error("it names neither DRIVER nor DSN; add one of them")]
    NoDriver,
    /// Both DRIVER and DSN, or either of them together with a file.
    #[error("DSN and DRIVER stand together, so one could hide the other; keep one of them")]
    DsnWithDriver,
    /// A driver given as a path.
    #[error(
        "DRIVER is a path, which could load any library; use the name of a registered driver, as odbcinst -q -d lists it"
    )]
    DriverPath,
    /// A driver that this host has not registered.
    #[error(
        "DRIVER names {driver:?}, which is not registered on the link's host; install it, or use one of: {}",
        listed(registered)
    )]
    DriverNotRegistered {
        /// The name asked for.
        driver: String,
        /// The names there are.
        registered: Vec<String>,
    },
    /// A data source that this host does not define.
    #[error(
        "DSN names {dsn:?}, which the odbc.ini of the link's host does not define; define it there, or use one of: {}",
        listed(registered)
    )]
    DataSourceUnknown {
        /// The name asked for.
        dsn: String,
        /// The names there are.
        registered: Vec<String>,
    },
    /// A keyword that is never allowed.
    #[error("the keyword {keyword} is not allowed: {reason}; remove it")]
    Keyword {
        /// The keyword as typed.
        keyword: String,
        /// What it could do.
        reason: &'static str,
    },
    /// A keyword that hides inside the value of another.
    #[error(
        "the value of another keyword hides {keyword}=, which some drivers would obey; remove it"
    )]
    Hidden {
        /// The keyword found.
        keyword: String,
    },
}

fn listed(names: &[String]) -> String {
    if names.is_empty() {
        "none is registered".to_owned()
    } else {
        names.join(", ")
    }
}

/// Refused for every driver, in lower case.
const ALWAYS: [(&str, &str); 5] = [
    ("filedsn", "it reads the connection from any file"),
    (
        "savefile",
        "it writes the connection, password included, to a file",
    ),
    ("tracefile", "it writes to any file"),
    (
        "trace",
        "it writes what passes, passwords included, to a file",
    ),
    ("tracedll", "it loads any library"),
];

const SQLITE: [(&str, &str); 3] = [
    ("loadext", "it loads any library"),
    ("tracefile", "it writes to any file"),
    ("attach", "it opens further files"),
];

const POSTGRESQL: [(&str, &str); 6] = [
    (
        "pqopt",
        "it passes any option to libpq, files and passwords among them",
    ),
    ("d6", "it is the short form of pqopt"),
    (
        "connsettings",
        "it runs any statement at the start of a connection",
    ),
    ("a6", "it is the short form of connsettings"),
    ("translationdll", "it loads any library"),
    ("translationoption", "it belongs to translationdll"),
];

const MARIADB: [(&str, &str); 6] = [
    ("plugin_dir", "it loads any library"),
    ("plugindir", "it loads any library"),
    (
        "initstmt",
        "it runs any statement at the start of a connection",
    ),
    ("stmt", "it runs any statement at the start of a connection"),
    ("usemycnf", "it reads options from any file"),
    ("savefile", "it writes the connection to a file"),
];

const INFORMIX: [(&str, &str); 4] = [
    ("translationdll", "it loads any library"),
    ("tlibn", "it is the short form of translationdll"),
    ("topt", "it belongs to translationdll"),
    ("tracedll", "it loads any library"),
];

/// Checks a connection string against the drivers and data sources registered on this host.
///
/// A data source of the host's own odbc.ini is trusted as it is written there; the keywords added
/// to it are checked against every driver's list, since its driver is not known here.
pub fn admit(
    connection: &ConnectionString,
    registered_drivers: &[String],
    registered_dsns: &[String],
) -> Result<(), Refusal> {
    let kind = connection.driver_kind();
    let by_dsn = connection.get("DSN").is_some();
    for (keyword, _) in connection.pairs() {
        if let Some(reason) = refused(keyword, kind, by_dsn) {
            return Err(Refusal::Keyword {
                keyword: keyword.to_owned(),
                reason,
            });
        }
    }
    if let Some(keyword) = hidden_keyword(connection) {
        return Err(Refusal::Hidden { keyword });
    }
    match (connection.get("DRIVER"), connection.get("DSN")) {
        (None, None) => Err(Refusal::NoDriver),
        (Some(_), Some(_)) => Err(Refusal::DsnWithDriver),
        (Some(driver), None) => admit_driver(driver, registered_drivers),
        (None, Some(dsn)) => {
            if registered_dsns
                .iter()
                .any(|known| known.eq_ignore_ascii_case(dsn))
            {
                return Ok(());
            }
            Err(Refusal::DataSourceUnknown {
                dsn: dsn.to_owned(),
                registered: registered_dsns.to_vec(),
            })
        }
    }
}

fn admit_driver(driver: &str, registered: &[String]) -> Result<(), Refusal> {
    if driver.contains(['/', '\\']) {
        return Err(Refusal::DriverPath);
    }
    if registered
        .iter()
        .any(|known| known.eq_ignore_ascii_case(driver))
    {
        return Ok(());
    }
    // A bare file name would be looked for in the library path.
    let lowercase = driver.to_ascii_lowercase();
    if lowercase.ends_with(".so") || lowercase.contains(".so.") || lowercase.ends_with(".dll") {
        return Err(Refusal::DriverPath);
    }
    Err(Refusal::DriverNotRegistered {
        driver: driver.to_owned(),
        registered: registered.to_vec(),
    })
}

/// Why this keyword is refused, if it is.
fn refused(keyword: &str, kind: DriverKind, every_driver: bool) -> Option<&'static str> {
    let lists: Vec<&[(&str, &str)]> = if every_driver {
        vec![&ALWAYS, &SQLITE, &POSTGRESQL, &MARIADB, &INFORMIX]
    } else {
        let own: &[(&str, &str)] = match kind {
            DriverKind::Informix => &INFORMIX,
            DriverKind::PostgreSql => &POSTGRESQL,
            DriverKind::Sqlite => &SQLITE,
            DriverKind::MariaDb => &MARIADB,
            DriverKind::Other => return refused(keyword, kind, true),
        };
        vec![&ALWAYS, own]
    };
    let keyword = keyword.to_ascii_lowercase();
    lists
        .iter()
        .flat_map(|list| list.iter())
        .find(|(name, _)| *name == keyword)
        .map(|(_, reason)| *reason)
}

/// A dangerous keyword that appears only to a driver that splits at every semicolon.
fn hidden_keyword(connection: &ConnectionString) -> Option<String> {
    const TARGETS: [&str; 3] = ["driver", "dsn", "filedsn"];
    for (_, value) in connection.pairs() {
        // The first piece of a value is a value to every driver.
        for piece in value.split(';').skip(1) {
            let Some((keyword, _)) = piece.split_once('=') else {
                continue;
            };
            let keyword = keyword.trim().trim_matches(['{', '}']).trim();
            let is_target = TARGETS.contains(&keyword.to_ascii_lowercase().as_str());
            if is_target || refused(keyword, DriverKind::Other, true).is_some() {
                return Some(keyword.to_owned());
            }
        }
    }
    None
}
