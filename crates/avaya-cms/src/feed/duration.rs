//! Durations as reports print them: `252`, `4:12`, `00:04:12`, `:12`.

/// Longest duration that is believed, seconds: a month.
const MAX_S: u64 = 31 * 86_400;

/// Seconds of a trimmed text; `None` when it is no duration.
pub fn seconds(text: &str) -> Option<u64> {
    let mut total = 0_u64;
    let mut parts = 0;
    for part in text.split(':') {
        let is_first = parts == 0;
        parts += 1;
        if parts > 3 || part.len() > 9 || !part.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        // `:12` is twelve seconds.
        let value: u64 = match part.is_empty() {
            true if is_first && text.len() > 1 => 0,
            true => return None,
            false => part.parse().ok()?,
        };
        if !is_first && (value > 59 || part.len() != 2) {
            return None;
        }
        total = total.checked_mul(60)?.checked_add(value)?;
    }
    (total <= MAX_S).then_some(total)
}

#[cfg(test)]
mod tests {
    use super::seconds;

    #[test]
    fn all_spellings_are_read_and_nothing_else() {
        for (text, expected) in [
            ("0", Some(0)),
            ("252", Some(252)),
            ("4:12", Some(252)),
            ("00:04:12", Some(252)),
            (":12", Some(12)),
            ("123:00", Some(7_380)),
            ("27:46:40", Some(100_000)),
            ("", None),
            (":", None),
            ("4:", None),
            ("4:99", None),
            ("4:1", None),
            ("1:2:3:4", None),
            ("-3", None),
            ("+3", None),
            ("1.5", None),
            ("99999999999999999999", None),
            ("9999999", None),
        ] {
            assert_eq!(seconds(text), expected, "{text}");
        }
    }
}
