//! cpu-limit: CPU limits are as the platform wants them.

use crate::{
    api::vocabulary::{Category, Profile, Severity},
    check::{
        Answer, Ask, Asked, Check, Containers, Covers, Fault, Minutes, Parameter, ParameterKind,
        Text,
    },
    fix::Edit,
    object::Container,
};

pub(super) const CHECK: Check = Check {
    id: "cpu-limit",
    title: "CPU limit against the policy",
    category: Category::Performance,
    severity: Severity::Low,
    effort: Minutes(10),
    since: "0.1.0",
    profile: Profile::Production,
    text: Text {
        sees: "With the parameter mode require, a container without a CPU limit; with forbid, one that has it. Without the parameter it asks nothing: both opinions have their reasons.",
        root_cause: "A limit keeps neighbours safe, and throttles the container while the node is idle.",
        scenario: "Latency has spikes that no graph of CPU use explains; or one container takes all of a node that was sold twice.",
        impact: "Slow requests, here or next door.",
        fix: "Do as the policy of your platform says, and always set the request.",
    },
    links: &["https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/"],
    covers: Covers {
        audit_rows: &[],
        peers: &[
            "polaris:cpuLimitsMissing",
            "kyverno:require-cpu-limits",
            "kyverno:forbid-cpu-limits",
            "kubescape:C-0270",
            "kubescape:C-0050",
            "trivy:KSV-0011",
            "checkov:CKV_K8S_11",
            "kubesec:LimitsCPU",
            "datree:5",
            "datree:80",
            "gatekeeper:containerresources",
            "kics:CPU Limits Not Set",
            "kubeaudit:limits",
            "kubescape:C-0009",
            "redhat-cop:BESTPRACT-00010",
        ],
    },
    parameters: &[MODE],
    reads: &[],
    ask: Ask::Containers(Containers::Planned, ask),
};

const MODE: Parameter = Parameter {
    name: "mode",
    describes: "`require` or `forbid` a CPU limit; nothing is asked where the list is empty.",
    kind: ParameterKind::Texts { default: &[] },
};

fn ask(container: &Container<'_>, asked: &Asked<'_>) -> Answer {
    let mode = asked.texts(MODE.name).first().map(String::as_str);
    let limit = container
        .resources()
        .and_then(|resources| resources.limit("cpu"));
    match (mode, limit) {
        (Some("require"), None) => {
            let pods = asked.workload.pod().resources.as_ref();
            if pods.is_some_and(|resources| resources.limit("cpu").is_some()) {
                return Answer::Passes;
            }
            let message = "has no CPU limit, which the policy asks for";
            Answer::fails(Fault::in_container(container, "/resources/limits", message))
        }
        (Some("forbid"), Some(limit)) => {
            let suffix = "/resources/limits/cpu";
            let message = format!(
                "is throttled at {} CPU, which the policy forbids",
                limit.as_str()
            );
            let fault = Fault::in_container(container, suffix, message);
            // A limit without a request is the request too, and that is to stay.
            let written = container.resources().and_then(|own| own.requests.as_ref());
            let fault = if written.is_some_and(|requests| requests.contains_key("cpu")) {
                fault
            } else {
                fault.edit(Edit::set_in(
                    container,
                    "/resources/requests/cpu",
                    limit.as_str(),
                ))
            };
            Answer::fails(fault.edit(Edit::Remove {
                at: container.at(suffix),
            }))
        }
        (Some("require" | "forbid"), _) => Answer::Passes,
        _ => Answer::DoesNotApply,
    }
}
