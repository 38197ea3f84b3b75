//! `cargo xtask bench`.

/// Measures.
pub fn run(_rows: u64) -> anyhow::Result<()> {
    anyhow::bail!("nothing to measure yet")
}
