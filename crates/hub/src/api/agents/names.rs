//! Names of skills and AUX reasons, from the dictionary of the agent's ACD.

use super::Asked;
use crate::auth::Principal;
use crate::error::ApiResult;
use crate::state::AppState;
use crate::store::queues;
use floorwire_model::ids::IntegrationId;
use std::collections::HashMap;

/// Names by kind and number.
pub struct Names(HashMap<(String, String), String>);

impl Names {
    /// Reads them.
    pub async fn read(state: &AppState, principal: &Principal, asked: &Asked) -> ApiResult<Self> {
        let integration = IntegrationId(asked.row.integration_id);
        let names =
            queues::names_of_acd(&state.store, principal.account, integration, asked.acd()?)
                .await?;
        Ok(Self(names))
    }

    /// Of a split or skill.
    pub fn skill(&self, number: &str) -> Option<String> {
        self.of("split", number)
    }

    /// Of an AUX reason.
    pub fn aux_reason(&self, number: impl ToString) -> Option<String> {
        self.of("aux_rsn", &number.to_string())
    }

    fn of(&self, kind: &str, number: &str) -> Option<String> {
        let name = self.0.get(&(kind.to_owned(), number.to_owned()));
        name.filter(|name| !name.is_empty()).cloned()
    }
}
