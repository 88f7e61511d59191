//! pre-stop-hook: no request is lost when a pod is told to end.

use serde_json::json;

use crate::{
    api::vocabulary::{Category, Profile, Severity},
    check::{Answer, Ask, Asked, Check, Covers, Fault, Minutes, Text},
    environment::switched_on,
    fix::Edit,
    object::{Container, Kind, namespaced::Service, port::IntOrString},
};

pub(super) const CHECK: Check = Check {
    id: "pre-stop-hook",
    title: "Requests may be lost while pods end",
    category: Category::Reliability,
    severity: Severity::Medium,
    effort: Minutes(15),
    since: "0.1.0",
    profile: Profile::Production,
    text: Text {
        sees: "A Service selects the workload, and a container or native sidecar to whose ports it leads (other than for metrics) has no preStop hook. Workloads that say by the annotation prodready.dev/drains-on-sigterm that they go on answering for some seconds are not asked.",
        root_cause: "The order to end and the news that the pod is gone travel at the same time, and the news is the slower one.",
        scenario: "During each rollout some requests are still sent to pods that have stopped listening.",
        impact: "A few errors with every release, which nobody can reproduce afterwards.",
        fix: "Let the container sleep before it ends: lifecycle.preStop.sleep.seconds: 5 (Kubernetes 1.30), or exec sleep 5; keep terminationGracePeriodSeconds well above it.",
    },
    links: &["https://kubernetes.io/docs/concepts/containers/container-lifecycle-hooks/"],
    covers: Covers {
        audit_rows: &[20],
        peers: &[
            "datree:60",
            "kube-score:pod-probes",
            "kube-score:README_PROBES",
        ],
    },
    parameters: &[],
    reads: &[Kind::Service],
    ask: Ask::Surroundings(ask),
};

/// By which a workload says that it goes on answering for a while after SIGTERM.
const DRAINS: &str = "prodready.dev/drains-on-sigterm";

/// In seconds: what endpoints need to be taken out everywhere.
const PAUSE: i64 = 5;

fn ask(asked: &Asked<'_>) -> Answer {
    let workload = asked.workload;
    if !workload.runs_for_ever() {
        return Answer::DoesNotApply;
    }
    let annotations = [
        &workload.metadata.annotations,
        &workload.spec.template.metadata.annotations,
    ];
    let drains = annotations
        .iter()
        .find_map(|annotations| annotations.get(DRAINS));
    if drains.is_some_and(|value| switched_on(value)) {
        return Answer::DoesNotApply;
    }
    Answer::about(asked.services(), |services| {
        if services.is_empty() {
            return Answer::DoesNotApply;
        }
        let serving: Vec<Container<'_>> = workload
            .containers()
            .filter(|one| one.runs_for_ever() && is_reached(one, services))
            .collect();
        if serving.is_empty() {
            return Answer::DoesNotApply;
        }
        let faults = serving.iter().filter(|container| !waits(container));
        let faults = faults.map(|container| {
            let suffix = "/lifecycle/preStop";
            let message = "stops at once when told to end, while requests still come";
            let edit = Edit::set_in(container, suffix, json!({"sleep": {"seconds": PAUSE}}));
            Fault::in_container(container, suffix, message).edit(edit)
        });
        Answer::from_faults(faults.collect())
    })
}

/// Whether a Service leads to one of its ports, other than to read its metrics.
fn is_reached(container: &Container<'_>, services: &[&Service]) -> bool {
    let all = services.iter().flat_map(|service| &service.spec.ports);
    let for_metrics = |name: &String| name.contains("metrics");
    let mut ports = all.filter(|port| !port.name.as_ref().is_some_and(for_metrics));
    ports.any(|port| {
        let target = port
            .target_port
            .clone()
            .unwrap_or(IntOrString::Int(port.port));
        container.spec.ports.iter().any(|own| match &target {
            IntOrString::Int(number) => own.container_port == *number,
            IntOrString::Text(name) => own.name.as_ref() == Some(name),
        })
    })
}

fn waits(container: &Container<'_>) -> bool {
    let lifecycle = container.spec.lifecycle.as_ref();
    lifecycle.is_some_and(|lifecycle| lifecycle.pre_stop.is_some())
}
