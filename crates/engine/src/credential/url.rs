//! Passwords in URLs: `postgres://shop:…@db/shop`, and what drivers write without a scheme.

use super::{
    literal::{is_mask, is_reference},
    pairs,
};

/// Whether a text has a URL with a password in it, as userinfo or as a parameter.
pub(super) fn has_password(text: &str) -> bool {
    // Each form has one, and most texts have none.
    if !text.contains(':') {
        return false;
    }
    text.contains("://") && (in_userinfo(text) || in_parameters(text)) || in_driver_syntax(text)
}

/// `scheme://user:password@host`.
fn in_userinfo(text: &str) -> bool {
    let mut rest = text;
    while let Some(at) = rest.find("://") {
        rest = &rest[at + 3..];
        let end = rest
            .find(|letter: char| letter.is_whitespace() || "/?#\"'<>,`\\".contains(letter))
            .unwrap_or(rest.len());
        let authority = &rest[..end];
        // A reference such as `<password>` or `{{ .x }}` may hold what else ends the authority.
        if let Some((userinfo, _)) = authority.rsplit_once('@')
            && let Some((_, password)) = userinfo.split_once(':')
            && is_password(password)
        {
            return true;
        }
        rest = &rest[end..];
    }
    false
}

/// `scheme://host/path?user=…&password=…`.
fn in_parameters(text: &str) -> bool {
    text.split(|letter: char| letter.is_whitespace() || matches!(letter, '"' | '\'' | '`'))
        .filter(|word| word.contains("://"))
        .filter_map(|word| word.split_once(['?', ';']))
        .flat_map(|(_, parameters)| parameters.split(['&', ';']))
        .filter_map(|parameter| parameter.split_once('='))
        .any(|(name, value)| pairs::is_credential(name, value) || is_signature(name, value))
}

/// The signature of a shared access signature or a presigned URL, which is all it takes.
fn is_signature(name: &str, value: &str) -> bool {
    name.eq_ignore_ascii_case("sig") && value.len() >= 20 && !is_reference(value)
}

/// `user:password@tcp(host:3306)/shop` (Go) and `jdbc:oracle:thin:user/password@host` (Oracle).
fn in_driver_syntax(text: &str) -> bool {
    let go = ["@tcp(", "@unix("]
        .iter()
        .filter_map(|mark| text.split_once(mark))
        .filter_map(|(before, _)| before.rsplit([' ', '"', '\'', '=']).next())
        .filter_map(|userinfo| userinfo.split_once(':'));
    let oracle = text
        .split_once("jdbc:oracle:thin:")
        .and_then(|(_, rest)| rest.split_once('@'))
        .and_then(|(userinfo, _)| userinfo.split_once('/'));
    go.chain(oracle).any(|(_, password)| is_password(password))
}

fn is_password(password: &str) -> bool {
    // `$DB_PASSWORD`, `%s`, `%(password)s`, `{password}` and the like are filled in later.
    let is_filled_in =
        password.starts_with(['$', '<', '{', '[']) || password == "..." || is_reference(password);
    !password.is_empty() && !is_filled_in && !is_mask(password)
}

#[cfg(test)]
mod tests {
    use super::has_password;

    #[test]
    fn userinfo_with_a_password_is_one() {
        assert!(has_password("postgres://shop:s3cret@db:5432/shop"));
        assert!(has_password("redis://:s3cret@cache:6379"));
        assert!(has_password("mongodb://u:p@a:27017,b:27017/shop"));
        assert!(has_password(
            "jdbc:postgresql://db/shop?user=shop&password=s3cret"
        ));
        assert!(has_password("shop:s3cret@tcp(db:3306)/shop"));
    }

    #[test]
    fn references_users_and_ports_are_none() {
        for url in [
            "postgres://shop:$(DB_PASSWORD)@db/shop",
            "postgres://shop:{{ .password }}@db/shop",
            "postgres://shop:<password>@db/shop",
            "postgres://shop@db:5432/shop",
            "https://shop.example.com:8443/a:b@c",
            "ssh://git@git.example.com:22/shop.git",
            "https://o1.example.com/api?grant=password",
        ] {
            assert!(!has_password(url), "{url}");
        }
    }
}
