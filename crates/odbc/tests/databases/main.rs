//! One test body, three databases: SQLite, PostgreSQL, MariaDB, each private to its test, read
//! through a real worker process.

#![allow(clippy::unwrap_used, clippy::panic)] // helpers of tests fail like tests

mod causes;
mod faults;
mod reading;
mod site;
