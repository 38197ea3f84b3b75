//! The figures of `hsplit` and `dsplit`, in the order of a recent release.
//!
//! Marks: D documented by the vendor, C seen in public code, I inferred.

use crate::table::figures;

figures! {
    /// A split or skill in an interval.
    Hsplit {
        /// Seconds that agents were staffed in the skill: every second between `LoggedIn` and `LoggedOut`, in each skill of
        /// the agent (so it must not be added over skills). Not for reserve agents below their threshold. (D S6e)
        integer i_stafftime;
        /// Seconds in which agents were `Available`, in each of their skills. (D S3)
        integer i_availtime;
        /// Seconds of `Talking` through this skill, without hold, where they pass. (D S2)
        integer i_acdtime;
        /// Seconds of `AfterCall` through this skill, and of `StandAloneAfterCall` of agents who hold it longest. (D S2; I)
        integer i_acwtime;
        /// The part of `i_acwtime` and `i_da_acwtime` on an outgoing extension call: that of direct calls is in it. (C P3)
        integer i_acwouttime;
        /// The part of `i_acwtime` and `i_da_acwtime` on an incoming extension call: that of direct calls is in it. (C P3)
        integer i_acwintime;
        /// Seconds of `Auxiliary` and `Consulting`, in each skill of the agent: a move to AUX applies to all. (D S24)
        integer i_auxtime;
        /// The part of `i_auxtime` on an outgoing extension call. (D S6d)
        integer i_auxouttime;
        /// The part of `i_auxtime` on an incoming extension call. (D S6d)
        integer i_auxintime;
        /// Seconds in which agents did something that is not this skill's: work of another skill, direct calls, a caller on
        /// hold, `Other`. (D S6e, S18; C P3)
        integer i_othertime;
        /// Most agents staffed at one moment. (D S21)
        max maxstaffed;
        /// Extension calls taken in ACW; booked when they end, on the skill of the ACW. Not those after direct calls. (C P3)
        small acwincalls;
        /// Their seconds. (C P3)
        integer acwintime;
        /// Extension calls taken in AUX; booked when they end, on the longest-held skill. (C P3; I)
        small auxincalls;
        /// Their seconds. (C P3)
        integer auxintime;
        /// Extension calls made in ACW; not those after direct calls. (C P3)
        small acwoutcalls;
        /// Their seconds. (C P3)
        integer acwouttime;
        /// Those of them over a trunk. (C P3)
        small acwoutoffcalls;
        /// Their seconds. (C P3)
        integer acwoutofftime;
        /// Those of them dialled by a program. (C P3)
        small acwoutadjcalls;
        /// Extension calls made in AUX, consultations with a caller on hold included. (C P3)
        small auxoutcalls;
        /// Their seconds. (C P3)
        integer auxouttime;
        /// Those of them over a trunk. (C P3)
        small auxoutoffcalls;
        /// Their seconds. (C P3)
        integer auxoutofftime;
        /// Those of them dialled by a program. (C P3)
        small auxoutadjcalls;
        /// Always 0: nobody presses event keys.
        small event: "event#" 1 to 9;
        /// Always 0: nobody asks a supervisor for help.
        small assists;
        /// Calls that came here from another queue: answered here though another skill was first, or back after nobody
        /// answered. (D multiple split/skill queuing; C P3)
        small inflowcalls;
        /// Calls answered by agents of the skill, booked when `Worked` says that the call and its after-call work are over.
        /// Outbound (adjunct) calls included, phantom abandons not. (D S2, S21 p.69)
        small acdcalls;
        /// Seconds from the first `Queued` to `Answered` of those calls. (D S21 p.71)
        integer anstime;
        /// Seconds of talk of those calls, without hold. (C P3)
        integer acdtime;
        /// Seconds from `Released` to `Worked` of those calls. (D S21 p.71)
        integer acwtime;
        /// The outbound ones of `acdcalls`. (D S22c)
        small o_acdcalls;
        /// Their talk. (D S22c)
        integer o_acdtime;
        /// Their after-call work. (D S22c)
        integer o_acwtime;
        /// `acdcalls` by waiting time: up to `period1`, ..., beyond `period9`. (C P3)
        small acdcalls_by_wait: "acdcalls#" 1 to 10;
        /// Always 0: calls are queued at once, not as backup.
        small backupcalls;
        /// Those of `acdcalls` with a hold. (C P3)
        small holdcalls;
        /// Seconds on hold of those. (C P3)
        integer holdtime;
        /// Those of `acdcalls` whose caller hung up on hold. (C P3)
        small holdabncalls;
        /// Those of `acdcalls` that were transferred. (C P1)
        small transferred;
        /// Those of `acdcalls` to which somebody was added. (C P1)
        small conference;
        /// Calls whose caller hung up in queue or ringing, booked at `Abandoned`; in several queues only the first counts it,
        /// unless it rang in another. Phantom abandons included: answered calls shorter than the phantom timer. (D S21 p.67)
        small abncalls;
        /// Seconds from the first `Queued` to the end of those calls. (D S21)
        integer abntime;
        /// `abncalls` by that time. (C P3)
        small abncalls_by_wait: "abncalls#" 1 to 10;
        /// Calls queued here besides their first skill that ended elsewhere. (C P3)
        small dequecalls;
        /// Seconds that they waited here. (C P3)
        integer dequetime;
        /// Calls that got a busy tone. (D S21 p.89)
        small busycalls;
        /// Seconds that they waited. (D S21)
        integer busytime;
        /// Calls that the vector hung up on. (D S21 p.89)
        small disccalls;
        /// Seconds that they waited. (D S21)
        integer disctime;
        /// Calls that left the queue: answered in another skill though this one was first, back to the queue after nobody
        /// answered, or out of the ACD. (D S21 p.89; C P3)
        small outflowcalls;
        /// Seconds that they waited. (D S21)
        integer outflowtime;
        /// Those of `outflowcalls` that left the ACD. (I)
        small interflowcalls;
        /// Always 0: there are no queue priorities.
        small lowcalls;
        /// Always 0: there are no queue priorities.
        small medcalls;
        /// Always 0: there are no queue priorities.
        small highcalls;
        /// Always 0: there are no queue priorities.
        small topcalls;
        /// Those of `acdcalls` that waited up to the threshold in force at the answer. (D S21 p.69)
        small acceptable;
        /// The service level threshold, seconds; `ServiceLevelSet` changes it. (D S21 p.93)
        same servicelevel;
        /// Upper bounds of the waiting time classes, seconds. (C P3)
        same period: "period#" 1 to 9;
        /// Most calls waiting at one moment, ringing ones included. (D S21)
        max maxinqueue;
        /// Longest wait of a call that was waiting in the interval, seconds. (D S21)
        max maxocwtime;
        /// acdcalls + abncalls + busycalls + disccalls + outflowcalls + dequecalls: queued calls that were completed. (C P3)
        small callsoffered;
        /// Always 0: classes do not change.
        small periodchg;
        /// 1 if the threshold changed inside the interval. (D S21 p.93)
        max svclevelchg;
        /// Seconds of `Ringing` through this skill, where they pass. (D S6a)
        integer i_ringtime;
        /// Seconds from the last `Ringing` to the answer or abandon, of calls booked here. (C P3)
        integer ringtime;
        /// Calls booked here that rang. (C P3)
        small ringcalls;
        /// Those of `abncalls` that were ringing. (C P3)
        small abnringcalls;
        /// The outbound ones of `abncalls`. (D S22c)
        small o_abncalls;
        /// The outbound ones of `othercalls`. (D S22c)
        small o_othercalls;
        /// Extension calls taken in the work after direct calls, on the skill held longest. (C P3; I)
        small da_acwincalls;
        /// Their seconds. (C P3)
        integer da_acwintime;
        /// Extension calls made in the work after direct calls, on the skill held longest. (C P3; I)
        small da_acwocalls;
        /// Their seconds. (C P3)
        integer da_acwotime;
        /// Times that a call booked here rang without an answer and went back to the queue. (C P3)
        small noansredir;
        /// 1 if the link to the switch was down in the interval; in daily tables the number of such intervals. (C P3)
        small incomplete;
        /// Consultations with a caller of this skill on hold. (C P3)
        small acdauxoutcalls;
        /// Their seconds, where they pass; part of `i_auxtime` and `i_auxouttime`. (C P3; D S15)
        integer i_acdaux_outtime;
        /// Always 0: nobody takes a call with a caller on hold.
        integer i_acdauxintime;
        /// Seconds with a caller of this skill on hold and nothing else going on; part of `i_othertime`. (C P3)
        integer i_acdothertime;
        /// Those of `abncalls` that were answered, but shorter than the phantom timer. (C P3)
        small phantomabns;
        /// busycalls + disccalls + outflowcalls + dequecalls. (D S21 p.89)
        integer othercalls;
        /// busytime + disctime + outflowtime + dequetime. (D S21 p.89)
        integer othertime;
        /// Those of `abncalls` within the threshold. (D S21 p.93)
        integer slvlabns;
        /// Those of `outflowcalls` within the threshold. (D S21 p.93)
        integer slvloutflows;
        /// Calls that reached the skill in the interval: `Queued`, not again. The only count by arrival. (C P3)
        small i_arrived;
        /// `i_auxtime` by reason. (C P2)
        integer i_auxtime_by_reason: "i_auxtime#" 0 to 9;
        /// Seconds of direct calls of agents who hold this skill longest; in `i_othertime` as well. (D S18; I)
        integer i_da_acdtime;
        /// Seconds of their after-call work. (D S18; I)
        integer i_da_acwtime;
        /// Always 0: there are no top agents.
        integer i_tavailtime;
        /// Always 0: there are no top agents.
        integer i_tauxtime;
        /// Always 0: there are no top agents.
        max maxtop;
        /// Seconds of the interval in which the skill was below its reserve thresholds. (I)
        integer i_normtime;
        /// Seconds above the first. (I)
        integer i_ol1time;
        /// Seconds above the second. (I)
        integer i_ol2time;
        /// Always 0: there are no top agents.
        integer i_tothertime;
        /// Always 0: there are no percent allocations.
        max max_tot_percents;
        /// `acdcalls` of reserve agents of level 1. (C P3)
        small acdcalls_r1;
        /// `acdcalls` of reserve agents of level 2. (C P3)
        small acdcalls_r2;
        /// `i_acdtime` of reserve agents, by level. (C P3)
        integer i_acdtime_r: "i_acdtime_r#" 1 to 2;
        /// `i_acwtime` of reserve agents, by level. (C P3)
        integer i_acwtime_r: "i_acwtime_r#" 1 to 2;
        /// `i_ringtime` of reserve agents, by level. (C P3)
        integer i_ringtime_r: "i_ringtime_r#" 1 to 2;
        /// `i_othertime` of reserve agents, by level. (C P3)
        integer i_othertime_r: "i_othertime_r#" 1 to 2;
        /// `i_auxtime` of reserve agents, by level. (C P3)
        integer i_auxtime_r: "i_auxtime_r#" 1 to 2;
        /// Seconds in which reserve agents below their threshold did anything but AUX; not in `i_stafftime`. (D S6e; C P3)
        integer i_otherstbytime_r: "i_otherstbytime_r#" 1 to 2;
        /// Seconds in which they were in AUX; not in `i_stafftime`. (D S6e; C P3)
        integer i_auxstbytime_r: "i_auxstbytime_r#" 1 to 2;
        /// Always 0: nobody is behind a schedule.
        integer i_behindtime;
        /// Always 0: no agent is reserved automatically.
        integer i_autoreservetime;
        /// Always 80: the percentage aimed at. (I)
        same targetpercent;
        /// Always 0: targets do not change.
        small targetpctchg;
        /// The threshold aimed at: `servicelevel`. (I)
        same targetseconds;
        /// Always 0: targets do not change.
        small targetsecchg;
        /// `acceptable`. (D S16; I)
        small targetacdcalls;
        /// `slvlabns`. (I)
        small targetabns;
        /// `slvloutflows`. (I)
        small targetoutflows;
        /// Always 0: nobody is interrupted in AUX.
        small intrdeliveries in r19;
        /// Always 0: surplus is not counted.
        small agsurpdeliveries in r19;
        /// Always 0: surplus is not counted.
        small agsurpprefcalls in r19;
        /// Always 0: surplus is not counted.
        small agsurpnprefcalls in r19;
        /// Always 0: surplus is not counted.
        small callsurpdeliveries in r19;
        /// `i_auxtime` by reason. (C P3)
        integer i_auxtime_by_high_reason: "i_auxtime#" 10 to 99 in r19;
        /// Always 0: there is no intelligent customer routing.
        small icrpullcalls in r19;
        /// Always 0: there is no intelligent customer routing.
        integer icrpulltime in r19;
        /// Always 0: there is no intelligent customer routing.
        small icrpullringcalls in r19;
        /// Always 0: its meaning is not known.
        small redirectcalls in r19;
        /// Always 0: its meaning is not known.
        small partial_archive in r19;
    }
}
