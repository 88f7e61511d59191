//! high-user-id: a user of the image is nobody on the node.

use crate::{
    api::vocabulary::{Category, Profile, Severity},
    check::{Answer, Ask, Asked, Check, Containers, Covers, Fault, Minutes, Text},
    object::Container,
};

pub(super) const CHECK: Check = Check {
    id: "high-user-id",
    title: "User or group id below 10 000",
    category: Category::Security,
    severity: Severity::Low,
    effort: Minutes(15),
    since: "0.1.0",
    profile: Profile::Scale,
    text: Text {
        sees: "The effective runAsUser or runAsGroup of a container is a number between 1 and 9 999. Saying nothing is asked by run-as-non-root; pods with a user namespace of their own (hostUsers: false) and Windows pods are not asked.",
        root_cause: "Images use 1000 or 101, which are people and daemons on the node.",
        scenario: "Somebody breaks out of the container and is, on the node, the very user who owns the files of another service.",
        impact: "What stops an intruder elsewhere does not stop them here.",
        fix: "Give the application an id from 10 000 on, in the image and in securityContext.",
    },
    links: &["https://kubernetes.io/docs/tasks/configure-pod-container/security-context/"],
    covers: Covers {
        audit_rows: &[],
        peers: &[
            "kube-score:container-security-context-user-group-id",
            "trivy:KSV-0020",
            "trivy:KSV-0021",
            "checkov:CKV_K8S_40",
            "kubesec:RunAsUser",
            "kubesec:RunAsGroup",
            "datree:29",
            "datree:51",
            "kics:Container Running With Low UID",
        ],
    },
    parameters: &[],
    reads: &[],
    ask: Ask::Containers(Containers::AllLinux, ask),
};

/// What nodes use for people and daemons ends below this.
const LEAST: i64 = 10_000;

fn ask(container: &Container<'_>, asked: &Asked<'_>) -> Answer {
    if asked.workload.pod().host_users == Some(false) {
        return Answer::DoesNotApply;
    }
    let own = container.spec.security_context.as_ref();
    let pods = asked.workload.pod().security_context.as_ref();
    let user = (
        "runAsUser",
        own.and_then(|own| own.run_as_user),
        pods.and_then(|pods| pods.run_as_user),
    );
    let group = (
        "runAsGroup",
        own.and_then(|own| own.run_as_group),
        pods.and_then(|pods| pods.run_as_group),
    );
    let said = [user, group];
    if said.iter().all(|(_, own, pods)| own.or(*pods).is_none()) {
        return Answer::DoesNotApply;
    }
    let low = said.into_iter().filter_map(|(field, own, pods)| {
        let id = own.or(pods).filter(|id| (1..LEAST).contains(id))?;
        let suffix = format!("/securityContext/{field}");
        let pointer = if own.is_some() {
            container.at(&suffix)
        } else {
            container.pod_at(&suffix)
        };
        let message = format!("acts as {field} {id}, which may be somebody on the node");
        Some(Fault::in_container_at(container, pointer, message))
    });
    Answer::from_faults(low.collect())
}
