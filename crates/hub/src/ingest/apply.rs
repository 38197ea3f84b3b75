//! The one transaction that makes a reading last.

use super::difference::{
    compare, day_number, days_to_stored, hull, range_of, restatements, to_stored,
};
use super::{IngestError, Reading, STORED_OTHERWISE, outcome_text, read_outcome, refused};
use crate::agent_records::Documents;
use crate::ledger::DayBefore;
use crate::state::AppState;
use crate::store::ledger_days::LedgerDay;
use crate::store::partitions::{NewPartition, NewSetAside, PartitionHead};
use crate::store::{
    StoreError, StoreResult, Transaction, agents, decisions, integrations, intervals, journal,
    ledger_days, outages, partitions, queue_days, queues, status, tasks,
};
use floorwire_model::derivation::{Cut, DerivationSettings, Derived, TableRule};
use floorwire_model::ids::AccountId;
use floorwire_model::outages::OUTAGES;
use floorwire_model::partition::SourcePartition;
use floorwire_protocol::capabilities::Capabilities;
use floorwire_protocol::messages::{CompleteResponse, Outcome};
use jiff::ToSpan;
use jiff::civil::Date;
use std::collections::BTreeSet;

/// How often a transaction that another one disturbed is tried.
const TRIES: u32 = 4;
/// Smaller changes of the Link's clock are not written.
const NOTEWORTHY_CLOCK_CHANGE_MS: u64 = 1_000;

/// Applies a reading, or sets it aside, or refuses it.
pub(super) async fn apply(
    state: &AppState,
    reading: &Reading,
) -> Result<CompleteResponse, IngestError> {
    let mut tries = 1;
    loop {
        match try_apply(state, reading).await {
            Err(IngestError::Store(StoreError::Busy(_))) if tries < TRIES => tries += 1,
            other => return other,
        }
    }
}

async fn try_apply(state: &AppState, reading: &Reading) -> Result<CompleteResponse, IngestError> {
    let now = state.clock.now_utc_ms();
    let account = reading.account;
    let partition = &reading.task.partition;
    let known = status::get(&state.store, account, partition.integration)
        .await?
        .unwrap_or_default();
    let mut transaction = state.store.begin().await?;
    let Some(task) = tasks::get_locked(&mut transaction, account, reading.task.id).await? else {
        return Ok(refused("there is no such task"));
    };
    if task.state == "done" && task.attempt == reading.attempt {
        return Ok(CompleteResponse {
            outcome: read_outcome(task.outcome.as_deref()),
            detail: task.detail,
        });
    }
    if task.state != "leased" || task.attempt != reading.attempt {
        return Ok(refused("the attempt is not the current one"));
    }
    let integration =
        integrations::get_shared(&mut transaction, account, partition.integration).await?;
    let head = partitions::head(&mut transaction, account, partition).await?;
    let refusal = if integration
        .is_none_or(|now| now.configuration_version != reading.configuration_version)
    {
        Some("the configuration changed while it was read")
    } else if head
        .as_ref()
        .is_some_and(|head| head.read_begin_utc_ms > reading.begin_utc_ms)
    {
        Some("a later reading was applied")
    } else if reading.unchanged
        && head
            .as_ref()
            .is_none_or(|head| head.content_hash != reading.content.hash)
    {
        Some(STORED_OTHERWISE)
    } else {
        None
    };
    if let Some(detail) = refusal {
        tasks::put_back(&mut transaction, account, task.id, now, detail).await?;
        transaction.commit().await?;
        return Ok(refused(detail));
    }
    let rows = i64::try_from(reading.content.rows).unwrap_or(i64::MAX);
    let (outcome, detail) = match judge(reading, head.as_ref(), &known, now) {
        Err((reason, detail)) => {
            let hash = &reading.content.hash;
            let answered = head.is_some()
                && decisions::was_discarded(&mut transaction, account, partition, hash).await?;
            if !answered {
                set_aside(&mut transaction, reading, reason, &detail, rows, now).await?;
            }
            (Outcome::SetAside, detail)
        }
        Ok(derived) => {
            let outcome = store(
                &mut transaction,
                reading,
                derived,
                head.as_ref(),
                &known,
                now,
            )
            .await?;
            let data_end = derived
                .queue_intervals
                .iter()
                .map(|row| row.start_utc_s + row.length_s)
                .max();
            status::imported(
                &mut transaction,
                account,
                partition.integration,
                data_end,
                head.is_none(),
                now,
            )
            .await?;
            let shown = known.clock_difference_ms.unwrap_or(i64::MAX);
            if shown.abs_diff(reading.clock_difference_ms) >= NOTEWORTHY_CLOCK_CHANGE_MS {
                let difference = reading.clock_difference_ms;
                status::set_clock_difference(
                    &mut transaction,
                    account,
                    partition.integration,
                    difference,
                )
                .await?;
            }
            (outcome, String::new())
        }
    };
    tasks::finish(
        &mut transaction,
        account,
        task.id,
        outcome_text(outcome),
        &detail,
        rows,
        now,
    )
    .await?;
    transaction.commit().await?;
    Ok(CompleteResponse { outcome, detail })
}

pub(super) type Verdict<'a> = Result<&'a Derived, (&'static str, String)>;

/// Decides whether a reading can be trusted to replace what is stored.
pub(super) fn judge<'a>(
    reading: &'a Reading,
    head: Option<&PartitionHead>,
    known: &status::IntegrationStatus,
    now_utc_ms: i64,
) -> Verdict<'a> {
    let partition = &reading.task.partition;
    let rows = reading.content.rows;
    if reading.hit_row_limit {
        return Err((
            "hit-row-limit",
            format!("the reading of {partition} stopped at the row limit after {rows} rows"),
        ));
    }
    let derived = match &reading.derived {
        Ok(derived) => derived,
        Err(error) => return Err(("not-derivable", format!("{partition}: {error}"))),
    };
    let stored = head.map_or(0, |head| head.row_count);
    if i64::try_from(rows).is_ok_and(|rows| rows >= stored) {
        return Ok(derived);
    }
    if rows == 0 {
        return Err((
            "emptied",
            format!("{partition} was read without rows, {stored} rows are stored"),
        ));
    }
    let Some(date) = partition.row_date else {
        return Ok(derived);
    };
    let oldest = known
        .capabilities
        .as_ref()
        .and_then(|found| oldest_date(found, partition));
    let days = (now_utc_ms - known.capabilities_utc_ms.unwrap_or(now_utc_ms)) / 86_400_000 + 1;
    let kept_from = oldest.map(|oldest| oldest.saturating_add(days.days()));
    if kept_from.is_none_or(|kept_from| date <= kept_from) {
        let detail = format!(
            "{partition} was read with {rows} rows, {stored} are stored; the source may have begun to delete that date"
        );
        return Err(("shrunken", detail));
    }
    Ok(derived)
}

fn oldest_date(found: &Capabilities, partition: &SourcePartition) -> Option<Date> {
    let table = found
        .tables
        .iter()
        .find(|table| table.name == partition.table)?;
    let extent = table
        .acds
        .iter()
        .find(|extent| extent.acd == partition.acd.0)?;
    extent.oldest_date.as_deref()?.parse().ok()
}

async fn set_aside(
    transaction: &mut Transaction,
    reading: &Reading,
    reason: &'static str,
    detail: &str,
    rows: i64,
    now: i64,
) -> StoreResult<()> {
    let partition = &reading.task.partition;
    tracing::warn!(partition = %partition, reason, detail, "a reading is set aside");
    let kept = NewSetAside {
        partition,
        task: reading.task.id,
        attempt: reading.attempt,
        reason,
        detail,
        row_count: rows,
        read_begin_utc_ms: reading.begin_utc_ms,
        content: Some(&reading.content.encoded),
        scope: reading.scope.as_ref(),
    };
    partitions::set_aside(transaction, reading.account, &kept, now).await?;
    let Some(date) = partition.row_date else {
        return Ok(());
    };
    let (integration, acd) = (partition.integration, partition.acd);
    ledger_days::mark_set_aside(
        transaction,
        reading.account,
        integration,
        reading.rule.stream,
        acd,
        date,
    )
    .await
}

async fn store(
    transaction: &mut Transaction,
    reading: &Reading,
    derived: &Derived,
    head: Option<&PartitionHead>,
    known: &status::IntegrationStatus,
    now: i64,
) -> StoreResult<Outcome> {
    let partition = &reading.task.partition;
    let (account, task, attempt) = (reading.account, reading.task.id, reading.attempt);
    let under = partitions::settings_text(&reading.settings)?;
    let same_settings = head.is_none_or(|head| head.derived_under == under);
    let equal = head.is_some_and(|head| same_settings && head.content_hash == reading.content.hash);
    let write = Write {
        account,
        partition,
        rule: reading.rule,
        settings: &reading.settings,
        documents: &reading.documents,
        begin_utc_ms: reading.begin_utc_ms,
        stored_range: head.and_then(|head| head.derived_range_utc_s),
        restates: head.is_some() && same_settings,
        first_load: head.is_none(),
        keeps_ledger: same_settings,
        slot_minutes: slot_minutes(known, partition),
        margin_intervals: reading.margin_intervals,
    };
    if equal {
        write.ledger(transaction, derived).await?;
        let times = (reading.begin_utc_ms, reading.end_utc_ms);
        let read_under = (reading.scope.as_ref(), reading.fingerprint());
        partitions::confirm(
            transaction,
            account,
            partition,
            times,
            (task, attempt),
            read_under,
        )
        .await?;
        return Ok(Outcome::Unchanged);
    }
    write.rows(transaction, derived, now).await?;
    let rows = i64::try_from(reading.content.rows).unwrap_or(i64::MAX);
    let new = NewPartition {
        row_count: rows,
        content_hash: &reading.content.hash,
        read_begin_utc_ms: reading.begin_utc_ms,
        read_end_utc_ms: reading.end_utc_ms,
        task,
        attempt,
        derived_under: &reading.settings,
        derived_range_utc_s: range_of(&derived.queue_intervals),
        rejected: &derived.rejected,
        doubtful: &derived.doubtful,
        scope: reading.scope.as_ref(),
        fingerprint: reading.fingerprint(),
        content: &reading.content.encoded,
    };
    partitions::put(transaction, account, partition, &new).await?;
    Ok(Outcome::Applied)
}

/// The interval length that the Link saw at this ACD, or at the site.
pub(super) fn slot_minutes(
    known: &status::IntegrationStatus,
    partition: &SourcePartition,
) -> Option<u16> {
    let found = known.capabilities.as_ref()?;
    found.interval_minutes(&partition.table, partition.acd.0)
}

/// Writes the stream rows of one partition.
pub(super) struct Write<'a> {
    pub account: AccountId,
    pub partition: &'a SourcePartition,
    pub rule: TableRule,
    pub settings: &'a DerivationSettings,
    /// What people did, taken out of what is derived.
    pub documents: &'a Documents,
    /// When the source rows were read.
    pub begin_utc_ms: i64,
    /// The range of starts that the partition's rows occupied so far.
    pub stored_range: Option<(i64, i64)>,
    /// A changed settled figure is a restatement; not so when only the settings changed.
    pub restates: bool,
    /// The partition is new.
    pub first_load: bool,
    /// What the ledger said before still holds.
    pub keeps_ledger: bool,
    /// Where the rows do not say.
    pub slot_minutes: Option<u16>,
    /// See [`crate::rereading::Rereading::margin_intervals`].
    pub margin_intervals: i64,
}

impl Write<'_> {
    /// Writes stream rows, ledger and journal.
    pub async fn rows(
        &self,
        transaction: &mut Transaction,
        derived: &Derived,
        now: i64,
    ) -> StoreResult<()> {
        let Some(date) = self.partition.row_date else {
            let (integration, acd) = (self.partition.integration, self.partition.acd);
            let entries = (derived.dictionary.as_slice(), self.begin_utc_ms);
            queues::replace_dictionary(transaction, self.account, integration, acd, entries)
                .await?;
            return Ok(());
        };
        if self.rule.is_scoped() {
            self.agents(transaction, date).await?;
            return self.ledger(transaction, derived).await;
        }
        if self.rule.stream == OUTAGES {
            let place = (self.partition.integration, self.partition.acd);
            let day = day_number(date);
            outages::replace(transaction, self.account, place, day, &derived.outages).await?;
            return self.ledger(transaction, derived).await;
        }
        match self.rule.cut {
            Cut::Days { .. } => self.days(transaction, date, derived).await,
            _ => self.queues(transaction, date, derived, now).await,
        }
    }

    /// Whole days of queues. They have no slots, so there is nothing for the ledger.
    async fn days(
        &self,
        transaction: &mut Transaction,
        date: Date,
        derived: &Derived,
    ) -> StoreResult<()> {
        let Some(kind) = self.rule.queues else {
            return Ok(());
        };
        let (integration, acd) = (self.partition.integration, self.partition.acd);
        let needed: BTreeSet<_> = derived.queue_days.iter().map(|row| &row.queue).collect();
        let row_day = day_number(date);
        let place = (acd, row_day);
        let ids =
            queues::ids_of_acd(transaction, self.account, integration, place, &needed).await?;
        let rows = days_to_stored(&derived.queue_days, &ids, row_day);
        let place = (integration, acd, kind);
        queue_days::replace(transaction, self.account, place, row_day, &rows).await
    }

    /// What people did, one document each.
    async fn agents(&self, transaction: &mut Transaction, date: Date) -> StoreResult<()> {
        let place = (self.partition.integration, self.partition.acd);
        let document = (self.rule.stream, day_number(date));
        agents::replace(transaction, self.account, place, document, self.documents).await?;
        Ok(())
    }

    async fn queues(
        &self,
        transaction: &mut Transaction,
        date: Date,
        derived: &Derived,
        now: i64,
    ) -> StoreResult<()> {
        let Some(kind) = self.rule.queues else {
            return Ok(());
        };
        let (integration, acd) = (self.partition.integration, self.partition.acd);
        let needed: BTreeSet<_> = derived
            .queue_intervals
            .iter()
            .map(|row| &row.queue)
            .collect();
        let row_day = day_number(date);
        let place = (acd, row_day);
        let ids =
            queues::ids_of_acd(transaction, self.account, integration, place, &needed).await?;
        let wanted = to_stored(&derived.queue_intervals, &ids, row_day);
        let stored = match hull(range_of(&derived.queue_intervals), self.stored_range) {
            Some(range) => {
                let place = (acd, kind);
                intervals::of_acd(transaction, self.account, integration, place, range).await?
            }
            None => Vec::new(),
        };
        let (changes, figures) = compare(wanted, stored, row_day, self.first_load);
        intervals::apply(transaction, self.account, &changes).await?;
        let Some(mut day) = self.day_before(transaction, date, derived).await? else {
            return Ok(());
        };
        if self.restates {
            let entries = restatements(&figures, &mut day);
            journal::write(
                transaction,
                self.account,
                integration,
                self.rule.stream,
                acd,
                &entries,
                now,
            )
            .await?;
        }
        self.put_day(transaction, day, derived).await
    }

    /// Writes the ledger alone: the rows are as before.
    pub async fn ledger(
        &self,
        transaction: &mut Transaction,
        derived: &Derived,
    ) -> StoreResult<()> {
        let Some(date) = self.partition.row_date.filter(|_| self.rule.has_slots()) else {
            return Ok(());
        };
        match self.day_before(transaction, date, derived).await? {
            Some(day) => self.put_day(transaction, day, derived).await,
            None => Ok(()),
        }
    }

    async fn day_before(
        &self,
        transaction: &mut Transaction,
        date: Date,
        derived: &Derived,
    ) -> StoreResult<Option<DayBefore>> {
        let (integration, acd) = (self.partition.integration, self.partition.acd);
        let stored = ledger_days::get(
            transaction,
            self.account,
            integration,
            self.rule.stream,
            acd,
            date,
        )
        .await?;
        let minutes = derived
            .interval_minutes
            .or(stored.as_ref().map(|day| day.slot_minutes))
            .or(self.slot_minutes);
        let Some(minutes) = minutes else {
            return Ok(None);
        };
        let stored: Option<&LedgerDay> = stored.as_ref().filter(|_| self.keeps_ledger);
        let day = DayBefore::new(
            acd,
            date,
            self.settings.zone_of(self.rule.family),
            minutes,
            stored,
        );
        day.map(Some)
            .map_err(|error| StoreError::unreadable(format!("ledger of {}", self.partition), error))
    }

    async fn put_day(
        &self,
        transaction: &mut Transaction,
        mut day: DayBefore,
        derived: &Derived,
    ) -> StoreResult<()> {
        if self.rule.cut == Cut::Events {
            day.saw_everything();
        }
        for row in &derived.queue_intervals {
            day.saw(row.start_utc_s, row.length_s, row.quality);
        }
        for slot in &derived.other_slots {
            day.saw(slot.start_utc_s, slot.length_s, slot.quality);
        }
        let until_readable = self.rule.intervals_until_readable();
        let after = day.after(self.begin_utc_ms, until_readable, self.margin_intervals);
        ledger_days::put(
            transaction,
            self.account,
            self.partition.integration,
            self.rule.stream,
            &after,
        )
        .await
    }
}
