//! What holds for every string.

use floorwire_connection_string::{
    ConnectionString, DriverKind, MASK, open_part_has_secret, redact_assignments, reunite,
};
use proptest::prelude::*;

proptest! {
    #[test]
    fn no_text_makes_the_parser_panic_or_change_it(text in "\\PC{0,60}") {
        if let Ok(parsed) = ConnectionString::parse(&text) {
            prop_assert_eq!(parsed.expose(), &text);
            let _ = format!("{parsed} {parsed:?}");
            prop_assert_eq!(open_part_has_secret(&parsed.split_for_sealing().open), None);
        }
        let _ = redact_assignments(&text);
    }

    #[test]
    fn strings_of_the_alphabet_of_connection_strings(text in "[a-cPWD={};* ]{0,24}") {
        if let Ok(parsed) = ConnectionString::parse(&text) {
            prop_assert_eq!(parsed.expose(), &text);
            let parts = parsed.split_for_sealing();
            let again = reunite(&parts.open, &parts.to_seal).unwrap();
            prop_assert!(again.pairs().eq(parsed.pairs()));
            // What is shown can be read again, and has the same keywords.
            let shown = ConnectionString::parse(&parsed.to_string()).unwrap();
            prop_assert!(shown.pairs().map(|(k, _)| k).eq(parsed.pairs().map(|(k, _)| k)));
        }
    }

    #[test]
    fn any_password_survives_and_never_shows(password in "[!-~é]{6,20}") {
        let string = ConnectionString::parse("DSN=a;UID=u").unwrap().with("PWD", &password);
        prop_assert_eq!(string.get("pwd"), Some(password.as_str()));
        let parsed = ConnectionString::parse(string.expose()).unwrap();
        prop_assert_eq!(parsed.get("PWD"), Some(password.as_str()));
        let printed = format!("{parsed} {parsed:?}");
        prop_assert!(!printed.contains(&password));
        let parts = parsed.split_for_sealing();
        prop_assert!(!parts.open.contains(&password));
        let message = format!("[driver] login {password} failed, tried PWD={password}");
        prop_assert!(!parsed.redact(&message).contains(&password));
    }
}

#[test]
fn assignments_are_masked_in_any_text() {
    for (text, expected) in [
        (
            "failed: DSN=a;PWD=x y;UID=u",
            format!("failed: DSN=a;PWD={MASK};UID=u"),
        ),
        ("Pwd={a;b}};c};UID=u", format!("Pwd={MASK};UID=u")),
        ("password = x", format!("password ={MASK}")),
        ("no = secret", "no = secret".to_owned()),
        ("PWD={never closed;UID=u", format!("PWD={MASK}")),
        ("=x;é=y;PWD=", "=x;é=y;PWD=".to_owned()),
    ] {
        assert_eq!(redact_assignments(text), expected);
    }
}

#[test]
fn drivers_get_what_keeps_their_memory_small() {
    let defaults = |text: &str| {
        let string = ConnectionString::parse(text)
            .unwrap()
            .with_driver_defaults();
        string.expose().to_owned()
    };
    assert_eq!(
        defaults("DRIVER={PostgreSQL Unicode};SERVER=h;"),
        "DRIVER={PostgreSQL Unicode};SERVER=h;UseDeclareFetch=1;Fetch=1000;CommLog=0;Debug=0;"
    );
    assert_eq!(
        defaults("DRIVER=psqlodbcw;B6=0;Fetch=5;commlog=1;B2=1"),
        "DRIVER=psqlodbcw;B6=0;Fetch=5;commlog=0;B2=0;Debug=0"
    );
    assert_eq!(
        defaults("DRIVER=SQLite3;Database=x"),
        "DRIVER=SQLite3;Database=x;StepAPI=1"
    );
    assert_eq!(
        defaults("DRIVER=SQLite3;stepapi=0"),
        "DRIVER=SQLite3;stepapi=0"
    );
    for unchanged in [
        "DSN=AvayaCMS;DELIMIDENT=y;",
        "DRIVER={IBM INFORMIX ODBC DRIVER};HOST=h",
    ] {
        assert_eq!(defaults(unchanged), unchanged);
    }
    let kind = |text: &str| ConnectionString::parse(text).unwrap().driver_kind();
    assert_eq!(kind("DRIVER={MariaDB Unicode}"), DriverKind::MariaDb);
    assert!(kind("driver=MySQL ODBC 8.0").loads_whole_results());
    assert!(!kind("DSN=x").loads_whole_results());
}
