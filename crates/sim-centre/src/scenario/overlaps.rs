//! Events and troubles that get into each other's way: what is broken already cannot break again.

use super::check::unfit;
use super::{PlannedEvent, Scenario, ScenarioError, Trouble, TroubleKind};
use jiff::civil::DateTime;

/// Something that lasts: what must not overlap, where it is described, begin and end in Unix seconds.
struct Span {
    subject: String,
    at: DateTime,
    from: i64,
    to: i64,
}

impl Scenario {
    pub(super) fn check_overlaps(&self) -> Result<(), ScenarioError> {
        let mut spans = Vec::new();
        for event in &self.events {
            let (acd, at) = event.place();
            let (kind, seconds) = match event {
                PlannedEvent::LinkDown { seconds, .. } => ("link-down", *seconds),
                PlannedEvent::ArchiverOff { seconds, .. } => ("archiver-off", *seconds),
                PlannedEvent::ClockSet { .. } => ("clock-set", 1),
                PlannedEvent::ServiceLevel { .. } => continue,
            };
            let from = self.instant(acd, at)?;
            spans.push(Span {
                subject: format!("{kind} of acd {acd}"),
                at,
                from,
                // What ends and begins in one second has no order.
                to: from + seconds + 1,
            });
        }
        for trouble in &self.troubles {
            spans.push(self.trouble_span(trouble)?);
        }
        spans.sort_by(|one, other| (&one.subject, one.from).cmp(&(&other.subject, other.from)));
        for (one, other) in spans.iter().zip(spans.iter().skip(1)) {
            if one.subject == other.subject && other.from < one.to {
                return Err(unfit(
                    &format!("{} at {}", other.subject, other.at),
                    &format!("it begins before the one at {} is over", one.at),
                ));
            }
        }
        Ok(())
    }

    fn trouble_span(&self, trouble: &Trouble) -> Result<Span, ScenarioError> {
        let from = self.instant(trouble.acd, trouble.from)?;
        let table = &trouble.table;
        let (subject, to) = match trouble.kind {
            TroubleKind::RightsRevoked => (
                format!("rights-revoked on {table}"),
                from + trouble.healed_after,
            ),
            TroubleKind::Locked => (format!("locked on {table}"), from + trouble.healed_after),
            // Only one thing can happen to a row.
            TroubleKind::Late
            | TroubleKind::Corrected
            | TroubleKind::Spurious
            | TroubleKind::Deleted
            | TroubleKind::Swapped => (
                format!("trouble with rows of {table}, acd {}", trouble.acd),
                self.instant(trouble.acd, trouble.to)?,
            ),
        };
        Ok(Span {
            subject,
            at: trouble.from,
            from,
            to,
        })
    }

    fn instant(&self, acd: i16, local: DateTime) -> Result<i64, ScenarioError> {
        let Some(plan) = self.acds.iter().find(|plan| plan.number == acd) else {
            return Err(unfit(&format!("acd {acd}"), "there is no such acd"));
        };
        let zone = crate::world::zone_of(plan)?;
        let zoned = local.to_zoned(zone).map_err(ScenarioError::Date)?;
        Ok(zoned.timestamp().as_second())
    }
}
