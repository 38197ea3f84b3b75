//! A scenario with a played clock: what its feeds send over a period, without sockets and without waiting.

use crate::fault::Fault;
use crate::feed::{Feed, FeedError, Step};
use crate::options::FeedOptions;
use floorwire_sim_centre::event::{Event, Header};
use floorwire_sim_centre::scenario::{Scenario, ScenarioError};
use floorwire_sim_centre::world::World;
use jiff::civil::Date;

/// What is played.
#[derive(Clone, Debug)]
pub struct Performance<'a> {
    /// The site.
    pub scenario: &'a Scenario,
    /// The day on whose eve the site is empty.
    pub first_day: Date,
    /// Feeds begin to send, Unix milliseconds.
    pub from_utc_ms: i64,
    /// Feeds end, Unix milliseconds, exclusive.
    pub to_utc_ms: i64,
    /// The feeds.
    pub feeds: &'a [FeedOptions],
    /// What goes wrong with all of them.
    pub faults: &'a [Fault],
    /// Of what is drawn for the feeds; the site has its own.
    pub seed: u64,
}

/// Why it cannot be played.
#[derive(Debug, thiserror::Error)]
pub enum PlayError {
    /// The site.
    #[error(transparent)]
    Scenario(#[from] ScenarioError),
    /// A feed.
    #[error(transparent)]
    Feed(#[from] FeedError),
}

/// What is handed over while it is played, in order of time.
#[derive(Clone, Debug, PartialEq)]
pub enum Played<'a> {
    /// Of the site; from the first day on, also before feeds send.
    Event(&'a Event),
    /// Of the feed with this index.
    Step(usize, Step),
}

/// Plays it, and hands over what happens and what is sent. Returns the header of the event log, whose events are all
/// before `to_utc_ms`, rounded up to a second.
///
/// # Errors
/// A zone, date or ACD that cannot be played.
pub fn play(
    performance: &Performance<'_>,
    out: &mut dyn FnMut(Played<'_>),
) -> Result<Header, PlayError> {
    let (mut world, header) = World::new(performance.scenario, performance.first_day, "played")?;
    let mut feeds = Vec::new();
    for (options, index) in performance.feeds.iter().zip(0_i64..) {
        let feed = Feed::new(
            options,
            performance.faults,
            &header,
            performance.seed,
            index,
        )?;
        feeds.push(feed);
    }
    let mut advance = |feeds: &mut [Feed], until_utc_s: i64, out: &mut dyn FnMut(Played<'_>)| {
        world.advance(until_utc_s, &mut |event| {
            for feed in feeds.iter_mut() {
                feed.event(&event);
            }
            out(Played::Event(&event));
        });
    };
    // Events of a second are known in its first millisecond.
    advance(
        &mut feeds,
        performance.from_utc_ms.div_euclid(1_000) + 1,
        out,
    );
    for feed in &mut feeds {
        feed.begin(performance.from_utc_ms);
    }
    loop {
        let next = feeds
            .iter()
            .enumerate()
            .map(|(index, feed)| (feed.next_utc_ms(), index))
            .min();
        match next {
            Some((utc_ms, index)) if utc_ms < performance.to_utc_ms => {
                advance(&mut feeds, utc_ms.div_euclid(1_000) + 1, out);
                if let Some(feed) = feeds.get_mut(index) {
                    feed.step(&mut |step| out(Played::Step(index, step)));
                }
            }
            _ => break,
        }
    }
    let end_utc_s = performance.to_utc_ms.div_euclid(1_000)
        + i64::from(performance.to_utc_ms.rem_euclid(1_000) > 0);
    advance(&mut feeds, end_utc_s, out);
    Ok(header)
}
