//! What part a workload plays: many questions depend on it.

use std::fmt;

use crate::{
    api::vocabulary::WorkloadKind,
    object::{Container, Workload},
    surroundings::Surroundings,
};

/// The annotation by which a workload says its role itself.
pub const ANNOTATION: &str = "prodready.dev/role";

/// What part a workload plays.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// Answers requests.
    Service,
    /// Takes work from somewhere and does it.
    Worker,
    /// Keeps data.
    Database,
    /// Keeps what may be lost.
    Cache,
    /// Passes messages on.
    Broker,
    /// Runs to its end.
    Batch,
    /// Runs on every node.
    Agent,
    /// Keeps the cluster as it is meant to be.
    Controller,
}

/// A role, and by what it was told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inferred {
    /// The role.
    pub role: Role,
    /// By what it was told, for people.
    pub why: String,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 8] = [
        Self::Service,
        Self::Worker,
        Self::Database,
        Self::Cache,
        Self::Broker,
        Self::Batch,
        Self::Agent,
        Self::Controller,
    ];

    /// The word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Service => "service",
            Self::Worker => "worker",
            Self::Database => "database",
            Self::Cache => "cache",
            Self::Broker => "broker",
            Self::Batch => "batch",
            Self::Agent => "agent",
            Self::Controller => "controller",
        }
    }

    /// Whether it keeps what must not be lost.
    pub fn keeps_data(self) -> bool {
        matches!(self, Self::Database | Self::Broker)
    }
}

impl fmt::Display for Role {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// A product that keeps data, and where it does so.
#[derive(Clone, Copy, Debug)]
pub struct Product {
    /// The last part of its image's name.
    pub image: &'static str,
    /// Its role.
    pub role: Role,
    /// The directories in which it keeps its data, in the images that are most used.
    pub data: &'static [&'static str],
}

const fn product(image: &'static str, role: Role, data: &'static [&'static str]) -> Product {
    Product { image, role, data }
}

/// Products that are known by their images. Sources: the images' own documentation (Docker Official Images, Bitnami,
/// the vendors).
pub const PRODUCTS: &[Product] = &[
    product(
        "postgres",
        Role::Database,
        &[
            "/var/lib/postgresql",
            "/bitnami/postgresql",
            "/home/postgres",
        ],
    ),
    product(
        "postgresql",
        Role::Database,
        &["/var/lib/postgresql", "/bitnami/postgresql"],
    ),
    product("postgis", Role::Database, &["/var/lib/postgresql"]),
    product("timescaledb", Role::Database, &["/var/lib/postgresql"]),
    product("pgvector", Role::Database, &["/var/lib/postgresql"]),
    product("patroni", Role::Database, &[]),
    product("spilo", Role::Database, &["/home/postgres"]),
    product(
        "mysql",
        Role::Database,
        &["/var/lib/mysql", "/bitnami/mysql"],
    ),
    product(
        "mariadb",
        Role::Database,
        &["/var/lib/mysql", "/bitnami/mariadb"],
    ),
    product("percona-server", Role::Database, &["/var/lib/mysql"]),
    product("mongo", Role::Database, &["/data/db", "/data/configdb"]),
    product("mongodb", Role::Database, &["/data/db", "/bitnami/mongodb"]),
    product(
        "cassandra",
        Role::Database,
        &["/var/lib/cassandra", "/bitnami/cassandra"],
    ),
    product("scylla", Role::Database, &["/var/lib/scylla"]),
    product(
        "elasticsearch",
        Role::Database,
        &["/usr/share/elasticsearch/data", "/bitnami/elasticsearch"],
    ),
    product(
        "opensearch",
        Role::Database,
        &["/usr/share/opensearch/data"],
    ),
    product(
        "clickhouse",
        Role::Database,
        &["/var/lib/clickhouse", "/bitnami/clickhouse"],
    ),
    product(
        "clickhouse-server",
        Role::Database,
        &["/var/lib/clickhouse"],
    ),
    product("cockroach", Role::Database, &["/cockroach/cockroach-data"]),
    product(
        "influxdb",
        Role::Database,
        &["/var/lib/influxdb", "/var/lib/influxdb2"],
    ),
    product("neo4j", Role::Database, &["/data"]),
    product("couchdb", Role::Database, &["/opt/couchdb/data"]),
    product("etcd", Role::Database, &["/var/lib/etcd", "/bitnami/etcd"]),
    product("minio", Role::Database, &["/data", "/bitnami/minio"]),
    product("vault", Role::Database, &["/vault/data", "/vault/file"]),
    product("qdrant", Role::Database, &["/qdrant/storage"]),
    product("weaviate", Role::Database, &["/var/lib/weaviate"]),
    product("meilisearch", Role::Database, &["/meili_data"]),
    product("prometheus", Role::Database, &["/prometheus", "/data"]),
    product("redis", Role::Cache, &["/data", "/bitnami/redis"]),
    product("redis-stack-server", Role::Cache, &["/data"]),
    product("valkey", Role::Cache, &["/data", "/bitnami/valkey"]),
    product("keydb", Role::Cache, &["/data"]),
    product("dragonfly", Role::Cache, &["/data"]),
    product("memcached", Role::Cache, &[]),
    product("varnish", Role::Cache, &[]),
    product(
        "rabbitmq",
        Role::Broker,
        &["/var/lib/rabbitmq", "/bitnami/rabbitmq"],
    ),
    product(
        "kafka",
        Role::Broker,
        &["/var/lib/kafka", "/bitnami/kafka", "/var/lib/kafka/data"],
    ),
    product("cp-kafka", Role::Broker, &["/var/lib/kafka"]),
    product("redpanda", Role::Broker, &["/var/lib/redpanda"]),
    product(
        "zookeeper",
        Role::Broker,
        &["/data", "/datalog", "/bitnami/zookeeper"],
    ),
    product("nats", Role::Broker, &["/data"]),
    product("pulsar", Role::Broker, &["/pulsar/data"]),
    product("activemq", Role::Broker, &["/opt/activemq/data"]),
    product("eclipse-mosquitto", Role::Broker, &["/mosquitto/data"]),
];

/// Words that start a consumer of a queue.
const WORKERS: [&str; 10] = [
    "celery",
    "sidekiq",
    "resque",
    "rq",
    "dramatiq",
    "huey",
    "worker",
    "consumer",
    "queue:work",
    "bullmq",
];

/// Ends of names by which controllers are known.
const CONTROLLERS: [&str; 4] = [
    "-operator",
    "-controller",
    "controller-manager",
    "-controller-manager",
];

/// The product that a container runs, where it is a known one.
pub fn product_of(container: &Container<'_>) -> Option<&'static Product> {
    let image = container.image();
    let base = image.base_name();
    PRODUCTS
        .iter()
        .find(|product| product.image == base)
        .or_else(|| {
            // redis-ha, postgres-16-postgis: built upon it.
            let is_helper = HELPERS.iter().any(|helper| base.contains(helper));
            let mut built = PRODUCTS
                .iter()
                .filter(|product| begins(base, product.image));
            built.next().filter(|_| !is_helper)
        })
        .or_else(|| {
            // mcr.microsoft.com/mssql/server
            let mssql = image.repository.ends_with("mssql/server");
            mssql.then_some(&MSSQL)
        })
}

/// Parts of names of what stands beside a product.
const HELPERS: [&str; 18] = [
    "exporter",
    "operator",
    "backup",
    "ui",
    "commander",
    "express",
    "admin",
    "proxy",
    "bouncer",
    "client",
    "tools",
    "init",
    "sidecar",
    "agent",
    "gateway",
    "controller",
    "dump",
    "config",
];

fn begins(base: &str, product: &str) -> bool {
    base.strip_prefix(product)
        .is_some_and(|rest| rest.starts_with('-'))
}

static MSSQL: Product = product("mssql", Role::Database, &["/var/opt/mssql"]);

/// What part a workload plays, and by what that was told.
pub fn role_of(workload: &Workload, around: &Surroundings<'_>) -> Inferred {
    said(workload)
        .or_else(|| by_kind(workload))
        .or_else(|| by_product(workload))
        .or_else(|| by_name(workload))
        .or_else(|| by_command(workload))
        .unwrap_or_else(|| by_traffic(workload, around))
}

fn told(role: Role, why: impl Into<String>) -> Inferred {
    Inferred {
        role,
        why: why.into(),
    }
}

fn said(workload: &Workload) -> Option<Inferred> {
    let annotations = [
        &workload.metadata.annotations,
        &workload.spec.template.metadata.annotations,
    ];
    let word = annotations
        .iter()
        .find_map(|annotations| annotations.get(ANNOTATION))?;
    let role = Role::ALL
        .into_iter()
        .find(|role| role.as_str().eq_ignore_ascii_case(word.trim()))?;
    Some(told(role, format!("the annotation {ANNOTATION} says so")))
}

fn by_kind(workload: &Workload) -> Option<Inferred> {
    match workload.kind {
        WorkloadKind::Job | WorkloadKind::CronJob => Some(told(
            Role::Batch,
            format!("it is a {}", workload.kind.as_str()),
        )),
        WorkloadKind::DaemonSet => Some(told(Role::Agent, "it is a DaemonSet")),
        _ if !workload.runs_for_ever() => Some(told(Role::Batch, "its pods run to an end")),
        _ => None,
    }
}

fn by_product(workload: &Workload) -> Option<Inferred> {
    let mut containers = workload.containers().filter(Container::runs_for_ever);
    containers.find_map(|container| {
        let product = product_of(&container)?;
        let why = format!("container {} runs {}", container.name(), product.image);
        Some(told(product.role, why))
    })
}

fn by_name(workload: &Workload) -> Option<Inferred> {
    let mut containers = workload.containers().filter(Container::runs_for_ever);
    containers.find_map(|container| {
        let image = container.image();
        let base = image.base_name();
        let is_controller = CONTROLLERS.iter().any(|end| base.ends_with(end));
        is_controller.then(|| told(Role::Controller, format!("its image is called {base}")))
    })
}

fn by_command(workload: &Workload) -> Option<Inferred> {
    let mut containers = workload.containers().filter(Container::runs_for_ever);
    containers.find_map(|container| {
        let spec = container.spec;
        if !spec.ports.is_empty() {
            return None;
        }
        let words = spec.command.iter().chain(&spec.args);
        let mut parts = words.flat_map(|word| word.split([' ', '/', '=']));
        let word = parts.find(|part| WORKERS.contains(part))?;
        Some(told(Role::Worker, format!("its command says {word}")))
    })
}

fn by_traffic(workload: &Workload, around: &Surroundings<'_>) -> Inferred {
    let services = around.services(workload).known().unwrap_or_default();
    if let Some(service) = services.first() {
        let why = format!("Service {} leads to it", service.metadata.name);
        return told(Role::Service, why);
    }
    let mut containers = workload.containers().filter(Container::runs_for_ever);
    match containers.find_map(|container| container.spec.ports.first()) {
        Some(port) => told(
            Role::Service,
            format!("it lists port {}", port.container_port),
        ),
        None => told(Role::Worker, "it lists no port, and no Service leads to it"),
    }
}
