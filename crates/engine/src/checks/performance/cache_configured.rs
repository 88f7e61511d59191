//! cache-configured: the database is not asked everything.

use crate::{
    api::vocabulary::{Category, Profile, Severity},
    check::{Answer, Ask, Asked, Check, Covers, Fault, Minutes, Text},
    environment::any_name,
    object::{Kind, Workload},
    role::{Role, role_of},
};

pub(super) const CHECK: Check = Check {
    id: "cache-configured",
    title: "No cache before the database",
    category: Category::Performance,
    severity: Severity::Low,
    effort: Minutes(240),
    since: "0.1.0",
    profile: Profile::Scale,
    text: Text {
        sees: "A service that is reached from outside and reaches a database names no cache: no variable about Redis, Valkey, Memcached, a cache or a CDN, and no cache runs in its namespace. An application that needs none says so by the annotation prodready.dev/cache.",
        root_cause: "The database was fast enough with ten users.",
        scenario: "A campaign brings ten thousand, each page asks twenty questions, and all of them are the same.",
        impact: "The database is the bottleneck of everything.",
        fix: "Keep what is read often and changes seldom in Redis or Valkey, or let the edge keep whole answers.",
    },
    links: &["https://redis.io/docs/latest/develop/use/client-side-caching/"],
    covers: Covers {
        audit_rows: &[42, 56],
        peers: &[],
    },
    parameters: &[],
    reads: &[
        Kind::Service,
        Kind::Ingress,
        Kind::HttpRoute,
        Kind::Gateway,
        Kind::ConfigMap,
    ],
    ask: Ask::Surroundings(ask),
};

/// By which a workload says how it does without, or where its cache is.
const SAYS: &str = "prodready.dev/cache";

fn ask(asked: &Asked<'_>) -> Answer {
    let workload = asked.workload;
    let around = &asked.surroundings;
    if asked.role() != Role::Service {
        return Answer::DoesNotApply;
    }
    Answer::about(asked.entrances(), |entrances| {
        let by_value = workload.planned_containers().any(|container| {
            asked
                .variables(&container)
                .iter()
                .any(|one| is_database(&one.name, one.value))
        });
        let by_name =
            || any_name(workload, around, |name| is_database(name, "")).known() == Some(true);
        if entrances.is_empty() || !(by_value || by_name()) {
            return Answer::DoesNotApply;
        }
        let about = |name: &str| {
            let name = name.to_ascii_uppercase();
            ["REDIS", "VALKEY", "MEMCACHE", "CACHE", "CDN"]
                .iter()
                .any(|part| name.contains(part))
        };
        let beside = around
            .workloads()
            .any(|other| role_of(other, around).role == Role::Cache);
        if beside || is_said(workload) {
            return Answer::Passes;
        }
        Answer::about(any_name(workload, around, about), |named| {
            Answer::pass_if(named, || {
                let message = "asks its database for everything: no cache can be seen";
                Fault::new(workload.at("/metadata/name"), message)
            })
        })
    })
}

/// Whether a variable says how a database is reached.
fn is_database(name: &str, value: &str) -> bool {
    let name = name.to_ascii_uppercase();
    let by_value = [
        "postgres://",
        "postgresql://",
        "mysql://",
        "mariadb://",
        "jdbc:",
        "mongodb://",
    ]
    .iter()
    .any(|scheme| value.starts_with(scheme));
    let by_name = [
        "DATABASE_URL",
        "DB_HOST",
        "DATABASE_HOST",
        "PGHOST",
        "SPRING_DATASOURCE_URL",
    ]
    .iter()
    .any(|known| name.ends_with(known));
    by_value || by_name
}

fn is_said(workload: &Workload) -> bool {
    let template = &workload.spec.template.metadata;
    let said = [&workload.metadata.annotations, &template.annotations];
    said.iter()
        .any(|annotations| annotations.contains_key(SAYS))
}
