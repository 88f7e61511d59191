//! share-process-namespace: containers do not see each other.

use crate::{
    api::vocabulary::{Category, Profile, Severity},
    check::{Answer, Ask, Asked, Check, Covers, Fault, Minutes, Text},
    fix::Edit,
};

pub(super) const CHECK: Check = Check {
    id: "share-process-namespace",
    title: "Containers see each other’s processes",
    category: Category::Security,
    severity: Severity::Low,
    effort: Minutes(15),
    since: "0.1.0",
    profile: Profile::Scale,
    text: Text {
        sees: "A pod with more than one container sets shareProcessNamespace to true.",
        root_cause: "With one process namespace, each container sees the command lines of the others and, with the same user, their files and environment by /proc.",
        scenario: "A logging sidecar with a known fault is taken over and reads the database password from the environment of the application.",
        impact: "The weakest container of the pod decides how safe the strongest is.",
        fix: "Remove shareProcessNamespace, and let containers talk over localhost or a shared volume.",
    },
    links: &["https://kubernetes.io/docs/tasks/configure-pod-container/share-process-namespace/"],
    covers: Covers {
        audit_rows: &[],
        peers: &[],
    },
    parameters: &[],
    reads: &[],
    ask: Ask::Workload(ask),
};

fn ask(asked: &Asked<'_>) -> Answer {
    let workload = asked.workload;
    if workload.planned_containers().count() < 2 {
        return Answer::DoesNotApply;
    }
    let at = workload.pod_at("/shareProcessNamespace");
    Answer::pass_if(workload.pod().share_process_namespace != Some(true), || {
        Fault::new(
            at.clone(),
            "lets its containers see each other's processes and environment",
        )
        .edit(Edit::Remove { at })
    })
}
