//! resource-quota: a namespace takes no more than its share.

use crate::{
    api::vocabulary::{Category, Profile, Severity},
    check::{Answer, Ask, AskedNamespace, Check, Covers, Fault, Minutes, Text},
    object::{Kind, Pointer, namespaced::ResourceQuota},
};

pub(super) const CHECK: Check = Check {
    id: "resource-quota",
    title: "Namespace without a quota",
    category: Category::Compliance,
    severity: Severity::Medium,
    effort: Minutes(30),
    since: "0.1.0",
    profile: Profile::Production,
    text: Text {
        sees: "A namespace in which something runs has no ResourceQuota that limits CPU or memory, by request or limit.",
        root_cause: "Quotas need numbers that nobody had at the time.",
        scenario: "A loop makes pods until the cluster is full, and other teams cannot deploy.",
        impact: "One team's mistake stops all of them.",
        fix: "Add a ResourceQuota with requests.cpu, requests.memory, limits.memory and count/pods.",
    },
    links: &["https://kubernetes.io/docs/concepts/policy/resource-quotas/"],
    covers: Covers {
        audit_rows: &[15],
        peers: &[
            "trivy:KSV-0040",
            "kyverno:add-ns-quota",
            "kyverno:namespace-inventory-check",
            "redhat-cop:COMBINE-00002",
        ],
    },
    parameters: &[],
    reads: &[Kind::ResourceQuota],
    ask: Ask::Namespace(ask),
};

const COUNTED: [&str; 6] = [
    "requests.cpu",
    "requests.memory",
    "limits.cpu",
    "limits.memory",
    "cpu",
    "memory",
];

fn ask(asked: &AskedNamespace<'_>) -> Answer {
    if asked.surroundings.workloads().next().is_none() {
        return Answer::DoesNotApply;
    }

    let limits =
        |quota: &ResourceQuota| COUNTED.iter().any(|one| quota.spec.hard.contains_key(*one));
    if asked.surroundings.each::<ResourceQuota>().any(limits) {
        return Answer::Passes;
    }
    Answer::about(asked.surroundings.absent(Kind::ResourceQuota), |()| {
        let message = "has no quota of CPU or memory";
        Answer::fails(Fault::new(Pointer::new("/metadata/name"), message))
    })
}
