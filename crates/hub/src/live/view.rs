//! The present of one account as it is shown: rows of agents, by settings, names and what is known of their feeds. Pure.

use super::feeds::{FeedNow, Unknown};
use crate::api::live::{LiveAgent, agent as shown};
use crate::store::integrations::Integration;
use crate::store::live_agents::{LiveKey, LiveRow};
use floorwire_model::agents::AgentKey;
use floorwire_model::agents::scope::AgentScope;
use floorwire_model::ids::{AcdNumber, IntegrationId};
use std::collections::{BTreeMap, HashMap};

/// Names by kind and number, per ACD.
pub type Dictionaries = HashMap<(IntegrationId, AcdNumber), HashMap<(String, String), String>>;

/// What rows are shown by.
#[derive(Debug, Default)]
pub struct View {
    /// The integrations of the account.
    pub integrations: BTreeMap<IntegrationId, Integration>,
    /// The names of their dictionaries.
    pub dictionaries: Dictionaries,
    /// The feeds, by integration and port.
    pub feeds: Vec<FeedNow>,
}

impl View {
    fn feed(&self, key: &LiveKey) -> Option<&FeedNow> {
        let mut feeds = self.feeds.iter();
        feeds.find(|feed| (feed.integration, feed.settings.port) == (key.integration, key.port))
    }

    /// Why statuses are not known, by feed.
    pub fn unknown(&self) -> BTreeMap<(IntegrationId, u16), Option<Unknown>> {
        let feeds = self.feeds.iter();
        feeds
            .map(|feed| ((feed.integration, feed.settings.port), feed.unknown))
            .collect()
    }

    /// A row as it is shown; `None` where it is not: real-time status or the port is off, or the agent is outside the scope.
    pub fn agent(&self, row: &LiveRow) -> Option<LiveAgent> {
        let feed = self.feed(&row.key)?;
        let integration = self.integrations.get(&row.key.integration)?;
        let configuration = &integration.configuration;
        let scope = &configuration.agent_scope;
        if scope.excludes_acd(row.key.acd) {
            return None;
        }
        if let AgentScope::Logins { logins } = scope {
            let agent = AgentKey {
                acd: row.key.acd,
                login: row.key.login.clone(),
            };
            if !logins.contains(&agent) {
                return None;
            }
        }
        let names = self.dictionaries.get(&(row.key.integration, row.key.acd));
        let name = |kind: &str, number: &str| {
            let name = names?.get(&(kind.to_owned(), number.to_owned()));
            name.filter(|name| !name.is_empty()).cloned()
        };
        shown(row, feed.unknown, configuration.agent_detail, name)
    }
}
