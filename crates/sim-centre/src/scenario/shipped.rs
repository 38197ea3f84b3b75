//! The scenarios that come with the simulator.

use super::{Scenario, ScenarioError};

/// Name and text of each.
pub const SHIPPED: &[(&str, &str)] = &[
    (
        "small-site",
        include_str!("../../scenarios/small-site.toml"),
    ),
    (
        "multi-site-bank",
        include_str!("../../scenarios/multi-site-bank.toml"),
    ),
    (
        "night-shift",
        include_str!("../../scenarios/night-shift.toml"),
    ),
    ("no-trace", include_str!("../../scenarios/no-trace.toml")),
    (
        "old-release",
        include_str!("../../scenarios/old-release.toml"),
    ),
    (
        "no-starttime-utc",
        include_str!("../../scenarios/no-starttime-utc.toml"),
    ),
    (
        "agents-in-utc",
        include_str!("../../scenarios/agents-in-utc.toml"),
    ),
    ("outages", include_str!("../../scenarios/outages.toml")),
    (
        "corrections",
        include_str!("../../scenarios/corrections.toml"),
    ),
    (
        "clock-steps",
        include_str!("../../scenarios/clock-steps.toml"),
    ),
];

/// The scenario of this name.
///
/// # Errors
/// There is none; the error names those that there are.
pub fn shipped(name: &str) -> Result<Scenario, ScenarioError> {
    let found = SHIPPED.iter().find(|(known, _)| *known == name);
    let (_, text) = found.ok_or_else(|| ScenarioError::Unknown {
        name: name.to_owned(),
        known: SHIPPED
            .iter()
            .map(|(known, _)| *known)
            .collect::<Vec<_>>()
            .join(", "),
    })?;
    Scenario::parse(text)
}
