//! Cases shared with the browser's code, in `vectors.json`:
//!
//! - `parse`: a text, its keywords and values, what may be shown, and its two parts for sealing;
//! - `refused`: texts that are no connection strings, and why; none may leak `hunter2`;
//! - `admit`: the answer on a host with the drivers and data source named below;
//! - `reunite`: an open part and an unsealed text, and what becomes of them.

#![allow(clippy::unwrap_used, clippy::panic)] // helpers of tests fail like tests

use floorwire_connection_string::{
    ConnectionString, ParseError, Refusal, Unbound, admit, open_part_has_secret, reunite,
};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Vectors {
    parse: Vec<Parse>,
    refused: Vec<Refused>,
    admit: Vec<Admit>,
    reunite: Vec<Reunite>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Parse {
    text: String,
    pairs: Vec<(String, String)>,
    shown: String,
    open: String,
    to_seal: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Refused {
    text: String,
    error: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Admit {
    text: String,
    answer: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Reunite {
    why: String,
    open: String,
    unsealed: String,
    exposed: Option<String>,
    changed: Option<Vec<String>>,
}

fn vectors() -> Vectors {
    serde_json::from_str(include_str!("vectors.json")).unwrap()
}

#[test]
fn strings_are_parsed_shown_and_split() {
    for case in vectors().parse {
        let parsed = ConnectionString::parse(&case.text).unwrap();
        let pairs: Vec<(String, String)> = parsed
            .pairs()
            .map(|(keyword, value)| (keyword.to_owned(), value.to_owned()))
            .collect();
        assert_eq!(pairs, case.pairs, "{}", case.text);
        assert_eq!(parsed.expose(), case.text);
        assert_eq!(parsed.to_string(), case.shown);
        assert_eq!(
            format!("{parsed:?}"),
            format!("ConnectionString({})", case.shown)
        );
        let parts = parsed.split_for_sealing();
        assert_eq!(parts.open, case.open);
        assert_eq!(parts.to_seal, case.to_seal);
        assert_eq!(open_part_has_secret(&parts.open), None, "{}", case.text);
        let again = reunite(&parts.open, &parts.to_seal).unwrap();
        assert!(again.pairs().eq(parsed.pairs()), "{}", case.text);
    }
}

#[test]
fn what_cannot_be_read_is_refused_without_its_values() {
    for case in vectors().refused {
        let error = ConnectionString::parse(&case.text).unwrap_err();
        let code = match &error {
            ParseError::Empty => "empty",
            ParseError::NoEqualsSign { .. } => "no_equals_sign",
            ParseError::NoKeyword { .. } => "no_keyword",
            ParseError::StrangeKeyword { .. } => "strange_keyword",
            ParseError::UnclosedBrace { .. } => "unclosed_brace",
            ParseError::TextAfterBrace { .. } => "text_after_brace",
            ParseError::Repeated { .. } => "repeated",
            ParseError::ControlCharacter => "control_character",
            other => panic!("{other:?}"),
        };
        assert_eq!(code, case.error, "{}", case.text);
        let printed = format!("{error} {error:?}");
        assert!(
            !printed.contains("hunter2") && !printed.contains("ter2"),
            "{printed}"
        );
        assert!(open_part_has_secret(&case.text).is_some());
    }
}

#[test]
fn only_what_this_host_has_is_admitted() {
    let drivers: Vec<String> = [
        "IBM INFORMIX ODBC DRIVER",
        "PostgreSQL Unicode",
        "SQLite3",
        "MariaDB Unicode",
    ]
    .map(str::to_owned)
    .to_vec();
    let dsns = ["AvayaCMS".to_owned()];
    for case in vectors().admit {
        let parsed = ConnectionString::parse(&case.text).unwrap();
        let answer = match admit(&parsed, &drivers, &dsns) {
            Ok(()) => "admitted",
            Err(Refusal::NoDriver) => "no_driver",
            Err(Refusal::DsnWithDriver) => "dsn_with_driver",
            Err(Refusal::DriverPath) => "driver_path",
            Err(Refusal::DriverNotRegistered { .. }) => "driver_not_registered",
            Err(Refusal::DataSourceUnknown { .. }) => "data_source_unknown",
            Err(Refusal::Keyword { .. }) => "keyword",
            Err(Refusal::Hidden { .. }) => "hidden",
            Err(other) => panic!("{other:?}"),
        };
        assert_eq!(answer, case.answer, "{}", case.text);
    }
}

#[test]
fn parts_that_do_not_belong_together_are_refused() {
    for case in vectors().reunite {
        match reunite(&case.open, &case.unsealed) {
            Ok(whole) => assert_eq!(
                Some(whole.expose()),
                case.exposed.as_deref(),
                "{}",
                case.why
            ),
            Err(Unbound::Changed { keywords }) => {
                assert_eq!(Some(keywords), case.changed, "{}", case.why);
            }
            Err(other) => panic!("{}: {other:?}", case.why),
        }
    }
    assert!(matches!(
        reunite("DSN=a;PWD=hunter2", "floorwire-connection-1\ndsn=a\npwd=p"),
        Err(Unbound::OpenSecret { .. })
    ));
    for unsealed in [
        "",
        "dsn=a\npwd=p",
        "floorwire-connection-1\ndsn",
        "floorwire-connection-1\nDSN=a",
        "floorwire-connection-1\ndsn=a\ndsn=b",
    ] {
        assert_eq!(
            reunite("DSN=a;PWD={sealed}", unsealed),
            Err(Unbound::Sealed)
        );
    }
}
