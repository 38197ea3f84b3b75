//! `/integrations/{id}/vdns`: the VDNs of a source, to choose those at which calls enter.
//!
//! Names are the dictionary's; calls are those of the newest imported dates. A call that is sent on from VDN to VDN is one
//! of both, so chosen VDNs that may pass calls on to each other are told.

use crate::api::extract::Id;
use crate::auth::ViewsIntegrations;
use crate::configuration::Configuration;
use crate::error::{ApiResult, Problem};
use crate::state::AppState;
use crate::store::{StoreError, partitions, queues};
use axum::Json;
use axum::extract::State;
use floorwire_model::derivation::{Cut, Vendor};
use floorwire_model::ids::{AcdNumber, IntegrationId};
use floorwire_model::partition::SourcePartition;
use floorwire_model::streams::QueueKind;
use floorwire_model::vdns::{VdnUse, add_up, chained};
use floorwire_protocol::encoding::decode_columns;
use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::Arc;
use utoipa::ToSchema;

/// How many of the newest dates calls are counted over.
const DATES: i64 = 7;
/// Decompressed size up to which a partition is read.
const MAX_CONTENT_BYTES: usize = 1 << 28;

/// The VDNs of a source.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SourceVdns {
    /// What a queue is: `split` or `vdn`.
    pub grouping: String,
    /// Calls are grouped by VDN, and none is chosen: there is no queue.
    pub none_chosen: bool,
    /// Of each ACD by number: those with a name or with calls.
    pub vdns: Vec<SourceVdn>,
}

/// One VDN.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SourceVdn {
    /// The ACD.
    pub acd: i32,
    /// Its number there.
    pub number: String,
    /// Its name in the dictionary; null: it has none.
    #[schema(required)]
    pub name: Option<String>,
    /// It is a queue where calls are grouped by VDN.
    pub chosen: bool,
    /// Calls it finished on the newest imported dates, at most seven; null while none was imported.
    #[schema(required)]
    pub calls: Option<i64>,
    /// Those of them that another VDN had sent here.
    #[schema(required)]
    pub from_other_vdns: Option<i64>,
    /// Calls it sent to another VDN.
    #[schema(required)]
    pub to_other_vdns: Option<i64>,
    /// Chosen, got calls from other VDNs, and another chosen one sends some: the same calls may count in both.
    pub chained: bool,
}

/// The VDNs of the source, with their calls on the newest imported dates.
#[utoipa::path(get, path = "/integrations/{id}/vdns", tag = "integrations",
    params(("id" = i64, Path, description = "the integration")), responses((status = 200, body = SourceVdns)))]
pub async fn get_vdns(
    ViewsIntegrations(principal): ViewsIntegrations,
    State(state): State<AppState>,
    Id(id): Id,
) -> ApiResult<Json<SourceVdns>> {
    let integration = super::existing(&state, &principal, id).await?;
    let (account, id) = (principal.account, IntegrationId(id));
    let configuration = integration.configuration;
    let vendor = state.vendors.by_source(&integration.source);
    let mut vdns = Vec::new();
    for acd in partitions::acds(&state.store, account, id).await? {
        let names = queues::names_of_acd(&state.store, account, id, acd).await?;
        let mut uses = Vec::new();
        if let Some(vendor) = vendor {
            let is_meant = |rule: &&floorwire_model::derivation::TableRule| {
                rule.queues == Some(QueueKind::Vdn) && matches!(rule.cut, Cut::Intervals { .. })
            };
            for rule in vendor.tables().iter().filter(is_meant) {
                let place = (rule.table, acd);
                let newest = partitions::newest(&state.store, account, id, place, DATES).await?;
                for (partition, _) in newest {
                    let content = partitions::content(&state.store, account, &partition).await?;
                    if let Some(content) = content {
                        uses.extend(used(vendor.clone(), partition, content).await?);
                    }
                }
            }
        }
        vdns.extend(of_acd(acd, &names, add_up(uses), &configuration));
    }
    Ok(Json(SourceVdns {
        grouping: configuration.grouping.as_str().to_owned(),
        none_chosen: configuration.lacks_vdns(),
        vdns,
    }))
}

async fn used(
    vendor: Arc<dyn Vendor>,
    partition: SourcePartition,
    content: Vec<u8>,
) -> ApiResult<Vec<VdnUse>> {
    let work = move || {
        let unreadable = |error: &dyn std::fmt::Display| {
            StoreError::unreadable(format!("content of {partition}"), error)
        };
        let columns =
            decode_columns(&content, MAX_CONTENT_BYTES).map_err(|error| unreadable(&error))?;
        vendor
            .vdn_use(&partition, &columns)
            .map_err(|error| unreadable(&error))
    };
    let found = tokio::task::spawn_blocking(work).await;
    Ok(found.map_err(Problem::internal)??)
}

type Names = std::collections::HashMap<(String, String), String>;

/// Those with a name and those with calls, and those that were chosen and have neither.
fn of_acd(
    acd: AcdNumber,
    names: &Names,
    uses: Vec<VdnUse>,
    configuration: &Configuration,
) -> Vec<SourceVdn> {
    let none = std::collections::BTreeSet::new();
    let chosen = configuration.vdns.get(&acd.0).unwrap_or(&none);
    let in_chain = chained(&uses, |number| chosen.contains(number));
    let kind = QueueKind::Vdn.as_str();
    let named = names.keys().filter(|(item, _)| item == kind);
    let named = named.map(|(_, number)| number.clone());
    let mut all: BTreeMap<String, VdnUse> = BTreeMap::new();
    for number in named.chain(chosen.iter().cloned()) {
        all.entry(number).or_default();
    }
    for one in &uses {
        all.insert(one.number.clone(), one.clone());
    }
    let shown = all.into_iter().map(|(number, calls)| SourceVdn {
        acd: acd.0,
        name: names
            .get(&(kind.to_owned(), number.clone()))
            .filter(|name| !name.is_empty())
            .cloned(),
        chosen: chosen.contains(&number),
        calls: calls.calls,
        from_other_vdns: calls.from_other_vdns,
        to_other_vdns: calls.to_other_vdns,
        chained: in_chain.contains(&number.as_str()),
        number,
    });
    shown.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_calls_and_choices_meet() {
        let names = [("6001", "Accueil"), ("6003", "")]
            .map(|(number, name)| (("vdn".to_owned(), number.to_owned()), name.to_owned()));
        let one = |number: &str, from: i64, to: i64| VdnUse {
            number: number.into(),
            calls: Some(9),
            from_other_vdns: Some(from),
            to_other_vdns: Some(to),
        };
        let configuration = Configuration {
            vdns: [(1, ["6001".into(), "6002".into(), "6004".into()].into())].into(),
            ..Configuration::default()
        };
        let uses = vec![one("6001", 0, 4), one("6002", 4, 0)];
        let shown = of_acd(AcdNumber(1), &names.into(), uses, &configuration);
        let told: Vec<_> = shown
            .iter()
            .map(|vdn| (vdn.number.as_str(), vdn.chosen, vdn.calls, vdn.chained))
            .collect();
        assert_eq!(
            told,
            [
                ("6001", true, Some(9), false),
                ("6002", true, Some(9), true),
                ("6003", false, None, false),
                ("6004", true, None, false)
            ]
        );
        assert_eq!(shown[0].name.as_deref(), Some("Accueil"));
        assert_eq!(shown[2].name, None);
    }
}
