//! How many records of 49 numbers are read a second, and how that compares with a bare loop that only finds the fields.
//! `cargo run --release -p floorwire-avaya-cms --example feed_parse`
#![expect(clippy::print_stdout, reason = "a measurement is printed")]

use floorwire_avaya_cms::feed::{Feed, FeedContext, Profile};
use floorwire_model::agents::scope::AgentScope;
use floorwire_model::ids::AcdNumber;
use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

const AGENTS: u32 = 5_000;
const FOR: Duration = Duration::from_secs(2);
/// Bytes of a read.
const READ: usize = 64 * 1024;

fn main() {
    let snapshot = snapshot();
    let loops = per_second(|_| {
        let mut fields: Vec<(u32, u32)> = Vec::with_capacity(64);
        for line in snapshot.split(|byte| *byte == b'\n') {
            fields.clear();
            split(line, &mut fields);
            black_box(&fields);
        }
    });
    println!("bare loop: {loops:>12.0} records/s");
    let Some(profile) = Profile::shipped("cisco-49") else {
        return;
    };
    let context = FeedContext {
        port: 7001,
        acd: AcdNumber(1),
        scope: AgentScope::All,
        generic_absence: false,
    };
    let mut feed = Feed::new(Arc::new(profile), context);
    let mut events = Vec::new();
    feed.connected(0, &mut events);
    let read = per_second(|round| {
        for bytes in snapshot.chunks(READ) {
            feed.receive(bytes, round * 3_000, &mut events);
        }
        events.clear();
    });
    println!("feed:      {read:>12.0} records/s");
    println!("ratio:     {:>12.2}", read / loops);
}

/// The best of short runs, since other programs use the machine too.
fn per_second(mut run: impl FnMut(i64)) -> f64 {
    let began = Instant::now();
    let mut best = f64::MAX;
    let mut round = 0;
    while began.elapsed() < FOR {
        let start = Instant::now();
        run(round);
        best = best.min(start.elapsed().as_secs_f64());
        round += 1;
    }
    f64::from(AGENTS) / best
}

fn split(line: &[u8], fields: &mut Vec<(u32, u32)>) {
    let mut start = 0_u32;
    let mut at = 0_u32;
    for byte in line {
        if *byte == b' ' {
            fields.push((start, at));
            start = at + 1;
        }
        at += 1;
    }
    fields.push((start, at));
}

fn snapshot() -> Vec<u8> {
    let mut text = String::new();
    for number in 0..AGENTS {
        let (code, skill) = match number % 3 {
            0 => (20, 0),
            1 => (32, 232),
            _ => (50, 0),
        };
        text.push_str(&format!(
            "{} {code} 0 0 0 {skill} 0 1 {} 232 1",
            301_204 + number,
            801_326 + number
        ));
        text.push_str(&" 0".repeat(38));
        text.push('\n');
    }
    text.into_bytes()
}
