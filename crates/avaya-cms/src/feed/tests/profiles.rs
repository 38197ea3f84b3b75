//! Texts of profiles.

use super::*;
use crate::feed::SHIPPED;
use floorwire_model::live::ProfileFault;

fn faults(text: &str) -> Vec<ProfileFault> {
    Profile::parse(text).unwrap_err()
}

#[test]
fn the_shipped_ones_are_right() {
    for shipped in SHIPPED {
        let profile = Profile::parse(shipped.text)
            .unwrap_or_else(|faults| panic!("{}: {faults:?}", shipped.name));
        assert_eq!(profile.name(), shipped.name);
        assert!(profile.version() == 1 && !profile.description().is_empty());
    }
    let stale = |name: &str| Profile::shipped(name).unwrap().stale_after_ms();
    assert_eq!(
        (stale("cisco-49"), stale("delta-events")),
        (45_000, 1_800_000)
    );
}

#[test]
fn all_faults_come_at_once_with_line_and_key() {
    let text = "name = \"my feed\"\nmode = \"snapshots\"\nperiod_s = 0\n\n[layout]\nseparator = \"xx\"\nfield_count = 7\n\n\
        [columns]\nlogin = 1\nstate = 8\naux_reson = 3\n\n[states]\ntable = \"rta\"\n\n[lines]\nheader = '('\nskip = '^x'\n\n\
        [reasons]\n\"Lunch\" = 100\n";
    let found: Vec<(Option<usize>, String)> = faults(text)
        .into_iter()
        .map(|fault| (fault.line, fault.key))
        .collect();
    let expected = [
        (1, "name"),
        (2, "mode"),
        (3, "period_s"),
        (6, "layout.separator"),
        (11, "columns.state"),
        (12, "columns.aux_reson"),
        (15, "states.table"),
        (18, "lines.header"),
        (19, "lines.skip"),
        (22, "reasons.Lunch"),
    ];
    let expected: Vec<(Option<usize>, String)> = expected
        .into_iter()
        .map(|(line, key)| (Some(line), key.to_owned()))
        .collect();
    assert!(
        expected.iter().all(|fault| found.contains(fault)),
        "{found:#?}"
    );
}

#[test]
fn what_is_missing_and_what_is_no_toml_is_said() {
    let keys: Vec<String> = faults("").into_iter().map(|fault| fault.key).collect();
    assert!(
        ["name", "columns.login", "columns.state", "states.table"]
            .iter()
            .all(|key| keys.iter().any(|k| k == key)),
        "{keys:?}"
    );
    let broken = faults("name = \"a\"\nmode = \n");
    assert_eq!((broken[0].line, broken[0].key.as_str()), (Some(2), ""));
    let typo = faults(
        "name = \"a\"\n[columns]\nlogin = 1\nstate = 2\nduratoin = 3\n[states]\ntable = \"rta_codes\"\n",
    );
    assert!(
        typo[0].message.contains("did you mean duration?"),
        "{typo:?}"
    );
}

#[test]
fn renamed_texts_directions_and_patterns() {
    let text = r##"
name = "own"
period_s = 5
[layout]
kind = "regex"
pattern = '^(?P<who>\d+)\s+(?P<what>\S+)(\s+(?P<way>rein|raus))?(\s+#(?P<why>\S+))?$'
[columns]
login = "who"
state = "what"
direction = "way"
aux_reason = "why"
[states]
table = "r21_texts"
[states.codes]
"PAUSE" = "aux"
"MITTAG" = { state = "aux", reason = 7 }
"HALTEN" = { state = "aux", direction = "out", hold = true }
[directions]
"rein" = "in"
"raus" = "out"
[reasons]
"Essen" = 4
"##;
    let mut desk = Desk::with(Profile::parse(text).unwrap(), context(AgentScope::All));
    let sheet = "1 pause raus #essen\n2 MITTAG\n3 halten\n4 Acd rein\n5 AVAIL\n6 weg\n";
    desk.send(sheet).send(sheet);
    let told = desk.told();
    assert_eq!(
        told,
        [
            "1 aux out #4 e0",
            "2 aux #7 e0",
            "3 aux out hold e0",
            "4 acd in e0",
            "5 available e0",
            "6 unknown raw weg e0"
        ]
    );
}

#[test]
fn database_numbers_with_a_direction_of_their_own() {
    let text = |into: &str| {
        format!(
            "name = \"numbers\"\n[layout]\nseparator = \"tab\"\nfield_count = {{ min = 3, max = 4 }}\n[columns]\nlogin = 1\nstate = 2\n\
             direction = 3\naux_reason = 4\n[identity]\nstrip_leading_zeros = true\n[states]\ntable = \"database_numbers\"\n[directions]\n\
             \"1\" = \"{into}\"\n"
        )
    };
    for into in ["in", "out"] {
        let mut desk = Desk::with(
            Profile::parse(&text(into)).unwrap(),
            context(AgentScope::All),
        );
        desk.send("0042\t4\t1\t3\n0043\t10\t0\n0042\t4\t1\t3\n");
        assert_eq!(
            desk.told(),
            [format!("42 aux {into} #3 e0"), "43 unstaffed e0".into()]
        );
    }
}
