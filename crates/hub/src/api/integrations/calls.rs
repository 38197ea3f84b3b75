//! Settings of calls as they come in: which count, and which VDNs are queues.

use super::dto::ConfigurationPatch;
use crate::configuration::Configuration;
use crate::error::{ApiResult, Problem};
use floorwire_model::derivation::OfferedDefinition;
use floorwire_model::queue_settings::{CountedDirection, VdnOffered};
use std::collections::{BTreeMap, BTreeSet};

/// Longest number of a VDN, characters.
const LONGEST_VDN: usize = 16;
/// Most VDNs that are queues, of one ACD.
const MOST_VDNS: usize = 5_000;

/// Merges what a patch says of calls.
pub fn apply(configuration: &mut Configuration, patch: &mut ConfigurationPatch) -> ApiResult<()> {
    if let Some(name) = patch.offered_definition.take() {
        let names = OfferedDefinition::ALL.map(OfferedDefinition::as_str);
        let known = OfferedDefinition::from_name(&name);
        configuration.offered_definition = known
            .ok_or_else(|| unknown("invalid-offered-definition", "offeredDefinition", &names))?;
    }
    if let Some(name) = patch.vdn_offered_definition.take() {
        let names = VdnOffered::ALL.map(VdnOffered::as_str);
        let known = VdnOffered::from_name(&name);
        configuration.vdn_offered_definition = known
            .ok_or_else(|| unknown("invalid-offered-definition", "vdnOfferedDefinition", &names))?;
    }
    if let Some(name) = patch.call_direction.take() {
        let known = CountedDirection::from_name(&name);
        configuration.call_direction = known.ok_or_else(|| {
            unknown(
                "invalid-call-direction",
                "callDirection",
                &["all", "inbound"],
            )
        })?;
    }
    if let Some(vdns) = patch.vdns.take() {
        configuration.vdns = checked_vdns(vdns)?;
    }
    let inbound = configuration.call_direction == CountedDirection::Inbound;
    if inbound && configuration.offered_definition == OfferedDefinition::Arrived {
        let detail = "of the calls that came, the source does not say which were inbound, so that none would be known";
        return Err(Problem::invalid("arrivals-not-split", detail)
            .remedy("choose another definition of offered calls, or count all calls"));
    }
    Ok(())
}

fn unknown(code: &'static str, field: &str, names: &[&str]) -> Problem {
    let known = names.join("`, `");
    Problem::invalid(
        code,
        format!("`{field}` is not known; these are: `{known}`"),
    )
}

fn checked_vdns(vdns: BTreeMap<String, Vec<String>>) -> ApiResult<BTreeMap<i32, BTreeSet<String>>> {
    let mut checked = BTreeMap::new();
    for (acd, numbers) in vdns {
        let number = acd.parse::<i16>().ok().filter(|number| *number > 0);
        let Some(acd) = number else {
            let detail = format!("`vdns`: `{acd}` is not the number of an acd, 1 to 32767");
            return Err(Problem::invalid("invalid-acd", detail));
        };
        if numbers.len() > MOST_VDNS {
            let detail = format!("`vdns`: acd {acd} has more than {MOST_VDNS}");
            return Err(Problem::invalid("invalid-vdn", detail));
        }
        let is_number = |vdn: &String| {
            (1..=LONGEST_VDN).contains(&vdn.len())
                && vdn.bytes().all(|byte| byte.is_ascii_graphic())
        };
        if !numbers.iter().all(is_number) {
            let detail = format!(
                "`vdns`: a number of acd {acd} is empty, has blanks or more than {LONGEST_VDN} characters"
            );
            return Err(Problem::invalid("invalid-vdn", detail));
        }
        if !numbers.is_empty() {
            checked.insert(i32::from(acd), numbers.into_iter().collect());
        }
    }
    Ok(checked)
}

/// The same for the answer.
pub fn shown_vdns(vdns: BTreeMap<i32, BTreeSet<String>>) -> BTreeMap<String, Vec<String>> {
    vdns.into_iter()
        .map(|(acd, numbers)| (acd.to_string(), numbers.into_iter().collect()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn applied(patch: ConfigurationPatch) -> Result<Configuration, String> {
        let mut configuration = Configuration::default();
        let mut patch = patch;
        match apply(&mut configuration, &mut patch) {
            Ok(()) => Ok(configuration),
            Err(problem) => Err(problem.code().to_owned()),
        }
    }

    fn vdns(acd: &str, numbers: &[&str]) -> ConfigurationPatch {
        let numbers = numbers.iter().map(|number| (*number).to_owned()).collect();
        ConfigurationPatch {
            vdns: Some([(acd.to_owned(), numbers)].into()),
            ..ConfigurationPatch::default()
        }
    }

    #[test]
    fn vdns_are_numbers_of_an_acd() {
        let chosen = applied(vdns("1", &["6001", "6002", "6001"])).unwrap().vdns;
        assert_eq!(
            shown_vdns(chosen),
            [("1".into(), vec!["6001".into(), "6002".into()])].into()
        );
        assert_eq!(applied(vdns("1", &[])).unwrap(), Configuration::default());
        assert_eq!(applied(vdns("x", &["1"])).unwrap_err(), "invalid-acd");
        assert_eq!(applied(vdns("1", &["60 01"])).unwrap_err(), "invalid-vdn");
        assert_eq!(applied(vdns("1", &[""])).unwrap_err(), "invalid-vdn");
    }

    #[test]
    fn arrivals_cannot_be_counted_inbound_only() {
        let patch = |offered: &str, direction: &str| ConfigurationPatch {
            offered_definition: Some(offered.into()),
            call_direction: Some(direction.into()),
            ..ConfigurationPatch::default()
        };
        assert_eq!(
            applied(patch("i_arrived", "inbound")).unwrap_err(),
            "arrivals-not-split"
        );
        assert!(applied(patch("i_arrived", "all")).is_ok());
        assert!(applied(patch("acdcalls+abncalls", "inbound")).is_ok());
        assert_eq!(
            applied(patch("acdcalls+abncalls", "outbound")).unwrap_err(),
            "invalid-call-direction"
        );
    }
}
