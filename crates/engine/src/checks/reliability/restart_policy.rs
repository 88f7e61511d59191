//! restart-policy: what is meant to stay is started again.

use crate::{
    api::vocabulary::{Category, Profile, Severity, WorkloadKind},
    check::{Answer, Ask, Asked, Check, Covers, Fault, Minutes, Text},
};

pub(super) const CHECK: Check = Check {
    id: "restart-policy",
    title: "Not started again when it ends",
    category: Category::Reliability,
    severity: Severity::Medium,
    effort: Minutes(10),
    since: "0.1.0",
    profile: Profile::Baseline,
    text: Text {
        sees: "A Pod that nothing controls lists ports and has restartPolicy Never or OnFailure; or a Deployment, StatefulSet, DaemonSet or ReplicaSet has anything but Always; or a Job has Always. The API server refuses the latter two, so they are found in files.",
        root_cause: "The policy was copied from another kind.",
        scenario: "The process ends after a night, and nobody starts it again.",
        impact: "A service that is down until somebody looks.",
        fix: "Write Always for what serves, and OnFailure or Never for what runs to an end.",
    },
    links: &["https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#restart-policy"],
    covers: Covers {
        audit_rows: &[],
        peers: &[
            "kube-linter:restart-policy",
            "datree:10",
            "kube-score:cronjob-restartpolicy",
        ],
    },
    parameters: &[],
    reads: &[],
    ask: Ask::Workload(ask),
};

fn ask(asked: &Asked<'_>) -> Answer {
    let workload = asked.workload;
    let policy = workload.pod().restart_policy.as_deref();
    let at = workload.pod_at("/restartPolicy");
    let serves = workload
        .planned_containers()
        .any(|container| !container.spec.ports.is_empty());
    match (workload.kind, policy) {
        (WorkloadKind::Pod, Some(policy @ ("Never" | "OnFailure"))) if serves => {
            let message = format!("lists ports, but is not started again when it ends ({policy})");
            Answer::fails(Fault::new(at, message))
        }
        (WorkloadKind::Pod, _) => Answer::Passes,
        (WorkloadKind::Job | WorkloadKind::CronJob, None | Some("Always")) => {
            let message = "has a Job whose pods are never done (restartPolicy)";
            Answer::fails(Fault::new(at, message).severity(Severity::High))
        }
        (WorkloadKind::Job | WorkloadKind::CronJob, Some(_)) | (_, None | Some("Always")) => {
            Answer::Passes
        }
        (kind, Some(policy)) => {
            let message = format!(
                "a {} must have restartPolicy Always, not {policy}",
                kind.as_str()
            );
            Answer::fails(Fault::new(at, message).severity(Severity::High))
        }
    }
}
