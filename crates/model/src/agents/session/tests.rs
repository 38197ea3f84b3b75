//! Sessions from parts.

use super::*;
use crate::ids::AcdNumber;
use jiff::civil::date;
use proptest::prelude::*;

fn part(login: &str, from: i64, to: Option<i64>) -> SessionPart {
    SessionPart {
        agent: AgentKey {
            acd: AcdNumber(1),
            login: login.to_owned(),
        },
        row_date: date(2026, 3, 1),
        extension: "5001".into(),
        login_utc_s: from,
        login_time: LoginTime::Exact,
        logout_utc_s: to,
        logout_time: if to.is_some() {
            LogoutTime::Exact
        } else {
            LogoutTime::Open
        },
        logout_reason: Some(0),
        skills: vec![SkillAtLogin {
            skill: 1,
            level: Some(1),
        }],
        quality: Quality::Final,
    }
}

#[test]
fn a_change_of_skills_is_one_session_and_a_reasoned_logout_is_not() {
    let mut second = part("7", 101, Some(200));
    second.skills = vec![SkillAtLogin {
        skill: 2,
        level: None,
    }];
    let mut third = part("7", 200, Some(300));
    second.logout_reason = Some(4);
    third.skills.clear();
    let sessions = merge_sessions(
        vec![third, part("7", 0, Some(100)), second],
        RESKILLING_GAP_S,
    );
    let bounds: Vec<_> = sessions
        .iter()
        .map(|s| (s.login_utc_s, s.logout_utc_s))
        .collect();
    assert_eq!(bounds, [(0, Some(200)), (200, Some(300))]);
    assert_eq!(sessions[0].skills.len(), 2);
    assert_eq!(sessions[0].logout_reason, Some(4));
}

#[test]
fn a_link_time_never_merges() {
    let mut first = part("7", 0, Some(100));
    first.logout_time = LogoutTime::LinkDown;
    assert_eq!(
        merge_sessions(vec![first, part("7", 101, Some(150))], 2).len(),
        2
    );
}

#[test]
fn an_open_part_before_a_later_login_ended_unseen() {
    let sessions = merge_sessions(
        vec![
            part("7", 0, None),
            part("7", 500, None),
            part("8", 10, None),
        ],
        2,
    );
    assert_eq!(sessions[0].logout_time, LogoutTime::Unseen);
    assert_eq!(sessions[0].ended_before_utc_s, Some(500));
    assert_eq!(sessions[1].logout_time, LogoutTime::Open);
    assert_eq!(sessions[2].logout_time, LogoutTime::Open);
}

#[test]
fn overlapping_parts_are_one_doubtful_session() {
    let sessions = merge_sessions(vec![part("7", 0, Some(100)), part("7", 50, Some(80))], 2);
    assert_eq!(sessions.len(), 1);
    assert_eq!(
        (sessions[0].logout_utc_s, sessions[0].quality),
        (Some(100), Quality::Ambiguous)
    );
}

proptest! {
    /// Sessions cut at random moments into parts, written twice and shuffled, come back as they were.
    #[test]
    fn cut_sessions_come_back(
        lengths in prop::collection::vec((1_i64..20_000, 60_i64..20_000), 1..8),
        cuts in prop::collection::vec(0.0_f64..1.0, 0..12),
        order in any::<u64>(),
    ) {
        let mut whole = Vec::new();
        let mut at = 1_000_000;
        for (length, pause) in lengths {
            whole.push((at, at + length));
            at += length + pause;
        }
        let mut parts = Vec::new();
        for (index, (from, to)) in whole.iter().enumerate() {
            let mut edges = vec![*from, *to];
            for cut in cuts.iter().skip(index % 2).step_by(2) {
                #[allow(clippy::cast_possible_truncation, clippy::cast_precision_loss)]
                let edge = from + ((to - from) as f64 * cut) as i64;
                edges.push(edge);
            }
            edges.sort_unstable();
            edges.dedup();
            for pair in edges.windows(2) {
                parts.push(part("7", pair[0], Some(pair[1])));
                parts.push(part("7", pair[0], Some(pair[1])));
            }
        }
        parts.sort_by_key(|part| part.login_utc_s.cast_unsigned().wrapping_mul(order | 1));
        let merged: Vec<_> = merge_sessions(parts, RESKILLING_GAP_S)
            .into_iter()
            .map(|session| (session.login_utc_s, session.logout_utc_s.unwrap()))
            .collect();
        prop_assert_eq!(merged, whole);
    }
}
