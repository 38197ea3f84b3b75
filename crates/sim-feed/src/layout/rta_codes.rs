//! `1|4021|50|3||117|00:04:12`

use super::{Context, Sheet};
use crate::floor::Agent;

pub(super) fn row(sheet: &mut Sheet, context: &Context<'_>, agent: &Agent) {
    let seconds = context.duration_s(agent.since_utc_s);
    sheet.record();
    sheet.put(format_args!(
        "{}|{}|{}|",
        context.acd,
        agent.login,
        agent.shown.code(context.renamed)
    ));
    if let Some(reason) = agent.shown.aux_reason {
        sheet.put(format_args!("{reason}"));
    }
    sheet.put(format_args!(
        "||{}|{:02}:{:02}:{:02}\n",
        agent.home(),
        seconds / 3_600,
        seconds / 60 % 60,
        seconds % 60
    ));
}
