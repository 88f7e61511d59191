//! What a name says about its value: `DB_PASSWORD` holds a password, `DB_PASSWORD_FILE` does not.

use super::vocabulary::{
    GLUED_KEYS, HANDS_ON, HARMLESS_TOKENS, LAST_PASSWORDS, OPENING_KEYS, PASSWORDS, REAL_SECRETS,
    SECRET_OBJECTS, SETTINGS_AFTER, SETTINGS_BEFORE,
};

/// Longer names are no names.
const LONGEST_NAME: usize = 160;

/// What a name says that its value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Named {
    /// A password, which may be anything, `123456` too.
    Password,
    /// A token.
    Token,
    /// A secret of a kind that is never the name of a Secret object: `JWT_SECRET`, `CLIENT_SECRET`.
    Secret,
    /// A secret, or the name of a Secret object: `BACKEND_SECRET`.
    SecretOrItsName,
    /// A key that opens something.
    Key,
    /// The password of a truststore, which usually guards public certificates with a public password.
    TruststorePassword,
    /// User and password in one.
    Login,
}

impl Named {
    /// In a word.
    pub(super) fn noun(self) -> &'static str {
        match self {
            Self::Password | Self::TruststorePassword => "password",
            Self::Token => "token",
            Self::Secret | Self::SecretOrItsName => "secret",
            Self::Key => "secret key",
            Self::Login => "login",
        }
    }
}

/// What a name says that its value is, if it says that it is a credential.
pub(super) fn named(name: &str) -> Option<Named> {
    if name.len() > LONGEST_NAME || !may_say_credential(name) {
        return None;
    }
    let normal = in_words(name);
    let words: Vec<&str> = normal.split('_').filter(|word| !word.is_empty()).collect();
    let (at, found) = (0..words.len())
        .rev()
        .find_map(|at| Some((at, at_word(&words, at)?)))?;
    let before = &words[..at];
    let is_public =
        before.contains(&"public") || before.contains(&"publishable") || before.contains(&"site");
    let is_setting = words[at + 1..]
        .iter()
        .any(|word| is_setting_after(word, found))
        || before.iter().any(|word| SETTINGS_BEFORE.contains(word))
        || (is_public && matches!(found, Named::Key | Named::Token));
    (!is_setting).then_some(found)
}

/// Whether the name ends in `key`, which alone says nothing, and is not that of a public key.
pub(super) fn ends_in_key(name: &str) -> bool {
    const OTHERS: &[&str] = &[
        "public",
        "publishable",
        "site",
        "host",
        "primary",
        "partition",
        "cache",
        "anon",
        "sort",
    ];
    if name.len() > LONGEST_NAME {
        return false;
    }
    let normal = in_words(name);
    let mut words = normal.split('_').filter(|word| !word.is_empty()).rev();
    words.next() == Some("key") && !words.any(|word| OTHERS.contains(&word))
}

/// A cheap look before the name is taken apart.
fn may_say_credential(name: &str) -> bool {
    const STEMS: &[&str] = &[
        "pass", "pwd", "pw", "psw", "secret", "token", "key", "cred", "auth", "salt", "cookie",
        "pat", "mnemonic", "phrase",
    ];
    let name = name.as_bytes();
    let starts_one = |at: &usize| b"pstkcam".contains(&name[*at].to_ascii_lowercase());
    (0..name.len()).filter(starts_one).any(|at| {
        STEMS.iter().any(|stem| {
            let part = name.get(at..at + stem.len());
            part.is_some_and(|part| part.eq_ignore_ascii_case(stem.as_bytes()))
        })
    })
}

/// What the word at a position, with the one before it, says.
fn at_word(words: &[&str], at: usize) -> Option<Named> {
    let word = words[at];
    let previous = at.checked_sub(1).map_or("", |at| words[at]);
    let is_last = at + 1 == words.len();
    // `htpasswd` is a kind of file.
    if ends_in_any(word, PASSWORDS) && word != "htpasswd" {
        let is_trust = words[..at].contains(&"truststore")
            || previous == "store" && words[..at].contains(&"trust");
        return Some(if is_trust {
            Named::TruststorePassword
        } else {
            Named::Password
        });
    }
    if is_last && at > 0 && LAST_PASSWORDS.contains(&word) {
        let is_directory = previous == "old" && word == "pwd";
        return (!HANDS_ON.contains(&previous) && !is_directory).then_some(Named::Password);
    }
    if ends_in_any(word, &["token", "tokens"]) || (is_last && at > 0 && word == "pat") {
        return (!HARMLESS_TOKENS.contains(&previous)).then_some(Named::Token);
    }
    if ends_in_any(word, &["secret", "secrets"]) {
        return secret(previous, word);
    }
    if matches!(word, "credential" | "credentials" | "creds" | "cred") {
        // `docker-credential-…` is the name of a program.
        return (previous != "docker").then_some(Named::SecretOrItsName);
    }
    if ends_in_any(word, GLUED_KEYS) {
        return Some(Named::Key);
    }
    match (previous, word) {
        (kind, "key" | "keys") if OPENING_KEYS.contains(&kind) => Some(Named::Key),
        ("auth" | "password" | "secret" | "session" | "cookie" | "nonce", "salt") => {
            Some(Named::Secret)
        }
        ("erlang" | "release", "cookie") => Some(Named::Secret),
        ("seed", "phrase") => Some(Named::Password),
        ("rediscli" | "redis", "auth") if is_last => Some(Named::Password),
        ("neo4j" | "basic", "auth") if is_last => Some(Named::Login),
        // `basic.auth.user.info`, as clients of Confluent's schema registry call it.
        ("user", "info") if is_last && words.contains(&"auth") => Some(Named::Login),
        // A Vault AppRole's secret id is its password; other secret ids name a Secret.
        ("secret", "id") if words.contains(&"vault") || words.contains(&"approle") => {
            Some(Named::Secret)
        }
        // Vault's development server takes its root token by this name.
        ("token", "id") if words[..at - 1].contains(&"root") => Some(Named::Secret),
        _ => None,
    }
}

fn secret(previous: &str, word: &str) -> Option<Named> {
    if SECRET_OBJECTS.contains(&previous) {
        return None;
    }
    let is_glued = word != "secret" && word != "secrets";
    if is_glued || REAL_SECRETS.contains(&previous) {
        Some(Named::Secret)
    } else {
        // Several secrets in one value are names of them, or where each is put.
        (word == "secret").then_some(Named::SecretOrItsName)
    }
}

fn is_setting_after(word: &str, found: Named) -> bool {
    // `passwordKey: password` names the key within a Secret.
    let is_key_of_secret = matches!(word, "key" | "keys");
    SETTINGS_AFTER.contains(&word)
        || (is_key_of_secret && matches!(found, Named::Password | Named::SecretOrItsName))
}

fn ends_in_any(word: &str, ends: &[&str]) -> bool {
    ends.iter().any(|end| word.ends_with(end))
}

/// The name in lower case, its words joined by `_`: `clientSecret`, `client-secret` and `CLIENT_SECRET`
/// are the same name. Numbers at the end of words are left out.
fn in_words(name: &str) -> String {
    let bytes = name.as_bytes();
    let mut normal = String::with_capacity(name.len() + 8);
    for (at, byte) in bytes.iter().enumerate() {
        if !byte.is_ascii_alphanumeric() {
            end_word(&mut normal);
            continue;
        }
        let previous = at.checked_sub(1).map_or(b'_', |at| bytes[at]);
        let next_is_lower = bytes.get(at + 1).is_some_and(u8::is_ascii_lowercase);
        let starts_word = byte.is_ascii_uppercase()
            && (previous.is_ascii_lowercase()
                || (next_is_lower && previous.is_ascii_alphanumeric()));
        if starts_word {
            end_word(&mut normal);
        }
        normal.push(char::from(byte.to_ascii_lowercase()));
    }
    end_word(&mut normal);
    normal
}

fn end_word(normal: &mut String) {
    let word_start = normal.rfind('_').map_or(0, |at| at + 1);
    let word = &normal[word_start..];
    let without_number = word.trim_end_matches(|letter: char| letter.is_ascii_digit());
    if !without_number.is_empty() {
        normal.truncate(word_start + without_number.len());
    }
    normal.push('_');
}

#[cfg(test)]
mod tests {
    use super::{Named, in_words, named};

    #[test]
    fn every_spelling_of_a_name_is_the_same_name() {
        for name in [
            "clientSecret",
            "client-secret",
            "CLIENT_SECRET",
            "Client.Secret2",
        ] {
            assert_eq!(in_words(name), "client_secret_", "{name}");
            assert_eq!(named(name), Some(Named::Secret), "{name}");
        }
        assert_eq!(in_words("NEO4J_AUTH"), "neo4j_auth_");
        assert_eq!(in_words("APIKey"), "api_key_");
    }

    #[test]
    fn what_stands_behind_may_make_it_harmless() {
        assert_eq!(named("DB_PASSWORD"), Some(Named::Password));
        assert_eq!(named("DB_PASSWORD_FILE"), None);
        assert_eq!(named("AWS_SECRET_ACCESS_KEY"), Some(Named::Key));
        assert_eq!(named("AWS_ACCESS_KEY_ID"), None);
        assert_eq!(named("PWD"), None);
        assert_eq!(named("KEY"), None);
    }
}
