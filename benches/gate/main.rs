//! `make bench-gate`: what the gate costs the API server's clients, beside no webhook at all, a
//! ValidatingAdmissionPolicy and the least that a webhook can be.
//!
//! Each request is a `POST` of a well-built Deployment with `dryRun=All` through a real API server: it is
//! admitted and validated, and nothing is stored. `GATE_SECONDS` is the time of one measurement.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a program for people: it prints, and ends where it cannot go on"
)]

mod bare;
mod cluster;
#[path = "../corpus/mod.rs"]
mod corpus;
mod load;
mod process;
mod table;

use std::time::Duration;

use prodready_testkit::ControlPlane;

use crate::{
    cluster::Cluster,
    load::load,
    process::cpu,
    table::{Row, Table},
};

/// How many requests are under way at a time.
const CLIENTS: [usize; 4] = [1, 16, 100, 200];

/// Before each measurement, for connections to be opened.
const WARMING: Duration = Duration::from_secs(1);

/// What stands between a client and its answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Between {
    Nothing,
    Policy,
    Bare,
    OneReplica,
    TwoReplicas,
}

impl Between {
    /// The second replica comes last: it stays.
    const ALL: [Self; 5] = [
        Self::Nothing,
        Self::Policy,
        Self::Bare,
        Self::OneReplica,
        Self::TwoReplicas,
    ];

    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::Nothing => "no webhook",
            Self::Policy => "ValidatingAdmissionPolicy, 10 rules",
            Self::Bare => "bare handler",
            Self::OneReplica => "prodready, 1 replica",
            Self::TwoReplicas => "prodready, 2 replicas",
        }
    }

    /// The namespace in which only this stands between.
    pub(crate) fn namespace(self) -> &'static str {
        match self {
            Self::Nothing => "bench-nothing",
            Self::Policy => "bench-policy",
            Self::Bare => "bench-bare",
            Self::OneReplica | Self::TwoReplicas => "bench-gate",
        }
    }
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [word, address, certificate, key] = &arguments[..]
        && word == bare::WORD
    {
        bare::serve(address, certificate, key);
        return;
    }
    let seconds = std::env::var("GATE_SECONDS").ok();
    let seconds = seconds.map_or(6, |text| text.parse().unwrap());
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let table = runtime.block_on(measure(Duration::from_secs(seconds)));
    println!("{table}");
    table.write_json();
}

async fn measure(seconds: Duration) -> Table {
    let plane = tokio::task::spawn_blocking(ControlPlane::start)
        .await
        .unwrap()
        .unwrap();
    let mut cluster = Cluster::furnish(&plane).await;
    let mut table = Table::default();
    for between in Between::ALL {
        if between == Between::TwoReplicas {
            cluster.add_replica().await;
        }
        for clients in CLIENTS {
            eprintln!("measuring: {}, {clients} clients", between.title());
            table.push(row(&cluster, between, clients, seconds).await);
        }
    }
    table
}

async fn row(cluster: &Cluster<'_>, between: Between, clients: usize, seconds: Duration) -> Row {
    let (client, request) = (cluster.client(), cluster.request(between.namespace()));
    load(&client, &request, clients, WARMING).await;
    let processes = cluster.processes(between);
    let api_server = cluster.api_server();
    let before = (cpu(&processes), cpu(&api_server));
    let loaded = load(&client, &request, clients, seconds).await;
    let after = (cpu(&processes), cpu(&api_server));
    let asked = !processes.is_empty();
    Row {
        between,
        clients,
        cpu: asked.then(|| loaded.each(after.0.saturating_sub(before.0))),
        api_server_cpu: loaded.each(after.1.saturating_sub(before.1)),
        memory: asked.then(|| processes.iter().map(|id| process::resident(*id)).sum()),
        loaded,
    }
}
