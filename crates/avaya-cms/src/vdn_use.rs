//! `hvdn` and `dvdn` to how much each VDN was used, for whoever chooses VDNs.

use floorwire_model::columns::{ColumnsError, Int32Column, SourceColumns};
use floorwire_model::vdns::{VdnUse, add_up};

/// Calls of every VDN with a row, sorted by number.
pub fn of(rows: &SourceColumns) -> Result<Vec<VdnUse>, ColumnsError> {
    if rows.columns.is_empty() {
        return Ok(Vec::new());
    }
    let vdn = rows.text("vdn")?;
    let incalls = rows.int32("incalls")?;
    let inflow = rows.optional_int32("inflowcalls")?;
    let outflow = rows.optional_int32("outflowcalls")?;
    let interflow = rows.optional_int32("interflowcalls")?;
    let all = 0..usize::try_from(rows.rows).unwrap_or(usize::MAX);
    let of_row = |row: usize| {
        let number = vdn.get(row).map(str::trim).filter(|vdn| !vdn.is_empty())?;
        let figure = |column: &Option<Int32Column<'_>>| {
            let calls = column.as_ref().and_then(|column| column.get(row));
            calls.map(i64::from)
        };
        Some(VdnUse {
            number: number.to_owned(),
            calls: incalls.get(row).map(i64::from),
            from_other_vdns: figure(&inflow),
            // Calls that left the ACD are among those that left the VDN. Where the release does not count them apart,
            // all may have gone to a VDN.
            to_other_vdns: figure(&outflow).map(|calls| calls - figure(&interflow).unwrap_or(0)),
        })
    };
    Ok(add_up(all.filter_map(of_row)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_rows::{row, source};

    #[test]
    fn rows_of_a_vdn_add_up_and_calls_that_left_the_acd_went_to_no_vdn() {
        let vdn = |number: &str, calls: i64, inflow: i64, outflow: i64, interflow: i64| {
            row([
                ("vdn", number.into()),
                ("incalls", calls.into()),
                ("inflowcalls", inflow.into()),
                ("outflowcalls", outflow.into()),
                ("interflowcalls", interflow.into()),
            ])
        };
        let rows = source(&[
            vdn("6001", 5, 0, 3, 1),
            vdn("6002", 4, 2, 0, 0),
            vdn("6001", 2, 0, 1, 1),
            vdn("", 9, 9, 9, 9),
        ]);
        let expected =
            [("6001", 7, 0, 2), ("6002", 4, 2, 0)].map(|(number, calls, from, to)| VdnUse {
                number: number.into(),
                calls: Some(calls),
                from_other_vdns: Some(from),
                to_other_vdns: Some(to),
            });
        assert_eq!(of(&rows).unwrap(), expected);
        assert!(of(&SourceColumns::empty()).unwrap().is_empty());
    }
}
