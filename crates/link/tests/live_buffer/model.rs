//! Random actions, compared with what a buffer has to be: every event arrives once, in order, whatever restarts, whatever
//! answer is lost, and whichever of disk and Hub goes back in time.

use super::hub::Hub;
use super::{event, open};
use floorwire_link::live_buffer::{FILE_NAME, LiveBuffer};
use proptest::prelude::*;
use std::path::Path;

#[derive(Clone, Debug)]
enum Action {
    Append(u8),
    Call,
    LoseAnswer,
    Restart,
    BackUpHub,
    RestoreHub,
    BackUpDisk,
    RestoreDisk,
}

fn action() -> impl Strategy<Value = Action> {
    prop_oneof![
        6 => (1..60u8).prop_map(Action::Append),
        6 => Just(Action::Call),
        3 => Just(Action::LoseAnswer),
        2 => Just(Action::Restart),
        1 => Just(Action::BackUpHub),
        1 => Just(Action::RestoreHub),
        1 => Just(Action::BackUpDisk),
        1 => Just(Action::RestoreDisk),
    ]
}

/// Which events may be missing at the Hub, or twice, since a disk went back.
struct World {
    hub: Hub,
    hub_backup: Option<Hub>,
    /// Numbers on the disk when it was copied: all below.
    disk_backup: Option<i64>,
    next: i64,
    /// Numbers that went with a disk.
    gone: Vec<i64>,
}

async fn play(actions: Vec<Action>) -> Result<(), TestCaseError> {
    let folder = tempfile::tempdir().unwrap();
    let copy = tempfile::tempdir().unwrap();
    let mut buffer = open(folder.path());
    let mut world = World {
        hub: Hub::default(),
        hub_backup: None,
        disk_backup: None,
        next: 0,
        gone: Vec::new(),
    };
    for action in actions {
        match action {
            Action::Append(count) => {
                let end = world.next + i64::from(count);
                buffer.append((world.next..end).map(event).collect());
                world.next = end;
                buffer.flush().await;
            }
            Action::Call => {
                world.hub.call(&buffer).await;
            }
            Action::LoseAnswer => {
                let batch = buffer.batch().await;
                world.hub.take(&batch);
            }
            Action::Restart => buffer = restarted(buffer, folder.path()).await,
            Action::BackUpHub => world.hub_backup = Some(world.hub.clone()),
            Action::RestoreHub => {
                if let Some(backup) = &world.hub_backup {
                    world.hub = backup.clone();
                }
            }
            Action::BackUpDisk => {
                // A copy from before the first contact since a start cannot be told from another history: see the buffer's
                // head. Its events would come twice.
                world.hub.call(&buffer).await;
                buffer.stop().await;
                std::fs::copy(folder.path().join(FILE_NAME), copy.path().join(FILE_NAME)).unwrap();
                world.disk_backup = Some(world.next);
                buffer = open(folder.path());
            }
            Action::RestoreDisk => {
                if let Some(end) = world.disk_backup {
                    buffer.stop().await;
                    std::fs::copy(copy.path().join(FILE_NAME), folder.path().join(FILE_NAME))
                        .unwrap();
                    let stored = world.hub.numbers();
                    // Not fetched before the disk went back: lost with it.
                    world
                        .gone
                        .extend((end..world.next).filter(|number| !stored.contains(number)));
                    // Only one of the two can go back: what neither has is nowhere.
                    world.hub_backup = None;
                    buffer = open(folder.path());
                }
            }
        }
    }
    world.hub.fetch_all(&buffer).await;
    buffer.stop().await;
    let mut arrived = world.hub.numbers();
    let in_order = arrived.windows(2).all(|pair| pair[0] < pair[1]);
    prop_assert!(in_order, "not in order, or twice: {arrived:?}");
    arrived.extend(world.gone);
    arrived.sort_unstable();
    arrived.dedup(); // gone twice, where the same disk went back twice
    prop_assert_eq!(arrived, (0..world.next).collect::<Vec<_>>());
    Ok(())
}

async fn restarted(buffer: LiveBuffer, folder: &Path) -> LiveBuffer {
    buffer.stop().await;
    open(folder)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_event_arrives_once_and_in_order(actions in prop::collection::vec(action(), 1..40)) {
        tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(play(actions))?;
    }
}
