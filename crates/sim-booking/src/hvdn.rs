//! The figures of `hvdn` and `dvdn`.
//!
//! The order of the columns is not known; the reference lists them by subject. Marks: D documented by the vendor, C seen
//! in public code, I inferred.

use crate::table::figures;

figures! {
    /// A vector directory number in an interval.
    Hvdn {
        /// abncalls + acdcalls + othercalls: calls that were completed here. (C P3)
        small incalls;
        /// acdtime + abntime + anstime + holdtime + othertime. (C P3)
        integer intime;
        /// Those of `incalls` that another VDN sent here. (C P3; I)
        small inflowcalls;
        /// Always 0: no call comes back from a station.
        small returncalls;
        /// Calls that reached the VDN in the interval, by `Arrived` or `Routed`. (C P3)
        small i_arrived;
        /// Calls answered through a skill or directly, booked at `Worked`. (C P3; D S18)
        small acdcalls;
        /// Their talk without hold, seconds. (C P3)
        integer acdtime;
        /// Their after-call work, seconds. (C P3)
        integer acwtime;
        /// Seconds from the moment at which they reached this VDN to the answer. (C P3)
        integer anstime;
        /// Always 0: calls are queued at once, not as backup.
        small backupcalls;
        /// Calls delivered to a station without the ACD, booked at `Ended`. (C P3)
        small connectcalls;
        /// Seconds from the VDN to the station's answer. (C P3; I)
        integer connecttime;
        /// Seconds of their talk. (C P3)
        integer conntalktime;
        /// Calls whose caller hung up: in the vector, in queue, ringing, or a phantom abandon. (C P3)
        small abncalls;
        /// Seconds from the VDN to their end. (C P3)
        integer abntime;
        /// Those of `abncalls` that were queued. (C P3)
        small abnquecalls;
        /// Those of `abncalls` that were ringing. (C P3)
        small abnringcalls;
        /// Those of `abncalls` that were answered, but shorter than the phantom timer. (C P3)
        small phantomabns;
        /// `abncalls` by waiting time: up to `period1`, ..., beyond `period9`. (C P3)
        small abncalls_by_wait: "abncalls#" 1 to 10;
        /// `acdcalls` and `connectcalls` by waiting time. (C P3)
        small ansconncalls_by_wait: "ansconncalls#" 1 to 10;
        /// busycalls + connectcalls + disccalls + outflowcalls. (C P3)
        small othercalls;
        /// Seconds from the VDN to the end of those. (C P3; I)
        integer othertime;
        /// Calls that got a busy tone. (C P3)
        small busycalls;
        /// Their seconds. (C P3)
        integer busytime;
        /// Calls that the vector hung up on. (C P3)
        small disccalls;
        /// Their seconds. (C P3)
        integer disctime;
        /// Those of `disccalls` before any queue. (I)
        small vdisccalls in r19;
        /// Calls sent on, to another VDN (booked then) or out of the ACD. (C P3)
        small outflowcalls;
        /// Their seconds here. (C P3)
        integer outflowtime;
        /// Those of `outflowcalls` that left the ACD. (I)
        small interflowcalls;
        /// Always 0: nothing looks ahead.
        small lookflowcalls;
        /// Always 0: nothing looks ahead.
        small lookattempts;
        /// Always 0: nothing is deflected.
        small deflectcalls in r19;
        /// Always 0: no adjunct routes.
        small adjattempts;
        /// Always 0: no adjunct routes.
        small adjrouted;
        /// Always 0: there is one switch.
        small netincalls in r19;
        /// Always 0: there is one switch.
        integer netintime in r19;
        /// Always 0: there is one switch.
        small netdisccalls in r19;
        /// Always 0: there is one switch.
        small netpolls in r19;
        /// Always 0: there is one switch.
        small bsrplan in r19;
        /// Calls booked here that rang. (C P3)
        small ringcalls;
        /// Seconds from the last `Ringing` to the answer or abandon. (C P3)
        integer ringtime;
        /// Times that a call booked here rang without an answer. (C P3)
        small noansredir;
        /// Those of `acdcalls` that were transferred. (C P3)
        small transferred;
        /// Those of `acdcalls` with a hold. (C P3)
        small holdcalls;
        /// Seconds on hold of those. (C P3)
        integer holdtime;
        /// `holdcalls`: there are no others here. (C P3)
        small holdacdcalls;
        /// `holdtime`: there is no other here. (C P3)
        integer holdacdtime;
        /// Those of `acdcalls` whose caller hung up on hold. (C P3)
        small holdabncalls;
        /// Answered within the threshold of the VDN, skill and direct calls and connected ones. (C P3)
        small acceptable;
        /// The service level threshold of the VDN, seconds. (C P3)
        same servicelevel;
        /// Always 0: the threshold of a VDN does not change.
        small svclevelchg;
        /// Upper bounds of the waiting time classes, seconds. (C P3)
        same period: "period#" 1 to 9;
        /// Always 0: classes do not change.
        small periodchg;
        /// Those of `abncalls` within the threshold. (C P3)
        small slvlabns;
        /// Those of `outflowcalls` within the threshold. (C P3)
        small slvloutflows;
        /// The skills to which calls were queued last, by rank. (C P3; I)
        same skill: "skill#" 1 to 3;
        /// `acdcalls` answered through the skill of each rank. (C P3)
        small skillcalls: "skillcalls#" 1 to 3;
        /// Their talk, seconds. (C P3)
        integer skilltime: "skilltime#" 1 to 3;
        /// Their after-call work, seconds. (C P3)
        integer skillacwtime: "skillacwtime#" 1 to 3;
        /// Longest time from the VDN to the end of waiting, of calls booked here, seconds. (I)
        max maxocwtime;
        /// Always 0: calls in vectors are not counted at each moment.
        max maxwaiting;
        /// 1 if the link to the switch was down in the interval; in daily tables the number of such intervals. (C P3)
        small incomplete;
        /// `acdcalls` of reserve agents, by level. (C P3)
        small acdcalls_r: "acdcalls_r#" 1 to 2;
    }
}
