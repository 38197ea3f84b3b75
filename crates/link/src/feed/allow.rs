//! Who may connect to a port: addresses and networks.

use ipnet::IpNet;
use std::net::IpAddr;

/// The addresses that may connect; everybody when it is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AllowList {
    networks: Vec<IpNet>,
    is_nobody: bool,
}

impl AllowList {
    /// Reads addresses (`10.1.2.3`) and networks (`10.1.0.0/16`). The error names the entry.
    pub fn parse(entries: &[String]) -> Result<Self, String> {
        let parse = |entry: &String| {
            let text = entry.trim();
            let network = text.parse::<IpNet>();
            let single = || text.parse::<IpAddr>().map(IpNet::from);
            network.or_else(|_| single()).map_err(|_| {
                format!("`{text}` is neither an address (10.1.2.3) nor a network (10.1.0.0/16)")
            })
        };
        let networks = entries.iter().map(parse).collect::<Result<_, _>>()?;
        Ok(Self {
            networks,
            is_nobody: false,
        })
    }

    /// Nobody: what a list that cannot be read means.
    pub fn nobody() -> Self {
        Self {
            networks: Vec::new(),
            is_nobody: true,
        }
    }

    /// Whether this address may connect. An IPv4 address that arrives at an IPv6 socket is the IPv4 address.
    pub fn allows(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        !self.is_nobody
            && (self.networks.is_empty()
                || self
                    .networks
                    .iter()
                    .any(|network| network.contains(&address)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_and_networks() {
        let list = |entries: &[&str]| {
            AllowList::parse(&entries.iter().map(ToString::to_string).collect::<Vec<_>>())
        };
        let some = list(&["10.1.0.0/16", " 192.0.2.7", "2001:db8::/32"]).unwrap();
        for (address, allowed) in [
            ("10.1.200.3", true),
            ("::ffff:10.1.200.3", true),
            ("10.2.0.1", false),
            ("192.0.2.7", true),
            ("192.0.2.8", false),
            ("2001:db8::1", true),
            ("::1", false),
        ] {
            assert_eq!(some.allows(address.parse().unwrap()), allowed, "{address}");
        }
        assert!(list(&[]).unwrap().allows("203.0.113.1".parse().unwrap()));
        assert!(list(&["cms.example"]).unwrap_err().contains("cms.example"));
    }
}
