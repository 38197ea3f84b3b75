//! Layout, columns and code tables of a profile's text.

use super::sections::pattern;
use super::toml_text::{Faults, Section, Value, elements, whole};
use super::{Column, Columns, Layout, Separator, SkillPairs};
use crate::feed::codes::{Meaning, StateTable, Vocabulary};
use floorwire_model::agents::{CallDirection, WorkState};

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Delimited,
    Fixed,
    Pattern,
}

/// Layout and columns; `None` when faults were found that leave none.
pub(super) fn layout(
    section: &mut Section<'_>,
    columns: &mut Section<'_>,
    faults: &mut Faults<'_>,
) -> Option<(Layout, Columns)> {
    let kinds = [
        ("delimited", Kind::Delimited),
        ("fixed_width", Kind::Fixed),
        ("regex", Kind::Pattern),
    ];
    let kind = section
        .choice("kind", &kinds, faults)
        .unwrap_or(Kind::Delimited);
    let separator = separator(section, faults);
    let quotes = section.flag("quotes", false, faults);
    let (min_fields, max_fields) = field_count(section, faults);
    let regex = pattern(section, "pattern", faults);
    for (key, belongs) in [
        ("separator", Kind::Delimited),
        ("quotes", Kind::Delimited),
        ("field_count", Kind::Delimited),
        ("pattern", Kind::Pattern),
    ] {
        if let (Some((_, span)), true) = (section.value(key), kind != belongs) {
            faults.add(
                Some(span),
                &section.path(key),
                "has no effect in a layout of this kind",
            );
        }
    }
    let layout = match kind {
        Kind::Delimited => Layout::Delimited {
            separator,
            quotes,
            min_fields,
            max_fields,
        },
        Kind::Fixed => Layout::FixedWidth,
        Kind::Pattern => match regex {
            Some(regex) => Layout::Pattern(regex),
            None => {
                if section.value("pattern").is_none() {
                    let message = "is missing: kind = \"regex\" needs a pattern with named groups";
                    faults.add(section.span(), "layout.pattern", message);
                }
                return None;
            }
        },
    };
    let mut read = |key| column(columns, key, &layout, max_fields, faults);
    let (login, state) = (read("login"), read("state"));
    let rest = Columns {
        login: login.unwrap_or(Column::Field(0)),
        state: state.unwrap_or(Column::Field(0)),
        direction: read("direction"),
        aux_reason: read("aux_reason"),
        skill: read("skill"),
        skill_level: read("skill_level"),
        row_skill: read("row_skill"),
        row_level: read("row_level"),
        acd: read("acd"),
        duration: read("duration"),
        name: read("name"),
        hold: read("hold"),
        skills: None,
    };
    for (key, found) in [("login", login), ("state", state)] {
        if found.is_none() && columns.value(key).is_none() {
            let message = "is missing: every record says who and what";
            faults.add(columns.span(), &format!("columns.{key}"), message);
        }
    }
    let skills = skill_pairs(columns, &layout, max_fields, faults);
    (login.is_some() && state.is_some()).then_some((layout, Columns { skills, ..rest }))
}

fn separator(section: &mut Section<'_>, faults: &mut Faults<'_>) -> Separator {
    let Some((text, span)) = section.text("separator", faults) else {
        return Separator::Spaces;
    };
    match (text, text.as_bytes()) {
        ("spaces", _) => Separator::Spaces,
        ("tab", _) => Separator::Byte(b'\t'),
        (_, [byte @ 1..=127])
            if !byte.is_ascii_alphanumeric() && *byte != b'\n' && *byte != b'\r' =>
        {
            Separator::Byte(*byte)
        }
        _ => {
            let message = format!(
                "\"{text}\" is no separator; \"spaces\", \"tab\" or one ASCII character that is no letter, digit or line end"
            );
            faults.add(Some(span), "layout.separator", message);
            Separator::Spaces
        }
    }
}

/// An exact number, or `{ min = 5, max = 9 }`, or nothing.
fn field_count(section: &mut Section<'_>, faults: &mut Faults<'_>) -> (usize, usize) {
    let Some((value, span)) = section.value("field_count") else {
        return (1, MAX_FIELDS);
    };
    let size = |number: Option<i64>| number.and_then(|n| usize::try_from(n).ok());
    let bounds = match value.as_table() {
        Some(table) => {
            let of = |key: &str| table.get(key).map(|value| whole(value.get_ref()));
            let only_known = table
                .iter()
                .all(|(key, _)| matches!(key.get_ref().as_ref(), "min" | "max"));
            match (of("min"), of("max")) {
                (Some(None), _) | (_, Some(None)) => None,
                (min, max) if only_known => Some((
                    size(min.flatten()).unwrap_or(1),
                    size(max.flatten()).unwrap_or(MAX_FIELDS),
                )),
                _ => None,
            }
        }
        None => size(whole(value)).map(|number| (number, number)),
    };
    match bounds {
        Some((min, max)) if min >= 1 && min <= max && max <= MAX_FIELDS => (min, max),
        _ => {
            let message =
                format!("must be a number from 1 to {MAX_FIELDS}, or {{ min = 5, max = 9 }}");
            faults.add(Some(span), "layout.field_count", message);
            (1, MAX_FIELDS)
        }
    }
}

/// Most fields of a line.
const MAX_FIELDS: usize = 1_000;

fn column(
    section: &mut Section<'_>,
    key: &'static str,
    layout: &Layout,
    max_fields: usize,
    faults: &mut Faults<'_>,
) -> Option<Column> {
    let (value, span) = section.value(key)?;
    let found = match layout {
        Layout::Delimited { .. } => field_number(value, max_fields).map(Column::Field),
        Layout::FixedWidth => place(value),
        Layout::Pattern(pattern) => value.as_str().and_then(|group| {
            let at = pattern.capture_names().position(|name| name == Some(group));
            at.map(Column::Field)
        }),
    };
    if found.is_none() {
        let message = match layout {
            Layout::Delimited { .. } if max_fields == MAX_FIELDS => {
                "must be the number of a field, the first is 1".to_owned()
            }
            Layout::Delimited { .. } => {
                format!(
                    "must be the number of a field, from 1 to {max_fields} (layout.field_count)"
                )
            }
            Layout::FixedWidth => "must be [first character, length], the first is 1".to_owned(),
            Layout::Pattern(pattern) => {
                let names: Vec<&str> = pattern.capture_names().flatten().collect();
                format!(
                    "must be the name of a group of the pattern: {}",
                    names.join(", ")
                )
            }
        };
        faults.add(Some(span), &section.path(key), message);
    }
    found
}

fn field_number(value: &toml::de::DeValue<'_>, max_fields: usize) -> Option<usize> {
    let number = usize::try_from(whole(value)?).ok()?;
    (1..=max_fields).contains(&number).then(|| number - 1)
}

fn place(value: &toml::de::DeValue<'_>) -> Option<Column> {
    let mut numbers = elements(value)?.map(|(value, _)| whole(value));
    let (first, length) = (numbers.next()??, numbers.next()??);
    let first = usize::try_from(first).ok()?.checked_sub(1)?;
    let length = usize::try_from(length).ok()?;
    let fits = length >= 1 && first + length <= 10_000 && numbers.next().is_none();
    fits.then_some(Column::Span(first, first + length))
}

fn skill_pairs(
    section: &mut Section<'_>,
    layout: &Layout,
    max_fields: usize,
    faults: &mut Faults<'_>,
) -> Option<SkillPairs> {
    let (value, span) = section.value("skills")?;
    let number = |key: &str| {
        let table = value.as_table()?;
        usize::try_from(whole(table.get(key)?.get_ref())?).ok()
    };
    let fault = match (layout, number("first"), number("pairs")) {
        (Layout::Delimited { .. }, Some(first @ 1..), Some(pairs @ 1..=500))
            if first.saturating_add(2 * pairs) <= max_fields + 1 =>
        {
            return Some(SkillPairs {
                first: first - 1,
                pairs,
            });
        }
        (Layout::Delimited { .. }, ..) => {
            "must be { first = 10, pairs = 20 }, within the fields of layout.field_count"
        }
        _ => "is possible in a delimited layout only",
    };
    faults.add(Some(span), "columns.skills", fault);
    None
}

/// `[states]`, `[directions]` and `[reasons]`.
pub(super) fn states(root: &mut Section<'_>, faults: &mut Faults<'_>) -> Vocabulary {
    let mut vocabulary = Vocabulary::default();
    let mut section = root.section("states", faults);
    let table = section.choice("table", &StateTable::NAMES, faults);
    if table.is_none() && section.value("table").is_none() {
        let message = "is missing: name the table of codes, since their numbers clash";
        faults.add(section.span(), "states.table", message);
    }
    let table = table.unwrap_or(StateTable::Custom);
    for (text, meaning) in table.entries() {
        vocabulary.states.insert(text, meaning);
    }
    let mut numeric = table.is_numeric();
    let own = section.section("codes", faults);
    for (text, value) in own.entries() {
        numeric &= text.trim().parse::<u32>().is_ok();
        match meaning(&value) {
            Ok(meaning) => vocabulary.states.insert(text, meaning),
            Err(message) => faults.add(Some(value.1), &own.path(text), message),
        }
    }
    vocabulary.numeric_states = numeric;
    if table == StateTable::Custom && vocabulary.states.is_empty() {
        let message =
            "is empty: table = \"custom\" needs entries such as \"READY\" = \"available\"";
        faults.add(section.span(), "states.codes", message);
    }
    let suffixes = section.flag("direction_suffixes", false, faults);
    section.finish(faults);

    let directions = root.section("directions", faults);
    for (text, direction) in [
        ("IN", Some(CallDirection::In)),
        ("OUT", Some(CallDirection::Out)),
        ("0", None),
    ] {
        vocabulary.directions.insert(text, direction);
        if let (true, Some(direction)) = (suffixes, direction) {
            vocabulary.suffixes.push((text.to_owned(), direction));
        }
    }
    for (text, (value, span)) in directions.entries() {
        let direction = match value.as_str() {
            Some("none") => None,
            Some("in") => Some(CallDirection::In),
            Some("out") => Some(CallDirection::Out),
            _ => {
                let message = "must be \"in\", \"out\" or \"none\"";
                faults.add(Some(span), &directions.path(text), message);
                continue;
            }
        };
        vocabulary.directions.insert(text, direction);
        if let (true, Some(direction)) = (suffixes, direction) {
            vocabulary.suffixes.retain(|(known, _)| known != text);
            vocabulary.suffixes.push((text.to_owned(), direction));
        }
    }
    let reasons = root.section("reasons", faults);
    for (text, (value, span)) in reasons.entries() {
        match whole(value).and_then(|number| i32::try_from(number).ok()) {
            Some(number @ 0..=99) => vocabulary.reasons.insert(text, number),
            _ => faults.add(
                Some(span),
                &reasons.path(text),
                "must be a reason from 0 to 99",
            ),
        }
    }
    vocabulary
}

/// `"aux"`, or `{ state = "aux", direction = "out", reason = 3, hold = true }`.
fn meaning((value, _): &Value<'_>) -> Result<Meaning, String> {
    let state = |name: &str| {
        WorkState::from_name(name).ok_or_else(|| {
            let names: Vec<&str> = WorkState::ALL.iter().map(|state| state.as_str()).collect();
            format!("\"{name}\" is no state; one of {}", names.join(", "))
        })
    };
    if let Some(name) = value.as_str() {
        return state(name).map(Meaning::of);
    }
    let shape =
        "must be a state, or { state = \"aux\", direction = \"out\", reason = 3, hold = true }";
    let Some(table) = value.as_table() else {
        return Err(shape.to_owned());
    };
    let name = table
        .get("state")
        .and_then(|value| value.get_ref().as_str());
    let mut meaning = Meaning::of(state(name.ok_or(shape)?)?);
    for (key, value) in table {
        let value = value.get_ref();
        match key.get_ref().as_ref() {
            "state" => {}
            "direction" => {
                let direction = value.as_str().and_then(CallDirection::from_name);
                meaning.direction = Some(direction.ok_or("direction must be \"in\" or \"out\"")?);
            }
            "reason" => match whole(value).and_then(|number| i32::try_from(number).ok()) {
                Some(number @ 0..=99) => meaning.reason = Some(number),
                _ => return Err("reason must be a number from 0 to 99".to_owned()),
            },
            "hold" => meaning.hold = value.as_bool().ok_or("hold must be true or false")?,
            other => return Err(format!("{other} is not known here; {shape}")),
        }
    }
    Ok(meaning)
}

/// What wins when the rows of one agent differ: the stronger first. AUX and after-call work with a call rank with extension calls.
const PRECEDENCE: [WorkState; 12] = [
    WorkState::DirectAcd,
    WorkState::Acd,
    WorkState::Ringing,
    WorkState::DirectAfterCall,
    WorkState::AfterCall,
    WorkState::Available,
    WorkState::Aux,
    WorkState::LogOn,
    WorkState::Other,
    WorkState::Unknown,
    WorkState::LogOff,
    WorkState::Unstaffed,
];

pub(super) fn states_of_rows(
    section: &mut Section<'_>,
    faults: &mut Faults<'_>,
) -> (bool, [u8; 16]) {
    let kinds = [("agent", false), ("agent_and_skill", true)];
    let per_skill = section.choice("per", &kinds, faults).unwrap_or(false);
    let mut order: Vec<WorkState> = Vec::new();
    if let Some((value, span)) = section.value("precedence") {
        let Some(list) = elements(value) else {
            faults.add(
                Some(span),
                "rows.precedence",
                "must be a list of states, the strongest first",
            );
            return (per_skill, ranks(&PRECEDENCE));
        };
        for (value, span) in list {
            match value.as_str().and_then(WorkState::from_name) {
                Some(state) if !order.contains(&state) => order.push(state),
                Some(_) => faults.add(Some(span), "rows.precedence", "names a state twice"),
                None => {
                    let names: Vec<&str> =
                        WorkState::ALL.iter().map(|state| state.as_str()).collect();
                    let message = format!("must name states: {}", names.join(", "));
                    faults.add(Some(span), "rows.precedence", message);
                }
            }
        }
    }
    let rest: Vec<WorkState> = PRECEDENCE
        .into_iter()
        .filter(|state| !order.contains(state))
        .collect();
    order.extend(rest);
    (per_skill, ranks(&order))
}

fn ranks(order: &[WorkState]) -> [u8; 16] {
    let mut ranks = [u8::MAX; 16];
    for (rank, state) in (0_u8..).zip(order) {
        if let Some(slot) = ranks.get_mut(*state as usize) {
            *slot = rank;
        }
    }
    ranks
}
