//! The figures of `hagent` and `dagent`: an agent in a skill.
//!
//! The order of the columns is not known; the reference lists them by subject. Marks: D documented by the vendor, C seen
//! in public code, I inferred.

use crate::table::figures;

figures! {
    /// An agent in a skill, at a station, in an interval.
    Hagent {
        /// Seconds staffed in this skill: parallel in each skill, not to be added. Not for reserve agents below their
        /// threshold. (D S3)
        small i_stafftime;
        /// Seconds `Available`, in each skill of the agent. (D S3)
        small i_availtime;
        /// Seconds of `Talking` through this skill, without hold. (D S6a)
        small i_acdtime;
        /// Seconds of `AfterCall` through this skill; `StandAloneAfterCall` on the longest-held one. (D S6a; I)
        small i_acwtime;
        /// The part of after-call work on an incoming extension call, that of direct calls included. (C P3)
        small i_acwintime;
        /// The part of after-call work on an outgoing extension call, that of direct calls included. (C P3)
        small i_acwouttime;
        /// The part of `i_auxtime` on an incoming extension call. (D S6d)
        small i_auxintime;
        /// The part of `i_auxtime` on an outgoing extension call, consultations included. (D S6d)
        small i_auxouttime;
        /// Seconds in which the agent did something that is not this skill's. (D S6e, S18)
        small i_othertime;
        /// Seconds of `Ringing` through this skill; of direct calls on the longest-held one. (D S6a; I)
        small i_ringtime;
        /// Seconds of direct calls, on the longest-held skill; in `i_othertime` of every skill as well. (D S18; I)
        small i_da_acdtime;
        /// Seconds of their after-call work. (D S18; I)
        small i_da_acwtime;
        /// Seconds of consultations with a caller of this skill on hold. (C P3; D S15)
        small i_acdaux_outtime;
        /// Always 0: nobody takes a call with a caller on hold.
        small i_acdauxintime;
        /// Seconds with a caller of this skill on hold and nothing else going on. (C P3)
        small i_acdothertime;
        /// Seconds in AUX of a reserve agent below the threshold; not in `i_stafftime`. (D S6e; C P3)
        small i_auxstbytime;
        /// Seconds of anything else of a reserve agent below the threshold; not in `i_stafftime`. (D S6e; C P3)
        small i_otherstbytime;
        /// Seconds of `Auxiliary` and `Consulting`, in each skill: a move to AUX applies to all. (D S24)
        integer i_auxtime;
        /// Seconds logged in, once per login: on the skill held longest. (D S6a)
        small ti_stafftime;
        /// Seconds `Available`, once per login. (D S6a)
        small ti_availtime;
        /// Seconds of `Auxiliary` and `Consulting`, once per login. (D S6b)
        small ti_auxtime;
        /// Seconds of `Other` and of holding a caller, once per login. (D S6c; C P3)
        integer ti_othertime;
        /// `ti_auxtime` by reason; `Consulting` is reason 0. (D S6b; I)
        integer ti_auxtime_by_reason: "ti_auxtime#" 0 to 9;
        /// `ti_auxtime` by reason. (C P1)
        integer ti_auxtime_by_high_reason: "ti_auxtime#" 10 to 99 in r19;
        /// Calls of the skill answered, booked at `Worked`; phantom abandons not. (D S2)
        small acdcalls;
        /// Their talk without hold. (C P3)
        small acdtime;
        /// Their after-call work. (D S21)
        small acwtime;
        /// `acdcalls` while a reserve agent of level 1. (C P3)
        small acdcalls_r1;
        /// `acdcalls` while a reserve agent of level 2. (C P3)
        small acdcalls_r2;
        /// Seconds that `acdcalls` rang. (C P3)
        small ansringtime;
        /// Calls of the skill whose caller hung up while they rang here, and phantom abandons. (C P3)
        small abncalls;
        /// Seconds from the first `Queued` to the end of those. (C P3)
        small abntime;
        /// Those of `abncalls` that were answered, but shorter than the phantom timer. (C P3)
        small phantomabns;
        /// Calls of the skill booked here that rang. (C P3)
        small ringcalls;
        /// Seconds that those rang. (C P3)
        small ringtime;
        /// Calls of the skill that rang without an answer, at `Unanswered`. (C P3; I)
        small noansredir;
        /// Calls with a hold, direct ones included. (C P3)
        small holdcalls;
        /// Seconds on hold of those. (C P3)
        small holdtime;
        /// Calls whose caller hung up on hold. (C P3)
        small holdabncalls;
        /// Calls transferred, direct ones included. (C P1)
        small transferred;
        /// Calls to which somebody was added, direct ones included. (C P1)
        small conference;
        /// Always 0: nobody asks a supervisor for help.
        small assists;
        /// Always 0: nobody presses event keys.
        small event: "event#" 1 to 9;
        /// Seconds on hold of ACD and direct calls: there are no other held calls here. (C P3)
        integer holdacdtime in r19;
        /// Calls of the skill that the agent hung up first. (C P3)
        integer acd_release in r19;
        /// Direct calls answered, booked at `Worked`, on the longest-held skill. (D S18; I)
        small da_acdcalls;
        /// Their talk without hold. (D S18)
        small da_acdtime;
        /// Their after-call work. (D S18)
        small da_acwtime;
        /// Seconds that they waited and rang. (C P3)
        small da_anstime;
        /// Direct calls whose caller hung up while they rang. (C P3)
        small da_abncalls;
        /// Seconds of those. (C P3)
        small da_abntime;
        /// Always 0: direct calls go nowhere else.
        small da_othercalls;
        /// Always 0: direct calls go nowhere else.
        small da_othertime;
        /// Extension calls taken in the work after direct calls, on the skill held longest. (C P3; I)
        small da_acwincalls;
        /// Their seconds. (C P3)
        small da_acwintime;
        /// Extension calls made in the work after direct calls, on the skill held longest. (C P3; I)
        small da_acwocalls;
        /// Their seconds. (C P3)
        small da_acwotime;
        /// Those of them dialled by a program. (C P3)
        small da_acwoadjcalls;
        /// Those of them over a trunk. (C P3)
        small da_acwooffcalls;
        /// Seconds of those over a trunk. (C P3)
        small da_acwoofftime;
        /// Direct calls that the agent hung up first. (C P3)
        integer da_release in r19;
        /// The outbound ones of `acdcalls`. (D S22c)
        small o_acdcalls;
        /// Their talk. (D S22c)
        small o_acdtime;
        /// Their after-call work. (D S22c)
        small o_acwtime;
        /// Extension calls taken in ACW, booked when they end; not those after direct calls. (C P3)
        small acwincalls;
        /// Their seconds. (C P3)
        small acwintime;
        /// Extension calls made in ACW; not those after direct calls. (C P3)
        small acwoutcalls;
        /// Their seconds. (C P3)
        small acwouttime;
        /// Those of them over a trunk. (C P3)
        small acwoutoffcalls;
        /// Their seconds. (C P3)
        small acwoutofftime;
        /// Those of them dialled by a program. (C P3)
        small acwoutadjcalls;
        /// Extension calls taken in AUX, on the longest-held skill. (C P3; I)
        small auxincalls;
        /// Their seconds. (C P3)
        small auxintime;
        /// Extension calls made in AUX, consultations included. (C P3)
        small auxoutcalls;
        /// Their seconds. (C P3)
        small auxouttime;
        /// Those of them over a trunk. (C P3)
        small auxoutoffcalls;
        /// Their seconds. (C P3)
        small auxoutofftime;
        /// Those of them dialled by a program. (C P3)
        small auxoutadjcalls;
        /// Consultations with a caller of this skill on hold. (C P3)
        small acdauxoutcalls;
        /// Always 0: nobody is interrupted in AUX.
        small acceptedintrs in r19;
        /// Always 0: nobody is interrupted in AUX.
        small rejectedintrs in r19;
        /// Always 0: nobody is interrupted in AUX.
        small intrnotifies in r19;
        /// Always 0: nobody is interrupted in AUX.
        small intrdeliveries in r19;
        /// Always 0: there is no intelligent customer routing.
        integer icrpullcalls in r19;
        /// Always 0: there is no intelligent customer routing.
        integer icrpulltime in r19;
        /// Always 0: there is no intelligent customer routing.
        integer da_icrpullcalls in r19;
        /// Always 0: there is no intelligent customer routing.
        integer da_icrpulltime in r19;
        /// 1 if the link to the switch was down in the interval; in daily tables the number of such intervals. (C P3)
        small incomplete;
        /// Always 0: its meaning is not known.
        small partial_archive in r19;
    }
}
