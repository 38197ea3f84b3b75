//! `4021,"Smith, A",AUXOUT,Lunch,,252` between a line of titles and an empty line.

use super::{Context, Sheet};
use crate::floor::Agent;
use floorwire_sim_centre::event::Named;

pub(super) fn sheet<'a>(
    sheet: &mut Sheet,
    context: &Context<'_>,
    agents: impl Iterator<Item = &'a Agent>,
) {
    sheet.text("Login,Name,State,Reason,Skill,Seconds\r\n");
    agents.for_each(|agent| row(sheet, context, agent));
    sheet.text("\r\n");
}

fn row(sheet: &mut Sheet, context: &Context<'_>, agent: &Agent) {
    let shown = agent.shown;
    sheet.record();
    sheet.put(format_args!("{},", agent.login));
    quoted(sheet, &context.agent_name(agent.login));
    let (state, direction) = shown.glued(context.renamed);
    sheet.put(format_args!(",{state}{direction},"));
    if let Some(reason) = shown.aux_reason {
        if context.renamed {
            sheet.text("*");
        }
        field(sheet, &context.named(Named::AuxReason, u32::from(reason)));
    }
    sheet.text(",");
    if let Some(skill) = shown.skill {
        let number = u32::try_from(skill).unwrap_or(0);
        field(sheet, &context.named(Named::Skill, number));
    }
    sheet.put(format_args!(
        ",{}\r\n",
        context.duration_s(agent.since_utc_s)
    ));
}

fn field(sheet: &mut Sheet, text: &str) {
    if text.contains([',', '"', '\r', '\n']) {
        quoted(sheet, text);
    } else {
        sheet.text(text);
    }
}

fn quoted(sheet: &mut Sheet, text: &str) {
    sheet.text("\"");
    sheet.text(&text.replace('"', "\"\""));
    sheet.text("\"");
}
