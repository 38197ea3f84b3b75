//! One body for both engines: what the store, the planner, the Link interface and ingest promise, on SQLite and on a
//! private PostgreSQL, each body on an empty database.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout)] // a helper that fails fails its test
#![allow(clippy::cast_precision_loss, clippy::cast_possible_wrap)] // counts of a test are small

mod absence;
mod corrections;
mod grouping;
mod guard;
mod import;
mod leases;
mod live;
mod notices;
mod outage;
mod pairing;
mod setaside;
mod stage;
mod unchanged;

use floorwire_hub::store::Store;
use floorwire_test_servers::Postgres;
use futures::FutureExt;
use stage::Stage;
use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::pin::Pin;

type Body = fn(Stage) -> Pin<Box<dyn Future<Output = ()>>>;

macro_rules! bodies {
    ($($module:ident :: $name:ident at $now:literal),+ $(,)?) => {
        const BODIES: &[(&str, &str, Body)] = &[
            $((stringify!($name), $now, |stage| Box::pin($module::$name(stage)))),+
        ];
    };
}

bodies! {
    absence::absent_rows_are_judged_by_hours_and_outages at "2026-11-22T11:02:00Z",
    absence::no_rows_in_open_hours_are_a_problem_until_there_are_some at "2026-11-22T11:02:00Z",
    absence::hours_are_learned_from_eight_weeks_and_not_from_seven at "2026-11-22T11:02:00Z",
    absence::what_the_source_does_not_hold_is_not_expected at "2026-11-22T11:02:00Z",
    guard::quiet_hours_leave_only_what_is_urgent at "2026-11-22T11:02:00Z",
    guard::totals_of_an_hour_count_once at "2026-11-22T11:02:00Z",
    grouping::switching_to_vdns_and_back_ends_as_a_fresh_import at "2026-11-21T23:40:00Z",
    grouping::inbound_only_derives_history_anew at "2026-11-21T23:40:00Z",
    grouping::days_stand_in_where_intervals_have_aged_out at "2026-11-21T23:40:00Z",
    grouping::a_number_with_another_name_is_renamed_or_reused at "2026-11-21T23:40:00Z",
    corrections::corrections_arrive_by_their_tier at "2026-11-22T11:02:00Z",
    corrections::what_the_source_deletes_stays at "2026-11-22T11:02:00Z",
    corrections::an_emptied_table_is_set_aside_and_heals at "2026-11-22T11:02:00Z",
    corrections::a_tier_does_not_hold_up_the_cycle at "2026-11-22T11:02:00Z",
    import::a_first_load_then_a_cycle_with_a_correction at "2026-11-22T11:02:00Z",
    import::a_changed_zone_derives_history_anew at "2026-11-22T11:02:00Z",
    import::a_night_without_calls_is_read_and_missing at "2026-11-22T11:02:00Z",
    import::the_plan_is_repeated_without_effect at "2026-11-22T11:02:00Z",
    import::many_partitions_at_once_give_each_queue_one_number at "2026-11-22T11:02:00Z",
    import::the_repeated_hour_is_not_lost at "2026-11-22T11:02:00Z",
    leases::an_expired_lease_comes_back_and_its_late_result_is_refused at "2026-11-22T11:02:00Z",
    leases::a_new_start_of_the_link_gives_leases_back at "2026-11-22T11:02:00Z",
    leases::another_configuration_refuses_what_was_read_before at "2026-11-22T11:02:00Z",
    leases::a_paused_integration_gives_no_work at "2026-11-22T11:02:00Z",
    leases::a_failed_task_waits_and_shows_its_cause at "2026-11-22T11:02:00Z",
    leases::parts_are_checked_and_idempotent at "2026-11-22T11:02:00Z",
    leases::a_waiting_lease_call_wakes_up at "2026-11-22T11:02:00Z",
    live::a_batch_counts_once at "2026-11-22T11:02:00Z",
    live::bodies_that_cannot_be_used_are_refused at "2026-11-22T11:02:00Z",
    live::a_loss_ends_spans_and_a_return_goes_on at "2026-11-22T11:02:00Z",
    live::a_silent_link_makes_statuses_unknown at "2026-11-22T11:02:00Z",
    live::a_listener_goes_on_where_it_left at "2026-11-22T11:02:00Z",
    live::settings_decide_what_is_kept at "2026-11-22T11:02:00Z",
    live::random_batches_equal_one_replay at "2026-11-22T11:02:00Z",
    notices::a_changed_source_raises_notices_until_dismissed at "2026-11-22T11:02:00Z",
    notices::a_condition_is_said_once_and_taken_back at "2026-11-22T11:02:00Z",
    notices::rows_from_the_future_name_the_likely_zone at "2026-11-22T11:02:00Z",
    pairing::a_pin_pairs_and_another_link_replaces_the_first at "2026-11-22T11:02:00Z",
    pairing::five_wrong_pins_void_a_pairing at "2026-11-22T11:02:00Z",
    pairing::strangers_are_refused at "2026-11-22T11:02:00Z",
    unchanged::what_the_source_says_is_unchanged_is_not_read at "2026-11-22T11:02:00Z",
    unchanged::an_integration_may_do_without_fingerprints at "2026-11-22T11:02:00Z",
    unchanged::a_preview_says_what_would_change_and_changes_nothing at "2026-11-22T11:02:00Z",
    setaside::what_cannot_be_trusted_is_set_aside at "2026-11-22T11:02:00Z",
    setaside::people_decide_about_what_was_set_aside at "2026-11-22T11:02:00Z",
}

/// Runs one body; the suite goes on after one that fails, so that all that fail are known.
async fn passes(engine: &str, (name, now, body): &(&str, &str, Body), store: Store) -> bool {
    let closing = store.clone();
    let stage = Stage::new(store, now).await;
    let passed = AssertUnwindSafe(body(stage)).catch_unwind().await.is_ok();
    eprintln!(
        "{engine}: {name}: {}",
        if passed { "passed" } else { "FAILED" }
    );
    // A body that fails may hold connections.
    let _ = tokio::time::timeout(std::time::Duration::from_secs(2), closing.close()).await;
    passed
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_sqlite() {
    let mut failed = 0;
    for body in BODIES {
        let folder = tempfile::tempdir().unwrap();
        let address = format!("sqlite://{}", folder.path().join("hub.sqlite3").display());
        failed += u32::from(!passes("sqlite", body, Store::open(&address).await.unwrap()).await);
    }
    assert_eq!(failed, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_postgres() {
    let server = Postgres::start().unwrap();
    let mut failed = 0;
    for (number, body) in BODIES.iter().enumerate() {
        let database = format!("hub{number}");
        server.create_database(&database).unwrap();
        failed += u32::from(
            !passes(
                "postgres",
                body,
                Store::open(&server.url(&database)).await.unwrap(),
            )
            .await,
        );
    }
    assert_eq!(failed, 0);
}
