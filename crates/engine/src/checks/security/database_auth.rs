//! database-auth: a database knows who asks.

use crate::{
    api::vocabulary::{Category, Profile, Severity},
    check::{Answer, Ask, Asked, Check, Containers, Covers, Fault, Minutes, Text},
    environment::switched_off,
    object::{Container, Kind},
    role::product_of,
};

pub(super) const CHECK: Check = Check {
    id: "database-auth",
    title: "Database or broker without a password",
    category: Category::Security,
    severity: Severity::High,
    effort: Minutes(60),
    since: "0.1.0",
    profile: Profile::Production,
    text: Text {
        sees: "MongoDB without a root user or --auth, Redis or Valkey without requirepass, a password variable or a mounted configuration, Elasticsearch with its security off, or Memcached reachable through a Service; or a connection string to a database without a user. What POSTGRES_HOST_AUTH_METHOD and ALLOW_EMPTY_PASSWORD say is asked by insecure-auth-config.",
        root_cause: "Inside the cluster seems to be inside a wall.",
        scenario: "Any pod of any team reads and deletes everything, by mistake or because it was broken into.",
        impact: "The weakest pod of the cluster is the door to the data.",
        fix: "Turn authentication on, keep the password in a Secret, and limit who may reach the port by a NetworkPolicy.",
    },
    links: &[
        "https://www.mongodb.com/docs/manual/administration/security-checklist/",
        "https://redis.io/docs/latest/operate/oss_and_stack/management/security/",
    ],
    covers: Covers {
        audit_rows: &[5],
        peers: &[],
    },
    parameters: &[],
    reads: &[Kind::ConfigMap],
    ask: Ask::Containers(Containers::Probed, ask),
};

/// Schemes of connection strings whose servers have users.
const SCHEMES: [&str; 7] = [
    "postgres://",
    "postgresql://",
    "mysql://",
    "mariadb://",
    "mongodb://",
    "mongodb+srv://",
    "amqp://",
];

fn ask(container: &Container<'_>, asked: &Asked<'_>) -> Answer {
    let found = asked.variables(container);
    let faults: Vec<Fault> = found
        .iter()
        .filter(|variable| is_userless(variable.value))
        .map(|variable| {
            let message = format!("{} names a database without a user", variable.title());
            Fault::in_container_at(container, variable.pointer(), message)
        })
        .collect();
    if !faults.is_empty() {
        return Answer::from_faults(faults);
    }
    let spec = container.spec;
    let words = || spec.command.iter().chain(&spec.args);
    let says = |part: &str| words().any(|word| word.contains(part));
    let has = |names: &[&str]| {
        spec.env
            .iter()
            .any(|variable| names.contains(&variable.name.as_str()))
    };
    let from_elsewhere = !spec.env_from.is_empty()
        || spec
            .volume_mounts
            .iter()
            .any(|mount| mount.mount_path.contains("conf") || mount.mount_path.contains("etc"));
    let (open, what) = match product_of(container).map(|product| product.image) {
        Some("mongo" | "mongodb") => {
            let set = has(&[
                "MONGO_INITDB_ROOT_USERNAME",
                "MONGO_INITDB_ROOT_USERNAME_FILE",
                "MONGODB_ROOT_PASSWORD",
                "MONGODB_ROOT_PASSWORD_FILE",
                "MONGODB_PASSWORD",
            ]);
            (
                !set && !says("--auth") && !says("keyFile"),
                "MongoDB has no user",
            )
        }
        Some(product @ ("redis" | "valkey" | "keydb" | "redis-stack-server")) => {
            let set = has(&[
                "REDIS_PASSWORD",
                "REDIS_PASSWORD_FILE",
                "VALKEY_PASSWORD",
                "REDIS_ARGS",
            ]);
            let open = !set && !says("--requirepass") && !says("--aclfile") && !says(".conf");
            (
                open,
                if product == "redis" {
                    "Redis has no password"
                } else {
                    "the cache has no password"
                },
            )
        }
        Some("elasticsearch") => {
            let off = spec.env.iter().any(|variable| {
                let value = variable.value.as_deref().unwrap_or_default();
                variable.name == "xpack.security.enabled" && switched_off(value)
            });
            (off, "Elasticsearch has its security off")
        }
        _ => return Answer::DoesNotApply,
    };
    if open && from_elsewhere {
        return Answer::Unknown("its configuration is mounted and not read".to_owned());
    }
    Answer::pass_if(!open, || {
        Fault::in_container(container, "", format!("lets everybody in: {what}"))
    })
}

fn is_userless(value: &str) -> bool {
    let rest = SCHEMES
        .iter()
        .find_map(|scheme| value.trim().strip_prefix(scheme));
    rest.is_some_and(|rest| {
        let authority = rest.split(['/', '?']).next().unwrap_or(rest);
        !authority.is_empty() && !authority.contains(['@', '$', '{', '<'])
    })
}
