//! How faults make agents look: a link that is down, skills that change, agents who are left out.

use crate::floor::Agent;
use floorwire_sim_centre::Random;
use floorwire_sim_centre::event::{Login, Skill, SkillSettings};
use std::borrow::Cow;

/// Milliseconds that changed skills stay as they are.
const EPOCH_MS: i64 = 30_000;
/// Streams of random numbers, one for each purpose.
const STAYS: i64 = 1;
const CHANGES: i64 = 2;
const SKILLS: i64 = 3;

/// Which change of skills is in force.
pub(crate) fn epoch(now_ms: i64) -> i64 {
    now_ms.div_euclid(EPOCH_MS)
}

/// Whether an agent is among the share that stays in snapshots that are nearly empty.
pub(crate) fn stays(seed: u64, login: Login, share: f64) -> bool {
    Random::new(seed, [i64::from(login), 0, STAYS]).chance(share)
}

/// An agent as a CMS sees it whose link is down, or was: `learned_s` is when it came to know the states.
pub(crate) fn through_link(
    agent: &Agent,
    down_since_s: Option<i64>,
    learned_s: Option<i64>,
) -> Cow<'_, Agent> {
    match (down_since_s, learned_s) {
        (Some(since_s), _) => {
            let mut agent = agent.clone();
            if agent.shown.mode != crate::state::Mode::Unstaffed {
                agent.forget(since_s.max(agent.logged_in_utc_s));
            }
            Cow::Owned(agent)
        }
        (None, Some(learned_s)) => {
            let mut agent = agent.clone();
            agent.learned(learned_s);
            Cow::Owned(agent)
        }
        _ => Cow::Borrowed(agent),
    }
}

/// Skills that change.
pub(crate) struct Skills<'a> {
    /// Share of agents concerned; `None`: they do not change.
    pub share: Option<f64>,
    pub seed: u64,
    pub epoch: i64,
    /// Skills of the ACD.
    pub all: &'a [SkillSettings],
}

impl Skills<'_> {
    /// The agent with the skills of now. The skill of the call is never taken away.
    pub fn of<'a>(&self, agent: &'a Agent) -> Cow<'a, Agent> {
        let login = i64::from(agent.login);
        let concerned = self
            .share
            .is_some_and(|share| Random::new(self.seed, [login, 0, CHANGES]).chance(share));
        if !concerned {
            return Cow::Borrowed(agent);
        }
        let mut random = Random::new(self.seed, [login, self.epoch, SKILLS]);
        let held = agent.held.iter().map(|held| (held.skill, held.level));
        let mut skills: Vec<(Skill, u8)> = held.collect();
        let level = u8::try_from(random.between(1, 16)).unwrap_or(1);
        if let Some(first) = skills.first_mut() {
            first.1 = level;
        }
        if random.chance(0.5) && skills.len() > 1 {
            let of_call = agent.shown.skill;
            let last = skills.len() - 1;
            if Some(skills[last].0) != of_call {
                skills.truncate(last);
            }
        }
        if random.chance(0.5) {
            let last = i64::try_from(self.all.len()).unwrap_or(1) - 1;
            let drawn = usize::try_from(random.between(0, last.max(0))).unwrap_or(0);
            if let Some(extra) = self.all.get(drawn)
                && !skills.iter().any(|(skill, _)| *skill == extra.skill)
            {
                skills.push((extra.skill, level));
            }
        }
        if random.chance(0.5) {
            skills.rotate_left(1);
        }
        Cow::Owned(agent.with_skills(&skills))
    }
}
