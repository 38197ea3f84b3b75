//! The session cookie.
//!
//! Over TLS it is `__Host-floorwire-session` (bound to the host, `Secure`). A hub reached over plain HTTP, which is meant
//! for a loopback address, uses `floorwire-session` without `Secure`, because browsers differ on secure cookies there.

use crate::config::Config;
use axum::http::header::COOKIE;
use axum::http::{HeaderMap, HeaderValue};

const OVER_TLS: &str = "__Host-floorwire-session";
const PLAIN: &str = "floorwire-session";

fn name(config: &Config) -> &'static str {
    if config.is_public_https() {
        OVER_TLS
    } else {
        PLAIN
    }
}

/// The session token a request carries.
pub fn session_token(headers: &HeaderMap, config: &Config) -> Option<String> {
    let wanted = name(config);
    headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(name, _)| *name == wanted)
        .map(|(_, value)| value.to_owned())
}

/// The header that sets the cookie for `max_age_s` seconds.
pub fn set(token: &str, max_age_s: i64, config: &Config) -> Option<HeaderValue> {
    let secure = if config.is_public_https() {
        "; Secure"
    } else {
        ""
    };
    let text = format!(
        "{}={token}; Path=/; Max-Age={max_age_s}; HttpOnly; SameSite=Strict{secure}",
        name(config)
    );
    HeaderValue::from_str(&text).ok()
}

/// The header that removes the cookie.
pub fn clear(config: &Config) -> Option<HeaderValue> {
    set("", 0, config)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cookie_is_found_among_others_and_bound_to_tls() {
        let mut config = Config::local("/tmp");
        let mut headers = HeaderMap::new();
        headers.append(
            COOKIE,
            HeaderValue::from_static("a=b; floorwire-session=fws_1_x"),
        );
        assert_eq!(session_token(&headers, &config).as_deref(), Some("fws_1_x"));
        assert!(
            !set("t", 60, &config)
                .unwrap()
                .to_str()
                .unwrap()
                .contains("Secure")
        );
        config.public_url = "https://floorwire.example".parse().ok();
        assert_eq!(session_token(&headers, &config), None);
        let secure = set("t", 60, &config).unwrap();
        assert_eq!(
            secure.to_str().unwrap(),
            "__Host-floorwire-session=t; Path=/; Max-Age=60; HttpOnly; SameSite=Strict; Secure"
        );
    }
}
