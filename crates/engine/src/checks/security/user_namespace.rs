//! user-namespace: root of the container is nobody on the node.

use crate::{
    api::vocabulary::{Category, Profile, Severity},
    check::{Answer, Ask, Asked, Check, Covers, Fault, Minutes, Parameter, ParameterKind, Text},
    fix::Edit,
};

pub(super) const CHECK: Check = Check {
    id: "user-namespace",
    title: "No user namespace of its own",
    category: Category::Security,
    severity: Severity::Low,
    effort: Minutes(30),
    since: "0.1.0",
    profile: Profile::Scale,
    text: Text {
        sees: "With the parameter require at 1, the pod does not set hostUsers to false (user namespaces, Kubernetes 1.33). Pods with a namespace of the host cannot, and are not asked. By default it asks nothing.",
        root_cause: "The field is new, and needs a recent kernel and runtime.",
        scenario: "Somebody breaks out of the container as root, and is root of the node.",
        impact: "What a user namespace would have made harmless.",
        fix: "Set hostUsers: false where the nodes support it.",
    },
    links: &["https://kubernetes.io/docs/concepts/workloads/pods/user-namespaces/"],
    covers: Covers {
        audit_rows: &[],
        peers: &["kubesec:HostUsers"],
    },
    parameters: &[REQUIRE],
    reads: &[],
    ask: Ask::Workload(ask),
};

const REQUIRE: Parameter = Parameter {
    name: "require",
    describes: "1 to ask for a user namespace of its own.",
    kind: ParameterKind::Integer {
        min: 0,
        max: 1,
        default: 0,
    },
};

fn ask(asked: &Asked<'_>) -> Answer {
    let workload = asked.workload;
    let pod = workload.pod();
    let on_host = [pod.host_network, pod.host_pid, pod.host_ipc].contains(&Some(true));
    if asked.integer(REQUIRE.name) == 0 || on_host || pod.is_windows() {
        return Answer::DoesNotApply;
    }
    let at = workload.pod_at("/hostUsers");
    Answer::pass_if(pod.host_users == Some(false), || {
        let message = "has root in common with the node (hostUsers)";
        Fault::new(at.clone(), message).edit(Edit::set(at, false))
    })
}
