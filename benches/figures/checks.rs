//! What each check costs: the dearest ones are worth a look before the whole is.

use std::{hint::black_box, time::Instant};

use prodready_engine::{
    api::vocabulary::Profile,
    judge::judge,
    object::{Workload, resource::Known},
    policy::Policy,
    surroundings::{Cluster, Completeness},
};
use serde_json::Value;

use crate::{SEED, corpus, measure::Figures};

/// Workloads that are judged.
const WORKLOADS: usize = 1_000;

/// Rounds over all of them; the quickest counts.
const ROUNDS: usize = 5;

/// The dearest checks that are shown.
const SHOWN: usize = 25;

pub(crate) fn measure(figures: &mut Figures) {
    let cluster = cluster();
    let policy = Policy::of_profile(Profile::Scale);
    let whole = nanoseconds_each(&cluster, &policy);
    figures.add("checks: all, per workload", whole, "ns", "");
    let none = nanoseconds_each(&cluster, &policy.clone().narrowed_to(&[]));
    figures.compare("checks: none, the role alone", none, whole, "ns", "");
    let mut each: Vec<_> = policy
        .settings
        .iter()
        .map(|setting| {
            let alone = policy.clone().narrowed_to(&[setting.check]);
            (setting.check.id, nanoseconds_each(&cluster, &alone) - none)
        })
        .collect();
    each.sort_by(|one, other| other.1.total_cmp(&one.1));
    for (id, cost) in each.into_iter().take(SHOWN) {
        figures.compare(format!("checks: {id} alone"), cost, whole, "ns", "");
    }
}

fn cluster() -> Cluster {
    let mut cluster = Cluster::new(Completeness::complete());
    for application in corpus::applications(WORKLOADS, SEED) {
        for document in application.documents() {
            let value: Value =
                serde_saphyr::from_str(document.trim_start_matches("---\n")).unwrap();
            let text = |key: &str| value[key].as_str().unwrap_or_default().to_owned();
            if let Some(known) = Known::find(&text("apiVersion"), &text("kind")) {
                cluster.insert(prodready_engine::object::Resource::read(known, value).unwrap());
            }
        }
    }
    cluster
}

#[expect(clippy::cast_precision_loss, reason = "a figure for people")]
fn nanoseconds_each(cluster: &Cluster, policy: &Policy) -> f64 {
    let workloads: Vec<&Workload> = cluster
        .namespaces()
        .flat_map(|(_, objects)| objects.workloads.values())
        .map(AsRef::as_ref)
        .collect();
    let rounds = (0..ROUNDS).map(|_| {
        let start = Instant::now();
        for workload in &workloads {
            let around = cluster.around(&workload.metadata.namespace);
            black_box(judge(*workload, around, policy));
        }
        start.elapsed().as_nanos() as f64 / workloads.len() as f64
    });
    rounds.fold(f64::INFINITY, f64::min)
}
