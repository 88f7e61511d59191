//! unused-config: what is there is used.

use std::collections::BTreeSet;

use crate::{
    api::vocabulary::{Category, Profile, Severity},
    check::{Answer, Ask, AskedNamespace, Check, Covers, Fault, Minutes, Text},
    object::{Kind, namespaced::ConfigMap, storage::PersistentVolumeClaim},
};

pub(super) const CHECK: Check = Check {
    id: "unused-config",
    title: "ConfigMap or claim that nothing uses",
    category: Category::Maintainability,
    severity: Severity::Low,
    effort: Minutes(10),
    since: "0.1.0",
    profile: Profile::Scale,
    text: Text {
        sees: "A ConfigMap or PersistentVolumeClaim of the namespace is used by no workload in it. What Helm, an operator or the cluster keeps in ConfigMaps, what has an owner, dashboards and rules that others find by label, and claims of StatefulSets are not asked.",
        root_cause: "Each release made a new one under a new name, or the workload was deleted.",
        scenario: "Somebody changes the wrong one and wonders why nothing happens; or a disk is paid for that nobody reads.",
        impact: "Confusion in an incident, and money.",
        fix: "Delete it, or name it in the workload that should read it.",
    },
    links: &["https://kubernetes.io/docs/concepts/configuration/configmap/"],
    covers: Covers {
        audit_rows: &[],
        peers: &[
            "popeye:400",
            "clusterlint:unused-config-map",
            "clusterlint:unused-pv",
            "clusterlint:unused-pvc",
            "clusterlint:unused-secret",
            "kor:pv",
            "kor:pvc",
            "kor:secret",
            "popeye:1000",
        ],
    },
    parameters: &[],
    reads: &[Kind::ConfigMap, Kind::PersistentVolumeClaim],
    ask: Ask::Namespace(ask),
};

/// Labels of ConfigMaps that others look for.
const FOUND_BY_LABEL: [&str; 5] = [
    "grafana_dashboard",
    "grafana_datasource",
    "prometheus_rule",
    "istio.io/config",
    "app.kubernetes.io/managed-by",
];

fn ask(asked: &AskedNamespace<'_>) -> Answer {
    let around = &asked.surroundings;
    if around.workloads().next().is_none() {
        return Answer::DoesNotApply;
    }
    let mut maps = BTreeSet::new();
    let mut claims = BTreeSet::new();
    for workload in around.workloads() {
        maps.extend(
            around
                .config_maps(workload)
                .iter()
                .map(|map| map.metadata.name.as_str()),
        );
        let volumes = workload.pod().volumes.iter();
        claims.extend(volumes.filter_map(|volume| {
            Some(volume.persistent_volume_claim.as_ref()?.claim_name.as_str())
        }));
    }
    let idle_maps = around.each::<ConfigMap>().filter(|map| {
        let metadata = &map.metadata;
        let found = FOUND_BY_LABEL
            .iter()
            .any(|label| metadata.labels.contains_key(*label));
        // kubectl apply says that somebody delivers it; what nobody did is left to whoever made it.
        let delivered = metadata.written_version.is_some();
        delivered
            && metadata.owner_references.is_empty()
            && !found
            && !maps.contains(metadata.name.as_str())
    });
    let mut faults: Vec<Fault> = idle_maps
        .map(|map| {
            let message = format!("ConfigMap {} is used by no workload", map.metadata.name);
            Fault::in_object(map, "/metadata/name", message)
        })
        .collect();
    let of_set = |name: &str| {
        around.workloads().any(|workload| {
            let templates = &workload.spec.volume_claim_templates;
            templates.iter().any(|claim| {
                name.starts_with(&format!("{}-{}-", claim.metadata.name, workload.name()))
            })
        })
    };
    let idle = around.each::<PersistentVolumeClaim>().filter(|claim| {
        let name = claim.metadata.name.as_str();
        claim.metadata.owner_references.is_empty() && !claims.contains(name) && !of_set(name)
    });
    faults.extend(idle.map(|claim| {
        let message = format!(
            "PersistentVolumeClaim {} is used by no workload",
            claim.metadata.name
        );
        Fault::in_object(claim, "/metadata/name", message)
    }));
    Answer::from_faults(faults)
}
