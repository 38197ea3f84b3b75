//! Holds the zone setting of an ACD against the newest interval of every reading (see [`floorwire_model::zone_guess`]).
//!
//! A doubt becomes a notice with the zones that fit; it is taken back when the setting or the rows fit again. Readings of
//! older dates say nothing, so only one that is as new as any before is kept.

use super::Reading;
use crate::bus::Hint;
use crate::state::AppState;
use crate::store::notices::{self, NewNotice};
use crate::store::{StoreError, StoreResult};
use floorwire_model::zone_guess::{Doubt, NewestSeen, doubt};
use floorwire_protocol::messages::{CompleteResponse, Outcome};
use jiff::tz::TimeZone;

/// Code of the notice.
pub(super) const CODE: &str = "zone-doubtful";

/// Notes what a reading that counts says of its ACD's clock.
pub(super) async fn observe(
    state: &AppState,
    reading: &Reading,
    answer: &CompleteResponse,
) -> StoreResult<()> {
    if !matches!(answer.outcome, Outcome::Applied | Outcome::Unchanged) {
        return Ok(());
    }
    let partition = &reading.task.partition;
    let Some(stated) = &reading.newest else {
        return Ok(());
    };
    let seen = NewestSeen {
        seen_utc_s: reading.begin_utc_ms.div_euclid(1000),
        start_local: stated.start_local,
        start_utc_s: stated.start_utc_s,
        length_s: stated.length_s,
    };
    let (account, integration, acd) = (reading.account, partition.integration, partition.acd);
    let mut transaction = state.store.begin().await?;
    let mut looks = notices::looks(&mut transaction, account, integration, acd).await?;
    let is_news = looks.last().is_none_or(|last| {
        last.seen_utc_s < seen.seen_utc_s && last.start_local <= seen.start_local
    });
    if !is_news {
        return transaction.commit().await;
    }
    notices::see(&mut transaction, account, integration, acd, &seen).await?;
    looks.push(seen);
    let zone = TimeZone::get(&reading.settings.zone)
        .map_err(|error| StoreError::unreadable("zone of an acd", error))?;
    let subject = acd.to_string();
    let changed = match doubt(&zone, &looks) {
        Some(doubt) => {
            let notice = notice(&reading.settings.zone, &subject, &doubt);
            let now = state.clock.now_utc_ms();
            notices::raise_condition(&mut transaction, account, integration, &notice, now).await?
        }
        None => notices::retract(&mut transaction, account, integration, (CODE, &subject)).await?,
    };
    transaction.commit().await?;
    if changed {
        state.bus.publish(Hint::Integration(account, integration));
    }
    Ok(())
}

fn notice(zone: &str, acd: &str, doubt: &Doubt) -> NewNotice {
    let likely = doubt.likely.join(", ");
    let cause = doubt.cause.as_str();
    let message = match likely.is_empty() {
        true => format!("the rows of acd {acd} do not fit {zone} ({cause}), nor any usual zone"),
        false => {
            format!("the rows of acd {acd} do not fit {zone} ({cause}); these zones fit: {likely}")
        }
    };
    NewNotice::new(CODE, acd, message)
        .with("acd", acd)
        .with("zone", zone)
        .with("cause", cause)
        .with("likely", likely)
}
