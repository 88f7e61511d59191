//! database-tls: what goes to a database is encrypted.

use crate::{
    api::vocabulary::{Category, Profile, Severity},
    check::{Answer, Ask, Asked, Check, Containers, Covers, Fault, Minutes, Text},
    environment::{Variable, switched_off},
    object::{Container, Kind},
};

pub(super) const CHECK: Check = Check {
    id: "database-tls",
    title: "Connection to a database not encrypted",
    category: Category::Security,
    severity: Severity::High,
    effort: Minutes(60),
    since: "0.1.0",
    profile: Profile::Production,
    text: Text {
        sees: "A connection string turns TLS off (sslmode=disable, ssl=false, useSSL=false, tls=false, encrypt=false), or names a Redis, AMQP or MQTT server of another namespace or outside the cluster by its scheme without TLS.",
        root_cause: "The certificate of the server was not trusted by the client, and the quickest way was without.",
        scenario: "Whoever sees the network between nodes or clouds reads the password and every row.",
        impact: "Data and credentials in clear text on the wire.",
        fix: "Give the client the server's CA, and write sslmode=verify-full, rediss:// or amqps://.",
    },
    links: &["https://www.postgresql.org/docs/current/libpq-ssl.html"],
    covers: Covers {
        audit_rows: &[5],
        peers: &[],
    },
    parameters: &[],
    reads: &[Kind::ConfigMap],
    ask: Ask::Containers(Containers::Planned, ask),
};

/// What turns TLS off within a connection string.
const OFF: [&str; 10] = [
    "sslmode=disable",
    "ssl=false",
    "ssl=0",
    "usessl=false",
    "tls=false",
    "tls=disable",
    "encrypt=false",
    "ssl-mode=disabled",
    "sslmode=none",
    "security.protocol=plaintext",
];

/// Variables that turn TLS off by themselves.
const SWITCHES: [&str; 7] = [
    "PGSSLMODE",
    "DB_SSLMODE",
    "DB_SSL_MODE",
    "DATABASE_SSL",
    "DB_SSL",
    "REDIS_TLS",
    "MONGO_TLS",
];

/// Schemes without TLS, for servers that have one with it.
const PLAIN: [&str; 4] = ["redis://", "amqp://", "mqtt://", "ldap://"];

fn ask(container: &Container<'_>, asked: &Asked<'_>) -> Answer {
    let faults = asked.variables(container).iter().filter_map(|variable| {
        let why = wrong(variable, &asked.workload.metadata.namespace)?;
        let message = format!("{} {why}", variable.title());
        Some(Fault::in_container_at(
            container,
            variable.pointer(),
            message,
        ))
    });
    Answer::from_faults(faults.collect())
}

fn wrong(variable: &Variable<'_>, namespace: &str) -> Option<String> {
    let value = variable.value.trim().to_ascii_lowercase();
    let name = variable.name.to_ascii_uppercase();
    if SWITCHES.contains(&name.as_str()) && (switched_off(&value) || value == "disable") {
        return Some("turns encryption off".to_owned());
    }
    if let Some(part) = OFF.iter().find(|part| holds(&value, part)) {
        return Some(format!("turns encryption off ({part})"));
    }
    let (scheme, rest) = PLAIN
        .iter()
        .find_map(|scheme| Some((scheme, value.strip_prefix(scheme)?)))?;
    let authority = rest.split(['/', '?', ',']).next().unwrap_or(rest);
    let host = authority.rsplit('@').next().unwrap_or(authority);
    let host = host.split(':').next().unwrap_or(host);
    leaves(host, namespace).then(|| format!("goes to {host} by {scheme}, which is not encrypted"))
}

/// Only as a whole parameter: `nossl=false` is none.
fn holds(value: &str, part: &str) -> bool {
    value.split(['?', '&', ';', ' ']).any(|one| one == part)
}

/// Whether a host is in another namespace or outside. One name alone is of the own namespace.
fn leaves(host: &str, namespace: &str) -> bool {
    let mut parts = host.split('.');
    let (_, second) = (parts.next(), parts.next());
    match second {
        None => false,
        Some(second) if second == namespace => false,
        Some(_) => host != "127.0.0.1" && !host.contains(['$', '{', '(']),
    }
}
