//! Slows guessing of passwords down.
//!
//! Attempts are counted when they begin and given back when they succeed, so that many at once do not slip through. Three
//! counts run over a window of 15 minutes: one user from one address, one user from anywhere, one address for any user.
//! The first is the strict one; the second is wide enough that a stranger cannot easily lock a user out. The counts live in
//! the memory of the process and are bounded: when the table is full, the oldest entries go.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

const WINDOW: Duration = Duration::from_secs(15 * 60);
const PER_USER_AND_ADDRESS: u32 = 5;
const PER_USER: u32 = 50;
const PER_ADDRESS: u32 = 100;
const MOST_ENTRIES: usize = 20_000;

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Key {
    Pair(String, IpAddr),
    User(String),
    Address(IpAddr),
}

impl Key {
    fn limit(&self) -> u32 {
        match self {
            Self::Pair(..) => PER_USER_AND_ADDRESS,
            Self::User(_) => PER_USER,
            Self::Address(_) => PER_ADDRESS,
        }
    }
}

#[derive(Clone, Copy, Debug)]
struct Count {
    since: Instant,
    attempts: u32,
}

/// Too many attempts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Throttled {
    /// Seconds until the next attempt is taken.
    pub retry_after_s: u64,
}

/// The counts of this process.
#[derive(Debug, Default)]
pub struct Throttle {
    counts: Mutex<HashMap<Key, Count>>,
}

impl Throttle {
    /// Counts an attempt, or refuses it.
    pub fn begin(&self, email: &str, address: IpAddr, now: Instant) -> Result<(), Throttled> {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        let keys = keys(email, address);
        for key in &keys {
            let Some(count) = counts.get(key) else {
                continue;
            };
            let age = now.saturating_duration_since(count.since);
            if age < WINDOW && count.attempts >= key.limit() {
                return Err(Throttled {
                    retry_after_s: (WINDOW - age).as_secs() + 1,
                });
            }
        }
        make_room(&mut counts, now);
        for key in keys {
            let count = counts.entry(key).or_insert(Count {
                since: now,
                attempts: 0,
            });
            if now.saturating_duration_since(count.since) >= WINDOW {
                *count = Count {
                    since: now,
                    attempts: 0,
                };
            }
            count.attempts += 1;
        }
        Ok(())
    }

    /// Gives an attempt back that was right; the user's count from this address starts anew.
    pub fn succeeded(&self, email: &str, address: IpAddr) {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        for key in keys(email, address) {
            if matches!(key, Key::Pair(..)) {
                counts.remove(&key);
            } else if let Some(count) = counts.get_mut(&key) {
                count.attempts = count.attempts.saturating_sub(1);
            }
        }
    }
}

fn keys(email: &str, address: IpAddr) -> [Key; 3] {
    [
        Key::Pair(email.to_owned(), address),
        Key::User(email.to_owned()),
        Key::Address(address),
    ]
}

fn make_room(counts: &mut HashMap<Key, Count>, now: Instant) {
    if counts.len() + 3 <= MOST_ENTRIES {
        return;
    }
    counts.retain(|_, count| now.saturating_duration_since(count.since) < WINDOW);
    if counts.len() + 3 <= MOST_ENTRIES {
        return;
    }
    let mut ages: Vec<Instant> = counts.values().map(|count| count.since).collect();
    ages.sort_unstable();
    let Some(&oldest_kept) = ages.get(MOST_ENTRIES / 4) else {
        return;
    };
    counts.retain(|_, count| count.since > oldest_kept);
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::Ipv4Addr;

    const HOME: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1));
    const ELSEWHERE: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 2));

    #[test]
    fn the_sixth_attempt_waits_and_others_do_not() {
        let throttle = Throttle::default();
        let start = Instant::now();
        for _ in 0..PER_USER_AND_ADDRESS {
            throttle.begin("a@example.org", HOME, start).unwrap();
        }
        let later = start + Duration::from_secs(60);
        let refused = throttle.begin("a@example.org", HOME, later).unwrap_err();
        assert_eq!(refused.retry_after_s, 14 * 60 + 1);
        throttle.begin("a@example.org", ELSEWHERE, later).unwrap();
        throttle.begin("b@example.org", HOME, later).unwrap();
        throttle
            .begin("a@example.org", HOME, start + WINDOW)
            .unwrap();
    }

    #[test]
    fn a_right_password_starts_anew() {
        let throttle = Throttle::default();
        let now = Instant::now();
        for _ in 0..40 {
            throttle.begin("a@example.org", HOME, now).unwrap();
            throttle.succeeded("a@example.org", HOME);
        }
    }

    #[test]
    fn the_table_stays_bounded() {
        let throttle = Throttle::default();
        let start = Instant::now();
        for number in 0..u32::try_from(MOST_ENTRIES).unwrap() {
            let at = start + Duration::from_millis(u64::from(number));
            throttle
                .begin(
                    &number.to_string(),
                    IpAddr::V4(Ipv4Addr::from_bits(number)),
                    at,
                )
                .unwrap();
        }
        assert!(throttle.counts.lock().unwrap().len() <= MOST_ENTRIES);
    }
}
