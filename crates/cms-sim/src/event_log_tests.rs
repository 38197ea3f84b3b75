use super::*;
use crate::calls::SplitKey;
use crate::log_reader::read_calls;

fn header() -> Header {
    Header {
        format: FORMAT,
        simulation: "test".into(),
        zone: "UTC".into(),
        interval_minutes: 30,
        service_level_seconds: 20,
        from_utc: 0,
        queues: vec![LoggedQueue {
            acd: 1,
            split: 11,
            name: "Orders".into(),
        }],
    }
}

fn call(number: i64) -> Call {
    Call {
        name: format!("call-{number}"),
        key: SplitKey { acd: 1, split: 11 },
        queued_utc_s: number * 10,
        ringing_utc_s: Some(number * 10 + 1),
        ending: Ending::Answered {
            answered_utc_s: number * 10 + 3,
            hold_utc_s: Some((number * 10 + 4, number * 10 + 5)),
            released_utc_s: number * 10 + 8,
            completed_utc_s: number * 10 + 9,
        },
    }
}

fn names(path: &Path) -> (Vec<String>, i64) {
    let mut names = Vec::new();
    let (_, through) = read_calls(path, |_, call| {
        names.push(call.call);
        Ok(())
    })
    .unwrap();
    (names, through)
}

#[test]
fn a_batch_that_was_cut_at_any_byte_is_as_if_never_begun() {
    let folder = tempfile::tempdir().unwrap();
    let whole = folder.path().join("whole.jsonl");
    let mut log = EventLog::create(&whole, &header(), false).unwrap();
    log.append(&[call(1), call(2)], 100).unwrap();
    let first_batch = std::fs::metadata(&whole).unwrap().len();
    log.append(&[call(12), call(13)], 200).unwrap();
    drop(log);
    let bytes = std::fs::read(&whole).unwrap();
    let header_end = bytes.iter().position(|byte| *byte == b'\n').unwrap() + 1;
    for cut in header_end..bytes.len() {
        let path = folder.path().join("cut.jsonl");
        std::fs::write(&path, &bytes[..cut]).unwrap();
        let kept = if u64::try_from(cut).unwrap() < first_batch {
            (Vec::new(), 0)
        } else {
            (vec!["call-1".to_owned(), "call-2".to_owned()], 100)
        };
        assert_eq!(names(&path), kept, "cut at {cut}");
        let mut log = EventLog::open(&path, "test").unwrap();
        assert_eq!(log.through_utc_s(), kept.1);
        log.append(&[call(12), call(13)], 200).unwrap();
        drop(log);
        let mut expected = kept.0;
        expected.extend(["call-12".to_owned(), "call-13".to_owned()]);
        assert_eq!(names(&path), (expected, 200), "cut at {cut}");
    }
}

#[test]
fn a_long_unfinished_batch_is_cut_off() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log.jsonl");
    let mut log = EventLog::create(&path, &header(), false).unwrap();
    log.append(&[call(1)], 100).unwrap();
    let many: Vec<Call> = (11..5_000).map(call).collect();
    log.append(&many, 60_000).unwrap();
    drop(log);
    let mut bytes = std::fs::read(&path).unwrap();
    bytes.truncate(bytes.len() - 3);
    std::fs::write(&path, bytes).unwrap();
    assert_eq!(EventLog::open(&path, "test").unwrap().through_utc_s(), 100);
    assert_eq!(names(&path), (vec!["call-1".to_owned()], 100));
}

#[test]
fn logs_of_others_and_damaged_lines_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log.jsonl");
    let log = EventLog::create(&path, &header(), false).unwrap();
    assert!(matches!(
        EventLog::open(&path, "test"),
        Err(SimError::LogLocked { .. })
    ));
    drop(log);
    assert!(matches!(
        EventLog::create(&path, &header(), false),
        Err(SimError::LogExists { .. })
    ));
    assert!(matches!(
        EventLog::open(&path, "other"),
        Err(SimError::LogOfAnotherSimulation { .. })
    ));
    let mut text = std::fs::read_to_string(&path).unwrap();
    text.push_str("{\"line\":\"call\",\"call\":\n");
    std::fs::write(&path, text).unwrap();
    assert!(matches!(
        read_calls(&path, |_, _| Ok(())),
        Err(SimError::LogLine { line: 2, .. })
    ));
}
