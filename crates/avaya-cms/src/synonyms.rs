//! `synonyms` to the dictionary. The source pads with blanks; names keep their inner spacing.

use floorwire_model::columns::SourceColumns;
use floorwire_model::derivation::{DerivationError, Derived, Rejected};
use floorwire_model::partition::SourcePartition;
use floorwire_model::streams::DictionaryEntry;
use std::collections::BTreeMap;

/// Derives the names of one ACD. Where a type and value occur twice, the entry of the site wins over the
/// shipped one (`standard` = 1), then the later row.
pub fn derive(
    partition: &SourcePartition,
    rows: &SourceColumns,
) -> Result<Derived, DerivationError> {
    let item_type = rows.text("item_type")?;
    let value = rows.text("value")?;
    let item_name = rows.text("item_name")?;
    let description = rows.text("descr")?;
    let standard = rows.int32("standard")?;
    let mut entries: BTreeMap<(String, String), DictionaryEntry> = BTreeMap::new();
    let mut without_key = 0;
    for row in 0..usize::try_from(rows.rows).unwrap_or(usize::MAX) {
        let trimmed = |text: Option<&str>| text.unwrap_or_default().trim().to_owned();
        let (kind, number) = (trimmed(item_type.get(row)), trimmed(value.get(row)));
        if kind.is_empty() || number.is_empty() {
            without_key += 1;
            continue;
        }
        let entry = DictionaryEntry {
            acd: partition.acd,
            item_type: kind.clone(),
            value: number.clone(),
            name: trimmed(item_name.get(row)),
            description: trimmed(description.get(row)),
            standard: standard.get(row) == Some(1),
        };
        let key = (kind, number);
        let keeps_earlier = entries
            .get(&key)
            .is_some_and(|earlier| entry.standard && !earlier.standard);
        if !keeps_earlier {
            entries.insert(key, entry);
        }
    }
    let rejected = (without_key > 0).then(|| Rejected {
        code: "key-is-null".to_owned(),
        detail: "synonyms rows without item_type or value".to_owned(),
        rows: without_key,
    });
    Ok(Derived {
        dictionary: entries.into_values().collect(),
        rejected: rejected.into_iter().collect(),
        ..Derived::default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use floorwire_model::columns::{ColumnValues, FORMAT_VERSION, SourceColumn};
    use floorwire_model::ids::{AcdNumber, IntegrationId};

    #[test]
    fn names_are_trimmed_and_the_site_wins_over_the_shipped_entry() {
        let texts = |values: [&str; 4]| values.map(str::to_owned).to_vec();
        let text = |name: &str, values| SourceColumn {
            name: name.into(),
            values: ColumnValues::Text {
                values: texts(values),
                nulls: vec![],
            },
        };
        let rows = SourceColumns {
            format_version: FORMAT_VERSION,
            rows: 4,
            columns: vec![
                text("item_type", ["split   ", "split ", "split", "  "]),
                text("value", ["12   ", "12 ", "13", "1"]),
                text("item_name", ["Custom  name ", "Shipped", "Sales", "x"]),
                text("descr", ["  ", "", "Sales line ", ""]),
                SourceColumn {
                    name: "standard".into(),
                    values: ColumnValues::Int32 {
                        values: vec![0, 1, 0, 0],
                        nulls: vec![],
                    },
                },
            ],
        };
        let partition = SourcePartition {
            integration: IntegrationId(1),
            table: "synonyms".into(),
            acd: AcdNumber(2),
            row_date: None,
        };
        let derived = derive(&partition, &rows).unwrap();
        let names: Vec<_> = derived
            .dictionary
            .iter()
            .map(|entry| (entry.value.as_str(), entry.name.as_str()))
            .collect();
        assert_eq!(names, [("12", "Custom  name"), ("13", "Sales")]);
        assert_eq!(derived.rejected[0].rows, 1);
    }
}
