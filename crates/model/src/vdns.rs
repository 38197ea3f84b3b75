//! How VDNs are used, to choose those at which calls enter. Pure.
//!
//! A call that a vector sends to another VDN is a call of both. Sums over VDNs hold only where none of them passes calls on
//! to another of them.

use std::collections::BTreeMap;

/// Calls of one VDN in some period.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VdnUse {
    /// Its number at the ACD, without padding.
    pub number: String,
    /// Calls it finished. Source: hvdn.incalls; `None`: not known.
    pub calls: Option<i64>,
    /// Those of them that another VDN had sent here. Source: hvdn.inflowcalls; `None`: not known.
    pub from_other_vdns: Option<i64>,
    /// Calls it sent to another VDN. Source: hvdn.outflowcalls less interflowcalls; `None`: not known.
    pub to_other_vdns: Option<i64>,
}

impl VdnUse {
    /// Adds another period.
    pub fn add(&mut self, other: &Self) {
        let sum =
            |one: Option<i64>, other: Option<i64>| one.zip(other).map(|(one, other)| one + other);
        self.calls = sum(self.calls, other.calls);
        self.from_other_vdns = sum(self.from_other_vdns, other.from_other_vdns);
        self.to_other_vdns = sum(self.to_other_vdns, other.to_other_vdns);
    }
}

/// Adds up several periods, sorted by number.
pub fn add_up(periods: impl IntoIterator<Item = VdnUse>) -> Vec<VdnUse> {
    let mut sums: BTreeMap<String, VdnUse> = BTreeMap::new();
    for period in periods {
        match sums.get_mut(&period.number) {
            Some(sum) => sum.add(&period),
            None => {
                sums.insert(period.number.clone(), period);
            }
        }
    }
    sums.into_values().collect()
}

/// Numbers of the chosen VDNs that may have counted a call again which another chosen one had counted: they got calls from
/// VDNs while another chosen one sent some to VDNs. The rows do not say from where to where, so it can be a false alarm,
/// never a false silence.
pub fn chained(uses: &[VdnUse], is_chosen: impl Fn(&str) -> bool) -> Vec<&str> {
    let some = |calls: Option<i64>| calls.is_some_and(|calls| calls > 0);
    let chosen = || uses.iter().filter(|vdn| is_chosen(&vdn.number));
    let sends =
        |to: &VdnUse| chosen().any(|from| from.number != to.number && some(from.to_other_vdns));
    chosen()
        .filter(|vdn| some(vdn.from_other_vdns) && sends(vdn))
        .map(|vdn| vdn.number.as_str())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vdn(number: &str, calls: [i64; 3]) -> VdnUse {
        VdnUse {
            number: number.into(),
            calls: Some(calls[0]),
            from_other_vdns: Some(calls[1]),
            to_other_vdns: Some(calls[2]),
        }
    }

    #[test]
    fn a_chain_needs_a_chosen_sender_and_a_chosen_receiver() {
        let uses = [
            vdn("1", [9, 0, 4]),
            vdn("2", [7, 4, 0]),
            vdn("3", [5, 0, 0]),
        ];
        assert_eq!(chained(&uses, |_| true), ["2"]);
        assert!(chained(&uses, |number| number != "1").is_empty());
        assert!(chained(&uses, |number| number != "2").is_empty());
        let loops = [vdn("4", [9, 2, 2])];
        assert!(chained(&loops, |_| true).is_empty());
    }

    #[test]
    fn periods_add_up_and_unknown_stays_unknown() {
        let unknown = VdnUse {
            number: "2".into(),
            calls: Some(1),
            ..VdnUse::default()
        };
        let sums = add_up([vdn("2", [1, 1, 1]), vdn("1", [1, 2, 3]), unknown]);
        assert_eq!(sums[0], vdn("1", [1, 2, 3]));
        assert_eq!((sums[1].calls, sums[1].from_other_vdns), (Some(2), None));
    }
}
