//! Sites of any size, for those who give numbers instead of a scenario.

use super::{AcdPlan, Days, GroupPlan, Hours, Scenario, SkillPlan, VdnPlan};
use crate::variants::Variants;
use jiff::civil::{Time, Weekday};
use serde::{Deserialize, Serialize};

/// First split number of each ACD.
const FIRST_SPLIT: i16 = 11;
/// First login ID of each ACD.
const FIRST_LOGIN: u32 = 4_001;
/// First VDN of each ACD.
const FIRST_VDN: u32 = 5_011;

/// Name, calls on a Wednesday, median talk in seconds.
const SKILLS: [(&str, f64, f64); 12] = [
    ("Customer service", 520.0, 190.0),
    ("Orders", 430.0, 150.0),
    ("Billing", 360.0, 230.0),
    ("Technical support", 300.0, 340.0),
    ("Deliveries", 250.0, 130.0),
    ("Contracts", 190.0, 280.0),
    ("Complaints", 130.0, 310.0),
    ("New customers", 90.0, 260.0),
    ("Appointments", 210.0, 120.0),
    ("Claims", 160.0, 300.0),
    ("Partners", 70.0, 240.0),
    ("Key accounts", 40.0, 330.0),
];

/// How big a generated site is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Size {
    /// ACDs, from 1.
    pub acds: i16,
    /// Skills of each ACD.
    pub skills: i16,
    /// Agents of each ACD; `None`: as many as the calls need.
    pub agents: Option<u32>,
    /// Skills of each agent.
    pub skills_per_agent: usize,
    /// IANA zone of all ACDs.
    pub zone: String,
    /// 15, 30 or 60.
    pub interval_minutes: i32,
    /// Days of history.
    pub days: u16,
    /// The same seed gives the same events.
    pub seed: u64,
    /// Percent of the agents who are traced.
    pub traced_percent: u8,
}

/// A site of usual hours in which the first skill of each ACD is open around the clock.
pub fn generated(size: &Size) -> Scenario {
    let variants = Variants::default();
    Scenario {
        name: "generated".into(),
        title: "a site made from numbers".into(),
        seed: size.seed,
        first_day: None,
        days: size.days,
        holidays: Vec::new(),
        variants,
        acds: (1..=size.acds).map(|number| acd(number, size)).collect(),
        events: Vec::new(),
        troubles: Vec::new(),
    }
}

fn acd(number: i16, size: &Size) -> AcdPlan {
    let rounds = SKILLS.iter().cycle();
    let mut skills = Vec::new();
    let mut vdns = Vec::new();
    let mut needs = Vec::new();
    for (index, (name, daily_calls, talk_median)) in (0..size.skills).zip(rounds) {
        let round = index / 12;
        let name = if round == 0 {
            (*name).to_owned()
        } else {
            format!(
                "{} {}",
                name.chars().take(15).collect::<String>(),
                round + 1
            )
        };
        let mut skill = SkillPlan::usual(FIRST_SPLIT + index, &name);
        skill.talk_median = *talk_median;
        skill.acw_median = 25.0 + talk_median / 10.0;
        skill.hold_share = if *talk_median > 250.0 { 0.2 } else { 0.1 };
        skill.unanswered_share = 0.01;
        skill.transfer_share = 0.03;
        let vdn_number = FIRST_VDN + u32::try_from(index).unwrap_or(0);
        let mut vdn = VdnPlan::usual(vdn_number, &name, skill.number, *daily_calls);
        if index > 0 {
            vdn.hours = office_hours();
        }
        needs.push(agents_needed(
            *daily_calls,
            talk_median * 1.5 + skill.acw_median,
        ));
        skills.push(skill);
        vdns.push(vdn);
    }
    if let Some(agents) = size.agents {
        scale_calls(&mut vdns, needs.iter().sum(), agents);
    }
    let groups = groups(&skills, &needs, size);
    let reasons = [
        "System", "Break", "Lunch", "Training", "Meeting", "Coaching",
    ];
    AcdPlan {
        number,
        zone: size.zone.clone(),
        interval_minutes: size.interval_minutes,
        phantom_seconds: 0,
        traced_share: f64::from(size.traced_percent) / 100.0,
        aux_reasons: (0..)
            .zip(reasons)
            .map(|(reason, name)| (format!("{reason}"), name.to_owned()))
            .collect(),
        skills,
        vdns,
        groups,
        renames: Vec::new(),
    }
}

/// With a given number of agents, calls are as many as keep them busy.
fn scale_calls(vdns: &mut [VdnPlan], needed: u32, agents: u32) {
    let factor = f64::from(agents) / f64::from(needed.max(1));
    for vdn in vdns {
        vdn.calls_per_day *= factor;
    }
}

/// Groups, one per skill; each has the skills that follow as well.
fn groups(skills: &[SkillPlan], needs: &[u32], size: &Size) -> Vec<GroupPlan> {
    let total: u32 = needs.iter().sum();
    let mut left = size.agents.unwrap_or(total);
    let mut first_login = FIRST_LOGIN;
    let mut groups = Vec::new();
    for (index, need) in needs.iter().enumerate() {
        let agents = match size.agents {
            None => *need,
            Some(_) if index + 1 == needs.len() => left,
            Some(agents) => (agents * need / total.max(1)).min(left),
        };
        left -= agents.min(left);
        if agents == 0 {
            continue;
        }
        // Those who are there at night answer the skill that is open at night.
        let count = if index == 0 {
            1
        } else {
            size.skills_per_agent.clamp(1, skills.len())
        };
        let held = (0..count)
            .zip(1u8..)
            .map(|(offset, level)| {
                (
                    skills[(index + offset) % skills.len()].number,
                    level.min(16),
                )
            })
            .collect();
        let mut group = GroupPlan::usual(agents, first_login, held, shifts(index == 0));
        group.extension_calls = 1.0;
        group.paperwork = 0.3;
        groups.push(group);
        first_login += agents;
    }
    groups
}

/// Agents that so many calls a day need, over two shifts.
fn agents_needed(daily_calls: f64, handle_s: f64) -> u32 {
    let load = daily_calls * handle_s / 3_600.0 / 6.0;
    let agents = crate::random::whole_seconds((load * 1.35 + 2.0).ceil());
    u32::try_from(agents).unwrap_or(2)
}

fn hours(days: &[Weekday], from: i8, to: i8) -> Hours {
    Hours {
        days: Days(days.to_vec()),
        from: Time::constant(from, 0, 0, 0),
        to: Time::constant(to, 0, 0, 0),
    }
}

const WORKDAYS: [Weekday; 5] = [
    Weekday::Monday,
    Weekday::Tuesday,
    Weekday::Wednesday,
    Weekday::Thursday,
    Weekday::Friday,
];

fn office_hours() -> Vec<Hours> {
    vec![hours(&WORKDAYS, 8, 20), hours(&[Weekday::Saturday], 9, 17)]
}

fn shifts(night: bool) -> Vec<Hours> {
    let mut shifts = vec![
        hours(&WORKDAYS, 8, 16),
        hours(&WORKDAYS, 12, 20),
        hours(&WORKDAYS, 9, 17),
    ];
    shifts.push(hours(&[Weekday::Saturday], 9, 17));
    if night {
        let week = [&WORKDAYS[..], &[Weekday::Saturday, Weekday::Sunday]].concat();
        shifts.push(hours(&week, 22, 6));
        shifts.push(hours(&week, 6, 14));
        shifts.push(hours(&week, 14, 22));
    }
    shifts
}
