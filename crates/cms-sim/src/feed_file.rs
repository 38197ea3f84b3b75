//! `feed-file`: what real-time feeds send over a period, into a file, with a played clock.
//!
//! The file holds frames (`floorwire_sim_feed::FramesWriter`) or the bytes of one feed alone. The event log says what agents really
//! did, the feed log when faults were on; both end with the period.

use std::fs::{File, OpenOptions};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::time::Instant;

use clap::ValueEnum;
use floorwire_sim_centre::log::Writer;
use floorwire_sim_centre::scenario::Scenario;
use floorwire_sim_feed::{
    Action, Fault, FeedOptions, Frame, FramesWriter, Journal, Lane, Performance, Played, Step, play,
};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use crate::error::SimError;

/// What the file holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum FileFormat {
    Frames,
    Raw,
}

/// What is asked for.
pub(crate) struct Request {
    pub scenario: Scenario,
    /// Days played before that of `from`, for scenarios without dates.
    pub days: u16,
    pub from: Timestamp,
    pub duration: SignedDuration,
    pub feeds: Vec<FeedOptions>,
    pub faults: Vec<Fault>,
    pub seed: u64,
    pub out: PathBuf,
    pub format: FileFormat,
    pub event_log: Option<PathBuf>,
    pub feed_log: Option<PathBuf>,
    pub replace: bool,
}

/// The line that `feed-file` prints.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Summary {
    action: &'static str,
    scenario: String,
    from: String,
    to: String,
    refreshes: u64,
    bytes: u64,
    connections: u64,
    seconds: f64,
}

enum Out {
    Frames(Box<FramesWriter<BufWriter<File>>>),
    Raw(BufWriter<File>),
}

/// Plays and writes.
pub(crate) fn run(request: &Request) -> Result<Summary, SimError> {
    let started = Instant::now();
    if request.format == FileFormat::Raw && request.feeds.len() != 1 {
        return Err(SimError::Range {
            what: "the number of feeds in a raw file".into(),
            remedy: "give one --feed, or --format frames",
        });
    }
    if request.duration <= SignedDuration::ZERO {
        return Err(SimError::Range {
            what: "the period".into(),
            remedy: "give a positive duration, such as --for 2h",
        });
    }
    let first_day = first_day(request)?;
    let to = request.from.checked_add(request.duration)?;
    let out = create(&request.out, request.replace)?;
    let mut recorder = Recorder {
        request,
        out: match request.format {
            FileFormat::Frames => {
                let writer = FramesWriter::new(out);
                Out::Frames(Box::new(writer.map_err(frames(&request.out))?))
            }
            FileFormat::Raw => Out::Raw(out),
        },
        journal: request.feed_log.as_deref().map(Journal::open).transpose()?,
        log: None,
        last_refresh: vec![0; request.feeds.len()],
        summary: Summary {
            action: "feed-file",
            scenario: request.scenario.name.clone(),
            from: request.from.to_string(),
            to: to.to_string(),
            refreshes: 0,
            bytes: 0,
            connections: 0,
            seconds: 0.0,
        },
    };
    let (from_utc_ms, to_utc_ms) = (request.from.as_millisecond(), to.as_millisecond());
    let performance = Performance {
        scenario: &request.scenario,
        first_day,
        from_utc_ms,
        to_utc_ms,
        feeds: &request.feeds,
        faults: &request.faults,
        seed: request.seed,
    };
    recorder.begin(&performance)?;
    let mut failed = None;
    play(&performance, &mut |played| {
        if failed.is_none() {
            failed = recorder.take(played).err();
        }
    })?;
    match failed {
        Some(error) => Err(error),
        None => recorder.finish(to_utc_ms, started),
    }
}

fn first_day(request: &Request) -> Result<jiff::civil::Date, SimError> {
    let zone = request
        .scenario
        .acds
        .first()
        .map_or("UTC", |acd| acd.zone.as_str());
    let day = TimeZone::get(zone)?.to_datetime(request.from).date();
    match request.scenario.first_day {
        Some(first_day) if first_day > day => Err(SimError::Range {
            what: "the begin of the period".into(),
            remedy: "give a --from that is not before the first day of the scenario",
        }),
        Some(first_day) => Ok(first_day),
        None => {
            let days = jiff::Span::new().try_days(i64::from(request.days))?;
            Ok(day.checked_sub(days)?)
        }
    }
}

fn create(path: &Path, replace: bool) -> Result<BufWriter<File>, SimError> {
    let mut options = OpenOptions::new();
    options.write(true);
    if replace {
        options.create(true).truncate(true);
    } else {
        options.create_new(true);
    }
    let file = options.open(path).map_err(SimError::file(path))?;
    Ok(BufWriter::with_capacity(1 << 18, file))
}

fn frames(path: &Path) -> impl FnOnce(floorwire_sim_feed::FramesError) -> SimError {
    let path = path.to_path_buf();
    move |cause| SimError::File {
        path,
        cause: std::io::Error::other(cause),
    }
}

/// Writes down what is played.
struct Recorder<'a> {
    request: &'a Request,
    out: Out,
    journal: Option<Journal>,
    log: Option<Writer>,
    last_refresh: Vec<u64>,
    summary: Summary,
}

impl Recorder<'_> {
    fn begin(&mut self, performance: &Performance<'_>) -> Result<(), SimError> {
        if let Some(path) = &self.request.event_log {
            // The header is known only when the site is made; it is the same each time.
            let (_, header) = floorwire_sim_centre::world::World::new(
                performance.scenario,
                performance.first_day,
                "played",
            )?;
            self.log = Some(Writer::create(path, &header, self.request.replace)?);
        }
        if let Some(journal) = &mut self.journal {
            for options in &self.request.feeds {
                journal.began(options, &self.request.faults, performance.from_utc_ms)?;
            }
        }
        Ok(())
    }

    fn take(&mut self, played: Played<'_>) -> Result<(), SimError> {
        match played {
            Played::Event(event) => {
                if let Some(log) = &mut self.log {
                    log.write(event)?;
                }
                Ok(())
            }
            Played::Step(feed, step) => self.step(feed, step),
        }
    }

    fn step(&mut self, feed: usize, step: Step) -> Result<(), SimError> {
        let Step {
            utc_ms,
            lane,
            action,
        } = &step;
        let options = self.request.feeds.get(feed);
        match action {
            Action::Connect => {
                self.summary.connections += 1;
                if let (Some(journal), Some(options)) = (&mut self.journal, options) {
                    journal.connected(options, *lane, *utc_ms)?;
                }
            }
            Action::Close(why) => {
                if let (Some(journal), Some(options)) = (&mut self.journal, options) {
                    journal.closed(options, *lane, *utc_ms, why.word())?;
                }
            }
            Action::Send { refresh, bytes } => {
                self.summary.bytes += u64::try_from(bytes.len()).unwrap_or(0);
                if let Some(last) = self.last_refresh.get_mut(feed)
                    && *lane == Lane::Main
                {
                    self.summary.refreshes += u64::from(*refresh != *last);
                    *last = *refresh;
                }
            }
        }
        match &mut self.out {
            Out::Frames(writer) => {
                let written = writer.write(&Frame::of(feed, step));
                written.map_err(frames(&self.request.out))
            }
            Out::Raw(writer) => match (&step.action, step.lane) {
                (Action::Send { bytes, .. }, Lane::Main) => writer
                    .write_all(bytes)
                    .map_err(SimError::file(&self.request.out)),
                _ => Ok(()),
            },
        }
    }

    fn finish(mut self, to_utc_ms: i64, started: Instant) -> Result<Summary, SimError> {
        if let Some(log) = &mut self.log {
            log.close_batch(to_utc_ms.div_euclid(1_000))?;
        }
        if let Some(journal) = &mut self.journal {
            for options in &self.request.feeds {
                journal.ended(options, to_utc_ms)?;
            }
        }
        match self.out {
            Out::Frames(writer) => writer.finish().map_err(frames(&self.request.out))?,
            Out::Raw(mut writer) => writer.flush().map_err(SimError::file(&self.request.out))?,
        }
        self.summary.seconds = started.elapsed().as_secs_f64();
        Ok(self.summary)
    }
}
