//! Which values are secret, and how they are kept out of texts.
//!
//! A keyword counts as secret when it is on the list or when its name says so; a wrong positive
//! hides a harmless value, a wrong negative prints a password. Drivers' messages are cleaned in
//! two ways: the known secrets of the string in use are replaced wherever they stand, and
//! whatever looks like `PWD=...` is masked, known or not.

/// What stands in the place of a secret.
pub const MASK: &str = "***";

/// Secret keywords of the drivers we know, in lower case. `pqopt` hands libpq options through,
/// `password` among them.
const SECRET_KEYWORDS: [&str; 10] = [
    "pwd",
    "password",
    "passwd",
    "pqopt",
    "d6",
    "trustedpwd",
    "ssl_keystore_pwd",
    "tlskeypwd",
    "sslkeypwd",
    "tlspassphrase",
];

/// Parts of names that make any keyword a secret one.
const SECRET_WORDS: [&str; 9] = [
    "pwd",
    "passw",
    "passphrase",
    "secret",
    "token",
    "apikey",
    "api_key",
    "credential",
    "privatekey",
];

/// Whether the value of this keyword must never be shown. Case is ignored.
pub fn is_secret_keyword(keyword: &str) -> bool {
    let keyword = keyword.trim().to_ascii_lowercase();
    SECRET_KEYWORDS.contains(&keyword.as_str())
        || SECRET_WORDS.iter().any(|word| keyword.contains(word))
}

/// Hides the secret values among the pairs wherever they stand in the text, then whatever looks
/// like an assignment to a secret keyword.
pub(crate) fn redact<'a>(pairs: impl Iterator<Item = (&'a str, &'a str)>, text: &str) -> String {
    let mut forms: Vec<String> = Vec::new();
    for (_, value) in
        pairs.filter(|(keyword, value)| is_secret_keyword(keyword) && !value.is_empty())
    {
        forms.push(value.to_owned());
        forms.push(value.replace('}', "}}"));
        forms.push(value.replace('\'', "''"));
        forms.push(percent_encoded(value));
    }
    // The longest first, so that no rest of one stays behind a shorter one.
    forms.sort_by_key(|form| std::cmp::Reverse(form.len()));
    forms.dedup();
    let mut cleaned = text.to_owned();
    for form in &forms {
        if cleaned.contains(form.as_str()) {
            cleaned = cleaned.replace(form.as_str(), MASK);
        }
    }
    redact_assignments(&cleaned)
}

/// Masks what follows `PWD=`, `password=` and their like in any text, up to the next semicolon,
/// or to the closing brace of a value in braces.
pub fn redact_assignments(text: &str) -> String {
    let mut cleaned = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(equals) = rest.find('=') {
        let (head, tail) = rest.split_at(equals + 1);
        cleaned.push_str(head);
        rest = tail;
        let name = head[..equals].trim_end();
        let start = name
            .rfind(|character: char| !(character.is_alphanumeric() || character == '_'))
            .map_or(0, |at| {
                at + name[at..].chars().next().map_or(1, char::len_utf8)
            });
        if is_secret_keyword(&name[start..]) && !name[start..].is_empty() {
            let skipped = value_length(rest);
            if !rest[..skipped].trim().is_empty() {
                cleaned.push_str(MASK);
            }
            rest = &rest[skipped..];
        }
    }
    cleaned.push_str(rest);
    cleaned
}

/// Bytes of the value that starts here.
fn value_length(text: &str) -> usize {
    let lead = text.len() - text.trim_start().len();
    if !text[lead..].starts_with('{') {
        return text.find(';').unwrap_or(text.len());
    }
    let bytes = text.as_bytes();
    let mut at = lead + 1;
    while at < bytes.len() {
        if bytes[at] == b'}' {
            if bytes.get(at + 1) != Some(&b'}') {
                return at + 1;
            }
            at += 1;
        }
        at += 1;
    }
    text.len()
}

/// The value as it would stand in an address.
fn percent_encoded(value: &str) -> String {
    value
        .bytes()
        .map(|byte| match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                char::from(byte).to_string()
            }
            _ => format!("%{byte:02X}"),
        })
        .collect()
}
