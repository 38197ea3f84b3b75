//! `301204 80 0 0 0 232 0 1 801326 232 1`, then zeros up to 49 numbers.

use super::{Context, Sheet};
use crate::floor::Agent;

/// Skills of a record.
const PAIRS: usize = 20;

pub(super) fn row(sheet: &mut Sheet, context: &Context<'_>, agent: &Agent) {
    sheet.record();
    sheet.put(format_args!(
        "{} {} {} 0 0 {} 0 {} {}",
        agent.login,
        agent.shown.code(context.renamed),
        agent.shown.aux_reason.unwrap_or(0),
        agent.shown.skill.unwrap_or(0),
        context.acd,
        agent.extension
    ));
    for held in agent.held.iter().take(PAIRS) {
        sheet.put(format_args!(" {} {}", held.skill, held.level));
    }
    for _ in agent.held.len()..PAIRS {
        sheet.text(" 0 0");
    }
    sheet.text("\n");
}
