//! A whole installation: CMS database, simulator, Hub, Link; paired and configured.

use crate::api::Api;
use crate::cms::{CmsDatabase, Simulator, Truth};
use crate::compare::{
    differences, hub_figures, slot_figures, slot_offered, true_figures, true_offered,
};
use crate::compare_agents;
use crate::hub::{Hub, HubStore};
use crate::link::Link;
use anyhow::{Context, bail, ensure};
use serde_json::{Value, json};
use std::path::Path;
use std::time::{Duration, Instant};

/// A Hub with one integration and its Link.
pub struct Site {
    /// The CMS's database.
    pub database: CmsDatabase,
    /// The simulator over it.
    pub simulator: Simulator,
    /// The Hub.
    pub hub: Hub,
    /// The Link.
    pub link: Link,
    /// A client of the Hub.
    pub api: Api,
    /// The integration.
    pub integration: i64,
}

/// How a comparison ended.
#[derive(Debug)]
pub struct Compared {
    /// Intervals that were compared.
    pub intervals: usize,
    /// Queues that were compared.
    pub queues: usize,
    /// What differs, one line each.
    pub differences: Vec<String>,
}

/// What a comparison of agents found.
#[derive(Debug)]
pub struct ComparedAgents {
    /// Slots of agents, spans of traced agents, sessions.
    pub counts: [usize; 3],
    /// One line each.
    pub differences: Vec<String>,
}

impl Site {
    /// Starts Hub and Link and pairs them through the API; the connection is not configured yet.
    pub async fn start(
        folder: &Path,
        database: CmsDatabase,
        store: HubStore,
    ) -> anyhow::Result<Self> {
        let hub = Hub::start(folder, store, None).await?;
        Self::with_hub(
            folder,
            database,
            hub,
            "Avaya integration - Demo",
            Vec::new(),
        )
        .await
    }

    /// The same with a Hub that believes it is `now`, so that the days of a simulation are recent days.
    pub async fn start_at(
        folder: &Path,
        database: CmsDatabase,
        store: HubStore,
        now: jiff::Timestamp,
    ) -> anyhow::Result<Self> {
        let mut site = Self::start(folder, database, store).await?;
        // Not before: a Link goes by its own clock as long as a PIN holds.
        site.hub.restart_at(now).await?;
        Ok(site)
    }

    /// The same with a Hub that runs already, and environment variables for the Link.
    pub async fn with_hub(
        folder: &Path,
        database: CmsDatabase,
        hub: Hub,
        name: &str,
        link_environment: Vec<(String, String)>,
    ) -> anyhow::Result<Self> {
        let api = hub.api()?;
        let created = api
            .post(
                "/integrations",
                &json!({"name": name, "source": "avaya-cms"}),
            )
            .await?;
        let integration = created["id"]
            .as_i64()
            .context("the integration has no id")?;
        let code = created["code"]
            .as_str()
            .context("the integration has no code")?;
        let mut link = Link::start_with(folder, &hub.url(), code, link_environment)?;
        let (pin, words) = link.pin().await?;
        let paired = api
            .post(
                &format!("/integrations/{integration}/pair"),
                &json!({"pin": pin}),
            )
            .await?;
        let hub_words: Vec<&str> = paired["link"]["keyWords"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        ensure!(
            hub_words.join(" ") == words,
            "key words differ: link `{words}`, hub `{}`",
            hub_words.join(" ")
        );
        let simulator = Simulator::new(&database, folder);
        Ok(Self {
            database,
            simulator,
            hub,
            link,
            api,
            integration,
        })
    }

    /// Saves the database's own connection string and zone, and puts everybody in scope.
    pub async fn configure(&self, zone: &str) -> anyhow::Result<()> {
        let settings = json!({"zone": zone, "agentScope": {"kind": "all"}});
        self.configure_with(settings).await
    }

    /// Saves the database's own connection string and any settings.
    pub async fn configure_with(&self, settings: Value) -> anyhow::Result<()> {
        let connection = self.database.connection();
        self.api
            .configure_with(self.integration, &connection, settings)
            .await
            .map(drop)
    }

    /// The integration as the API shows it.
    pub async fn shown(&self) -> anyhow::Result<Value> {
        self.api
            .get(&format!("/integrations/{}", self.integration))
            .await
    }

    /// Waits until the integration's state is `state`. `observe` sees each state on the way.
    pub async fn wait_for(
        &mut self,
        state: &str,
        limit: Duration,
        mut observe: impl FnMut(&Value),
    ) -> anyhow::Result<Value> {
        self.wait_until(limit, |shown| {
            observe(shown);
            shown["status"]["state"] == state
        })
        .await
        .with_context(|| format!("waited for the state `{state}`"))
    }

    /// Waits until what the API shows of the integration is as wanted.
    pub async fn wait_until(
        &mut self,
        limit: Duration,
        mut is_wanted: impl FnMut(&Value) -> bool,
    ) -> anyhow::Result<Value> {
        let begin = Instant::now();
        let mut shown = Value::Null;
        while begin.elapsed() < limit {
            self.hub.process()?.check_running()?;
            self.link.process()?.check_running()?;
            shown = self.shown().await?;
            if is_wanted(&shown) {
                return Ok(shown);
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        bail!("after {limit:?} the integration still shows {shown:#}")
    }

    /// Holds every interval and queue name against the simulator's event log.
    pub async fn compare(&self, truth: &Truth) -> anyhow::Result<Compared> {
        self.compare_with(truth, true).await
    }

    /// The same for a CMS with or without `starttime_utc`.
    pub async fn compare_with(&self, truth: &Truth, with_utc: bool) -> anyhow::Result<Compared> {
        let expected = true_figures(truth, with_utc)?;
        let (found, names) = hub_figures(&self.api, self.integration, truth, slot_figures).await?;
        let mut differences = differences(&expected, &found);
        for queue in &truth.queues {
            let name = names.get(&(queue.acd, queue.split));
            if name.is_some_and(|name| *name != queue.name) {
                differences.push(format!(
                    "split {} is called {name:?}, should be {}",
                    queue.split, queue.name
                ));
            }
        }
        Ok(Compared {
            intervals: expected.len(),
            queues: names.len(),
            differences,
        })
    }

    /// Has calls offered by another definition and holds them against the event log, interval by interval.
    pub async fn compare_offered(
        &mut self,
        truth: &Truth,
        with_utc: bool,
        definition: &str,
    ) -> anyhow::Result<Vec<String>> {
        let path = format!("/integrations/{}", self.integration);
        let change = json!({"configuration": {"offeredDefinition": definition}});
        self.api.patch(&path, &change).await?;
        self.wait_for("operational", Duration::from_secs(120), |_| {})
            .await?;
        let expected = true_offered(truth, with_utc, definition)?;
        ensure!(
            !expected.is_empty(),
            "the truth has no call by {definition}"
        );
        let (found, _) = hub_figures(&self.api, self.integration, truth, slot_offered).await?;
        Ok(differences(&expected, &found))
    }

    /// Holds what the Hub says of agents against the simulator's event log.
    pub async fn compare_agents(
        &self,
        truth: &Truth,
        with_utc: bool,
    ) -> anyhow::Result<ComparedAgents> {
        let expected = compare_agents::truth(truth, with_utc)?;
        let found = compare_agents::hub(&self.api, self.integration, truth).await?;
        Ok(ComparedAgents {
            counts: expected.counts(),
            differences: compare_agents::differences(&expected, &found),
        })
    }

    /// Ends Link and Hub.
    pub fn end(mut self) -> anyhow::Result<()> {
        self.link.end()?;
        self.hub.end()
    }
}
