//! Whole days, for dates that the table with intervals does not hold any more.
//!
//! Planned are the dates from the oldest the daily table holds to the day before the oldest with intervals, unless the
//! intervals of a date were imported while they were there. What has aged out of the intervals is long summed
//! up, so a date is read once, and then by its tier like any other.

use super::dates::Extent;
use super::{DAYS_PRIORITY, Next, Planning, REREAD_PRIORITY, delay_s};
use crate::store::tasks::{NewTask, Purpose};
use crate::store::{StoreResult, Transaction, partitions, read_times, tasks};
use floorwire_model::derivation::TableRule;
use floorwire_model::ids::AcdNumber;
use floorwire_model::time::{UtcSecond, zone};
use floorwire_protocol::capabilities::AcdExtent;
use jiff::civil::Date;
use std::collections::BTreeSet;

/// The dates, newest first, from `first` to `newest` that lie before `oldest_interval` and are not `known`.
fn wanted(
    first: Date,
    newest: Date,
    oldest_interval: Option<Date>,
    known: &BTreeSet<Date>,
) -> Vec<Date> {
    let last = match oldest_interval {
        None => Some(newest),
        Some(oldest) => oldest.yesterday().ok().map(|last| last.min(newest)),
    };
    let before = |date: &Date| date.yesterday().ok();
    std::iter::successors(last, before)
        .take_while(|date| *date >= first)
        .filter(|date| !known.contains(date))
        .collect()
}

impl Planning<'_> {
    /// Plans the days of one ACD; `twin` is the table with intervals.
    pub(super) async fn days(
        &self,
        transaction: &mut Transaction,
        (rule, twin): (&TableRule, Option<&TableRule>),
        found: &AcdExtent,
        next: &mut Next,
    ) -> StoreResult<u64> {
        let date =
            |text: &Option<String>| text.as_deref().and_then(|text| text.parse::<Date>().ok());
        let (Some(oldest), Some(newest)) = (date(&found.oldest_date), date(&found.newest_date))
        else {
            return Ok(0);
        };
        let (id, acd) = (self.integration.id, AcdNumber(found.acd));
        let settings = self.integration.configuration.examination(acd);
        let Some(zone) = settings.and_then(|settings| zone(settings.zone_of(rule.family))) else {
            return Ok(0);
        };
        let rereading = &self.integration.configuration.rereading;
        let extent = Extent {
            zone: &zone,
            slot_minutes: 0,
            intervals_until_readable: 0,
            oldest,
            newest,
            start_date: self.integration.configuration.start_date,
            rereading,
            delay_s: delay_s(rereading, self.account, id),
        };
        let Some(today) = extent.today(UtcSecond(self.now.div_euclid(1000))) else {
            return Ok(0);
        };
        let scope = self.scope(rule, acd);
        let mut known: BTreeSet<Date> = BTreeSet::new();
        let mut oldest_interval = None;
        for table in [Some(rule), twin].into_iter().flatten() {
            let place = (table.table, acd);
            let dates =
                partitions::known_dates(transaction, self.account, id, place, scope.as_ref())
                    .await?;
            known.extend(dates.into_iter().flatten());
        }
        if let Some(twin) = twin.and_then(|twin| self.found.table(twin.table)) {
            let of_acd = twin.acds.iter().find(|extent| extent.acd == acd.0);
            oldest_interval = of_acd.and_then(|extent| date(&extent.oldest_date));
        }
        let open = tasks::open_dates(transaction, self.account, id, rule.table, acd).await?;
        let place = (rule.table, acd);
        let read =
            read_times::by_date(transaction, self.account, id, place, scope.as_ref()).await?;
        let now = UtcSecond(self.now.div_euclid(1000));
        let (rereads, at) = extent.rereads(now, &read, today);
        next.at(at.map(|at| at * 1000));
        known.extend(open.keys().copied());
        let mut added = 0;
        for date in rereads.into_iter().filter(|date| !open.contains_key(date)) {
            let partition = self.partition(rule, found, Some(date));
            added += self
                .add(transaction, partition, Purpose::Reread, REREAD_PRIORITY)
                .await?;
        }
        for date in wanted(extent.first(today), newest, oldest_interval, &known) {
            let task = NewTask {
                partition: self.partition(rule, found, Some(date)),
                purpose: Purpose::Initial,
                priority: DAYS_PRIORITY,
                not_before_utc_ms: self.now,
            };
            added += u64::from(tasks::plan(transaction, self.account, &task, self.now).await?);
        }
        Ok(added)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn days_end_where_intervals_begin() {
        let day = |day| date(2026, 6, day);
        let known = BTreeSet::from([day(3)]);
        let days = |oldest_interval| wanted(day(1), day(7), oldest_interval, &known);
        assert_eq!(days(Some(day(5))), [day(4), day(2), day(1)]);
        assert_eq!(days(None).len(), 6);
        assert_eq!(days(Some(day(1))), []);
        assert_eq!(days(Some(day(20))).first(), Some(&day(7)));
    }
}
