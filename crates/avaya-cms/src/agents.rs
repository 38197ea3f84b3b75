//! Agent tables to agent streams.

pub mod days;
pub mod figures;
pub mod intervals;
pub mod sessions;

use floorwire_model::agents::AgentKey;
use floorwire_model::agents::settings::TableFamily;
use floorwire_model::derivation::{DerivationError, DerivationSettings};
use floorwire_model::ids::AcdNumber;
use floorwire_model::partition::SourcePartition;
use floorwire_model::time;
use jiff::civil::Date;
use jiff::tz::TimeZone;

/// The zone of the clock that stamps the tables of a family.
pub fn zone_of(
    settings: &DerivationSettings,
    family: TableFamily,
) -> Result<TimeZone, DerivationError> {
    let name = settings.zone_of(family);
    time::zone(name).ok_or_else(|| DerivationError::UnknownZone(name.to_owned()))
}

/// The date of a partition whose table is cut by dates.
pub fn date_of(partition: &SourcePartition) -> Result<Date, DerivationError> {
    partition.row_date.ok_or_else(|| DerivationError::NoDate {
        table: partition.table.clone(),
        acd: partition.acd,
    })
}

/// A login ID without padding; `None` for NULL and blank, which production systems have and ignore.
pub fn login(value: Option<&str>) -> Option<&str> {
    value.map(str::trim).filter(|login| !login.is_empty())
}

/// The agent of a trimmed login ID.
pub fn agent(acd: AcdNumber, login: &str) -> AgentKey {
    AgentKey {
        acd,
        login: login.to_owned(),
    }
}
