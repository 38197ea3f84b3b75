//! The sections of a profile's text, each read to the part of [`Profile`] it says.

use super::read::{layout, states, states_of_rows};
use super::toml_text::{Faults, Section, elements};
use super::{Identity, Limits, LineEnd, Lines, Mode, Profile};
use encoding_rs::{ISO_8859_15, UTF_8, WINDOWS_1252};
use floorwire_model::ids::AcdNumber;
use floorwire_model::live::ProfileFault;
use regex::Regex;
use std::collections::HashSet;
use toml::de::DeTable;

const SECOND_MS: i64 = 1_000;
/// Silence that ends a snapshot is at least so long, milliseconds.
const MIN_IDLE_END_MS: i64 = 500;
/// A feed of snapshots is stale after three periods, but not before, seconds.
const MIN_STALE_S: i64 = 30;
/// A feed of changes may be silent so long, seconds.
const DELTA_STALE_S: i64 = 1_800;
/// Longest text of a profile, bytes.
const MAX_TEXT_BYTES: usize = 256 * 1024;

pub(super) fn profile(text: &str) -> Result<Profile, Vec<ProfileFault>> {
    let mut faults = Faults::new(text);
    if text.len() > MAX_TEXT_BYTES {
        faults.add(None, "", format!("is longer than {MAX_TEXT_BYTES} bytes"));
        return Err(faults.into_list());
    }
    let (table, errors) = DeTable::parse_recoverable(text);
    if !errors.is_empty() {
        for error in errors {
            faults.add(
                error.span(),
                "",
                format!("is not TOML: {}", error.message()),
            );
        }
        return Err(faults.into_list());
    }
    let read = read(table.get_ref(), text, &mut faults);
    match (read, faults.is_empty()) {
        (Some(profile), true) => Ok(profile),
        _ => Err(faults.into_list()),
    }
}

fn read(table: &DeTable<'_>, text: &str, faults: &mut Faults<'_>) -> Option<Profile> {
    let mut root = Section::root(table);
    let name = name(&mut root, faults);
    let version = root.number("version", 1..=1_000_000, faults).unwrap_or(1);
    let description = root
        .text("description", faults)
        .map(|(text, _)| text.to_owned());
    let modes = [("snapshot", Mode::Snapshot), ("delta", Mode::Delta)];
    let mode = root
        .choice("mode", &modes, faults)
        .unwrap_or(Mode::Snapshot);
    let period_s = root.number("period_s", 1..=3_600, faults).unwrap_or(15);

    let mut section = root.section("connection", faults);
    let styles = [("lasting", false), ("per_snapshot", true)];
    let per_snapshot = section.choice("style", &styles, faults).unwrap_or(false);
    section.finish(faults);

    let mut section = root.section("framing", faults);
    let line_end = line_end(&mut section, faults);
    let max_line_bytes = section
        .number("max_line_bytes", 64..=1_048_576, faults)
        .unwrap_or(8_192);
    let encodings = [
        ("ascii", WINDOWS_1252),
        ("latin1", WINDOWS_1252),
        ("latin9", ISO_8859_15),
        ("utf-8", UTF_8),
    ];
    let encoding = section
        .choice("encoding", &encodings, faults)
        .unwrap_or(WINDOWS_1252);
    section.finish(faults);

    let mut lines_section = root.section("lines", faults);
    let lines = lines(&mut lines_section, faults);
    lines_section.finish(faults);

    let mut layout_section = root.section("layout", faults);
    let mut columns_section = root.section("columns", faults);
    let layout = layout(&mut layout_section, &mut columns_section, faults);
    let empty_values = texts(&mut layout_section, "empty_values", faults);
    layout_section.finish(faults);
    columns_section.finish(faults);

    let mut section = root.section("identity", faults);
    let identity = identity(&mut section, faults);
    section.finish(faults);

    let vocabulary = states(&mut root, faults);
    let mut section = root.section("rows", faults);
    let (rows_per_skill, precedence) = states_of_rows(&mut section, faults);
    section.finish(faults);

    let mut section = root.section("snapshot", faults);
    let limits = limits(&mut section, mode, period_s, faults);
    section.finish(faults);
    root.finish(faults);

    let (layout, columns) = layout?;
    Some(Profile {
        name: name?,
        version: u32::try_from(version).unwrap_or(1),
        description: description.unwrap_or_default(),
        mode,
        period_ms: period_s * SECOND_MS,
        connection_per_snapshot: per_snapshot,
        line_end,
        max_line_bytes: usize::try_from(max_line_bytes).unwrap_or(8_192),
        encoding,
        layout,
        lines,
        columns,
        empty_values,
        identity,
        vocabulary,
        rows_per_skill,
        precedence,
        limits,
        words: words(text),
    })
}

fn name(root: &mut Section<'_>, faults: &mut Faults<'_>) -> Option<String> {
    let Some((name, span)) = root.text("name", faults) else {
        if root.value("name").is_none() {
            faults.add(None, "name", "is missing: give the profile a name");
        }
        return None;
    };
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    if name.is_empty() || name.len() > 64 || !name.chars().all(fits) {
        let message = "must be 1 to 64 letters, digits, dots, hyphens or underscores";
        faults.add(Some(span), "name", message);
    }
    Some(name.to_owned())
}

fn line_end(section: &mut Section<'_>, faults: &mut Faults<'_>) -> LineEnd {
    let ends = [
        ("auto", Some(LineEnd::Auto)),
        ("lf", Some(LineEnd::Lf)),
        ("crlf", Some(LineEnd::Lf)),
        ("cr", Some(LineEnd::Cr)),
        ("nul", Some(LineEnd::Nul)),
        ("fixed", None),
    ];
    let end = section
        .choice("line_end", &ends, faults)
        .unwrap_or(Some(LineEnd::Auto));
    let length = section.number("record_bytes", 2..=1_048_576, faults);
    let place = section.value("record_bytes").map(|(_, span)| span);
    match (end, length) {
        (None, Some(length)) => LineEnd::Fixed(usize::try_from(length).unwrap_or(2)),
        (None, None) => {
            if place.is_none() {
                let message = "is missing: line_end = \"fixed\" needs the length of a record";
                faults.add(section.span(), "framing.record_bytes", message);
            }
            LineEnd::Auto
        }
        (Some(end), _) => {
            if place.is_some() {
                let message = "has no effect without line_end = \"fixed\"";
                faults.add(place, "framing.record_bytes", message);
            }
            end
        }
    }
}

pub(super) fn pattern(
    section: &mut Section<'_>,
    key: &'static str,
    faults: &mut Faults<'_>,
) -> Option<Regex> {
    let (text, span) = section.text(key, faults)?;
    compiled(text, span, &section.path(key), faults)
}

fn compiled(
    text: &str,
    span: std::ops::Range<usize>,
    key: &str,
    faults: &mut Faults<'_>,
) -> Option<Regex> {
    match regex::RegexBuilder::new(text).size_limit(1 << 20).build() {
        Ok(pattern) => Some(pattern),
        Err(error) => {
            let reason = error.to_string();
            let reason = reason.lines().last().unwrap_or_default().trim().to_owned();
            faults.add(
                Some(span),
                key,
                format!("is no regular expression: {reason}"),
            );
            None
        }
    }
}

fn lines(section: &mut Section<'_>, faults: &mut Faults<'_>) -> Lines {
    let header = pattern(section, "header", faults);
    let footer = pattern(section, "footer", faults);
    let blank_ends = section.flag("blank_ends", false, faults);
    let mut skip = Vec::new();
    if let Some((value, span)) = section.value("skip") {
        match elements(value) {
            Some(list) => {
                for (value, span) in list {
                    match value.as_str() {
                        Some(text) => skip.extend(compiled(text, span, "lines.skip", faults)),
                        None => faults.add(Some(span), "lines.skip", "must hold texts in quotes"),
                    }
                }
            }
            None => faults.add(
                Some(span),
                "lines.skip",
                "must be a list of texts: ['^Title']",
            ),
        }
    }
    Lines {
        header,
        footer,
        blank_ends,
        skip,
    }
}

fn texts(section: &mut Section<'_>, key: &'static str, faults: &mut Faults<'_>) -> Vec<String> {
    let Some((value, span)) = section.value(key) else {
        return Vec::new();
    };
    let path = section.path(key);
    let Some(list) = elements(value) else {
        faults.add(Some(span), &path, "must be a list of texts: [\"-\"]");
        return Vec::new();
    };
    let mut all = Vec::new();
    for (value, span) in list {
        match value.as_str() {
            Some(text) => all.push(text.trim().to_owned()),
            None => faults.add(Some(span), &path, "must hold texts in quotes"),
        }
    }
    all
}

fn identity(section: &mut Section<'_>, faults: &mut Faults<'_>) -> Identity {
    let characters = [("digits", true), ("any", false)];
    Identity {
        digits_only: section
            .choice("login_characters", &characters, faults)
            .unwrap_or(true),
        strip_leading_zeros: section.flag("strip_leading_zeros", false, faults),
        acd: section
            .number("acd", 1..=99, faults)
            .and_then(|acd| i32::try_from(acd).ok())
            .map(AcdNumber),
    }
}

fn limits(section: &mut Section<'_>, mode: Mode, period_s: i64, faults: &mut Faults<'_>) -> Limits {
    let mut number =
        |key, bounds, default: i64| section.number(key, bounds, faults).unwrap_or(default);
    let small = |number: i64| u32::try_from(number).unwrap_or(1);
    let period_ms = period_s * SECOND_MS;
    let stale_s = match mode {
        Mode::Snapshot => (3 * period_s).max(MIN_STALE_S),
        Mode::Delta => DELTA_STALE_S,
    };
    Limits {
        absent_snapshots: small(number("absent_snapshots", 1..=100, 2)),
        idle_end_ms: number(
            "idle_end_ms",
            50..=600_000,
            (period_ms * 2 / 5).max(MIN_IDLE_END_MS),
        ),
        other_grace_ms: number("other_grace_ms", 0..=600_000, 5_000),
        stale_after_ms: number("stale_after_s", 2..=86_400, stale_s) * SECOND_MS,
        drop_percent: small(number("drop_percent", 1..=100, 50)),
        drop_minimum: small(number("drop_minimum", 1..=100_000, 5)),
        drop_accept_ms: number("drop_accept_s", 0..=86_400, 600) * SECOND_MS,
        frozen_snapshots: small(number("frozen_snapshots", 2..=1_000, 3)),
        frozen_after_ms: number("frozen_after_s", 0..=86_400, 0) * SECOND_MS,
    }
}

/// Words of the text, lower case: what its author wrote down is nobody's name.
fn words(text: &str) -> HashSet<String> {
    text.split(|c: char| !c.is_alphanumeric())
        .filter(|word| word.chars().any(char::is_alphabetic))
        .map(str::to_lowercase)
        .collect()
}
