//! Pages of 60 lines with fixed columns, one row per agent and skill.

use super::{Context, Sheet};
use crate::floor::{Agent, Held};
use crate::state::direction_text;

/// Rows of a page: 60 lines without title, empty line, headings and dashes.
const ROWS: usize = 56;

pub(super) fn pages<'a>(
    sheet: &mut Sheet,
    context: &Context<'_>,
    agents: impl Iterator<Item = &'a Agent>,
) {
    let (mut people, mut rows) = (0_usize, 0_usize);
    let mut page = 1;
    header(sheet, context, page);
    for agent in agents {
        people += 1;
        for held in &agent.held {
            if rows > 0 && rows.is_multiple_of(ROWS) {
                page += 1;
                header(sheet, context, page);
            }
            rows += 1;
            row(sheet, context, agent, held);
        }
    }
    sheet.put(format_args!(
        "End of report: {people} agents, {rows} rows\n"
    ));
}

fn header(sheet: &mut Sheet, context: &Context<'_>, page: i64) {
    title(sheet, context, page);
    sheet.text("\n");
    headings(sheet);
}

pub(super) fn title(sheet: &mut Sheet, context: &Context<'_>, page: i64) {
    let face = context.face(context.now_utc_s);
    sheet.put(format_args!(
        "\x0cAgent Status by Skill          ACD {:>3}   {:02}/{:02}/{:04} {:02}:{:02}:{:02}   Page {page:>3}\n",
        context.acd,
        face.month(),
        face.day(),
        face.year(),
        face.hour(),
        face.minute(),
        face.second()
    ));
}

pub(super) fn headings(sheet: &mut Sheet) {
    sheet.text(" ACD Login      Extn    Skill State     Dir  Rsn  Work  Lvl      Time\n");
    sheet.text("---- ---------- ------- ----- --------- ---- ---- ----- --- ---------\n");
}

fn row(sheet: &mut Sheet, context: &Context<'_>, agent: &Agent, held: &Held) {
    let seconds = context.duration_s(held.since_utc_s);
    let time = if seconds < 3_600 {
        format!("{}:{:02}", seconds / 60, seconds % 60)
    } else {
        format!(
            "{}:{:02}:{:02}",
            seconds / 3_600,
            seconds / 60 % 60,
            seconds % 60
        )
    };
    let shown = held.shown;
    let reason = shown.aux_reason.map(|reason| reason.to_string());
    let work = shown.skill.map(|skill| skill.to_string());
    sheet.record();
    sheet.put(format_args!(
        "{:>4} {:<10} {:<7} {:>5} {:<9} {:<4} {:>4} {:>5} {:>3} {:>9}\n",
        context.acd,
        agent.login,
        agent.extension,
        held.skill,
        shown.text(context.renamed),
        direction_text(shown.direction),
        reason.as_deref().unwrap_or(""),
        work.as_deref().unwrap_or(""),
        held.level,
        time
    ));
}
