//! The newest interval of a partition of `hsplit` or `hvdn`, as its rows state it: what the zone setting is held against.

use crate::catalogue::{HSPLIT, HVDN};
use floorwire_model::columns::SourceColumns;
use floorwire_model::derivation::StatedInterval;
use floorwire_model::partition::SourcePartition;
use floorwire_model::time::LocalMinute;

/// See [`floorwire_model::derivation::Vendor::newest_interval`].
pub fn newest(partition: &SourcePartition, rows: &SourceColumns) -> Option<StatedInterval> {
    if partition.table != HSPLIT.name && partition.table != HVDN.name {
        return None;
    }
    let date = partition.row_date?;
    let (starts, lengths) = (rows.int32("starttime").ok()?, rows.int32("intrvl").ok()?);
    let utc = rows.optional_int32("starttime_utc").ok()?;
    let count = usize::try_from(rows.rows).ok()?;
    let newest = (0..count)
        .filter(|row| {
            let known = starts
                .get(*row)
                .and_then(|hhmm| LocalMinute::from_hhmm(date, hhmm));
            known.is_some() && lengths.get(*row).is_some_and(|minutes| minutes > 0)
        })
        // Of two rows of a repeated hour the one with the later instant is the newer.
        .max_by_key(|row| (starts.get(*row), utc.as_ref().and_then(|utc| utc.get(*row))))?;
    let hhmm = starts.get(newest)?;
    let (hour, minute) = (
        i8::try_from(hhmm / 100).ok()?,
        i8::try_from(hhmm % 100).ok()?,
    );
    let time = jiff::civil::Time::new(hour, minute, 0, 0).ok()?;
    Some(StatedInterval {
        start_local: date.to_datetime(time),
        start_utc_s: utc
            .and_then(|utc| utc.get(newest))
            .filter(|second| *second != 0)
            .map(i64::from),
        length_s: i64::from(lengths.get(newest)?) * 60,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_rows::{Cell, partition, source};
    use jiff::civil::date;

    fn rows(rows: &[(Option<i64>, i64, i64)]) -> SourceColumns {
        let row = |&(start, utc, length): &(Option<i64>, i64, i64)| {
            vec![
                ("starttime".to_owned(), Cell::from(start)),
                ("starttime_utc".to_owned(), Cell::from(utc)),
                ("intrvl".to_owned(), Cell::from(length)),
            ]
        };
        source(&rows.iter().map(row).collect::<Vec<_>>())
    }

    #[test]
    fn the_newest_of_usable_rows_counts() {
        let place = partition("hsplit", Some(date(2026, 6, 1)));
        let found = newest(
            &place,
            &rows(&[
                (Some(930), 5, 30),
                (Some(1000), 7, 30),
                (Some(1000), 8, 30),
                (Some(2460), 9, 30),
                (Some(1100), 9, 0),
                (None, 9, 30),
            ]),
        );
        let expected = StatedInterval {
            start_local: date(2026, 6, 1).at(10, 0, 0, 0),
            start_utc_s: Some(8),
            length_s: 1800,
        };
        assert_eq!(found, Some(expected));
    }

    #[test]
    fn without_utc_or_rows_nothing_is_claimed() {
        let place = partition("hsplit", Some(date(2026, 6, 1)));
        let found = newest(&place, &rows(&[(Some(0), 0, 15)])).unwrap();
        assert_eq!((found.start_utc_s, found.length_s), (None, 900));
        let dictionary = partition("synonyms", None);
        assert_eq!(newest(&dictionary, &rows(&[(Some(0), 0, 15)])), None);
    }
}
