//! Roles, rights, and the scopes that cut the rights of an access token down.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;
use utoipa::ToSchema;

/// What a user is in an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// Everything.
    Owner,
    /// Sets integrations up, looks after users.
    Admin,
    /// Reads queues.
    Planner,
    /// Reads queues and agents.
    TeamLead,
    /// Reads queues.
    Viewer,
    /// Reads settings and the access log; no queue figures, no personal data.
    Auditor,
}

/// All roles with their stable names, in the order of the table of rights.
pub const ROLES: [(Role, &str); 6] = [
    (Role::Owner, "owner"),
    (Role::Admin, "admin"),
    (Role::Planner, "planner"),
    (Role::TeamLead, "team-lead"),
    (Role::Viewer, "viewer"),
    (Role::Auditor, "auditor"),
];

/// Who has which right: one column for each of [`ROLES`], in their order; then the scopes of access tokens that keep it. This
/// is the one place where it is said; `docs/roles.md` is made from it.
pub const TABLE: [(Right, [bool; 6], &[Scope]); 7] = {
    use Right as R;
    use Scope::{All, Queues, Read};
    [
        // owner, admin, planner, team lead, viewer, auditor
        (
            R::ViewQueues,
            [true, true, true, true, true, false],
            &[All, Read, Queues],
        ),
        (
            R::ViewAgents,
            [true, true, false, true, false, false],
            &[All, Read],
        ),
        (R::ViewIntegrations, [true; 6], &[All, Read]),
        (
            R::ViewSettings,
            [true, true, false, false, false, true],
            &[All, Read],
        ),
        (
            R::ManageIntegrations,
            [true, true, false, false, false, false],
            &[All],
        ),
        (
            R::ManageUsers,
            [true, true, false, false, false, false],
            &[All],
        ),
        (
            R::ViewAudit,
            [true, true, false, false, false, true],
            &[All, Read],
        ),
    ]
};

/// A name that is not one of the known ones.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what} `{found}` is not known; use one of: {known}")]
pub struct UnknownName {
    what: &'static str,
    found: String,
    known: String,
}

fn from_table<T: Copy>(
    what: &'static str,
    table: &[(T, &str)],
    text: &str,
) -> Result<T, UnknownName> {
    table
        .iter()
        .find(|(_, name)| *name == text)
        .map(|(value, _)| *value)
        .ok_or_else(|| UnknownName {
            what,
            found: text.to_owned(),
            known: table
                .iter()
                .map(|(_, name)| *name)
                .collect::<Vec<_>>()
                .join(", "),
        })
}

impl Role {
    /// The stable name.
    pub fn as_str(self) -> &'static str {
        ROLES
            .iter()
            .find(|(role, _)| *role == self)
            .map_or("viewer", |(_, name)| name)
    }
}

impl FromStr for Role {
    type Err = UnknownName;

    fn from_str(text: &str) -> Result<Self, UnknownName> {
        from_table("role", &ROLES, text)
    }
}

impl fmt::Display for Role {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// How much of a user's rights an access token has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Scope {
    /// Everything the user may do.
    #[default]
    All,
    /// Everything the user may see, no change.
    Read,
    /// Queues and their figures only.
    Queues,
}

/// All scopes with their stable names.
pub const SCOPES: [(Scope, &str); 3] = [
    (Scope::All, "all"),
    (Scope::Read, "read"),
    (Scope::Queues, "queues"),
];

impl Scope {
    /// The stable name.
    pub fn as_str(self) -> &'static str {
        SCOPES
            .iter()
            .find(|(scope, _)| *scope == self)
            .map_or("queues", |(_, name)| name)
    }

    fn allows(self, right: Right) -> bool {
        right
            .row()
            .is_some_and(|(_, _, scopes)| scopes.contains(&self))
    }
}

impl FromStr for Scope {
    type Err = UnknownName;

    fn from_str(text: &str) -> Result<Self, UnknownName> {
        from_table("scope", &SCOPES, text)
    }
}

/// One thing that is allowed or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Right {
    /// Read queues and their figures.
    ViewQueues,
    /// Read what single agents did: personal data.
    ViewAgents,
    /// See integrations, their state, ledger and journal.
    ViewIntegrations,
    /// See the settings of integrations, the open part of the connection string included.
    ViewSettings,
    /// Create, change, pair, pause, re-import and delete integrations.
    ManageIntegrations,
    /// See users, invite them, change their role, switch them off.
    ManageUsers,
    /// Read the access log: who changed or looked at what.
    ViewAudit,
}

impl Right {
    /// The stable name, as in [`Capabilities`].
    pub fn name(self) -> &'static str {
        match self {
            Self::ViewQueues => "viewQueues",
            Self::ViewAgents => "viewAgents",
            Self::ViewIntegrations => "viewIntegrations",
            Self::ViewSettings => "viewSettings",
            Self::ManageIntegrations => "manageIntegrations",
            Self::ManageUsers => "manageUsers",
            Self::ViewAudit => "viewAudit",
        }
    }

    /// What it allows, for the documentation.
    pub fn description(self) -> &'static str {
        match self {
            Self::ViewQueues => "read queues and their figures",
            Self::ViewAgents => "read what single agents did (personal data)",
            Self::ViewIntegrations => "see integrations, their state, ledger and journal",
            Self::ViewSettings => "see the settings of integrations",
            Self::ManageIntegrations => {
                "create, change, pair, pause, re-import and delete integrations; hide queues"
            }
            Self::ManageUsers => "see, invite, change and switch off users",
            Self::ViewAudit => "read and export the access log",
        }
    }

    fn row(self) -> Option<&'static (Right, [bool; 6], &'static [Scope])> {
        TABLE.iter().find(|(right, _, _)| *right == self)
    }

    /// Whether a role has it.
    pub fn of_role(self, role: Role) -> bool {
        let column = ROLES.iter().position(|(other, _)| *other == role);
        let cell = |(_, roles, _): &(Right, [bool; 6], &[Scope])| {
            column.and_then(|column| roles.get(column)).copied()
        };
        self.row().and_then(cell).unwrap_or(false)
    }
}

/// What the signed-in user may do; pages hide what is not allowed, the server refuses it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Capabilities {
    /// Read queues and their figures.
    pub view_queues: bool,
    /// Read what single agents did.
    pub view_agents: bool,
    /// See integrations, their state, ledger and journal.
    pub view_integrations: bool,
    /// See the settings of integrations.
    pub view_settings: bool,
    /// Create, change, pair, pause, re-import and delete integrations.
    pub manage_integrations: bool,
    /// See users, invite them, change their role, switch them off.
    pub manage_users: bool,
    /// Read the access log.
    pub view_audit: bool,
}

impl Capabilities {
    /// What role and scope allow together.
    pub fn of(role: Role, scope: Scope) -> Self {
        let may = |right: Right| right.of_role(role) && scope.allows(right);
        Self {
            view_queues: may(Right::ViewQueues),
            view_agents: may(Right::ViewAgents),
            view_integrations: may(Right::ViewIntegrations),
            view_settings: may(Right::ViewSettings),
            manage_integrations: may(Right::ManageIntegrations),
            manage_users: may(Right::ManageUsers),
            view_audit: may(Right::ViewAudit),
        }
    }

    /// True when the right is among them.
    pub fn has(&self, right: Right) -> bool {
        match right {
            Right::ViewQueues => self.view_queues,
            Right::ViewAgents => self.view_agents,
            Right::ViewIntegrations => self.view_integrations,
            Right::ViewSettings => self.view_settings,
            Right::ManageIntegrations => self.manage_integrations,
            Right::ManageUsers => self.manage_users,
            Right::ViewAudit => self.view_audit,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_round_trip_and_unknown_ones_are_explained() {
        for (role, name) in ROLES {
            assert_eq!((name.parse(), role.as_str()), (Ok(role), name));
        }
        for (scope, name) in SCOPES {
            assert_eq!((name.parse(), scope.as_str()), (Ok(scope), name));
        }
        let refused = "king".parse::<Role>().unwrap_err().to_string();
        assert!(refused.contains("team-lead"), "{refused}");
    }

    #[test]
    fn a_scope_never_adds_a_right() {
        for (role, _) in ROLES {
            let full = Capabilities::of(role, Scope::All);
            for (scope, _) in SCOPES {
                let cut = Capabilities::of(role, scope);
                for (right, _, _) in TABLE {
                    assert!(full.has(right) || !cut.has(right));
                }
            }
        }
        assert!(!Capabilities::of(Role::Owner, Scope::Read).manage_integrations);
        assert!(!Capabilities::of(Role::Auditor, Scope::All).view_queues);
        for role in [Role::Planner, Role::Viewer, Role::Auditor] {
            assert!(!Capabilities::of(role, Scope::All).view_agents);
        }
        assert!(!Capabilities::of(Role::Owner, Scope::Queues).view_agents);
        assert!(!Capabilities::of(Role::Planner, Scope::All).manage_integrations);
    }
}
