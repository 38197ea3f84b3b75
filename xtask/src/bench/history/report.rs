//! The figures of one history and the limits they are held against.

use crate::bench::yardstick::Fetched;
use serde_json::Value;

/// Ends a line whose figure is beyond its limit.
pub const MISSED: &str = "MISSED";

/// What is aimed at.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Rows per second of the first load to those of the bare fetch, at least.
    pub ratio: f64,
    /// A week read again as a share of the whole first load, less than.
    pub week_percent: f64,
    /// Link, worker, Hub, less than.
    pub peak_mb: [f64; 3],
}

/// What the Link asked of the CMS, from the load report.
#[derive(Clone, Copy, Debug, Default)]
pub struct Asked {
    /// Statements.
    pub statements: i64,
    /// Rows that arrived.
    pub rows: i64,
    /// How long the CMS was busy.
    pub busy_seconds: f64,
}

impl Asked {
    /// Adds an hour of the load report.
    pub fn plus(self, hour: &Value) -> Self {
        let whole = |name: &str| hour[name].as_i64().unwrap_or(0);
        Self {
            statements: self.statements + whole("statements"),
            rows: self.rows + whole("rows"),
            busy_seconds: self.busy_seconds + hour["busySeconds"].as_f64().unwrap_or(0.0),
        }
    }

    /// What came after an earlier report.
    pub fn since(&self, earlier: &Self) -> Self {
        Self {
            statements: self.statements - earlier.statements,
            rows: self.rows - earlier.rows,
            busy_seconds: self.busy_seconds - earlier.busy_seconds,
        }
    }

    fn text(&self) -> String {
        format!(
            "{} statements, {} rows, CMS busy {:.1} s",
            self.statements, self.rows, self.busy_seconds
        )
    }
}

/// One history, measured.
#[derive(Clone, Debug)]
pub struct Figures {
    /// So many times fewer days than in the whole history.
    pub scale: u32,
    /// The tables by the driver alone.
    pub bare: Vec<Fetched>,
    /// Rows that the Hub holds after the first load.
    pub rows: i64,
    /// The first load, until the integration is operational.
    pub first_seconds: f64,
    /// Processor time of the first load: Link, worker, Hub.
    pub first_cpu: [f64; 3],
    /// What the first load asked.
    pub first_asked: Asked,
    /// Days that were read again.
    pub again_days: u32,
    /// How long that took.
    pub again_seconds: f64,
    /// Its processor time: Link, worker, Hub.
    pub again_cpu: [f64; 3],
    /// What it asked.
    pub again_asked: Asked,
    /// Processor time of all three while nothing changed.
    pub quiet_cpu_s_per_minute: f64,
    /// What was asked while nothing changed.
    pub quiet_asked: Asked,
    /// Peak resident memory over all of it: Link, worker, Hub.
    pub peak_mb: [f64; 3],
}

impl Figures {
    /// One line per figure, with its limit.
    pub fn lines(&self, limits: &Limits) -> Vec<String> {
        let bare_rows: f64 = self.bare.iter().map(|one| f64::from(one.rows)).sum();
        let bare_seconds: f64 = self.bare.iter().map(|one| one.seconds).sum();
        let columns: Vec<String> = self
            .bare
            .iter()
            .map(|one| one.columns.to_string())
            .collect();
        let ratio = bare_seconds / self.first_seconds;
        let whole_load = self.first_seconds * f64::from(self.scale);
        let week = self.again_seconds * 7.0 / f64::from(self.again_days);
        let percent = week / whole_load * 100.0;
        let of_whole = match self.scale {
            1 => String::new(),
            scale => format!(" of {scale} times this first load"),
        };
        let mut lines = vec![
            format!(
                "first load     {:.1} min, {} rows, {:.0} rows/s; {}",
                self.first_seconds / 60.0,
                self.rows,
                bare_rows / self.first_seconds,
                cpu(self.first_cpu),
            ),
            format!("  it asked     {}", self.first_asked.text()),
            format!(
                "bare fetch     {:.0} rows/s ({} columns)",
                bare_rows / bare_seconds,
                columns.join(" + ")
            ),
            judged(
                format!("ratio          {ratio:.2}, at least {}", limits.ratio),
                ratio >= limits.ratio,
            ),
            judged(
                format!(
                    "week again     {week:.1} s, {percent:.1} %{of_whole}, under {} %",
                    limits.week_percent
                ),
                percent < limits.week_percent,
            ),
            format!(
                "  it asked     {} for {} days of each stream; {}",
                self.again_asked.text(),
                self.again_days,
                cpu(self.again_cpu)
            ),
            format!(
                "quiet          {:.2} CPU s a minute; asked {}",
                self.quiet_cpu_s_per_minute,
                self.quiet_asked.text()
            ),
        ];
        let names = ["link", "worker", "hub"];
        let peaks = self.peak_mb.iter().zip(limits.peak_mb);
        lines.extend(names.into_iter().zip(peaks).map(|(name, (peak, limit))| {
            judged(
                format!("peak {name:<6}    {peak:.0} MB, under {limit} MB"),
                *peak < limit,
            )
        }));
        lines
    }
}

fn cpu([link, worker, hub]: [f64; 3]) -> String {
    format!("CPU s link / worker / hub {link:.1} / {worker:.1} / {hub:.1}")
}

fn judged(text: String, kept: bool) -> String {
    format!("{text}: {}", if kept { "kept" } else { MISSED })
}
