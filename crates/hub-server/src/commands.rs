//! `floorwire-hub user add` and `floorwire-hub token create`. They work on the database, whether a hub runs on it or not.

use crate::cli::{AddUser, CreateToken, StoreOptions};
use crate::settings;
use anyhow::{Context, bail};
use floorwire_hub::admin::{self, NewUser, TokenRequest};
use floorwire_hub::auth::token;
use floorwire_hub::store::Store;
use floorwire_model::ids::AccountId;
use std::io::BufRead;

async fn open(options: &StoreOptions) -> anyhow::Result<Store> {
    let url = settings::store_url(options)?;
    Store::open(&url)
        .await
        .context("the hub's storage cannot be opened")
}

/// `user add`
pub async fn add_user(options: AddUser) -> anyhow::Result<()> {
    let (password, made) = match options.password_stdin {
        true => (read_password().await?, false),
        false => (make_password()?, true),
    };
    let store = open(&options.store).await?;
    let user = NewUser {
        account: &options.account,
        email: &options.email,
        role: options.role,
    };
    let added = admin::add_user(&store, user, password.clone()).await;
    store.close().await;
    added?;
    if made {
        print_line(&format!(
            "password of {} (shown once): {password}",
            options.email
        ));
    }
    Ok(())
}

async fn read_password() -> anyhow::Result<String> {
    let line = tokio::task::spawn_blocking(|| {
        let mut line = String::new();
        std::io::stdin().lock().read_line(&mut line).map(|_| line)
    });
    let line = line
        .await?
        .context("cannot read the password from standard input")?;
    let password = line.trim_end_matches(['\r', '\n']);
    if password.is_empty() {
        bail!("standard input has no password on its first line");
    }
    Ok(password.to_owned())
}

/// 24 characters of the random part of a token.
fn make_password() -> anyhow::Result<String> {
    let random = token::generate("", AccountId(0))?;
    Ok(random.chars().skip(2).take(24).collect())
}

/// `token create`
pub async fn create_token(options: CreateToken) -> anyhow::Result<()> {
    let expires_utc_ms = options.expires.as_deref().map(end_of).transpose()?;
    let store = open(&options.store).await?;
    let request = TokenRequest {
        account: &options.account,
        email: &options.email,
        name: &options.name,
        scope: options.scope,
        expires_utc_ms,
    };
    let made = admin::create_token(&store, request).await;
    store.close().await;
    print_line(&made?);
    Ok(())
}

/// `2027-01-31` or `90d` as milliseconds since 1970 UTC.
fn end_of(text: &str) -> anyhow::Result<i64> {
    let wrong = || format!("`{text}` is neither a day (YYYY-MM-DD) nor a number of days (90d)");
    if let Some(days) = text.strip_suffix('d') {
        let days: u16 = days
            .parse()
            .ok()
            .filter(|days| *days > 0)
            .with_context(wrong)?;
        let end = jiff::Timestamp::now()
            .checked_add(jiff::SignedDuration::from_hours(24 * i64::from(days)))?;
        return Ok(end.as_millisecond());
    }
    let day: jiff::civil::Date = text.parse().ok().with_context(wrong)?;
    Ok(day
        .to_zoned(jiff::tz::TimeZone::UTC)?
        .timestamp()
        .as_millisecond())
}

/// What the command is for goes to standard output and nothing else does.
#[allow(clippy::print_stdout)]
fn print_line(text: &str) {
    println!("{text}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_are_days_or_counts_of_days() {
        assert_eq!(end_of("1970-01-02").unwrap(), 86_400_000);
        assert!(end_of("90d").unwrap() > jiff::Timestamp::now().as_millisecond());
        for wrong in ["0d", "d", "tomorrow", "2026-13-01"] {
            assert!(end_of(wrong).is_err(), "{wrong}");
        }
    }
}
