//! Timelines: the trace of a CMS is written in ways that no document fixes, and each is found out from the site's own rows.
//!
//! Every switch of the simulator occurs here with each of its values, and any two values of the two switches of time occur
//! together; `cargo xtask soak` has all 24 sites with 200 agents over 14 days. Four of ten agents are not traced: their
//! intervals and sessions are held against the event log all the same, and they must have no timeline.

use floorwire_tests::timelines::{Variant, imported};

const SIZE: (u32, u32, u64) = (24, 3, 17);

async fn equals_the_event_log(variant: Variant, pairing: (&str, &str)) -> anyhow::Result<()> {
    let compared = imported(variant, SIZE, pairing).await?;
    let shown = &compared.differences[..compared.differences.len().min(8)];
    assert!(
        compared.differences.is_empty(),
        "{variant}: {} differences of {:?} slots, spans, sessions: {shown:#?}",
        compared.differences.len(),
        compared.counts
    );
    let [slots, spans, sessions] = compared.counts;
    assert!(slots > 500 && spans > 1500 && sessions > 40, "{compared:?}");
    Ok(())
}

macro_rules! variants {
    ($($test:ident: $event_time:literal, $format:literal, $work_modes:literal, $directions:literal, $pairing:expr;)+) => {
        $(
            #[tokio::test]
            async fn $test() -> anyhow::Result<()> {
                let variant = Variant {
                    event_time: $event_time,
                    format: $format,
                    work_modes: $work_modes,
                    directions: $directions,
                };
                equals_the_event_log(variant, $pairing).await
            }
        )+
    };
}

variants! {
    start_in_clock_form: "start", "hhmmss", "tens", "out-one-in-two", ("sqlite", "sqlite");
    start_in_seconds: "start", "seconds-of-day", "alphabetic", "in-one-out-two", ("postgresql", "sqlite");
    end_in_clock_form: "end", "hhmmss", "illustrated", "in-one-out-two", ("mariadb", "sqlite");
    end_in_seconds: "end", "seconds-of-day", "tens", "out-one-in-two", ("sqlite", "postgresql");
    end_in_seconds_of_the_alphabet: "end", "seconds-of-day", "alphabetic", "in-one-out-two", ("sqlite", "sqlite");
}
