//! Random histories, corrections and crashes against the event log: one fixed seed and more on each CMS database.
//! `FLOORWIRE_SEED` tries another one; `cargo xtask soak` tries many, on every pairing of databases.

use floorwire_tests::histories::{Lived, lived};

async fn holds(seeds: &[u64], pairing: (&str, &str)) -> anyhow::Result<()> {
    let own = std::env::var("FLOORWIRE_SEED").ok();
    let own: Option<u64> = own.map(|seed| seed.parse()).transpose()?;
    for seed in own.map_or(seeds.to_vec(), |seed| vec![seed]) {
        eprintln!("FLOORWIRE_SEED={seed}");
        let Lived {
            steps,
            counts,
            differences,
        } = lived(seed, pairing).await?;
        eprintln!("{counts:?} {steps:#?}");
        let shown = &differences[..differences.len().min(8)];
        assert!(
            differences.is_empty(),
            "seed {seed}: {} differences: {shown:#?} after {steps:#?}",
            differences.len()
        );
        assert!(counts[..4].iter().all(|count| *count > 5), "{counts:?}");
    }
    Ok(())
}

#[tokio::test]
async fn over_sqlite() -> anyhow::Result<()> {
    holds(&[1, 2], ("sqlite", "sqlite")).await
}

#[tokio::test]
async fn over_postgresql() -> anyhow::Result<()> {
    holds(&[3, 4], ("postgresql", "sqlite")).await
}

#[tokio::test]
async fn over_mariadb() -> anyhow::Result<()> {
    holds(&[5, 6], ("mariadb", "postgresql")).await
}
