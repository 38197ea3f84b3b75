//! The unsupervised connection against SQLite.

use floorwire_odbc::{
    ColumnData, ColumnKind, ColumnSpec, Parameter, Query, RowBatch, direct::Connection,
};

#[test]
fn rows_go_in_and_come_out_unchanged() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("cms.db");
    let mut connection =
        Connection::connect(&format!("DRIVER=SQLite3;Database={}", file.display())).unwrap();
    connection
        .execute("CREATE TABLE hsplit (row_date DATE, starttime SMALLINT, name CHAR(20))")
        .unwrap();
    let columns = [
        ColumnSpec::new("row_date", ColumnKind::Date),
        ColumnSpec::new("starttime", ColumnKind::Int32),
        ColumnSpec::new("name", ColumnKind::Text { max_bytes: 40 }),
    ];
    let batch = RowBatch {
        rows: 3,
        columns: vec![
            ColumnData::Date {
                days_since_1970: vec![20_779, 20_780, 0],
                nulls: vec![2],
            },
            ColumnData::Int32 {
                values: vec![0, 2_345, -1],
                nulls: vec![],
            },
            ColumnData::Text {
                values: vec![
                    "Réservé             ".to_owned(),
                    String::new(),
                    String::new(),
                ],
                nulls: vec![2],
            },
        ],
    };
    connection.begin().unwrap();
    connection.insert("hsplit", &columns, &batch).unwrap();
    connection.insert("hsplit", &columns, &batch).unwrap();
    connection.commit().unwrap();
    let query = Query {
        sql: "SELECT row_date, starttime, name FROM hsplit WHERE row_date >= ? ORDER BY rowid"
            .to_owned(),
        parameters: vec![Parameter::Date(20_780)],
        columns: columns.to_vec(),
        row_limit: 100,
        timeout_s: 5,
    };
    let found = connection.query_all(&query).unwrap();
    assert_eq!(found.rows, 2);
    let all = Query {
        sql: "SELECT row_date, starttime, name FROM hsplit ORDER BY rowid".to_owned(),
        parameters: vec![],
        ..query
    };
    let mut doubled = batch.clone();
    doubled.append(batch);
    assert_eq!(connection.query_all(&all).unwrap(), doubled);
}
