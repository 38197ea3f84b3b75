//! The yardstick of the benchmarks: a table's columns through `odbc-api` alone, in one process, with nothing done to the
//! rows but adding up one column.
//!
//! Reads the connection string from `FLOORWIRE_CMS_CONNECTION`, a table from its first argument and a list of columns,
//! separated by commas, from its second: whole numbers, or `name:bytes` for texts. Columns that the table does not have are
//! left out, as the Link does. Prints rows, columns, seconds and a sum as JSON.
#![allow(clippy::print_stdout)]

use odbc_api::buffers::{BufferDesc, ColumnarDynBuffer};
use odbc_api::{Connection, ConnectionOptions, Cursor, Environment, ResultSetMetadata};
use std::collections::BTreeSet;
use std::time::Instant;

const ROWS_PER_FETCH: usize = 10_000;

type Failure = Box<dyn std::error::Error>;

fn main() -> Result<(), Failure> {
    let connection = std::env::var("FLOORWIRE_CMS_CONNECTION")?;
    let [table, columns] = <[String; 2]>::try_from(std::env::args().skip(1).collect::<Vec<_>>())
        .map_err(|_| "give a table and its columns as arguments")?;
    let environment = Environment::new()?;
    let connection =
        environment.connect_with_connection_string(&connection, ConnectionOptions::default())?;
    let there = columns_of(&connection, &table)?;
    let wanted: Vec<(&str, BufferDesc)> = columns
        .split(',')
        .map(described)
        .collect::<Result<Vec<_>, Failure>>()?
        .into_iter()
        .filter(|(name, _)| there.contains(*name))
        .collect();
    let names: Vec<&str> = wanted.iter().map(|(name, _)| *name).collect();
    let sql = format!("SELECT {} FROM {table}", names.join(", "));
    let begin = Instant::now();
    let cursor = connection.execute(&sql, (), None)?;
    let cursor = cursor.ok_or("the statement gives no rows")?;
    let descriptions = wanted.iter().map(|(_, description)| *description);
    let buffer = ColumnarDynBuffer::from_descs(ROWS_PER_FETCH, descriptions);
    let mut blocks = cursor.bind_buffer(buffer)?;
    let (mut rows, mut sum) = (0_usize, 0_i64);
    while let Some(block) = blocks.fetch()? {
        rows += block.num_rows();
        if let Some(values) = block.column(0).as_nullable_slice::<i32>() {
            sum += values.flatten().copied().map(i64::from).sum::<i64>();
        }
    }
    let (seconds, columns) = (begin.elapsed().as_secs_f64(), names.len());
    println!("{{\"rows\":{rows},\"columns\":{columns},\"seconds\":{seconds},\"sum\":{sum}}}");
    Ok(())
}

fn described(column: &str) -> Result<(&str, BufferDesc), Failure> {
    Ok(match column.trim().split_once(':') {
        None => (column.trim(), BufferDesc::I32 { nullable: true }),
        Some((name, bytes)) => {
            let max_str_len = bytes.parse()?;
            (name, BufferDesc::Text { max_str_len })
        }
    })
}

/// Names in lower case.
fn columns_of(connection: &Connection<'_>, table: &str) -> Result<BTreeSet<String>, Failure> {
    let sql = format!("SELECT * FROM {table} WHERE 1=0");
    let cursor = connection.execute(&sql, (), None)?;
    let mut cursor = cursor.ok_or("the table gives no columns")?;
    let names = cursor.column_names()?.collect::<Result<Vec<_>, _>>()?;
    Ok(names.into_iter().map(|name| name.to_lowercase()).collect())
}
