//! declarative-delivery: what runs is what was written down.

use crate::{
    api::vocabulary::{Category, Profile, Severity},
    check::{Answer, Ask, Asked, Check, Covers, Fault, Minutes, Text},
};

pub(super) const CHECK: Check = Check {
    id: "declarative-delivery",
    title: "No trace of a delivery tool",
    category: Category::Maintainability,
    severity: Severity::Low,
    effort: Minutes(120),
    since: "0.1.0",
    profile: Profile::Scale,
    text: Text {
        sees: "In a cluster, the workload carries no trace of Helm, Argo CD, Flux, Kustomize, kapp, Rancher Fleet or another manager: no label app.kubernetes.io/managed-by, no annotation or label of theirs, no controller that owns it, and no copy that kubectl apply keeps. A file is a manifest already.",
        root_cause: "It was made by hand, with kubectl create or in a console.",
        scenario: "The namespace is deleted by mistake, and nobody has the manifest.",
        impact: "It cannot be made again as it was, and nobody knows who changed what.",
        fix: "Keep the manifest in a repository and let Argo CD, Flux or a pipeline with Helm apply it.",
    },
    links: &[
        "https://kubernetes.io/docs/concepts/overview/working-with-objects/object-management/",
    ],
    covers: Covers {
        audit_rows: &[23],
        peers: &[],
    },
    parameters: &[],
    reads: &[],
    ask: Ask::Workload(ask),
};

/// Beginnings of labels and annotations that delivery tools write.
const MARKS: [&str; 10] = [
    "meta.helm.sh/",
    "helm.sh/",
    "argocd.argoproj.io/",
    "kustomize.toolkit.fluxcd.io/",
    "helm.toolkit.fluxcd.io/",
    "kapp.k14s.io/",
    "objectset.rio.cattle.io/",
    "fleet.cattle.io/",
    "app.kubernetes.io/managed-by",
    "config.kubernetes.io/",
];

fn ask(asked: &Asked<'_>) -> Answer {
    let metadata = &asked.workload.metadata;
    let is_owned = metadata.controller().is_some();
    // Known where it was read from a file, or where kubectl apply left its copy.
    let is_written = metadata.written_version.is_some();
    let mut keys = metadata.labels.keys().chain(metadata.annotations.keys());
    let marked = keys.any(|key| MARKS.iter().any(|mark| key.starts_with(mark)));
    Answer::pass_if(is_owned || is_written || marked, || {
        let message = "bears no trace of a tool that delivered it";
        Fault::new(asked.workload.at("/metadata/name"), message)
    })
}
