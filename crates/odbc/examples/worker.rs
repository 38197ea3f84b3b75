//! The smallest worker program: what `floorwire-link odbc-worker` does. The tests supervise it.

fn main() -> std::io::Result<()> {
    floorwire_odbc::worker::run(std::io::stdin(), std::io::stdout())
}
