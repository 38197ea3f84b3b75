//! One test body, three databases: SQLite, PostgreSQL, MariaDB, each private to its test, read
//! through a real worker process.

mod causes;
mod faults;
mod reading;
mod site;
