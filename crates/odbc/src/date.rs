//! Calendar days as numbers, for the driver's date structure and for SQLite's text.
//!
//! The proleptic Gregorian calendar, computed; a date that does not exist (month 0, 30 February,
//! MariaDB's `0000-00-00`) gives `None`, and the caller makes that an error that names the cell.

/// Days between 0000-03-01 and 1970-01-01.
const DAYS_TO_EPOCH: i64 = 719_468;
/// Days in 400 years.
const DAYS_PER_ERA: i64 = 146_097;

/// A day of the calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Civil {
    pub year: i16,
    pub month: u16,
    pub day: u16,
}

/// Days since 1970-01-01, or `None` when there is no such day.
pub(crate) fn days_since_1970(date: Civil) -> Option<i32> {
    if !(1..=12).contains(&date.month) || date.day == 0 {
        return None;
    }
    if date.day > days_in_month(date.year, date.month) || date.year < 1 {
        return None;
    }
    // Years that begin in March, so that the leap day is the last day of a year.
    let month = i64::from(date.month);
    let shifted_year = i64::from(date.year) - i64::from(month <= 2);
    let era = shifted_year.div_euclid(400);
    let year_of_era = shifted_year.rem_euclid(400);
    let shifted_month = (month + 9) % 12;
    let day_of_year = (153 * shifted_month + 2) / 5 + i64::from(date.day) - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    i32::try_from(era * DAYS_PER_ERA + day_of_era - DAYS_TO_EPOCH).ok()
}

/// The calendar day, or `None` outside the years 1 to 9999.
pub(crate) fn civil(days_since_1970: i32) -> Option<Civil> {
    let days = i64::from(days_since_1970) + DAYS_TO_EPOCH;
    let era = days.div_euclid(DAYS_PER_ERA);
    let day_of_era = days.rem_euclid(DAYS_PER_ERA);
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 {
        shifted_month + 3
    } else {
        shifted_month - 9
    };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    if !(1..=9999).contains(&year) {
        return None;
    }
    Some(Civil {
        year: i16::try_from(year).ok()?,
        month: u16::try_from(month).ok()?,
        day: u16::try_from(day).ok()?,
    })
}

/// Reads exactly `YYYY-MM-DD`, and, as some writers add it, a midnight time of day.
pub(crate) fn parse_iso(text: &str) -> Option<i32> {
    let text = text.trim_end_matches(' ');
    let date = text.strip_suffix(" 00:00:00").unwrap_or(text);
    let bytes = date.as_bytes();
    if bytes.len() != 10 || bytes[4] != b'-' || bytes[7] != b'-' {
        return None;
    }
    let number = |range: std::ops::Range<usize>| -> Option<u16> {
        let digits = date.get(range)?;
        if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        digits.parse().ok()
    };
    days_since_1970(Civil {
        year: i16::try_from(number(0..4)?).ok()?,
        month: number(5..7)?,
        day: number(8..10)?,
    })
}

fn days_in_month(year: i16, month: u16) -> u16 {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_day_of_eight_centuries_survives_there_and_back() {
        let first = parse_iso("1600-01-01").unwrap();
        let last = parse_iso("2400-12-31").unwrap();
        let mut previous = None;
        for day in first..=last {
            let date = civil(day).unwrap();
            assert_eq!(days_since_1970(date), Some(day));
            assert_ne!(previous, Some(date));
            previous = Some(date);
        }
        assert_eq!(last - first + 1, 292_560);
    }

    #[test]
    fn known_days() {
        assert_eq!(parse_iso("1970-01-01"), Some(0));
        assert_eq!(parse_iso("1899-12-31"), Some(-25_568));
        assert_eq!(parse_iso("2026-11-22"), Some(20_779));
        assert_eq!(parse_iso("2026-11-22 00:00:00"), Some(20_779));
    }

    #[test]
    fn days_that_do_not_exist_are_refused() {
        for text in [
            "0000-00-00",
            "2025-02-29",
            "2025-13-01",
            "2025-04-31",
            "2025-1-01",
            "22.11.2026",
            "2026-11-22 01:00:00",
            "+026-11-22",
            "",
        ] {
            assert_eq!(parse_iso(text), None, "{text}");
        }
    }
}
