//! Disks that are full, read-only or damaged.

use super::hub::Hub;
use super::{ACD, AGENTS, PORT, event, number, open, settings};
use floorwire_link::live_buffer::{FILE_NAME, LiveBuffer};
use floorwire_model::live::LiveChange;
use floorwire_tests::small_disk::SmallDisk;
use std::io::{Seek, SeekFrom, Write};
use std::path::Path;
use std::process::Command;
use std::time::Duration;

/// Waits until something holds; the buffer tries a broken disk again by itself.
async fn until(mut holds: impl AsyncFnMut() -> bool) {
    let limit = tokio::time::Instant::now() + Duration::from_secs(60);
    while !holds().await {
        assert!(tokio::time::Instant::now() < limit, "it did not recover");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

const MOUNT: &str = "FLOORWIRE_TEST_BUFFER_MOUNT";

#[test]
fn a_full_disk_loses_nothing_and_stops_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let mount = folder.path().join("disk");
    std::fs::create_dir(&mount).unwrap();
    let disk = SmallDisk::mount(&mount, 4).unwrap();
    let mut child = Command::new(std::env::current_exe().unwrap());
    child
        .args(["disk::child_on_a_small_disk", "--exact", "--ignored"])
        .env(MOUNT, &mount);
    let output = disk.enter(&child).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(
        output.status.success() && said.contains("1 passed"),
        "{said}{errors}"
    );
}

/// Runs where the small disk is seen. Not a test of its own.
#[tokio::test]
#[ignore = "started by the test that mounts a small disk"]
async fn child_on_a_small_disk() {
    let Some(mount) = std::env::var_os(MOUNT) else {
        return;
    };
    let mount = Path::new(&mount);
    let buffer = open(mount);
    let mut hub = Hub::default();
    buffer.append((0..300).map(event).collect());
    hub.fetch_all(&buffer).await;
    let filler = mount.join("filler");
    let mut file = std::fs::File::create(&filler).unwrap();
    for size in [64 * 1024, 4096, 1] {
        while file.write_all(&vec![0; size]).is_ok() {}
    }
    // So many that what is free in the file and its log is used up.
    for group in 0..40 {
        let first = 300 + group * 500;
        buffer.append((first..first + 500).map(event).collect());
        buffer.flush().await;
    }
    assert!(!buffer.flush().await, "a full disk takes 20,000 events?");
    assert!(!buffer.report().degraded, "they fit into memory");
    // The Hub gets them all the same.
    while hub.stored.len() < 20_300 {
        assert!(hub.call(&buffer).await > 0, "{} arrived", hub.stored.len());
    }
    buffer.append((20_300..20_400).map(event).collect());
    drop(file);
    std::fs::remove_file(filler).unwrap();
    until(async || buffer.flush().await).await;
    hub.fetch_all(&buffer).await;
    assert_eq!(hub.numbers(), (0..20_400).collect::<Vec<_>>());
    // And the file knows the agents as they are.
    let known = buffer.known(PORT).await;
    assert_eq!(known.agents.len(), usize::try_from(AGENTS).unwrap());
    let oldest = known.agents.iter().map(|agent| agent.since_utc_ms).min();
    assert_eq!(oldest, Some(super::NOON_MS + 20_400 - AGENTS));
    buffer.stop().await;
}

#[tokio::test]
async fn a_folder_that_is_not_there_yet_is_tried_again() {
    let folder = tempfile::tempdir().unwrap();
    let later = folder.path().join("later");
    let buffer = open(&later);
    buffer.append((0..10).map(event).collect());
    assert!(!buffer.flush().await);
    let batch = buffer.batch().await;
    assert!(batch.events.is_empty() && !batch.epoch.is_empty());
    std::fs::create_dir(&later).unwrap();
    until(async || buffer.flush().await).await;
    let mut hub = Hub::default();
    hub.fetch_all(&buffer).await;
    assert_eq!(hub.numbers(), (0..10).collect::<Vec<_>>());
    buffer.stop().await;
}

#[tokio::test]
async fn a_damaged_file_is_set_aside_and_a_new_epoch_begins() {
    let folder = tempfile::tempdir().unwrap();
    let buffer = open(folder.path());
    buffer.append((0..2_000).map(event).collect());
    buffer.flush().await;
    let before = buffer.batch().await.epoch;
    buffer.stop().await;
    let path = folder.path().join(FILE_NAME);
    let length = std::fs::metadata(&path).unwrap().len();
    let mut file = std::fs::OpenOptions::new().write(true).open(&path).unwrap();
    for page in 0..length / 4096 {
        file.seek(SeekFrom::Start(page * 4096)).unwrap();
        file.write_all(&[0xA5; 512]).unwrap();
    }
    drop(file);
    let buffer = open(folder.path());
    let mut hub = Hub::default();
    buffer.append((2_000..2_010).map(event).collect());
    hub.fetch_all(&buffer).await;
    assert_eq!(hub.numbers(), (2_000..2_010).collect::<Vec<_>>());
    assert!(!hub.marks.contains_key(&before));
    let names = std::fs::read_dir(folder.path()).unwrap();
    let names: Vec<_> = names
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    assert!(
        names
            .iter()
            .any(|name| name.starts_with("live-buffer.sqlite.damaged-")),
        "{names:?}"
    );
    buffer.stop().await;
}

#[tokio::test]
async fn a_damaged_row_is_told_as_missing() {
    let folder = tempfile::tempdir().unwrap();
    let buffer = open(folder.path());
    buffer.append((0..100).map(event).collect());
    buffer.flush().await;
    buffer.stop().await;
    let file = rusqlite::Connection::open(folder.path().join(FILE_NAME)).unwrap();
    file.execute(
        "UPDATE event SET received_utc_ms = received_utc_ms + 7 WHERE position = 11",
        [],
    )
    .unwrap();
    file.close().unwrap();
    let buffer = open(folder.path());
    let mut hub = Hub::default();
    hub.fetch_all(&buffer).await;
    assert_eq!(hub.stored.len(), 100);
    assert!(matches!(
        hub.stored[10].change,
        LiveChange::Dropped { events: 1, .. }
    ));
    assert_eq!((hub.stored[10].port, hub.stored[10].acd), (PORT, ACD));
    assert_eq!(number(&hub.stored[11]), 11);
    buffer.stop().await;
}

#[tokio::test]
async fn the_file_is_private_and_of_one_pairing() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let buffer = open(folder.path());
    buffer.append(vec![event(0)]);
    buffer.flush().await;
    let path = folder.path().join(FILE_NAME);
    let log = folder.path().join(format!("{FILE_NAME}-wal"));
    for file in [&path, &log] {
        assert_eq!(
            std::fs::metadata(file).unwrap().permissions().mode() & 0o777,
            0o600
        );
    }
    buffer.stop().await;
    let mut other = settings(folder.path());
    other.owner = "fwl_1_3_".into();
    let buffer = LiveBuffer::start(other).unwrap();
    let mut hub = Hub::default();
    hub.fetch_all(&buffer).await;
    assert!(hub.stored.is_empty(), "another pairing's events");
    buffer.stop().await;
}
