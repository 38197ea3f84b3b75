//! A database user who reads, and the right to read a table that can be taken from it.
//!
//! # Constraints
//! Only a right that was granted to this user on this table can be taken away so that it is gone. Somebody who reads by a
//! wider right (of the whole database, of everybody, of a role, of an administrator) would go on reading.

use crate::database::{Database, Dialect};
use crate::error::SimError;

/// A user as the database names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Reader {
    name: String,
    dialect: Dialect,
    user: String,
    /// Host of a MariaDB user.
    host: String,
}

impl Reader {
    /// `name` as typed: quoted or not, on MariaDB with or without `@host`.
    pub fn new(name: &str, dialect: Dialect) -> Self {
        let bare = |part: &str| {
            let part = part.trim();
            part.trim_matches(['\'', '"', '`']).to_owned()
        };
        let (user, host) = match (dialect, name.rsplit_once('@')) {
            (Dialect::MariaDb, Some((user, host))) => (bare(user), bare(host)),
            (Dialect::MariaDb, None) => (bare(name), "%".to_owned()),
            // Names without quotes are folded to small letters there.
            _ if name.starts_with('"') => (bare(name), String::new()),
            _ => (bare(name).to_lowercase(), String::new()),
        };
        Self {
            name: name.to_owned(),
            dialect,
            user,
            host,
        }
    }

    /// As typed.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The statement that gives the right.
    pub fn grant(&self, table: &str) -> String {
        format!("GRANT SELECT ON {table} TO {}", self.quoted())
    }

    /// The statement that takes the right.
    pub fn revoke(&self, table: &str) -> String {
        format!("REVOKE SELECT ON {table} FROM {}", self.quoted())
    }

    fn quoted(&self) -> String {
        match self.dialect {
            Dialect::MariaDb => format!(
                "'{}'@'{}'",
                doubled(&self.user, '\''),
                doubled(&self.host, '\'')
            ),
            _ => format!("\"{}\"", doubled(&self.user, '"')),
        }
    }

    /// Refuses a user from whom the right cannot be taken.
    pub fn check(&self, database: &mut Database, table: &str) -> Result<(), SimError> {
        let refuse = |problem: String| {
            Err(SimError::Reader {
                reader: self.name.clone(),
                table: table.to_owned(),
                problem,
            })
        };
        if count(database, &self.known())? == 0 {
            return refuse("the database knows no such user; create it or name another one".into());
        }
        if count(database, &self.wider(table))? > 0 {
            return refuse(format!(
                "it reads by a wider right (of the whole database, of everybody, of a role), which a revocation of the \
                 table leaves; take that away and give it: {}",
                self.grant(table)
            ));
        }
        if !self.holds_table_grant(database, table)? {
            return refuse(format!(
                "it has no right on this table that could be taken away; give it: {}",
                self.grant(table)
            ));
        }
        Ok(())
    }

    /// Whether the right was granted to this user on this table.
    pub fn holds_table_grant(
        &self,
        database: &mut Database,
        table: &str,
    ) -> Result<bool, SimError> {
        let sql = match self.dialect {
            Dialect::MariaDb => format!(
                "SELECT COUNT(*) FROM information_schema.TABLE_PRIVILEGES WHERE GRANTEE = {} AND TABLE_SCHEMA = DATABASE() \
                 AND TABLE_NAME = {} AND PRIVILEGE_TYPE = 'SELECT'",
                self.grantee(),
                text(table)
            ),
            _ => format!(
                "SELECT COUNT(*) FROM pg_class c, aclexplode(c.relacl) a, pg_roles r WHERE c.oid = {}::regclass \
                 AND r.oid = a.grantee AND r.rolname = {} AND a.privilege_type = 'SELECT'",
                text(table),
                text(&self.user)
            ),
        };
        Ok(count(database, &sql)? > 0)
    }

    fn known(&self) -> String {
        match self.dialect {
            Dialect::MariaDb => format!(
                "SELECT COUNT(*) FROM information_schema.USER_PRIVILEGES WHERE GRANTEE = {}",
                self.grantee()
            ),
            _ => format!(
                "SELECT COUNT(*) FROM pg_roles WHERE rolname = {}",
                text(&self.user)
            ),
        }
    }

    /// Rights that a revocation on the table does not touch.
    fn wider(&self, table: &str) -> String {
        match self.dialect {
            Dialect::MariaDb => format!(
                "SELECT (SELECT COUNT(*) FROM information_schema.USER_PRIVILEGES WHERE GRANTEE = {0} AND PRIVILEGE_TYPE = 'SELECT') \
                 + (SELECT COUNT(*) FROM information_schema.SCHEMA_PRIVILEGES WHERE GRANTEE = {0} AND PRIVILEGE_TYPE = 'SELECT' \
                 AND DATABASE() LIKE TABLE_SCHEMA)",
                self.grantee()
            ),
            _ => format!(
                "SELECT (SELECT COUNT(*) FROM pg_roles g WHERE g.rolname <> {1} AND pg_has_role({1}, g.oid, 'USAGE') \
                 AND has_table_privilege(g.oid, {0}::regclass, 'SELECT')) \
                 + (SELECT COUNT(*) FROM pg_class c, aclexplode(c.relacl) a WHERE c.oid = {0}::regclass \
                 AND a.grantee = 0 AND a.privilege_type = 'SELECT')",
                text(table),
                text(&self.user)
            ),
        }
    }

    /// As the tables of rights of MariaDB write it.
    fn grantee(&self) -> String {
        text(&format!("'{}'@'{}'", self.user, self.host))
    }
}

fn count(database: &mut Database, sql: &str) -> Result<u64, SimError> {
    let number = database.text(sql)?;
    Ok(number
        .and_then(|text| text.trim().parse().ok())
        .unwrap_or(0))
}

fn doubled(text: &str, sign: char) -> String {
    text.replace(sign, &format!("{sign}{sign}"))
}

fn text(text: &str) -> String {
    format!("'{}'", doubled(text, '\''))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_taken_as_the_database_takes_them() {
        let maria = |name| Reader::new(name, Dialect::MariaDb).grant("hsplit");
        assert_eq!(maria("wfm"), "GRANT SELECT ON hsplit TO 'wfm'@'%'");
        assert_eq!(
            maria("'wfm'@'localhost'"),
            "GRANT SELECT ON hsplit TO 'wfm'@'localhost'"
        );
        assert_eq!(maria("o'neil"), "GRANT SELECT ON hsplit TO 'o''neil'@'%'");
        let postgres = |name| Reader::new(name, Dialect::Other).revoke("root.hsplit");
        assert_eq!(postgres("WFM"), "REVOKE SELECT ON root.hsplit FROM \"wfm\"");
        assert_eq!(
            postgres("\"WFM\""),
            "REVOKE SELECT ON root.hsplit FROM \"WFM\""
        );
    }
}
