//! What a value says about itself: tokens with a published shape, and private keys.

/// A kind of token that can be told by how it starts.
struct Format {
    prefix: &'static str,
    kind: &'static str,
    /// How many letters and digits come after the prefix, at least.
    at_least: usize,
}

const fn format(prefix: &'static str, kind: &'static str, at_least: usize) -> Format {
    Format {
        prefix,
        kind,
        at_least,
    }
}

/// Shapes that the services themselves publish. Publishable keys (`pk_live_…`) are not among them.
const FORMATS: &[Format] = &[
    format("ghp_", "GitHub token", 30),
    format("gho_", "GitHub token", 30),
    format("ghu_", "GitHub token", 30),
    format("ghs_", "GitHub token", 30),
    format("ghr_", "GitHub token", 30),
    format("github_pat_", "GitHub token", 22),
    format("glpat-", "GitLab token", 16),
    format("gldt-", "GitLab token", 16),
    format("glrt-", "GitLab token", 16),
    format("glptt-", "GitLab token", 16),
    format("glcbt-", "GitLab token", 16),
    format("glagent-", "GitLab token", 16),
    format("xoxb-", "Slack token", 16),
    format("xoxp-", "Slack token", 16),
    format("xoxa-", "Slack token", 16),
    format("xoxr-", "Slack token", 16),
    format("xoxs-", "Slack token", 16),
    format("xapp-", "Slack token", 16),
    format("sk_live_", "Stripe key", 16),
    format("rk_live_", "Stripe key", 16),
    format("sk_test_", "Stripe key", 16),
    format("rk_test_", "Stripe key", 16),
    format("whsec_", "webhook secret", 16),
    format("sk-proj-", "OpenAI key", 20),
    format("sk-svcacct-", "OpenAI key", 20),
    format("sk-ant-", "Anthropic key", 20),
    format("sk-or-", "OpenRouter key", 20),
    format("GOCSPX-", "Google client secret", 20),
    format("ya29.", "Google token", 20),
    format("npm_", "npm token", 30),
    format("pypi-AgE", "PyPI token", 20),
    format("dckr_pat_", "Docker token", 20),
    format("dop_v1_", "DigitalOcean token", 32),
    format("doo_v1_", "DigitalOcean token", 32),
    format("dor_v1_", "DigitalOcean token", 32),
    format("hvs.", "Vault token", 20),
    format("hvb.", "Vault token", 20),
    format("hvr.", "Vault token", 20),
    format("shpat_", "Shopify token", 32),
    format("shpss_", "Shopify secret", 32),
    format("hcaik_", "Honeycomb key", 20),
    format("hf_", "Hugging Face token", 30),
    format("gsk_", "Groq key", 40),
    format("glsa_", "Grafana token", 32),
    format("glc_", "Grafana Cloud token", 32),
    format("sntrys_", "Sentry token", 32),
    format("sntryu_", "Sentry token", 32),
    format("NRAK-", "New Relic key", 20),
    format("PMAK-", "Postman key", 24),
    format("tskey-", "Tailscale key", 16),
    format("rubygems_", "RubyGems key", 40),
    format("ATATT3", "Atlassian token", 60),
    format("AGE-SECRET-KEY-1", "age key", 50),
];

/// How keys start that are meant to be seen by everybody, in browsers for example.
const PUBLISHABLE: &[&str] = &["pk_live_", "pk_test_", "sb_publishable_", "pk.eyJ"];

/// How a PEM private key starts in base64.
const PRIVATE_KEYS_IN_BASE64: &[&str] = &[
    "LS0tLS1CRUdJTiBQUklWQVRFIEtFW",
    "LS0tLS1CRUdJTiBSU0EgUFJJVkFURSBLRV",
    "LS0tLS1CRUdJTiBFQyBQUklWQVRFIEtFW",
    "LS0tLS1CRUdJTiBPUEVOU1NIIFBSSVZBVEUgS0VZ",
    "LS0tLS1CRUdJTiBFTkNSWVBURUQgUFJJVkFURSBLRV",
];

/// The shortest text that can hold one of the known tokens, or how a private key starts.
const SHORTEST: usize = 20;

/// What kind of token a text has in it, if it has a known one.
pub(super) fn token(text: &str) -> Option<&'static str> {
    if text.len() < SHORTEST {
        return None;
    }
    words(text).find_map(token_word).or_else(|| bearer(text))
}

/// Whether a key says of itself that everybody may see it.
pub(super) fn is_publishable(value: &str) -> bool {
    PUBLISHABLE.iter().any(|start| value.starts_with(start))
}

/// Whether a text has a private key in it. Certificates and public keys are no secret.
pub(super) fn has_private_key(text: &str) -> bool {
    if text.len() < SHORTEST {
        return false;
    }
    let mut rest = text;
    while let Some(at) = rest.find("-----BEGIN ") {
        rest = &rest[at + "-----BEGIN ".len()..];
        let label = rest.split("-----").next().unwrap_or_default();
        if label.len() < 40 && label.contains("PRIVATE KEY") {
            return true;
        }
    }
    words(text).any(|word| {
        PRIVATE_KEYS_IN_BASE64
            .iter()
            .any(|start| word.starts_with(start))
    })
}

/// The runs of what tokens are made of.
fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|letter: char| {
        !(letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-' | '.'))
    })
    .map(|word| word.trim_end_matches('.'))
    .filter(|word| word.len() >= SHORTEST)
}

fn token_word(word: &str) -> Option<&'static str> {
    let known = FORMATS.iter().find(|format| {
        let rest = word.strip_prefix(format.prefix);
        rest.is_some_and(|rest| letters_and_digits(rest) >= format.at_least && is_no_mask(rest))
    });
    if let Some(known) = known {
        return Some(known.kind);
    }
    let upper = |text: &str| {
        text.bytes()
            .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
    };
    let hex = |text: &str| text.bytes().all(|byte| byte.is_ascii_hexdigit());
    if word.len() == 20 && (word.starts_with("AKIA") || word.starts_with("ASIA")) && upper(word) {
        return Some("AWS access key");
    }
    if word.len() == 39 && word.starts_with("AIza") && !word.contains('.') {
        return Some("Google API key");
    }
    if word.len() == 34 && word.starts_with("SK") && hex(&word[2..]) {
        return Some("Twilio key");
    }
    let plain = word.strip_prefix("sk-");
    if plain.is_some_and(|rest| rest.len() >= 32 && letters_and_digits(rest) == rest.len()) {
        return Some("OpenAI key");
    }
    let databricks = word.strip_prefix("dapi");
    if databricks.is_some_and(|rest| rest.len() >= 32 && hex(&rest[..32])) {
        return Some("Databricks token");
    }
    in_parts(word)
}

/// Tokens whose parts are joined by dots.
fn in_parts(word: &str) -> Option<&'static str> {
    let parts: Vec<&str> = word.splitn(4, '.').collect();
    match parts[..] {
        ["SG", id, secret] if id.len() >= 16 && secret.len() >= 16 => Some("SendGrid key"),
        [header, claims, signature]
            if header.starts_with("eyJ") && claims.starts_with("eyJ") && signature.len() >= 10 =>
        {
            Some("JSON Web Token")
        }
        _ => None,
    }
}

/// What stands behind `Bearer` or `Basic` in a header, and in the URLs that are secrets themselves.
fn bearer(text: &str) -> Option<&'static str> {
    const STARTS: &[(&str, &str, usize)] = &[
        ("Bearer ", "bearer token", 16),
        ("bearer ", "bearer token", 16),
        ("Authorization: Basic ", "login", 8),
        ("authorization=Basic ", "login", 8),
        ("Authorization=Basic ", "login", 8),
        ("Authorization \"Basic ", "login", 8),
        ("hooks.slack.com/services/T", "Slack webhook", 20),
        ("discord.com/api/webhooks/", "Discord webhook", 20),
    ];
    let (_, kind, _) = STARTS.iter().find(|(start, _, at_least)| {
        text.find(start).is_some_and(|at| {
            let rest = &text[at + start.len()..];
            let end = rest
                .find(|letter: char| {
                    letter.is_whitespace() || matches!(letter, '"' | '\'' | ',' | ';')
                })
                .unwrap_or(rest.len());
            let run = &rest[..end];
            run.len() >= *at_least
                && run
                    .bytes()
                    .any(|byte| byte.is_ascii_digit() || byte == b'=')
                && !run.contains(['$', '{', '<', '%', '*', '('])
                && is_no_mask(run)
        })
    })?;
    Some(kind)
}

fn letters_and_digits(text: &str) -> usize {
    text.bytes().filter(u8::is_ascii_alphanumeric).count()
}

/// Not `xxxxxxxx` in the place of a token.
fn is_no_mask(text: &str) -> bool {
    let masked = text
        .bytes()
        .filter(|byte| matches!(byte, b'x' | b'X' | b'*'));
    masked.count() * 2 < text.len()
}

#[cfg(test)]
mod tests {
    use super::{has_private_key, token};

    #[test]
    fn tokens_are_told_by_their_published_shape() {
        let github = format!("ghp_{}", "a1B2c3D4e5F6".repeat(3));
        assert_eq!(token(&github), Some("GitHub token"));
        assert_eq!(
            token(&format!("url=https://x:{github}@git")),
            Some("GitHub token")
        );
        assert_eq!(token("ghp_short"), None);
        assert_eq!(token(&format!("ghp_{}", "x".repeat(36))), None);
        assert_eq!(token("SG.name.of.a.host.in.some.zone"), None);
    }

    #[test]
    fn certificates_are_no_private_keys() {
        assert!(has_private_key("-----BEGIN RSA PRIVATE KEY-----\nMIIE"));
        assert!(has_private_key(
            "ca: -----BEGIN CERTIFICATE-----\n-----BEGIN PRIVATE KEY-----"
        ));
        assert!(!has_private_key("-----BEGIN CERTIFICATE-----\nMIIE"));
        assert!(!has_private_key("-----BEGIN PUBLIC KEY-----\nMIIE"));
    }
}
