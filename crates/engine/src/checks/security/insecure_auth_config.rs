//! insecure-auth-config: nobody turns verification off.

use crate::{
    api::vocabulary::{Category, Profile, Severity},
    check::{Answer, Ask, Asked, Check, Containers, Covers, Fault, Minutes, Text},
    object::Container,
};

pub(super) const CHECK: Check = Check {
    id: "insecure-auth-config",
    title: "Verification or authentication off",
    category: Category::Security,
    severity: Severity::Critical,
    effort: Minutes(30),
    since: "0.1.0",
    profile: Profile::Baseline,
    text: Text {
        sees: "An environment variable or an argument turns the verification of certificates, or authentication as a whole, off.",
        root_cause: "It was the quickest way past a certificate error or a login, and nobody came back.",
        scenario: "Somebody between the service and its database answers in its place, and the service sends its password there.",
        impact: "TLS is there and protects nothing, or everybody is let in.",
        fix: "Give the client the right CA, for example by SSL_CERT_FILE or NODE_EXTRA_CA_CERTS, and remove the switch.",
    },
    links: &[
        "https://nodejs.org/api/cli.html#node_tls_reject_unauthorizedvalue",
        "https://peps.python.org/pep-0493/",
    ],
    covers: Covers {
        audit_rows: &[],
        peers: &[],
    },
    parameters: &[],
    reads: &[],
    ask: Ask::Containers(Containers::Planned, ask),
};

/// Variables and the values that switch verification or authentication off. Sources: the documentation of
/// Node.js, Python (PEP 493), Git, Go-based registries' clients, Elasticsearch, Postgres' and MySQL's images.
const VARIABLES: [(&str, &[&str], &str); 12] = [
    ("NODE_TLS_REJECT_UNAUTHORIZED", OFF, CERTIFICATES),
    ("PYTHONHTTPSVERIFY", OFF, CERTIFICATES),
    ("GIT_SSL_NO_VERIFY", ON, CERTIFICATES),
    ("SSL_VERIFY", OFF, CERTIFICATES),
    ("TLS_VERIFY", OFF, CERTIFICATES),
    ("VERIFY_SSL", OFF, CERTIFICATES),
    ("VAULT_SKIP_VERIFY", ON, CERTIFICATES),
    ("AUTH_ENABLED", OFF, EVERYBODY),
    ("AUTH_DISABLED", ON, EVERYBODY),
    ("ALLOW_ANONYMOUS", ON, EVERYBODY),
    ("ALLOW_EMPTY_PASSWORD", ON, EVERYBODY),
    ("POSTGRES_HOST_AUTH_METHOD", &["trust"], EVERYBODY),
];

const OFF: &[&str] = &["false", "0", "no", "off"];
const ON: &[&str] = &["true", "1", "yes", "on"];

const CERTIFICATES: &str = "does not verify certificates";
const EVERYBODY: &str = "lets everybody in without a password";

/// Arguments that do the same, whatever the program.
const ARGUMENTS: [(&str, &str); 6] = [
    ("--insecure-skip-verify", CERTIFICATES),
    ("--insecure-skip-tls-verify", CERTIFICATES),
    ("--skip-tls-verify", CERTIFICATES),
    ("--no-check-certificate", CERTIFICATES),
    ("--no-auth", EVERYBODY),
    ("--disable-auth", EVERYBODY),
];

fn ask(container: &Container<'_>, _: &Asked<'_>) -> Answer {
    let spec = container.spec;
    let variables = spec.env.iter().enumerate().filter_map(|(index, variable)| {
        let value = variable.value.as_deref()?.trim();
        let known = VARIABLES.iter().find(|(name, _, _)| *name == variable.name);
        let (name, bad, what) = known?;
        bad.iter()
            .any(|bad| bad.eq_ignore_ascii_case(value))
            .then(|| {
                let message = format!("{what} ({name}: {value})");
                Fault::in_container(container, &format!("/env/{index}/value"), message)
            })
    });
    let lists = [("command", &spec.command), ("args", &spec.args)];
    let arguments = lists.into_iter().flat_map(|(list, words)| {
        words.iter().enumerate().filter_map(move |(index, word)| {
            let (name, value) = word.split_once('=').unwrap_or((word, "true"));
            let (_, what) = ARGUMENTS.iter().find(|(known, _)| *known == name)?;
            ON.contains(&value).then(|| {
                let message = format!("{what} ({word})");
                Fault::in_container(container, &format!("/{list}/{index}"), message)
            })
        })
    });
    Answer::from_faults(variables.chain(arguments).collect())
}
