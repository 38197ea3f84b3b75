//! Values of every kind, batches, limits, probes.

use floorwire_odbc::{
    ColumnData, ColumnKind, ColumnSpec, DataError, OdbcError, Parameter, Query, RowBatch, direct,
};

use crate::site::{
    NEW_YEAR_2026, Site, all_numbers, number_columns, numbers, query, read_all, read_error,
    supervisor,
};

#[tokio::test]
async fn sqlite_reads_every_kind() {
    reads_every_kind(&Site::sqlite()).await;
}

#[tokio::test]
async fn postgres_reads_every_kind() {
    reads_every_kind(&Site::postgres()).await;
}

#[tokio::test]
async fn mariadb_reads_every_kind() {
    reads_every_kind(&Site::mariadb()).await;
}

#[tokio::test]
async fn sqlite_reads_in_batches() {
    reads_in_batches(&Site::sqlite()).await;
}

#[tokio::test]
async fn postgres_reads_in_batches() {
    reads_in_batches(&Site::postgres()).await;
}

#[tokio::test]
async fn mariadb_reads_in_batches() {
    reads_in_batches(&Site::mariadb()).await;
}

fn kinds() -> Vec<ColumnSpec> {
    vec![
        ColumnSpec::new("row_date", ColumnKind::Date),
        ColumnSpec::new("acdtime", ColumnKind::Int32),
        ColumnSpec::new("starttime", ColumnKind::Int32),
        ColumnSpec::new("item_name", ColumnKind::Text { max_bytes: 80 }),
        ColumnSpec::new("descr", ColumnKind::Text { max_bytes: 80 }),
    ]
}

/// Every third value of a column is NULL; the others are the extremes.
fn every_kind() -> RowBatch {
    let padded = |text: &str| format!("{text:<20}");
    RowBatch {
        rows: 5,
        columns: vec![
            ColumnData::Date {
                days_since_1970: vec![0, NEW_YEAR_2026, -25_567, 0, 2_932_896],
                nulls: vec![0],
            },
            ColumnData::Int32 {
                values: vec![i32::MIN, 0, i32::MAX, -1, 0],
                nulls: vec![1],
            },
            ColumnData::Int32 {
                values: vec![0, 2_345, 0, -32_768, 32_767],
                nulls: vec![2],
            },
            ColumnData::Text {
                values: vec![
                    padded("Störung Français"),
                    padded("a'b\"c\\d;{e}?%s"),
                    padded(""),
                    String::new(),
                    padded("日本語"),
                ],
                nulls: vec![3],
            },
            ColumnData::Text {
                values: vec![
                    "x".repeat(40),
                    " leading".to_owned(),
                    "trailing  ".to_owned(),
                    "é".repeat(40),
                    String::new(),
                ],
                nulls: vec![4],
            },
        ],
    }
}

/// MariaDB takes the blanks off the end of a CHAR when it is read.
fn as_stored_by(site: &Site, mut batch: RowBatch) -> RowBatch {
    if let (Site::MariaDb(_), ColumnData::Text { values, .. }) = (site, &mut batch.columns[3]) {
        for value in values {
            value.truncate(value.trim_end().len());
        }
    }
    batch
}

async fn reads_every_kind(site: &Site) {
    site.execute(&[
        "CREATE TABLE kinds (row_date DATE, acdtime INTEGER, starttime SMALLINT, \
                    item_name CHAR(20), descr VARCHAR(40), seq INTEGER)",
    ]);
    let mut columns = kinds();
    columns.push(ColumnSpec::new("seq", ColumnKind::Int32));
    let mut batch = every_kind();
    batch.columns.push(ColumnData::Int32 {
        values: vec![0, 1, 2, 3, 4],
        nulls: vec![],
    });
    direct::Connection::connect(&site.odbc())
        .unwrap()
        .insert("kinds", &columns, &batch)
        .unwrap();
    let mut supervisor = supervisor();
    let connection = site.connection();
    let sql = "SELECT row_date, acdtime, starttime, item_name, descr FROM kinds";
    let ordered = query(&format!("{sql} ORDER BY seq"), kinds());
    let (found, end) = read_all(&mut supervisor, &connection, ordered)
        .await
        .unwrap();
    assert_eq!(found, as_stored_by(site, every_kind()));
    assert_eq!((end.rows, end.hit_row_limit), (5, false));
    let worker = supervisor.worker_pid();

    // Parameters of each kind, for which exactly one row is there.
    for parameter in [
        ("row_date = ?", Parameter::Date(NEW_YEAR_2026)),
        ("starttime = ?", Parameter::Int32(2_345)),
        ("descr = ?", Parameter::Text(" leading".to_owned())),
    ] {
        let selected = Query {
            parameters: vec![parameter.1],
            ..query(&format!("{sql} WHERE {}", parameter.0), kinds())
        };
        let (found, _) = read_all(&mut supervisor, &connection, selected)
            .await
            .unwrap();
        assert_eq!(found.rows, 1, "{}", parameter.0);
        assert_eq!(found.columns[0].len(), 1);
    }
    let several = Query {
        parameters: vec![
            Parameter::Date(-25_567),
            Parameter::Date(NEW_YEAR_2026),
            Parameter::Int32(-40_000),
        ],
        ..query(
            &format!(
                "{sql} WHERE row_date >= ? AND row_date <= ? AND (starttime > ? OR starttime IS NULL)"
            ),
            kinds(),
        )
    };
    let (found, _) = read_all(&mut supervisor, &connection, several)
        .await
        .unwrap();
    assert_eq!(found.rows, 3);

    // No rows at all is an answer.
    let none = query(&format!("{sql} WHERE seq > 99"), kinds());
    let (found, end) = read_all(&mut supervisor, &connection, none).await.unwrap();
    assert_eq!((found.rows, end.rows, end.hit_row_limit), (0, 0, false));

    // What the catalogue did not expect is an error, never a repaired value.
    let wrong = query("SELECT row_date FROM kinds", kinds());
    assert!(matches!(
        read_error(&mut supervisor, &connection, wrong).await,
        OdbcError::Data(DataError::ColumnCount {
            expected: 5,
            found: 1
        })
    ));
    let narrow = vec![ColumnSpec::new("descr", ColumnKind::Text { max_bytes: 39 })];
    let wrong = query("SELECT descr FROM kinds WHERE seq = 0", narrow);
    assert!(matches!(
        read_error(&mut supervisor, &connection, wrong).await,
        OdbcError::Data(DataError::TextTooLong {
            row: 1,
            max_bytes: 39,
            ..
        })
    ));
    site.execute(&[
        "CREATE TABLE wide (n BIGINT)",
        "INSERT INTO wide VALUES (5)",
        "INSERT INTO wide VALUES (3000000000)",
    ]);
    let wide = query(
        "SELECT n FROM wide ORDER BY n",
        vec![ColumnSpec::new("n", ColumnKind::Int32)],
    );
    assert!(matches!(
        read_error(&mut supervisor, &connection, wide).await,
        OdbcError::Data(DataError::NumberOutOfRange { row: 2, .. })
    ));

    // Probes.
    let names = supervisor
        .table_columns(&connection, "kinds")
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        names,
        [
            "row_date",
            "acdtime",
            "starttime",
            "item_name",
            "descr",
            "seq"
        ]
    );
    assert_eq!(
        supervisor
            .table_columns(&connection, "hagent")
            .await
            .unwrap(),
        None
    );
    let registered = supervisor.registered().await.unwrap();
    assert!(
        registered.drivers.iter().any(|driver| driver == "SQLite3"),
        "{registered:?}"
    );

    // A read-only session.
    let write = query(
        "INSERT INTO wide VALUES (1)",
        vec![ColumnSpec::new("n", ColumnKind::Int32)],
    );
    assert!(read_all(&mut supervisor, &connection, write).await.is_err());
    let untouched = query(
        "SELECT n FROM wide WHERE n = 1",
        vec![ColumnSpec::new("n", ColumnKind::Int32)],
    );
    let (found, _) = read_all(&mut supervisor, &connection, untouched)
        .await
        .unwrap();
    assert_eq!(found.rows, 0);

    assert_eq!(supervisor.worker_pid(), worker, "one worker served it all");
    supervisor.stop().await;
    assert_eq!(supervisor.worker_pid(), None);
}

async fn reads_in_batches(site: &Site) {
    site.fill_numbers(50_000);
    let mut supervisor = supervisor();
    let connection = site.connection();
    let mut reader = supervisor.read(&connection, all_numbers()).await.unwrap();
    let mut batches = 0;
    let mut all = RowBatch::empty(&number_columns());
    while let Some(batch) = reader.next().await.unwrap() {
        assert!(reader.end().is_none());
        assert!(batch.rows <= 10_000);
        batches += 1;
        all.append(batch);
    }
    let end = *reader.end().unwrap();
    assert!(reader.next().await.unwrap().is_none());
    drop(reader);
    assert!(batches >= 5);
    assert_eq!((end.rows, end.hit_row_limit), (50_000, false));
    let ColumnData::Int32 { values, nulls } = &mut all.columns[0] else {
        panic!("another kind");
    };
    assert!(nulls.is_empty());
    values.sort_unstable();
    assert!(values.iter().copied().eq(0..50_000), "every row once");

    for (row_limit, rows, hit) in [
        (20_000, 20_000, true),
        (50_000, 50_000, false),
        (49_999, 49_999, true),
        (7, 7, true),
        (0, 0, true),
    ] {
        let limited = Query {
            row_limit,
            ..all_numbers()
        };
        let (found, end) = read_all(&mut supervisor, &connection, limited)
            .await
            .unwrap();
        assert_eq!(
            (found.rows, end.rows, end.hit_row_limit),
            (rows, rows as u64, hit)
        );
    }

    // A reader dropped in the middle takes its worker along; the next read is whole again.
    let worker = supervisor.worker_pid().unwrap();
    let mut reader = supervisor.read(&connection, all_numbers()).await.unwrap();
    reader.next().await.unwrap().unwrap();
    drop(reader);
    let (found, _) = read_all(&mut supervisor, &connection, all_numbers())
        .await
        .unwrap();
    assert_eq!(found.rows, 50_000);
    assert_ne!(supervisor.worker_pid(), Some(worker));

    let ordered = Query {
        row_limit: 3,
        ..query(
            "SELECT n, row_date, name FROM numbers ORDER BY n",
            number_columns(),
        )
    };
    let (found, _) = read_all(&mut supervisor, &connection, ordered)
        .await
        .unwrap();
    let mut expected = numbers(0..3);
    if let (Site::MariaDb(_), ColumnData::Text { values, .. }) = (site, &mut expected.columns[2]) {
        *values = vec!["0".to_owned(), "1".to_owned(), "2".to_owned()];
    }
    assert_eq!(found, expected);
}
