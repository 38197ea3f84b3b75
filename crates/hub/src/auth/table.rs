//! What every operation of the interface needs. Together with the rights of the roles ([`super::role::TABLE`]) this is the one
//! place that says who may do what: `docs/roles.md` is made from both ([`document`]), and a test walks every operation of the
//! OpenAPI document with every role and scope and holds the handlers to it. An operation that is not here fails that test.

use super::role::{ROLES, Right, Role, SCOPES, TABLE};
use std::fmt::Write;

/// What a request must bring.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Nothing: it is how one gets in. What it needs stands in the body.
    Open,
    /// A session or an access token, of whatever role.
    SignedIn,
    /// A session, of whatever role: it is about the reader's own password, sessions and tokens.
    Own,
    /// A session or an access token with this right.
    Needs(Right),
}

use Access::{Needs, Open, Own, SignedIn};
use Right::{ManageIntegrations, ManageUsers, ViewAgents, ViewAudit, ViewIntegrations, ViewQueues};

/// Method and path below `/api/v1` of every operation, and what it needs.
pub const OPERATIONS: &[(&str, &str, Access)] = &[
    ("POST", "/session", Open),
    ("GET", "/session", SignedIn),
    ("DELETE", "/session", SignedIn),
    ("POST", "/oneTimeLinks/look", Open),
    ("POST", "/oneTimeLinks/use", Open),
    ("PUT", "/me/password", Own),
    ("GET", "/me/sessions", Own),
    ("DELETE", "/me/sessions", Own),
    ("DELETE", "/me/sessions/{id}", Own),
    ("GET", "/me/tokens", Own),
    ("POST", "/me/tokens", Own),
    ("DELETE", "/me/tokens/{id}", Own),
    ("GET", "/users", Needs(ManageUsers)),
    ("GET", "/users/{id}", Needs(ManageUsers)),
    ("PATCH", "/users/{id}", Needs(ManageUsers)),
    ("POST", "/users/{id}/passwordLink", Needs(ManageUsers)),
    ("GET", "/invitations", Needs(ManageUsers)),
    ("POST", "/invitations", Needs(ManageUsers)),
    ("DELETE", "/invitations/{id}", Needs(ManageUsers)),
    ("GET", "/audit", Needs(ViewAudit)),
    ("GET", "/integrations", Needs(ViewIntegrations)),
    ("POST", "/integrations", Needs(ManageIntegrations)),
    ("GET", "/integrations/stream", Needs(ViewIntegrations)),
    ("GET", "/integrations/{id}", Needs(ViewIntegrations)),
    ("PATCH", "/integrations/{id}", Needs(ManageIntegrations)),
    ("DELETE", "/integrations/{id}", Needs(ManageIntegrations)),
    ("POST", "/integrations/{id}/pair", Needs(ManageIntegrations)),
    (
        "POST",
        "/integrations/{id}/pause",
        Needs(ManageIntegrations),
    ),
    (
        "POST",
        "/integrations/{id}/resume",
        Needs(ManageIntegrations),
    ),
    (
        "POST",
        "/integrations/{id}/verify",
        Needs(ManageIntegrations),
    ),
    (
        "POST",
        "/integrations/{id}/reimport",
        Needs(ManageIntegrations),
    ),
    (
        "GET",
        "/integrations/{id}/reimports/{preview}",
        Needs(ViewIntegrations),
    ),
    ("GET", "/integrations/{id}/ledger", Needs(ViewIntegrations)),
    ("GET", "/integrations/{id}/gaps", Needs(ViewIntegrations)),
    ("GET", "/integrations/{id}/outages", Needs(ViewIntegrations)),
    (
        "GET",
        "/integrations/{id}/businessHours",
        Needs(ViewIntegrations),
    ),
    ("GET", "/integrations/{id}/journal", Needs(ViewIntegrations)),
    (
        "GET",
        "/integrations/{id}/setAside",
        Needs(ViewIntegrations),
    ),
    (
        "GET",
        "/integrations/{id}/agentFindings",
        Needs(ViewIntegrations),
    ),
    (
        "GET",
        "/integrations/{id}/capabilities",
        Needs(ViewIntegrations),
    ),
    ("GET", "/integrations/{id}/load", Needs(ViewIntegrations)),
    ("GET", "/integrations/{id}/vdns", Needs(ViewIntegrations)),
    ("GET", "/integrations/{id}/notices", Needs(ViewIntegrations)),
    (
        "DELETE",
        "/integrations/{id}/notices/{notice}",
        Needs(ManageIntegrations),
    ),
    (
        "GET",
        "/integrations/{id}/setAside/decisions",
        Needs(ViewIntegrations),
    ),
    (
        "POST",
        "/integrations/{id}/setAside/{reading}/accept",
        Needs(ManageIntegrations),
    ),
    (
        "POST",
        "/integrations/{id}/setAside/{reading}/discard",
        Needs(ManageIntegrations),
    ),
    (
        "GET",
        "/integrations/{id}/feedProfiles",
        Needs(ViewIntegrations),
    ),
    (
        "POST",
        "/integrations/{id}/feedProfiles",
        Needs(ManageIntegrations),
    ),
    (
        "GET",
        "/integrations/{id}/feedProfiles/{name}",
        Needs(ViewIntegrations),
    ),
    (
        "PUT",
        "/integrations/{id}/feedProfiles/{name}",
        Needs(ManageIntegrations),
    ),
    (
        "DELETE",
        "/integrations/{id}/feedProfiles/{name}",
        Needs(ManageIntegrations),
    ),
    (
        "POST",
        "/integrations/{id}/feedPreview",
        Needs(ManageIntegrations),
    ),
    (
        "GET",
        "/integrations/{id}/feedOutages",
        Needs(ViewIntegrations),
    ),
    ("GET", "/holidays/countries", Needs(ViewIntegrations)),
    ("GET", "/queues", Needs(ViewQueues)),
    ("GET", "/queues/{id}", Needs(ViewQueues)),
    ("PATCH", "/queues/{id}", Needs(ManageIntegrations)),
    ("POST", "/queues/{id}/identity", Needs(ManageIntegrations)),
    ("GET", "/queues/{id}/intervals", Needs(ViewQueues)),
    ("GET", "/agents", Needs(ViewAgents)),
    ("GET", "/agents/{id}", Needs(ViewAgents)),
    ("GET", "/agents/{id}/intervals", Needs(ViewAgents)),
    ("GET", "/agents/{id}/sessions", Needs(ViewAgents)),
    ("GET", "/agents/{id}/statuses", Needs(ViewAgents)),
    ("GET", "/live/agents", Needs(ViewAgents)),
    ("GET", "/live/agents/stream", Needs(ViewAgents)),
];

/// What an operation needs; `None` when it is not in the table.
pub fn access(method: &str, path: &str) -> Option<Access> {
    let row = OPERATIONS
        .iter()
        .find(|(other, address, _)| *other == method && *address == path);
    row.map(|(_, _, access)| *access)
}

fn role_title(role: Role) -> &'static str {
    match role {
        Role::Owner => "Owner",
        Role::Admin => "Admin",
        Role::Planner => "Planner",
        Role::TeamLead => "Team lead",
        Role::Viewer => "Viewer",
        Role::Auditor => "Auditor",
    }
}

const INTRODUCTION: &str = "# Who may do what

Made from the code (`crates/hub/src/auth/role.rs` and `table.rs`) and kept by tests: one compares this file, one asks every
operation with every role, every scope, without signing in, and as a user of another account.

Accounts are strictly apart: whatever belongs to another account answers 404, as if it did not exist.

";

const NOTES: &str = "
- Everybody may change their own password, see and end their own sessions, and make and revoke their own access tokens. An
  access token itself may not.
- Only an owner may make somebody an owner, change an owner, or make a link for an owner's password. The last owner of an
  account can neither step down nor be switched off.
- A team lead sees all agents that were imported. Cutting that down to the agents of their teams needs people and teams, which
  do not exist yet.
- The access log names agents only to those who may see agents; others read a pseudonym that stays the same.
";

/// `docs/roles.md`.
pub fn document() -> String {
    let mut text = INTRODUCTION.to_owned();
    let mark = |yes: bool| if yes { "yes" } else { "" };
    text.push_str("| Right |");
    for (role, _) in ROLES {
        let _ = write!(text, " {} |", role_title(role));
    }
    text.push_str(" Token scopes that keep it |\n|---|");
    text.push_str(&"---|".repeat(ROLES.len() + 1));
    text.push('\n');
    for (right, roles, scopes) in TABLE {
        let _ = write!(text, "| `{}`: {} |", right.name(), right.description());
        for may in roles {
            let _ = write!(text, " {} |", mark(may));
        }
        let names = SCOPES.iter().filter(|(scope, _)| scopes.contains(scope));
        let names: Vec<String> = names.map(|(_, name)| format!("`{name}`")).collect();
        let _ = writeln!(text, " {} |", names.join(", "));
    }
    text.push_str(NOTES);
    text.push_str("\n## Operations\n\nBelow `/api/v1`.\n\n| Operation | Needs |\n|---|---|\n");
    for (method, path, access) in OPERATIONS {
        let needs = match access {
            Open => "nothing: it is how one gets in".to_owned(),
            SignedIn => "to be signed in".to_owned(),
            Own => "to be signed in by a browser".to_owned(),
            Needs(right) => format!("`{}`", right.name()),
        };
        let _ = writeln!(text, "| `{method} {path}` | {needs} |");
    }
    text
}
