//! The import plan: decides what is read from the source, and when.
//!
//! The plan of an integration is a function of what is stored: the source's capabilities, the partitions that are there,
//! the ledger days that are not closed, the tasks that are open, and the present. [`plan`] adds the tasks that are missing
//! and says when to look again. So nothing has to be remembered, a restart loses nothing, and planning twice changes
//! nothing (one open task per partition).
//!
//! Order: dictionary, then today's cycle, then what a person asked for, then the first load, newest day first, then the
//! tiers of [`crate::rereading`]. The dictionary is read daily; a date is read whenever a slot of it has become readable
//! since the last reading, an interval or more after its last slot, and later by its age. A task that waits is moved
//! forward when something more urgent needs the same partition. The source is examined when a Link connects, after a change of the settings, and
//! daily; after a failure the Link tries again by itself.
//!
//! [`run`] waits for hints and for the next due time; there is no fixed polling. After a storage error an integration is
//! looked at again after a pause.

pub mod backoff;
pub mod dates;
mod days;
mod reimport;

pub use reimport::{ReimportError, preview, preview_logged, reimport, reimport_logged};

use crate::bus::Hint;
use crate::completeness::watch;
use crate::error::chain;
use crate::ingest::{IngestError, findings, narrow, rederive};
use crate::rereading::Rereading;
use crate::state::AppState;
use crate::store::integrations::Integration;
use crate::store::ledger_days::LedgerDay;
use crate::store::status::IntegrationStatus;
use crate::store::tasks::{NewTask, Purpose};
use crate::store::{
    StoreResult, Transaction, integrations, ledger_days, links, partitions, previews, read_times,
    status, tasks,
};
use dates::Extent;
use floorwire_model::agents::scope::AgentScope;
use floorwire_model::derivation::{Cut, TableRule, Vendor};
use floorwire_model::ids::{AccountId, AcdNumber, IntegrationId};
use floorwire_model::partition::SourcePartition;
use floorwire_model::time::zone;
use floorwire_protocol::capabilities::{AcdExtent, Capabilities};
use jiff::civil::Date;
use std::collections::{HashMap, HashSet};
use std::time::{Duration, Instant};
use tokio::sync::broadcast::error::{RecvError, TryRecvError};

const DAY_MS: i64 = 86_400_000;
/// Finished tasks of the cycle are kept so long.
const KEEP_TASKS_MS: i64 = 7 * DAY_MS;
/// Previews are kept for a shorter time, since their tasks say how far they are.
const KEEP_PREVIEWS_MS: i64 = 3 * DAY_MS;
/// How long partitions of one integration are derived anew before the plan is looked at again.
const REDERIVE_AT_ONCE: Duration = Duration::from_millis(500);
/// After a storage error.
const TROUBLE_MS: i64 = 5_000;

const DICTIONARY_PRIORITY: i64 = 0;
const CYCLE_PRIORITY: i64 = 10;
const REIMPORT_PRIORITY: i64 = 20;
/// From here on it can wait for the end of quiet hours.
pub(crate) const FIRST_LOAD_PRIORITY: i64 = 30;
const DAYS_PRIORITY: i64 = 40;
const REREAD_PRIORITY: i64 = 50;

type Key = (AccountId, IntegrationId);

/// Plans until the hub ends.
pub async fn run(state: AppState) {
    let mut hints = state.bus.subscribe();
    let mut due: HashMap<Key, i64> = HashMap::new();
    let mut dirty: HashSet<Key> = HashSet::new();
    let mut all = true;
    loop {
        if all {
            match integrations::all(&state.store).await {
                Ok(keys) => dirty.extend(keys),
                Err(error) => {
                    state.storage.note(&error);
                    if !pause(&state, Duration::from_millis(TROUBLE_MS.unsigned_abs())).await {
                        return;
                    }
                    continue;
                }
            }
            all = false;
        }
        let now = state.clock.now_utc_ms();
        dirty.extend(
            due.iter()
                .filter(|(_, at)| **at <= now)
                .map(|(key, _)| *key),
        );
        for key in dirty.drain() {
            if state.shutdown.is_cancelled() {
                return;
            }
            match plan(&state, key.0, key.1).await {
                Some(at) => due.insert(key, at),
                None => due.remove(&key),
            };
        }
        let next = due
            .values()
            .min()
            .map(|at| (at - state.clock.now_utc_ms()).max(0).unsigned_abs());
        tokio::select! {
            () = state.shutdown.cancelled() => return,
            () = sleep_if(next) => {}
            hint = hints.recv() => match hint {
                Ok(hint) => note(&mut dirty, hint),
                Err(RecvError::Lagged(_)) => all = true,
                Err(RecvError::Closed) => return,
            }
        }
        loop {
            match hints.try_recv() {
                Ok(hint) => note(&mut dirty, hint),
                Err(TryRecvError::Lagged(_)) => all = true,
                Err(TryRecvError::Empty | TryRecvError::Closed) => break,
            }
        }
    }
}

fn note(dirty: &mut HashSet<Key>, hint: Hint) {
    if let Hint::Plan(account, integration) = hint {
        dirty.insert((account, integration));
    }
}

async fn sleep_if(ms: Option<u64>) {
    match ms {
        Some(ms) => tokio::time::sleep(Duration::from_millis(ms)).await,
        None => std::future::pending().await,
    }
}

/// False when the hub ended meanwhile.
async fn pause(state: &AppState, how_long: Duration) -> bool {
    tokio::select! {
        () = tokio::time::sleep(how_long) => true,
        () = state.shutdown.cancelled() => false,
    }
}

/// Looks at one integration: adds the tasks that are missing, asks for an examination, derives anew what a setting
/// changed. Returns when to look again, milliseconds; `None`: not before something changes.
pub async fn plan(state: &AppState, account: AccountId, id: IntegrationId) -> Option<i64> {
    match try_plan(state, account, id).await {
        Ok(next) => next,
        Err(error) => {
            state.storage.note(&error);
            if !error.passes() {
                tracing::error!(
                    integration = id.0,
                    error = chain(&error),
                    "an integration cannot be planned"
                );
            }
            Some(state.clock.now_utc_ms() + TROUBLE_MS)
        }
    }
}

async fn try_plan(
    state: &AppState,
    account: AccountId,
    id: IntegrationId,
) -> StoreResult<Option<i64>> {
    // Before the settings are read: a change in between counts as not looked after.
    let Some(known) = status::get(&state.store, account, id).await? else {
        return Ok(None);
    };
    let Some(integration) = integrations::get(&state.store, account, id).await? else {
        return Ok(None);
    };
    let Some(vendor) = state.vendors.by_source(&integration.source) else {
        return Ok(None);
    };
    let now = state.clock.now_utc_ms();
    let mut next = Next(None);
    next.at(look_after_stored(state, account, &integration, now).await?);
    let settles = next.0 != Some(now) && known.settled_count != known.stored_count;
    if !integration.paused && integration.configuration.is_complete() {
        plan_source(
            state,
            account,
            &integration,
            vendor.as_ref(),
            &known,
            now,
            &mut next,
        )
        .await?;
    }
    // Not before the plan knows what other settings want read.
    if settles {
        status::settled(&state.store, account, id, known.stored_count).await?;
        state.bus.publish(Hint::Integration(account, id));
    }
    Ok(next.0)
}

/// Asks for an examination and adds the tasks that are missing.
async fn plan_source(
    state: &AppState,
    account: AccountId,
    integration: &Integration,
    vendor: &dyn Vendor,
    known: &IntegrationStatus,
    now: i64,
    next: &mut Next,
) -> StoreResult<()> {
    let id = integration.id;
    next.at(notice_silence(state, account, id, now).await?);
    watch::look(state, account, integration, vendor, known).await?;
    next.at(examine(state, account, integration, known, now).await?);
    if let Some(found) = &known.capabilities {
        let planning = Planning {
            state,
            account,
            integration,
            found,
            now,
        };
        let added = planning.all_tables(vendor, next).await?;
        if added > 0 {
            state.bus.publish(Hint::Tasks(account, id));
            state.bus.publish(Hint::Integration(account, id));
        }
    }
    Ok(())
}

/// What is stored already: lets go of people out of scope, finds out how agent tables are read, derives anew. Returns when
/// to look again; `now` while there is more to do.
async fn look_after_stored(
    state: &AppState,
    account: AccountId,
    integration: &Integration,
    now: i64,
) -> StoreResult<Option<i64>> {
    let step = async {
        if narrow::next(state, account, integration).await? {
            return Ok(Some(now));
        }
        let due = findings::look(state, account, integration).await?;
        // Others wait for their plan meanwhile, so not all at once.
        let begun = Instant::now();
        while rederive::next(state, account, integration).await? {
            if begun.elapsed() > REDERIVE_AT_ONCE {
                return Ok(Some(now));
            }
        }
        Ok(due)
    };
    match step.await {
        Ok(next) => Ok(next),
        Err(IngestError::Store(error)) => Err(error),
        Err(error) => {
            tracing::error!(
                integration = integration.id.0,
                error = chain(&error),
                "stored partitions cannot be brought up to date"
            );
            Ok(None)
        }
    }
}

/// The earliest of several times.
struct Next(Option<i64>);

impl Next {
    fn at(&mut self, at: Option<i64>) {
        self.0 = match (self.0, at) {
            (Some(one), Some(other)) => Some(one.min(other)),
            (one, other) => one.or(other),
        };
    }
}

/// Tells the pages when a Link has fallen silent, which nobody else would; returns when that may be.
async fn notice_silence(
    state: &AppState,
    account: AccountId,
    id: IntegrationId,
    now: i64,
) -> StoreResult<Option<i64>> {
    let Some(link) = links::active(&state.store, account, id).await? else {
        return Ok(None);
    };
    if link.is_connected(now) {
        return Ok(Some(link.last_contact_utc_ms + links::CONNECTED_FOR_MS));
    }
    if now - link.last_contact_utc_ms < links::CONNECTED_FOR_MS + TROUBLE_MS {
        state.bus.publish(Hint::Integration(account, id));
    }
    Ok(None)
}

/// Asks for an examination when one is due; otherwise says when it will be.
async fn examine(
    state: &AppState,
    account: AccountId,
    integration: &Integration,
    known: &IntegrationStatus,
    now: i64,
) -> StoreResult<Option<i64>> {
    if links::active(&state.store, account, integration.id)
        .await?
        .is_none()
    {
        return Ok(None);
    }
    let asked_before_change = known.examine_requested_utc_ms < integration.configured_utc_ms;
    let never_asked = known.examine_requested == 0;
    if !asked_before_change && !never_asked {
        if known.examine_requested > known.examine_answered {
            return Ok(None);
        }
        // After a failure the Link tries again by itself.
        let due = known
            .capabilities_utc_ms
            .unwrap_or(known.examine_requested_utc_ms)
            + DAY_MS;
        if known.examine_problem.is_some() {
            return Ok(None);
        }
        if due > now {
            return Ok(Some(due));
        }
    }
    request_examination(state, account, integration.id).await?;
    Ok(None)
}

/// Asks the Link to examine the source and returns the number of the request.
pub async fn request_examination(
    state: &AppState,
    account: AccountId,
    id: IntegrationId,
) -> StoreResult<i64> {
    let now = state.clock.now_utc_ms();
    let mut transaction = state.store.begin().await?;
    let request = status::request_examine(&mut transaction, account, id, now).await?;
    previews::forget(&mut transaction, account, id, now - KEEP_PREVIEWS_MS, now).await?;
    tasks::forget_finished(&mut transaction, account, id, now - KEEP_TASKS_MS).await?;
    transaction.commit().await?;
    state.bus.publish(Hint::Desired(account, id));
    Ok(request)
}

struct Planning<'a> {
    state: &'a AppState,
    account: AccountId,
    integration: &'a Integration,
    found: &'a Capabilities,
    now: i64,
}

impl Planning<'_> {
    async fn all_tables(&self, vendor: &dyn Vendor, next: &mut Next) -> StoreResult<u64> {
        let mut transaction = self.state.store.begin().await?;
        let mut changed = 0;
        for rule in vendor.tables().iter().chain(vendor.scoped_tables()) {
            let scope = &self.integration.configuration.agent_scope;
            let is_off = rule.is_scoped() && *scope == AgentScope::Off;
            if is_off || !self.integration.configuration.reads(rule) {
                changed += self.drop(&mut transaction, rule, None).await?;
                continue;
            }
            let Some(table) = self.found.table(rule.table) else {
                continue;
            };
            for extent in &table.acds {
                let acd = AcdNumber(extent.acd);
                if rule.is_scoped() && scope.excludes_acd(acd) {
                    changed += self.drop(&mut transaction, rule, Some(acd)).await?;
                    continue;
                }
                changed += match rule.cut {
                    Cut::Whole => self.whole(&mut transaction, rule, extent, next).await?,
                    Cut::Days { instead_of } => {
                        let twin = vendor.rule(instead_of);
                        self.days(&mut transaction, (rule, twin), extent, next)
                            .await?
                    }
                    Cut::Intervals { .. } | Cut::Events => {
                        self.dates(&mut transaction, rule, extent, next).await?
                    }
                };
            }
        }
        if changed > 0 {
            transaction.commit().await?;
        }
        Ok(changed)
    }

    /// Nothing of this table may be read any more.
    async fn drop(
        &self,
        transaction: &mut Transaction,
        rule: &TableRule,
        acd: Option<AcdNumber>,
    ) -> StoreResult<u64> {
        let (account, id) = (self.account, self.integration.id);
        tasks::drop_table(transaction, account, id, rule.table, acd, self.now).await
    }

    /// The scope under which a partition of a table must have been read to be known.
    fn scope(&self, rule: &TableRule, acd: AcdNumber) -> Option<AgentScope> {
        let scope = &self.integration.configuration.agent_scope;
        rule.is_scoped().then(|| scope.of_acd(acd))
    }

    /// A table without dates: once a day.
    async fn whole(
        &self,
        transaction: &mut Transaction,
        rule: &TableRule,
        extent: &AcdExtent,
        next: &mut Next,
    ) -> StoreResult<u64> {
        let partition = self.partition(rule, extent, None);
        let head = partitions::head(transaction, self.account, &partition).await?;
        if let Some(head) = &head {
            let due = head.read_begin_utc_ms + DAY_MS;
            if due > self.now {
                next.at(Some(due));
                return Ok(0);
            }
        } else {
            let (acd, id) = (partition.acd, self.integration.id);
            let place = (rule.table, acd);
            let known = partitions::known_dates(transaction, self.account, id, place, None).await?;
            if !known.is_empty() {
                return Ok(0);
            }
        }
        let purpose = if head.is_some() {
            Purpose::Cycle
        } else {
            Purpose::Initial
        };
        self.add(transaction, partition, purpose, DICTIONARY_PRIORITY)
            .await
    }

    async fn dates(
        &self,
        transaction: &mut Transaction,
        rule: &TableRule,
        found: &AcdExtent,
        next: &mut Next,
    ) -> StoreResult<u64> {
        let date =
            |text: &Option<String>| text.as_deref().and_then(|text| text.parse::<Date>().ok());
        let (Some(oldest), Some(newest), Some(slot_minutes)) = (
            date(&found.oldest_date),
            date(&found.newest_date),
            self.found.interval_minutes(rule.table, found.acd),
        ) else {
            return Ok(0);
        };
        let (id, acd) = (self.integration.id, AcdNumber(found.acd));
        let settings = self.integration.configuration.examination(acd);
        let Some(zone) = settings.and_then(|settings| zone(settings.zone_of(rule.family))) else {
            return Ok(0);
        };
        let scope = self.scope(rule, acd);
        let place = (rule.table, acd);
        let known =
            read_times::by_date(transaction, self.account, id, place, scope.as_ref()).await?;
        let rereading = &self.integration.configuration.rereading;
        let open: Vec<LedgerDay> =
            ledger_days::open(transaction, self.account, id, rule.stream, acd).await?;
        let extent = Extent {
            zone: &zone,
            slot_minutes,
            intervals_until_readable: rule.intervals_until_readable(),
            oldest,
            newest,
            start_date: self.integration.configuration.start_date,
            rereading,
            delay_s: delay_s(rereading, self.account, id),
        };
        let now = floorwire_model::time::UtcSecond(self.now.div_euclid(1000));
        let due = match extent.due(now, &known, &open) {
            Ok(due) => due,
            Err(error) => {
                tracing::warn!(integration = id.0, acd = acd.0, %error, "the dates of an acd cannot be planned");
                return Ok(0);
            }
        };
        next.at(due.next_utc_s.map(|at| at * 1000));
        // A first load has thousands of them; each is planned once.
        let waiting = tasks::open_dates(transaction, self.account, id, rule.table, acd).await?;
        let is_new = |priority: i64| {
            let waiting = &waiting;
            move |date: &Date| waiting.get(date).is_none_or(|at| *at > priority)
        };
        let mut added = 0;
        let lists = [
            (due.again, Purpose::Cycle, CYCLE_PRIORITY),
            (due.rereads, Purpose::Reread, REREAD_PRIORITY),
        ];
        for (dates, purpose, priority) in lists {
            for date in dates.into_iter().filter(is_new(priority)) {
                let partition = self.partition(rule, found, Some(date));
                added += self.add(transaction, partition, purpose, priority).await?;
            }
        }
        // What the plan should not hold any more: dates before a start date that was set later.
        if let (Some(today), Some(_)) = (extent.today(now), extent.start_date) {
            added +=
                tasks::drop_before(transaction, self.account, id, extent.first(today), self.now)
                    .await?;
        }
        for date in due
            .first_loads
            .into_iter()
            .filter(is_new(FIRST_LOAD_PRIORITY))
        {
            let partition = self.partition(rule, found, Some(date));
            added += self
                .add(
                    transaction,
                    partition,
                    Purpose::Initial,
                    FIRST_LOAD_PRIORITY,
                )
                .await?;
        }
        Ok(added)
    }

    fn partition(
        &self,
        rule: &TableRule,
        extent: &AcdExtent,
        row_date: Option<Date>,
    ) -> SourcePartition {
        SourcePartition {
            integration: self.integration.id,
            table: rule.table.to_owned(),
            acd: AcdNumber(extent.acd),
            row_date,
        }
    }

    async fn add(
        &self,
        transaction: &mut Transaction,
        partition: SourcePartition,
        purpose: Purpose,
        priority: i64,
    ) -> StoreResult<u64> {
        let task = NewTask {
            partition,
            purpose,
            priority,
            not_before_utc_ms: self.now,
        };
        Ok(u64::from(
            tasks::plan(transaction, self.account, &task, self.now).await?,
        ))
    }
}

/// How long after its time something is read. Each integration has its own second within the spread, the same after a
/// restart.
fn delay_s(rereading: &Rereading, account: AccountId, id: IntegrationId) -> i64 {
    let own = account
        .0
        .wrapping_mul(31)
        .wrapping_add(id.0)
        .wrapping_mul(17);
    let spread = i64::from(rereading.spread_seconds.max(1));
    i64::from(rereading.grace_seconds) + own.rem_euclid(spread)
}
