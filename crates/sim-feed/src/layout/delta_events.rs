//! `09:30:08;1;4021;50;0`

use super::{Context, Sheet};
use crate::floor::{Change, ChangeKind};
use crate::state::Shown;
use floorwire_sim_centre::event::Login;

const SIGN_ON: u16 = 100;
const SIGN_OFF: u16 = 110;

pub(super) fn change(sheet: &mut Sheet, context: &Context<'_>, change: &Change) {
    let (utc_s, login) = (change.utc_s, change.agent.login);
    match change.kind {
        ChangeKind::SignOn => event(sheet, context, utc_s, login, SIGN_ON, None),
        ChangeKind::SignOff => event(sheet, context, utc_s, login, SIGN_OFF, None),
        ChangeKind::State => line(sheet, context, utc_s, login, change.agent.shown),
        ChangeKind::Skills => {}
    }
}

pub(super) fn line(
    sheet: &mut Sheet,
    context: &Context<'_>,
    utc_s: i64,
    login: Login,
    shown: Shown,
) {
    let code = shown.code(context.renamed);
    event(sheet, context, utc_s, login, code, shown.aux_reason);
}

fn event(
    sheet: &mut Sheet,
    context: &Context<'_>,
    utc_s: i64,
    login: Login,
    code: u16,
    reason: Option<u8>,
) {
    let face = context.face(utc_s);
    sheet.record();
    sheet.put(format_args!(
        "{:02}:{:02}:{:02};{};{login};{code};",
        face.hour(),
        face.minute(),
        face.second(),
        context.acd
    ));
    if let Some(reason) = reason {
        sheet.put(format_args!("{reason}"));
    }
    sheet.text("\n");
}
