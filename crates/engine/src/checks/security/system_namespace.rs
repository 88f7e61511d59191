//! system-namespace: applications stay out of Kubernetes' own namespaces.

use crate::{
    api::vocabulary::{Category, Profile, Severity},
    check::{Answer, Ask, Asked, Check, Covers, Fault, Minutes, Text},
};

pub(super) const CHECK: Check = Check {
    id: "system-namespace",
    title: "Application in a namespace of Kubernetes",
    category: Category::Security,
    severity: Severity::Medium,
    effort: Minutes(60),
    since: "0.1.0",
    profile: Profile::Production,
    text: Text {
        sees: "The workload lives in kube-system, kube-public or kube-node-lease and is neither part of the cluster by its labels (k8s-app, addonmanager.kubernetes.io/mode, kubernetes.io/cluster-service, component with tier control-plane) nor of a system priority.",
        root_cause: "It was put where it works at once: policies leave these namespaces alone.",
        scenario: "A flaw in it is next to the cluster's own Secrets and accounts, and no policy looks at it.",
        impact: "The cluster itself is within reach of an application.",
        fix: "Move it to a namespace of its own.",
    },
    links: &[
        "https://kubernetes.io/docs/concepts/overview/working-with-objects/namespaces/#initial-namespaces",
    ],
    covers: Covers {
        audit_rows: &[],
        peers: &["trivy:KSV-0037"],
    },
    parameters: &[],
    reads: &[],
    ask: Ask::Workload(ask),
};

/// Namespaces that are the cluster's own.
const SYSTEM: [&str; 3] = ["kube-system", "kube-public", "kube-node-lease"];

/// Labels by which parts of a cluster are known.
const MARKS: [&str; 3] = [
    "k8s-app",
    "addonmanager.kubernetes.io/mode",
    "kubernetes.io/cluster-service",
];

fn ask(asked: &Asked<'_>) -> Answer {
    let workload = asked.workload;
    let namespace = workload.metadata.namespace.as_str();
    if !SYSTEM.contains(&namespace) {
        return Answer::Passes;
    }
    let labels = [&workload.metadata.labels, workload.pod_labels()];
    let marked = labels.iter().any(|labels| {
        let control_plane = labels
            .get("tier")
            .is_some_and(|tier| tier == "control-plane");
        control_plane || MARKS.iter().any(|mark| labels.contains_key(*mark))
    });
    let priority = workload.pod().priority_class_name.as_deref();
    let important = priority.is_some_and(|name| name.starts_with("system-"));
    Answer::pass_if(marked || important, || {
        let message = format!("lives in {namespace}, which is the cluster's own");
        Fault::new(workload.at("/metadata/namespace"), message)
    })
}
