//! database-connection-pool: connections are counted.

use crate::{
    api::vocabulary::{Category, Profile, Severity},
    check::{Answer, Ask, Asked, Check, Covers, Fault, Minutes, Text},
    environment::{any_name, is_database},
    object::Kind,
    role::Role,
};

pub(super) const CHECK: Check = Check {
    id: "database-connection-pool",
    title: "Many replicas without a connection pool",
    category: Category::Scalability,
    severity: Severity::Medium,
    effort: Minutes(60),
    since: "0.1.0",
    profile: Profile::Scale,
    text: Text {
        sees: "A service or worker that reaches a database, with 3 replicas or more (or an autoscaler that goes there), sets no size of its connection pool, and no pooler (PgBouncer, Pgpool, ProxySQL, cloud-sql-proxy) is in its pod or in the address.",
        root_cause: "Each library opens as many connections as it likes by default: five, ten, or one for each request.",
        scenario: "The autoscaler adds ten replicas, and the database refuses everybody: too many clients.",
        impact: "The very act of growing makes it fail.",
        fix: "Set the size (DB_POOL_SIZE, SPRING_DATASOURCE_HIKARI_MAXIMUM_POOL_SIZE, ?pool_size=), or put PgBouncer between.",
    },
    links: &["https://www.pgbouncer.org/"],
    covers: Covers {
        audit_rows: &[6],
        peers: &[],
    },
    parameters: &[],
    reads: &[
        Kind::ConfigMap,
        Kind::Service,
        Kind::HorizontalPodAutoscaler,
        Kind::ScaledObject,
    ],
    ask: Ask::Workload(ask),
};

/// Replicas from which the sum of connections matters.
const MANY: i64 = 3;

/// Parts of names and of connection strings by which a pool is bounded.
const POOLS: [&str; 7] = [
    "POOL",
    "MAX_CONN",
    "MAXCONN",
    "CONNECTION_LIMIT",
    "CONN_MAX",
    "MAX_OPEN",
    "MAX_OVERFLOW",
];

/// Parts of names of poolers.
const POOLERS: [&str; 6] = [
    "pgbouncer",
    "pgpool",
    "proxysql",
    "odyssey",
    "pgcat",
    "rds-proxy",
];

fn ask(asked: &Asked<'_>) -> Answer {
    let workload = asked.workload;
    let around = &asked.surroundings;
    let role = asked.role();
    if !matches!(role, Role::Service | Role::Worker) {
        return Answer::DoesNotApply;
    }
    let by_value = workload.planned_containers().any(|container| {
        asked
            .variables(&container)
            .iter()
            .any(|one| is_database(&one.name, one.value))
    });
    let by_name = any_name(workload, around, |name| is_database(name, "")).known() == Some(true);
    if !(by_value || by_name) {
        return Answer::DoesNotApply;
    }

    let scalers = around.autoscalers(workload).known().unwrap_or_default();
    let most = scalers
        .iter()
        .filter_map(|scaler| scaler.max_replicas)
        .fold(workload.replicas(), i64::max);
    if most < MANY || !workload.is_scalable() {
        return Answer::DoesNotApply;
    }
    let about = |text: &str| {
        let upper = text.to_ascii_uppercase();
        POOLS.iter().any(|part| upper.contains(part))
    };
    let pooler = |text: &str| POOLERS.iter().any(|part| text.contains(part));
    let bounded = workload.planned_containers().any(|container| {
        let found = asked.variables(&container);
        let own = container
            .spec
            .env
            .iter()
            .any(|variable| about(&variable.name));
        own || pooler(container.image().base_name())
            || found
                .iter()
                .any(|one| about(&one.name) || about(one.value) || pooler(one.value))
    });
    Answer::pass_if(bounded, || {
        let message =
            format!("up to {most} replicas open as many connections to the database as they like");
        Fault::new(workload.at("/metadata/name"), message)
    })
}
