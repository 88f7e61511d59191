//! database-connection-budget: all connections together fit.

use crate::{
    api::vocabulary::{Category, Profile, Severity},
    check::{Answer, Ask, Asked, Check, Covers, Fault, Minutes, Text},
    environment::variables,
    object::{Container, Kind, Workload},
    role::product_of,
    surroundings::Surroundings,
};

pub(super) const CHECK: Check = Check {
    id: "database-connection-budget",
    title: "More connections than the database takes",
    category: Category::Scalability,
    severity: Severity::High,
    effort: Minutes(60),
    since: "0.1.0",
    profile: Profile::Scale,
    text: Text {
        sees: "The workloads of the namespace that name the database's Service and the size of their pool may open, with all their replicas, more connections than the PostgreSQL or MySQL of the namespace takes (max_connections; 100 and 151 where nothing is said).",
        root_cause: "Each team chose a size that was good for itself.",
        scenario: "The autoscaler adds replicas, and the database refuses everybody: too many clients.",
        impact: "Growing takes the service down.",
        fix: "Lower the pools, raise max_connections as far as memory allows, or put PgBouncer between.",
    },
    links: &["https://www.postgresql.org/docs/current/runtime-config-connection.html"],
    covers: Covers {
        audit_rows: &[6],
        peers: &[],
    },
    parameters: &[],
    reads: &[
        Kind::Service,
        Kind::ConfigMap,
        Kind::HorizontalPodAutoscaler,
        Kind::ScaledObject,
    ],
    ask: Ask::Surroundings(ask),
};

/// Beginnings of settings by which a server bounds its connections.
const LIMITS: [&str; 2] = ["max_connections=", "max-connections="];

fn ask(asked: &Asked<'_>) -> Answer {
    let workload = asked.workload;
    let around = &asked.surroundings;
    let Some(limit) = limit(workload) else {
        return Answer::DoesNotApply;
    };
    let services = asked.services().known().unwrap_or_default();
    let names: Vec<&str> = services
        .iter()
        .map(|service| service.metadata.name.as_str())
        .collect();
    let mut sum = 0;
    let mut clients = Vec::new();
    for client in around
        .workloads()
        .filter(|other| other.name() != workload.name())
    {
        if let Some(wanted) = wanted(client, around, &names) {
            sum += wanted;
            clients.push(client.name());
        }
    }
    if clients.is_empty() {
        return Answer::DoesNotApply;
    }
    Answer::pass_if(sum <= limit, || {
        let message = format!(
            "takes {limit} connections, and {} may open {sum}",
            clients.join(", ")
        );
        Fault::new(workload.at("/metadata/name"), message).shortfall(sum - limit)
    })
}

/// How many connections a database takes.
fn limit(workload: &Workload) -> Option<i64> {
    workload
        .containers()
        .filter(Container::runs_for_ever)
        .find_map(|container| {
            let usual = match product_of(&container)?.image {
                "postgres" | "postgresql" | "postgis" | "pgvector" | "timescaledb" => 100,
                "mysql" | "mariadb" | "percona-server" => 151,
                _ => return None,
            };
            let spec = container.spec;
            let by_variable = spec.env.iter().find_map(|one| {
                let about = one.name.to_ascii_uppercase().ends_with("MAX_CONNECTIONS");
                one.value.as_deref().filter(|_| about)?.parse().ok()
            });
            let by_word = spec.command.iter().chain(&spec.args).find_map(|word| {
                let plain = word.trim_start_matches('-');
                LIMITS
                    .iter()
                    .find_map(|start| plain.strip_prefix(start)?.parse().ok())
            });
            Some(by_word.or(by_variable).unwrap_or(usual))
        })
}

/// How many connections a workload may open to one of these Services.
fn wanted(client: &Workload, around: &Surroundings<'_>, services: &[&str]) -> Option<i64> {
    let found: Vec<(String, String)> = client
        .containers()
        .filter(Container::runs_for_ever)
        .flat_map(|container| variables(&container, around))
        .map(|one| (one.name.to_ascii_uppercase(), one.value.to_owned()))
        .collect();
    let names = |value: &str| {
        let mut words = value.split(['/', '@', ':', '.', '?', '=', ' ', ',']);
        words.any(|word| services.contains(&word))
    };
    if !found.iter().any(|(_, value)| names(value)) {
        return None;
    }
    let pool: i64 = found.iter().find_map(|(name, value)| {
        let about = name.contains("POOL") && !name.contains("MIN") && !name.contains("TIMEOUT");
        let about = about || name.contains("MAX_CONN") || name.contains("CONNECTION_LIMIT");
        value.trim().parse().ok().filter(|_| about)
    })?;
    let scalers = around.autoscalers(client).known().unwrap_or_default();
    let replicas = scalers
        .iter()
        .filter_map(|scaler| scaler.max_replicas)
        .fold(client.replicas(), i64::max);
    Some(pool.saturating_mul(replicas))
}
