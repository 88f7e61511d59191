//! Whether a value under the name of a credential is a credential itself: not a reference, a switch, a
//! number, a path or the name of something.

use base64::{Engine, prelude::BASE64_STANDARD};

use super::name::Named;

/// Words that switch something or say that there is nothing.
const SWITCHES: &[&str] = &[
    "true",
    "false",
    "yes",
    "no",
    "on",
    "off",
    "y",
    "n",
    "t",
    "f",
    "none",
    "null",
    "nil",
    "~",
    "undefined",
    "unset",
    "empty",
    "disabled",
    "enabled",
    "disable",
    "enable",
    "required",
    "optional",
    "auto",
    "automatic",
    "n/a",
    "na",
    "string",
    "str",
    "bool",
    "boolean",
    "int",
    "integer",
    "number",
    "object",
    "bytes",
    "text",
    "varchar",
    "redacted",
    "masked",
    "hidden",
];

/// Names of methods, which stand under names such as `password_encryption` or `token`.
const METHODS: &[&str] = &[
    "scram-sha-256",
    "scram-sha-512",
    "md5",
    "bcrypt",
    "scrypt",
    "argon2",
    "argon2id",
    "pbkdf2",
    "rs256",
    "hs256",
    "es256",
    "bearer",
    "basic",
    "opaque",
    "jwt",
    "oauth",
    "oauth2",
    "oidc",
    "ldap",
    "kubernetes",
    "vault",
    "client_secret_basic",
    "client_secret_post",
    "include",
    "same-origin",
    "omit",
    "inherit",
    "read",
    "write",
];

/// How references to values that are kept elsewhere start.
const KEPT_ELSEWHERE: &[&str] = &[
    "$(",
    "${",
    "vault:",
    "secret:",
    "secretref:",
    "ref+",
    "op://",
    "sm://",
    "awssm:",
    "arn:",
    "ENC[",
    "ENC(",
    "@Microsoft.KeyVault",
    "file:",
    "env:",
    "!vault",
    "!Ref",
    "!Sub",
    "!ENV",
    "!secret",
    "!include",
    "kubernetes:",
    "projects/",
    "gcp:secretmanager",
    "valueFrom",
    "akv:",
    "azkv:",
    "bitwarden:",
    "ssm:",
    "keyring:",
    "k8s:",
    "sealed:",
];

/// How names of files end.
const FILE_ENDINGS: &[&str] = &[
    ".pem",
    ".key",
    ".crt",
    ".cer",
    ".cert",
    ".txt",
    ".json",
    ".yaml",
    ".yml",
    ".jks",
    ".p12",
    ".pfx",
    ".pub",
    ".env",
    ".conf",
    ".properties",
    ".toml",
    ".ini",
    ".keytab",
    ".token",
    ".jwt",
];

/// How names of Secret objects end.
const OBJECT_ENDINGS: &[&str] = &[
    "-secret",
    "-secrets",
    "-credential",
    "-credentials",
    "-creds",
    "-token",
    "-tokens",
    "-tls",
    "-cert",
    "-certs",
    "-key",
    "-keys",
    "-password",
    "-passwords",
    "-auth",
    "-login",
];

/// Whether a value under the name of a credential is one itself.
pub(super) fn is_credential(named: Named, value: &str) -> bool {
    let value = unquoted(value.trim());
    // What starts like an option is one, and what ends in dots was cut off for people to read.
    let is_other = value.starts_with("--") || value.ends_with("...");
    if value.len() < 2 || is_other || is_reference(value) || is_mask(value) {
        return false;
    }
    let lower = value
        .get(..value.len().min(40))
        .unwrap_or(value)
        .to_ascii_lowercase();
    let is_sentence = is_prose(value) && !is_seed_phrase(value);
    if SWITCHES.contains(&lower.as_str()) || is_sentence || is_path(value) {
        return false;
    }
    match named {
        // `123456` is a password, and a bad one; `30` is the number of something.
        Named::Password => value.len() >= 4 || !is_amount(value),
        Named::TruststorePassword => lower != "changeit" && (value.len() >= 4 || !is_amount(value)),
        Named::Login => value.contains(['/', ':']) && !is_amount(value),
        Named::SecretOrItsName => {
            !is_amount(value) && !METHODS.contains(&lower.as_str()) && !is_object_name(value)
        }
        Named::Token | Named::Secret | Named::Key => {
            !is_amount(value) && !METHODS.contains(&lower.as_str())
        }
    }
}

/// Whether a value is filled in later or fetched from elsewhere.
pub(super) fn is_reference(value: &str) -> bool {
    let is_variable = value.strip_prefix('$').is_some_and(|rest| {
        // A password may start with a dollar; a hash does, and is not for reading.
        rest.bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    });
    let is_wrapped = |open: char, close: char| value.starts_with(open) && value.ends_with(close);
    is_variable
        || ["$(", "${", "{{", "}}", "<%", "`"]
            .iter()
            .any(|mark| value.contains(mark))
        || is_wrapped('<', '>')
        || is_wrapped('%', '%')
        || is_wrapped('{', '}')
        || is_wrapped('[', ']')
        || (value.starts_with("__") && value.ends_with("__"))
        || (value.starts_with("%(") && value.contains(')'))
        || KEPT_ELSEWHERE.iter().any(|start| value.starts_with(start))
        || value.contains("://")
        || matches!(value, "%s" | "%v" | "%d")
}

/// Random letters of all kinds, as no word and no identifier is.
pub(super) fn is_random(value: &str) -> bool {
    let value = unquoted(value.trim());
    let is_of = |class: fn(&u8) -> bool| value.bytes().any(|byte| class(&byte));
    (20..=512).contains(&value.len())
        && value
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"+/=_-".contains(&byte))
        && is_of(u8::is_ascii_uppercase)
        && is_of(u8::is_ascii_lowercase)
        && is_of(u8::is_ascii_digit)
        && !is_path(value)
        && bits_per_letter(value) >= 3.7
}

/// Shannon's entropy.
fn bits_per_letter(value: &str) -> f64 {
    let mut counts = [0_u32; 256];
    let mut total = 0_u32;
    for byte in value.bytes() {
        counts[usize::from(byte)] += 1;
        total += 1;
    }
    let total = f64::from(total.max(1));
    let of = |count: &u32| {
        let share = f64::from(*count) / total;
        -share * share.log2()
    };
    counts.iter().filter(|count| **count > 0).map(of).sum()
}

/// The value without the quotes around it.
pub(super) fn unquoted(value: &str) -> &str {
    for quote in ['"', '\''] {
        let inner = value
            .strip_prefix(quote)
            .and_then(|rest| rest.strip_suffix(quote));
        if let Some(inner) = inner {
            return inner.trim();
        }
    }
    value
}

/// `****` or `xxxx` in the place of a value.
pub(super) fn is_mask(value: &str) -> bool {
    value
        .bytes()
        .all(|byte| matches!(byte, b'*' | b'x' | b'X' | b'.' | b'-' | b'_' | b'#' | b'?'))
}

/// A sentence is for people to read. Passphrases of three words and more are rare in manifests.
fn is_prose(value: &str) -> bool {
    value.split_whitespace().take(4).count() > 2
}

/// The words that a wallet is restored from: twelve, or up to twenty-four by threes (BIP 39).
fn is_seed_phrase(value: &str) -> bool {
    let is_word = |word: &str| {
        (3..=8).contains(&word.len()) && word.bytes().all(|byte| byte.is_ascii_lowercase())
    };
    let count = value.split_whitespace().take(25).count();
    (12..=24).contains(&count) && count.is_multiple_of(3) && value.split_whitespace().all(is_word)
}

/// `user:password` in base64, as a registry's login stands in a Docker configuration.
pub(super) fn is_encoded_login(value: &str) -> bool {
    let decoded = BASE64_STANDARD.decode(unquoted(value.trim())).ok();
    let login = decoded.and_then(|bytes| String::from_utf8(bytes).ok());
    login.is_some_and(|login| {
        let password = login.split_once(':').map(|(_, password)| password);
        password.is_some_and(|password| is_credential(Named::Password, password))
    })
}

/// A number, a duration, a size or a share.
fn is_amount(value: &str) -> bool {
    const UNITS: &[&str] = &[
        "ns", "us", "ms", "s", "m", "h", "d", "w", "y", "min", "sec", "mins", "secs", "hour",
        "hours", "day", "days", "minutes", "seconds", "k", "kb", "mb", "gb", "ki", "mi", "gi", "%",
    ];
    let mut rest = value;
    let mut parts = 0;
    while !rest.is_empty() {
        let number = rest
            .bytes()
            .take_while(|byte| {
                byte.is_ascii_digit() || matches!(byte, b'.' | b',' | b'_' | b'-' | b'+')
            })
            .count();
        if number == 0 {
            return false;
        }
        rest = &rest[number..];
        let unit = rest
            .bytes()
            .take_while(|byte| byte.is_ascii_alphabetic() || *byte == b'%')
            .count();
        let (word, after) = rest.split_at(unit);
        parts += 1;
        if (unit > 0 && !UNITS.contains(&word.to_ascii_lowercase().as_str())) || parts > 4 {
            return false;
        }
        rest = after;
    }
    parts > 0
}

/// A file or directory. Base64 may start with a slash too, but ends or goes on otherwise.
pub(super) fn is_path(value: &str) -> bool {
    let is_plain = |text: &str| {
        text.bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"._-/@~".contains(&byte))
    };
    let drive = value.as_bytes();
    let is_windows =
        drive.len() > 2 && drive[0].is_ascii_alphabetic() && drive[1] == b':' && drive[2] == b'\\';
    let lower_end = FILE_ENDINGS.iter().any(|end| {
        value.len() > end.len()
            && value.is_char_boundary(value.len() - end.len())
            && value[value.len() - end.len()..].eq_ignore_ascii_case(end)
    });
    is_windows
        || (lower_end && is_plain(value))
        || (["/", "./", "../", "~/"]
            .iter()
            .any(|start| value.starts_with(start))
            && is_plain(value))
}

/// The name of a Secret, perhaps with its namespace.
fn is_object_name(value: &str) -> bool {
    let is_plain = value
        .bytes()
        .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-./".contains(&byte));
    is_plain
        && (value.matches('/').count() == 1
            || OBJECT_ENDINGS.iter().any(|end| value.ends_with(end)))
}

#[cfg(test)]
mod tests {
    use super::{is_amount, is_credential, is_path, is_random};
    use crate::credential::name::Named;

    #[test]
    fn numbers_and_durations_are_amounts() {
        for amount in ["1h", "15m30s", "3600", "1.5", "512Mi", "99%"] {
            assert!(is_amount(amount), "{amount}");
        }
        for other in ["hunter2", "1password", "s3cr3t", ""] {
            assert!(!is_amount(other), "{other}");
        }
    }

    #[test]
    fn a_number_is_a_password_but_no_token() {
        assert!(is_credential(Named::Password, "123456"));
        assert!(!is_credential(Named::Password, "0"));
        assert!(!is_credential(Named::Token, "4096"));
    }

    #[test]
    fn base64_is_no_path_and_random() {
        assert!(is_path("/etc/tls/tls.key"));
        assert!(!is_path("/9f+Zk2Qx8=="));
        assert!(is_random("wJalrXUtnFEMI/K7MDENG/bPxRfiCYzzz9"));
        assert!(!is_random("0123456789abcdef0123456789abcdef"));
    }
}
