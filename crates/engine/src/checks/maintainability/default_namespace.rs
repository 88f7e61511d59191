//! default-namespace: a workload has a namespace of its own.

use crate::{
    api::vocabulary::{Category, Profile, Severity},
    check::{Answer, Ask, Asked, Check, Covers, Fault, Minutes, Text},
};

pub(super) const CHECK: Check = Check {
    id: "default-namespace",
    title: "Lives in the namespace default",
    category: Category::Maintainability,
    severity: Severity::Low,
    effort: Minutes(30),
    since: "0.1.0",
    profile: Profile::Production,
    text: Text {
        sees: "The workload is in the namespace called default. Among files, one that names no namespace is not asked: Helm, Kustomize and kubectl put it where they are told.",
        root_cause: "It is where things go when nobody says where they should.",
        scenario: "A Role, a quota or a NetworkPolicy for one team in default is one for everything that was ever put there.",
        impact: "Nothing can be limited, billed or deleted by namespace.",
        fix: "Make a namespace for the application or the team and deploy it there.",
    },
    links: &["https://kubernetes.io/docs/concepts/overview/working-with-objects/namespaces/"],
    covers: Covers {
        audit_rows: &[],
        peers: &[
            "kube-linter:use-namespace",
            "kyverno:disallow-default-namespace",
            "kubescape:C-0061",
            "kubescape:C-0212",
            "trivy:KSV-0110",
            "checkov:CKV_K8S_21",
            "datree:15",
            "clusterlint:default-namespace",
            "kics:Using Default Namespace",
        ],
    },
    parameters: &[],
    reads: &[],
    ask: Ask::Workload(ask),
};

fn ask(asked: &Asked<'_>) -> Answer {
    let workload = asked.workload;
    let at = workload.at("/metadata/namespace");
    Answer::pass_if(workload.metadata.namespace != "default", || {
        Fault::new(
            at,
            "lives in the namespace default, with whatever else nobody had a place for",
        )
    })
}
