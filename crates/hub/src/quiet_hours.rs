//! Hours in which the source is spared: what is not urgent (first loads, readings of old dates) waits for their end. Pure.

use floorwire_model::time::UtcSecond;
use jiff::ToSpan;
use jiff::civil::{DateTime, Time};
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

/// A span of every day, by the source's clock. Over midnight where `to` is before `from`; the
/// whole day where they are equal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QuietHours {
    /// Begin.
    #[serde(with = "hours_and_minutes")]
    pub from: Time,
    /// End, exclusive.
    #[serde(with = "hours_and_minutes")]
    pub to: Time,
}

/// A time of day as `HH:MM`.
mod hours_and_minutes {
    use super::Time;
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    const FORM: &str = "%H:%M";

    pub fn serialize<S: Serializer>(time: &Time, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&time.strftime(FORM).to_string())
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Time, D::Error> {
        let text = String::deserialize(deserializer)?;
        super::time_of_day(&text).ok_or_else(|| {
            D::Error::custom(format!(
                "`{text}` is not a time of day; write it as HH:MM, such as 08:30"
            ))
        })
    }
}

/// Reads `HH:MM`.
pub fn time_of_day(text: &str) -> Option<Time> {
    (text.len() == 5)
        .then(|| Time::strptime("%H:%M", text).ok())
        .flatten()
}

impl QuietHours {
    /// The end of the span that `now` lies in.
    fn end_of(&self, now: DateTime) -> Option<DateTime> {
        let (from, to, time) = (self.from, self.to, now.time());
        let (inside, over_midnight) = match from < to {
            true => (from <= time && time < to, false),
            false => (time >= from || time < to, time >= from),
        };
        let date = match over_midnight {
            true => now.date().checked_add(1.day()).ok()?,
            false => now.date(),
        };
        inside.then(|| date.to_datetime(to))
    }
}

/// When the source may be asked for what is not urgent again; `None`: now.
pub fn quiet_until(spans: &[QuietHours], zone: &TimeZone, now: UtcSecond) -> Option<UtcSecond> {
    let timestamp = jiff::Timestamp::from_second(now.0).ok()?;
    let begun = zone.to_datetime(timestamp);
    let mut local = begun;
    // One span may begin where another ends; a day of quiet is looked at again tomorrow.
    while let Some(end) = spans.iter().filter_map(|span| span.end_of(local)).max() {
        local = end;
        if end.duration_since(begun).as_hours() >= 24 {
            break;
        }
    }
    if local == begun {
        return None;
    }
    let zoned = local.to_zoned(zone.clone()).ok()?;
    Some(UtcSecond(zoned.timestamp().as_second()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use floorwire_model::time::zone;
    use proptest::prelude::*;

    fn span(from: &str, to: &str) -> QuietHours {
        QuietHours {
            from: time_of_day(from).unwrap(),
            to: time_of_day(to).unwrap(),
        }
    }

    fn at(text: &str) -> UtcSecond {
        UtcSecond(text.parse::<jiff::Timestamp>().unwrap().as_second())
    }

    #[test]
    fn a_working_day_is_spared_until_its_end() {
        let paris = zone("Europe/Paris").unwrap();
        let spans = [span("08:00", "12:00"), span("12:00", "18:30")];
        let end = Some(at("2026-11-25T17:30:00Z"));
        assert_eq!(quiet_until(&spans, &paris, at("2026-11-25T07:00:00Z")), end);
        assert_eq!(quiet_until(&spans, &paris, at("2026-11-25T17:29:59Z")), end);
        assert_eq!(
            quiet_until(&spans, &paris, at("2026-11-25T17:30:00Z")),
            None
        );
        assert_eq!(
            quiet_until(&spans, &paris, at("2026-11-25T06:59:59Z")),
            None
        );
        assert_eq!(quiet_until(&[], &paris, at("2026-11-25T07:00:00Z")), None);
    }

    #[test]
    fn a_night_ends_on_the_next_day_and_a_missing_hour_does_not_hold_it() {
        let paris = zone("Europe/Paris").unwrap();
        let night = [span("22:00", "02:30")];
        assert_eq!(
            quiet_until(&night, &paris, at("2026-03-28T22:00:00Z")),
            Some(at("2026-03-29T01:30:00Z")) // 2:30 does not exist; 3:30 by the clock
        );
        let always = [span("00:00", "00:00")];
        let end = quiet_until(&always, &paris, at("2026-11-25T07:00:00Z"));
        assert!(end.is_some_and(|end| end > at("2026-11-25T07:00:00Z")));
    }

    #[test]
    fn times_are_written_as_hours_and_minutes() {
        let json = serde_json::to_string(&span("08:05", "18:00")).unwrap();
        assert_eq!(json, r#"{"from":"08:05","to":"18:00"}"#);
        for wrong in ["8:05", "24:00", "08:60", "08:05:00", "", "ab:cd"] {
            assert_eq!(time_of_day(wrong), None, "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn the_end_is_ahead_and_not_quiet(
            spans in proptest::collection::vec((0..24_i8, 0..60_i8, 0..24_i8, 0..60_i8), 0..4),
            now in 1_700_000_000_i64..1_800_000_000,
        ) {
            let time = |hour, minute| jiff::civil::time(hour, minute, 0, 0);
            let spans: Vec<QuietHours> = spans
                .into_iter()
                .map(|(h, m, k, n)| QuietHours { from: time(h, m), to: time(k, n) })
                .collect();
            let utc = TimeZone::UTC;
            if let Some(end) = quiet_until(&spans, &utc, UtcSecond(now)) {
                prop_assert!(end.0 > now && end.0 <= now + 2 * 86_400);
                if end.0 < now + 86_400 {
                    prop_assert_eq!(quiet_until(&spans, &utc, end), None);
                }
            } else {
                let local = utc.to_datetime(jiff::Timestamp::from_second(now).unwrap());
                prop_assert!(spans.iter().all(|span| span.end_of(local).is_none()));
            }
        }
    }
}
