//! Rows of logins, and what their numbers count from.

use super::*;
use crate::test_rows::{Cell, partition, row, settings, source};
use jiff::civil::date;

fn session(login: &str, from: i64, to: Option<i64>, flags: [&str; 2]) -> Vec<(String, Cell)> {
    row([
        ("logid", login.into()),
        ("split", 11.into()),
        ("extn", "5001".into()),
        ("login", from.into()),
        ("logout", to.into()),
        ("logout_reason", 3.into()),
        ("inflag", flags[0].into()),
        ("outflag", flags[1].into()),
        ("sklevel", 1.into()),
        ("logonskill2", 12.into()),
        ("sklevel2", 16.into()),
        ("logonskill3", 0.into()),
    ])
}

fn derive_rows(rows: &[Vec<(String, Cell)>], base: EpochBase) -> Derived {
    let mut settings = settings("Europe/Paris");
    settings.agents.session_epoch = Some(base);
    derive(
        &partition("haglog", Some(date(2026, 10, 25))),
        &source(rows),
        &settings,
    )
    .unwrap()
}

#[test]
fn link_times_open_sessions_and_skills_are_told() {
    let derived = derive_rows(
        &[
            session("7", 1_000, Some(2_000), ["<", ""]),
            session("7", 3_000, Some(4_000), ["", ">"]),
            session("7", 5_000, None, ["", ""]),
            session("7", 6_000, Some(0), ["", ""]),
            session("8", 6_000, Some(5_000), ["", ""]),
            session("", 6_000, Some(7_000), ["", ""]),
        ],
        EpochBase::Utc,
    );
    let times: Vec<_> = derived
        .agent_sessions
        .iter()
        .map(|part| (part.login_time, part.logout_time))
        .collect();
    assert_eq!(
        times,
        [
            (LoginTime::LinkUp, LogoutTime::Exact),
            (LoginTime::Exact, LogoutTime::LinkDown),
            (LoginTime::Exact, LogoutTime::Open),
            (LoginTime::Exact, LogoutTime::Open),
        ]
    );
    let skills: Vec<_> = derived.agent_sessions[0]
        .skills
        .iter()
        .map(|skill| (skill.skill, skill.level))
        .collect();
    assert_eq!(skills, [(11, Some(1)), (12, Some(16))]);
    let codes: Vec<_> = derived
        .rejected
        .iter()
        .map(|rejected| rejected.code.as_str())
        .collect();
    assert_eq!(codes, ["logout-before-login", "key-is-null"]);
}

/// 2026-10-25, when Paris sets its clock from 03:00 back to 02:00 at 01:00 UTC.
#[test]
fn local_seconds_are_resolved_and_the_repeated_hour_is_marked() {
    let midnight: i64 = 1_792_886_400;
    let local = |hours: f64| {
        #[allow(clippy::cast_possible_truncation)]
        let seconds = (hours * 3600.0) as i64;
        midnight + seconds
    };
    let derived = derive_rows(
        &[
            session("1", local(8.0), Some(local(12.0)), ["", ""]),
            session("2", local(1.0), Some(local(2.5)), ["", ""]),
            // In before the clock was set back, out after it.
            session("3", local(2.75), Some(local(2.25)), ["", ""]),
        ],
        EpochBase::Local,
    );
    let parts = &derived.agent_sessions;
    assert_eq!(
        (parts[0].login_utc_s - midnight, parts[0].quality),
        (7 * 3600, Quality::Final)
    );
    assert_eq!(
        (parts[1].login_utc_s - midnight, parts[1].quality),
        (-3600, Quality::Ambiguous)
    );
    assert_eq!(parts[2].login_utc_s - midnight, 2700);
    assert_eq!(parts[2].logout_utc_s.unwrap() - midnight, 3600 + 900);
}
