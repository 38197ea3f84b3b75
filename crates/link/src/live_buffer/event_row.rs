//! An event as a row: its change in MessagePack with field names, and a CRC-32 over all of it.

use floorwire_model::ids::AcdNumber;
use floorwire_model::live::{LiveChange, LiveEvent};

/// The change of an event, packed.
pub fn pack(change: &LiveChange) -> Result<Vec<u8>, rmp_serde::encode::Error> {
    rmp_serde::to_vec_named(change)
}

/// The checksum of a row.
pub fn checksum(position: i64, event: &LiveEvent, packed: &[u8]) -> u32 {
    let mut crc = crc32fast::Hasher::new();
    crc.update(&position.to_le_bytes());
    crc.update(&event.port.to_le_bytes());
    crc.update(&event.acd.0.to_le_bytes());
    crc.update(&event.received_utc_ms.to_le_bytes());
    crc.update(packed);
    crc.finalize()
}

/// A row as read.
pub struct Row {
    pub position: i64,
    pub port: i64,
    pub acd: i64,
    pub received_utc_ms: i64,
    pub packed: Vec<u8>,
    pub crc: i64,
}

impl Row {
    /// The event, and whether it is whole: for a damaged row the event says that one is missing.
    pub fn event(self) -> (LiveEvent, bool) {
        let port = u16::try_from(self.port);
        let acd = i32::try_from(self.acd);
        let mut event = LiveEvent {
            port: port.unwrap_or_default(),
            acd: AcdNumber(acd.unwrap_or_default()),
            received_utc_ms: self.received_utc_ms,
            change: LiveChange::Dropped {
                events: 1,
                from_utc_ms: self.received_utc_ms,
                to_utc_ms: self.received_utc_ms,
            },
        };
        let fits = port.is_ok()
            && acd.is_ok()
            && i64::from(checksum(self.position, &event, &self.packed)) == self.crc;
        match rmp_serde::from_slice(&self.packed) {
            Ok(change) if fits => {
                event.change = change;
                (event, true)
            }
            _ => (event, false),
        }
    }
}
