//! Settings of real-time status as the API shows and takes them.

use crate::configuration::{Configuration, FeedSettings, RealtimeSettings};
use crate::error::{ApiResult, Problem};
use floorwire_model::ids::AcdNumber;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::net::IpAddr;
use utoipa::ToSchema;

/// Ports of one integration: an ACD each, and some to try profiles.
const MOST_FEEDS: usize = 32;
const MOST_NETWORKS: usize = 64;
pub(super) const LONGEST_PROFILE_NAME: usize = 64;

/// Real-time status: the ports at which the Link listens.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Realtime {
    /// Whether the Link listens.
    pub enabled: bool,
    /// The ports; kept while real-time status is off.
    #[serde(default)]
    pub feeds: Vec<FeedPort>,
    /// The ports are closed while the integration is paused; else they stay open, and what comes waits at the Link.
    #[serde(default)]
    pub close_while_paused: bool,
}

/// One port.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FeedPort {
    /// 1 to 65535. Ports below 1024 need a right of the system on the Link's host.
    pub port: u16,
    /// The address of the Link's host to listen on; null: all.
    #[serde(default)]
    #[schema(required)]
    pub bind: Option<String>,
    /// Addresses or networks (`10.1.0.0/16`) that may connect; empty: all.
    #[serde(default)]
    pub allow_from: Vec<String>,
    /// The ACD of records that do not name one, 1 to 32767.
    pub acd: i32,
    /// Name of the profile by which the feed is read.
    pub profile: String,
}

fn invalid(detail: String) -> Problem {
    Problem::invalid("invalid-realtime", detail)
}

impl Realtime {
    /// Checked, as the hub keeps it. `profiles` are the names of the profiles that there are.
    pub fn checked(self, profiles: &BTreeSet<String>) -> ApiResult<RealtimeSettings> {
        if self.feeds.len() > MOST_FEEDS {
            let count = self.feeds.len();
            let detail = format!("`realtime.feeds` has {count} ports; it can have {MOST_FEEDS}");
            return Err(invalid(detail));
        }
        if self.enabled && self.feeds.is_empty() {
            let problem =
                invalid("`realtime.feeds` is empty, so there is nothing to listen at".to_owned());
            return Err(problem.remedy(
                "name the port to which the feed is sent, or switch real-time status off",
            ));
        }
        let mut ports = BTreeSet::new();
        let mut feeds = Vec::with_capacity(self.feeds.len());
        for (at, feed) in self.feeds.into_iter().enumerate() {
            let port = feed.port;
            let feed = feed.checked(at, profiles)?;
            if !ports.insert(port) {
                let problem = invalid(format!(
                    "`realtime.feeds[{at}].port`: port {port} is there twice"
                ));
                return Err(problem.remedy("each feed needs a port of its own"));
            }
            feeds.push(feed);
        }
        Ok(RealtimeSettings {
            enabled: self.enabled,
            feeds,
            close_while_paused: self.close_while_paused,
        })
    }
}

impl FeedPort {
    fn checked(self, at: usize, profiles: &BTreeSet<String>) -> ApiResult<FeedSettings> {
        let field = |name: &str| format!("`realtime.feeds[{at}].{name}`");
        if self.port == 0 {
            let problem = invalid(format!("{}: 0 is not a port", field("port")));
            return Err(problem.remedy("ports are 1 to 65535"));
        }
        let acd = i16::try_from(self.acd).ok().filter(|acd| *acd > 0);
        let acd = acd.ok_or_else(|| {
            let name = field("acd");
            invalid(format!(
                "{name}: {} is not the number of an acd, 1 to 32767",
                self.acd
            ))
        })?;
        let bind = self
            .bind
            .map(|text| text.trim().to_owned())
            .filter(|text| !text.is_empty());
        if let Some(text) = &bind
            && text.parse::<IpAddr>().is_err()
        {
            let problem = invalid(format!("{}: `{text}` is not an IP address", field("bind")));
            return Err(problem
                .remedy("write an address of the Link's host, or leave it out to listen on all"));
        }
        if self.allow_from.len() > MOST_NETWORKS {
            let detail = format!(
                "{} has more than {MOST_NETWORKS} networks",
                field("allowFrom")
            );
            return Err(invalid(detail));
        }
        let mut allow_from = Vec::with_capacity(self.allow_from.len());
        for text in self.allow_from {
            let text = text.trim();
            if !is_network(text) {
                let problem = invalid(format!(
                    "{}: `{text}` is not an address or network",
                    field("allowFrom")
                ));
                return Err(problem.remedy("write it as 10.1.2.3, 10.1.0.0/16 or 2001:db8::/32"));
            }
            allow_from.push(text.to_owned());
        }
        let profile = self.profile.trim().to_owned();
        if !profiles.contains(&profile) {
            let known: Vec<&str> = profiles.iter().map(String::as_str).collect();
            let problem = invalid(format!(
                "{}: there is no profile `{}`",
                field("profile"),
                shortened(&profile)
            ));
            return Err(problem.remedy(format!("use one of: {}", known.join(", "))));
        }
        Ok(FeedSettings {
            port: self.port,
            bind,
            allow_from,
            acd: AcdNumber(i32::from(acd)),
            profile,
        })
    }
}

/// At most as long as a name may be, for messages.
pub(super) fn shortened(text: &str) -> String {
    text.chars().take(LONGEST_PROFILE_NAME).collect()
}

/// An address, or an address with the length of its prefix.
fn is_network(text: &str) -> bool {
    let (address, prefix) = match text.split_once('/') {
        Some((address, prefix)) => (address, Some(prefix)),
        None => (text, None),
    };
    let Ok(address) = address.parse::<IpAddr>() else {
        return false;
    };
    let longest = if address.is_ipv4() { 32 } else { 128 };
    let digits =
        |prefix: &str| !prefix.is_empty() && prefix.bytes().all(|byte| byte.is_ascii_digit());
    prefix.is_none_or(|prefix| {
        digits(prefix) && prefix.parse::<u8>().is_ok_and(|length| length <= longest)
    })
}

/// As the hub keeps it, for the API.
pub(super) fn shown(configuration: &Configuration) -> Realtime {
    let settings = &configuration.realtime;
    Realtime {
        enabled: settings.enabled,
        feeds: settings.feeds.iter().map(feed).collect(),
        close_while_paused: settings.close_while_paused,
    }
}

fn feed(settings: &FeedSettings) -> FeedPort {
    FeedPort {
        port: settings.port,
        bind: settings.bind.clone(),
        allow_from: settings.allow_from.clone(),
        acd: settings.acd.0,
        profile: settings.profile.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn feed(port: u16) -> FeedPort {
        FeedPort {
            port,
            bind: None,
            allow_from: Vec::new(),
            acd: 1,
            profile: "rta-codes-delimited".into(),
        }
    }

    fn of(feeds: Vec<FeedPort>) -> Realtime {
        Realtime {
            enabled: true,
            feeds,
            close_while_paused: false,
        }
    }

    fn refusal(feeds: Vec<FeedPort>) -> String {
        let profiles = ["rta-codes-delimited".to_owned()].into();
        let problem = of(feeds).checked(&profiles).unwrap_err();
        assert_eq!(problem.code(), "invalid-realtime");
        problem.body().detail
    }

    #[test]
    fn each_field_that_cannot_be_used_is_named() {
        assert!(refusal(vec![]).contains("`realtime.feeds`"));
        assert!(refusal(vec![feed(0)]).contains("`realtime.feeds[0].port`"));
        let twice = refusal(vec![feed(7001), feed(7001)]);
        assert!(twice.contains("`realtime.feeds[1].port`"), "{twice}");
        let acd = FeedPort {
            acd: 0,
            ..feed(7001)
        };
        assert!(refusal(vec![acd]).contains("`realtime.feeds[0].acd`"));
        let bind = FeedPort {
            bind: Some("here".into()),
            ..feed(7001)
        };
        assert!(refusal(vec![bind]).contains("`realtime.feeds[0].bind`"));
        let profile = FeedPort {
            profile: "x".into(),
            ..feed(7001)
        };
        assert!(refusal(vec![profile]).contains("`realtime.feeds[0].profile`"));
        for network in [
            "10.0.0.0/33",
            "10.0.0/8",
            "host",
            "10.0.0.0/",
            "::1/129",
            "10.0.0.0/+8",
        ] {
            let networks = FeedPort {
                allow_from: vec![network.into()],
                ..feed(7001)
            };
            let said = refusal(vec![networks]);
            assert!(said.contains("`realtime.feeds[0].allowFrom`"), "{said}");
        }
    }

    #[test]
    fn what_can_be_used_is_kept() {
        let profiles = ["rta-codes-delimited".to_owned()].into();
        let asked = of(vec![
            FeedPort {
                bind: Some("127.0.0.1".into()),
                allow_from: vec![
                    "10.1.0.0/16".into(),
                    "2001:db8::/32".into(),
                    "192.0.2.4".into(),
                ],
                ..feed(7001)
            },
            feed(7002),
        ]);
        let kept = Configuration {
            realtime: asked.clone().checked(&profiles).unwrap(),
            ..Configuration::default()
        };
        assert_eq!(shown(&kept), asked);
        let off = Realtime::default();
        assert!(off.checked(&profiles).is_ok());
    }
}
