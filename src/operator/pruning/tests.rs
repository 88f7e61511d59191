//! When what is paid is pruned, and when nothing is.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use jiff::Timestamp;
use prodready_engine::{
    api::vocabulary::{Profile, WorkloadKind},
    checks,
    object::{Resource, Workload, exception::ReadinessException},
    policy::Policy,
    surroundings::{Cluster, Completeness},
};
use serde_json::{Value, json};

use super::{Prune, Pruning, SETTLED};
use crate::{
    operator::{
        index::{Dirty, Index},
        rescore::Standings,
    },
    snapshot::Snapshot,
};

/// A Deployment with one container.
fn deployment(name: &str, tag: &str, privileged: bool) -> Resource {
    let container = json!({"name": "web", "image": format!("shop/{name}:{tag}"), "securityContext": {"privileged": privileged}});
    let object = json!({
        "metadata": {"name": name, "namespace": "shop"},
        "spec": {"template": {"spec": {"containers": [container]}}},
    });
    Resource::Workload(Box::new(
        Workload::read(WorkloadKind::Deployment, object).unwrap(),
    ))
}

/// A baseline of two checks.
fn baseline(workloads: &Value, labels: &Value) -> ReadinessException {
    let object = json!({
        "metadata": {"name": "before", "namespace": "shop", "uid": "u", "generation": 3, "labels": labels},
        "spec": {
            "workloads": workloads,
            "checks": ["image-tag", "privileged-container"],
            "reason": "it was there before the policy",
            "expirationTime": "2999-01-01T00:00:00Z",
        },
    });
    serde_json::from_value(object).unwrap()
}

fn of_cart() -> ReadinessException {
    let cart = json!([{"kind": "Deployment", "name": "cart"}]);
    baseline(&cart, &json!({"prodready.dev/baseline": "true"}))
}

/// What is known, and what it came to.
struct World {
    snapshot: Snapshot,
    standings: Standings,
}

impl World {
    fn new(exception: &ReadinessException, workloads: Vec<Resource>) -> Self {
        let mut cluster = Cluster::new(Completeness::complete());
        cluster.insert(Resource::ReadinessException(exception.clone()));
        for workload in workloads {
            cluster.insert(workload);
        }
        let asked = ["image-tag", "privileged-container"].map(|id| checks::find(id).unwrap());
        let policy = Policy::of_profile(Profile::Baseline).narrowed_to(&asked);
        let snapshot = Snapshot {
            cluster,
            policies: Arc::new([policy].into_iter().collect()),
            synced: true,
        };
        let all = Dirty {
            all: true,
            ..Dirty::default()
        };
        let mut standings = Standings::default();
        standings.update(&Index::new(false), &snapshot, &all, Timestamp::UNIX_EPOCH);
        Self {
            snapshot,
            standings,
        }
    }

    fn due(&self, pruning: &mut Pruning, now: Instant) -> Vec<Prune> {
        pruning.due(&self.snapshot.cluster, &self.standings, now)
    }
}

/// What is due once everything has stood so for long enough, with nothing judged again in between.
fn due_at_last(exception: &ReadinessException, workloads: Vec<Resource>) -> Vec<Prune> {
    let world = World::new(exception, workloads);
    let (mut pruning, start) = (Pruning::default(), Instant::now());
    pruning.add([&"shop".to_owned()].into_iter());
    assert_eq!(world.due(&mut pruning, start), []);
    world.due(&mut pruning, start + SETTLED)
}

fn prune(paid: &[&str], left: &[&str]) -> Prune {
    let owned = |ids: &[&str]| ids.iter().map(ToString::to_string).collect();
    Prune {
        key: ("shop".to_owned(), "before".to_owned()),
        uid: Some("u".to_owned()),
        generation: Some(3),
        paid: owned(paid),
        left: owned(left),
    }
}

#[test]
fn what_is_paid_is_pruned_once_it_has_stood_so_for_a_while() {
    let world = World::new(&of_cart(), vec![deployment("cart", "1.4.2", true)]);
    let (mut pruning, start) = (Pruning::default(), Instant::now());
    pruning.add([&"shop".to_owned()].into_iter());
    assert_eq!(world.due(&mut pruning, start), []);
    let nearly = start + SETTLED.saturating_sub(Duration::from_millis(1));
    assert_eq!(world.due(&mut pruning, nearly), []);
    let wanted = [prune(&["image-tag"], &["privileged-container"])];
    assert_eq!(world.due(&mut pruning, start + SETTLED), wanted);
    // It could not be written.
    assert_eq!(world.due(&mut pruning, start + SETTLED), wanted);
}

#[test]
fn what_fails_again_meanwhile_begins_anew() {
    let well = World::new(&of_cart(), vec![deployment("cart", "1.4.2", true)]);
    let ill = World::new(&of_cart(), vec![deployment("cart", "latest", true)]);
    let shop = "shop".to_owned();
    let (mut pruning, start) = (Pruning::default(), Instant::now());
    pruning.add([&shop].into_iter());
    assert_eq!(well.due(&mut pruning, start), []);
    assert_eq!(ill.due(&mut pruning, start + SETTLED / 2), []);
    pruning.add([&shop].into_iter());
    assert_eq!(well.due(&mut pruning, start + SETTLED), []);
    let later = start + 2 * SETTLED;
    assert_eq!(well.due(&mut pruning, later).len(), 1);
}

#[test]
fn where_nothing_is_left_all_is_paid() {
    let well = vec![deployment("cart", "1.4.2", false)];
    let wanted = [prune(&["image-tag", "privileged-container"], &[])];
    assert_eq!(due_at_last(&of_cart(), well), wanted);
}

#[test]
fn nothing_is_paid_while_somebody_is_not_there() {
    assert_eq!(due_at_last(&of_cart(), vec![]), []);
    let both =
        json!([{"kind": "Deployment", "name": "cart"}, {"kind": "Deployment", "name": "till"}]);
    let both = baseline(&both, &json!({"prodready.dev/baseline": "true"}));
    let cart = || deployment("cart", "1.4.2", false);
    assert_eq!(due_at_last(&both, vec![cart()]), []);
    // What one of them still owes is not paid.
    let till = deployment("till", "latest", false);
    let wanted = [prune(&["privileged-container"], &["image-tag"])];
    assert_eq!(due_at_last(&both, vec![cart(), till]), wanted);
}

#[test]
fn other_exceptions_are_left_alone() {
    let cart = json!([{"kind": "Deployment", "name": "cart"}]);
    for labels in [json!({}), json!({"prodready.dev/baseline": "false"})] {
        let other = baseline(&cart, &labels);
        let well = vec![deployment("cart", "1.4.2", false)];
        assert_eq!(due_at_last(&other, well), []);
    }
    // By labels it may be for somebody who is not there.
    let mut selecting = of_cart();
    selecting.spec.workloads.clear();
    selecting.spec.selector =
        serde_json::from_value(json!({"matchLabels": {"app": "cart"}})).unwrap();
    let mut labelled = deployment("cart", "1.4.2", false);
    let label = ("app".to_owned(), "cart".to_owned());
    labelled.metadata_mut().labels.extend([label]);
    assert_eq!(due_at_last(&selecting, vec![labelled]), []);
}
