//! What the access log says: who did what to which thing, and from what to what.
//!
//! Constraints. An entry is written in the transaction of the change it tells of, so that neither exists without the other;
//! looking at what an agent did is written before the answer goes out. Entries are added and never changed. Secrets stand
//! in no entry: a changed one is told by [`Change::CHANGED`] alone. Agents stand in it by their number and a pseudonym, never by
//! name or login, so that a reader who may not see agents learns nothing of them.
//!
//! Failure. An entry that cannot be written fails the request it tells of. Failed sign-ins are written after the answer, so
//! that their time does not tell whether an address is known; of an address nobody has, no account could read it.

use crate::configuration::Configuration;
use crate::store::users::User;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use utoipa::ToSchema;

/// Who acted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    /// The user; `None`: nobody who is signed in.
    pub user_id: Option<i64>,
    /// Address of the user, or `console`.
    pub name: String,
    /// `session`, `token`, `link` (one that works once), `console` or `none`.
    pub via: &'static str,
    /// Address of the client; empty at the console.
    pub address: String,
}

impl Actor {
    /// Whoever runs the hub's commands on its machine.
    pub fn console() -> Self {
        Self {
            user_id: None,
            name: "console".to_owned(),
            via: "console",
            address: String::new(),
        }
    }

    /// A user who is known, but not by session or token.
    pub fn user(user: &User, via: &'static str, address: IpAddr) -> Self {
        Self {
            user_id: Some(user.user_id),
            name: user.email.clone(),
            via,
            address: address.to_string(),
        }
    }
}

macro_rules! actions {
    ($($(#[$doc:meta])+ $name:ident = $text:literal),+ $(,)?) => {
        /// What was done.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Action { $($(#[$doc])+ $name),+ }

        impl Action {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$name),+];

            /// The stable name; pages translate by it.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text),+ }
            }
        }
    };
}

actions! {
    /// An account was created.
    AccountCreated = "account.created",
    /// Somebody signed in.
    SignedIn = "session.began",
    /// A password was wrong.
    SignInFailed = "session.refused",
    /// Somebody signed out.
    SignedOut = "session.ended",
    /// Sessions were ended from elsewhere.
    SessionsEnded = "session.revoked",
    /// A user was added.
    UserAdded = "user.added",
    /// Role or activity of a user changed.
    UserChanged = "user.changed",
    /// An invitation was made.
    UserInvited = "user.invited",
    /// An invitation was taken back.
    InvitationRevoked = "user.uninvited",
    /// A link for a new password was made.
    PasswordLinkMade = "password.link",
    /// A password was changed.
    PasswordChanged = "password.changed",
    /// An access token was made.
    TokenMade = "token.created",
    /// An access token was ended.
    TokenRevoked = "token.revoked",
    /// An integration was created.
    IntegrationCreated = "integration.created",
    /// Name or settings of an integration changed.
    IntegrationChanged = "integration.changed",
    /// An integration was paused.
    IntegrationPaused = "integration.paused",
    /// An integration goes on.
    IntegrationResumed = "integration.resumed",
    /// An integration was deleted.
    IntegrationDeleted = "integration.deleted",
    /// A Link was paired.
    IntegrationPaired = "integration.paired",
    /// The source was to be looked at.
    IntegrationVerified = "integration.verified",
    /// A period is imported again.
    Reimported = "integration.reimported",
    /// What importing a period again would change was asked for.
    ReimportPreviewed = "integration.previewed",
    /// A reading that was set aside was applied.
    ReadingAccepted = "reading.accepted",
    /// A reading that was set aside was thrown away.
    ReadingDiscarded = "reading.discarded",
    /// A profile of real-time feeds was saved.
    FeedProfileSaved = "feedProfile.saved",
    /// A profile of real-time feeds was deleted.
    FeedProfileDeleted = "feedProfile.deleted",
    /// A notice was dismissed.
    NoticeDismissed = "notice.dismissed",
    /// A queue was hidden or shown.
    QueueChanged = "queue.changed",
    /// What became of a queue's number was answered.
    QueueIdentity = "queue.identity",
    /// What an agent did was looked at.
    AgentViewed = "agent.viewed",
    /// What all agents do now was looked at.
    LiveViewed = "live.viewed",
    /// The access log was exported.
    AuditExported = "audit.exported",
}

/// A thing that something was done to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Object {
    /// `account`, `user`, `integration`, `queue`, `agent`, `token`, `audit`.
    pub kind: &'static str,
    /// Its number or name in the interface.
    pub id: String,
    /// What people call it.
    pub name: String,
}

impl Object {
    /// A thing by kind, id and name.
    pub fn new(kind: &'static str, id: impl ToString, name: impl Into<String>) -> Self {
        Self {
            kind,
            id: id.to_string(),
            name: name.into(),
        }
    }

    /// A user of the account.
    pub fn user(user: &User) -> Self {
        Self::new("user", user.user_id, user.email.as_str())
    }
}

/// One field, before and after.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Change {
    /// Which: `name`, `configuration.zone`.
    pub field: String,
    /// Before; null: it was not there.
    #[schema(required)]
    pub from: Option<String>,
    /// After; null: it is gone.
    #[schema(required)]
    pub to: Option<String>,
}

impl Change {
    /// What stands for the value of a secret.
    pub const CHANGED: &str = "changed";

    /// From one value to another.
    pub fn new(field: &str, from: Option<String>, to: Option<String>) -> Self {
        Self {
            field: field.to_owned(),
            from,
            to,
        }
    }

    /// A value of something new, or of a request.
    pub fn to(field: &str, value: impl ToString) -> Self {
        Self::new(field, None, Some(value.to_string()))
    }

    fn secret(field: &str) -> Self {
        Self::to(field, Self::CHANGED)
    }
}

/// One entry to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// What was done.
    pub action: Action,
    /// To what.
    pub object: Object,
    /// From what to what.
    pub changes: Vec<Change>,
}

impl Event {
    /// Without changes.
    pub fn new(action: Action, object: Object) -> Self {
        Self {
            action,
            object,
            changes: Vec::new(),
        }
    }

    /// With changes.
    #[must_use]
    pub fn with(mut self, changes: impl IntoIterator<Item = Change>) -> Self {
        self.changes.extend(changes);
        self
    }
}

/// An entry and who it tells of, handed to the code that makes the change.
pub type Logged = (Actor, Event);

/// Longest value that an entry holds, characters; longer ones are cut and end in an ellipsis.
const LONGEST_VALUE: usize = 500;

/// How settings differ, field by field. The sealed part of a connection string and the login IDs of agents are told as changed
/// only.
pub fn configuration_changes(
    before: &Configuration,
    after: &Configuration,
) -> Result<Vec<Change>, serde_json::Error> {
    let (before, after) = (fields(before)?, fields(after)?);
    let names: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let changes = names.into_iter().filter_map(|name| {
        let (from, to) = (before.get(name), after.get(name));
        if from == to {
            return None;
        }
        let field = format!("configuration.{name}");
        let is_secret = name == "connection.sealed" || name == "agentScope.logins";
        Some(match is_secret {
            true => Change::secret(&field),
            false => Change::new(&field, from.map(cut), to.map(cut)),
        })
    });
    Ok(changes.collect())
}

fn fields(configuration: &Configuration) -> Result<BTreeMap<String, String>, serde_json::Error> {
    let mut found = BTreeMap::new();
    flatten("", &serde_json::to_value(configuration)?, &mut found);
    Ok(found)
}

fn flatten(path: &str, value: &Value, found: &mut BTreeMap<String, String>) {
    match value {
        Value::Null => {}
        Value::Object(fields) => {
            for (name, value) in fields {
                let path = match path {
                    "" => name.clone(),
                    _ => format!("{path}.{name}"),
                };
                flatten(&path, value, found);
            }
        }
        Value::String(text) => {
            found.insert(path.to_owned(), text.clone());
        }
        other => {
            found.insert(path.to_owned(), other.to_string());
        }
    }
}

#[allow(clippy::ptr_arg)] // the shape of `Option::map` over a map's values
fn cut(text: &String) -> String {
    if text.chars().count() <= LONGEST_VALUE {
        return text.clone();
    }
    text.chars().take(LONGEST_VALUE).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::configuration::SealedConnection;

    #[test]
    fn settings_differ_by_field_and_secrets_are_not_told() {
        let connection = |open: &str, sealed: &str| SealedConnection {
            open: open.to_owned(),
            sealed: Some(sealed.to_owned()),
        };
        let before = Configuration {
            connection: Some(connection("DSN=A;PWD={sealed}", "b25l")),
            zone: Some("Europe/Paris".to_owned()),
            ..Configuration::default()
        };
        let after = Configuration {
            connection: Some(connection("DSN=B;PWD={sealed}", "dHdv")),
            start_date: Some(jiff::civil::date(2025, 1, 31)),
            ..Configuration::default()
        };
        let text = |value: &str| Some(value.to_owned());
        let changes = configuration_changes(&before, &after).unwrap();
        assert_eq!(
            changes,
            [
                Change::new(
                    "configuration.connection.open",
                    text("DSN=A;PWD={sealed}"),
                    text("DSN=B;PWD={sealed}")
                ),
                Change::new("configuration.connection.sealed", None, text("changed")),
                Change::new("configuration.startDate", None, text("2025-01-31")),
                Change::new("configuration.zone", text("Europe/Paris"), None),
            ]
        );
        assert_eq!(configuration_changes(&before, &before).unwrap(), []);
    }

    #[test]
    fn actions_have_names_of_their_own() {
        let names: BTreeSet<&str> = Action::ALL.iter().map(|action| action.as_str()).collect();
        assert_eq!(names.len(), Action::ALL.len());
        assert!(names.iter().all(|name| name.contains('.')));
    }
}
