//! Names and values within a text: `Server=db;Password=…`, `--token=…`, `-Dapi.key=…`, `{"secret":"…"}`.

use super::{
    format::is_publishable,
    literal::{self, unquoted},
    name::{ends_in_key, named},
};

/// How far back a name is looked for, and how far ahead a value.
const REACH: usize = 200;

/// Whether a name says that this value is a credential, and it is one.
pub(super) fn is_credential(name: &str, value: &str) -> bool {
    noun(name, value).is_some()
}

/// What the value is by its name, if it is a credential.
pub(super) fn noun(name: &str, value: &str) -> Option<&'static str> {
    match named(name) {
        Some(named) => literal::is_credential(named, value).then(|| named.noun()),
        None if name == "auth" => literal::is_encoded_login(value).then_some("login"),
        None => (ends_in_key(name) && literal::is_random(value) && !is_publishable(value))
            .then_some("secret key"),
    }
}

/// Which assignments count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Values {
    /// All of them: settings.
    All,
    /// Those of quoted texts: in code, anything else is an expression.
    Quoted,
}

/// What the first assignment of a credential in a text assigns.
pub(super) fn find(text: &str, values: Values) -> Option<&'static str> {
    let equals = text.match_indices('=').map(|(at, _)| (at, at + 1));
    let colons = text.match_indices("\":").map(|(at, _)| (at + 1, at + 2));
    equals
        .chain(colons)
        .filter(|(_, start)| values == Values::All || is_quoted(&text[*start..]))
        .filter_map(|(end, start)| assignment(text, end, start))
        .find_map(|(name, value)| noun(name, value))
}

fn is_quoted(text: &str) -> bool {
    text.trim_start_matches(' ').starts_with(['"', '\''])
}

/// The name before and the value behind a separator.
fn assignment(text: &str, name_end: usize, value_start: usize) -> Option<(&str, &str)> {
    let name = name_before(&text[..name_end])?;
    let value = value_behind(&text[value_start..]);
    // A call is fetched when it runs: `password=read(file)`.
    let is_call = value.contains('(') && !is_quoted(&text[value_start..]);
    (!value.is_empty() && !is_call).then_some((name, value))
}

fn name_before(text: &str) -> Option<&str> {
    // `settings['password'] = …`
    let subscript = text.trim_end_matches(' ').strip_suffix(']');
    let text = subscript
        .filter(|name| name.ends_with(['"', '\'']))
        .unwrap_or(text)
        .trim_end_matches(['"', '\'']);
    let bytes = text.as_bytes();
    let start = bytes
        .iter()
        .rev()
        .take(REACH)
        .take_while(|byte| byte.is_ascii_alphanumeric() || b"_-.".contains(byte))
        .count();
    let start = bytes.len() - start;
    let name = &text[start..];
    // `$NAME=` and `${NAME:=` are no assignments of a literal; a comparison is none either.
    let before = start.checked_sub(1).map(|at| bytes[at]);
    (!name.is_empty() && !matches!(before, Some(b'$' | b'{' | b'?' | b'&'))).then_some(name)
}

/// The quoted text, or what goes up to a blank or a separator.
fn value_behind(text: &str) -> &str {
    let text = text.trim_start_matches(' ');
    let limit = (0..=text.len().min(REACH))
        .rev()
        .find(|at| text.is_char_boundary(*at))
        .unwrap_or(0);
    let near = &text[..limit];
    for quote in ['"', '\''] {
        if let Some(inner) = near.strip_prefix(quote) {
            return inner.split(quote).next().unwrap_or_default();
        }
    }
    let is_end = |letter: char| letter.is_whitespace() || ";,&\"'|".contains(letter);
    unquoted(near.split(is_end).next().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::{Values, find};

    #[test]
    fn assignments_are_found_wherever_they_stand() {
        for text in [
            "Server=db;User Id=sa;Password=Sup3r!",
            "host=db user=shop password='a b' dbname=shop",
            "--client-secret=abc123 --port=80",
            r#"{"user":"shop","password":"s3cret"}"#,
            "-Xmx1g -Djavax.net.ssl.keyStorePassword=s3cret",
            "rails['root_password'] = 's3cret'",
        ] {
            assert!(find(text, Values::All).is_some(), "{text}");
        }
    }

    #[test]
    fn other_assignments_are_none() {
        for text in [
            "Server=db;Password=;Port=1433",
            "--token=$(TOKEN) --token-ttl=1h",
            r#"{"password":"","passwordFile":"/run/secret"}"#,
            "${PASSWORD:=x}",
            "a == b",
            "rails['root_password'] == 's3cret'",
        ] {
            assert_eq!(find(text, Values::All), None, "{text}");
        }
    }
}
