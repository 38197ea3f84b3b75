//! The yardstick of the benchmarks: the same query through `odbc-api` alone, in one process, with nothing
//! done to the rows but adding up one column.
//!
//! Reads the connection string from `FLOORWIRE_CMS_CONNECTION` and the statement from its first argument;
//! all columns must be whole numbers. Prints rows, seconds and a sum as JSON.
#![allow(clippy::print_stdout)]

use odbc_api::buffers::{BufferDesc, ColumnarDynBuffer};
use odbc_api::{ConnectionOptions, Cursor, Environment, ResultSetMetadata};
use std::time::Instant;

const ROWS_PER_FETCH: usize = 10_000;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let connection = std::env::var("FLOORWIRE_CMS_CONNECTION")?;
    let sql = std::env::args()
        .nth(1)
        .ok_or("give the statement as first argument")?;
    let environment = Environment::new()?;
    let connection =
        environment.connect_with_connection_string(&connection, ConnectionOptions::default())?;
    let begin = Instant::now();
    let mut cursor = connection
        .execute(&sql, (), None)?
        .ok_or("the statement gives no rows")?;
    let columns = usize::try_from(cursor.num_result_cols()?)?;
    let descriptions = (0..columns).map(|_| BufferDesc::I32 { nullable: true });
    let buffer = ColumnarDynBuffer::from_descs(ROWS_PER_FETCH, descriptions);
    let mut blocks = cursor.bind_buffer(buffer)?;
    let (mut rows, mut sum) = (0_usize, 0_i64);
    while let Some(block) = blocks.fetch()? {
        rows += block.num_rows();
        if let Some(values) = block.column(0).as_nullable_slice::<i32>() {
            sum += values.flatten().copied().map(i64::from).sum::<i64>();
        }
    }
    let seconds = begin.elapsed().as_secs_f64();
    println!("{{\"rows\":{rows},\"seconds\":{seconds},\"sum\":{sum}}}");
    Ok(())
}
